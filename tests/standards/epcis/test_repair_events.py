"""Each fault put into a valid event is either put right to that event, or set aside by number and field."""

from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.repairing.event import put_right
from sogdia.standards.epcis.repairing.sifting import Sifter
from sogdia.standards.epcis.repairing.told import WHY, Tolerance, zone_of
from sogdia.standards.epcis.spelling import with_identifiers
from sogdia.standards.epcis.writing import normal
from sogdia.standards.gs1.identifiers import canonical
from tests.standards.epcis.events import events, plain_event
from tests.standards.epcis.sloppiness import HOPELESS, REPAIRABLE, Plain, enriched, injected

encode = msgspec.json.Encoder(decimal_format="number").encode
STRICT = Tolerance()
MANY = 20_000
LEAST = 3
"""So many events at least must have had a place for a fault."""
WIDE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def plain(event: AnyEvent) -> Plain:
    found: Plain = msgspec.json.Decoder(float_hook=Decimal).decode(normal(event))
    return found


EVENTS = st.one_of(events(), events().map(lambda event: read_event(encode(enriched(plain(event))))))
"""Any valid event, and any with places for most faults."""
SOME = [read_event(plain_event(number)) for number in range(LEAST)]
SURE = [*SOME, *(read_event(encode(enriched(plain(event)))) for event in SOME)]
"""Events in which every fault has its place, whatever chance draws."""


def meant(event: AnyEvent) -> bytes:
    """What an event says, whichever way its identifiers are written."""
    return normal(with_identifiers(event, canonical))


def same_time(one: AnyEvent, other: AnyEvent) -> bytes:
    return meant(msgspec.structs.replace(one, event_time=other.event_time))


@WIDE
@given(events())
def test_a_right_event_stays_as_it_is_and_nothing_is_told(event: AnyEvent) -> None:
    put = put_right(normal(event), 1, STRICT)
    assert put.event is not None, [fault.sentence for fault in put.faults]
    assert meant(put.event) == meant(event)
    assert {repair.kind for repair in put.repairs} <= {"gtin", "unit"}  # valid by the schema, and yet not as GS1 says


def test_what_can_be_put_right_becomes_the_event_that_was_meant() -> None:
    tried: Counter[str] = Counter()

    def judge(event: AnyEvent) -> None:
        given = plain(event)
        for name, fault in REPAIRABLE.items():
            sloppy = injected(fault, given)
            if sloppy is None:
                continue
            tried[name] += 1
            put = put_right(encode(sloppy), 7, STRICT)
            assert put.event is not None, (name, [fault.sentence for fault in put.faults])
            is_spelling = name in ("blank instead of T", "UTC")
            assert (same_time(put.event, event) if is_spelling else meant(put.event)) == meant(event), name
            assert put.repairs, name
            assert all(
                one.event == 7 and one.field and (one.old != one.new or one.kind == "number") for one in put.repairs
            ), name

    for event in SURE:
        judge(event)
    WIDE(given(EVENTS)(judge))()
    assert [name for name in REPAIRABLE if tried[name] < LEAST] == []


def test_what_takes_a_guess_is_set_aside_with_number_and_field() -> None:
    tried: Counter[str] = Counter()

    def judge(event: AnyEvent) -> None:
        given = plain(event)
        for name, (field, fault) in HOPELESS.items():
            sloppy = injected(fault, given)
            if sloppy is None:
                continue
            tried[name] += 1
            put = put_right(encode(sloppy), 7, STRICT)
            assert put.event is None, name
            assert all(one.event == 7 and one.remedy for one in put.faults), name
            assert any(one.field.startswith(field) if field else "[" in one.field for one in put.faults), name

    for event in SURE:
        judge(event)
    WIDE(given(EVENTS)(judge))()
    assert [name for name in HOPELESS if tried[name] < LEAST] == []


@WIDE
@given(EVENTS, st.lists(st.sampled_from(sorted(REPAIRABLE)), min_size=2, max_size=5, unique=True))
def test_several_faults_at_once_never_make_another_event(event: AnyEvent, names: list[str]) -> None:
    sloppy: Any = plain(event)
    for name in names:
        try:
            sloppy = injected(REPAIRABLE[name], sloppy) or sloppy
        except (KeyError, TypeError, AttributeError):
            continue  # this fault has no place beside the others
    put = put_right(encode(sloppy), 1, STRICT)
    if put.event is not None:
        assert same_time(put.event, event) == meant(event)
    else:
        assert put.faults


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_set_aside_and_never_raise(text: bytes) -> None:
    put = put_right(text, 1, STRICT)
    assert put.event is None
    assert put.faults


@WIDE
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["(01)", "9506000138602"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["epcList", "type", "eventTime", "id", "EPCLIST", "extension", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_json_of_any_shape_never_raises(value: Any) -> None:
    put = put_right(
        encode({"type": "ObjectEvent", "eventTime": value, "sourceList": value, "readPoint": value}), 1, STRICT
    )
    assert put.event is None or not put.faults


@pytest.mark.parametrize(
    "time, zone, read_as",
    [
        ("2026-07-01 12:00:00", "Europe/Paris", "2026-07-01T12:00:00+02:00"),
        ("2026-03-29 02:30:00", "Europe/Paris", None),  # the clock skipped it
        ("2026-10-25 02:30:00", "Europe/Paris", None),  # the clock showed it twice
        ("20260528T203331Z", "", "2026-05-28T20:33:31Z"),
        ("2026-05-28T20:33:31,5+08", "", "2026-05-28T20:33:31.5+08:00"),
        ("2026-02-30 12:00:00Z", "", None),
    ],
)
def test_times_are_read_in_the_zone_that_was_named(time: str, zone: str, read_as: str | None) -> None:
    text = plain_event(1).replace(b"2026-05-28T08:00:01.116+08:00", time.encode())
    if zone:
        text = text.replace(b'"eventTimeZoneOffset":"+08:00",', b"")
    put = put_right(text, 1, Tolerance(zone=zone_of(zone) if zone else None))
    assert (put.event and put.event.event_time) == read_as


def test_every_kind_of_repair_says_why_it_is_no_guess() -> None:
    assert all(WHY.values())
    with pytest.raises(ValueError, match="Mars/Olympus"):
        zone_of("Mars/Olympus")


def sloppy_lines(count: int) -> bytes:
    """Events of ten things each: half right, four tenths to be put right, a tenth to be set aside."""
    lines = []
    for number in range(count):
        text = plain_event(number)
        if number % 10 in (1, 3):
            text = text.replace(b'.116+08:00"', b'.116+0800"')
        elif number % 10 == 5:
            text = text.replace(b'"bizStep":"shipping"', b'"bizStep":"urn:epcglobal:cbv:bizstep:shipping"')
        elif number % 10 == 7:
            text = text.replace(b"https://id.gs1.org/01/09506000134352/21/", b"(01)9506000134352(21)")
        elif number % 10 == 9:
            text = text.replace(b"09506000134352", b"09506000134353", 1)
        lines.append(text)
    return b"\n".join(lines)


def test_tens_of_thousands_of_sloppy_events_are_sifted() -> None:
    sifter = Sifter(sloppy_lines(MANY))
    aside, repaired = [], 0
    for one in sifter:
        repaired += one.is_repaired
        if one.event is None:
            aside.append(one.number)
    assert (sifter.count, sifter.faults) == (MANY, [])
    assert aside == list(range(10, MANY + 1, 10))
    assert repaired == MANY * 4 // 10
