"""What each kind of condition finds, worked out by hand; so the oracle can be trusted where it judges others."""

from decimal import Decimal
from typing import Any

import pytest

from sogdia.standards.epcis import model
from sogdia.standards.epcis.model import AnyEvent, Vocabulary, VocabularyAttribute, VocabularyElement
from sogdia.standards.epcis.query.refusals import QueryRefused
from tests.standards.epcis.query.asked import BAKERY, GTIN, OVEN, body, finds, measured, reading, seen, url

LOT = f"{GTIN}/10/L1"
TIMES = {"event_time": "2026-05-28T20:33:31Z", "event_time_zone_offset": "+00:00"}


def found(events: dict[str, dict[str, Any]], **asked: str) -> str:
    """The names of those observations that a URL finds, in one word each."""
    return " ".join(finds(url(**asked), [seen(name, **said) for name, said in events.items()]))


def test_without_parameters_everything_is_found() -> None:
    assert found({"a": {}, "b": {}}) == "a b"


def test_an_event_type_is_one_of_those_asked_for() -> None:
    taken = model.TransactionEvent(action="ADD", event_id="urn:x:t", **TIMES)
    made = model.TransformationEvent(event_id="urn:x:m", **TIMES)
    events: list[AnyEvent] = [seen("o"), taken, made]
    assert finds(url(eventType="TransformationEvent|ObjectEvent"), events) == ["o", "m"]
    assert finds(url(EQ_action="ADD|OBSERVE"), events) == ["o", "t"]


def test_a_time_is_an_instant_whatever_its_zone_and_its_end_is_open() -> None:
    events = {
        "before": {"event_time": "2026-05-28T20:59:59.999+08:00"},
        "at": {"event_time": "2026-05-28T21:00:00+08:00"},
        "end": {"event_time": "2026-05-28T14:00:00Z"},
    }
    assert found(events, GE_eventTime="2026-05-28T13:00:00Z", LT_eventTime="2026-05-28T14:00:00Z") == "at"


def test_an_event_without_the_field_is_not_found_by_it() -> None:
    events: dict[str, dict[str, Any]] = {"has": {"record_time": "2026-05-28T20:33:31Z"}, "has_not": {}}
    assert found(events, GE_recordTime="1990-01-01T00:00:00Z") == "has"
    assert found(events, LT_recordTime="2090-01-01T00:00:00Z") == "has"


def test_words_are_the_same_in_every_spelling() -> None:
    events = {
        "bare": {"biz_step": "shipping"},
        "urn": {"biz_step": "urn:epcglobal:cbv:bizstep:shipping"},
        "own": {"biz_step": "ex:baking"},
        "other": {"biz_step": "receiving"},
    }
    assert found(events, EQ_bizStep="https://ref.gs1.org/cbv/BizStep-shipping") == "bare urn"
    assert found(events, EQ_bizStep="https://ns.example.com/epcis/baking|receiving") == "own other"


def test_parameters_hold_together_and_values_instead_of_each_other() -> None:
    events = {
        "both": {"biz_step": "shipping", "disposition": "in_transit"},
        "one": {"biz_step": "shipping", "disposition": "damaged"},
        "none": {"biz_step": "packing", "disposition": "in_transit"},
    }
    assert found(events, EQ_bizStep="shipping|packing", EQ_disposition="in_transit") == "both none"
    assert found(events, EQ_bizStep="shipping", EQ_disposition="in_transit") == "both"


def test_a_persistent_disposition_is_set_or_unset() -> None:
    events = {
        "set": {"persistent_disposition": model.PersistentDisposition(set=("recalled", "damaged"))},
        "unset": {"persistent_disposition": model.PersistentDisposition(unset=("recalled",))},
    }
    assert found(events, EQ_persistentDisposition_set="recalled") == "set"
    assert found(events, EQ_persistentDisposition_unset="recalled") == "unset"


