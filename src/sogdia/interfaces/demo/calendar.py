"""When things happen in the rehearsal: in the two weeks before it was first run, so that pages show a fortnight's work.

Parties state their own times, and the record takes any that is not in its future. The moment of the first run is noted
in the folder; a second run states the same times, whenever it comes.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import DeclareExport, DeclareImport
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.interfaces.intake.parts import Step
from sogdia.interfaces.intake.pipeline import Faults
from sogdia.interfaces.intake.trade import Trade

FILE: Final = "began"
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
DAYS: Final = 14
_EXAMPLE_DAY: Final = re.compile(r"\b2024-05-([0-3][0-9])\b")
"""The days of the look-alike exports of a channel."""


class Calendar(msgspec.Struct, frozen=True):
    """The times of one rehearsal; `began_ms` is the minute in which it was first run."""

    began_ms: int

    @property
    def start_ms(self) -> int:
        """When its first order was placed."""
        return self.began_ms - DAYS * DAY_MS

    def dated(self, export: str) -> str:
        """A look-alike export with its days moved into these two weeks, the last of them yesterday."""
        first = datetime.fromtimestamp(self.start_ms / 1000, UTC).date()

        def moved(found: re.Match[str]) -> str:
            return _within(first, int(found[1])).isoformat()

        return _EXAMPLE_DAY.sub(moved, export)

    def issued_ms(self, order: str, placed_ms: int) -> int:
        """When the carrier made out the waybill: some hours after the order."""
        at_ms = placed_ms + _between(2, 16, order, "issued") * HOUR_MS + _minutes(order)
        return min(at_ms, self._shortly_before(200, 320, order))

    def declared_ms(self, order: str, placed_ms: int) -> int:
        """When the broker declared: some hours after the waybill."""
        at_ms = self.issued_ms(order, placed_ms) + _between(40, 600, order, "declared") * MINUTE_MS
        return min(at_ms, self._shortly_before(3, 190, order))

    def journey(self, order: str, released_ms: int) -> Iterator[tuple[Step, int]]:
        """What the carrier has reported until the first run: most parcels have arrived, some are on their way."""
        days = _between(2, 6, order, "travelled") + (9 if _between(0, 19, order, "slow") == 0 else 0)
        picked = released_ms + _between(1, 8, order, "picked") * HOUR_MS + _minutes(order)
        steps: tuple[tuple[Step, int], ...] = (
            ("picked_up", picked),
            ("in_transit", picked + 9 * HOUR_MS),
            ("delivered", picked + days * DAY_MS + _minutes(order) * 3),
        )
        yield from ((step, at_ms) for step, at_ms in steps if at_ms <= self.began_ms)

    def _shortly_before(self, least: int, most: int, order: str) -> int:
        return self.began_ms - _between(least, most, order, "lately") * MINUTE_MS


class Dated:
    """Has waybills and declarations state their own times; `faults` are the parties' mistakes, which stay."""

    def __init__(self, calendar: Calendar, faults: Faults) -> None:
        self._calendar, self._faults = calendar, faults

    def __call__(self, part: str, trade: Trade, right: Message) -> Message | None:
        """The message in the place of the right one, or None."""
        said = (mistaken := self._faults(part, trade, right)) or right
        order, placed_ms = trade.draft.order, trade.draft.placed_at_ms
        if isinstance(said, IssueWaybill):
            return msgspec.structs.replace(said, issued_at_ms=self._calendar.issued_ms(order, placed_ms))
        if isinstance(said, DeclareExport | DeclareImport):
            return msgspec.structs.replace(said, declared_at_ms=self._calendar.declared_ms(order, placed_ms))
        return mistaken


def calendar_of(folder: Path, now_ms: int) -> Calendar:
    """The calendar of the rehearsal in a folder; begins it now where there is none yet."""
    noted = folder / FILE
    if not noted.exists():
        fresh = noted.with_suffix(".new")
        fresh.write_text(f"{now_ms // MINUTE_MS * MINUTE_MS}\n")
        fresh.rename(noted)
    return Calendar(int(noted.read_text()))


def is_of_an_earlier_release(folder: Path) -> bool:
    """Whether a rehearsal was run here that noted no day, and whose orders therefore have other times."""
    return (folder / "report.json").exists() and not (folder / FILE).exists()


def _within(first: date, day: int) -> date:
    """One of the fourteen days for one of a month's."""
    return first + timedelta(min((day - 1) * DAYS // 28, DAYS - 1))


def _between(least: int, most: int, *names: str) -> int:
    digest = sha256("/".join(names).encode()).digest()
    return least + int.from_bytes(digest[:4], "big") % (most - least + 1)


def _minutes(order: str) -> int:
    return _between(0, 59, order, "minute") * MINUTE_MS
