"""A seller's own file through the whole rehearsal, and files that cannot be read."""

import gzip
import os
from decimal import Decimal
from pathlib import Path

import pytest

from sogdia.standards.orders.examples import encoded, example
from tests.interfaces.demo.conftest import demo, report_in

REAL_FILE = "online_retail_2010-12_2011-05.csv.gz"


def real_file() -> Path:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    return Path(os.environ.get("SOGDIA_DATA") or beside) / REAL_FILE


def assert_closes(folder: Path) -> None:
    """Every row is in one place, and the money on record is that of the orders less the cancellations."""
    report = report_in(folder)
    places = report["rows_by_place"]
    assert sum(place["rows"] for place in places) == report["rows_in"]
    paid = sum(Decimal(place["amount"]) for place in places if place["place"] == "order")
    back = sum(Decimal(place["amount"]) for place in places if place["place"] == "cancellation")
    assert Decimal(sum(report["money"]["in"].values())) / 100 == paid
    assert Decimal(-sum(report["money"]["out"].values())) / 100 == back
    assert report["verified"]["exit_status"] == 0


@pytest.mark.slow
def test_a_packed_file_with_cancellations_goes_the_whole_way(tmp_path: Path) -> None:
    path = tmp_path / "retail.csv.gz"
    path.write_bytes(encoded(example("online-retail", 60, seed=5).text(), compressed=True))
    said = demo(tmp_path / "data", "--orders", path, "--format", "online-retail")
    assert said.status == 0, said.err
    report = report_in(tmp_path / "data")
    assert report["released"] > 0
    assert report["placed"] == report["orders_in"]
    assert_closes(tmp_path / "data")


@pytest.mark.slow
@pytest.mark.skipif(
    not real_file().is_file(), reason="the Online Retail file is not there: name its folder in SOGDIA_DATA"
)
def test_three_hundred_orders_of_the_real_file_go_the_whole_way(tmp_path: Path) -> None:
    words = ("--orders", real_file(), "--format", "online-retail", "--limit", 300)
    said = demo(tmp_path / "data", *words)
    assert said.status == 0, said.err
    first = report_in(tmp_path / "data")
    assert first["orders_in"] == first["placed"] == 300
    assert_closes(tmp_path / "data")
    assert demo(tmp_path / "data", *words).status == 0
    second = report_in(tmp_path / "data")
    assert (second["state_root"], second["log_size"]) == (first["state_root"], first["log_size"])
    assert second["unchanged"] == 300


@pytest.mark.slow
def test_a_file_without_a_single_good_order_ends_well_and_names_every_row(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    good = encoded(example("online-retail", 6, seed=1, mistakes=False).text()).decode()
    path.write_text(good.replace("United Kingdom", "Atlantis").replace("Germany", "Atlantis").replace("France", "-"))
    said = demo(tmp_path / "data", "--orders", path, "--format", "online-retail")
    assert said.status == 0, said.err
    report = report_in(tmp_path / "data")
    assert len(report["set_aside"]) == report["rows_in"] - sum(
        place["rows"] for place in report["rows_by_place"] if place["place"] != "set-aside"
    )


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 4_000, b"a,b,c\n1,2,3\n", gzip.compress(b"InvoiceNo")[:-6], b"\x1f\x8b\x08\x00garbage"],
    ids=["empty", "zeros", "another table", "packed and cut short", "not packed at all"],
)
def test_a_file_that_cannot_be_read_ends_with_one_sentence_whether_its_format_is_named_or_guessed(
    tmp_path: Path, raw: bytes
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(raw)
    for words in (("--format", "online-retail"), ()):
        assert_one_sentence(tmp_path, path, *words)


def assert_one_sentence(tmp_path: Path, path: Path, *words: str) -> None:
    said = demo(tmp_path / "data", "--orders", path, *words)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert "orders.csv" in said.err


def test_a_file_that_is_not_there_ends_with_one_sentence(tmp_path: Path) -> None:
    said = demo(tmp_path / "data", "--orders", tmp_path / "nothing.csv", "--format", "amazon")
    assert said.status == 2
    assert "nothing.csv" in said.err
    assert not (tmp_path / "data").exists()


def test_a_catalogue_that_cannot_be_read_ends_with_one_sentence(tmp_path: Path) -> None:
    path, goods = tmp_path / "orders.csv", tmp_path / "goods.csv"
    path.write_bytes(encoded(example("shopify", 3).text()))
    goods.write_text("nonsense\n")
    said = demo(tmp_path / "data", "--orders", path, "--format", "shopify", "--catalogue", goods)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert "goods.csv" in said.err