def test_a_place_is_the_same_in_every_form() -> None:
    events = {
        "urn": {"read_point": model.Place(id="urn:epc:id:sgln:9506000.13860.oven")},
        "link": {"read_point": model.Place(id="https://shop.example.com/414/9506000138602/254/oven")},
        "house": {"read_point": model.Place(id=BAKERY)},
    }
    assert found(events, EQ_readPoint=OVEN) == "urn link"
    assert found(events, EQ_bizLocation=OVEN) == ""


def test_below_a_place_are_its_children_by_master_data_at_any_depth() -> None:
    element = VocabularyElement
    master = [
        Vocabulary("urn:x:places", (element("urn:x:town", children=("urn:epc:id:sgln:9506000.13860.0",)),)),
        Vocabulary("urn:x:places", (element(BAKERY, children=(OVEN,)), element(OVEN, children=("urn:x:town",)))),
    ]
    events = [
        seen(name, biz_location=model.Place(id=uri)) for name, uri in {"o": OVEN, "h": BAKERY, "x": "urn:x:y"}.items()
    ]
    assert finds(url(WD_bizLocation="urn:x:town"), events, master) == ["o", "h"]
    assert finds(url(WD_bizLocation=BAKERY), events, master[:1]) == ["h"]
    assert finds(url(EQ_bizLocation="urn:x:town"), events, master) == []


def test_a_document_is_found_under_its_type_among_several() -> None:
    order, invoice = (model.BizTransaction(type=kind, biz_transaction=f"urn:x:{kind}:1") for kind in ("po", "inv"))
    events = {"both": {"biz_transaction_list": (order, invoice)}, "po": {"biz_transaction_list": (order,)}}
    assert found(events, EQ_bizTransaction_inv="urn:x:inv:1") == "both"
    assert found(events, EQ_bizTransaction_po="urn:x:inv:1") == ""
    assert found(events, EQ_bizTransaction_po="urn:x:nothing|urn:x:po:1") == "both po"


def test_source_and_destination_are_found_under_their_types() -> None:
    events = {
        "from": {"source_list": (model.Source(type="owning_party", source="urn:x:1"),)},
        "to": {"destination_list": (model.Destination(type="urn:epcglobal:cbv:sdt:location", destination="urn:x:1"),)},
    }
    assert found(events, EQ_source_owning_party="urn:x:1") == "from"
    assert found(events, EQ_destination_location="urn:x:1") == "to"
    assert found(events, EQ_source_location="urn:x:1") == ""


def test_things_are_found_in_the_roles_of_the_parameter() -> None:
    thing, box = f"{GTIN}/21/1", "urn:x:box"
    quantity = (model.QuantityElement(epc_class=LOT),)
    events: list[AnyEvent] = [
        seen("seen", epc_list=(thing,)),
        model.AggregationEvent(action="ADD", parent_id=box, child_epcs=(thing,), event_id="urn:x:packed", **TIMES),
        model.TransformationEvent(
            input_epc_list=(thing,), output_quantity_list=quantity, event_id="urn:x:made", **TIMES
        ),
        seen("lot", quantity_list=quantity),
    ]
    assert finds(url(MATCH_epc="urn:epc:id:sgtin:9506000.013435.1"), events) == ["seen", "packed"]
    assert finds(url(MATCH_anyEPC=thing), events) == ["seen", "packed", "made"]
    assert finds(url(MATCH_anyEPC=box), events) == finds(url(MATCH_parentID=box), events) == ["packed"]
    assert finds(url(MATCH_inputEPC=thing), events) == ["made"]
    assert finds(url(MATCH_outputEPC=thing), events) == []
    assert finds(url(MATCH_epcClass=LOT), events) == ["lot"]
    assert finds(url(MATCH_anyEPCClass=LOT), events) == ["made", "lot"]
    assert finds(url(MATCH_outputEPCClass=LOT), events) == ["made"]
    assert finds(url(MATCH_epc="urn:epc:idpat:sgtin:9506000.*.*"), events) == ["seen", "packed"]
    assert finds(url(MATCH_anyEPCClass=f"{GTIN}/10/*"), events) == ["made", "lot"]
    assert finds(url(MATCH_anyEPCClass="urn:epc:idpat:sgtin:9506000.013435.*"), events) == []


