"""Every rule of GS1's JSON Schema on every field: whole events bent at one place, judged by us and by the schema."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from sogdia.standards.epcis.documents import read_document
from sogdia.standards.epcis.model import EVENT_TYPES
from tests.standards.epcis.gs1_files import gs1_schema, gs1_verdict, needs_gs1_files
from tests.standards.epcis.whole_events import CONTEXT, WHOLE, whole

pytestmark = needs_gs1_files

WRONG: list[Any] = [
    *(None, True, 7, -0.5, "", "a", "a b:c", "urn:a:b\n", "urn:a:%zz", "http://[x", "//h/p", "urn:é:b", "urn:a:b"),
    *("shipping", "Shipping", "po", "Temperature", "urn:epcglobal:cbv:bizstep:shipping", "https://gs1.org/voc/Mass"),
    *("https://ns.gs1.org/cbv/BizStep-shipping", "ADD", "OBSERVE", "DELETE", "add", "KG", "kgm", "K", "ＫＧ"),
    *("2026-05-28", "2026-02-30T00:00:00Z", "2026-05-28T20:33:31", "2026-05-28T24:00:00Z", "２026-05-28T20:33:31Z"),
    *("+14:01", "-14:00", "+8:00", "+٠٨:00", "Z", "1.5", "true", "0f", "0g"),
    *([], {}, [None], ["urn:a:b"], ["urn:a:b", "urn:a:b"], [{"type": "po"}], {"id": "urn:a:b"}, {"set": []}),
]
"""Of these some are right at some places: the schema says which."""
NAMES = ("own", "ex:own", "ex:a b", "ex:é", "gs1:%zz", "@id", "id", "uom", "ilmd", "action", "parentID", "epcList")


@pytest.fixture(scope="module")
def verdict() -> Callable[[Any], bool]:
    return gs1_verdict()


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each field and entry of the standard; what others added is one place."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        if key not in ("@context", "type") or at:
            yield (*at, key)
            if ":" not in str(key) and key != "ilmd":
                yield from places(value[key], (*at, key))


def bent(kind: str, way: tuple[Any, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A whole event with what stands at one place left out, doubled, changed or joined by another name."""
    for number, instead in enumerate((..., "twice", *NAMES, *WRONG)):
        event = deepcopy(whole(kind))
        holder: Any = event
        for key in way[:-1]:
            holder = holder[key]
        if instead is ...:
            del holder[way[-1]]
        elif number == 1:
            if not isinstance(holder, list):
                continue
            holder.append(holder[way[-1]])
        elif number < 2 + len(NAMES):
            if not isinstance(holder, dict) or (way[:1] in (("readPoint",), ("bizLocation",)) and len(way) > 1):
                continue
            holder[instead] = 1
        else:
            holder[way[-1]] = deepcopy(instead)
        yield f"{way} {instead!r}", event


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_whole_events_are_right_and_have_every_field_of_the_schema(kind: str, verdict: Callable[[Any], bool]) -> None:
    assert verdict(whole(kind))
    assert read_document(json.dumps(whole(kind)).encode()).is_right
    (names,) = [
        one["propertyNames"]["anyOf"][1]["enum"]
        for one in gs1_schema()["definitions"][kind]["allOf"]
        if "propertyNames" in one
    ]
    assert set(names) <= set(whole(kind))


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_at_every_place_we_take_and_refuse_what_the_schema_does(kind: str, verdict: Callable[[Any], bool]) -> None:
    for way in places(whole(kind)):
        refused = 0
        for said, event in bent(kind, way):
            text = json.dumps(event, ensure_ascii=False).encode()
            reading, expected = read_document(text), verdict(event)
            assert reading.is_right == expected, (said, [fault.sentence for fault in reading.faults])
            refused += not expected
        assert refused or ":" in str(way[-1]) or "ilmd" in way, f"nothing is wrong at {way}, so nothing was shown"


@pytest.mark.parametrize(
    ("kind", "left_out", "is_right"),
    [
        ("ObjectEvent", ("epcList",), True),
        ("ObjectEvent", ("epcList", "quantityList"), True),
        ("ObjectEvent", ("epcList", "quantityList", "readPoint"), False),
        ("ObjectEvent", ("epcList", "quantityList", "sensorElementList"), False),
        ("AggregationEvent", ("childEPCs",), True),
        ("AggregationEvent", ("parentID",), True),
        ("AggregationEvent", ("childEPCs", "childQuantityList"), False),
        ("AssociationEvent", ("parentID",), False),
        ("AssociationEvent", ("childEPCs", "childQuantityList"), False),
        ("TransactionEvent", ("epcList",), True),
        ("TransactionEvent", ("bizTransactionList",), False),
        ("TransactionEvent", ("epcList", "quantityList"), False),
        ("TransformationEvent", ("inputEPCList", "inputQuantityList"), True),
        ("TransformationEvent", ("inputEPCList", "inputQuantityList", "transformationID"), False),
        ("TransformationEvent", ("outputEPCList", "outputQuantityList", "transformationID"), False),
        ("TransformationEvent", ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"), False),
    ],
)
def test_what_may_be_left_out_together(
    kind: str, left_out: tuple[str, ...], is_right: bool, verdict: Callable[[Any], bool]
) -> None:
    event = whole(kind, **dict.fromkeys(left_out, ...))
    assert verdict(event) is is_right
    assert read_document(json.dumps(event).encode()).is_right is is_right


@pytest.mark.parametrize("kind", EVENT_TYPES)
@pytest.mark.parametrize("action", ["ADD", "OBSERVE", "DELETE"])
@pytest.mark.parametrize("other", EVENT_TYPES)
def test_fields_of_one_kind_under_the_name_of_another(
    kind: str, other: str, action: str, verdict: Callable[[Any], bool]
) -> None:
    for left_out in ((), ("ilmd",), ("childEPCs", "childQuantityList"), ("epcList", "quantityList")):
        event = {**whole(kind, **dict.fromkeys(left_out, ...)), "type": other, "action": action}
        assert read_document(json.dumps(event).encode()).is_right == verdict(event), (kind, other, left_out)


def test_all_events_together_are_a_document(verdict: Callable[[Any], bool]) -> None:
    events = [{name: value for name, value in whole(kind).items() if name != "@context"} for kind in WHOLE]
    document = {
        "@context": [CONTEXT, {"ex": "https://ns.example.com/epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-05-28T20:33:31Z",
        "epcisBody": {"eventList": events},
    }
    assert verdict(document)
    assert len(read_document(json.dumps(document).encode()).events) == len(events)
