"""Each parameter is read into what it asks; what nobody can ask is refused with parameter, value and remedy."""

from decimal import Decimal
from typing import Any

import pytest

from sogdia.standards.epcis.query.conditions import (
    Attribute,
    Compare,
    Exists,
    Match,
    Order,
    Pattern,
    Query,
    Value,
    Within,
    fingerprint,
)
from sogdia.standards.epcis.query.parameters import PARAMETERS_LIMIT, of_object, of_url
from sogdia.standards.epcis.query.refusals import QueryRefused
from tests.standards.epcis.query.asked import BAKERY, NS, body, condition, url

GIAI = "https://id.gs1.org/8004/"
START = "1970-01-01T00:00:00Z"
SHADE = "{https://ns.example.com/epcis}shade"


def texts(*words: str) -> tuple[Value, ...]:
    return tuple(map(Value, words))


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("eventType", "ObjectEvent|urn:x:E", Compare("eventType", "EQ", texts("ObjectEvent", "urn:x:E"))),
        ("eventType", "https://ref.gs1.org/epcis/ObjectEvent", Compare("eventType", "EQ", texts("ObjectEvent"))),
        ("GE_eventTime", "1970-01-01T01:00:00+01:00", Compare("eventTime", "GE", (Value(time_us=0),))),
        ("LT_recordTime", "1970-01-01T00:00:01.5Z", Compare("recordTime", "LT", (Value(time_us=1_500_000),))),
        ("GE_errorDeclaration_Time", START, Compare("errorDeclarationTime", "GE", (Value(time_us=0),))),
        ("LT_errorDeclarationTime", START, Compare("errorDeclarationTime", "LT", (Value(time_us=0),))),
        ("LT_endTime", "1970-01-01T00:00:00Z", Compare("endTime", "LT", (Value(time_us=0),))),
        ("EQ_action", "ADD|DELETE", Compare("action", "EQ", texts("ADD", "DELETE"))),
        ("EQ_bizStep", "shipping", Compare("bizStep", "EQ", texts("shipping"))),
        ("EQ_bizStep", "urn:epcglobal:cbv:bizstep:shipping", Compare("bizStep", "EQ", texts("shipping"))),
        ("EQ_bizStep", "https://ref.gs1.org/cbv/BizStep-shipping", Compare("bizStep", "EQ", texts("shipping"))),
        ("EQ_bizStep", "ex:baking", Compare("bizStep", "EQ", texts(f"{NS}baking"))),
        ("EQ_disposition", "in_transit", Compare("disposition", "EQ", texts("in_transit"))),
        ("EQ_persistentDisposition_set", "recalled", Compare("persistentDisposition_set", "EQ", texts("recalled"))),
        ("EQ_persistentDisposition_unset", "recalled", Compare("persistentDisposition_unset", "EQ", texts("recalled"))),
        ("EQ_readPoint", "urn:epc:id:sgln:9506000.13860.0", Compare("readPoint", "EQ", texts(BAKERY))),
        ("WD_bizLocation", BAKERY, Within("bizLocation", (BAKERY,))),
        ("EQ_bizTransaction_po", "urn:x:po:1", Compare("bizTransaction_po", "EQ", texts("urn:x:po:1"))),
        ("EQ_bizTransaction_urn:epcglobal:cbv:btt:po", "urn:x:1", Compare("bizTransaction_po", "EQ", texts("urn:x:1"))),
        ("EQ_source_owning_party", "urn:x:1", Compare("source_owning_party", "EQ", texts("urn:x:1"))),
        ("EQ_destination_urn:x:kind", "urn:x:1", Compare("destination_urn:x:kind", "EQ", texts("urn:x:1"))),
        ("EQ_transformationID", "urn:x:1", Compare("transformationID", "EQ", texts("urn:x:1"))),
        ("MATCH_epc", "urn:x:1", Match(("epcList", "childEPCs"), (Pattern("urn:x:1", 7),))),
        ("MATCH_outputEPC", "urn:x:1|urn:a", Match(("outputEPCList",), (Pattern("urn:x:1", 7), Pattern("urn:a", 5)))),
        ("EQ_quantity", "5.0", Compare("quantity", "EQ", (Value(number=Decimal("5.0")),))),
        ("GE_quantity_GRM", "500", Compare("quantity", "GE", (Value(number=Decimal("0.5")),), "KGM")),
        ("LT_value_FAH", "32", Compare("value", "LT", (Value(number=Decimal("273.15")),), "KEL")),
        ("LE_sDev_CEL", "2", Compare("sDev", "LE", (Value(number=Decimal(2)),), "KEL")),
        ("GT_percValue_A93", "2", Compare("percValue", "GT", (Value(number=Decimal(2)),), "A93")),
        ("GT_percRank", "2", Compare("percRank", "GT", (Value(number=Decimal(2)),))),
        ("EQ_eventID", "urn:x:1", Compare("eventID", "EQ", texts("urn:x:1"))),
        ("EXISTS_errorDeclaration", "", Exists("errorDeclaration")),
        ("EXISTS_errorDeclaration", "true", Exists("errorDeclaration")),
        ("EXISTS_sensorElementList", "1", Exists("sensorElementList")),
        ("EQ_errorReason", "did_not_occur", Compare("errorReason", "EQ", texts("did_not_occur"))),
        ("EQ_correctiveEventID", "urn:x:1", Compare("correctiveEventID", "EQ", texts("urn:x:1"))),
        ("EQ_type", "gs1:Temperature", Compare("type", "EQ", texts("Temperature"))),
        ("EQ_deviceID", "urn:epc:id:giai:4000001.11", Compare("deviceID", "EQ", texts(f"{GIAI}400000111"))),
        ("EQ_stringValue", "a b", Compare("stringValue", "EQ", texts("a b"))),
        ("EQ_booleanValue", "true", Compare("booleanValue", "EQ", texts("true"))),
        ("EQ_hexBinaryValue", "f0", Compare("hexBinaryValue", "EQ", texts("F0"))),
        ("EQ_ex:shade", "dark", Compare(SHADE, "EQ", texts("dark"))),
        (f"EQ_{NS}#shade", "dark", Compare(SHADE, "EQ", texts("dark"))),
        ("EQ_ILMD_cbvmda:lotNumber", "007", Compare("ILMD_{urn:epcglobal:cbv:mda}lotNumber", "EQ", texts("007"))),
        ("GE_INNER_ILMD_ex:shade", "5", Compare(f"INNER_ILMD_{SHADE}", "GE", (Value(number=Decimal(5)),))),
        ("LT_SENSORREPORT_ex:shade", START, Compare(f"SENSORREPORT_{SHADE}", "LT", (Value(time_us=0),))),
        ("EQ_INNER_#shade", "5", Compare("INNER_{}shade", "EQ", (Value("5", Decimal(5)),))),
        ("EXISTS_readPoint_ex:shade", "", Exists(f"readPoint_{SHADE}")),
        ("EXISTS_INNER_ERROR_DECLARATION_ex:shade", "", Exists(f"INNER_ERROR_DECLARATION_{SHADE}")),
        ("HASATTR_bizLocation", "cbvmda:site", Attribute("bizLocation", ("urn:epcglobal:cbv:mda#site",))),
        ("HASATTR_ex:my_shade", "urn:x:a", Attribute("{https://ns.example.com/epcis}my_shade", ("urn:x:a",))),
        ("EQATTR_readPoint_cbvmda:city", "Xi'an", Attribute("readPoint", ("urn:epcglobal:cbv:mda#city",), ("Xi'an",))),
        ("EQ_ATTR_epcClass_urn:x:a", "1|2", Attribute("epcClass", ("urn:x:a",), ("1", "2"))),
        ("EQATTR_ex:my_shade_urn:x:a", "1", Attribute("{https://ns.example.com/epcis}my_shade", ("urn:x:a",), ("1",))),
    ],
)  # fmt: skip
def test_a_parameter_is_read(name: str, given: str, wanted: object) -> None:
    assert condition(name, given) == wanted


