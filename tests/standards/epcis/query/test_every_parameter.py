"""Every parameter of the standard, by its name: the index finds what the oracle finds, and tells events apart by it.

The names are made of the parts that the standard makes them of; GS1's own list, where it is here, says that none is
missing. Each is asked by hand on events in which every area says something, then at random on random events.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sogdia.domains.trace.messages import Attribute
from sogdia.domains.trace.state import Description
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.epcis import model
from sogdia.standards.epcis.model import AnyEvent, Place
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.fields import FIXED
from sogdia.standards.epcis.query.parameters import of_object, of_url
from sogdia.standards.epcis.query.paths import postings
from sogdia.standards.epcis.query.refusals import QueryRefused
from tests.mirror.conftest import new_postgres, new_url, postgres, sqlite_url, url
from tests.mirror.trace.asking import said
from tests.mirror.trace.stories import CUSTOMS, FARM, TRACE_TABLES, mirrored
from tests.mirror.trace.test_query import require_same
from tests.mirror.trace.worlds import HALL, ROOM, SITE, VTYPE, YARD, Told, World, worlds
from tests.standards.epcis.events import NAMESPACES
from tests.standards.epcis.query.test_query_schema import NAMED, OPTIONS, SHAPES

__all__ = ["new_postgres", "new_url", "postgres", "sqlite_url", "url"]

OPS: Final = ("EQ", "GT", "GE", "LT", "LE")
AREAS: Final = (
    *("", "ILMD_", "ERROR_DECLARATION_", "SENSORELEMENT_", "SENSORMETADATA_", "SENSORREPORT_"),
    *("readPoint_", "bizLocation_"),
)
MEASURES: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue", "quantity")
FAMILIES: Final = (
    *(f"{op}_{area}ex:z" for op, area in product((*OPS, "EXISTS"), AREAS)),
    *(f"{op}_INNER_{area}ex:y" for op, area in product((*OPS, "EXISTS"), AREAS)),
    *(f"{op}_{measure}_{uom}" for op, measure, uom in product(OPS, MEASURES, ("CEL", "KEL"))),
    *("EQ_bizTransaction_po", "EQ_source_owning_party", "EQ_destination_location"),
    *(f"HASATTR_{field}" for field in ("readPoint", "bizLocation", "bizStep", "disposition", "epcClass", "ex:where")),
    *(f"EQ{mark}ATTR_{field}_{SITE}" for mark, field in product(("", "_"), ("readPoint", "bizStep", "epcClass"))),
    *("EQ_ATTR_bizLocation_site", "EQ_ATTR_disposition_site"),
)
CONTEXT: Final = {"ex": NAMESPACES["ex"]}
TEXTS: Final = (
    *("5", "6.5", "7", "dark", "2026-03-02T09:00:00Z", "21", "294.15", "true", "true-ish", "", SITE, "a", "b"),
    *("1970-01-01T00:00:00Z", "2026-03-02T08:30:00Z", "2027-01-01T00:00:00Z", "-999", "999", "cbvmda:site"),
)
GTIN: Final = "https://id.gs1.org/01/0950600013435"


def every(number: int, value: Any, measure: str) -> AnyEvent:
    """An event, its two kinds taking turns, that says something in every area that its kind has."""
    own = {"ex:z": value, "ex:in": {"ex:y": value, "ex:more": [{"ex:y": f"{number}"}, {"ex:none": 1}]}}
    step, minute = ("shipping", "receiving", "storing", "packing")[number], f"2026-03-02T08:{15 * number:02}:00Z"
    measures = dict.fromkeys(("value", "min_value", "max_value", "mean_value", "s_dev", "perc_value"), Decimal(measure))
    report = model.SensorReport(
        type=("Temperature", "Mass", "Speed", "Length")[number], uom="CEL", perc_rank=Decimal(number), **measures,
        string_value=f"s{number}", boolean_value=number > 1, hex_binary_value=f"0{number}",
        uri_value=f"urn:x:uri:{number}", microorganism=f"urn:x:germ:{number}",
        chemical_substance=f"urn:x:salt:{number}", extensions=own,
    )  # fmt: skip
    metadata = model.SensorMetadata(
        time=minute, start_time=minute, end_time=minute, device_id=f"urn:x:device:{number}",
        data_processing_method=f"urn:x:method:{number}", biz_rules=f"urn:x:rules:{number}", extensions=own,
    )  # fmt: skip
    sensor = model.SensorElement(sensor_metadata=metadata, sensor_report=(report,), extensions=own)
    wrong = model.ErrorDeclaration(
        declaration_time=minute, reason=("did_not_occur", "incorrect_data")[number % 2],
        corrective_event_ids=(f"urn:x:better:{number}",), extensions=own,
    )  # fmt: skip
    disposition = ("active", "damaged", "expired", "recalled")[number]
    shared: dict[str, Any] = {
        "context": CONTEXT, "event_id": f"urn:x:{number}", "event_time": minute, "event_time_zone_offset": "+00:00",
        "biz_step": step, "disposition": disposition, "error_declaration": wrong, "sensor_element_list": (sensor,),
        "persistent_disposition": model.PersistentDisposition(set=(disposition,), unset=(disposition,)),
        "read_point": Place(id=(ROOM, YARD)[number // 2], extensions=own),
        "biz_location": Place(id=(HALL, YARD)[number // 2], extensions=own),
        "biz_transaction_list": (model.BizTransaction(type="po", biz_transaction=f"urn:x:po:{number}"),),
        "source_list": (model.Source(type="owning_party", source=f"urn:x:from:{number}"),),
        "destination_list": (model.Destination(type="location", destination=f"urn:x:to:{number}"),),
        "extensions": {**own, "ex:where": (HALL, YARD)[number // 2]}, "ilmd": own,
    }  # fmt: skip
    lot = (model.QuantityElement(epc_class=f"{GTIN}2/10/L{number}", quantity=Decimal(measure), uom="CEL"),)
    made, used = (f"{GTIN}2/21/{number}",), (f"{GTIN}2/21/{number + 10}",)
    if number % 2:
        return model.TransformationEvent(
            input_epc_list=used, input_quantity_list=lot, output_epc_list=made, output_quantity_list=lot,
            transformation_id=f"urn:x:run:{number}", **shared,
        )  # fmt: skip
    return model.ObjectEvent(action="ADD", epc_list=made, quantity_list=lot, **shared)


def plain(number: int) -> AnyEvent:
    """An event that says little, with a parent."""
    return model.AggregationEvent(
        action="OBSERVE", event_id=f"urn:x:{number}",
        event_time="2026-03-02T10:00:00Z", event_time_zone_offset="+00:00",
        parent_id=f"urn:x:box:{number}", child_epcs=(f"{GTIN}2/21/{number}",),
        child_quantity_list=(model.QuantityElement(epc_class=f"{GTIN}2/10/L{number}"),),
    )  # fmt: skip


def everywhere() -> World:
    """Events whose areas say a number, a number as a text, a time and a text; two say nothing."""
    said_there: tuple[Any, ...] = (5, "7", "2026-03-02T09:00:00Z", "dark")
    events = [every(number, value, str(20 + number)) for number, value in enumerate(said_there)]
    told = [Told(event, FARM, (), "named") for event in (*events, plain(8), plain(9))]
    names = (ROOM, HALL, "urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:disp:active", f"{GTIN}2/10/L1")
    site = (Attribute(SITE, "a"), Attribute("site", "b"))
    return World(told, [Description(FARM, VTYPE, one, site, (), (), "named", 1_000) for one in names], 2)


def asked(name: str, events: list[AnyEvent]) -> Iterator[tuple[str, Query]]:
    """The parameter in a URL with every text that stands in the events, where it takes it."""
    texts = [str(one.value.number) if one.value.text is None else one.value.text for one in said(events)]
    things = [uri for event in events for _, uri in postings(event)]
    for text in dict.fromkeys((*texts, *things, *TEXTS)):
        try:
            yield text, of_url([(name, text), ("perPage", "3")], NAMESPACES)
        except QueryRefused:
            continue


def test_by_every_parameter_events_are_told_apart_as_the_oracle_tells_them(sqlite_url: Any) -> None:
    world, place = everywhere(), sqlite_url()
    mirrored(place, world.ledger)
    picture, count = SqlPicture(place, TRACE_TABLES), len(world.events)
    try:
        for name in (*FIXED, *FAMILIES):
            numbers: dict[int, Query] = {}
            for _, query in asked(name, world.events):
                numbers.setdefault(len(world.answer(query, CUSTOMS)), query)
            assert set(numbers) - {0, count}, f"no value of {name} tells these events apart"
            for expected, query in numbers.items():
                assert require_same(picture, world, CUSTOMS, query) == expected, name
    finally:
        picture.close()


@pytest.mark.skipif(not SHAPES, reason="GS1's query-schema.json is not here: set SOGDIA_GS1_DATA to its folder")
def test_no_parameter_of_the_standard_is_missing_here() -> None:
    assert set(NAMED) - OPTIONS <= set(FIXED)
    for shape in SHAPES:
        pattern = re.compile(shape.replace("\\\\:", ":").replace("\\\\w", "\\w"))
        assert any(map(pattern.fullmatch, FAMILIES)), shape


@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data(), world=worlds())
def test_any_parameters_together_find_what_the_oracle_finds(url: str, data: st.DataObject, world: World) -> None:
    mirrored(url, world.ledger, anew=True)
    picture = SqlPicture(url, TRACE_TABLES)
    own = sorted({name for event in world.events for name in event.extensions} | {"ex:where", "cbvmda:x"})
    try:
        for _ in range(30):
            parameters = []
            for name in data.draw(st.lists(st.sampled_from((*FIXED, *FAMILIES)), min_size=1, max_size=2, unique=True)):
                name = name.replace("ex:z", data.draw(st.sampled_from(own))).replace("ex:y", "ex:in")
                values = [text for text, _ in asked(name, world.events)]
                parameters += [(name, data.draw(st.sampled_from(values)))] if values else []
            query = of_url(parameters, NAMESPACES)
            require_same(picture, world, CUSTOMS, query)
            if not any("|" in text for _, text in parameters):
                assert of_object({"@context": NAMESPACES, **dict(parameters)}) == query
    finally:
        picture.close()
