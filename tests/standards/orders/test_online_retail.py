"""The Online Retail layout, row by row: what is an order, what cancels what, what waits and why."""

import hashlib
from datetime import UTC, datetime

import pytest

from sogdia.standards.orders import Limits, Options
from tests.standards.orders.reading import ONLINE_RETAIL, online_retail, outcome, retail_row


def test_the_first_row_of_the_data_set_is_an_order_of_15_pounds_30() -> None:
    found = online_retail(retail_row())
    (order,) = found.orders
    assert (order.order, order.channel, order.currency, order.country) == ("536365", "online-retail", "GBP", "GB")
    assert (order.total_minor, order.goods_minor, order.freight_minor, order.paid_at_ms) == (1530, 1530, 0, None)
    assert order.lines[0].unit_price == "2.55"
    assert order.buyer.reference == "17850"
    assert found.report.sums_in == (("GBP", "15.30"),)


def test_winter_time_is_utc_and_summer_time_is_an_hour_ahead_of_it() -> None:
    found = online_retail(retail_row(), retail_row(invoice="551000", date="2011-04-27 08:26:00"))
    winter, summer = (datetime.fromtimestamp(order.placed_at_ms / 1000, UTC) for order in found.orders)
    assert winter == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert summer == datetime(2011, 4, 27, 7, 26, tzinfo=UTC)


def test_a_time_that_the_clocks_skipped_is_not_guessed() -> None:
    assert online_retail(retail_row(date="2011-03-27 01:30:00")).reasons == {1: "time_skipped"}


def test_a_time_that_came_twice_is_the_first_of_the_two() -> None:
    (order,) = online_retail(retail_row(date="2011-10-30 01:30:00")).orders
    assert datetime.fromtimestamp(order.placed_at_ms / 1000, UTC) == datetime(2011, 10, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("code", ["POST", "DOT", "C2", "post"])
def test_carriage_goes_into_the_order_as_freight(code: str) -> None:
    found = online_retail(retail_row(), retail_row(sku=code, description="POSTAGE", quantity="1", price="18.00"))
    (order,) = found.orders
    assert [line.kind for line in order.lines] == ["goods", "freight"]
    assert (order.goods_minor, order.freight_minor, order.total_minor) == (1530, 1800, 3330)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"quantity": "0"}, "quantity_not_positive"),
        ({"quantity": "-6"}, "quantity_not_positive"),
        ({"price": "0"}, "price_zero"),
        ({"price": "-1.00"}, "price_negative"),
        ({"description": "  "}, "description_blank"),
        ({"sku": ""}, "sku_blank"),
        ({"sku": "x" * 61}, "field_too_long"),
        ({"description": "x" * 251}, "field_too_long"),
        ({"invoice": "9" * 61}, "field_too_long"),
        ({"sku": '"A\nB"'}, "field_control"),
        ({"sku": "M", "description": "Manual"}, "not_goods"),
        ({"sku": "m", "description": "Manual"}, "not_goods"),
        ({"sku": "BANK CHARGES"}, "not_goods"),
        ({"sku": "AMAZONFEE"}, "not_goods"),
        ({"sku": "CRUK"}, "not_goods"),
        ({"sku": "gift_0001_40"}, "not_goods"),
        ({"sku": "PADS", "quantity": "1", "price": "0.001"}, "amount_too_fine"),
        ({"quantity": "six"}, "number_unreadable"),
        ({"quantity": "1.5"}, "number_unreadable"),
        ({"price": "1e3"}, "number_unreadable"),
        ({"price": "£2.55"}, "number_unreadable"),
        ({"country": "Unspecified"}, "country_none"),
        ({"country": "European Community"}, "country_none"),
        ({"country": "Channel Islands"}, "country_none"),
        ({"country": "Ruritania"}, "country_unknown"),
        ({"country": " "}, "country_blank"),
        ({"date": "1/2/2011 8:26"}, "time_ambiguous"),
        ({"date": "2010-13-01 08:26:00"}, "time_unreadable"),
        ({"invoice": "A563185"}, "bad_debt"),
        ({"invoice": ""}, "order_missing"),
        ({"invoice": "C536365"}, "cancellation_positive"),
    ],
)
def test_a_row_that_cannot_be_an_order_line_waits_with_its_reason(change: dict[str, str], reason: str) -> None:
    found = online_retail(retail_row(invoice="1"), retail_row(**change))
    assert found.reasons == {2: reason}
    assert [order.order for order in found.orders] == ["1"]


