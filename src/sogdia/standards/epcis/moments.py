"""Times of events as exact instants: whole microseconds since 1970-01-01T00:00:00Z, before it negative.

A time is what the standard's schema takes: RFC 3339 with a zone (xsd:dateTimeStamp without its odd years and 24:00).
Digits beyond the microsecond are cut off. A leap second, which only 23:59:60Z can be, counts as the second after it,
as POSIX has it: two instants a second apart then have one number.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final

_SHAPE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-](?:[01][0-9]|2[0-3])):([0-5][0-9]))"
)
_EPOCH_DAYS: Final = date(1970, 1, 1).toordinal()
_DAY_SECONDS: Final = 86_400
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
"""After so many years, which have so many days, the Gregorian calendar begins again."""


class NoMoment(ValueError):
    """The text is no time with date, time of day and zone; the sentence shows one."""


def microseconds(text: str) -> int:
    """The instant of a time in microseconds since 1970. Raises NoMoment.

    Source: RFC 3339, section 5.6; proleptic Gregorian calendar, years 0000 to 9999.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise _no_moment(text)
    day, hour, minute, second, fraction, zone_hours, zone_minutes = found.groups()
    days = _days(day)
    if days is None:
        raise _no_moment(text)
    total = days * _DAY_SECONDS + int(hour) * 3_600 + int(minute) * 60 + int(second)
    if zone_hours:
        minutes = int(zone_minutes)
        total -= int(zone_hours) * 3_600 + (-60 * minutes if zone_hours[0] == "-" else 60 * minutes)
    if second == "60" and total % _DAY_SECONDS:
        raise _no_moment(text)
    return total * 1_000_000 + (int(fraction[:6].ljust(6, "0")) if fraction else 0)


def is_moment(text: str) -> bool:
    """Whether a text is a time by the schema's `date-time`."""
    try:
        microseconds(text)
    except NoMoment:
        return False
    return True


def written(instant: int, decimals: int = 6) -> str:
    """An instant (microseconds since 1970) in UTC with so many decimals, 0 to 6, cut off.

    A zone may bring a time into the year before 0000 or after 9999, which stand as in XML Schema: -0001 and 10000.
    """
    seconds, micro = divmod(instant, 1_000_000)
    days, second = divmod(seconds, _DAY_SECONDS)
    hour, minute = divmod(second // 60, 60)
    fraction = f".{micro:06d}"[: decimals + 1] if decimals else ""
    cycles, place = divmod(days + _EPOCH_DAYS - 1, _CYCLE_DAYS)
    day = date.fromordinal(place + 1)
    year = day.year + cycles * _CYCLE_YEARS
    shown = f"{'-' if year < 0 else ''}{abs(year):04d}-{day.month:02d}-{day.day:02d}"
    return f"{shown}T{hour:02d}:{minute:02d}:{second % 60:02d}{fraction}Z"


@lru_cache(maxsize=4_096)
def _days(day: str) -> int | None:
    """Days since 1970 of YYYY-MM-DD, None where the calendar has no such day."""
    if day.startswith("0000"):  # Python's calendar begins a year later; year 0 is a leap year like year 4
        return _days_of("0004" + day[4:], -(3 * 365 + 366))
    return _days_of(day, 0)


def _days_of(day: str, moved: int) -> int | None:
    try:
        return date.fromisoformat(day).toordinal() - _EPOCH_DAYS + moved
    except ValueError:
        return None


def _no_moment(text: str) -> NoMoment:
    return NoMoment(f"{text[:60]!r} is no time; write date, time and zone like 2026-05-28T20:33:31.116Z")
