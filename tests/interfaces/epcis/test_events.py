"""Events are asked for: parameters, pages, orders, limits, forms of identifiers, media types and versions."""

from urllib.parse import quote

import pytest

from tests.interfaces.epcis.repository import PLACE, XML, Repository, document, event, exception, master_data, serial
from tests.interfaces.http.town import PLATFORM, SELLER
from tests.standards.epcis.gs1_files import needs_gs1_files
from tests.standards.epcis.xml_judges import xsd_faults

URN = "urn:epc:id:sgtin:9506000.013435.6789"
LINK = "https://id.gs1.org/01/09506000134352/21/6789"


@pytest.fixture(scope="module")
def items(repository: Repository) -> list[str]:
    """Seven items on record, each seen a day after the one before, of which four are shipped."""
    made = [serial() for _ in range(7)]
    events = [
        event(
            epcList=[one],
            eventTime=f"2026-06-0{day}T10:00:00Z",
            bizStep="shipping" if day > 3 else "receiving",
            action="OBSERVE",
            readPoint={"id": f"https://id.gs1.org/414/9506000138602/254/{day}"},
            **{"@context": {"ex": "https://ns.example.com/epcis/"}, "ex:rank": day * 10 % 7},
        )
        for day, one in enumerate(made, 1)
    ]
    repository.captured(*events)
    return made


def of(items: list[str]) -> str:
    return "MATCH_epc=" + quote("|".join(items))


def days(found: list[dict[str, object]]) -> list[int]:
    return [int(str(one["eventTime"])[9]) for one in found]


def test_values_of_a_parameter_are_alternatives_and_parameters_hold_together(
    repository: Repository, items: list[str]
) -> None:
    asked = f"/epcis/events?{of(items)}&EQ_bizStep=shipping|packing&LT_eventTime=2026-06-06T00:00:00Z"
    assert days(repository.found(asked)) == [4, 5]


