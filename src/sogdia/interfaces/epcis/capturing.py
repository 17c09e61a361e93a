"""The work on capture jobs: transactions are handed in, watched, and handed in again until each is decided.

One thread does all of it. It knows nothing that is not noted: after a crash the next start goes on with the jobs that
are not finished, with the very bytes that were signed before. A transaction comes on record once, so handing one in
again is harmless; only one whose time is over is signed anew, and only when it is on no record.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Event, Thread
from typing import Any, Final

from sogdia.app import Node, milliseconds
from sogdia.core.receipt import ACCEPTED, Receipt, decode_outcome, decode_receipt
from sogdia.core.refusal import Refusal, Refused
from sogdia.domains.trace.messages import Refused as TraceRefused
from sogdia.domains.trace.messages import WithdrawJob
from sogdia.engines.embedded import Busy, EngineStopped
from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.epcis.jobs import Job, Jobs, Part
from sogdia.interfaces.epcis.settling import dropped, is_on_record, refusal_error
from sogdia.interfaces.epcis.signing import Agent, id_of

JOBS_AT_ONCE: Final = 64
BYTES_AT_ONCE: Final = 32 * 1024 * 1024
PATIENCE_SECONDS: Final = 120.0
"""How long the thread waits for one decision before it hands the transaction in again."""
PAUSE_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 0.25
"""How soon the thread sees, while it waits, that it is to end."""
_LATER: Final = (Refused.TOO_FAR_AHEAD, Refused.OVER_QUOTA, Refused.HALTED)
_NOTHING_THERE: Final = (TraceRefused.JOB_UNKNOWN, TraceRefused.JOB_CLOSED)
LOG: Final = logging.getLogger("sogdia.epcis")


class Capturing:
    """The thread that works on jobs, and who waits for them."""

    def __init__(self, node: Node, jobs: Jobs, agent: Agent | None) -> None:
        self._node, self._jobs, self.agent = node, jobs, agent
        self._wake, self._is_ending = Event(), False
        self._expected: dict[str, Expected] = {}
        self._thread: Thread | None = None

    def start(self) -> None:
        """Go on with what is unfinished; without a key to sign with nothing can be done."""
        if self.agent is not None and self._thread is None:
            self._wake.set()
            self._thread = Thread(target=self._run, name="epcis-capturing", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; unfinished jobs stay noted."""
        self._is_ending = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)

    def wake(self) -> None:
        """There is something new to do."""
        self._wake.set()

    def expected(self, job: str) -> "Expected":
        """Something to wait for a job with; ask for it before the job is noted, and let it forget at the end."""
        made = Expected(asyncio.get_running_loop(), lambda: self._expected.pop(job, None))
        self._expected[job] = made
        return made

    # -- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_ending:
            self._wake.clear()
            try:
                is_all_done = self._round()
            except (Busy, EngineStopped):
                is_all_done = False
            except Exception as bug:  # a job that cannot be worked on must not end the work on all others
                LOG.exception("bug", extra={"said": {"error": type(bug).__name__}})
                is_all_done = False
            self._wake.wait(None if is_all_done else PAUSE_SECONDS)

    def _round(self) -> bool:
        """One look at all that is unfinished; whether nothing has to be tried again later."""
        size, taken = 0, list[tuple[Job, list[Part], list[Part]]]()
        jobs = self._jobs.unfinished(JOBS_AT_ONCE)
        for job in jobs:
            parts = self._jobs.parts(job.id)
            now = _next(job, parts)
            taken.append((job, parts, now))
            size += sum(len(part.raw) for part in now)
            if size > BYTES_AT_ONCE:
                break
        handed = self._node.submit_all([part.raw for _, _, now in taken for part in now])
        futures = iter(handed)
        moved = False
        for job, parts, now in taken:
            moved |= self._worked(job, parts, [(part, next(futures)) for part in now])
        if moved:
            self._wake.set()
        return not jobs or moved

    def _worked(self, job: Job, parts: list[Part], handed: Sequence[tuple[Part, "Future[Receipt]"]]) -> bool:
        try:
            return self._work(job, parts, handed)
        except (Busy, EngineStopped):
            raise
        except Exception as bug:  # a job that cannot be worked on must not hold up the others
            LOG.exception("bug", extra={"said": {"error": type(bug).__name__, "job": job.id}})
            return False

    def _work(self, job: Job, parts: list[Part], handed: Sequence[tuple[Part, "Future[Receipt]"]]) -> bool:
        """Note what became of a job's transactions; whether anything did."""
        changed = [part for part, future in handed if self._decided(job, part, future)]
        agent = self.agent
        assert agent is not None
        is_refused = any(part.state == "refused" and part.kind == "content" for part in parts)
        if job.behaviour == "rollback" and is_refused and not job.is_failing:
            job.is_failing = True
            if len(parts) > 1:
                withdrawal = WithdrawJob(party=job.party, job=job.id)
                raw = agent.signed([withdrawal], milliseconds())
                parts.append(Part(job=job.id, place=len(parts) + 1, kind="withdrawal", raw=raw))
                changed.append(parts[-1])
        if not _next(job, parts):
            job.finished_ms = milliseconds()
        if changed or not job.running:
            self._jobs.settle(job, changed)
        if not job.running:
            self._tell(job.id)
        return bool(changed) or not job.running

    def _decided(self, job: Job, part: Part, future: "Future[Receipt]") -> bool:
        """Put what was decided into job and part; False when nothing was yet."""
        try:
            receipt = self._awaited(future)
            code, fields, height = receipt.code, receipt.fields, receipt.height
        except Refusal as no:
            code, fields, height = no.code, no.fields, 0
        except (TimeoutError, EngineStopped):
            return False
        except BeforeBase:
            return self._decided_before(job, part)
        if code in (Refused.EXPIRED, Refused.ALREADY_ON_RECORD):
            try:
                known = self._on_record(part)
            except BeforeBase:
                return self._decided_before(job, part)
            if known is None and code == Refused.ALREADY_ON_RECORD:
                return False  # others know it before this node, which has still to catch up
            if known is None:
                agent = self.agent
                assert agent is not None
                part.raw = agent.again(part.raw, milliseconds())
                return True
            code, fields, height = known.code, known.fields, known.height
        if code in _LATER:
            return False
        if code == ACCEPTED:
            part.state, job.height = "stands", max(job.height, height)
        elif part.kind == "withdrawal":
            part.state = "refused"
            if code not in _NOTHING_THERE:
                job.errors.append(refusal_error(code, fields, ()))
        else:
            self._refused(job, part, code, fields)
        return True

    def _decided_before(self, job: Job, part: Part) -> bool:
        """Of a transaction that was decided before the snapshot by which this node joined: only its events tell how."""
        agent = self.agent
        assert agent is not None
        if is_on_record(self._node, part.raw):
            part.state, job.height = "stands", max(job.height, self._node.engine.base.height)
        else:
            part.raw = agent.again(part.raw, milliseconds())
        return True

    def _awaited(self, future: "Future[Receipt]") -> Receipt:
        """What was decided; TimeoutError when nothing was for long, or the work is to end meanwhile."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return future.result(0 if self._is_ending else LOOK_SECONDS)
            except TimeoutError:
                if self._is_ending or time.monotonic() >= until:
                    raise

    def _refused(self, job: Job, part: Part, code: int, fields: dict[str, Any]) -> None:
        job.errors.append(refusal_error(code, fields, part.numbers))
        agent = self.agent
        assert agent is not None
        part.state = "refused"
        if job.behaviour == "proceed":
            left = dropped(part.raw, code, fields)
            if left is not None:
                messages, index = left
                part.numbers = (*part.numbers[:index], *part.numbers[index + 1 :])
                part.raw = agent.signed(messages, milliseconds())
                part.state = "waits"

    def _on_record(self, part: Part) -> Receipt | None:
        place = self._node.engine.place_of(id_of(part.raw))
        if place is None:
            return None
        height, index, _ = place
        return decode_receipt(decode_outcome(self._node.engine.outcome_at(height)).done[index].receipt)

    def _tell(self, job: str) -> None:
        expected = self._expected.get(job)
        if expected is not None:
            expected.tell()


class Expected:
    """Waits on the event loop for what the thread tells."""

    def __init__(self, loop: asyncio.AbstractEventLoop, forget: Callable[[], object]) -> None:
        self._loop, self._done, self.forget = loop, asyncio.Event(), forget

    async def wait(self, timeout_seconds: float) -> bool:
        """Wait; False when the time is up first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._done.wait()
        except TimeoutError:
            return False
        return True

    def tell(self) -> None:
        """It is done; from any thread."""
        with suppress(RuntimeError):  # the loop has ended; nobody waits any more
            self._loop.call_soon_threadsafe(self._done.set)


def _next(job: Job, parts: Sequence[Part]) -> list[Part]:
    """What is to be handed in now. The record counts a job's parts: one that is refused keeps all others waiting."""
    kind = "withdrawal" if job.is_failing else "content"
    return [part for part in parts if part.state == "waits" and part.kind == kind]
