"""WooCommerce JSON: three shapes, totals that must add up, broken entries that cost only themselves."""

import hashlib
import io
import json
from typing import Any

import pytest

from sogdia.standards.orders import DraftOrder, Limits, Options, OrderFileRefused, read
from tests.standards.orders.reading import Outcome, outcome

ORDER: dict[str, Any] = {
    "id": 727,
    "number": "727",
    "status": "processing",
    "currency": "USD",
    "date_created_gmt": "2017-03-22T19:28:02",
    "date_paid_gmt": "2017-03-22T19:28:08",
    "discount_total": "1.00",
    "shipping_total": "10.00",
    "total": "29.35",
    "total_tax": "1.35",
    "prices_include_tax": False,
    "customer_id": 26,
    "billing": {"first_name": "Jo", "last_name": "Example", "email": "jo@example.com", "phone": "555"},
    "shipping": {"address_1": "969 Market", "city": "San Francisco", "postcode": "94103", "country": "US"},
    "transaction_id": "tx-1",
    "line_items": [
        {"id": 315, "name": "Woo Single", "quantity": 2, "sku": "W1", "price": 3, "subtotal": "6.00", "total": "6.00"},
        {"id": 316, "name": "Ship [it] {now}", "quantity": 1, "sku": "W2", "subtotal": "13.00", "total": "12.00"},
    ],
    "shipping_lines": [{"method_title": "Flat Rate", "total": "10.00"}],
    "fee_lines": [],
    "coupon_lines": [{"code": "ONE", "discount": "1.00"}],
    "refunds": [],
}
OTHER = {**ORDER, "id": 728, "number": "728"}


def woocommerce(*orders: Any, options: Options | None = None) -> Outcome:
    return outcome(json.dumps(list(orders)), "woocommerce", options)


def line(**change: Any) -> dict[str, Any]:
    return {**ORDER, "line_items": [{**ORDER["line_items"][0], **change}, ORDER["line_items"][1]]}


def test_lines_carriage_tax_and_coupon_make_the_total() -> None:
    (order,) = woocommerce(ORDER).orders
    assert [(item.row, item.kind, item.total_minor) for item in order.lines] == [
        (1, "goods", 600),
        (2, "goods", 1300),
        (3, "freight", 1000),
    ]
    assert (order.freight_minor, order.tax_minor, order.discount_minor) == (1000, 135, 100)
    assert (order.total_minor, order.rounding_minor) == (2935, 0)
    assert order.lines[0].unit_price == "3.00"
    assert (order.buyer.name, order.buyer.reference, order.payment_reference) == ("Jo Example", "26", "tx-1")


def test_gmt_times_are_utc_though_they_do_not_say_so() -> None:
    (order,) = woocommerce(ORDER).orders
    assert order.placed_at_ms == 1_490_210_882_000
    assert order.paid_at_ms == 1_490_210_888_000


def test_shop_time_needs_the_shops_zone() -> None:
    local = {**ORDER, "date_created_gmt": None, "date_created": "2017-03-22T16:28:02"}
    assert woocommerce(local).reasons[1] == "time_no_offset"
    (order,) = woocommerce(local, options=Options(timezone="America/Sao_Paulo")).orders
    assert order.placed_at_ms == 1_490_210_882_000


@pytest.mark.parametrize("shape", ["array", "object", "lines", "single"])
def test_each_shape_of_file_gives_the_same_orders(shape: str) -> None:
    texts = {
        "array": json.dumps([ORDER, OTHER], indent=1),
        "object": json.dumps({"page": 1, "orders": [ORDER, OTHER], "total": 2}),
        "lines": f"{json.dumps(ORDER)}\n{json.dumps(OTHER)}\n",
        "single": json.dumps(ORDER),
    }
    found = outcome(texts[shape], "woocommerce")
    assert [order.order for order in found.orders] == ["727", "728"][: 1 if shape == "single" else 2]
    assert found.report.columns_unknown == (("page", "total") if shape == "object" else ())


def test_evidence_is_the_hash_of_the_orders_own_text() -> None:
    text = json.dumps(ORDER)
    found = outcome(f"[{text}, {json.dumps(OTHER)}]", "woocommerce")
    assert found.orders[0].evidence == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "status, reason",
    [
        ("pending", "not_paid"),
        ("on-hold", "not_paid"),
        ("failed", "not_paid"),
        ("cancelled", "order_cancelled"),
        ("trash", "order_cancelled"),
        ("refunded", "refunded"),
        ("checkout-draft", "order_draft"),
        ("shipped-by-plugin", "status_unknown"),
    ],
)
def test_an_order_in_another_state_waits(status: str, reason: str) -> None:
    found = woocommerce({**ORDER, "status": status}, OTHER)
    assert found.reasons == dict.fromkeys((1, 2, 3), reason)
    assert found.sums("set-aside") == {"USD": "29.35", "": "0.00"}