def test_pages_lead_through_everything_once(repository: Repository, items: list[str]) -> None:
    path, seen = f"/epcis/events?{of(items)}&perPage=3", []
    while path:
        answer = repository.get(path)
        events = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        assert len(events) <= 3
        seen += days(events)
        path = answer.links["next"]["url"] if "next" in answer.links else ""
        assert ("gs1-next-page-token-expires" in answer.headers) == bool(path)
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "order, expected",
    [
        ("orderBy=eventTime&orderDirection=ASC", [1, 2, 3, 4, 5, 6, 7]),
        ("orderBy=eventTime&orderDirection=DESC", [7, 6, 5, 4, 3, 2, 1]),
        ("orderBy=eventTime", [7, 6, 5, 4, 3, 2, 1]),
        ("orderBy=ex:rank&orderDirection=ASC", [7, 5, 3, 1, 6, 4, 2]),
    ],
)
@pytest.mark.parametrize("per_page", [2, 30])
def test_an_order_holds_over_all_pages(
    repository: Repository, items: list[str], order: str, expected: list[int], per_page: int
) -> None:
    path, seen = f"/epcis/events?{of(items)}&{order}&perPage={per_page}", []
    while path:
        answer = repository.get(path, GS1_Extensions="ex=https://ns.example.com/epcis/")
        seen += days(answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == expected


def test_a_count_limit_ends_the_answer_over_all_pages(repository: Repository, items: list[str]) -> None:
    path = f"/epcis/events?{of(items)}&orderBy=eventTime&orderDirection=ASC&eventCountLimit=5&perPage=2"
    seen = []
    while path:
        answer = repository.get(path)
        seen += days(answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [1, 2, 3, 4, 5]


def test_a_query_that_finds_more_than_it_allows_is_refused(repository: Repository, items: list[str]) -> None:
    asked = f"/epcis/events?{of(items)}&maxEventCount="
    assert exception(repository.get(asked + "6")) == (413, "QueryTooLargeException")
    assert len(repository.found(asked + "7")) == 7


@pytest.mark.parametrize(
    "parameters, name",
    [
        ("EQ_bizstep=shipping", "QueryParameterException"),
        ("GE_eventTime=yesterday", "QueryParameterException"),
        ("orderBy=bizStep", "QueryParameterException"),
        ("eventCountLimit=5", "QueryParameterException"),
        ("perPage=0", "QueryParameterException"),
        ("nextPageToken=nonsense", "QueryParameterException"),
        ("&".join(f"EQ_bizTransaction_ex{n}=x" for n in range(400)), "QueryTooComplexException"),
    ],
)
def test_a_query_that_is_wrong_is_refused_by_name(repository: Repository, parameters: str, name: str) -> None:
    status = 413 if "TooComplex" in name else 400
    assert exception(repository.get(f"/epcis/events?{parameters}")) == (status, name)


def test_a_token_of_another_query_is_refused(repository: Repository, items: list[str]) -> None:
    link = repository.get(f"/epcis/events?{of(items)}&perPage=3").links["next"]["url"]
    token = link.rpartition("nextPageToken=")[2]
    other = repository.get(f"/epcis/events?EQ_action=OBSERVE&nextPageToken={token}")
    assert exception(other) == (400, "QueryParameterException")


def test_an_address_that_is_too_long_says_so(repository: Repository) -> None:
    answer = repository.get("/epcis/events?MATCH_epc=" + "x" * 17_000)
    assert exception(answer) == (414, "URITooLongException")


# --- forms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form, shown",
    [("Always_GS1_Digital_Link", LINK), ("Always_EPC_URN", URN), ("Never_Translates", URN), ("No_Preference", URN)],
)
def test_identifiers_come_in_the_form_that_is_asked_for(repository: Repository, form: str, shown: str) -> None:
    asked = event(epcList=[URN], eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0c01")
    _captured_once(repository, asked)
    for path in (f"/epcis/events?EQ_eventID={asked['eventID']}", f"/epcis/events?MATCH_epc={quote(LINK)}"):
        assert repository.found(path, GS1_EPC_Format=form)[0]["epcList"] == [shown]
    members = repository.get("/epcis/epcs?perPage=1000", GS1_EPC_Format=form).json()["member"]
    assert (URN if form == "Always_EPC_URN" else LINK) in members


def _captured_once(repository: Repository, asked: dict[str, object]) -> None:
    if repository.node.record("trace.event", PLATFORM.did, str(asked["eventID"]), "") is None:
        repository.captured(asked)


def test_without_a_wish_identifiers_are_digital_links(repository: Repository) -> None:
    asked = event(epcList=["urn:epc:id:sscc:9506000.1234567890"])
    repository.captured(asked)
    [found] = repository.found("/epcis/events?MATCH_epc=urn:epc:id:sscc:9506000.1234567890")
    assert found["epcList"][0].startswith("https://id.gs1.org/00/")


def test_an_identifier_whose_company_prefix_nobody_knows_stays_a_link_and_is_counted(repository: Repository) -> None:
    asked = event(epcList=["https://id.gs1.org/01/04012345123456/21/A1"], readPoint=None)
    repository.captured(asked)
    answer = repository.get(f"/epcis/events?MATCH_epc={quote(asked['epcList'][0])}", GS1_EPC_Format="Always_EPC_URN")
    [found] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert found["epcList"] == asked["epcList"]
    assert answer.headers["sogdia-untranslated"] == "1"


def test_a_form_that_does_not_exist_is_refused(repository: Repository) -> None:
    assert exception(repository.get("/epcis/events", GS1_EPC_Format="Always_EPC")) == (400, "ValidationException")


@needs_gs1_files
@pytest.mark.parametrize("most, version", [("2.0.0", "2.0"), ("1.2.0", "1.2")])
def test_xml_is_valid_in_the_version_that_is_asked_for(
    repository: Repository, items: list[str], most: str, version: str
) -> None:
    answer = repository.get(f"/epcis/events?{of(items)}", accept=XML, GS1_EPCIS_Max=most)
    assert answer.headers["content-type"] == XML
    assert answer.headers["gs1-epcis-version"].startswith(version)
    assert xsd_faults(answer.content, version) == []


@pytest.mark.parametrize(
    "words, shown",
    [
        ("Always_Web_URI", b"https://ref.gs1.org/cbv/BizStep-shipping"),
        ("Always_URN", b"urn:epcglobal:cbv:bizstep:shipping"),
        ("No_Preference", b"urn:epcglobal:cbv:bizstep:shipping"),
        ("Never_Translates", b"urn:epcglobal:cbv:bizstep:shipping"),
    ],
)
def test_words_of_cbv_in_xml_come_in_the_spelling_that_is_asked_for(
    repository: Repository, items: list[str], words: str, shown: bytes
) -> None:
    answer = repository.get(f"/epcis/events?{of(items)}&EQ_bizStep=shipping", accept=XML, GS1_CBV_XML_Format=words)
    assert shown in answer.content
    assert answer.headers["gs1-cbv-xml-format"] == words


def test_words_of_others_are_never_translated(repository: Repository) -> None:
    asked = event(bizStep="https://words.example.com/weighing", disposition=None)
    repository.captured(asked)
    for words in ("Always_Web_URI", "Always_URN", "Never_Translates"):
        answer = repository.get(f"/epcis/events?{of(asked['epcList'])}", accept=XML, GS1_CBV_XML_Format=words)
        assert b"<bizStep>https://words.example.com/weighing</bizStep>" in answer.content


def test_forms_are_told_by_options_and_with_answers_and_there_are_four_of_each(repository: Repository) -> None:
    told = repository.call("OPTIONS", "/epcis/events").headers
    assert (told["gs1-epc-format"], told["gs1-cbv-xml-format"]) == ("Always_GS1_Digital_Link", "No_Preference")
    for form in ("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates"):
        answer = repository.get("/epcis/events?perPage=1", GS1_EPC_Format=form)
        assert (answer.status_code, answer.headers["gs1-epc-format"]) == (200, form)
        assert "gs1-cbv-xml-format" not in answer.headers, "it is for XML alone"
    for words in ("Always_URN_or_so", ""):
        answer = repository.get("/epcis/events", accept=XML, GS1_CBV_XML_Format=words)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+xml")


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "text/csv"},
        {"accept": "application/json;q=0"},
        {"GS1_EPCIS_Min": "3.0"},
        {"GS1_EPCIS_Max": "1.2"},
        {"GS1_EPCIS_Max": "1.0", "accept": XML},
        {"GS1_CBV_Min": "2.1"},
        {"GS1_EPCIS_Min": "two"},
    ],
)
def test_what_cannot_be_given_is_not_acceptable(repository: Repository, headers: dict[str, str]) -> None:
    answer = repository.get("/epcis/events", **headers)
    assert answer.status_code == 406
    assert b"epcisException:NotAcceptableException" in answer.content


