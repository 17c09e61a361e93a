"""Each parameter of the standard, sent over HTTP, finds what the oracle of the query language finds."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from msgspec.structs import replace

from sogdia.standards.epcis.documents import read_document
from sogdia.standards.epcis.model import AnyEvent, Document, Vocabulary
from sogdia.standards.epcis.query.fields import FIXED
from sogdia.standards.epcis.query.parameters import of_url
from sogdia.standards.epcis.query.paths import postings
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.writing import write_document
from tests.interfaces.epcis.repository import PLACE, Repository, document, event, exception, master_data
from tests.interfaces.http.town import PLATFORM
from tests.mirror.trace.asking import said
from tests.mirror.trace.stories import CUSTOMS, FARM
from tests.mirror.trace.worlds import SITE, everything
from tests.standards.epcis.query import naive

NS = "https://ns.example.com/epcis/"
EX = {"ex": NS}
OWN: dict[str, Any] = {"ex:z": 5, "ex:outer": {"ex:in": 5}}
MEASURES = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue", "percRank")
AREAS = ("", "ILMD_", "ERROR_DECLARATION_", "SENSORELEMENT_", "SENSORMETADATA_", "SENSORREPORT_", "readPoint_")
OPS = {"EQ": "5", "GT": "4", "GE": "5", "LT": "6", "LE": "5"}
TYPED = {"bizTransaction_po": "urn:x:po:1", "source_owning_party": "https://id.gs1.org/417/9506000134000"}
DESCRIBED = ("readPoint", "bizLocation", "bizStep", "epcClass", "ex:where")


def families() -> Iterator[tuple[str, str]]:
    """Every family of names, each with a text that finds something."""
    for (op, text), inner, area in product(OPS.items(), ("", "INNER_"), (*AREAS, "bizLocation_")):
        yield f"{op}_{inner}{area}{'ex:in' if inner else 'ex:z'}", text
    for inner, area in product(("", "INNER_"), (*AREAS, "bizLocation_")):
        yield f"EXISTS_{inner}{area}{'ex:in' if inner else 'ex:z'}", "true"
    for op, path in product(OPS, MEASURES[:-1]):
        yield f"{op}_{path}_CEL", {"GT": "21", "LT": "22"}.get(op, "21.5")
    yield from ((f"{op}_quantity_KGM", {"GT": "2", "LT": "3"}.get(op, "2.5")) for op in OPS)
    yield "EQ_value_KEL", "294.65"
    yield from ((f"EQ_{name}", text) for name, text in TYPED.items())
    yield "EQ_destination_location", "urn:epc:id:sgln:9506000.13861.0"
    yield from ((f"HASATTR_{field}", SITE) for field in DESCRIBED)
    yield from ((f"{name}_{field}_{SITE}", "a") for name, field in product(("EQATTR", "EQ_ATTR"), DESCRIBED))


class Asked:
    """What is on record, as the node shows it, and how to ask for it."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        world = everything()
        self.master: list[Vocabulary] = world._known(CUSTOMS, FARM)
        made = [replace(one, record_time=None) for one in world.events]
        asked = write_document(Document(creation_date="2026-05-28T20:34:00Z", events=made, vocabularies=self.master))
        assert repository.finished(repository.capture(asked))["success"]
        repository.captured(*self._rich())
        self.events = [one for _, one in read_document(self.answer([]).answer.content).events]
        assert len(self.events) == 6

    @staticmethod
    def _rich() -> list[dict[str, Any]]:
        """An event with names of others wherever they may stand, and the declaration that it was wrong."""
        metadata = {"deviceID": "urn:x:other", **OWN}
        sensor = {
            "sensorMetadata": metadata,
            "sensorReport": [{"type": "Temperature", "value": 1, "uom": "CEL", **OWN}],
        }
        made = event(
            eventID="urn:x:rich",
            ilmd=OWN,
            readPoint={"id": PLACE, **OWN},
            bizLocation={"id": PLACE, **OWN},
            sensorElementList=[sensor | OWN],
            **{"@context": EX, **OWN},
        )
        declared = {"declarationTime": "2026-06-01T00:00:00Z", "reason": "did_not_occur", **OWN}
        return [made, made | {"errorDeclaration": declared}]

    def answer(self, parameters: list[tuple[str, str]]) -> "Found":
        """The answer to these parameters."""
        target = f"/epcis/events?{urlencode([*parameters, ('perPage', '1000')])}"
        headers = {"GS1_EPC_Format": "Never_Translates", "GS1_Extensions": f"ex={NS}"}
        return Found(self._repository.get(target, **headers))

    def require_same(self, parameters: list[tuple[str, str]]) -> int:
        """Ask over HTTP and ask the oracle; gives how many events both find."""
        found = sorted(map(key, self.answer(parameters).json_events()))
        expected = naive.answer(of_url(parameters, EX), self.events, self.master)
        assert found == sorted(key(json.loads(naive_json(one))) for one in expected), parameters
        return len(found)


