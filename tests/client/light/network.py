"""A small network of the real CometBFT whose validators change, and what its RPC tells of every height.

Three validators, of whom one never runs: first A and the absent one, then B as well, then A is voted out. So no header
of the last set follows from the first by one skip. `python -m tests.client.light.network FILE` records a run.
"""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sogdia.core.keys import SigningKey

CHAIN = "light-client-test"
DEADLINE_SECONDS = 60
_SETTINGS = {
    "timeout_propose": "300ms", "timeout_prevote": "100ms", "timeout_precommit": "100ms", "timeout_commit": "200ms",
    "allow_duplicate_ip": True, "addr_book_strict": False, "pex": False, "indexer": "null", "db_backend": "goleveldb",
}  # fmt: skip
Answers = dict[str, Any]


class Member:
    """One CometBFT with its built-in key-value application."""

    def __init__(self, program: str, home: Path) -> None:
        self.program, self.home = program, home
        self.rpc_port, self.p2p_port = _free_port(), _free_port()
        self._ask("init")
        self.id = self._ask("show-node-id").strip()
        keys = json.loads((home / "config/priv_validator_key.json").read_text())
        self.public = base64.b64decode(keys["pub_key"]["value"])
        self._process: subprocess.Popen[bytes] | None = None

    def _ask(self, command: str) -> str:
        run = [self.program, command, "--home", str(self.home)]
        return subprocess.run(run, check=True, capture_output=True, text=True, timeout=30).stdout

    def found(self, genesis: Answers) -> None:
        """Begin at this genesis, with timeouts that suit one machine."""
        (self.home / "config/genesis.json").write_text(json.dumps(genesis))
        path = self.home / "config/config.toml"
        text = path.read_text()
        for name, value in _SETTINGS.items():
            text = re.sub(rf"(?m)^{name} = .*$", f"{name} = {json.dumps(value)}", text)
        path.write_text(text)

    def start(self, peers: list["Member"]) -> None:
        """Run, and keep in touch with these."""
        told = ",".join(f"{peer.id}@127.0.0.1:{peer.p2p_port}" for peer in peers)
        run = [self.program, "start", "--home", str(self.home), "--proxy_app", "kvstore", "--log_level", "error"]
        run += ["--rpc.laddr", f"tcp://127.0.0.1:{self.rpc_port}", "--p2p.laddr", f"tcp://127.0.0.1:{self.p2p_port}"]
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen([*run, "--p2p.persistent_peers", told], stdout=log, stderr=log)

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def tell(self, route: str, **parameters: object) -> Answers:
        """The `result` of an RPC route."""
        url = f"http://127.0.0.1:{self.rpc_port}/{route}"
        answer = httpx.get(url, params={name: str(value) for name, value in parameters.items()}, timeout=10).json()
        if "error" in answer:
            raise LookupError(f"{route}: {answer['error']}")
        return dict(answer["result"])

    def height(self) -> int:
        """The last block's height; 0 while it does not answer."""
        try:
            return int(self.tell("status")["sync_info"]["latest_block_height"])
        except httpx.HTTPError:
            return 0

    def answers(self, height: int) -> list[Answers]:
        """What `/commit` and `/validators` say of a height."""
        return [self.tell("commit", height=height), self.tell("validators", height=height, per_page=100)]

    def vote_in(self, public: bytes, power: int) -> None:
        """Give this key a power as validator, none to vote it out."""
        change = f"val=ed25519!{base64.b64encode(public).decode()}!{power}"
        assert self.tell("broadcast_tx_sync", tx=json.dumps(change))["code"] == 0

    def powers(self) -> dict[bytes, int]:
        """The validators of the last height, by key."""
        listed = self.tell("validators")["validators"]
        return {base64.b64decode(one["pub_key"]["value"]): int(one["voting_power"]) for one in listed}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for what must become true."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen in {DEADLINE_SECONDS} s")
        time.sleep(0.05)


def _genesis(first: Member, absent: bytes) -> Answers:
    genesis = json.loads((first.home / "config/genesis.json").read_text())
    validators = [(first.public, 10), (absent, 1)]
    key = {"type": "tendermint/PubKeyEd25519"}
    genesis["validators"] = [
        {"pub_key": {**key, "value": base64.b64encode(public).decode()}, "power": str(power), "name": ""}
        for public, power in validators
    ]
    return {**genesis, "chain_id": CHAIN}


@contextmanager
def changing_network(program: str, folder: Path) -> Iterator[tuple[Member, int]]:
    """A member to ask, and the last height, once every validator that ran at first has been voted out."""
    a, b = Member(program, folder / "a"), Member(program, folder / "b")
    genesis = _genesis(a, SigningKey(b"absent".ljust(32)).public)
    try:
        for one, other in ((a, b), (b, a)):
            one.found(genesis)
            one.start([other])
        until(lambda: min(a.height(), b.height()) >= 3, "the third block")
        a.vote_in(b.public, 10)
        until(lambda: b.public in b.powers(), "the second validator")
        joined = b.height()
        until(lambda: b.height() >= joined + 2, "a block of both")
        b.vote_in(a.public, 0)
        until(lambda: a.public not in b.powers(), "the first validator's leave")
        left = b.height()
        until(lambda: b.height() >= left + 4, "blocks without it")
        yield b, left + 3
    finally:
        b.stop()
        a.stop()


def main(path: Path, program: str) -> None:
    """Record a run: for each height, what `/commit` and `/validators` say."""
    with tempfile.TemporaryDirectory() as folder, changing_network(program, Path(folder)) as (member, last):
        told = [member.answers(height) for height in range(1, last + 1)]
    path.write_text(json.dumps(told, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ.get("SOGDIA_COMETBFT", "cometbft"))
