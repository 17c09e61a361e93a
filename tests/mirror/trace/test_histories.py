"""What happened to a thing, and to what it was in while it was in it."""

from sogdia.core.query import PUBLIC, Asker
from sogdia.domains.trace.state import Job
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.histories import history, standing
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Role, Standing
from tests.mirror.trace.stories import (
    BREAD,
    FARM,
    SHOP,
    TRACE_TABLES,
    Records,
    at,
    at_us,
    born,
    bound,
    case,
    event,
    item,
    lot,
    mirrored,
    packed,
    place,
    product,
    quantity,
    seen,
    told,
    unpacked,
    view_of,
    wrong,
)


def names(view: View, thing: str, **limits: int) -> list[str]:
    """The events of a history by the last part of their IDs."""
    found = history(view, thing, **limits)
    return [] if found is None else [one.event.event.removeprefix("urn:uuid:") for one in found.passages]


def test_a_thing_has_the_events_of_its_containers_while_it_is_in_them(url: str) -> None:
    story = told(
        url,
        [born("born", 1, None, item(1), item(2))],
        [packed("packed", 2, case(1), item(1), item(2)), seen("case-alone", 1, case(1))],
        [packed("loaded", 3, case(9), case(1)), seen("shipped", 4, case(9), bizStep="shipping")],
        [unpacked("unloaded", 5, case(9), case(1)), seen("pallet-goes-on", 6, case(9))],
        [unpacked("taken", 7, case(1), item(1)), seen("case-goes-on", 8, case(1))],
        [packed("repacked", 9, case(2), item(1)), seen("case-2", 10, case(2)), seen("sold", 11, item(1))],
    )
    with story() as view:
        assert names(view, item(1)) == [
            "born", "packed", "loaded", "shipped", "unloaded", "taken", "repacked", "case-2", "sold",
        ]  # fmt: skip
        assert names(view, item(2)) == ["born", "packed", "loaded", "shipped", "unloaded", "taken", "case-goes-on"]
        found = history(view, item(1))
        assert found is not None
        shipped = found.passages[3]
        assert (shipped.roles, shipped.through) == ((), (case(1), case(9)))
        assert (shipped.event.biz_step, shipped.event.time_us) == ("shipping", at_us(4))
        assert (found.passages[1].roles, found.passages[1].through) == ((Role.CHILD,), ())


def test_unpacking_without_children_takes_everything_out(url: str) -> None:
    story = told(
        url,
        [packed("packed", 1, case(1), item(1), item(2)), unpacked("emptied", 3, case(1)), seen("empty", 4, case(1))],
        [packed("again", 5, case(1), item(2)), seen("full", 6, case(1))],
    )
    with story() as view:
        assert names(view, item(1)) == ["packed"]
        assert names(view, item(2)) == ["packed", "again", "full"]


def test_what_is_unpacked_from_wherever_it_is_is_in_nothing(url: str) -> None:
    story = told(
        url,
        [packed("packed", 1, case(1), item(1)), unpacked("out", 2, None, item(1)), seen("gone", 3, case(1))],
    )
    with story() as view:
        assert names(view, item(1)) == ["packed", "out"]


def test_an_event_that_comes_late_changes_what_it_names_and_only_that(url: str) -> None:
    story = told(
        url,
        [seen("shipped", 5, case(1)), unpacked("out", 8, case(1), item(1), item(2)), seen("gone", 9, case(1))],
        [packed("in", 3, case(1), item(1), item(2))],
        [unpacked("earlier", 4, case(1), item(2))],
    )
    with story() as view:
        assert names(view, item(1)) == ["in", "earlier", "shipped", "out"]
        assert names(view, item(2)) == ["in", "earlier", "out"]


def test_an_event_declared_wrong_stays_in_sight_and_moves_nothing(url: str) -> None:
    false = packed("false", 1, case(1), item(1), item(2))
    story = told(
        url,
        [false, seen("shipped", 3, case(1))],
        [wrong(false, 10, "urn:uuid:right"), packed("right", 1, case(1), item(2))],
    )
    with story() as view:
        found = history(view, item(1))
        assert found is not None
        assert [(one.event.event, one.event.declared, one.event.standing) for one in found.passages] == [
            ("urn:uuid:false", "", Standing.DECLARED_WRONG),
            ("urn:uuid:false", at(10), Standing.DECLARES),
        ]
        assert names(view, item(2)) == ["false", "false", "right", "shipped"]


def test_a_declaration_that_takes_an_unpacking_back_puts_the_thing_in_again(url: str) -> None:
    out = unpacked("out", 2, case(1), item(1))
    story = told(url, [packed("in", 1, case(1), item(1)), out, seen("shipped", 3, case(1))], [wrong(out, 9)])
    with story() as view:
        assert names(view, item(1)) == ["in", "out", "out", "shipped"]


def test_a_declaration_on_record_before_its_event_counts_too_and_one_of_another_party_does_not(url: str) -> None:
    ledger = Records()
    said = packed("in", 1, case(1), item(1))
    other = packed("also-in", 1, case(1), item(2))
    ledger.capture(wrong(said, 9), other)
    ledger.capture(wrong(other, 9), party=SHOP)
    ledger.capture(said, seen("shipped", 3, case(1)))
    mirrored(url, ledger)
    with view_of(url) as view:
        assert "shipped" not in names(view, item(1))
        assert "shipped" in names(view, item(2))


