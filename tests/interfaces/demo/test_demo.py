"""What the rehearsal leaves behind: a report that closes, evidence that a stranger checks, and nobody's name."""

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from sogdia.app import Node
from sogdia.core.values import minor_digits
from sogdia.interfaces.cli import main_job
from sogdia.interfaces.demo.orders import import_orders
from sogdia.standards.orders import DraftOrder, Options, read
from sogdia.standards.orders.examples import PEOPLE
from tests.interfaces.demo.conftest import Rehearsal, demo

pytestmark = pytest.mark.slow


def test_the_report_tells_everything_that_was_asked_of_it(rehearsed: Rehearsal) -> None:
    report = rehearsed.report
    whole = "rows_in orders_in placed declared released transactions log_size height".split()
    assert all(isinstance(report[name], int) and report[name] > 0 for name in whole)
    assert report["seconds"] > 0
    assert report["transactions_per_second"] > 0
    assert len(report["state_root"]) == 64
    assert set(report["tax"]) == {"duty", "consumption", "vat"}
    assert report["tax"]["vat"] > 0
    assert all({"row", "field", "value", "reason"} <= note.keys() for note in report["set_aside"])
    assert sum(report["refused"].values()) == len(report["refused_parts"])


def test_every_row_is_in_one_place_and_orders_that_were_placed_are_all_accounted_for(rehearsed: Rehearsal) -> None:
    report = rehearsed.report
    assert sum(place["rows"] for place in report["rows_by_place"]) == report["rows_in"]
    aside = [place for place in report["rows_by_place"] if place["place"] == "set-aside"]
    assert sum(place["rows"] for place in aside) == len(report["set_aside"])
    refused_lists = [part for part in report["refused_parts"] if part["part"] == "list"]
    assert report["placed"] == report["orders_in"]
    assert report["declared"] + len(refused_lists) + len(report["waiting"]) == report["placed"]
    assert sum(report["lists"].values()) == report["declared"]


def test_money_on_record_is_the_orders_and_what_institutions_got_wrong(rehearsed: Rehearsal) -> None:
    """A mistaken institution attests one unit too many, and the list is refused: the parties disagree on the amount."""
    report = rehearsed.report
    wrong = {
        part["order"]: point["values"]["payment_institution"] - point["values"]["platform"]
        for part in report["refused_parts"]
        if part["part"] == "list"
        for point in part["fields"]["disagreements"]
        if point["field"] == "amount_minor"
    }
    orders = {p["currency"]: Decimal(p["amount"]) for p in report["rows_by_place"] if p["place"] == "order"}
    ordered = {currency: int(amount.scaleb(minor_digits(currency))) for currency, amount in orders.items()}
    assert report["money"]["in"]["CNY"] == ordered["CNY"] + sum(wrong.values())
    exports = read(rehearsed.folder / "orders-shopify.csv", "shopify", options=Options(timezone="UTC"))
    assert sum(one.total_minor for one in exports if isinstance(one, DraftOrder)) == ordered["EUR"]


def test_the_same_again_changes_nothing_and_says_so(rehearsed: Rehearsal, again: Rehearsal) -> None:
    same = ("state_root", "log_size", "height", "placed", "declared", "released", "lists", "money", "tax", "refused")
    same += ("rows_in", "orders_in", "rows_by_place", "set_aside", "waiting", "destinations", "refused_parts")
    assert {name: again.report[name] for name in same} == {name: rehearsed.report[name] for name in same}
    assert again.report["unchanged"] == again.report["orders_in"]
    assert again.report["transactions"] == 0
    assert "nothing was changed" in again.said.out


def test_one_lot_of_olives_is_recalled_with_every_piece_and_order_that_it_reached(
    rehearsed: Rehearsal, again: Rehearsal
) -> None:
    """What is right is counted from the made orders, not from what was captured."""
    drafts = [made.draft for made in import_orders(90)]
    lots = "ABC"
    reached = {
        draft.order: sum(line.quantity for line in draft.lines if line.sku in ("TRAB-OIL", "TRAB-SOAP"))
        for draft in drafts
        if lots[int(draft.order[2:]) % 3] == "B"
    }
    goods = rehearsed.report["goods"]
    assert goods["items"] == sum(reached.values()) > 20
    assert 0 < goods["delivered"] <= goods["orders"] == sum(map(bool, reached.values()))
    assert (goods["events_of_item"], goods["events_of_carrier"]) == (5, 2)
    assert [one.rpartition("/")[2] for one in goods["origin"]] == ["B", "B"], "oil and olives"
    assert goods["is_complete"]
    assert again.report["goods"] == goods
    assert set(rehearsed.report["goods_ms"]) == {"trace", "recall"}


