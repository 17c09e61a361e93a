"""GS1's OpenAPI document as judge: every path and method of it is answered, and answers fit its schemas."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest

from tests.interfaces.epcis.repository import JSON, PLACE, Repository, document, event, exception
from tests.interfaces.http.town import PLATFORM
from tests.standards.epcis.gs1_files import FOLDER, needs_gs1_files

FILE = FOLDER / "openapi.json"
METHODS = ("get", "post", "delete", "options")
HEADERS = ("GS1-EPCIS-Version", "GS1-CBV-Version")
ITEM = "https://id.gs1.org/01/09506000134352/21/JUDGED"
EVENT = "urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0e01"


@cache
def openapi() -> dict[str, Any]:
    """The document as it is meant: two of its statements cannot be met as they stand.

    Its patterns of schedules are of another dialect of regular expressions. A capture job is to have one of two fields,
    and neither is required, so each job has both forms at once.
    """
    found: dict[str, Any] = _without_recursion(json.loads(FILE.read_bytes()))
    for choice in found["components"]["schemas"]["CaptureJob"]["allOf"][1]["oneOf"]:
        choice["required"] = list(choice["properties"])
    return found


def _without_recursion(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_recursion(one)
            for name, one in value.items()
            if not (name == "pattern" and isinstance(one, str) and "\\g<" in one)
        }
    return [_without_recursion(one) for one in value] if isinstance(value, list) else value


def operations() -> Iterator[tuple[str, str]]:
    if FILE.exists():
        for path, item in json.loads(FILE.read_bytes())["paths"].items():
            yield from ((path, method) for method in METHODS if method in item)


@pytest.fixture(scope="module")
def filled(repository: Repository) -> dict[str, str]:
    """What stands for the parameters of a path."""
    asked = event(eventID=EVENT, epcList=[ITEM], bizLocation={"id": PLACE})
    job = repository.finished(repository.capture(document(asked)))
    repository.call("POST", "/epcis/queries", PLATFORM, b'{"name": "judged", "query": {}}', JSON)
    body = json.dumps({"dest": "http://127.0.0.1:9/x", "schedule": {"hour": "1"}}).encode()
    made = repository.call("POST", "/epcis/queries/judged/subscriptions", PLATFORM, body, JSON).json()
    return {
        "captureID": job["captureID"],
        "eventID": EVENT,
        "eventType": "ObjectEvent",
        "epc": ITEM,
        "bizStep": "commissioning",
        "bizLocation": PLACE,
        "readPoint": PLACE,
        "disposition": "active",
        "queryName": "judged",
        "subscriptionID": made["subscriptionID"],
        "token": "token",
    }


def place(path: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return "/epcis" + path.rstrip("/")


@needs_gs1_files
@pytest.mark.parametrize("path, method", [one for one in operations() if one[1] == "options"])
def test_every_resource_tells_its_methods_and_versions(
    repository: Repository, filled: dict[str, str], path: str, method: str
) -> None:
    answer = repository.call("OPTIONS", place(path, filled))
    assert answer.status_code == 204
    told = {one.strip() for one in answer.headers["allow"].split(",")}
    assert told == {one.upper() for other, one in operations() if other == path}
    for header in (*HEADERS, "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Min", "GS1-CBV-Max", "GS1-EPC-Format"):
        assert header in answer.headers
    if path == "/capture":
        assert {"GS1-EPCIS-Capture-Limit", "GS1-EPCIS-Capture-File-Size-Limit", "GS1-Capture-Error-Behaviour"} <= {
            name.title().replace("Gs1-Epcis", "GS1-EPCIS").replace("Gs1", "GS1") for name in answer.headers
        }


@needs_gs1_files
@pytest.mark.parametrize("path, method", [one for one in operations() if one[1] == "get"])
def test_every_answer_fits_its_schema(repository: Repository, filled: dict[str, str], path: str, method: str) -> None:
    validators = pytest.importorskip("jsonschema_rs", reason="without jsonschema-rs GS1's OpenAPI did not judge")
    answer = repository.get(place(path, filled))
    assert answer.status_code == 200, answer.text
    assert all(header in answer.headers for header in HEADERS)
    response = openapi()["paths"][path]["get"]["responses"]["200"]
    if "$ref" in response:
        response = openapi()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    found = answer.json()
    if path == "/queries/{queryName}":
        schema = {"$ref": "#/components/schemas/QueryDefinition"}  # the document says a list and shows an object
    judge = validators.Draft4Validator({**schema, "components": openapi()["components"]})
    assert [f"{one.instance_path}: {one.message}"[:300] for one in judge.iter_errors(found)] == []


@needs_gs1_files
@pytest.mark.parametrize("path", ["/capture", "/events", "/queries"])
def test_a_problem_fits_its_schema(repository: Repository, filled: dict[str, str], path: str) -> None:
    validators = pytest.importorskip("jsonschema_rs", reason="without jsonschema-rs GS1's OpenAPI did not judge")
    answer = repository.call("POST", "/epcis" + path, PLATFORM, b"{", JSON)
    assert exception(answer)[0] == 400
    schema = openapi()["components"]["schemas"]["RFC7807ProblemResponseBody"]
    assert validators.Draft4Validator(schema).is_valid(answer.json())