def test_a_quantity_is_compared_as_written_or_in_a_unit() -> None:
    def of(number: str, uom: str | None) -> dict[str, Any]:
        return {"quantity_list": (model.QuantityElement(epc_class=LOT, quantity=Decimal(number), uom=uom),)}

    events = {"kilo": of("2", "KGM"), "gram": of("2000", "GRM"), "piece": of("2", None)}
    assert found(events, EQ_quantity="2.0") == "kilo piece"
    assert found(events, GT_quantity="2") == "gram"
    assert found(events, EQ_quantity_KGM="2") == "kilo gram"
    assert found(events, GE_quantity_GRM="2000.001") == ""
    assert found(events, LE_quantity_LTR="5000") == ""


def test_the_reading_of_a_sensor_is_compared_across_scales() -> None:
    events = {
        "cold": {"sensor_element_list": (measured("-2", "CEL"),)},
        "warm": {"sensor_element_list": (measured("-2", "CEL"), measured("50", "FAH"))},
        "bare": {"sensor_element_list": (reading(type="Temperature", value=Decimal(300)),)},
    }
    assert found(events, GT_value_CEL="9.9") == "warm"
    assert found(events, EQ_value_CEL="10") == "warm"
    assert found(events, LT_value_KEL="273") == "cold warm"
    assert found(events, GE_value_P1="0") == ""


def test_sensor_fields_are_found_in_metadata_and_in_reports() -> None:
    meta = model.SensorMetadata(device_id="urn:x:d", start_time="2026-05-28T00:00:00Z", time="2026-05-28T00:00:00Z")
    report = model.SensorReport(
        type="Temperature", device_id="urn:x:e", hex_binary_value="f0", boolean_value=False, string_value="a",
        uri_value="urn:x:u", chemical_substance="urn:x:c", microorganism="urn:x:m", biz_rules="urn:x:b",
        perc_rank=Decimal(50), time="2026-05-29T00:00:00Z",
    )  # fmt: skip
    both = {"sensor_element_list": (model.SensorElement(sensor_metadata=meta, sensor_report=(report,)),)}
    events: dict[str, dict[str, Any]] = {"both": both, "none": {}}
    for asked in (
        {"EQ_deviceID": "urn:x:d"},
        {"EQ_deviceID": "urn:x:e"},
        {"GE_time": "2026-05-29T00:00:00Z"},
        {"LT_time": "2026-05-29T00:00:00Z"},
        {"GE_startTime": "2026-05-28T00:00:00Z"},
        {"EQ_hexBinaryValue": "F0"},
        {"EQ_booleanValue": "false"},
        {"EQ_stringValue": "b|a"},
        {"EQ_uriValue": "urn:x:u"},
        {"EQ_chemicalSubstance": "urn:x:c"},
        {"EQ_microorganism": "urn:x:m"},
        {"EQ_bizRules": "urn:x:b"},
        {"GE_percRank": "50"},
        {"EQ_type": "https://gs1.org/voc/Temperature"},
        {"EXISTS_sensorElementList": ""},
    ):
        assert found(events, **asked) == "both", asked
    for asked in ({"EQ_booleanValue": "true"}, {"GE_endTime": "1990-01-01T00:00:00Z"}, {"LT_percRank": "50"}):
        assert found(events, **asked) == "", asked


def test_a_declaration_of_error_is_found_by_itself_and_by_its_parts() -> None:
    declared = model.ErrorDeclaration(
        declaration_time="2026-05-29T00:00:00Z", reason="incorrect_data", corrective_event_ids=("urn:x:c1", "urn:x:c2"),
        extensions={"ex:who": "Mei"},
    )  # fmt: skip
    events: dict[str, dict[str, Any]] = {"wrong": {"error_declaration": declared}, "right": {}}
    assert found(events, EXISTS_errorDeclaration="true") == "wrong"
    assert found(events, EXISTS_errorDeclaration="false") == "wrong right"
    assert found(events, GE_errorDeclarationTime="2026-05-29T00:00:00Z") == "wrong"
    assert found(events, LT_errorDeclaration_Time="2026-05-29T00:00:00Z") == ""
    assert found(events, EQ_errorReason="urn:epcglobal:cbv:er:incorrect_data") == "wrong"
    assert found(events, EQ_correctiveEventID="urn:x:c2") == "wrong"
    assert found(events, EQ_eventID="urn:x:right") == "right"
    assert found(events, **{"EQ_ERROR_DECLARATION_ex:who": "Mei"}) == "wrong"
    assert found(events, **{"EQ_ex:who": "Mei"}) == ""


