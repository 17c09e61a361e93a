"""GS1's own query schema is the judge: every name in it is understood, and every value that it shows.

It lies beside the repository, or where SOGDIA_GS1_DATA says; it is never part of it.
"""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from sogdia.standards.epcis.query.conditions import Order, Query
from sogdia.standards.epcis.query.fields import FIXED
from sogdia.standards.epcis.query.parameters import of_object, of_url
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.schedule import LIMITS

NAME = "query-schema.json"
ROOT = Path(__file__).resolve().parents[4]
FOLDER = Path(os.environ.get("SOGDIA_GS1_DATA", ROOT.parent / "shared" / "data" / "gs1"))
IS_HERE = (FOLDER / NAME).exists()

pytestmark = pytest.mark.skipif(not IS_HERE, reason=f"GS1's {NAME} is not here: set SOGDIA_GS1_DATA to its folder")

SCHEMA: Final[dict[str, Any]] = json.loads((FOLDER / NAME).read_text()) if IS_HERE else {"definitions": {}}
ASKED: Final[dict[str, Any]] = SCHEMA["definitions"].get("EPCIS-Query", {"properties": {}, "patternProperties": {}})
NAMED: Final = sorted(set(ASKED["properties"]) - {"@context"})
SHAPES: Final = sorted(ASKED["patternProperties"])
CONTEXT: Final = {"@context": {"ex": "https://ns.example.com/epcis/"}}
OPTIONS: Final = {"orderBy", "orderDirection", "eventCountLimit", "maxEventCount"}
OF_PAGES: Final = {"perPage", "nextPageToken"}
OF_SCHEDULES: Final = {*LIMITS, "reportIfEmpty", "stream", "initialRecordTime"}


def sample(rule: dict[str, Any]) -> Any:
    """A value that a rule of the schema allows."""
    if "$ref" in rule:
        return sample(SCHEMA["definitions"][rule["$ref"].removeprefix("#/definitions/").replace("%40", "@")])
    for choice in ("anyOf", "oneOf"):
        if choice in rule:
            return sample(rule[choice][-1])
    if "enum" in rule:
        return rule["enum"][-1]
    if rule["type"] == "array":
        return [sample(rule["items"])]
    if rule["type"] == "string":
        return {"date-time": "2026-05-28T20:33:31Z", "uri": "urn:example:1"}.get(rule.get("format", ""), "F0")
    return {"number": 5, "integer": 1, "boolean": True}[rule["type"]]


def name_of(shape: str) -> str:
    """A name of a family, with `ex:shade` for what the schema leaves open; its `\\\\\\\\:` means `:`."""
    types = {"bizTransaction": "po", "source": "owning_party", "destination": "location"}
    for field, word in types.items():
        if shape.startswith(f"^EQ_{field}_[a-z]") and ":" not in shape:
            return f"EQ_{field}_{word}"
    if "ATTR_\\" in shape:
        return "EQ_ATTR_bizLocation_site"
    name, _, _ = shape.strip("^$").partition("[")
    return name + ("CEL" if "[A-Z0-9]" in shape else "ex:shade")


def ask(name: str, value: Any) -> Query:
    return of_object({**CONTEXT, name: value})


def test_the_schema_is_the_one_that_was_counted() -> None:
    assert (len(ASKED["properties"]), len(SHAPES)) == (61, 108)


@pytest.mark.parametrize("name", sorted(set(NAMED) - OPTIONS))
def test_a_parameter_of_the_schema_puts_one_condition(name: str) -> None:
    assert len(ask(name, sample(ASKED["properties"][name])).conditions) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_family_of_the_schema_puts_one_condition(shape: str) -> None:
    name = name_of(shape)
    assert re.fullmatch(shape.replace("\\\\:", ":").replace("\\\\w", "\\w"), name)
    assert len(ask(name, sample(ASKED["patternProperties"][shape])).conditions) == 1


def test_all_families_together_put_different_conditions() -> None:
    asked = {name_of(shape): sample(ASKED["patternProperties"][shape]) for shape in SHAPES}
    assert len(asked) == len(SHAPES)
    assert len(set(of_object({**CONTEXT, **asked}).conditions)) == len(SHAPES)


def test_the_options_of_the_schema_are_taken() -> None:
    given = {name: sample(ASKED["properties"][name]) for name in OPTIONS} | {"orderBy": "recordTime"}
    first = of_object({name: given[name] for name in OPTIONS - {"maxEventCount"}})
    assert first == Query(order=Order("recordTime", True), event_count_limit=1)
    assert of_object({"maxEventCount": given["maxEventCount"]}) == Query(max_event_count=1)


def test_every_word_of_the_schema_is_known() -> None:
    for name in ("bizStep", "disposition", "error-reason", "measurementType", "action"):
        rule = SCHEMA["definitions"][name]
        words = next(choice["enum"] for choice in rule.get("anyOf", [rule]) if "enum" in choice)
        parameter = {"error-reason": "EQ_errorReason", "measurementType": "EQ_type"}.get(name, f"EQ_{name}")
        (condition,) = ask(parameter, words).conditions
        assert [value.text for value in condition.values] == words


def test_what_the_schema_does_not_list_is_refused_or_said() -> None:
    beyond = {name for name in FIXED if name not in NAMED}
    assert beyond == {"GE_errorDeclarationTime", "LT_errorDeclarationTime", "EQ_percRank"}
    with pytest.raises(QueryRefused):
        ask("EQ_eventTime", "2026-05-28T20:33:31Z")


@pytest.mark.skipif(not (FOLDER / "openapi.json").exists(), reason="GS1's openapi.json is not here")
def test_every_query_parameter_of_the_rest_binding_is_taken_in_a_url() -> None:
    described = json.loads((FOLDER / "openapi.json").read_text())["components"]["parameters"]
    names = {one["name"] for one in described.values() if one["in"] == "query"} - OPTIONS - OF_PAGES - OF_SCHEDULES
    assert len(names) == 49
    for name in names:
        rule = ASKED["properties"].get(name) or ASKED["properties"][name.replace("DeclarationTime", "Declaration_Time")]
        value = sample(rule)
        text = "|".join(map(str, value)) if isinstance(value, list) else str(value).replace("True", "true")
        assert len(of_url([(name, text)]).conditions) == 1
