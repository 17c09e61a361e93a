"""A subscription is due when its schedule says so, and never otherwise."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.schedule import LIMITS, next_after, schedule_of


def following(after: str, **fields: str) -> str:
    instant = int(datetime.fromisoformat(after).timestamp() * 1_000)
    due = next_after(schedule_of(fields), instant)
    return datetime.fromtimestamp(due // 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("fields", "after", "due"),
    [
        ({"hour": "1", "minute": "5"}, "2026-05-28T00:00:00Z", "2026-05-28 01:05:00"),  # the standard's example
        ({"hour": "1", "minute": "5"}, "2026-05-28T01:05:00Z", "2026-05-29 01:05:00"),
        ({"hour": "1", "minute": "5"}, "2026-05-28T01:04:59.999Z", "2026-05-28 01:05:00"),
        ({"second": "0"}, "2026-05-28T01:05:30Z", "2026-05-28 01:06:00"),
        ({"second": "[10-12],40"}, "2026-05-28T01:05:12Z", "2026-05-28 01:05:40"),
        ({"minute": "0,30"}, "2026-12-31T23:30:00Z", "2027-01-01 00:00:00"),
        ({"hour": "6", "second": "30"}, "2026-05-28T06:00:30Z", "2026-05-28 06:01:30"),
        ({"dayOfWeek": "1"}, "2026-05-28T00:00:00Z", "2026-06-01 00:00:00"),
        ({"dayOfWeek": "[6-7]", "hour": "12"}, "2026-05-28T00:00:00Z", "2026-05-30 12:00:00"),
        ({"dayOfMonth": "31"}, "2026-05-31T00:00:00Z", "2026-07-31 00:00:00"),
        ({"dayOfMonth": "31", "month": "[4-6]"}, "2026-06-01T00:00:00Z", "2027-05-31 00:00:00"),
        ({"month": "1"}, "2026-05-28T00:00:00Z", "2027-01-01 00:00:00"),
        ({"dayOfMonth": "29", "month": "2"}, "2096-03-01T00:00:00Z", "2104-02-29 00:00:00"),
        ({"dayOfMonth": "13", "dayOfWeek": "5"}, "2026-05-28T00:00:00Z", "2026-11-13 00:00:00"),
    ],
)
def test_it_is_due_at(fields: dict[str, str], after: str, due: str) -> None:
    assert following(after, **fields) == due


def _one_of(name: str) -> st.SearchStrategy[str]:
    least, most = LIMITS[name]
    return st.lists(st.integers(least, most), min_size=1, max_size=4).map(lambda numbers: ",".join(map(str, numbers)))


def _matches(moment: datetime, fields: dict[str, str]) -> bool:
    has = {"second": moment.second, "minute": moment.minute, "hour": moment.hour, "dayOfWeek": moment.isoweekday()}
    return all(str(has[name]) in numbers.split(",") for name, numbers in fields.items())


CLOCKS = st.fixed_dictionaries({name: _one_of(name) for name in ("second", "minute", "hour")})


@given(CLOCKS, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_nothing_that_matches_lies_between(fields: dict[str, str], start: datetime) -> None:
    start = start.replace(microsecond=0, tzinfo=UTC)
    due = datetime.fromtimestamp(next_after(schedule_of(fields), int(start.timestamp()) * 1_000) // 1_000, UTC)
    assert start < due <= start + timedelta(days=1)
    assert _matches(due, fields)
    moment = start + timedelta(seconds=1)
    while moment < due:
        if str(moment.hour) not in fields["hour"].split(","):
            moment = (moment + timedelta(hours=1)).replace(minute=0, second=0)
        else:
            assert not _matches(moment, fields)
            moment += timedelta(seconds=1)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"year": "2026"},
        {"hour": "24"},
        {"second": "60"},
        {"dayOfWeek": "0"},
        {"dayOfMonth": "0"},
        {"month": "13"},
        {"minute": ""},
        {"minute": "5-7"},
        {"minute": "[7-5]"},
        {"minute": "[5-]"},
        {"minute": "*"},
        {"minute": "5, 7"},
        {"minute": "5,"},
        {"minute": "٥"},
        {"hour": None},
        {"hour": True},
        {"dayOfMonth": "30", "month": "2"},
        {"dayOfMonth": "31", "month": "4,6,9,11"},
    ],
)
def test_a_schedule_that_means_nothing_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(QueryRefused) as told:
        schedule_of(fields)
    assert told.value.exception == "SubscriptionControlsException"


def test_a_whole_number_is_read_like_its_text() -> None:
    assert schedule_of({"hour": 1, "minute": 5}) == schedule_of({"hour": "1", "minute": "5"})