@pytest.mark.parametrize(
    ("name", "given", "word"),
    [
        ("EQ_bizstep", "shipping", "not known"),
        ("EQ_colour", "red", "not known"),
        ("GT_eventTime", "1970-01-01T00:00:00Z", "not known"),
        ("EQ_value_celsius", "5", "not known"),
        ("eventType", "QuantityEvent", "no type of event"),
        ("GE_eventTime", "2026-05-28", "date, time and zone"),
        ("GE_eventTime", "2026-05-28T00:00:00 08:00", "%2B"),
        ("EQ_action", "add", "ADD"),
        ("EQ_bizStep", "shiping", "no word of CBV"),
        ("EQ_bizStep", "urn:epcglobal:cbv:bizstep:shiping", "no word of CBV"),
        ("EQ_bizStep", "shipping||receiving", "empty"),
        ("EQ_disposition", "", "empty"),
        ("EQ_type", "temperature", "no word of CBV"),
        ("EQ_bizTransaction_order", "urn:x:1", "no word of CBV"),
        ("EQ_source_owner", "urn:x:1", "no word of CBV"),
        ("EQ_readPoint", "gate 5", "no URI"),
        ("WD_readPoint", "gate", "no URI"),
        ("MATCH_epc", "12345", "no URI"),
        ("MATCH_epc", "urn:epc:idpat:sgtin:9506000.*.400", "open"),
        ("MATCH_epc", "urn:epc:idpat:sgtin:9506000.4*.*", "open"),
        ("EQ_quantity", "many", "no number"),
        ("GE_quantity", "NaN", "no number"),
        ("LT_value_CEL", "1" * 41, "no number"),
        ("EQ_hexBinaryValue", "F", "hexadecimal"),
        ("EQ_booleanValue", "yes", "true or false"),
        ("EXISTS_errorDeclaration", "yes", "leave the value away"),
        ("EQ_nope:shade", "dark", "GS1-Extensions"),
        ("EQ_ex:", "dark", "no field"),
        ("GE_ex:shade", "dark", "neither number nor time"),
        ("HASATTR_quantity", "urn:x:a", "do not describe"),
        ("EQATTR_ex:my_shade_size", "1", "told apart"),
        ("eventCountLimit", "0", "at least 1"),
        ("perPage", "ten", "at least 1"),
        ("orderDirection", "UP", "ASC"),
        ("orderBy", "bizStep", "cannot be ordered"),
    ],
)
def test_its_malformed_neighbour_is_refused(name: str, given: str, word: str) -> None:
    with pytest.raises(QueryRefused) as told:
        url((name, given))
    assert told.value.exception == "QueryParameterException"
    assert told.value.parameter == name
    assert word in told.value.sentence()


