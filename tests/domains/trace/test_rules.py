"""Events come on record once and as they were signed; a job counts as a whole or not at all."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.domains.identity.messages import Delegate
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.trace import queries, rules
from sogdia.domains.trace.messages import (
    EVENT_LIMIT_BYTES,
    Attribute,
    Capture,
    Describe,
    Element,
    Refused,
    WithdrawJob,
)
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, JOB_OPEN_MS, JOBS
from tests.domains.conftest import FIRST_BLOCK_MS

PLACES = "urn:epcglobal:epcis:vtype:BusinessLocation"


def seen(number, **particulars):
    """An event of the standard as JSON, spaced as a person would."""
    usual = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:0000000{number}",
        "eventTime": "2026-03-02T09:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number}"],
    }
    return json.dumps(usual | particulars).encode()


@pytest.fixture
def capture(cast):
    """The seller captures these events; whatever else the message holds may be given."""

    def asked(*events, **particulars):
        return Capture(**{"party": cast.seller.did, "events": tuple(msgspec.Raw(one) for one in events)} | particulars)

    return asked


# --- events ----------------------------------------------------------------------------------------------------------


def test_events_come_on_record_as_they_were_signed(scene, cast, capture):
    first, second = seen(1), seen(2, **{"ex:note": "crème  brûlée", "@context": {"ex": "https://example.com/"}})
    (told,) = scene.accepts(capture(first, second, shared_with=(cast.carrier.did,)), by=cast.seller)
    assert (told["events"], told["complete"], told["parties"]) == (2, True, [cast.seller.did, cast.carrier.did])
    found = scene.find(EVENTS, cast.seller.did, "urn:uuid:00000002", "")
    assert found.text.encode() == second
    assert (found.shared_with, found.audience, found.captured_at_ms) == ((cast.carrier.did,), "named", FIRST_BLOCK_MS)


def test_an_event_stands_once_under_its_party(scene, cast, capture):
    scene.accepts(capture(seen(1)), by=cast.seller)
    scene.refuses(Refused.EVENT_EXISTS, capture(seen(2), seen(1)), by=cast.seller, event=2, id="urn:uuid:00000001")
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000002", "") is None
    scene.refuses(Refused.EVENT_EXISTS, capture(seen(3), seen(3)), by=cast.seller, event=2)
    scene.accepts(capture(seen(1), party=cast.carrier.did), by=cast.carrier)


def test_who_erred_says_so_under_the_same_event(scene, cast, capture):
    scene.accepts(capture(seen(1)), by=cast.seller)
    wrong = seen(1, errorDeclaration={"declarationTime": "2026-03-03T09:00:00Z"})
    scene.accepts(capture(wrong), by=cast.seller)
    scene.refuses(Refused.EVENT_EXISTS, capture(wrong), by=cast.seller)
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000001", "") is not None
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000001", "2026-03-03T09:00:00Z").text.encode() == wrong


@pytest.mark.parametrize(
    "wrong",
    [
        b'"an event"',
        b'{"type":"ObjectEvent"}',
        b'{"type":"ObjectEvent","eventID":""}',
        b'{"type":"ObjectEvent","eventID":7}',
        b'{"type":"ObjectEvent","eventID":"a\\u0000b"}',
        b'{"type":"ObjectEvent","eventID":"%s"}' % (b"x" * 501),
        b'{"eventID":"urn:uuid:1"}',
        b'{"type":"ObjectEvent","eventID":"urn:uuid:1","errorDeclaration":{}}',
        b'{"type":"ObjectEvent","eventID":"urn:uuid:1","text":"%s"}' % (b"x" * EVENT_LIMIT_BYTES),
        b'{"type":"ObjectEvent","eventID":"urn:uuid:1","text":"\xff"}',
        b'{"type":"ObjectEvent","eventID":"urn:uuid:1","text":"\xed\xa0\x80"}',
        b'{"type":"ObjectEvent","eventID":"urn:uuid:1","\xc0\x80":1}',
        b'{"type":"ObjectEvent","eventID":"urn:uuid:\xff"}',
    ],
    ids=lambda text: repr(text[:60]),
)
def test_what_is_no_event_is_refused_by_its_number(scene, cast, capture, wrong):
    scene.refuses(Refused.EVENT_MALFORMED, capture(seen(1), wrong), by=cast.seller, event=2)
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000001", "") is None


@given(inside=st.binary(max_size=12), as_name=st.booleans())
def test_whatever_bytes_stand_in_an_event_the_rule_answers(new_scene, cast, inside, as_name):
    text = b'{"type":"ObjectEvent","eventID":"urn:uuid:1","x":{%b}}'
    event = text % (b'"%b":1' % inside if as_name else b'"y":"%b"' % inside)
    answer = new_scene().send(Capture(party=cast.seller.did, events=(msgspec.Raw(event),)), by=cast.seller)
    assert answer.code in (0, Refused.EVENT_MALFORMED, 1)
    if answer.code == 0:
        assert msgspec.json.decode(event)


def test_another_may_not_capture_for_a_party_unless_it_was_asked_to(scene, cast, capture):
    scene.refuses(Identity.NOT_SIGNED_BY, capture(seen(1)), by=cast.platform, party=cast.seller.did)
    until_ms = FIRST_BLOCK_MS + 1_000
    asked = Delegate(principal=cast.seller.did, agent=cast.platform.did, actions=("trace.capture",), until_ms=until_ms)
    scene.accepts(asked, by=cast.seller)
    scene.accepts(capture(seen(1)), by=cast.platform)
    scene.time_ms = until_ms + 1
    scene.refuses(Identity.NOT_SIGNED_BY, capture(seen(2)), by=cast.platform)


def test_events_are_shared_with_parties_on_record_only(scene, cast, capture):
    scene.refuses(
        Identity.PARTY_UNKNOWN,
        capture(seen(1), shared_with=(cast.stranger.did,)),
        by=cast.seller,
        party=cast.stranger.did,
    )


# --- jobs ------------------------------------------------------------------------------------------------------------


def test_a_job_is_complete_with_its_last_part_in_whatever_order(scene, cast, capture):
    (told,) = scene.accepts(capture(seen(2), job="J", part=2, of=2), by=cast.seller)
    assert (told["job"], told["complete"]) == ("J", False)
    assert scene.find(JOBS, cast.seller.did, "J").status == "open"
    (told,) = scene.accepts(capture(seen(1), job="J", part=1, of=2), by=cast.seller)
    assert told["complete"]
    job = scene.find(JOBS, cast.seller.did, "J")
    assert (job.status, job.parts) == ("complete", (1, 2))
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000001", "").job == "J"


def test_a_part_that_does_not_belong_is_refused(scene, cast, capture):
    scene.refuses(Refused.JOB_PART_WRONG, capture(seen(1), part=1, of=2), by=cast.seller)
    scene.refuses(Refused.JOB_PART_WRONG, capture(seen(1), job="J", part=3, of=2), by=cast.seller)
    scene.accepts(capture(seen(1), job="J", part=1, of=3), by=cast.seller)
    scene.refuses(Refused.JOB_PART_WRONG, capture(seen(2), job="J", part=2, of=2), by=cast.seller, expected=3)
    scene.refuses(Refused.JOB_PART_EXISTS, capture(seen(2), job="J", part=1, of=3), by=cast.seller, part=1)
    scene.accepts(capture(seen(2), job="J", part=1, of=3, party=cast.carrier.did), by=cast.carrier)


def test_a_withdrawn_job_leaves_its_events_free_to_come_again(scene, cast, capture):
    scene.accepts(capture(seen(1), job="J", part=1, of=2), by=cast.seller)
    scene.refuses(Refused.EVENT_EXISTS, capture(seen(1)), by=cast.seller)
    scene.accepts(WithdrawJob(party=cast.seller.did, job="J"), by=cast.seller)
    scene.refuses(Refused.JOB_CLOSED, capture(seen(2), job="J", part=2, of=2), by=cast.seller, status="withdrawn")
    scene.accepts(capture(seen(1)), by=cast.seller)
    assert scene.find(EVENTS, cast.seller.did, "urn:uuid:00000001", "").job == ""


def test_a_job_lapses_after_a_day(scene, cast, capture):
    scene.accepts(capture(seen(1), job="J", part=1, of=2), by=cast.seller)
    scene.time_ms += JOB_OPEN_MS + 1
    scene.refuses(Refused.JOB_CLOSED, capture(seen(2), job="J", part=2, of=2), by=cast.seller, status="lapsed")
    scene.refuses(Refused.JOB_CLOSED, WithdrawJob(party=cast.seller.did, job="J"), by=cast.seller, status="lapsed")
    scene.accepts(capture(seen(1)), by=cast.seller)


def test_a_complete_job_cannot_be_withdrawn(scene, cast, capture):
    scene.refuses(Refused.JOB_UNKNOWN, WithdrawJob(party=cast.seller.did, job="J"), by=cast.seller, job="J")
    scene.accepts(capture(seen(1), job="J", part=1, of=2), by=cast.seller)
    scene.accepts(capture(seen(2), job="J", part=2, of=2), by=cast.seller)
    scene.refuses(Refused.JOB_CLOSED, WithdrawJob(party=cast.seller.did, job="J"), by=cast.seller, status="complete")


@pytest.mark.parametrize("job", ["a\0b", "a\n", "\x7f"])
def test_a_job_has_a_number_by_which_it_can_be_withdrawn(network, cast, capture, job):
    network.refuses(1, capture(seen(1), job=job, part=1, of=2), by=cast.seller)


@given(order=st.permutations(range(1, 6)), given_up=st.integers(1, 6))
def test_no_order_of_parts_makes_a_job_count_early_or_twice(new_scene, cast, order, given_up):
    scene = new_scene()
    for sent, part in enumerate(order):
        if sent == given_up:
            scene.accepts(WithdrawJob(party=cast.seller.did, job="J"), by=cast.seller)
        asked = Capture(party=cast.seller.did, events=(msgspec.Raw(seen(part)),), job="J", part=part, of=5)
        answer = scene.send(asked, by=cast.seller)
        assert (answer.code == 0) is (sent < given_up)
    job = scene.find(JOBS, cast.seller.did, "J")
    assert (job.status, len(job.parts)) == (("withdrawn", given_up) if given_up < 5 else ("complete", 5))


# --- master data -----------------------------------------------------------------------------------------------------


def test_the_newest_word_on_a_place_stands(scene, cast):
    def said(value, *children):
        attributes = (Attribute(id="urn:epcglobal:cbv:mda#city", value=value),) if value else ()
        return Describe(
            party=cast.seller.did,
            vocabulary=PLACES,
            elements=(Element(id="urn:a", attributes=attributes, children=children),),
        )

    scene.accepts(said("Yiwu", "urn:b"), by=cast.seller)
    scene.accepts(said("Ningbo"), by=cast.seller)
    found = scene.find(DESCRIPTIONS, cast.seller.did, PLACES, "urn:a")
    assert [one.value for one in found.attributes] == ["Ningbo"]
    assert found.children == ()
    scene.accepts(said(""), by=cast.seller)
    assert scene.find(DESCRIPTIONS, cast.seller.did, PLACES, "urn:a") is None


# --- asking ----------------------------------------------------------------------------------------------------------


def test_events_are_read_by_those_they_are_shared_with(network, ask, cast, capture):
    network.accepts(capture(seen(1), shared_with=(cast.carrier.did,)), by=cast.seller)
    network.accepts(capture(seen(2), job="J", part=1, of=2), by=cast.seller)
    for asker, count in ((cast.seller, 2), (cast.carrier, 1), (cast.customs, 2), (cast.platform, 0), (None, 0)):
        assert len(ask(queries.events, by=asker, party=cast.seller.did)) == count
    assert ask(queries.event, by=cast.carrier, event="urn:uuid:00000001")[0]["text"] == seen(1).decode()
    assert ask(queries.job, by=cast.seller, party=cast.seller.did, job="J")["status"] == "open"
    assert ask(queries.job, by=cast.carrier, party=cast.seller.did, job="J") is None


def test_master_data_are_found_by_vocabulary(network, ask, cast):
    element = Element(id="urn:a", children=("urn:b",))
    network.accepts(Describe(party=cast.seller.did, vocabulary=PLACES, elements=(element,)), by=cast.seller)
    (found,) = ask(queries.descriptions, by=cast.seller, vocabulary=PLACES, element="urn:a")
    assert found["children"] == ["urn:b"]


def test_every_refusal_of_trace_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in rules.module.refusals}