# --- extensions ------------------------------------------------------------------------------------------------------


def test_an_extension_is_found_by_its_namespace_whatever_its_prefix() -> None:
    events = {
        "ex": {"extensions": {"ex:shade": "dark"}},
        "other": {"extensions": {"o:shade": "dark"}, "context": {"o": "https://ns.example.com/epcis#"}},
        "foreign": {"extensions": {"ex:shade": "dark"}, "context": {"ex": "https://elsewhere.example.com/"}},
    }
    assert found(events, **{"EQ_ex:shade": "dark"}) == "ex other"
    assert found(events, **{"EXISTS_https://elsewhere.example.com#shade": ""}) == "foreign"


def test_a_text_is_compared_with_a_text_character_by_character() -> None:
    events = {
        name: {"extensions": {"ex:lot": value}} for name, value in {"text": "7", "number": 7, "zeros": "007"}.items()
    }
    assert found(events, **{"EQ_ex:lot": "7"}) == "text number"
    assert found(events, **{"EQ_ex:lot": "007"}) == "zeros"
    assert found(events, **{"EQ_ex:lot": "7.0"}) == "number"
    assert found(events, **{"GE_ex:lot": "6.5"}) == "text number"
    assert finds(body(**{"EQ_ex:lot": 7}), [seen(name, **said) for name, said in events.items()]) == ["text", "number"]


def test_times_and_truth_values_of_extensions_are_compared_as_what_they_are() -> None:
    events = {
        "noon": {"extensions": {"ex:at": "2026-05-28T20:00:00+08:00", "ex:ok": True}},
        "later": {"extensions": {"ex:at": "2026-05-28T12:00:01Z", "ex:ok": False}},
    }
    assert found(events, **{"EQ_ex:at": "2026-05-28T12:00:00Z"}) == "noon"
    assert found(events, **{"GT_ex:at": "2026-05-28T12:00:00Z"}) == "later"
    assert found(events, **{"EQ_ex:ok": "true"}) == "noon"


def test_inner_is_anywhere_below_the_top_and_only_there() -> None:
    events = {
        "top": {"extensions": {"ex:shade": "dark"}},
        "deep": {"extensions": {"ex:look": [{"ex:more": {"ex:shade": ["light", "dark"]}}]}},
        "bare": {"extensions": {"ex:look": {"shade": "dark"}}},
    }
    assert found(events, **{"EQ_ex:shade": "dark"}) == "top"
    assert found(events, **{"EQ_INNER_ex:shade": "dark"}) == "deep"
    assert found(events, **{"EXISTS_INNER_ex:more": ""}) == "deep"
    assert found(events, **{"EQ_INNER_#shade": "dark"}) == "bare"