@pytest.mark.parametrize(
    "accept, given",
    [
        ("*/*", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("text/xml, application/json;q=0.5", "text/xml"),
        ("application/xml;q=0.1, application/*;q=0.9", "application/json"),
    ],
)
def test_the_media_type_follows_the_accept_header(repository: Repository, accept: str, given: str) -> None:
    assert repository.get("/epcis/events?perPage=1", accept=accept).headers["content-type"].startswith(given)


def test_who_asks_for_xml_gets_problems_as_xml(repository: Repository) -> None:
    answer = repository.get("/epcis/events/urn:uuid:none", accept=XML)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+xml")
    assert b"<type>epcisException:NoSuchResourceException</type>" in answer.content


def test_prefixes_of_others_are_told_in_a_header(repository: Repository, items: list[str]) -> None:
    answer = repository.get(f"/epcis/events?{of(items)}")
    assert answer.headers["gs1-extensions"] == "ex=https://ns.example.com/epcis/"


# --- resources ------------------------------------------------------------------------------------------------------


def test_every_collection_leads_to_the_events_of_its_entries(repository: Repository, items: list[str]) -> None:
    entries = {
        "epcs": items[4],
        "bizSteps": "shipping",
        "readPoints": "https://id.gs1.org/414/9506000138602/254/5",
        "dispositions": "active",
        "eventTypes": "ObjectEvent",
    }
    for name, entry in entries.items():
        path = f"/epcis/{name}/{quote(entry, safe='')}"
        assert repository.get(path).json()["member"] == ["events"]
        assert 5 in days(repository.found(f"{path}/events?{of(items)}"))
        assert entry in repository.get(f"/epcis/{name}?perPage=1000").json()["member"]


def test_an_identifier_that_was_not_encoded_is_understood(repository: Repository, items: list[str]) -> None:
    assert days(repository.found(f"/epcis/epcs/{items[0]}/events")) == [1]


def test_places_within_a_place_are_found_by_its_master_data(repository: Repository) -> None:
    floor = "https://id.gs1.org/414/9506000138602/254/F1"
    site = {"id": PLACE, "children": [floor]}
    asked = event(readPoint={"id": floor})
    repository.finished(repository.capture(document(asked, epcisHeader=master_data(site))))
    within = f"/epcis/events?MATCH_epc={asked['epcList'][0]}&"
    assert len(repository.found(f"{within}WD_readPoint={quote(PLACE)}")) == 1
    assert repository.found(f"{within}EQ_readPoint={quote(PLACE)}") == []


def test_an_event_and_the_declaration_that_it_was_wrong_stand_under_one_id(repository: Repository) -> None:
    asked = event(eventID="ni:///sha-256;df7bb3c352fef055578554f09f5e2aa41782150ced7bd0b8af24dd3ccb30ba69?ver=CBV2.0")
    repository.captured(asked)
    repository.captured({**asked, "errorDeclaration": {"declarationTime": "2026-06-01T00:00:00Z"}})
    found = repository.found(f"/epcis/events/{quote(asked['eventID'], safe='')}")
    assert ["errorDeclaration" in one for one in found] == [False, True]


def test_what_is_not_there_is_not_found(repository: Repository) -> None:
    for path in (
        "/epcis/events/urn:uuid:none",
        "/epcis/epcs/urn:x:none",
        "/epcis/eventTypes/NoEvent",
        "/epcis/nothing",
    ):
        assert exception(repository.get(path)) == (404, "NoSuchResourceException")
    assert exception(repository.call("PUT", "/epcis/events", PLATFORM)) == (405, "ImplementationException")


def test_nobody_sees_what_is_another_partys(repository: Repository, items: list[str]) -> None:
    assert repository.found(f"/epcis/events?{of(items)}", SELLER) == []
    assert items[0] not in repository.get("/epcis/epcs?perPage=1000", SELLER).json()["member"]
    assert exception(repository.get(f"/epcis/epcs/{quote(items[0], safe='')}", SELLER))[0] == 404
    readable = repository.get("/epcis/readPoints?perPage=1000", SELLER).json()["member"]
    assert "https://id.gs1.org/414/9506000138602/254/5" not in readable


def test_a_token_can_be_given_back(repository: Repository) -> None:
    assert repository.call("DELETE", "/epcis/nextPageToken/any", PLATFORM).status_code == 204
