"""A terminal for tests of the command line: real commands on real folders, in this process or in one of their own."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sogdia.client.connection import signed
from sogdia.client.keyring import Keyring
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.cli.root import build

NETWORK = "testnet"
ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Terminal = Callable[..., Said]


@pytest.fixture
def sogdia() -> Terminal:
    """Run a command in this process; `typed` is what standard input holds."""

    def run(*words: object, typed: bytes | str = "", lang: str = "C.UTF-8", **environment: str) -> Said:
        argv = [str(word) for word in words]
        given = {**ENVIRONMENT, "LC_ALL": lang, **environment}
        result = CliRunner(env=given).invoke(build(argv), argv, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with a seller on record, made by the commands themselves."""
    folder = tmp_path_factory.mktemp("template") / "node"
    run = [sys.executable, "-m", "sogdia.interfaces.cli"]
    subprocess.run([*run, "init", folder, "--network", NETWORK, "--code", "test"], check=True, capture_output=True)
    subprocess.run([*run, "keys", "create", folder, "seller"], check=True, capture_output=True)
    keys = ["--key", "registrar", "--key", "seller", "--to", folder]
    asked = json.dumps(registration(folder, "seller", "seller")).encode()
    command = [*run, "identity", "register", "--json", "-", *keys]
    subprocess.run(command, check=True, capture_output=True, input=asked)
    return folder


@pytest.fixture
def node(template: Path, tmp_path: Path) -> Path:
    """The folder of a node with a seller on record; nobody works on it."""
    return Path(shutil.copytree(template, tmp_path / "node"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Path], "Running"]]:
    """Start `sogdia up` in a process of its own; whatever still runs at the end is killed."""
    started: list[Running] = []

    def run(folder: Path, *more: str) -> Running:
        started.append(Running(folder, tmp_path / f"up-{len(started)}.log", more))
        return started[-1]

    yield run
    for one in started:
        one.end(signal.SIGKILL)
        one.output.close()


class Running:
    """A node in a process of its own, once it answers."""

    def __init__(self, folder: Path, log: Path, more: Sequence[str]) -> None:
        self.output = log.open("wb")
        command = [sys.executable, "-m", "sogdia.interfaces.cli", "up", str(folder), "--port", "0", *more]
        environment = {**os.environ, **ENVIRONMENT}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.output, env=environment)
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert "http://" in line, f"no URL in {line!r}: {log.read_text()}"
        self.url = next(word for word in line.split() if word.startswith("http://"))

    def end(self, number: int) -> int:
        """Send a signal and wait; the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def did(folder: Path, name: str) -> str:
    return Keyring(folder / "keys").identity(name).did


def pen(folder: Path, name: str) -> Pen:
    unlocked = Keyring(folder / "keys").load(name)
    return Pen(unlocked.kid, unlocked.identity.did, unlocked.signer)


def registration(folder: Path, name: str, role: str) -> dict[str, Any]:
    """A registration as the registrar types it from `sogdia keys show`."""
    identity = Keyring(folder / "keys").identity(name)
    return {
        "party": identity.did,
        "name": name,
        "country": "CN",
        "registration": "91330782MA28DEMO0X",
        "roles": [role],
        "keys": [{"id": key.kid, "public": key.public} for key in identity.signing_keys],
        "agreement": identity.agreement,
        "registrar": did(folder, "registrar"),
    }


def listing(folder: Path, sku: str) -> ListProduct:
    return ListProduct(
        seller=did(folder, "seller"),
        sku=sku,
        name="White metal lantern",
        hs_code="9405500000",
        origin="CN",
        unit="007",
        net_weight_grams=420,
    )


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def transaction(folder: Path, *messages: Message, by: str = "seller") -> bytes:
    """These messages, signed by a party of the folder's keyring, valid for an hour from now."""
    return signed(NETWORK, now_ms(), secrets.token_hex(8), messages, [pen(folder, by)])
