"""Recalls that were asked for: each is worked out in a thread while its page waits, and kept in memory for an hour.

A recall belongs to the user who asked. It is forgotten when the node stops; the record gives the same answer again.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.room import Console
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem, busy

KEPT_MS: Final = 3_600_000
PER_USER: Final = 4
AT_A_TIME: Final = 2
"""Recalls worked out at one time; others wait their turn."""
WAITING: Final = 40

Found = Mapping[str, Any]


class Notice(msgspec.Struct, frozen=True):
    """What the notices of a recall say besides the goods; it is on no record and goes with the recall."""

    reason: str = ""
    instruction: str = ""
    contact: str = ""
    send_to: str = ""


class Recalled(msgspec.Struct):
    """One recall: what was asked, when, and the answer once it is there. Times are milliseconds of UTC.

    `asked` is what the index was asked, `typed` what the form said; `told` is the answer as it is shown.
    """

    id: str
    user: str
    party: str
    asked: Mapping[str, Any]
    typed: Mapping[str, str]
    began_ms: int
    ended_ms: int = 0
    notice: Notice = Notice()
    found: Found | None = None
    told: Any = None
    wrong: EpcisProblem | Problem | None = None
    has_failed: bool = False

    @property
    def is_done(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.found is not None or self.wrong is not None or self.has_failed


class Jobs:
    """The recalls of one node's users. Used on the event loop alone."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._kept: dict[str, Recalled] = {}
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self, user: str, party: str, asked: Mapping[str, Any], typed: Mapping[str, str], work: Callable[[], Found]
    ) -> Recalled:
        """Begin a recall; the user's oldest one makes room. `Problem` 503 when too many wait."""
        self._forget()
        if sum(not one.is_done for one in self._kept.values()) >= WAITING:
            raise busy()
        own = [one for one in self.of(user) if one.is_done]
        for old in own[PER_USER - 1 :]:
            del self._kept[old.id]
        job = Recalled(secrets.token_urlsafe(9), user, party, asked, typed, self._console.now_ms())
        self._kept[job.id] = job
        task = asyncio.get_running_loop().create_task(self._run(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def of(self, user: str) -> list[Recalled]:
        """A user's recalls, the newest first."""
        self._forget()
        return sorted((one for one in self._kept.values() if one.user == user), key=lambda one: -one.began_ms)

    def get(self, id: str, user: str, party: str) -> Recalled:
        """A recall of this user, asked for this party; `Problem` 404."""
        self._forget()
        found = self._kept.get(id)
        if found is None or (found.user, found.party) != (user, party):
            raise Problem(404, "recall_gone")
        return found

    async def _run(self, job: Recalled, work: Callable[[], Found]) -> None:
        async with self._turn:
            try:
                job.found = await aside(work)
            except (EpcisProblem, Problem) as wrong:
                job.wrong = wrong
            except Exception as bug:  # a task has nobody to raise to: the page says so, the log has its kind
                job.has_failed = True
                LOG.error("bug", extra={"said": {"error": type(bug).__name__, "where": "recall"}})
            job.ended_ms = self._console.now_ms()

    def _forget(self) -> None:
        now_ms = self._console.now_ms()
        self._kept = {id: one for id, one in self._kept.items() if not one.is_done or now_ms - one.ended_ms < KEPT_MS}


def jobs_of(request: AnyRequest, console: Console) -> Jobs:
    """The recalls of this node."""
    state = request.app.state
    if "console_recalls" not in state:
        state.console_recalls = Jobs(console)
    found: Jobs = state.console_recalls
    return found


def job_of(request: AnyRequest) -> tuple[Page, Recalled]:
    """Who asks, and the recall of the path; `Problem` 404 for somebody else's."""
    page = entered(request)
    assert page.user is not None
    return page, jobs_of(request, page.console).get(part(request, "job"), page.user.id, page.user.party)