def test_a_bad_row_does_not_cost_the_good_rows_beside_it() -> None:
    found = online_retail(retail_row(), retail_row(sku="71053", price="0"), retail_row(sku="84406B"))
    assert [line.sku for line in found.orders[0].lines] == ["85123A", "84406B"]
    assert found.reasons == {2: "price_zero"}


def test_an_invoice_whose_rows_all_wait_gives_no_order() -> None:
    found = online_retail(retail_row(price="0"), retail_row(sku="S"))
    assert found.orders == []
    assert found.report.orders_in == 0


def test_a_price_of_a_tenth_of_a_penny_is_good_when_the_line_is_whole_pennies() -> None:
    (order,) = online_retail(retail_row(quantity="10", price="0.001")).orders
    assert (order.total_minor, order.lines[0].unit_price) == (1, "0.001")


def test_an_exact_duplicate_names_the_first_row() -> None:
    found = online_retail(retail_row(), retail_row(sku="71053"), retail_row())
    (item,) = found.aside
    assert (item.row, item.reason, item.amount) == (3, "duplicate", "15.30")
    assert item.sentence() == "Row 3 repeats row 1 in every field."


def test_a_blank_customer_is_an_order_whose_buyer_is_not_named() -> None:
    (order,) = online_retail(retail_row(customer="")).orders
    assert order.buyer.reference is None
    assert repr(order.buyer) == "Buyer(personal: not named)"


def test_eire_is_ireland_rsa_is_south_africa_usa_is_the_united_states() -> None:
    rows = [retail_row(invoice=str(n), country=name) for n, name in enumerate(("EIRE", "RSA", "USA"))]
    assert [order.country for order in online_retail(*rows).orders] == ["IE", "ZA", "US"]


def test_rows_of_another_customer_or_country_are_not_mixed_into_an_invoice() -> None:
    found = online_retail(
        retail_row(), retail_row(sku="71053", customer="9"), retail_row(sku="84406B", country="France")
    )
    assert found.reasons == {2: "order_mixed", 3: "order_mixed"}
    assert "17850" not in found.aside[0].sentence()
    assert found.aside[0].value == "(personal, 1 characters)"


def test_a_clerk_who_types_on_into_the_next_minute_makes_one_order() -> None:
    found = online_retail(retail_row(), retail_row(sku="71053", date="2010-12-01 08:27:00"))
    (order,) = found.orders
    assert len(order.lines) == 2
    assert datetime.fromtimestamp(order.placed_at_ms / 1000, UTC).minute == 26


def test_an_invoice_that_returns_within_the_window_is_one_order() -> None:
    found = online_retail(retail_row(), retail_row(invoice="536366"), retail_row(sku="71053"))
    assert [(order.order, len(order.lines)) for order in found.orders] == [("536365", 2), ("536366", 1)]


def test_an_invoice_that_returns_after_the_window_waits_and_the_sums_close() -> None:
    between = [retail_row(invoice=str(n)) for n in range(1000, 1100)]
    found = online_retail(retail_row(), *between, retail_row(sku="71053"))
    assert found.reasons == {102: "order_returns"}
    assert found.aside[0].facts == (("expected", "64"),)
    assert len(found.orders) == 101


def test_an_invoice_beyond_the_limit_of_lines_waits_whole() -> None:
    rows = [retail_row(sku=str(n)) for n in range(6)]
    text = "\n".join((ONLINE_RETAIL, *rows, retail_row(invoice="2")))
    found = outcome(text, "online-retail", Options(limits=Limits(order_lines=3)))
    assert set(found.reasons.values()) == {"order_too_long"}
    assert len(found.aside) == 6
    assert [order.order for order in found.orders] == ["2"]


