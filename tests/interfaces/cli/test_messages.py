"""One command per message: its options are the message's fields, its help the message's documentation."""

import inspect
import json
from pathlib import Path

import pytest

from sogdia.core.transaction import Envelope
from sogdia.domains.orders.messages import Place
from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.message_options import fields_of, notes_of, type_name
from tests.interfaces.cli.conftest import NETWORK, Terminal, did, listing, registration

TAGS = [tag for domain in registry.domain_names() for tag in registry.messages_of(domain)]


def words_of(tag: str) -> tuple[str, str]:
    domain, _, name = tag.partition(".")
    return domain, name.replace("_", "-")


@pytest.mark.parametrize("tag", TAGS)
def test_every_message_has_a_command_whose_help_is_its_documentation(sogdia: Terminal, tag: str) -> None:
    kind = registry.message_type(tag)
    assert kind is not None
    said = sogdia(*words_of(tag), "--help", TERMINAL_WIDTH="200")
    prose = (inspect.getdoc(kind) or "").split()
    assert said.status == 0
    assert " ".join(prose[:6]) in " ".join(said.out.split())
    assert all(field.option in said.out for field in fields_of(kind))


@pytest.mark.parametrize("tag", TAGS)
def test_the_example_of_a_message_can_be_signed_as_it_is(sogdia: Terminal, node: Path, tag: str) -> None:
    example = sogdia(*words_of(tag), "--example")
    sign = ("--json", "-", "--sign-only", "--network", NETWORK, "--key", "seller", "--keys", node / "keys")
    said = sogdia(*words_of(tag), *sign, typed=example.out)
    assert said.status == 0
    assert len(json.loads(said.out)["signatures"]) == 1
    assert set(Envelope.__struct_fields__) == set(json.loads(said.out))


def test_a_message_is_made_of_options_and_sent(sogdia: Terminal, node: Path) -> None:
    asked = {"--sku": "L-1", "--name": "Lantern", "--hs-code": "9405500000", "--origin": "CN", "--unit": "007"}
    options = [word for pair in asked.items() for word in pair]
    signing = ("--key", "seller", "--to", node)
    seller = ("--seller", did(node, "seller"), "--net-weight-grams", "420", "--markets", '["FR", "DE"]')
    said = sogdia("catalog", "list-product", *options, *seller, *signing)
    assert said.status == 0
    assert "accepted at height 3" in said.out
    found = ("query", "catalog", "product", "--param", f"seller={did(node, 'seller')}", "--param", "sku=L-1")
    assert sogdia(*found, "--to", node, "--key", "seller").json["markets"] == ["DE", "FR"]


def test_options_overlay_a_message_in_a_file(sogdia: Terminal, node: Path) -> None:
    product = listing(node, "FROM-FILE")
    whole = {name: getattr(product, name) for name in ("seller", "name", "hs_code", "origin", "unit")}
    (node / "product.json").write_text(json.dumps({**whole, "sku": "FROM-FILE", "net_weight_grams": 420}))
    command = ("catalog", "list-product", "--json", node / "product.json", "--sku", "FROM-OPTION")
    assert sogdia(*command, "--key", "seller", "--to", node).status == 0
    record = ("catalog.product", did(node, "seller"), "FROM-OPTION", "-o", node / "x.json")
    assert sogdia("prove", node, *record).status == 0


def test_a_newcomer_is_registered_by_two_signatures(sogdia: Terminal, node: Path) -> None:
    sogdia("keys", "create", node, "carrier")
    asked = json.dumps(registration(node, "carrier", "carrier"))
    register = ("identity", "register", "--json", "-", "--to", node, "--key", "registrar")
    alone = sogdia(*register, typed=asked)
    assert alone.status == 1
    assert "(identity.register) needs the signature of" in alone.out
    assert sogdia(*register, "--key", "carrier", typed=asked).status == 0


def test_two_parties_sign_one_after_the_other(sogdia: Terminal, node: Path, tmp_path: Path) -> None:
    sogdia("keys", "create", node, "newcomer")
    title = ("--title", "Newcomer", "--country", "CN", "--number", "91330782MA28DEMO9X", "--role", "seller")
    asked = sogdia("keys", "registration", node, "newcomer", *title).out
    own = ("identity", "register", "--json", "-", "--key", "newcomer", "--to", node, "--sign-only")
    half = tmp_path / "half.json"
    half.write_text(sogdia(*own, typed=asked).out)
    assert sogdia("send", half, "--to", node).status == 1
    both = sogdia("countersign", half, "--key", "registrar", "--keys", node)
    assert len(json.loads(both.out)["signatures"]) == 2
    assert "Newcomer" in both.err
    again = sogdia("countersign", "-", "--key", "registrar", "--keys", node, typed=both.out)
    assert again.status == 2
    assert "already" in again.err
    assert sogdia("send", "-", "--to", node, typed=both.out).status == 0
    assert sogdia("countersign", "-", "--key", "registrar", "--keys", node, typed="{}").status == 2


def test_what_was_signed_for_later_is_sent_later(sogdia: Terminal, node: Path) -> None:
    role = ("--party", did(node, "seller"), "--role", "platform", "--registrar", did(node, "registrar"))
    signed = sogdia("identity", "grant-role", *role, "--key", "registrar", "--to", node, "--sign-only")
    assert sogdia("send", "-", "--to", node, typed=signed.out).status == 0


def test_a_field_is_explained_by_unit_and_limits() -> None:
    notes = {field.name: field.notes for field in fields_of(Place)}
    assert notes["paid_minor"].startswith("money in minor units")
    assert notes["rounding_minor"] == "-1,000 to 1,000"
    assert notes["lines"] == "1 to 1,000 of them"
    assert [type_name(hint) for hint in (int, str | None, tuple[str, ...])] == ["whole number", "text", "list of text"]
    assert notes_of(int) == ""


def test_messages_and_tables_are_listed_for_people_and_machines(sogdia: Terminal) -> None:
    assert set(sogdia("messages", "--json").json["messages"]) == set(TAGS)
    assert all(tag in sogdia("messages").out for tag in TAGS)
    assert sogdia("tables", "--json").json["orders.order"]["key"] == ["platform", "order"]
    assert "orders.order" in sogdia("tables").out
