"""Amazon's two reports: sums of lines, what Amazon charges beside them, and what waits."""

from datetime import UTC, datetime

import pytest

from sogdia.standards.orders import Options
from tests.standards.orders.reading import Outcome, outcome, tsv

ALL_ORDERS = {
    "amazon-order-id": "203-0000001-0000001",
    "merchant-order-id": "",
    "purchase-date": "2024-03-01T09:10:11+00:00",
    "order-status": "Shipped",
    "product-name": '3" NAILS, pack of 3',
    "sku": "NAIL-3",
    "item-status": "Shipped",
    "quantity": "3",
    "currency": "GBP",
    "item-price": "10.00",
    "item-tax": "2.00",
    "shipping-price": "3.99",
    "shipping-tax": "0.80",
    "gift-wrap-price": "1.00",
    "gift-wrap-tax": "",
    "item-promotion-discount": "1.50",
    "ship-promotion-discount": "0.50",
    "ship-country": "DE",
}
SELLER_FULFILLED = {
    "order-id": "203-0000002-0000001",
    "order-item-id": "1",
    "purchase-date": "2024-03-01T09:10:11-08:00",
    "payments-date": "2024-03-01T09:12:00-08:00",
    "buyer-email": "x@marketplace.example",
    "buyer-name": "Bo Buyer",
    "buyer-phone-number": "000",
    "sku": "LAMP",
    "product-name": "Lamp",
    "quantity-purchased": "1",
    "currency": "EUR",
    "item-price": "20.00",
    "recipient-name": "Rae Receiver",
    "ship-address-1": "1 Road",
    "ship-address-2": "",
    "ship-city": "Town",
    "ship-state": "Shire",
    "ship-postal-code": "01234",
    "ship-country": "FR",
}


def amazon(*changes: dict[str, str], options: Options | None = None) -> Outcome:
    return outcome(tsv([{**ALL_ORDERS, **change} for change in changes]), "amazon", options)


def test_item_price_is_the_total_of_the_line_and_not_the_price_of_one() -> None:
    (order,) = amazon({}).orders
    (line,) = order.lines
    assert (line.quantity, line.unit_price, line.total_minor) == (3, "3.33333", 1000)
    assert line.description == '3" NAILS, pack of 3'


def test_carriage_gift_wrap_taxes_and_promotions_make_the_total() -> None:
    found = amazon({})
    (order,) = found.orders
    assert (order.goods_minor, order.freight_minor, order.tax_minor, order.discount_minor) == (1000, 499, 280, 200)
    assert order.total_minor == 1000 + 499 + 280 - 200
    assert found.report.sums_in == (("GBP", "15.79"),)


def test_where_prices_contain_tax_it_is_not_added_again() -> None:
    found = amazon({}, options=Options(amazon_prices_include_tax=True))
    (order,) = found.orders
    assert (order.tax_minor, order.tax_included_minor, order.total_minor) == (0, 280, 1299)
    assert found.report.sums_in == (("GBP", "12.99"),)


def test_tax_above_the_price_that_should_contain_it_waits() -> None:
    found = amazon({"item-tax": "11.00"}, options=Options(amazon_prices_include_tax=True))
    assert found.reasons == {1: "tax_exceeds_price"}


def test_the_seller_fulfilled_report_tells_who_bought_and_when_it_was_paid() -> None:
    (order,) = outcome(tsv([SELLER_FULFILLED]), "amazon").orders
    assert order.placed_at_ms == int(datetime(2024, 3, 1, 17, 10, 11, tzinfo=UTC).timestamp()) * 1000
    assert order.paid_at_ms == int(datetime(2024, 3, 1, 17, 12, tzinfo=UTC).timestamp()) * 1000
    buyer = order.buyer
    assert (buyer.name, buyer.postcode, buyer.city, buyer.region) == ("Bo Buyer", "01234", "Town", "Shire")
    assert buyer.address_lines == ("1 Road",)


def test_a_buyer_is_never_printed() -> None:
    (order,) = outcome(tsv([SELLER_FULFILLED]), "amazon").orders
    for shown in (repr(order), repr(order.buyer), str(order.buyer.__rich_repr__()), f"{order.buyer}"):
        assert "Bo Buyer" not in shown
        assert "01234" not in shown


def test_a_cancelled_item_does_not_cost_the_other_item() -> None:
    cancelled = {"sku": "B", "item-status": "Cancelled", "quantity": "0", "item-price": ""}
    found = amazon({}, cancelled)
    assert found.reasons == {2: "item_cancelled"}
    assert len(found.orders[0].lines) == 1


def test_an_order_in_two_currencies_waits_with_all_its_rows() -> None:
    found = amazon({}, {"sku": "B", "currency": "USD"})
    assert found.reasons == {1: "currency_mixed", 2: "currency_mixed"}
    assert found.sums("set-aside") == {"GBP": "15.79", "USD": "15.79"}


def test_an_item_for_another_country_waits() -> None:
    found = amazon({}, {"sku": "B", "ship-country": "FR"})
    assert found.reasons == {2: "order_mixed"}


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"order-status": "Cancelled", "quantity": "0"}, "order_cancelled"),
        ({"order-status": "Pending"}, "not_paid"),
        ({"order-status": "Shipped - Returned to Seller"}, "order_returned"),
        ({"order-status": "Gone"}, "status_unknown"),
        ({"quantity": "0"}, "quantity_not_positive"),
        ({"quantity": "?"}, "number_unreadable"),
        ({"currency": "XYZ"}, "currency_unknown"),
        ({"currency": ""}, "currency_unknown"),
        ({"ship-country": ""}, "country_blank"),
        ({"ship-country": "Kosovo"}, "country_none"),
        ({"item-price": "10.005"}, "amount_too_fine"),
        ({"item-price": ""}, "price_zero"),
        ({"item-price": "1,000.00"}, "number_unreadable"),
        ({"shipping-price": "-1.00"}, "price_negative"),
        ({"item-promotion-discount": "-1.50"}, "discount_negative"),
        ({"item-promotion-discount": "99.00"}, "total_negative"),
        ({"purchase-date": "2024-03-01 09:10:11"}, "time_no_offset"),
        ({"purchase-date": ""}, "time_unreadable"),
        ({"sku": ""}, "sku_blank"),
        ({"product-name": ""}, "description_blank"),
        ({"amazon-order-id": ""}, "order_missing"),
    ],
)
def test_a_row_that_cannot_be_sold_waits_with_its_reason(change: dict[str, str], reason: str) -> None:
    found = amazon({"amazon-order-id": "1"}, change)
    assert found.reasons == {2: reason}
    assert [order.order for order in found.orders] == ["1"]


def test_yen_have_no_hundredths() -> None:
    whole = {name: "" for name in ALL_ORDERS if name.endswith(("-tax", "-discount"))}
    prices = {"shipping-price": "", "gift-wrap-price": "", "currency": "JPY"}
    found = amazon({**whole, **prices, "item-price": "1200"})
    assert found.orders[0].total_minor == 1200
    assert amazon({**whole, **prices, "item-price": "1200.50"}).reasons == {1: "amount_too_fine"}


def test_a_column_nobody_knows_is_reported() -> None:
    found = amazon({"moon-phase": "full"})
    assert found.report.columns_unknown == ("moon-phase",)
    assert "buyer-name" in found.report.columns_missing
