"""Small worlds of random events for queries, and what the oracle of the query language finds in them for an asker."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.core.query import PUBLIC, Asker
from sogdia.domains.trace.messages import Attribute
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, Description, TraceEvent, head_of
from sogdia.standards.epcis import model
from sogdia.standards.epcis.model import AnyEvent, ErrorDeclaration, Place, Vocabulary
from sogdia.standards.epcis.model import VocabularyAttribute as Said
from sogdia.standards.epcis.model import VocabularyElement as Element
from sogdia.standards.epcis.moments import written
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.writing import write_event
from tests.mirror.trace.stories import BAKERY, CUSTOMS, FARM, MILL, SHOP, Records
from tests.standards.epcis.events import NAMESPACES, events
from tests.standards.epcis.query import naive

STEPS = ("shipping", "receiving", "https://words.example.com/weighing")
TIMES = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00.000+01:00", "2026-03-02T08:00:00.000001Z", "2026-03-03T00:00:00Z")
HALL, ROOM, YARD = (
    "urn:epc:id:sgln:9506000.13860.0",
    "urn:epc:id:sgln:9506000.13860.room",
    "urn:epc:id:sgln:9506000.13861.0",
)
ROOM_AS_LINK = "https://id.gs1.org/414/9506000138602/254/room"
SITE, TEMPERATURE = "urn:epcglobal:cbv:mda#site", "https://ns.example.com/epcis/temperature"
VTYPE = "urn:epcglobal:epcis:vtype:BusinessLocation"
ANY_EVENT = events()
SHARED = ((), (MILL,), (MILL, SHOP))
ASKERS = (CUSTOMS, Asker(FARM), Asker(MILL), Asker(SHOP), Asker(BAKERY), PUBLIC)


class Told(msgspec.Struct, frozen=True):
    """An event on record, and where."""

    event: AnyEvent
    party: str
    shared_with: tuple[str, ...]
    audience: str


@st.composite
def told(draw: st.DrawFn, number: int, before: Sequence[Told]) -> Told:
    """A random event with some values that others have too, or the declaration that one before was wrong."""
    if before and draw(st.integers(0, 5)) == 0:
        wrong = draw(st.sampled_from(before))
        said = ErrorDeclaration(declaration_time=f"2026-03-04T00:00:{number:02}Z", reason="incorrect_data")
        return Told(replace(wrong.event, error_declaration=said), wrong.party, wrong.shared_with, wrong.audience)
    event = draw(ANY_EVENT)
    party = draw(st.sampled_from((FARM, FARM, MILL)))
    common: dict[str, Any] = {"event_id": f"urn:x:{number}", "event_time": draw(st.sampled_from(TIMES))}
    if draw(st.booleans()):
        common["biz_step"] = draw(st.sampled_from(STEPS))
    if draw(st.booleans()):
        common["read_point"] = Place(id=draw(st.sampled_from((HALL, ROOM, ROOM_AS_LINK, YARD))))
    if draw(st.booleans()):
        places = draw(st.sampled_from((ROOM, [YARD, ROOM_AS_LINK], {"ex:in": HALL})))
        common["extensions"] = {**event.extensions, "ex:where": places}
        common["context"] = {**event.context, "ex": NAMESPACES["ex"]}
    return Told(
        replace(event, **common),
        party,
        draw(st.sampled_from(SHARED)),
        draw(st.sampled_from(("named", "named", "everyone"))),
    )


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    """What a party says of a place, a step or a class."""
    name = draw(st.sampled_from((HALL, ROOM_AS_LINK, YARD, "urn:epcglobal:cbv:bizstep:shipping", STEPS[2])))
    ids = draw(st.lists(st.sampled_from((SITE, "cbvmda:site", TEMPERATURE)), max_size=2))
    return Description(
        draw(st.sampled_from((FARM, MILL, SHOP))),
        VTYPE,
        name,
        tuple(Attribute(one, draw(st.sampled_from(("a", "b")))) for one in ids),
        tuple(draw(st.lists(st.sampled_from((ROOM, YARD, HALL)), max_size=2))),
        draw(st.sampled_from(SHARED)),
        draw(st.sampled_from(("named", "everyone"))),
        1_000,
    )


class World:
    """Records and what they say."""

    def __init__(self, events: Sequence[Told], said: Sequence[Description], group: int) -> None:
        self.ledger = Records()
        self.said = list({(one.party, one.element): one for one in said}.values())
        self._on_record: list[tuple[Any, ...]] = []
        for start in range(0, len(events), group):
            self.put(events[start : start + group])
        self.ledger.block([(DESCRIPTIONS, one) for one in self.said])

    def put(self, some: Sequence[Told]) -> None:
        """A block with these events."""
        time_ms, changes = 1_000 * (self.ledger.height + 1), []
        for one in some:
            text = write_event(one.event)
            head = head_of(text, 1)
            record = TraceEvent(
                one.party, head.event, head.declared, "", one.shared_with, one.audience, time_ms, text.decode()
            )
            changes.append((EVENTS, record))
            event = replace(one.event, record_time=written(time_ms * 1_000, 3))
            self._on_record.append((time_ms, self.ledger.height + 1, one.party, head.event, head.declared, event, one))
        self.ledger.block(changes)

    @property
    def events(self) -> list[AnyEvent]:
        """All events, in the order of the record, with the time at which they came to be there."""
        return [row[5] for row in sorted(self._on_record, key=lambda row: row[:5])]

    def seen(self, asker: Asker) -> list[tuple[Any, ...]]:
        """Their rows as far as an asker may read them: the key in the third place to the fifth, then the event."""
        rows = sorted(self._on_record, key=lambda row: row[:5])
        return [row for row in rows if _may_see(asker, row[2], row[6].shared_with, row[6].audience)]

    def answer(self, query: Query, asker: Asker) -> list[tuple[str, str, str]]:
        """The keys of the events that a query finds, in its order."""
        rows = self.seen(asker)
        found = [
            row[5]
            for row in rows
            if all(naive.holds(one, row[5], self._known(asker, row[2])) for one in query.conditions)
        ]
        ordered = naive.answer(replace(query, conditions=()), found)
        keys = {id(row[5]): row[2:5] for row in rows}
        return [keys[id(event)] for event in ordered]

    def _known(self, asker: Asker, party: str) -> list[Vocabulary]:
        visible = [
            one
            for one in self.said
            if one.party in (party, asker.party) and _may_see(asker, one.party, one.shared_with, one.audience)
        ]
        elements = [
            Element(one.element, tuple(Said(a.id, a.value) for a in one.attributes), one.children) for one in visible
        ]
        return [Vocabulary(VTYPE, tuple(elements))]


def _may_see(asker: Asker, party: str, shared_with: tuple[str, ...], audience: str) -> bool:
    return "customs" in asker.roles or audience == "everyone" or asker.party in (party, *shared_with)


@st.composite
def worlds(draw: st.DrawFn, most: int = 6) -> World:
    """Up to so many events in blocks of one to three, and what parties say of places."""
    made: list[Told] = []
    for number in range(draw(st.integers(1, most))):
        made.append(draw(told(number, made)))
    unique = {
        (one.party, head_of(write_event(one.event), 1).event, head_of(write_event(one.event), 1).declared): one
        for one in made
    }
    return World(list(unique.values()), draw(st.lists(descriptions(), max_size=5)), draw(st.integers(1, 3)))


def everything() -> World:
    """A few events and descriptions in which there is something for each parameter of the query language."""
    link = "https://id.gs1.org/01/09506000134352"
    shared: dict[str, Any] = {
        "event_time_zone_offset": "+00:00",
        "context": {"ex": NAMESPACES["ex"]},
        "biz_step": "shipping",
        "disposition": "in_transit",
        "read_point": Place(id=ROOM, extensions={"ex:z": "5"}),
        "biz_location": Place(id=HALL),
        "persistent_disposition": model.PersistentDisposition(set=("damaged",), unset=("expired",)),
        "biz_transaction_list": (model.BizTransaction(type="po", biz_transaction="urn:x:po:1"),),
        "source_list": (model.Source(type="owning_party", source="https://id.gs1.org/417/9506000134000"),),
        "destination_list": (model.Destination(type="location", destination=YARD),),
        "extensions": {"ex:where": [HALL, {"ex:in": "within"}], "ex:number": 7},
    }
    both = model.SensorMetadata(
        time=TIMES[0], start_time=TIMES[1], end_time=TIMES[3], device_id="urn:x:device", biz_rules="urn:x:rules",
        data_processing_method="urn:x:method",
    )  # fmt: skip
    measured = ("value", "min_value", "max_value", "mean_value", "s_dev", "perc_value", "perc_rank")
    measures = {name: Decimal("21.5") for name in measured}
    report = model.SensorReport(
        type="Temperature", uom="CEL", string_value="warm", boolean_value=True, hex_binary_value="0f",
        uri_value="urn:x:uri", microorganism="urn:x:germ", chemical_substance="urn:x:salt",
        extensions={"ex:z": Decimal("5.0")}, **measures,
    )  # fmt: skip
    quantities = (model.QuantityElement(epc_class=link, quantity=Decimal("2.5"), uom="KGM"),)
    sensed = model.ObjectEvent(
        event_id="urn:x:1", event_time=TIMES[0], action="ADD", epc_list=(f"{link}/21/1",), quantity_list=quantities,
        ilmd={"cbvmda:x": TIMES[1], "ex:outer": {"ex:y": 9}},
        sensor_element_list=(model.SensorElement(sensor_metadata=both, sensor_report=(report,)),), **shared,
    )  # fmt: skip
    made = model.TransformationEvent(
        event_id="urn:x:2", event_time=TIMES[1], input_epc_list=(f"{link}/21/1",), input_quantity_list=quantities,
        output_epc_list=(f"{link}/21/2",), output_quantity_list=quantities, transformation_id="urn:x:run", **shared,
    )  # fmt: skip
    packed = model.AggregationEvent(
        event_id="urn:x:3", event_time=TIMES[2], action="DELETE", parent_id="urn:x:box", child_epcs=(f"{link}/21/2",),
        child_quantity_list=quantities, **shared,
    )  # fmt: skip
    said = ErrorDeclaration(declaration_time=TIMES[3], reason="incorrect_data", corrective_event_ids=("urn:x:1",))
    wrong = replace(packed, error_declaration=said)
    site, here = (Attribute(SITE, "a"),), (FARM, VTYPE)
    told_of = [
        Description(*here, HALL, site, (ROOM,), (), "named", 1_000),
        Description(*here, ROOM_AS_LINK, site, (), (), "named", 1_000),
        Description(*here, "urn:epcglobal:cbv:bizstep:shipping", site, (), (), "named", 1_000),
        Description(*here, link, site, (), (), "named", 1_000),
    ]
    return World([Told(one, FARM, (), "named") for one in (sensed, made, packed, wrong)], told_of, 2)
