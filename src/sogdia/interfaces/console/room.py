"""What all pages of one node work with: its desk, its users, who is in, and the key that forms are made with."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hmac import compare_digest, digest
from typing import Final

import msgspec

from sogdia.insight.refusals import Refusals
from sogdia.interfaces.console.attempts import Attempts
from sogdia.interfaces.console.challenges import Challenges
from sogdia.interfaces.console.names import Names
from sogdia.interfaces.console.notebook import Notebook
from sogdia.interfaces.console.refused import reader_of
from sogdia.interfaces.console.sessions import UserSessions
from sogdia.interfaces.http.desk import Desk
from sogdia.interfaces.http.problems import AnyRequest, busy
from sogdia.interfaces.http.sessions import Clock

ROOT: Final = "/console"
FRONT: Final = f"{ROOT}/tower"
"""The page that is also shown at the root itself."""
_HASHES_AT_A_TIME: Final = 2
_HASHES_WAITING: Final = 40


class Entry(msgspec.Struct, frozen=True):
    """A place in the navigation: its words under `console_nav`, its path below the root, who is shown it (all).

    `group` counts the groups of the navigation from the top; `mounting` gives it.
    """

    name: str
    path: str
    roles: tuple[str, ...] = ()
    group: int = 0


class Console:
    """One node's console."""

    def __init__(
        self, desk: Desk, urls: Sequence[str] = (), entries: Sequence[Entry] = (), clock: Clock = time.time
    ) -> None:
        self.desk, self.clock = desk, clock
        self.entries = tuple(entries)
        self.names = Names(urls)
        self.notebook = Notebook(desk.node.folder)
        self.sessions = UserSessions(desk.limits, clock)
        self.attempts = Attempts(clock)
        self.challenges = Challenges(clock)
        self.refusals = Refusals(reader_of(desk.node))
        self._hashing = asyncio.Semaphore(_HASHES_AT_A_TIME)
        self._waiting = 0
        self._key = secrets.token_bytes(32)

    @asynccontextmanager
    async def hashing(self) -> AsyncIterator[None]:
        """A turn to hash a password, which takes 128 MiB; `Problem` 503 when too many wait for theirs."""
        if self._waiting >= _HASHES_WAITING:
            raise busy()
        self._waiting += 1
        try:
            async with self._hashing:
                yield
        finally:
            self._waiting -= 1

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        return int(self.clock() * 1000)

    def form_token(self, binding: str) -> str:
        """What a form carries so that nobody else can have made it: bound to a session, or a visit."""
        return digest(self._key, binding.encode("utf-8", "replace"), "sha256").hex()

    def is_form_token(self, given: str, binding: str) -> bool:
        """Whether a form came from a page that this session, or visit, was given."""
        return compare_digest(given.encode("utf-8", "replace"), self.form_token(binding).encode())

    def close(self) -> None:
        """Let go of the users' file."""
        self.notebook.close()


def console_of(request: AnyRequest) -> Console:
    """The console that this request came to."""
    found: Console = request.app.state.console
    return found
