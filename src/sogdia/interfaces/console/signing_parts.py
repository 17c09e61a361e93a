"""Judges between two requests: what is too much for one is prepared in parts, each of which builds on those before."""

import secrets
from collections import OrderedDict
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sogdia.interfaces.console.room import Console
from sogdia.interfaces.console.signing_judging import Judge

KEPT_MS: Final = 120_000
KEPT_BYTES: Final = 64 * 1024 * 1024
"""Payloads that all waiting judges together have seen; the oldest goes first."""


class _Waiting(NamedTuple):
    judge: Judge
    seen_bytes: int
    until_ms: int


class Waiting:
    """The judges of one node that wait for a next part, each for the one session that began it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], _Waiting] = OrderedDict()

    def keep(self, binding: str, judge: Judge, seen_bytes: int, now_ms: int) -> str:
        """Keep a judge; the name under which its session finds it again, once."""
        name = secrets.token_urlsafe(18)
        self._kept[binding, name] = _Waiting(judge, seen_bytes, now_ms + KEPT_MS)
        self._clear(now_ms)
        return name

    def take(self, binding: str, name: str, now_ms: int) -> tuple[Judge, int] | None:
        """The judge under this name and what it has seen; None when it is gone, or another session's."""
        self._clear(now_ms)
        found = self._kept.pop((binding, name), None)
        return None if found is None else (found.judge.at(now_ms), found.seen_bytes)

    def _clear(self, now_ms: int) -> None:
        for key in [key for key, one in self._kept.items() if one.until_ms < now_ms]:
            del self._kept[key]
        while sum(one.seen_bytes for one in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


_OF: "WeakKeyDictionary[Console, Waiting]" = WeakKeyDictionary()


def waiting(console: Console) -> Waiting:
    """Those of a node."""
    return _OF.setdefault(console, Waiting())
