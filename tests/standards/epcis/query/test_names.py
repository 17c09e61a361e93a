"""Names of extensions and attributes are the same whoever writes them, and a prefix never means two things."""

import pytest

from sogdia.standards.epcis.query.names import (
    asked_name,
    attribute_name,
    context_of,
    element_name,
    extensions_of,
    written_out,
)
from sogdia.standards.epcis.query.refusals import QueryRefused


@pytest.mark.parametrize(
    "namespace", ["https://ns.example.com/epcis", "https://ns.example.com/epcis/", "urn:x:y#", "urn:x:y:"]
)
def test_a_name_in_an_event_is_the_name_in_a_query(namespace: str) -> None:
    context = {"ex": namespace}
    by_event = written_out("ex:shade", context)
    assert by_event == asked_name("", "ex:shade", context)
    assert by_event == asked_name("", f"{namespace}#shade", {})
    assert by_event == asked_name("", f"{namespace.rstrip('#')}#shade", {})


def test_a_name_without_namespace_has_an_empty_one() -> None:
    assert written_out("shade", {}) == asked_name("", "#shade", {}) == "{}shade"


def test_a_whole_uri_is_divided_at_its_last_sign() -> None:
    assert written_out("https://ns.example.com/epcis/shade", {}) == "{https://ns.example.com/epcis}shade"
    assert asked_name("", "https://ns.example.com/epcis/shade", {}) == "{https://ns.example.com/epcis}shade"
    assert asked_name("", "urn:x:y:shade", {}) == "{urn:x:y}shade"


def test_the_standards_own_prefixes_need_no_context() -> None:
    assert asked_name("", "cbvmda:lotNumber", {}) == asked_name("", "urn:epcglobal:cbv:mda#lotNumber", {})


def test_a_header_names_the_namespaces() -> None:
    assert extensions_of("a=urn:x:,\n b=https://ns.example.com/?q=1") == {
        "a": "urn:x:",
        "b": "https://ns.example.com/?q=1",
    }
    assert extensions_of("") == {}


@pytest.mark.parametrize("header", ["a", "a=", "a=nothing", "1=urn:x:", "a=urn:x:,a=urn:y:", "gs1=urn:x:"])
def test_a_header_that_names_none_is_refused(header: str) -> None:
    with pytest.raises(QueryRefused) as told:
        extensions_of(header)
    assert told.value.parameter == "GS1-Extensions"


def test_a_context_is_a_url_an_object_or_a_list() -> None:
    url = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
    assert context_of(url) == {}
    assert context_of([url, {"a": "urn:x:"}, {"b": "urn:y:", "gs1": "https://gs1.org/voc/"}])["b"] == "urn:y:"


def test_an_attribute_has_one_name_in_all_spellings_of_cbv() -> None:
    spellings = ("cbvmda:site", "urn:epcglobal:cbv:mda:site", "urn:epcglobal:cbv:mda#site")
    assert {attribute_name(one) for one in spellings} == {"urn:epcglobal:cbv:mda#site"}
    assert attribute_name("https://ns.example.com/site") == "https://ns.example.com/site"


def test_an_element_of_master_data_has_the_name_of_what_it_describes() -> None:
    assert element_name("urn:epc:id:sgln:9506000.13860.0") == "https://id.gs1.org/414/9506000138602"
    assert element_name("urn:epcglobal:cbv:bizstep:shipping") == "shipping"
    assert element_name("urn:epcglobal:cbv:disp:recalled") == "recalled"
