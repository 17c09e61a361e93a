"""The OpenAPI document: complete, and of the structure that OpenAPI 3.1 asks for."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sogdia import app
from sogdia.core.module import tag_of
from sogdia.interfaces.http.application import ROUTES
from sogdia.interfaces.http.description import about_of
from tests.interfaces.http.town import Town

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture(scope="module")
def document(town: Town) -> dict[str, Any]:
    answer = town.call("GET", "/schema")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_every_message_is_there_with_its_schema(document: dict[str, Any]) -> None:
    for module in app.MODULES:
        for kind in module.messages:
            operation = document["paths"]["/messages/" + tag_of(kind).replace(".", "/")]["post"]
            content = operation["requestBody"]["content"]["application/json"]
            schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            assert set(kind.__struct_fields__) <= set(schema["properties"])
            assert content["example"]["type"] == tag_of(kind)


def test_every_query_is_there_with_its_parameters(document: dict[str, Any]) -> None:
    for queries in app.QUERIES:
        for name in queries.answers:
            operation = document["paths"][f"/queries/{queries.domain}/{name}"]["get"]
            assert operation["summary"]
    limit = document["paths"]["/queries/orders/orders"]["get"]["parameters"][-1]
    assert (limit["name"], limit["schema"]["type"], limit["required"]) == ("limit", "integer", False)


def test_every_route_is_there_and_describes_itself(document: dict[str, Any]) -> None:
    for route in ROUTES:
        assert about_of(route.opt) is not None, route
        for path in route.paths:
            plain = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
            if not plain.startswith(("/queries/{", "/messages/{")):
                assert plain in document["paths"]


def test_the_document_has_the_structure_of_openapi_3_1(document: dict[str, Any]) -> None:
    """OpenAPI Specification 3.1.0, sections 4.8.1 to 4.8.17: required fields and allowed values."""
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]
    for path, method, operation in operations(document):
        assert path.startswith("/")
        assert method in METHODS
        assert operation["responses"]
        for code, response in operation["responses"].items():
            assert code == "default" or re.fullmatch(r"[1-5](\d\d|XX)", code)
            assert response["description"]
        for parameter in operation.get("parameters", ()):
            assert parameter["name"]
            assert parameter["in"] in ("query", "path", "header", "cookie")
            assert parameter["required"] is True or parameter["in"] != "path"
            assert "schema" in parameter
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]


def test_parts_of_a_path_and_its_parameters_are_the_same(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_operation_ids_and_parameters_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for _, _, operation in operations(document):
        named = [(one["name"], one["in"]) for one in operation.get("parameters", ())]
        assert len(named) == len(set(named))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


def test_what_needs_a_sign_in_says_so_and_what_does_not_says_that(document: dict[str, Any]) -> None:
    assert {} in document["paths"]["/checkpoint"]["get"]["security"]
    assert {} not in document["paths"]["/events"]["get"]["security"]
    named = {name for _, _, operation in operations(document) for one in operation["security"] for name in one}
    assert named == set(document["components"]["securitySchemes"])
