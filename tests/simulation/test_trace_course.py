"""A course of trace messages leaves what an account kept by hand says, replays to one root, and survives kill -9."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sogdia import app
from sogdia.core.machine import Machine
from sogdia.core.receipt import ACCEPTED, Seal, decode_outcome, decode_receipt
from sogdia.core.state import Committed
from sogdia.core.store import MemoryStore
from sogdia.domains.trace.messages import Capture, Describe, Refused, WithdrawJob
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, JOBS
from sogdia.engines.embedded import replayed
from sogdia.engines.journal import Journal
from tests.simulation import trace_course, world
from tests.simulation.trace_course import BATCH, DAY_STEPS, NONSENSE, PARTS, Run

STEPS = 3 * DAY_STEPS
DAY_MS = 24 * world.HOUR_MS


class Account:
    """What stands on record, kept by hand: jobs, events under their keys, descriptions."""

    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.described: dict[str, str] = {}

    def expected(self, step: int, now_ms: int) -> int:
        """The code of a step, after which the account holds what it did."""
        said, _ = trace_course.message(step)
        if isinstance(said, Capture):
            return self._captured(said, now_ms)
        if isinstance(said, WithdrawJob):
            job = self.jobs.get((said.party, said.job))
            if job is None:
                return Refused.JOB_UNKNOWN
            if self._fate(job, now_ms) != "open":
                return Refused.JOB_CLOSED
            job["fate"] = "withdrawn"
        elif isinstance(said, Describe):
            self.described.pop(said.party, None)
            for attribute in said.elements[0].attributes:
                self.described[said.party] = attribute.value
        return ACCEPTED

    def _captured(self, said: Capture, now_ms: int) -> int:
        job = {"of": said.of, "parts": set[int](), "fate": "open", "began": now_ms}
        if said.of > 1:
            if said.part > said.of:
                return Refused.JOB_PART_WRONG
            job = self.jobs.get((said.party, said.job), job)
            if job["of"] != said.of:
                return Refused.JOB_PART_WRONG
            if said.part in job["parts"]:
                return Refused.JOB_PART_EXISTS
            if self._fate(job, now_ms) != "open":
                return Refused.JOB_CLOSED
        new: dict[tuple[str, str, str], tuple[str, str]] = {}
        for raw in said.events:
            if bytes(raw) in NONSENSE:
                return Refused.EVENT_MALFORMED
            text = bytes(raw).decode()
            event = json.loads(text)
            key = (said.party, event["eventID"], event.get("errorDeclaration", {}).get("declarationTime", ""))
            if key in new or (key in self.events and not self._is_void(self.events[key], said.party, now_ms)):
                return Refused.EVENT_EXISTS
            new[key] = (text, said.job if said.of > 1 else "")
        self.events |= new
        if said.of > 1:
            parts = {*job["parts"], said.part}
            fate = "complete" if len(parts) == said.of else "open"
            self.jobs[said.party, said.job] = {**job, "parts": parts, "fate": fate}
        return ACCEPTED

    def _is_void(self, event: tuple[str, str], party: str, now_ms: int) -> bool:
        job = self.jobs.get((party, event[1]))
        return job is not None and self._fate(job, now_ms) in ("withdrawn", "lapsed")

    def _fate(self, job: dict[str, Any], now_ms: int) -> str:
        has_lapsed = job["fate"] == "open" and now_ms > job["began"] + DAY_MS
        return "lapsed" if has_lapsed else str(job["fate"])


def checked(folder: Path, run: Run) -> Counter[int]:
    """The account kept along the journal has each receipt's code and in the end each record; how often which code."""
    account, codes = Account(), Counter[int]()
    steps = {sha256(trace_course.transaction(step)).digest(): step for step in range(STEPS + 50 * BATCH)}
    for _, block in Journal(folder / "journal").blocks():
        outcome = decode_outcome(run.engine.outcomes(block.height - 1, 1)[0])
        decided = outcome.done[len(outcome.done) - len(block.transactions) :]
        for raw, done in zip(block.transactions, decided, strict=True):
            step, receipt = steps[sha256(raw).digest()], decode_receipt(done.receipt)
            assert receipt.code == account.expected(step, block.time_ms), (step, trace_course.message(step))
            codes[receipt.code] += 1
    state = Committed(run.store, cached=0)
    assert {(one.party, one.event, one.declared): (one.text, one.job) for one in EVENTS.under(state)} == account.events
    assert {one.party: one.attributes[0].value for one in DESCRIPTIONS.under(state)} == account.described
    jobs = {(one.party, one.job): (one.of, set(one.parts), one.status) for one in JOBS.under(state)}
    assert jobs == {key: (job["of"], job["parts"], job["fate"]) for key, job in account.jobs.items()}
    return codes


