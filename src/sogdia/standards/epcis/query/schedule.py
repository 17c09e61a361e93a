"""When a subscription is due: the schedule of EPCIS 2.0, section 8.2.5.3, in UTC.

Each field is a number, a range `[1-5]`, or several of both with commas between: `"0,[8-18],22"`. An instant is due when
every field matches; a field that is left out matches always, but one finer than all that are given is at its first
value, as in the standard's example: hour 1 and minute 5 is 01:05:00 every day. Monday is day 1 of a week. The 31st is
due only in months that have one.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from sogdia.standards.epcis.query.refusals import QueryRefused

LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
"""The fields, with the least and the greatest value of each."""

_CLOCK: Final = ("second", "minute", "hour")
_DAYS: Final = ("dayOfMonth", "dayOfWeek")
_ELEMENT: Final = re.compile(r"([0-9]{1,2})|\[([0-9]{1,2})-([0-9]{1,2})\]")
_YEARS_AHEAD: Final = 41  # a 29 February on a given day of the week is never further away, 2100 included


class Schedule(msgspec.Struct, frozen=True):
    """The values that match, ascending, of each field."""

    second: tuple[int, ...]
    minute: tuple[int, ...]
    hour: tuple[int, ...]
    day_of_month: tuple[int, ...]
    month: tuple[int, ...]
    day_of_week: tuple[int, ...]


def schedule_of(fields: Mapping[str, object]) -> Schedule:
    """The schedule of a JSON object or of URL parameters. Raises QueryRefused (SubscriptionControlsException).

    It is refused too when its day never comes, such as the 30th of February.
    """
    for name in fields:
        if name not in LIMITS:
            raise _refused(name, "", "a schedule has no such field", f"give one of {' '.join(LIMITS)}")
    given = {name: _numbers(name, value) for name, value in fields.items()}
    if not given:
        raise _refused("schedule", "", "it is empty", "give at least one field, such as the hour")
    numbers = [given.get(name) or _left_out(name, given) for name in LIMITS]
    schedule = Schedule(*numbers)
    if next(_days(schedule, date(2000, 1, 1)), None) is None:
        raise _refused("dayOfMonth", str(fields.get("dayOfMonth")), "its day never comes", "see the days of the months")
    return schedule


def next_after(schedule: Schedule, instant_ms: int) -> int:
    """The first due instant after `instant_ms`; both in milliseconds since 1970, UTC, up to the year 9900.

    Raises ValueError beyond it.
    """
    start = datetime.fromtimestamp(instant_ms // 1_000, UTC) + timedelta(seconds=1)
    today = (start.hour, start.minute, start.second)
    for day in _days(schedule, start.date()):
        clock = next((clock for clock in _clocks(schedule) if day > start.date() or clock >= today), None)
        if clock is not None:
            return int(datetime(day.year, day.month, day.day, *clock, tzinfo=UTC).timestamp()) * 1_000
    raise ValueError(f"no due instant within {_YEARS_AHEAD} years after {instant_ms}")


def _numbers(name: str, value: object) -> tuple[int, ...]:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    least, most = LIMITS[name]
    remedy = f"write numbers from {least} to {most} and ranges like [{least}-{most}], with commas between"
    if not isinstance(text, str):
        raise _refused(name, value, "it is no text", remedy)
    found: set[int] = set()
    for element in text.split(","):
        shape = _ELEMENT.fullmatch(element)
        if shape is None:
            raise _refused(name, value, f"{element!r} is neither a number nor a range", remedy)
        first = int(shape[1] or shape[2])
        last = int(shape[1] or shape[3])
        if not least <= first <= last <= most:
            raise _refused(name, value, f"{element} does not lie in {least} to {most}", remedy)
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def _left_out(name: str, given: Mapping[str, object]) -> tuple[int, ...]:
    least, most = LIMITS[name]
    if name in _DAYS:
        is_finest = name == "dayOfMonth" and not {*_CLOCK, *_DAYS} & given.keys()
    else:
        is_finest = name in _CLOCK and not set(_CLOCK[: _CLOCK.index(name)]) & given.keys()
    return (least,) if is_finest else tuple(range(least, most + 1))


def _days(schedule: Schedule, first: date) -> Iterator[date]:
    for year in range(first.year, min(first.year + _YEARS_AHEAD, 9_999)):
        for month in schedule.month:
            if (year, month) >= (first.year, first.month):
                yield from (day for day in _days_of(schedule, year, month) if day >= first)


def _days_of(schedule: Schedule, year: int, month: int) -> Iterator[date]:
    length = ((date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    for number in schedule.day_of_month:
        if number <= length and date(year, month, number).isoweekday() in schedule.day_of_week:
            yield date(year, month, number)


def _clocks(schedule: Schedule) -> Iterator[tuple[int, int, int]]:
    return (
        (hour, minute, second) for hour in schedule.hour for minute in schedule.minute for second in schedule.second
    )


def _refused(field: str, value: object, wrong: str, remedy: str) -> QueryRefused:
    return QueryRefused(field, value, wrong, remedy, "SubscriptionControlsException")