def test_evidence_is_the_hash_of_the_orders_own_rows_as_they_stand() -> None:
    good, other = retail_row(), retail_row(sku="71053")
    found = online_retail(good, retail_row(sku="S"), other)
    assert found.orders[0].evidence == hashlib.sha256(f"{good}\n{other}\n".encode()).hexdigest()


def cancel(quantity: str, invoice: str = "C540000", date: str = "2011-01-05 10:00:00", **change: str) -> str:
    return retail_row(invoice=invoice, quantity=quantity, date=date, **change)


def test_a_cancellation_takes_back_from_its_sale() -> None:
    found = online_retail(retail_row(), cancel("-2"))
    (cancellation,) = found.cancellations
    assert (cancellation.cancellation, cancellation.order) == ("C540000", "536365")
    (line,) = cancellation.lines
    assert (line.row, line.order_row, line.sku, line.quantity, line.total_minor) == (2, 1, "85123A", 2, 510)
    assert found.sums("cancellation") == {"GBP": "-5.10"}


def test_the_latest_earlier_sale_is_taken_first_and_the_rest_from_the_one_before() -> None:
    sales = [retail_row(invoice=str(n), date=f"2010-12-0{n} 08:26:00") for n in (1, 2, 3)]
    found = online_retail(*sales, cancel("-8"))
    assert [(part.order, part.lines[0].quantity) for part in found.cancellations] == [("3", 6), ("2", 2)]
    assert found.report.rows("cancellation") == 1
    assert found.sums("cancellation") == {"GBP": "-20.40"}


def test_what_is_cancelled_cannot_be_cancelled_again() -> None:
    found = online_retail(retail_row(), cancel("-4"), cancel("-3", invoice="C540001"))
    assert len(found.cancellations) == 1
    assert found.reasons == {3: "cancellation_unmatched"}
    assert found.aside[0].facts == (("quantity", "3"), ("left", "2"))


@pytest.mark.parametrize(
    "change",
    [{"customer": "1"}, {"sku": "71053"}, {"price": "2.54"}, {"quantity": "-7"}, {"date": "2010-11-30 10:00:00"}],
)
def test_a_cancellation_of_another_customer_article_price_quantity_or_time_waits(change: dict[str, str]) -> None:
    found = online_retail(retail_row(), cancel(**{"quantity": "-2", **change}))
    assert found.reasons == {2: "cancellation_unmatched"}
    assert found.aside[0].amount.startswith("-")


def test_only_the_latest_hundred_sales_of_an_article_are_looked_at() -> None:
    sales = [retail_row(description=f"HOLDER {n}", quantity="1") for n in range(120)]
    found = online_retail(*sales, cancel("-101"), cancel("-100", invoice="C540001"))
    assert found.reasons == {121: "cancellation_unmatched"}
    assert [line.order_row for line in found.cancellations[0].lines] == list(range(120, 20, -1))


def test_a_cancellation_before_its_sale_in_the_file_waits() -> None:
    found = online_retail(cancel("-2"), retail_row())
    assert found.reasons == {1: "cancellation_unmatched"}


def test_a_cancellation_without_a_customer_waits() -> None:
    found = online_retail(retail_row(customer=""), cancel("-2", customer=""))
    assert found.reasons == {2: "cancellation_no_customer"}


def test_a_sale_that_was_set_aside_cannot_be_cancelled() -> None:
    found = online_retail(retail_row(country="Unspecified"), cancel("-2"))
    assert found.reasons == {1: "country_none", 2: "cancellation_unmatched"}


def test_other_currencies_and_clocks_may_be_named() -> None:
    text = f"{ONLINE_RETAIL}\n{retail_row(price='255')}\n{retail_row(invoice='2', date='1/12/2010 8:26')}\n"
    options = Options(currency="JPY", timezone="Asia/Tokyo", slash_dates="dmy")
    found = outcome(text.replace("2.55", "3"), "online-retail", options)
    assert [(order.currency, order.total_minor) for order in found.orders] == [("JPY", 1530), ("JPY", 18)]
    placed = [datetime.fromtimestamp(order.placed_at_ms / 1000, UTC) for order in found.orders]
    assert placed == [datetime(2010, 11, 30, 23, 26, tzinfo=UTC)] * 2