def test_an_element_with_attributes_has_its_text_as_value() -> None:
    events = {
        "xml": {"extensions": {"ex:size": {"@ex:unit": "cm", "#text": "12"}}},
        "json": {"extensions": {"ex:size": {"@type": "xsd:int", "@value": 12}}},
        "empty": {"extensions": {"ex:size": {"@ex:unit": "cm"}}},
    }
    assert found(events, **{"GE_ex:size": "12"}) == "xml json"
    assert found(events, **{"EXISTS_ex:size": ""}) == "xml json empty"


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ("ILMD_", {"ilmd": {"ex:shade": "dark"}, "action": "ADD"}),
        ("readPoint_", {"read_point": model.Place(id="urn:x:1", extensions={"ex:shade": "dark"})}),
        ("bizLocation_", {"biz_location": model.Place(id="urn:x:1", extensions={"ex:shade": "dark"})}),
        ("SENSORREPORT_", {"sensor_element_list": (reading(type="Speed", extensions={"ex:shade": "dark"}),)}),
        (
            "SENSORELEMENT_",
            {"sensor_element_list": (model.SensorElement(sensor_report=(), extensions={"ex:shade": "dark"}),)},
        ),
        (
            "SENSORMETADATA_",
            {
                "sensor_element_list": (
                    model.SensorElement(
                        sensor_report=(), sensor_metadata=model.SensorMetadata(extensions={"ex:shade": "dark"})
                    ),
                )
            },
        ),
    ],
)
def test_an_extension_is_found_in_its_own_area_only(area: str, said: dict[str, Any]) -> None:
    events = [seen("there", **said)]
    for asked in ("", "ILMD_", "readPoint_", "bizLocation_", "SENSORELEMENT_", "SENSORMETADATA_", "SENSORREPORT_"):
        wanted = ["there"] if asked == area else []
        assert finds(url((f"EQ_{asked}ex:shade", "dark")), events) == wanted
        assert finds(url((f"EXISTS_{asked}ex:shade", "")), events) == wanted
        assert finds(url((f"EQ_INNER_{asked}ex:shade", "dark")), events) == []


# --- master data -----------------------------------------------------------------------------------------------------


def test_attributes_of_master_data_find_the_events_at_what_they_describe() -> None:
    def described(uri: str, **attributes: Any) -> VocabularyElement:
        return VocabularyElement(
            uri, tuple(VocabularyAttribute(f"cbvmda:{name}", text) for name, text in attributes.items())
        )

    master = [
        Vocabulary("urn:x:places", (described("urn:epc:id:sgln:9506000.13860.0", city="Xi'an", site="1"),)),
        Vocabulary("urn:x:classes", (described(LOT, colour="red"),)),
    ]
    events: list[AnyEvent] = [
        seen("home", biz_location=model.Place(id=BAKERY)),
        seen("oven", biz_location=model.Place(id=OVEN)),
        seen("lot", quantity_list=(model.QuantityElement(epc_class=LOT),)),
        seen("own", extensions={"ex:place": BAKERY}),
    ]
    assert finds(url(HASATTR_bizLocation="cbvmda:country|cbvmda:city"), events, master) == ["home"]
    assert finds(url(("EQATTR_bizLocation_urn:epcglobal:cbv:mda#city", "Xi'an")), events, master) == ["home"]
    assert finds(url(("EQATTR_bizLocation_cbvmda:city", "Aksu")), events, master) == []
    assert finds(url(("EQATTR_epcClass_cbvmda:colour", "blue|red")), events, master) == ["lot"]
    assert finds(url(("HASATTR_ex:place", "cbvmda:site")), events, master) == ["own"]
    assert finds(url(HASATTR_bizLocation="cbvmda:city"), events) == []


# --- order and limits ------------------------------------------------------------------------------------------------


def test_results_come_in_the_order_asked_for_and_those_without_it_last() -> None:
    events = {
        "none": {},
        "late": {"extensions": {"ex:n": 10}},
        "early": {"extensions": {"ex:n": [9, 11]}},
        "text": {"extensions": {"ex:n": "ten"}},
    }
    assert found(events, orderBy="ex:n", orderDirection="ASC") == "early late text none"
    assert found(events, orderBy="ex:n") == "text early late none"
    assert found(events, orderBy="ex:n", eventCountLimit="2") == "text early"


def test_equal_events_stay_in_the_order_of_the_record() -> None:
    events: dict[str, dict[str, Any]] = {"a": {}, "b": {}, "c": {"event_time": "2026-01-01T00:00:00Z"}}
    assert found(events, orderBy="eventTime") == "a b c"
    assert found(events, orderBy="eventTime", orderDirection="ASC") == "c a b"


def test_more_events_than_the_maximum_are_too_many() -> None:
    events: dict[str, dict[str, Any]] = {"a": {}, "b": {}}
    assert found(events, maxEventCount="2") == "a b"
    with pytest.raises(QueryRefused) as told:
        found(events, maxEventCount="1")
    assert told.value.exception == "QueryTooLargeException"