def replay(folder: Path) -> Machine:
    """A machine over a store in memory, brought forward by the journal alone."""
    machine = app.machine(world.NETWORK, MemoryStore())
    for _, block in Journal(folder / "journal").blocks():
        machine.commit(replayed(machine, block))
    return machine


def replay_elsewhere(folder: Path, **environment: str) -> str:
    """The last state root by a process of its own."""
    code = (
        "import sys; from pathlib import Path; from tests.simulation.test_trace_course import replay; "
        "seal = replay(Path(sys.argv[1])).seal; print(seal.height, seal.state_root.hex(), seal.log_root.hex())"
    )
    root = Path(__file__).resolve().parents[2]
    settings = {**os.environ, "PYTHONPATH": str(root), **environment}
    return subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, env=settings, cwd=root
    ).stdout.strip()


def shown(seal: Seal) -> str:
    return f"{seal.height} {seal.state_root.hex()} {seal.log_root.hex()}"


def test_a_course_of_trace_messages_leaves_what_its_account_says_and_replays_to_the_same_root(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for start in range(0, STEPS, BATCH):
        list(run.submit(range(start, start + BATCH)))
    codes, seal = checked(tmp_path, run), run.machine.seal
    statuses = Counter(job.status for job in JOBS.under(Committed(run.store, cached=0)))
    run.close()
    assert set(codes) == {ACCEPTED, *Refused}, "every refusal of trace came to pass"
    assert min(statuses[fate] for fate in ("open", "complete", "withdrawn")) > 0
    assert replay(tmp_path).seal == seal
    for environment in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "424242", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}):
        assert replay_elsewhere(tmp_path, **environment) == shown(seal)


@pytest.mark.slow
def test_killed_in_the_middle_of_jobs_a_ledger_loses_no_part_and_counts_none_twice(tmp_path: Path) -> None:
    chance, given, first, middle = random.Random(7), dict[int, int](), 0, 0
    while first < STEPS:
        command = [sys.executable, trace_course.__file__, str(tmp_path), str(first)]
        root = str(Path(__file__).resolve().parents[2])
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            said = b"".join(child.stdout.readline() for _ in range(chance.randrange(40, 120)))
            child.send_signal(signal.SIGKILL)
            said += child.stdout.read()
        told = [line.split() for line in said[: said.rfind(b"\n") + 1].splitlines()]
        given |= {int(step): int(code) for step, code in told}
        first = (max(given) + 1) // BATCH * BATCH  # a batch of which not all was told is sent again
        middle += bool(first % PARTS)
    run = Run(tmp_path)
    codes = checked(tmp_path, run)
    logged = {decode_receipt(done.receipt).transaction for done in every_done(run)}
    assert sum(codes.values()) == len(logged) - 1, "each step stands once, beside the founding"
    assert sum(codes.values()) >= len(given)
    assert middle > 3, "killed with parts of jobs outstanding"
    seal = run.machine.seal
    run.close()
    assert replay(tmp_path).seal == seal


def every_done(run: Run) -> list[Any]:
    heights = range(run.machine.seal.height)
    return [done for height in heights for done in decode_outcome(run.engine.outcomes(height, 1)[0]).done]
