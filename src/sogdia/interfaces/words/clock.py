"""The zone in which whoever reads is told instants: UTC, until their browser said which is theirs.

A page sets it once for its request; threads that the request starts read the same (PEP 567). What is no page, such as
the terminal and the HTTP interface, stays with UTC. Days of a rulebook are days of its authority's country and never
pass through here.
"""

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_MINUTES: Final = "%Y-%m-%d %H:%M"
_SECONDS: Final = "%Y-%m-%d %H:%M:%S"
_ZONE: Final[ContextVar[tzinfo]] = ContextVar("zone of the reader", default=UTC)


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this IANA name, such as Asia/Shanghai; None for what the time zone database does not have."""
    return ZoneInfo(name) if name in _known() else None


def read_in(zone: tzinfo | None) -> None:
    """From here on, in this request and its threads, instants are told in this zone; None is UTC."""
    _ZONE.set(zone or UTC)


def zone_name() -> str:
    """The IANA name of the reader's zone, or UTC."""
    zone = _ZONE.get()
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def told(time_ms: int, *, seconds: bool = False) -> str:
    """Milliseconds of UTC as the reader's clock shows them, with how far it is from UTC: 2026-11-22 10:35 UTC+8."""
    return _told(time_ms, _ZONE.get(), _SECONDS if seconds else _MINUTES)


def told_exactly(time_ms: int) -> str:
    """To the second in the reader's zone, and in UTC where that is another."""
    own, universal = told(time_ms, seconds=True), _told(time_ms, UTC, _SECONDS)
    return own if own == universal else f"{own} = {universal}"


def offset(time_ms: int) -> str:
    """How far the reader's clock is from UTC at this instant: UTC, UTC+8, UTC-3:30."""
    return _offset(_at(time_ms, _ZONE.get()))


def milliseconds_in_zone(text: str) -> int:
    """An ISO 8601 day and time of the reader's clock, or one with its own offset, in milliseconds of UTC.

    Of an hour that comes twice in autumn it is the first. ValueError for what is none, and for an hour that a clock
    leaps over in spring.
    """
    read = datetime.fromisoformat(text)
    if read.tzinfo is not None:
        return _milliseconds(read)
    found = _milliseconds(read.replace(tzinfo=_ZONE.get()))
    if _at(found, _ZONE.get()).replace(tzinfo=None) != read:
        raise ValueError("no clock of this zone shows this time")
    return found


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def _told(time_ms: int, zone: tzinfo, form: str) -> str:
    try:
        at = _at(time_ms, zone)
    except (ValueError, OverflowError, OSError):
        return f"{time_ms:,} ms"  # beyond the years 1 to 9999 there is no calendar to tell it in
    return f"{at.strftime(form)} {_offset(at)}"


def _at(time_ms: int, zone: tzinfo) -> datetime:
    """The instant in a zone; at the ends of the calendar, which a zone may leave, in UTC."""
    universal = datetime.fromtimestamp(time_ms // 1000, UTC)
    try:
        return universal.astimezone(zone)
    except (OverflowError, ValueError):
        return universal


def _offset(at: datetime) -> str:
    away = at.utcoffset() or timedelta()
    minutes = round(away.total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _milliseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
