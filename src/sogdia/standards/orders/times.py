"""Times as files write them, to UTC milliseconds.

A local time that the clock skipped (start of summer time) is not guessed. One that came twice (end of summer time)
is taken as the first of the two: the file cannot say which it was, and the earlier one is never in the future.

2026/11/20 begins with the year and can be read in one way only; 20/11/2026 needs to be told which is the day. A day
without a time of day is its beginning, where the file's zone is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([/-])(\d{1,2})\2(\d{1,2})(?![\d/-])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SLASH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone `name`; ValueError when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"timezone {name!r} is not known here; give an IANA name such as Europe/London") from error


@lru_cache(maxsize=4_096)
def instant_of(text: str, zone: ZoneInfo | None, slash_dates: str | None = None) -> int | str:
    """UTC milliseconds of `text`, or the reason code why not.

    `zone` is for times without an offset; with None they give `time_no_offset`.
    """
    moment = _parsed(text.strip(), slash_dates)
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        if zone is None:
            return "time_no_offset"
        moment = moment.replace(tzinfo=zone)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            return "time_skipped"
    if not 1990 <= moment.year <= 2200:
        return "time_unreadable"
    since = moment.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000


def _parsed(text: str, slash_dates: str | None) -> datetime | str:
    text = _YEAR_FIRST.sub(lambda one: f"{one[1]}-{one[3]:0>2}-{one[4]:0>2}", text, count=1)
    text = f"{text} 00:00" if _DAY.fullmatch(text) else text
    found = _ISO.fullmatch(text)
    try:
        if found is not None:
            return _iso(text)
        found = _SLASH.fullmatch(text)
        if found is None:
            return "time_unreadable"
        if slash_dates is None:
            return "time_ambiguous"
        first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups())
        month, day = (first, second) if slash_dates == "mdy" else (second, first)
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{seconds:02}")
    except (ValueError, OverflowError):
        return "time_unreadable"


def _iso(text: str) -> datetime:
    date, _, clock = text.replace("UTC", "Z").replace("T", " ").partition(" ")
    clock = clock.replace(" ", "")
    clock = clock if clock[1:2] != ":" else f"0{clock}"
    moment = datetime.fromisoformat(f"{date}T{clock}")
    return moment if moment.tzinfo is None else moment.astimezone(UTC)
