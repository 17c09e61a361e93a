"""Times are whole microseconds; what the calendar or RFC 3339 does not have is no time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.epcis.moments import NoMoment, is_moment, microseconds, written
from sogdia.standards.epcis.uris import URI_LIMIT, all_uris, is_uri

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(moment=st.datetimes(), minutes=st.integers(-14 * 60, 14 * 60))
def test_a_time_in_any_zone_is_its_distance_from_1970(moment: datetime, minutes: int) -> None:
    sign, shift = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{moment.isoformat(timespec='microseconds')}{sign}{shift[0]:02d}:{shift[1]:02d}"
    expected = (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1) - minutes * 60_000_000
    assert microseconds(text) == expected


@given(moment=st.datetimes())
def test_an_instant_is_written_as_it_was_read(moment: datetime) -> None:
    text = f"{moment.isoformat(timespec='microseconds')}Z"
    assert written(microseconds(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31t23:59:59.9z", -100_000),
        ("1970-01-01T00:00:00.0000019Z", 1),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T08:59:60.5+09:00", 1_483_228_800_500_000),
        ("0000-02-29T00:00:00Z", -62_162_121_600_000_000),
        ("2020-03-04T11:00:30.000-00:00", 1_583_319_630_000_000),
    ],
)
def test_edges_of_time(text: str, expected: int) -> None:
    assert microseconds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"),
        ("0000-01-01T00:00:00+14:00", "-0001-12-31T10:00:00Z"),
        ("9999-12-31T23:59:59-14:00", "10000-01-01T13:59:59Z"),
        ("0001-01-01T00:00:00+00:01", "0000-12-31T23:59:00Z"),
    ],
)
def test_times_at_the_ends_of_the_calendar_can_be_written(text: str, expected: str) -> None:
    assert written(microseconds(text), 0) == expected


@pytest.mark.parametrize(
    "text",
    """
    2026-05-28 2026-05-28T20:33:31 2026-05-28T20:33Z 2026-02-29T00:00:00Z 2026-05-28T24:00:00Z 2026-5-28T00:00:00Z
    2026-05-28T20:33:31+1400 2026-05-28T20:33:31+24:00 2026-05-28T20:33:31,5Z 2026-05-28T20:33:31.Z
    2016-12-31T22:59:60Z 2026-05-28T20:33:61Z +2026-05-28T20:33:31Z ２026-05-28T20:33:31Z 0000-13-01T00:00:00Z
    """.split(),
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    assert not is_moment(text)
    with pytest.raises(NoMoment, match="is no time; write date, time and zone like 2026-05-28"):
        microseconds(text)


@pytest.mark.parametrize("decimals", range(7))
def test_decimals_are_cut_off(decimals: int) -> None:
    fraction = f".{'9' * decimals}" if decimals else ""
    assert written(microseconds("2026-05-28T20:33:31.9999999Z"), decimals) == f"2026-05-28T20:33:31{fraction}Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:", True),
        ("urn:epc:id:sgtin:4012345.011111.9876", True),
        ("http://u:p@h:80/x?y#z", True),
        ("http://[::1]/", True),
        ("http://[v1.a]/", True),
        ("a:%C3%A9", True),
        ("http://[::1%25eth0]/", False),
        ("http://[1::2::3]/", False),
        ("http://h:8a/", False),
        ("http://h/a[b]", False),
        ("a:é", False),
        ("a:%zz", False),
        ("a:b\n", False),
        ("a:b\nc:d", False),
        ("1a:b", False),
        ("no", False),
        ("", False),
        (f"urn:{'a' * URI_LIMIT}", False),
    ],
)
def test_a_uri_is_what_rfc_3986_says(text: str, expected: bool) -> None:
    assert is_uri(text) is expected
    assert all_uris([text]) is expected
    assert all_uris(["urn:a:b", text, "https://id.gs1.org/414/9506000138602"]) is expected
