"""Shopify exports: rows that continue an order, totals that must add up, and what waits."""

import csv
import io

import pytest

from tests.standards.orders.reading import Outcome, outcome

LINE = {"Lineitem quantity": "2", "Lineitem name": "Mug", "Lineitem price": "10.00", "Lineitem sku": "MUG"}
HEAD = {
    "Name": "#1001",
    "Email": "a@example.org",
    "Financial Status": "paid",
    "Paid at": "2024-05-01 11:12:14 -0400",
    "Currency": "EUR",
    "Subtotal": "20.00",
    "Shipping": "5.00",
    "Taxes": "4.00",
    "Total": "29.00",
    "Discount Amount": "0.00",
    "Created at": "2024-05-01 11:12:13 -0400",
    "Shipping Name": "Rae Receiver",
    "Shipping Address1": "1 Road",
    "Shipping Zip": "'01234",
    "Shipping Country": "DE",
    "Cancelled at": "",
    "Refunded Amount": "0.00",
    "Payment ID": "pay1",
    "Notes": "",
    "Lineitem discount": "0.00",
    **LINE,
}
SECOND = {"Name": "#1001", "Email": "a@example.org", "Created at": HEAD["Created at"], **LINE, "Lineitem sku": "CUP"}
TWO_LINES = {"Subtotal": "40.00", "Total": "49.00"}


def shopify(*rows: dict[str, str]) -> Outcome:
    columns = list(dict.fromkeys([*HEAD, *(name for row in rows for name in row)]))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return outcome(out.getvalue(), "shopify")


def test_rows_after_the_first_leave_the_orders_columns_blank_and_belong_to_it() -> None:
    found = shopify({**HEAD, **TWO_LINES}, SECOND)
    (order,) = found.orders
    assert [(line.row, line.sku, line.total_minor) for line in order.lines] == [(1, "MUG", 2000), (2, "CUP", 2000)]
    assert (order.freight_minor, order.tax_minor, order.total_minor, order.rounding_minor) == (500, 400, 4900, 0)
    assert found.report.sums_in == (("", "0.00"), ("EUR", "49.00"))


def test_the_apostrophe_that_keeps_a_zero_is_no_part_of_the_postcode() -> None:
    (order,) = shopify(HEAD).orders
    assert order.buyer.postcode == "01234"
    assert order.payment_reference == "pay1"


def test_times_carry_their_offset() -> None:
    (order,) = shopify(HEAD).orders
    assert order.placed_at_ms == 1_714_576_333_000  # 2024-05-01T15:12:13Z
    assert order.paid_at_ms == order.placed_at_ms + 1000


def test_a_note_of_several_lines_is_one_row() -> None:
    found = shopify({**HEAD, "Notes": "Ring twice.\nThen wait.\n\nThanks"}, {**HEAD, "Name": "#1002"})
    assert found.report.rows_in == 2
    assert [order.order for order in found.orders] == ["#1001", "#1002"]


def test_tax_inside_the_prices_is_told_by_the_total() -> None:
    (order,) = shopify({**HEAD, "Total": "25.00"}).orders
    assert (order.tax_minor, order.tax_included_minor, order.total_minor) == (0, 400, 2500)


def test_duties_are_added_like_tax() -> None:
    (order,) = shopify({**HEAD, "Duties": "2.00", "Total": "31.00"}).orders
    assert (order.tax_minor, order.total_minor) == (600, 3100)


@pytest.mark.parametrize(
    "of_order, of_line, subtotal, discount",
    [("3.00", "0.00", "17.00", 300), ("0.00", "2.00", "18.00", 200), ("3.00", "2.00", "15.00", 500)],
)
def test_discounts_of_order_and_lines(of_order: str, of_line: str, subtotal: str, discount: int) -> None:
    change = {"Discount Amount": of_order, "Lineitem discount": of_line, "Subtotal": subtotal}
    (order,) = shopify({**HEAD, **change, "Total": f"{float(subtotal) + 9:.2f}"}).orders
    assert order.discount_minor == discount
    assert order.total_minor == order.goods_minor + order.freight_minor + order.tax_minor - discount


def test_a_discount_that_already_counts_those_of_the_lines_is_not_taken_twice() -> None:
    change = {"Discount Amount": "3.00", "Lineitem discount": "3.00", "Subtotal": "17.00", "Total": "26.00"}
    (order,) = shopify({**HEAD, **change}).orders
    assert order.discount_minor == 300


def test_a_cent_of_rounding_is_shown_and_not_hidden() -> None:
    (order,) = shopify({**HEAD, "Total": "29.01"}).orders
    assert (order.rounding_minor, order.total_minor) == (1, 2901)


def test_a_total_that_does_not_add_up_waits() -> None:
    found = shopify({**HEAD, "Total": "31.50"})
    assert found.reasons == {1: "total_mismatch"}
    assert found.aside[0].sentence() == "Row 1: order #1001 says 31.50, its parts make 29.00."


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"Financial Status": "refunded"}, "refunded"),
        ({"Financial Status": "voided"}, "order_cancelled"),
        ({"Financial Status": "partially_refunded"}, "refunded_in_part"),
        ({"Refunded Amount": "5.00"}, "refunded_in_part"),
        ({"Financial Status": "pending"}, "not_paid"),
        ({"Financial Status": "mystery"}, "status_unknown"),
        ({"Cancelled at": "2024-05-02 10:00:00 -0400"}, "order_cancelled"),
        ({"Shipping Country": ""}, "country_blank"),
        ({"Currency": ""}, "order_head_missing"),
        ({"Currency": "QQQ"}, "currency_unknown"),
        ({"Created at": "2024-05-01 11:12:13"}, "time_no_offset"),
        ({"Paid at": "soon"}, "time_unreadable"),
        ({"Lineitem sku": ""}, "sku_blank"),
        ({"Lineitem quantity": "0"}, "quantity_not_positive"),
        ({"Lineitem price": "0.00"}, "price_zero"),
        ({"Lineitem price": "ten"}, "number_unreadable"),
        ({"Lineitem discount": "-1.00"}, "discount_negative"),
        ({"Total": "abc"}, "number_unreadable"),
        ({"Total": "29.005"}, "amount_too_fine"),
        ({"Name": ""}, "order_missing"),
    ],
)
def test_an_order_that_does_not_stand_waits_with_its_reason(change: dict[str, str], reason: str) -> None:
    found = shopify({**HEAD, "Name": "#1"}, {**HEAD, **change})
    assert found.reasons == {2: reason}
    assert [order.order for order in found.orders] == ["#1"]


def test_a_bad_line_sets_its_whole_order_aside_and_says_which_row() -> None:
    found = shopify({**HEAD, **TWO_LINES}, {**SECOND, "Lineitem sku": ""}, {**HEAD, "Name": "#1002"})
    assert found.reasons == {1: "order_incomplete", 2: "sku_blank"}
    assert found.aside[0].facts == (("other", "2"),)
    assert [order.order for order in found.orders] == ["#1002"]


def test_a_further_row_in_another_currency_or_with_its_own_total_sets_the_order_aside() -> None:
    assert shopify({**HEAD, **TWO_LINES}, {**SECOND, "Currency": "USD"}).reasons == {
        1: "currency_mixed",
        2: "currency_mixed",
    }
    assert shopify(HEAD, HEAD).reasons == {1: "order_incomplete", 2: "order_repeated"}


def test_rows_without_their_first_row_wait() -> None:
    assert shopify(SECOND).reasons == {1: "order_head_missing"}