def test_a_bound_that_is_given_twice_is_refused() -> None:
    with pytest.raises(QueryRefused, match="2 values"):
        url(("GE_quantity", "1"), ("GE_quantity", "2"))
    with pytest.raises(QueryRefused, match="2 values"):
        url(GE_eventTime="1970-01-01T00:00:00Z|1970-01-01T00:00:01Z")


def test_a_list_may_stand_behind_one_name_or_behind_several() -> None:
    assert condition("EQ_action", "ADD|DELETE") == condition("EQ_action", "ADD", "DELETE")


def test_an_exists_that_is_false_asks_nothing() -> None:
    assert url(EXISTS_errorDeclaration="false") == Query()
    assert body(EXISTS_errorDeclaration=0) == Query()


def test_a_parameter_of_a_name_that_is_no_parameter_shows_no_control_characters() -> None:
    with pytest.raises(QueryRefused) as told:
        url(("EQ_\x1b[31m" + "x" * 200, "1"))
    assert told.value.sentence().isprintable()
    assert len(told.value.parameter) < 90


def test_a_name_without_end_is_refused_at_once() -> None:
    with pytest.raises(QueryRefused, match="characters"):
        url(("EQATTR_ex:a" + "_" * 1_000_000, "1"))


# --- order and limits ------------------------------------------------------------------------------------------------


