"""What people read before they sign: every message, every field and every choice has words in both languages."""

import re
from pathlib import Path
from typing import Final

import pytest

from sogdia import app
from sogdia.core.module import tag_of
from sogdia.interfaces import console, words
from sogdia.interfaces.console.signing_shapes import SENDERS, UNSIGNED, Field, offered, shapes

MESSAGES: Final = [kind for module in app.MODULES for kind in module.messages]
TAGS: Final = [tag_of(kind) for kind in MESSAGES]
SHAPES: Final = shapes(MESSAGES)
FIELDS: Final = [(name, field) for name, shape in SHAPES.items() for field in shape.fields]
SCRIPTS: Final = sorted((Path(console.__file__).parent / "assets" / "signing").glob("*.js"))
BOTH: Final = pytest.mark.parametrize("language", words.LANGUAGES)


def field_of(tag: str, path: str) -> Field | None:
    """The field that a template names, in the message itself."""
    return next((one for one in SHAPES[tag].fields if one.name == path.partition(".")[0]), None)


@BOTH
@pytest.mark.parametrize("tag", TAGS)
def test_a_message_has_a_name_a_purpose_an_act_and_a_sentence(tag: str, language: str) -> None:
    for table in ("sign_name", "sign_help", "sign_act", "sign_says"):
        assert words.has_words(f"{table}.{tag}", language), table
    assert words.has_words(f"sign_domain.{tag.partition('.')[0]}", language)


@BOTH
@pytest.mark.parametrize("tag", TAGS)
def test_a_sentence_speaks_of_fields_that_are_there(tag: str, language: str) -> None:
    for table in ("sign_act", "sign_says"):
        sentence = words.catalogue(language)[f"{table}.{tag}"]
        for path, count in re.findall(r"\{([\w.]+)(#?)[^}]*\}", sentence):
            field = field_of(tag, path)
            assert field is not None, (table, path)
            assert bool(count) == field.many, (table, path)


@BOTH
def test_every_field_and_every_choice_has_words(language: str) -> None:
    known = words.catalogue(language)
    bare = [
        f"{owner}.{field.name}"
        for owner, field in FIELDS
        if not {f"sign_field.{owner}_{field.name}", f"sign_field.{field.name}"} & known.keys()
    ]
    choices = {choice for _, field in FIELDS for choice in field.choices}
    tags = {shape.tag for shape in SHAPES.values() if shape.tag_field == "action"}
    assert bare == []
    assert tags
    assert [one for one in choices | tags if not {f"sign_choice.{one}", f"console_role.{one}"} & known.keys()] == []


@BOTH
def test_every_sentence_that_a_script_says_is_in_the_catalogue(language: str) -> None:
    said = [key for path in SCRIPTS for key in re.findall(r'tell\(here, "(\w+)"', path.read_text(encoding="utf-8"))]
    assert len(said) > 40
    assert [key for key in said if not words.has_words(f"console_signing.{key}", language)] == []
    stuck = [key for path in SCRIPTS for key in re.findall(r'"((?:handed|carried|join|backup)_\w+)"', path.read_text())]
    assert "handed_expired" in stuck
    assert [key for key in stuck if not words.has_words(f"console_signing.{key}", language)] == []
    served = [key for path in SCRIPTS for key in re.findall(r'"(sign_value\.\w+)"', path.read_text(encoding="utf-8"))]
    assert served
    assert [key for key in served if not words.has_words(key, language)] == []


def test_both_languages_have_the_same_words() -> None:
    english, chinese = (
        {key for key in words.catalogue(language) if key.startswith(("sign_", "console_signing."))}
        for language in words.LANGUAGES
    )
    assert english == chinese


def test_it_is_known_of_every_message_who_sends_it() -> None:
    assert set(SENDERS) | UNSIGNED == set(TAGS)
    assert not set(SENDERS) & UNSIGNED
    for tag, (signer, _) in SENDERS.items():
        field = field_of(tag, signer)
        assert field is not None, tag
        assert field.kind == "party", tag


def test_a_party_is_offered_what_its_roles_send() -> None:
    assert "customs.answer" in offered(TAGS, ["customs"])
    assert "customs.answer" not in offered(TAGS, ["seller"])
    assert "identity.rotate" in offered(TAGS, [])
    assert "governance.found" not in offered(TAGS, ["registrar", "customs", "operator"])


def test_units_follow_from_the_names_of_fields() -> None:
    kinds = {f"{owner}.{field.name}": field.kind for owner, field in FIELDS}
    assert kinds["orders.place.paid_minor"] == "money"
    assert kinds["OrderLine.price_e5"] == "price"
    assert kinds["ListLine.legal_quantity_e5"] == "fraction"
    assert kinds["logistics.issue_waybill.gross_weight_grams"] == "grams"
    assert kinds["orders.place.placed_at_ms"] == "instant"
    assert kinds["SetParameters.halt_limit_ms"] == "duration"
    assert kinds["customs.answer.code"] == "customs_code"
    assert kinds["trace.capture.events"] == "raw"
    assert kinds["orders.place.institution"] == "party"
    assert kinds["identity.recover.recovery_key"] == "key"