def test_a_person_reads_a_table(rehearsed: Rehearsal) -> None:
    text, report = rehearsed.said.out, rehearsed.report
    for words in (
        "What came in",
        "On the record",
        "orders placed",
        "lists released by customs",
        "Rows set aside",
        "Goods traced",
    ):
        assert words in text
    assert f"recall of olives, lot B {report['goods']['items']} pieces" in " ".join(text.split())
    assert f"{report['rows_in']:,}" in text
    assert f"{Decimal(report['tax']['vat']) / 100:,.2f} CNY" in text
    assert report["state_root"] in text


def test_progress_is_said_where_no_terminal_can_draw_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_job, "EVERY_SECONDS", -1.0)
    with main_job.progress_lines() as tell:
        tell("orders onto the record", 1_200, 5_000)
        tell("orders onto the record", 1_300, None)
    assert capsys.readouterr().err.splitlines() == [
        "orders onto the record: 1,200 / 5,000",
        "orders onto the record: 1,300",
    ]


def test_a_stranger_checks_the_evidence_with_the_file_and_the_networks_key_alone(
    rehearsed: Rehearsal, tmp_path: Path
) -> None:
    for name in ("evidence.json", "network.vkey"):
        shutil.copy(rehearsed.folder / name, tmp_path / name)
    command = [sys.executable, "-m", "sogdia.interfaces.cli", "verify", "evidence.json", "--network-key"]
    whole = subprocess.run([*command, "network.vkey"], cwd=tmp_path, capture_output=True, check=False)
    assert whole.returncode == 0
    forged = json.loads((tmp_path / "evidence.json").read_text())
    forged["checkpoint"] = forged["checkpoint"].replace("\n", "\n9", 1)
    (tmp_path / "evidence.json").write_text(json.dumps(forged))
    assert subprocess.run([*command, "network.vkey"], cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(("locale", "said"), [("zh_CN.UTF-8", "无法计税"), ("C.UTF-8", "cannot be taxed")])
def test_customs_writes_its_notes_in_the_language_of_the_rehearsal(tmp_path: Path, locale: str, said: str) -> None:
    assert demo(tmp_path, "--direction", "import", "--limit", "12", locale=locale).status == 0
    node = Node(tmp_path / "node")
    node.start()
    found = [value for _, value in node.store.scan(b"Scustoms.standing\x00")]
    node.close()
    assert any(said.encode() in value for value in found)


def test_no_personal_value_stands_in_any_file_of_the_node_nor_in_a_log(rehearsed: Rehearsal, again: Rehearsal) -> None:
    persons = set[str]()
    for made in import_orders(90):
        buyer = made.draft.buyer
        persons |= {made.identity_number, str(buyer.name), str(buyer.telephone), buyer.address_lines[0]}
    for name, family, street, city, _, _ in PEOPLE:
        persons |= {f"{name} {family}", street, city} - {"Tokyo"}
    for item in read(rehearsed.folder / "orders-shopify.csv", "shopify", options=Options(timezone="UTC")):
        if isinstance(item, DraftOrder):
            told = item.buyer
            persons |= {value for value in (told.name, told.email, told.telephone, *told.address_lines) if value}
    files = [path for path in (rehearsed.folder / "node").rglob("*") if path.is_file()]
    files += [rehearsed.folder / f"{name}.log" for name in ("node", "customs")]
    files += [rehearsed.folder / f"{name}.ndjson" for name in ("set_aside", "refused", "waiting")]
    assert len(files) > 8
    found = [(path.name, value) for path in files for value in sorted(persons) if value.encode() in path.read_bytes()]
    assert found == []


def test_more_made_orders_begin_with_the_same_ones(rehearsed: Rehearsal, again: Rehearsal) -> None:
    fewer, more = list(import_orders(20)), list(import_orders(50))
    assert more[:20] == fewer


def test_the_json_report_is_the_file(tmp_path: Path) -> None:
    said = demo(tmp_path / "data", "--direction", "import", "--limit", 3, "--json")
    assert said.status == 0, said.err
    assert json.loads(said.out) == json.loads((tmp_path / "data" / "report.json").read_text())
