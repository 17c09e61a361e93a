"""Instants are told in the zone of whoever reads; expected values are the rules of the IANA time zone database."""

import asyncio
import contextvars
from collections.abc import Callable

import pytest

from sogdia.interfaces.words import clock, refusal_text

MORNING_MS = 1_795_314_900_000  # 2026-11-22 02:35:00 UTC


def within(zone: str, work: Callable[[], str | int]) -> str | int:
    """What this gives for a reader in a zone, without changing the zone of anybody else."""

    def read() -> str | int:
        clock.read_in(clock.zone_named(zone))
        return work()

    return contextvars.copy_context().run(read)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Shanghai", "2026-11-22 10:35 UTC+8"),
        ("Europe/Berlin", "2026-11-22 03:35 UTC+1"),
        ("Asia/Kathmandu", "2026-11-22 08:20 UTC+5:45"),
        ("America/St_Johns", "2026-11-21 23:05 UTC-3:30"),
        ("Europe/London", "2026-11-22 02:35 UTC"),
    ],
)
def test_an_instant_is_told_by_the_readers_clock(zone: str, told: str) -> None:
    assert within(zone, lambda: clock.told(MORNING_MS)) == told


def test_who_says_no_zone_or_one_that_does_not_exist_reads_utc() -> None:
    for zone in ("", "Asia/Jinhua", "../../etc/passwd", "UTC+8", "Asia/Shanghai\x00"):
        assert clock.zone_named(zone) is None
        assert within(zone, lambda: clock.told(MORNING_MS)) == "2026-11-22 02:35 UTC"


def test_the_exact_instant_is_told_in_utc_as_well_and_once_where_that_is_the_same() -> None:
    exact = within("Asia/Shanghai", lambda: clock.told_exactly(MORNING_MS))
    assert exact == "2026-11-22 10:35:00 UTC+8 = 2026-11-22 02:35:00 UTC"
    assert clock.told_exactly(MORNING_MS) == "2026-11-22 02:35:00 UTC"


def test_a_refusal_names_its_times_in_the_zone_of_whoever_reads_it() -> None:
    fields = {"paid_at_ms": MORNING_MS, "time_ms": MORNING_MS - 600_000}
    text = within("Asia/Shanghai", lambda: refusal_text(4006, fields, "zh"))
    assert "2026-11-22 10:35:00 UTC+8" in str(text)
    assert "2026-11-22 02:35:00 UTC" in refusal_text(4006, fields, "zh")


@pytest.mark.parametrize(
    ("zone", "typed", "milliseconds"),
    [
        ("Asia/Shanghai", "2026-11-22T10:35", MORNING_MS),
        ("Asia/Shanghai", "2026-11-22T02:35Z", MORNING_MS),
        ("Europe/Berlin", "2026-10-25T02:30", 1_792_888_200_000),  # comes twice; the first is 00:30 UTC
    ],
)
def test_what_is_typed_is_read_by_the_readers_clock(zone: str, typed: str, milliseconds: int) -> None:
    assert within(zone, lambda: clock.milliseconds_in_zone(typed)) == milliseconds


def test_an_hour_that_clocks_leap_over_is_no_time() -> None:
    with pytest.raises(ValueError, match="no clock"):
        within("Europe/Berlin", lambda: clock.milliseconds_in_zone("2026-03-29T02:30"))


def test_times_beyond_the_calendar_are_told_as_numbers() -> None:
    assert within("Asia/Shanghai", lambda: clock.told(-62_198_755_200_000)) == "-62,198,755,200,000 ms"
    assert within("Asia/Shanghai", lambda: clock.told(253_402_300_799_000)) == "9999-12-31 23:59 UTC"


def test_a_thread_of_a_request_reads_the_zone_of_the_request_and_the_next_request_does_not() -> None:
    async def request(zone: str) -> str:
        clock.read_in(clock.zone_named(zone))
        return await asyncio.to_thread(clock.told, MORNING_MS)

    async def both() -> list[str]:
        return await asyncio.gather(request("Asia/Shanghai"), request(""))

    assert asyncio.run(both()) == ["2026-11-22 10:35 UTC+8", "2026-11-22 02:35 UTC"]