class Found:
    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer

    def json_events(self) -> list[dict[str, Any]]:
        assert self.answer.status_code == 200, self.answer.text
        events: list[dict[str, Any]] = self.answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        return events


def naive_json(one: AnyEvent) -> str:
    declared = one.error_declaration
    return json.dumps({"eventID": one.event_id} | ({"errorDeclaration": 1} if declared else {}))


def key(one: dict[str, Any]) -> tuple[str, bool]:
    return one["eventID"], "errorDeclaration" in one


@pytest.fixture(scope="module")
def asked(repository: Repository) -> Asked:
    return Asked(repository)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_parameter_finds_what_the_oracle_finds(asked: Asked, name: str) -> None:
    texts = fitting(name, asked)
    best = sorted(texts, key=lambda text: -len(naive.answer(of_url([(name, text)], EX), asked.events, asked.master)))
    assert asked.require_same([(name, best[0])]) > 0, f"nothing is found by {name}"
    for text in best[1:2] + best[-1:]:
        asked.require_same([(name, text)])
    if name.startswith(("EQ_", "MATCH_", "WD_")) and name != "EQ_booleanValue":
        both = f"{best[0]}|{best[-1]}"
        assert asked.require_same([(name, both)]) >= asked.require_same([(name, best[0])])


def fitting(name: str, asked: Asked) -> list[str]:
    """The texts of the events that this parameter takes."""
    entries = [str(one.value.number) if one.value.text is None else one.value.text for one in said(asked.events)]
    things = [uri for one in asked.events for _, uri in postings(one)]
    times = ["2026-03-02T08:00:00Z", "2026-03-01T00:00:00Z", "2036-01-01T00:00:00Z"]
    places = ["urn:epc:id:sgln:9506000.13860.0"]
    found = []
    for text in dict.fromkeys([*entries, *things, *times, *places, "true"]):
        if "|" not in text:
            try:
                of_url([(name, text)], EX)
            except QueryRefused:
                continue
            found.append(text)
    return found


@pytest.mark.parametrize("name, text", sorted(families()))
def test_a_family_of_parameters_finds_what_the_oracle_finds(asked: Asked, name: str, text: str) -> None:
    assert asked.require_same([(name, text)]) > 0, f"nothing is found by {name}={text}"


def test_parameters_hold_together_and_a_name_may_stand_twice(asked: Asked) -> None:
    both = [("eventType", "ObjectEvent"), ("EQ_action", "ADD"), ("GE_quantity", "2")]
    assert asked.require_same(both) == 1
    assert asked.require_same([("EQ_action", "ADD"), ("EQ_action", "DELETE")]) > asked.require_same(both)


def test_a_namespace_written_out_needs_no_header(repository: Repository, asked: Asked) -> None:
    answer = repository.get(f"/epcis/events?{urlencode({f'EQ_{NS[:-1]}#z': '5'})}")
    assert {one["eventID"] for one in Found(answer).json_events()} == {"urn:x:rich"}
    assert exception(repository.get("/epcis/events?EQ_ex:z=5")) == (400, "QueryParameterException")


def test_a_named_query_takes_them_as_lists_and_the_schemas_two_spellings(repository: Repository, asked: Asked) -> None:
    for number, name in enumerate(("GE_errorDeclaration_Time", "GE_errorDeclarationTime")):
        query = {"@context": [EX], name: "2026-03-01T00:00:00Z", "eventType": ["ObjectEvent"], "EQ_ex:z": [5, "x"]}
        body = json.dumps({"name": f"spelled {number}", "query": query}).encode()
        made = repository.call("POST", "/epcis/queries", PLATFORM, body, "application/json")
        assert made.status_code == 201, made.text
        found = repository.get(f"{made.headers['location']}/events")
        assert [key(one) for one in Found(found).json_events()] == [("urn:x:rich", True)]


def test_what_an_asker_may_not_read_is_found_by_no_parameter(repository: Repository, asked: Asked) -> None:
    hidden = repository.get(f"/epcis/events?{urlencode({f'EQ_{NS[:-1]}#z': '5'})}", None)
    assert Found(hidden).json_events() == []
    refused = repository.get(f"/epcis/events?{urlencode({f'EQ_{NS[:-1]}#z': '5', 'maxEventCount': '1'})}", None)
    assert refused.status_code == 200, "nor does a limit tell how many there are"


def test_places_below_one_are_those_of_master_data_that_the_asker_knows(repository: Repository) -> None:
    floor = f"{PLACE}/254/S{repository.node.machine.seal.height}"
    repository.finished(
        repository.capture(
            document(event(readPoint={"id": floor}), epcisHeader=master_data({"id": PLACE, "children": [floor]}))
        )
    )
    asked_for = f"/epcis/events?{urlencode({'WD_readPoint': PLACE, 'EQ_readPoint': floor})}"
    assert len(Found(repository.get(asked_for)).json_events()) == 1
