"""The page's modules, run by node: questions go to a process, answers come back in order."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from sogdia.app import FIELDS
from sogdia.client import evidence
from sogdia.client.evidence import EvidenceUnreadable
from sogdia.client.light.trusted import Trusted
from sogdia.interfaces import console

MODULES = Path(console.__file__).parent / "assets" / "verify"
RUNNER = Path(__file__).with_name("runner.mjs")
MISSING = (
    "no node on PATH, 20 or newer: the page's verifier was NOT compared with Python's (Debian: apt-get install nodejs)"
)
_OLDEST = 20


def plain(raw: bytes) -> str:
    """Bytes as questions carry them."""
    return b64encode(raw).decode()


def by_python(raw: bytes, **trust: Any) -> Any:
    """What `sogdia.client.evidence` finds: name and verdict of each check, `unreadable`, or `raised`."""
    try:
        checks = evidence.verify(evidence.read(raw), fields=FIELDS, **trust)
    except EvidenceUnreadable:
        return "unreadable"
    except ValueError:
        return "raised"
    return [[check.name, check.holds] for check in checks]


class Runner:
    """One process of node. Questions are asked in batches, so that it need not wait for each answer to be read."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def ask(self, question: str, **fields: Any) -> Any:
        """The answer to one question; None when it was refused."""
        (answer,) = self.ask_all(question, [fields])
        return answer.get("answer")

    def ask_all(self, question: str, all_fields: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Answers in the order of the questions: `answer`, or `refused` with the reason."""
        asked = [json.dumps({"ask": question, **fields}).encode() for fields in all_fields]
        writer = Thread(target=self._write, args=(asked,), daemon=True)
        writer.start()
        assert self._process.stdout is not None
        for _ in asked:
            line = self._process.stdout.readline()
            assert line, "node ended before it had answered"
            yield json.loads(line)
        writer.join()

    def trust(self, network_key: str | None = None, trusted: Trusted | None = None, **period: int) -> None:
        """What the files that follow are judged by, named as `evidence.verify` names it."""
        times = {"nowMs": period.get("now_ms"), "periodMs": period.get("trusting_period_ms")}
        fields: dict[str, Any] = {name: str(value) for name, value in times.items() if value is not None}
        fields["trusted"] = plain(msgspec.json.encode(trusted)) if trusted else None
        assert self.ask("trust", key=network_key, tables=FIELDS, **fields) == "trusted"

    def verified(self, files: Iterable[bytes]) -> Iterator[Any]:
        """What the page's modules find in each file, in the form of `by_python`."""
        for given in self.ask_all("verify", ({"file": plain(raw)} for raw in files)):
            found = given.get("answer")
            if found is None:
                yield "raised"
            else:
                yield [check[:2] for check in found["checks"]] if "checks" in found else "unreadable"

    def _write(self, asked: list[bytes]) -> None:
        assert self._process.stdin is not None
        for one in asked:
            self._process.stdin.write(len(one).to_bytes(4, "big") + one)
        self._process.stdin.flush()


@contextmanager
def started() -> Iterator[Runner]:
    """A runner; the test is skipped, with the reason, when there is no node."""
    program = shutil.which("node")
    if program is None or _version(program) < _OLDEST:
        pytest.skip(MISSING)
    process = subprocess.Popen([program, RUNNER, MODULES], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Runner(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.lstrip("v").partition(".")[0])
