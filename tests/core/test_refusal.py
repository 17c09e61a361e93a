"""A refusal is a number and fields; no two meanings ever share a number."""

from collections import Counter

import pytest

from sogdia import app
from sogdia.core.refusal import Refusal, Refused, refuse_unless


def test_a_refusal_shows_its_number_and_its_fields() -> None:
    no = Refusal(Refused.EXPIRED, valid_until_ms=1, time_ms=2)
    assert (no.code, no.fields) == (4, {"valid_until_ms": 1, "time_ms": 2})
    assert str(no) == "4 (valid_until_ms=1, time_ms=2)"


def test_refuse_unless_refuses_when_it_does_not_hold() -> None:
    refuse_unless(True, Refused.EXPIRED)
    with pytest.raises(Refusal) as no:
        refuse_unless(False, Refused.EXPIRED, time_ms=2)
    assert no.value.fields == {"time_ms": 2}


def test_every_number_has_one_meaning() -> None:
    every = [*app.PRIMITIVE_REFUSALS, *(code for module in app.MODULES for code in module.refusals)]
    twice = [number for number, count in Counter(int(code) for code in every).items() if count > 1]
    assert twice == []
    assert {int(code) for code in app.PRIMITIVE_REFUSALS} < set(range(1, 1000))


def test_the_machines_numbers_are_fixed_for_ever() -> None:
    assert {code.name: int(code) for code in Refused} == {
        "MALFORMED": 1,
        "TOO_LARGE": 2,
        "OTHER_NETWORK": 3,
        "EXPIRED": 4,
        "TOO_FAR_AHEAD": 5,
        "ALREADY_ON_RECORD": 6,
        "UNKNOWN_KEY": 7,
        "BAD_SIGNATURE": 8,
        "UNSIGNED": 9,
        "UNKNOWN_MESSAGE": 10,
        "OVER_QUOTA": 11,
        "HALTED": 12,
        "NOT_IN_FORCE": 13,
    }
