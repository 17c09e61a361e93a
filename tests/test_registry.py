"""Everything outside follows from the list of modules, so the list must be whole: nothing half-made gets on it.

A message has one rule, prose that says who signs it, explained fields, an example that travels, words for its domain's
refusals, and a test that mentions it.
"""

import inspect
import re
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia import app
from sogdia.core.codec import json_bytes
from sogdia.core.module import Module, tag_of
from sogdia.core.transaction import Codec
from sogdia.interfaces import words
from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.message_options import nested_types, notes_of

TESTS = Path(__file__).parent
MESSAGES = [kind for module in app.MODULES for kind in module.messages]
EVENTS = [kind for module in app.MODULES for kind in module.events]
RECORDS = [table.record for module in app.MODULES for table in module.tables]
UNITS = ("_ms", "_minor", "_fen", "_e5", "_grams", "_no", "_code", "_name", "_height")
"""Endings that say themselves what a field holds."""

each_message = pytest.mark.parametrize("kind", MESSAGES, ids=tag_of)
each_module = pytest.mark.parametrize("module", app.MODULES, ids=lambda module: str(module.name))


# --- the list -------------------------------------------------------------------------------------------------------


def test_every_folder_of_a_domain_is_on_the_list_and_the_other_way_round() -> None:
    assert sorted(module.name for module in app.MODULES) == list(registry.domain_names())


def test_the_quick_registry_of_the_command_line_is_the_list() -> None:
    assert {tag_of(kind): kind for kind in MESSAGES} == {
        tag: kind for name in registry.domain_names() for tag, kind in registry.messages_of(name).items()
    }
    assert registry.table_fields() == app.FIELDS


def test_tags_are_given_once_and_begin_with_their_domain() -> None:
    tags = [tag_of(kind) for kind in (*MESSAGES, *EVENTS)]
    assert len(set(tags)) == len(tags)
    for module in app.MODULES:
        assert all(tag_of(kind).startswith(f"{module.name}.") for kind in (*module.messages, *module.events))


def test_numbers_of_refusals_are_given_once() -> None:
    numbers = [int(one) for one in app.PRIMITIVE_REFUSALS] + [int(one) for m in app.MODULES for one in m.refusals]
    assert len(set(numbers)) == len(numbers)
    assert all(number < 1000 for number in map(int, app.PRIMITIVE_REFUSALS))


def test_tables_are_named_once_and_after_a_domain_of_the_list() -> None:
    tables = {id(table): table.name for module in app.MODULES for table in module.tables}
    assert len(set(tables.values())) == len(tables)
    assert {name.partition(".")[0] for name in tables.values()} == {module.name for module in app.MODULES}


# --- each message ---------------------------------------------------------------------------------------------------


@each_message
def test_a_message_has_one_rule(kind: type[Any]) -> None:
    rules = [module.rules[kind] for module in app.MODULES if kind in module.rules]
    assert len(rules) == 1
    assert (inspect.getdoc(rules[0]) or "").strip(), "a rule says in a sentence what it decides"


@each_message
def test_a_message_says_what_it_does_and_who_signs_it(kind: type[Any]) -> None:
    prose = kind.__dict__.get("__doc__") or ""
    assert re.search(r"\bSigned by\b", prose)


@each_message
def test_the_fields_of_a_message_are_explained(kind: type[Any]) -> None:
    unexplained = [name for one in (kind, *_within(kind)) for name in _unexplained(one)]
    assert unexplained == []


@each_message
def test_a_message_has_an_example_that_travels(kind: type[Any]) -> None:
    example = registry.example_of(tag_of(kind))
    assert example is not None
    assert Codec(MESSAGES).messages(json_bytes([example])) == (example,)


@each_message
def test_a_message_is_mentioned_by_a_test(kind: type[Any]) -> None:
    assert re.search(rf"\b{kind.__name__}\b", _tests_of(tag_of(kind).partition(".")[0]))


def test_no_example_is_of_something_else() -> None:
    examples = [one for module in app.MODULES for one in module.examples]
    assert {type(one) for one in examples} <= set(MESSAGES)


# --- each domain ----------------------------------------------------------------------------------------------------


@each_module
def test_a_domain_says_what_it_promises_and_who_signs_what(module: Module) -> None:
    promise = registry.promise(module.name)
    assert "Who signs what:" in promise
    assert 5 <= len(promise.splitlines()) <= 30


@each_module
def test_the_refusals_of_a_domain_have_words_in_every_language(module: Module) -> None:
    for language in words.LANGUAGES:
        missing = [one.name for one in module.refusals if not words.has_words(f"refusal.{int(one)}", language)]
        assert missing == [], language


@each_module
def test_the_refusals_of_a_domain_are_reached_by_a_test(module: Module) -> None:
    tests = _tests_of(module.name)
    assert [one.name for one in module.refusals if not _is_mentioned(one, tests)] == []


@pytest.mark.parametrize("kind", EVENTS, ids=tag_of)
def test_an_event_says_what_happened(kind: type[Any]) -> None:
    assert (kind.__dict__.get("__doc__") or "").strip()


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: str(kind.__name__))
def test_a_record_says_what_it_holds(kind: type[Any]) -> None:
    assert (kind.__dict__.get("__doc__") or "").strip()


@pytest.mark.parametrize("table", app.TABLES.values(), ids=lambda table: str(table.name))
def test_a_table_names_fields_that_its_records_have(table: Any) -> None:
    fields = set(table.record.__struct_fields__)
    assert {*table.key, *table.seen_by} <= fields


@pytest.mark.parametrize("queries", app.QUERIES, ids=lambda queries: str(queries.domain))
def test_every_answer_says_what_it_answers_and_takes_plain_parameters(queries: Any) -> None:
    for name, answer in queries.answers.items():
        assert (inspect.getdoc(answer) or "").strip(), name
        plain = [one.annotation for one in inspect.signature(answer, eval_str=True).parameters.values()][2:]
        assert set(plain) <= {str, int, bool}, name


# --- how it is found out --------------------------------------------------------------------------------------------


def _within(kind: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []
    for one in msgspec.structs.fields(kind):
        for nested in nested_types(one.type):
            found += [nested, *_within(nested)]
    return found


def _unexplained(kind: type[Any]) -> list[str]:
    """Fields of which neither type, documentation nor name says what they hold."""
    prose = inspect.getdoc(kind) or ""
    return [
        f"{kind.__name__}.{one.name}"
        for one in msgspec.structs.fields(kind)
        if not (
            notes_of(one.type)
            or any(inspect.getdoc(nested) for nested in nested_types(one.type))
            or f"`{one.name}`" in prose
            or one.name.endswith(UNITS)
        )
    ]


@cache
def _tests_of(domain: str) -> str:
    """The source of the tests that show a domain: its own with what they share, and the stories."""
    folders = [TESTS / "domains" / domain, TESTS / "stories"]
    files = [TESTS / "domains" / "conftest.py", *(path for one in folders for path in sorted(one.rglob("*.py")))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _is_mentioned(refusal: IntEnum, tests: str) -> bool:
    return re.search(rf"\b{refusal.name}\b", tests) is not None
