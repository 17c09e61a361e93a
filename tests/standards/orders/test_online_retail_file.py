"""The real file: 209,029 rows, each in one place, and the sums to the cent.

The numbers of the file itself (rows, sum, invoices) are those of the data set's own description; the sum and the
duplicates are counted again here by a reading that shares no code with the reader.
"""

import csv
import gzip
import io
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sogdia.standards.orders import DraftOrder, FileReport, detect, read, suggest
from tests.standards.orders.books_made import written
from tests.standards.orders.reading import Outcome, sorted_out

NAME = "online_retail_2010-12_2011-05.csv.gz"
ROOT = Path(__file__).resolve().parents[3]
FOLDERS = [Path(os.environ["SOGDIA_DATA"])] if "SOGDIA_DATA" in os.environ else [ROOT.parent / "shared" / "data"]
FILE = next((folder / NAME for folder in FOLDERS if (folder / NAME).exists()), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FILE is None, reason=f"the real order file {NAME} is not here: set SOGDIA_DATA to its folder"),
]


@pytest.fixture(scope="module")
def found() -> Outcome:
    assert FILE is not None
    return sorted_out(list(read(FILE, "online-retail")))


@pytest.fixture(scope="module")
def plain() -> list[dict[str, str]]:
    assert FILE is not None
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def amounts(rows: list[dict[str, str]]) -> Iterator[Decimal]:
    for row in rows:
        yield Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])


def test_the_file_is_recognised_by_its_columns() -> None:
    assert FILE is not None
    with FILE.open("rb") as stream:
        assert detect(stream.read(4096)) == "online-retail"


def test_every_row_is_in_exactly_one_place(found: Outcome) -> None:
    places = [found.report.rows(place) for place in ("order", "cancellation", "set-aside")]
    assert places == [201_702, 2_547, 4_780]
    assert sum(places) == found.report.rows_in == 209_029


def test_the_sums_of_the_places_are_the_sum_of_the_file_to_the_cent(
    found: Outcome, plain: list[dict[str, str]]
) -> None:
    whole = sum(amounts(plain))
    assert whole == Decimal("3706827.641")
    assert found.report.sums_in == (("GBP", str(whole)),)
    orders = Decimal(sum(order.total_minor for order in found.orders)) / 100
    taken_back = Decimal(sum(line.total_minor for part in found.cancellations for line in part.lines)) / 100
    aside = sum(Decimal(item.amount) for item in found.aside)
    assert orders - taken_back + aside == whole
    assert found.sums("order") == {"GBP": f"{orders:.2f}"} == {"GBP": "4005585.88"}
    assert found.sums("cancellation") == {"GBP": f"{-taken_back:.2f}"} == {"GBP": "-149217.23"}
    assert found.sums("set-aside") == {"GBP": str(aside)} == {"GBP": "-149541.009"}


def test_each_row_set_aside_has_the_amount_that_stands_in_the_file(found: Outcome, plain: list[dict[str, str]]) -> None:
    exact = list(amounts(plain))
    assert all(Decimal(item.amount) == exact[item.row - 1] for item in found.aside)


def test_the_reasons_are_those_that_a_second_count_finds(found: Outcome, plain: list[dict[str, str]]) -> None:
    reasons = dict(found.report.reasons)
    copies = Counter(tuple(row.values()) for row in plain)
    assert reasons["duplicate"] == sum(count - 1 for count in copies.values()) == 1_747
    fine = [row for row in plain if len(row["UnitPrice"].partition(".")[2]) > 2]
    assert reasons["amount_too_fine"] == len(fine) == 1
    assert "order_returns" not in reasons


def test_no_order_line_has_a_zero_price_a_blank_description_or_a_cancelled_invoice(
    found: Outcome, plain: list[dict[str, str]]
) -> None:
    for order in found.orders:
        assert not order.order.startswith(("C", "A"))
        for line in order.lines:
            row = plain[line.row - 1]
            assert (row["InvoiceNo"], row["StockCode"]) == (order.order, line.sku)
            assert Decimal(line.total_minor) / 100 == Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) > 0
            assert line.description


def test_each_cancelled_piece_belongs_to_a_sale_of_the_same_customer_article_and_price(
    found: Outcome, plain: list[dict[str, str]]
) -> None:
    taken: Counter[int] = Counter()
    for part in found.cancellations:
        for line in part.lines:
            back, sale = plain[line.row - 1], plain[line.order_row - 1]
            for column in ("CustomerID", "StockCode", "UnitPrice"):
                assert back[column] == sale[column]
            assert sale["InvoiceNo"] == part.order
            assert back["InvoiceNo"] == part.cancellation
            assert line.order_row < line.row
            assert sale["InvoiceDate"] <= back["InvoiceDate"]
            taken[line.order_row] += line.quantity
    assert all(quantity <= int(plain[row - 1]["Quantity"]) for row, quantity in taken.items())


def test_a_cancellation_row_is_taken_back_whole_or_not_at_all(found: Outcome, plain: list[dict[str, str]]) -> None:
    back: Counter[int] = Counter()
    for part in found.cancellations:
        for line in part.lines:
            back[line.row] += line.quantity
    assert all(quantity == -int(plain[row - 1]["Quantity"]) for row, quantity in back.items())


def test_orders_go_to_33_countries(found: Outcome) -> None:
    by_country = Counter(order.country for order in found.orders)
    assert len(found.orders) == 8_070
    assert len(by_country) == 33
    assert by_country.most_common(4) == [("GB", 7_369), ("DE", 176), ("FR", 147), ("IE", 91)]


def test_more_than_85_in_100_goods_rows_get_a_suggested_heading(found: Outcome) -> None:
    goods = [line for order in found.orders for line in order.lines if line.kind == "goods"]
    placed = [line for line in goods if suggest(line.description)]
    assert len(placed) / len(goods) > 0.85


def test_as_the_workbook_that_it_is_published_as_it_gives_the_same(plain: list[dict[str, str]]) -> None:
    some = plain[:20_000]
    wholes, numbers = ("InvoiceNo", "StockCode", "CustomerID"), ("Quantity", "UnitPrice")

    def cell(title: str, text: str) -> object:
        if title == "InvoiceDate":
            return datetime.fromisoformat(text)
        if title in numbers or (title in wholes and text.isdigit()):
            return float(text)
        return text or None

    rows = [[cell(title, text) for title, text in row.items()] for row in some]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(some[0]), *(list(row.values()) for row in some)])
    book = io.BytesIO(written({"Online Retail": [list(some[0]), *rows]}))
    *told, report = read(book, "online-retail")
    *expected, text_report = read(io.BytesIO(text.getvalue().encode()), "online-retail")
    assert isinstance(report, FileReport)
    assert isinstance(text_report, FileReport)
    assert (report.rows_in, report.sums, report.reasons) == (20_000, text_report.sums, text_report.reasons)
    orders = [[one for one in items if isinstance(one, DraftOrder)] for items in (told, expected)]
    assert len(orders[0]) > 500
    for one, other in zip(*orders, strict=True):
        assert (one.order, one.placed_at_ms, one.total_minor) == (other.order, other.placed_at_ms, other.total_minor)
        assert [line.row - 1 for line in one.lines] == [line.row for line in other.lines]