def test_results_are_ordered_by_time_or_by_an_extension_descending_unless_said() -> None:
    assert url(orderBy="eventTime").order == Order("eventTime", True)
    assert url(orderBy="ex:shade", orderDirection="ASC").order == Order(SHADE, False)
    assert url(orderBy="INNER_ILMD_ex:shade").order == Order(f"INNER_ILMD_{SHADE}", True)
    assert url(orderDirection="ASC").order is None


def test_the_first_events_need_an_order_and_no_maximum() -> None:
    assert url(orderBy="eventTime", eventCountLimit="3").event_count_limit == 3
    with pytest.raises(QueryRefused, match="orderBy"):
        url(eventCountLimit="3")
    with pytest.raises(QueryRefused, match="one of the two"):
        url(orderBy="eventTime", eventCountLimit="3", maxEventCount="5")


def test_a_page_has_thirty_events_unless_said() -> None:
    assert url().per_page == 30
    assert url(perPage="7", nextPageToken="a|b") == Query(per_page=7, next_page_token="a|b")


def test_a_query_beyond_all_measure_is_too_complex() -> None:
    with pytest.raises(QueryRefused) as told:
        of_url([(f"EQ_x{number}:y", "1") for number in range(PARAMETERS_LIMIT + 1)])
    assert told.value.exception == "QueryTooComplexException"


# --- named queries ---------------------------------------------------------------------------------------------------


def test_a_json_object_asks_the_same_as_a_url() -> None:
    asked = body(eventType=["ObjectEvent"], EQ_bizStep=["shipping", "receiving"], GE_quantity=Decimal("2.5"))
    assert asked == url(eventType="ObjectEvent", EQ_bizStep="shipping|receiving", GE_quantity="2.5")
    assert fingerprint(asked) == fingerprint(
        url(GE_quantity="2.5", eventType="ObjectEvent", EQ_bizStep="shipping|receiving")
    )
    assert body(EXISTS_errorDeclaration=None) == url(EXISTS_errorDeclaration="")


def test_a_number_in_json_is_no_text() -> None:
    assert body(**{"EQ_ex:shade": 5}).conditions == (Compare(SHADE, "EQ", (Value(number=Decimal(5)),)),)
    assert body(**{"EQ_ex:shade": ["5"]}).conditions == (Compare(SHADE, "EQ", (Value("5", Decimal(5)),)),)


@pytest.mark.parametrize(
    "query",
    [
        [],
        "EQ_action",
        {"EQ_action": [1]},
        {"EQ_action": []},
        {"EQ_ex:shade": [{"a": 1}], "@context": {"ex": "urn:x:"}},
        {"GE_eventTime": 5},
        {"perPage": 5},
        {"eventCountLimit": True, "orderBy": "eventTime"},
        {"@context": 5},
        {"@context": {"ex": {"@type": "@id"}}},
        {"@context": {"gs1": "urn:x:"}},
        {"@context": [{"ex": "urn:x:"}, {"ex": "urn:y:"}]},
    ],
)
def test_json_that_asks_nothing_sensible_is_refused(query: Any) -> None:
    with pytest.raises(QueryRefused):
        of_object(query)


def test_two_queries_have_two_fingerprints_and_two_pages_of_one_query_have_one() -> None:
    one, other = url(EQ_action="ADD"), url(EQ_action="DELETE")
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(url(EQ_action="ADD", perPage="3", nextPageToken="x"))
    assert fingerprint(one) != fingerprint(url(EQ_action="ADD", orderBy="eventTime"))