def test_the_events_of_a_job_count_when_it_is_complete(url: str) -> None:
    ledger = Records()
    job = Job(FARM, "7", 2, (1,), "open", 90_000_000, ())
    ledger.capture(packed("in", 1, case(1), item(1)), job=job)
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    assert standing(picture, FARM, "urn:uuid:in") == (Standing.WAITS, "")
    with view_of(url) as view:
        assert names(view, item(1)) == []
    ledger.capture(seen("shipped", 2, case(1)), job=Job(FARM, "7", 2, (1, 2), "complete", 90_000_000, ()))
    mirrored(url, ledger)
    assert standing(picture, FARM, "urn:uuid:in") == (Standing.COUNTS, "")
    with view_of(url) as view:
        assert names(view, item(1)) == ["in", "shipped"]
        found = history(view, item(1))
        assert found is not None
        assert {one.event.recorded_ms for one in found.passages} == {2_000}
    picture.close()


def test_the_events_of_a_job_that_is_given_up_or_lapses_never_count(url: str) -> None:
    ledger = Records()
    ledger.capture(seen("one", 1, item(1)), job=Job(FARM, "7", 2, (1,), "withdrawn", 90_000_000, ()))
    ledger.capture(seen("two", 1, item(1)), job=Job(FARM, "8", 2, (1,), "open", 2_500, ()))
    ledger.block()
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    assert standing(picture, FARM, "urn:uuid:one") == (Standing.WITHDRAWN, "")
    assert standing(picture, FARM, "urn:uuid:two") == (Standing.LAPSED, "")
    assert standing(picture, FARM, "urn:uuid:three") is None
    picture.close()
    with view_of(url) as view:
        assert history(view, item(1)) is None
    ledger.capture(seen("one", 2, item(1)))  # the rules take it again, for the job never counts
    mirrored(url, ledger)
    with view_of(url) as view:
        assert names(view, item(1)) == ["one"]


def test_an_event_that_the_standard_refuses_is_kept_with_the_reason_and_counts_for_nothing(url: str) -> None:
    ledger = Records()
    ledger.capture(b'{"type":"ObjectEvent","eventID":"urn:uuid:odd","epcList":["urn:x:1"]}', seen("good", 1, item(1)))
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    found = standing(picture, FARM, "urn:uuid:odd")
    picture.close()
    assert found is not None
    assert found[0] is Standing.UNREADABLE
    assert "eventTime" in found[1]
    with view_of(url) as view:
        assert names(view, item(1)) == ["good"]
        assert history(view, "urn:x:1") is None


def test_one_thing_is_found_however_it_is_written(url: str) -> None:
    urn = "urn:epc:id:sgtin:9506000.013437.17"
    story = told(
        url, [seen("urn", 1, urn), seen("link", 2, item(17)), seen("shop", 3, f"https://x.example/01/{BREAD}/21/17")]
    )
    with story() as view:
        for spelling in (urn, item(17), f"https://id.gs1.org/01/{BREAD}/10/A/21/17"):
            assert names(view, spelling) == ["urn", "link", "shop"]
        found = history(view, urn)
        assert found is not None
        assert found.thing == item(17)


def test_a_bound_sensor_goes_with_its_container(url: str) -> None:
    sensor = "https://id.gs1.org/8004/9506000134352SENSOR1"
    story = told(
        url,
        [bound("bound", 1, case(1), sensor), seen("moved", 2, case(1))],
        [bound("freed", 3, case(1), sensor, action="DELETE"), seen("on", 4, case(1))],
    )
    with story() as view:
        assert names(view, sensor) == ["bound", "moved", "freed"]


def test_a_history_has_limits_of_time_and_number(url: str) -> None:
    story = told(url, [seen(f"e{minute}", minute, item(1)) for minute in range(10)])
    with story() as view:
        assert names(view, item(1), since_us=at_us(3), until_us=at_us(6)) == ["e3", "e4", "e5"]
        found = history(view, item(1), limit=4)
        assert found is not None
        assert (len(found.passages), found.is_cut) == (4, True)


def test_who_may_not_read_an_event_sees_that_it_is_there_and_whose_it_is(url: str) -> None:
    ledger = Records()
    ledger.capture(packed("in", 1, case(1), item(1)), party=FARM, shared_with=(SHOP,))
    ledger.capture(seen("secret", 2, case(1), bizLocation=place(7)), party=FARM)
    ledger.capture(seen("open", 3, case(1), readPoint=place(8)), party=FARM, audience="everyone")
    mirrored(url, ledger)
    with view_of(url, Asker(SHOP)) as view:
        found = history(view, item(1))
    assert found is not None
    assert [(one.event.event, one.event.is_redacted, one.event.party) for one in found.passages] == [
        ("urn:uuid:in", False, FARM),
        ("", True, FARM),
        ("urn:uuid:open", False, FARM),
    ]
    assert (found.passages[1].event.time_us, found.passages[1].event.location) == (0, None)
    assert found.passages[2].event.read_point == place(8)["id"]
    with view_of(url, PUBLIC) as view:
        public = history(view, item(1))
    assert public is not None
    assert [one.event.is_redacted for one in public.passages] == [True, True, False]


def test_quantities_of_lots_are_found_under_lot_and_role(url: str) -> None:
    said = event(
        "ObjectEvent", "weighed", 1, action="OBSERVE",
        quantityList=[quantity(lot(BREAD, "A"), 2.5), quantity(lot(BREAD, "A"), 1), quantity(product(BREAD), 3)],
    )  # fmt: skip
    story = told(url, [said])
    with story() as view:
        found = history(view, "urn:epc:class:lgtin:9506000.013437.A")
        assert found is not None
        assert [(one.roles, one.event.event) for one in found.passages] == [((Role.CLASS,), "urn:uuid:weighed")]
