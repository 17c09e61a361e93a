"""Pages of answers, what is new, what there is to ask about; and that the usual queries go by an index."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sql
from msgspec.structs import replace

from sogdia.core.query import PUBLIC, Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.querying import pages, ranks, search
from sogdia.mirror.trace.querying.members import values
from sogdia.mirror.trace.querying.pages import latest, news, one, page
from sogdia.mirror.trace.words import Standing
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.parameters import of_url
from sogdia.standards.epcis.query.refusals import QueryRefused
from tests.mirror.trace.stories import (
    BREAD,
    CUSTOMS,
    FARM,
    FLOUR,
    MILL,
    SHOP,
    TRACE_TABLES,
    Records,
    case,
    item,
    lot,
    mirrored,
    packed,
    place,
    seen,
    wrong,
)
from tests.mirror.trace.test_query import KEY, NOW_MS, all_pages

EX = {"@context": {"ex": "https://ns.example.com/"}}


@pytest.fixture
def ledger() -> Records:
    """Thirty shipments of two things each, in blocks of three, and one receipt among them."""
    made = Records()
    for number in range(0, 30, 3):
        events = [_shipped(one) for one in range(number, number + 3)]
        made.capture(*events, party=FARM if number % 2 else MILL, shared_with=(SHOP,) if number == 9 else ())
    made.capture(seen("got", 7, item(7), bizStep="receiving", readPoint=place(2)), audience="everyone")
    return made


def _shipped(number: int) -> Any:
    added = {"ex:shade": number % 4} if number % 5 else {}
    return seen(
        f"s{number:02}",
        number % 7,
        item(number),
        lot(FLOUR, f"F{number % 3}"),
        bizStep="shipping",
        readPoint=place(1),
        **EX,
        **added,
    )


@pytest.fixture
def picture(url: str, ledger: Records) -> Iterator[SqlPicture]:
    mirrored(url, ledger)
    made = SqlPicture(url, TRACE_TABLES)
    yield made
    made.close()


def asked(**parameters: str) -> Query:
    return of_url(parameters.items())


def names(events: Any) -> list[str]:
    return [one.event.removeprefix("urn:uuid:") for one in events]


@pytest.mark.parametrize("by", ["", "eventTime", "recordTime", "https://ns.example.com#shade"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_give_everything_once_while_new_events_come_in(
    url: str, ledger: Records, picture: SqlPicture, by: str, direction: str
) -> None:
    order = {"orderBy": by, "orderDirection": direction} if by else {}
    query = asked(perPage="7", EQ_bizStep="shipping", **order)
    there = names(all_pages(picture, CUSTOMS, query))
    found: list[str] = []
    token = "first"
    while token:
        some = page(picture, CUSTOMS, query, KEY, NOW_MS)
        found += names(some.events)
        token = some.next_token
        query = replace(query, next_page_token=token)
        ledger.capture(*[_shipped(100 + ledger.height * 3 + one) for one in range(3)])
        mirrored(url, ledger)
    assert len(set(found)) == len(found)
    assert [name for name in found if name in there] == there
    assert len(there) == 30


def test_a_token_is_good_for_its_query_and_its_time_alone(picture: SqlPicture) -> None:
    first = page(picture, CUSTOMS, asked(perPage="5"), KEY, NOW_MS)
    assert len(first.events) == 5
    other = asked(perPage="5", EQ_bizStep="shipping", nextPageToken=first.next_token)
    with pytest.raises(QueryRefused, match="another query"):
        page(picture, CUSTOMS, other, KEY, NOW_MS)
    again = asked(perPage="5", nextPageToken=first.next_token)
    with pytest.raises(QueryRefused, match="its time is over"):
        page(picture, CUSTOMS, again, KEY, NOW_MS + pages.TOKEN_MS)


def test_the_limit_of_a_query_counts_over_all_its_pages(picture: SqlPicture) -> None:
    query = asked(perPage="4", orderBy="eventTime", orderDirection="DESC", eventCountLimit="9")
    assert len(all_pages(picture, CUSTOMS, query)) == 9


def test_more_events_than_are_wanted_are_refused(picture: SqlPicture) -> None:
    assert len(all_pages(picture, CUSTOMS, asked(maxEventCount="31"))) == 31
    with pytest.raises(QueryRefused) as refused:
        page(picture, CUSTOMS, asked(maxEventCount="30"), KEY, NOW_MS)
    assert refused.value.exception == "QueryTooLargeException"


def test_too_much_to_put_in_order_or_to_count_is_refused(picture: SqlPicture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "SORTED_LIMIT", 20)
    with pytest.raises(QueryRefused) as refused:
        page(picture, CUSTOMS, asked(orderBy="https://ns.example.com#shade"), KEY, NOW_MS)
    assert refused.value.exception == "QueryTooComplexException"
    monkeypatch.setattr(pages, "COUNTED_LIMIT", 10)
    with pytest.raises(QueryRefused) as refused:
        page(picture, CUSTOMS, asked(maxEventCount="5", EQ_action="ADD"), KEY, NOW_MS)
    assert refused.value.exception == "QueryTooComplexException"


def test_a_page_looks_at_so_many_events_and_no_more(picture: SqlPicture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NARROW", (0, 0))
    monkeypatch.setattr(search, "GROUP_LIMIT", 4)
    monkeypatch.setattr(pages, "LOOKED_AT_LIMIT", 8)
    query = asked(
        EQ_action="OBSERVE", EQ_bizStep="receiving", EQ_readPoint=place(2)["id"], GE_recordTime="1970-01-01T00:00:00Z"
    )
    assert names(all_pages(picture, CUSTOMS, query)) == ["got"]
    first = page(picture, CUSTOMS, asked(EQ_action="ADD"), KEY, NOW_MS)
    assert (first.events, bool(first.next_token)) == ((), True)


def test_everybody_finds_what_is_his_to_read(picture: SqlPicture) -> None:
    counts = [
        len(all_pages(picture, asker, asked())) for asker in (CUSTOMS, Asker(FARM), Asker(MILL), Asker(SHOP), PUBLIC)
    ]
    assert counts == [31, 16, 16, 4, 1]


def test_under_an_id_stand_the_event_and_the_declaration_that_it_was_wrong(
    url: str, picture: SqlPicture, ledger: Records
) -> None:
    ledger.capture(wrong(_shipped(3), 30))
    ledger.capture(b'{"type":"ObjectEvent","eventID":"urn:uuid:odd"}')
    mirrored(url, ledger)
    assert [event.standing for event in one(picture, CUSTOMS, "urn:uuid:s03")] == [
        Standing.DECLARED_WRONG,
        Standing.DECLARES,
    ]
    assert one(picture, PUBLIC, "urn:uuid:s03") == ()
    assert one(picture, CUSTOMS, "urn:uuid:odd") == ()


def test_a_subscriber_hears_of_each_new_event_once(url: str, ledger: Records, picture: SqlPicture) -> None:
    query = asked(EQ_bizStep="shipping")
    seq, heard = 0, []
    while True:
        some = news(picture, Asker(FARM), query, seq, 4)
        heard += names(some.events)
        if some.seq == seq:
            break
        seq = some.seq
        if len(heard) == 8:
            ledger.capture(_shipped(50), seen("not", 1, item(1), bizStep="packing"))
            mirrored(url, ledger)
    assert heard == [f"s{number:02}" for number in range(30) if number // 3 % 2] + ["s50"]
    assert seq == latest(picture)


def test_the_collections_hold_what_an_asker_can_ask_about(url: str, picture: SqlPicture, ledger: Records) -> None:
    ledger.capture(packed("in", 1, case(1), item(0), disposition="in_progress", bizLocation=place(3)), party=SHOP)
    mirrored(url, ledger)
    assert values(picture, CUSTOMS, "bizSteps", None, 9).members == ("receiving", "shipping")
    assert values(picture, PUBLIC, "bizSteps", None, 9).members == ("receiving",)
    assert values(picture, Asker(SHOP), "eventTypes", None, 9).members == ("AggregationEvent", "ObjectEvent")
    assert values(picture, Asker(SHOP), "dispositions", None, 9).members == ("in_progress",)
    assert values(picture, Asker(FARM), "bizLocations", None, 9).members == ()
    assert values(picture, CUSTOMS, "readPoints", None, 9).members == (place(1)["id"], place(2)["id"])
    first = values(picture, CUSTOMS, "readPoints", None, 1)
    assert values(picture, CUSTOMS, "readPoints", first.following, 1).members == (place(2)["id"],)
    assert values(picture, PUBLIC, "epcs", None, 9).members == (item(7),)
    found, after = [], None
    while True:
        some = values(picture, CUSTOMS, "epcs", after, 10)
        found += some.members
        after = some.following
        if after is None:
            break
    assert found == sorted([case(1), *map(item, range(30)), *(lot(FLOUR, f"F{one}") for one in range(3))])


USUAL = {
    "one thing": {"MATCH_epc": item(7)},
    "things of a product": {"MATCH_epc": f"urn:epc:idpat:sgtin:9506000.{BREAD[0]}{BREAD[8:13]}.*"},
    "a step in a time": {
        "EQ_bizStep": "shipping", "GE_eventTime": "2026-03-02T00:00:00Z", "LT_eventTime": "2026-03-02T00:04:00Z"
    },
    "one event": {"EQ_eventID": "urn:uuid:s03"},
    "a place": {"EQ_readPoint": place(1)["id"]},
    "a value": {"EQ_https://ns.example.com#shade": "3"},
    "since a record time": {"GE_recordTime": "1970-01-01T00:00:05Z"},
}  # fmt: skip


@pytest.mark.parametrize("is_walked", [False, True])
@pytest.mark.parametrize("usual", USUAL)
def test_the_usual_queries_scan_no_table_but_in_the_order_of_the_answer(
    tmp_path: Any, ledger: Records, monkeypatch: pytest.MonkeyPatch, usual: str, is_walked: bool
) -> None:
    url = str(tmp_path / "mirror.db")
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    if is_walked:
        monkeypatch.setattr(search, "NARROW", (0, 0))
    asked_of: list[tuple[str, Any]] = []
    engine = picture.connected().engine

    def note(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "traced_" in statement:
            asked_of.append((statement, given))

    sql.event.listen(engine, "before_cursor_execute", note)
    assert page(picture, Asker(FARM), asked(**USUAL[usual]), KEY, NOW_MS).events
    sql.event.remove(engine, "before_cursor_execute", note)
    with picture.connected() as connection:
        plans = [
            row[3]
            for statement, given in asked_of
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    picture.close()
    read = [plan for plan in plans if "traced_" in plan or "trace_event" in plan]
    in_order = ("SCAN traced_entry USING INDEX traced_entry_time", "SCAN traced_entry") if is_walked else ()
    assert [plan for plan in read if plan.startswith("SCAN") and plan not in in_order] == [], plans
    assert any(plan.startswith("SEARCH traced_") for plan in read)