@pytest.mark.parametrize(
    "order, reason",
    [
        ({**ORDER, "refunds": [{"id": 1, "total": "-5.00"}]}, "refunded_in_part"),
        ({**ORDER, "total": "50.00"}, "total_mismatch"),
        ({**ORDER, "total": None}, "number_unreadable"),
        ({**ORDER, "total": "29.355"}, "amount_too_fine"),
        ({**ORDER, "currency": "???"}, "currency_unknown"),
        ({**ORDER, "shipping": {}}, "country_blank"),
        ({**ORDER, "shipping": "somewhere"}, "country_blank"),
        ({**ORDER, "date_created_gmt": ""}, "time_unreadable"),
        ({**ORDER, "line_items": []}, "no_goods"),
        ({**ORDER, "line_items": ["mug"]}, "json_not_order"),
        ({**ORDER, "number": "", "id": None}, "order_missing"),
        ({**ORDER, "shipping_lines": [{"total": "-10.00"}]}, "price_negative"),
        (line(sku=""), "sku_blank"),
        (line(name=""), "description_blank"),
        (line(quantity=-2), "quantity_not_positive"),
        (line(quantity="many"), "number_unreadable"),
        (line(subtotal="0.00", total="0.00"), "price_zero"),
        (line(subtotal="5.00"), "discount_negative"),
    ],
)
def test_an_order_that_cannot_be_taken_waits_with_its_reason(order: dict[str, Any], reason: str) -> None:
    found = woocommerce(OTHER, order)
    assert set(found.reasons.values()) == {reason}
    assert [item.order for item in found.orders] == ["728"]


def test_fees_are_charged_and_a_fee_below_zero_is_a_discount() -> None:
    fees = [{"name": "Handling", "total": "2.00"}, {"name": "Loyalty", "total": "-1.00"}]
    (order,) = woocommerce({**ORDER, "fee_lines": fees, "total": "30.35"}).orders
    assert (order.freight_minor, order.discount_minor, order.total_minor) == (1200, 200, 3035)


def test_an_order_that_stands_twice_in_the_file_is_taken_once() -> None:
    found = woocommerce(ORDER, ORDER)
    assert found.reasons == dict.fromkeys((4, 5, 6), "order_repeated")


@pytest.mark.parametrize(
    "piece, reason",
    [
        ('{"line_items": [1,}', "json_cut"),
        ('{"line_items": [1,]}', "json_broken"),
        ('{"a": 1, "a": 2}', "json_twice"),
        ('{"x": "\\ud800", "line_items": []}', "bytes_unreadable"),
        ('{"x": NaN}', "json_not_order"),
        ("[[[]]]", "json_not_order"),
        ("null", "json_not_order"),
        ("12", "json_not_order"),
    ],
)
def test_a_broken_entry_costs_only_itself(piece: str, reason: str) -> None:
    found = outcome(f"[{json.dumps(ORDER)}, {piece}]", "woocommerce")
    assert [order.order for order in found.orders] == ["727"]
    assert reason in found.reasons.values()


def test_a_file_that_ends_in_the_middle_says_so() -> None:
    text = json.dumps([ORDER, OTHER])
    found = outcome(text[:-40], "woocommerce")
    assert [order.order for order in found.orders] == ["727"]
    assert found.reasons == {4: "json_cut"}
    assert outcome(text[:-1], "woocommerce").reasons == {7: "json_cut"}


def test_an_entry_beyond_the_limit_is_passed_over_and_the_next_is_read() -> None:
    long = {**ORDER, "number": "9", "note": "x" * 300_000}
    text = json.dumps([ORDER, long, OTHER])
    found = outcome(text, "woocommerce", Options(limits=Limits(element_chars=200_000)))
    assert [order.order for order in found.orders] == ["727"]  # the string itself has no end within the limit
    many = {**ORDER, "number": "9", "meta_data": [{"key": "x" * 90}] * 3_000}
    found = outcome(json.dumps([ORDER, many, OTHER]), "woocommerce", Options(limits=Limits(element_chars=200_000)))
    assert [order.order for order in found.orders] == ["727", "728"]
    assert found.reasons == {4: "row_too_long"}


def test_json_that_holds_no_orders_is_refused() -> None:
    for text in ('[{"sku": "A"}]', '{"products": []}', "[1, 2, 3]", "{", "", "   ", "not json"):
        with pytest.raises(OrderFileRefused):
            read(io.BytesIO(text.encode()), "woocommerce")


def test_an_empty_list_of_orders_is_a_file_without_orders() -> None:
    assert outcome("[]", "woocommerce").report.rows_in == 0


def test_numbers_are_read_as_the_text_they_were_written_as() -> None:
    text = json.dumps(ORDER).replace('"29.35"', "29.35").replace('"6.00"', "6.00")
    (order,) = outcome(f"[{text}]", "woocommerce").orders
    assert isinstance(order, DraftOrder)
    assert order.total_minor == 2935
