"""From an empty folder to evidence in a stranger's hand, by commands alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from sogdia.core.refusal import Refused as Machine
from sogdia.domains.catalog.messages import Refused, WithdrawProduct
from sogdia.interfaces.cli.lock import held
from tests.interfaces.cli.conftest import NETWORK, Terminal, did, listing, now_ms, pen, transaction

# --- init -----------------------------------------------------------------------------------------------------------


def test_init_says_what_was_made_and_what_comes_next(sogdia: Terminal, tmp_path: Path) -> None:
    said = sogdia("init", tmp_path / "new")
    assert said.status == 0
    assert (tmp_path / "new" / "network.vkey").read_text().strip() in said.out
    assert f"sogdia up {tmp_path / 'new'}" in said.out


def test_init_gives_the_founders_keys_that_only_the_owner_reads(sogdia: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    sogdia("init", folder)
    files = sorted((folder / "keys").iterdir())
    assert [path.name.partition(".")[0] for path in files] == ["customs", "registrar", "tax_authority"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in [*files, folder / "network.key"])


def test_init_puts_rulebooks_on_record_unless_told_otherwise(sogdia: Terminal, tmp_path: Path) -> None:
    sogdia("init", tmp_path / "with")
    sogdia("init", tmp_path / "without", "--no-rulebooks")
    row = ("customs.rulebook", "customs.cn.retail_import.limits", "single_fen")
    assert sogdia("prove", tmp_path / "with", *row, "-o", tmp_path / "row.json").status == 0
    assert sogdia("prove", tmp_path / "without", *row, "-o", tmp_path / "none.json").status == 2


def test_init_leaves_a_node_alone_that_is_there_already(sogdia: Terminal, node: Path) -> None:
    key = (node / "network.key").read_bytes()
    said = sogdia("init", node)
    assert said.status == 2
    assert "holds a node already" in said.err
    assert (node / "network.key").read_bytes() == key


def test_init_finishes_what_was_cut_short_with_the_same_keys(sogdia: Terminal, node: Path) -> None:
    registrar = did(node, "registrar")
    (node / "network.json").unlink()
    for path in sorted((node / "journal").iterdir()):
        path.unlink()
    for path in sorted((node / "state").iterdir()):
        path.unlink()
    assert sogdia("init", node, "--code", "test").status == 0
    assert did(node, "registrar") == registrar


# --- send -----------------------------------------------------------------------------------------------------------


def test_transactions_of_a_file_are_taken_in_order_and_answered_one_by_one(sogdia: Terminal, node: Path) -> None:
    withdrawal = WithdrawProduct(seller=did(node, "seller"), sku="A")
    raws = [transaction(node, listing(node, "A")), transaction(node, withdrawal)]
    (node / "batch.ndjson").write_bytes(b"\n".join(raws))
    said = sogdia("send", node / "batch.ndjson", "--to", node)
    assert said.status == 0
    assert said.out.count("accepted at height") == 2
    assert said.out.endswith("2 accepted, 0 refused.\n")


def test_a_refusal_is_told_in_words_and_the_rest_goes_on(sogdia: Terminal, node: Path) -> None:
    unknown = transaction(node, WithdrawProduct(seller=did(node, "seller"), sku="NO-SUCH"))
    said = sogdia("send", "-", "--to", node, typed=unknown + b"\n\n" + transaction(node, listing(node, "B")) + b"\n")
    assert said.status == 1
    assert f"line 1: refused ({int(Refused.PRODUCT_UNKNOWN)})." in said.out
    assert "has no product NO-SUCH on record. List it" in said.out
    assert "line 3: accepted" in said.out


def test_a_refusal_is_told_in_chinese(sogdia: Terminal, node: Path) -> None:
    unknown = transaction(node, WithdrawProduct(seller=did(node, "seller"), sku="NO-SUCH"))
    assert "没有在册的商品 NO-SUCH" in sogdia("send", "-", "--to", node, typed=unknown, lang="zh_CN.UTF-8").out
    assert "没有在册的商品 NO-SUCH" in sogdia("--lang", "zh", "send", "-", "--to", node, typed=unknown).out


def test_a_machine_reads_receipts_as_json_lines(sogdia: Terminal, node: Path) -> None:
    said = sogdia("send", "-", "--to", node, "--json", typed=transaction(node, listing(node, "C")) + b"\nnonsense")
    good, bad = map(json.loads, said.out.splitlines())
    assert said.status == 1
    assert (good["line"], good["code"], good["receipt"]["network"]) == (1, 0, NETWORK)
    assert (bad["line"], bad["code"], bad["receipt"]) == (2, int(Machine.MALFORMED), None)


def test_sending_the_same_file_twice_does_nothing_twice(sogdia: Terminal, node: Path) -> None:
    raw = transaction(node, listing(node, "D"))
    first = sogdia("send", "-", "--to", node, "--json", typed=raw)
    again = sogdia("send", "-", "--to", node, "--json", typed=raw)
    assert again.json["receipt"] == first.json["receipt"]
    assert again.status == 0


# --- prove, verify --------------------------------------------------------------------------------------------------


@pytest.fixture
def evidence(sogdia: Terminal, node: Path) -> Path:
    """Evidence for a product that a seller listed."""
    sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "E")))
    path = node.parent / "evidence.json"
    assert sogdia("prove", node, "catalog.product", did(node, "seller"), "E", "-o", path).status == 0
    return path


def test_evidence_holds_for_whoever_has_the_key_of_the_network(sogdia: Terminal, node: Path, evidence: Path) -> None:
    said = sogdia("verify", evidence, "--network-key", node / "network.vkey")
    assert said.status == 0
    assert "✓ checkpoint" in said.out
    assert "✗" not in said.out
    assert "checks hold" in said.out


def test_the_key_of_the_network_may_be_given_as_text(sogdia: Terminal, node: Path, evidence: Path) -> None:
    key = (node / "network.vkey").read_text().strip()
    assert sogdia("verify", evidence, "--network-key", key).status == 0


def test_a_machine_reads_every_check(sogdia: Terminal, node: Path, evidence: Path) -> None:
    said = sogdia("verify", evidence, "--network-key", node / "network.vkey", "--json")
    assert said.json["holds"] is True
    assert {"checkpoint", "history"} <= {check["name"] for check in said.json["checks"]}
    assert all(check["holds"] for check in said.json["checks"])


@pytest.mark.parametrize("field, value", [("name", "Gold lantern"), ("net_weight_grams", 1), ("sku", "F")])
def test_a_record_that_was_altered_fails_by_name(
    sogdia: Terminal, node: Path, evidence: Path, field: str, value: object
) -> None:
    found = json.loads(evidence.read_text())
    record = next(one for one in found["records"] if one["table"] == "catalog.product")
    record["shown"][field] = value
    evidence.write_text(json.dumps(found))
    said = sogdia("verify", evidence, "--network-key", node / "network.vkey")
    assert said.status == 1
    assert "✗ record catalog.product" in said.out
    assert "FAIL" in said.out


def test_fields_that_are_shown_under_other_names_fail(sogdia: Terminal, node: Path, evidence: Path) -> None:
    found = json.loads(evidence.read_text())
    record = next(one for one in found["records"] if one["table"] == "catalog.product")
    record["shown"] = {name.replace("origin", "destination"): value for name, value in record["shown"].items()}
    evidence.write_text(json.dumps(found))
    assert sogdia("verify", evidence, "--network-key", node / "network.vkey").status == 1


def test_evidence_of_one_network_does_not_hold_for_another(sogdia: Terminal, evidence: Path, tmp_path: Path) -> None:
    sogdia("init", tmp_path / "other", "--no-rulebooks")
    said = sogdia("verify", evidence, "--network-key", tmp_path / "other" / "network.vkey")
    assert said.status == 1
    assert "✗ checkpoint" in said.out


def test_a_strangers_file_cannot_steer_the_terminal(sogdia: Terminal, node: Path, evidence: Path) -> None:
    found: dict[str, Any] = json.loads(evidence.read_text())
    found["checkpoint"] = "\x1b[2J" + found["checkpoint"]
    found["subject"] = {"table": "\x1b]0;owned\x07"}
    evidence.write_text(json.dumps(found))
    assert "\x1b" not in sogdia("verify", evidence, "--network-key", node / "network.vkey").out


def test_another_sellers_product_is_not_proved_to_whoever_asks(sogdia: Terminal, node: Path, evidence: Path) -> None:
    product = ("catalog.product", did(node, "seller"), "E", "-o", node / "x.json")
    asked_by_registrar = sogdia("prove", node, *product, "--key", "registrar")
    assert asked_by_registrar.status == 2
    assert "on record that this asker may see" in asked_by_registrar.err
    assert sogdia("prove", node, *product, "--as", did(node, "customs")).status == 0
    assert pen(node, "seller").did == did(node, "seller")


def test_evidence_of_an_order_holds_its_whole_trade(sogdia: Terminal, node: Path, tmp_path: Path) -> None:
    """A seller with a shop of its own places an order and cancels a part of it."""
    shop, file = did(node, "seller"), tmp_path / "order.json"
    role = ("--party", shop, "--role", "platform", "--registrar", did(node, "registrar"))
    assert sogdia("identity", "grant-role", *role, "--key", "registrar", "--to", node).status == 0
    signing = ("--key", "seller", "--to", node)
    sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "71053")))
    now = ("--placed-at-ms", str(now_ms()))
    parties = ("--platform", shop, "--seller", shop, "--shared-with", "[]", *now)
    example = json.dumps(json.loads(sogdia("orders", "place", "--example").out) | {"institution": None})
    assert sogdia("orders", "place", "--json", "-", *parties, *signing, typed=example).status == 0
    cancellation, when = sogdia("orders", "cancel", "--example").out, ("--cancelled-at-ms", str(now_ms()))
    assert (
        sogdia("orders", "cancel", "--json", "-", "--platform", shop, *when, *signing, typed=cancellation).status == 0
    )

    assert sogdia("prove", node, "--order", shop, "2026-000001", "-o", file).status == 0
    tables = {record["table"] for record in json.loads(file.read_text())["records"]}
    assert {"orders.order", "orders.cancellation", "identity.key"} <= tables
    assert sogdia("verify", file, "--network-key", node / "network.vkey").status == 0


# --- status, query, mirror ------------------------------------------------------------------------------------------


def test_status_tells_height_and_roots(sogdia: Terminal, node: Path) -> None:
    said = sogdia("status", node, "--json")
    assert said.json["network"] == NETWORK
    assert said.json["height"] == 2
    assert len(said.json["state_root"]) == 64
    assert "Nobody works on" in sogdia("status", node).out


def test_status_tells_who_holds_a_folder(sogdia: Terminal, node: Path) -> None:
    with held(node):
        said = sogdia("status", node)
    assert said.status == 2
    assert "is in use by process" in said.err


def test_a_query_is_answered_from_the_folder_as_the_party_may_see_it(sogdia: Terminal, node: Path) -> None:
    sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "Q")))
    asked = (
        "query",
        "catalog",
        "product",
        "--param",
        f"seller={did(node, 'seller')}",
        "--param",
        "sku=Q",
        "--to",
        node,
    )
    assert sogdia(*asked, "--key", "seller").json["sku"] == "Q"
    assert sogdia(*asked).json is None


def test_the_mirror_is_filled_anew_from_the_first_block(sogdia: Terminal, node: Path) -> None:
    said = sogdia("rebuild-mirror", node, "--json")
    assert said.json["height"] == 2
    assert len(sogdia("query", "identity", "parties", "--to", node).json) == 4
