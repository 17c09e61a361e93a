"""Queries of EPCIS answered in SQL find what the oracle finds, for everybody who asks."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.querying import search
from sogdia.mirror.trace.querying.pages import Found, page
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.fields import FIXED
from sogdia.standards.epcis.query.parameters import of_url
from sogdia.standards.epcis.query.paths import postings
from sogdia.standards.epcis.query.refusals import QueryRefused
from tests.mirror.trace.asking import PLACES, queries, said
from tests.mirror.trace.stories import BREAD, CUSTOMS, TRACE_TABLES, Records, item, lot, mirrored, quantity, seen
from tests.mirror.trace.worlds import ASKERS, SITE, World, everything, worlds
from tests.standards.epcis.events import NAMESPACES

KEY, NOW_MS = bytes(range(32)), 1_790_000_000_000
Key = tuple[str, str, str]


def key_of(one: Found) -> Key:
    return one.party, one.event, one.declared


def all_pages(picture: SqlPicture, asker: Asker, query: Query) -> list[Found]:
    """Everything that is found, page by page."""
    found: list[Found] = []
    for _ in range(500):
        one = page(picture, asker, query, KEY, NOW_MS)
        assert len(one.events) <= query.per_page
        found += one.events
        if not one.next_token:
            return found
        query = replace(query, next_page_token=one.next_token)
    raise AssertionError("there is no end of pages")


def require_same(picture: SqlPicture, world: World, asker: Asker, query: Query) -> int:
    expected = world.answer(query, asker)
    found = list(map(key_of, all_pages(picture, asker, query)))
    if query.order is None:
        assert Counter(found) == Counter(expected), query
    else:
        assert found == expected, query
    return len(found)


@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data(), world=worlds(), is_walked=st.booleans())
def test_a_random_query_finds_what_the_oracle_finds(
    url: str, data: st.DataObject, world: World, is_walked: bool
) -> None:
    mirrored(url, world.ledger, anew=True)
    picture = SqlPicture(url, TRACE_TABLES)
    with pytest.MonkeyPatch.context() as patched:
        if is_walked:  # as in a large record, where no condition leaves few events and a group holds few of them
            patched.setattr(search, "NARROW", (0, 0))
            patched.setattr(search, "GROUP_LIMIT", 2)
        try:
            for _ in range(20):
                query = data.draw(queries(world.events))
                require_same(picture, world, data.draw(st.sampled_from(ASKERS)), query)
        finally:
            picture.close()


def test_numbers_are_told_apart_to_their_last_digit_and_long_names_by_all_of_it(url: str) -> None:
    ledger, number, long = Records(), "0.1000000000000000000001", "urn:x:" + "y" * 400
    said = seen("plain", 1, item(1)) | {"eventID": long}
    ledger.capture(
        seen("exact", 1, item(1), quantityList=[quantity(lot(BREAD, "A"), 7)]),
        b'{"type":"ObjectEvent","eventID":"urn:x:close","eventTime":"2026-03-02T00:00:00Z","eventTimeZoneOffset":"+00:00",'
        b'"action":"ADD","quantityList":[{"epcClass":"https://id.gs1.org/01/09506000134352","quantity":%b}]}'
        % number.encode(),
        said,
    )
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    counts = {}
    for name, text in (("EQ", "0.1"), ("EQ", number), ("GT", "0.1"), ("LE", "0.1"), ("LT", number), ("GE", number)):
        counts[name, text] = len(all_pages(picture, CUSTOMS, of_url([(f"{name}_quantity", text)])))
    assert list(counts.values()) == [0, 1, 2, 0, 0, 2]
    assert len(all_pages(picture, CUSTOMS, of_url([("EQ_eventID", long)]))) == 1
    picture.close()


FAMILIES = (
    "EQ_bizTransaction_po", "EQ_source_owning_party", "EQ_destination_location", "GE_value_KEL", "LT_quantity_KGM",
    "EQ_sDev_CEL", "EQ_ex:where", "EXISTS_ex:where", "EXISTS_INNER_ex:in", "GT_ILMD_cbvmda:x", "EQ_INNER_ILMD_ex:y",
    "EQ_SENSORREPORT_ex:z", "EQ_readPoint_ex:z", "HASATTR_readPoint", "HASATTR_bizStep", "HASATTR_epcClass",
    "HASATTR_ex:where", f"EQATTR_readPoint_{SITE}", f"EQATTR_bizLocation_{SITE}",
)  # fmt: skip


def test_each_parameter_finds_what_the_oracle_finds(url: str) -> None:
    world = everything()
    mirrored(url, world.ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    for name in (*FIXED, *FAMILIES):
        queries = sorted(read(name, world.events), key=lambda one: -len(world.answer(one, CUSTOMS)))
        assert require_same(picture, world, CUSTOMS, queries[0]), name
        for query in queries[1:2] + queries[-1:]:
            require_same(picture, world, CUSTOMS, query)
    picture.close()


def read(name: str, events: Sequence[AnyEvent]) -> Iterator[Query]:
    """The parameter with every text that stands in the events."""
    texts = [str(one.value.number) if one.value.text is None else one.value.text for one in said(events)]
    things = [uri for event in events for _, uri in postings(event)]
    for text in dict.fromkeys(
        (*texts, *things, *PLACES, "true", SITE, "a", "1970-01-01T00:00:00Z", "2026-03-09T00:00:00Z", "-99", "99")
    ):
        try:
            yield of_url([(name, text), ("perPage", "3")], {"ex": NAMESPACES["ex"]})
        except QueryRefused:
            continue
