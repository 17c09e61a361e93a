"""Every row of a file is in exactly one place, and the money on the record is the file's."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from sogdia.core.values import minor_digits
from sogdia.standards.orders import FORMATS, DraftCancellation, DraftOrder, FileReport, Format, Options, read
from tests.interfaces.intake.harbour import Brought, Harbour

HOMES: dict[Format, str] = {"online-retail": "GB", "amazon": "CN", "shopify": "CN", "woocommerce": "CN"}


def told(path: Path, format: Format) -> list[object]:
    """What the reader itself gives of the file."""
    return list(read(path, format, options=Options(timezone=None if format == "online-retail" else "UTC")))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_places_of_the_report_are_the_readers_own_book(
    run: Callable[[], Brought], file: Callable[..., Path], format: Format, seed: int
) -> None:
    path = file(format, 30, seed=seed)
    brought = run().file(path, format, home=HOMES[format])
    report = next(item for item in told(path, format) if isinstance(item, FileReport))
    assert report.closes
    book = {(place.place, place.currency): (place.rows, Decimal(place.amount)) for place in report.sums}
    ours = {(p["place"], p["currency"]): (p["rows"], Decimal(p["amount"])) for p in brought.tally.places()}
    assert ours == book
    assert brought.tally.rows_in == report.rows_in
    assert brought.counts.orders == report.orders_in
    assert len(list(brought.aside)) == report.rows("set-aside")


@pytest.mark.parametrize("format", FORMATS)
def test_money_on_record_is_the_sum_of_the_orders_and_of_the_cancellations(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path], format: Format
) -> None:
    path = file(format, 40)
    run().file(path, format, home=HOMES[format])
    paid, refunded = Counter[str](), Counter[str]()
    for item in told(path, format):
        if isinstance(item, DraftOrder):
            paid[item.currency] += item.total_minor
        elif isinstance(item, DraftCancellation):
            refunded[item.currency] += sum(line.total_minor for line in item.lines)
    money = harbour.as_seen_by("platform").query("payments/totals_by_currency")
    assert {row["currency"]: row["paid_minor"] for row in money} == dict(paid)
    assert {row["currency"]: row["refunded_minor"] for row in money if row["refunded_minor"]} == dict(refunded)


@pytest.mark.parametrize("format", FORMATS)
def test_every_order_of_the_file_stands_on_the_record_with_its_total(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path], format: Format
) -> None:
    path = file(format, 25)
    run().file(path, format, home=HOMES[format])
    expected = {item.order: item.total_minor for item in told(path, format) if isinstance(item, DraftOrder)}
    assert {one["order"]: one["paid_minor"] for one in harbour.records("orders.order")} == expected


@pytest.mark.parametrize("format", ["online-retail", "amazon", "shopify"])
def test_a_packed_file_with_its_columns_in_another_order_comes_to_the_same(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path], format: Format
) -> None:
    run().file(file(format, 20), format, home=HOMES[format])
    before = {one["order"]: one["paid_minor"] for one in harbour.records("orders.order")}
    shuffled = run().file(file(format, 20, packed=True, columns=3), format, home=HOMES[format])
    assert shuffled.counts.orders == len(before)
    assert {one["order"]: one["paid_minor"] for one in harbour.records("orders.order")} == before


def test_a_limit_takes_so_many_orders_and_every_row_read_is_in_one_place(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path]
) -> None:
    path = file("shopify", 40)
    brought = run().file(path, "shopify", limit=10)
    assert brought.counts.orders == 10
    taken = [item for item in told(path, "shopify") if isinstance(item, DraftOrder)][:10]
    orders = next(place for place in brought.tally.places() if place["place"] == "order")
    digits = minor_digits(orders["currency"])
    assert Decimal(orders["amount"]).scaleb(digits) == sum(one.total_minor for one in taken)
    assert brought.tally.rows_in == sum(len(one.lines) for one in taken) + len(list(brought.aside))
    assert len(harbour.records("orders.order")) == 10
