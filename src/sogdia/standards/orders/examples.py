"""Look-alikes of real order files, seeded, with invented people and the mistakes that real files have.

For tests and for the demo: an example knows which of its rows must be set aside and why, so that reading it back can
be compared. Nothing here is anybody's data.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from sogdia.standards.orders.draft import Format

Record = dict[str, Any]
Mistake = Callable[[list[Record]], list[str]]

PEOPLE = (
    ("Ada", "Example", "1 Test Street", "Testham", "TE5 7AB", "GB"),
    ("Jürgen", "Beispiel", "Musterweg 2", "Musterstadt", "01234", "DE"),
    ("Chloé", "Modèle", "3 rue de l'Essai", "Exempleville", "75000", "FR"),
    ("Siân", "Sampl", '4 "The Samples", Test Lane', "Samplford", "SA4 4PL", "GB"),
    ("Taro", "Mihon", "5-5-5 Mihon", "Tokyo", "100-0000", "JP"),
)
GOODS = (
    ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 255),
    ("22423", "REGENCY CAKESTAND 3 TIER", 1275),
    ("47566", "PARTY BUNTING", 495),
    ("20725", "LUNCH BAG RED RETROSPOT", 165),
    ("84029G", "KNITTED UNION FLAG, HOT WATER BOTTLE", 339),
    ("22139", 'RETROSPOT "TEA SET", CERAMIC 11 PC', 495),
)
COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "FR": "France", "JP": "Japan"}


class Example(msgspec.Struct, frozen=True):
    """A file to be written, and what reading it must give.

    `mistakes` are (row, reason) of every row to be set aside; `orders` the numbers of the orders that must come out.
    """

    format: Format
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    orders: tuple[str, ...]
    mistakes: tuple[tuple[int, str], ...]

    def text(self, *, line_end: str = "\r\n", column_seed: int | None = None, shape: str = "array") -> str:
        """The file as text; `column_seed` shuffles the columns, `shape` is array, object or lines (JSON)."""
        if self.format == "woocommerce":
            return _json_text(self.records, shape, line_end)
        columns = list(self.columns)
        if column_seed is not None:
            random.Random(column_seed).shuffle(columns)  # noqa: S311 - an example, not a secret
        out = io.StringIO(newline="")
        if self.format == "amazon":
            for record in ({column: column for column in columns}, *self.records):
                out.write("\t".join(str(record.get(column, "")) for column in columns) + line_end)
            return out.getvalue()
        writer = csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(columns)
        writer.writerows([record.get(column, "") for column in columns] for record in self.records)
        return out.getvalue()


def encoded(text: str, encoding: str = "utf-8", *, compressed: bool = False) -> bytes:
    """The text as a file's bytes; what the encoding lacks becomes a question mark, as exports do it."""
    data = text.encode(encoding, "replace")
    return gzip.compress(data, mtime=0) if compressed else data


def example(format: Format, orders: int, *, seed: int = 0, mistakes: bool = True) -> Example:
    """A look-alike file of `format` with so many orders; about a third of them with one mistake each."""
    rng = random.Random(f"{format} {seed}")  # noqa: S311 - an example, not a secret
    make, columns, known = _FORMATS[format]
    records: list[Record] = []
    good: list[str] = []
    wrong: list[tuple[int, str]] = []
    row = 1
    for number in range(orders):
        rows = make(rng, number)
        reasons = [""] * len(rows)
        if mistakes and rng.random() < 0.35:
            reasons = known[number % len(known)](rows)
        records += rows
        for record, reason in zip(rows, reasons, strict=True):
            count = _rows_of(format, record)
            wrong += [(row + index, reason) for index in range(count) if reason]
            row += count
        good += [_number(rows[0])] if not all(reasons) else []
    return Example(format, columns, tuple(records), tuple(good), tuple(wrong))


def _rows_of(format: Format, record: Record) -> int:
    """How many rows a record is: one, but for JSON one for each line of the order."""
    if format != "woocommerce":
        return 1
    return max(1, sum(len(record.get(name) or ()) for name in ("line_items", "shipping_lines", "fee_lines")))


def _number(record: Record) -> str:
    for name in ("InvoiceNo", "amazon-order-id", "Name", "number"):
        if name in record:
            return str(record[name])
    return ""


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _lines(rng: random.Random) -> Iterator[tuple[str, str, int, int]]:
    """(sku, description, quantity, unit price in minor units) of one to four different articles."""
    for sku, description, price in rng.sample(GOODS, rng.randint(1, 4)):
        yield sku, description, rng.randint(1, 12), price


def _all(reason: str, **changes: Any) -> Mistake:
    """A mistake of the whole order: the first row is changed, every row is set aside."""

    def make(rows: list[Record]) -> list[str]:
        rows[0].update(changes)
        return [reason] * len(rows)

    return make


def _every(reason: str, **changes: Any) -> Mistake:
    """A mistake that stands in every row of the order."""

    def make(rows: list[Record]) -> list[str]:
        for row in rows:
            row.update(changes)
        return [reason] * len(rows)

    return make


def _last(reason: str, **changes: Any) -> Mistake:
    """A mistake of a further row: the rows before it stay good."""

    def make(rows: list[Record]) -> list[str]:
        rows.append({**rows[-1], **changes})
        return [""] * (len(rows) - 1) + [reason]

    return make


# --- Online Retail


def _online_retail(rng: random.Random, number: int) -> list[Record]:
    person = rng.choice(PEOPLE)
    common = {
        "InvoiceNo": str(600000 + number),
        "InvoiceDate": f"2011-0{1 + number % 5}-{1 + number % 27:02} {8 + number % 10:02}:26:00",
        "CustomerID": rng.choice(("", str(12000 + number))),
        "Country": COUNTRIES[person[5]],
    }
    rows = [
        {**common, "StockCode": sku, "Description": name, "Quantity": str(quantity), "UnitPrice": _money(price)}
        for sku, name, quantity, price in _lines(rng)
    ]
    if rng.random() < 0.3:
        rows.append({**rows[0], "StockCode": "POST", "Description": "POSTAGE", "Quantity": "1", "UnitPrice": "18.00"})
    return rows


def _bad_debt(rows: list[Record]) -> list[str]:
    for row in rows:
        row["InvoiceNo"] = f"A{row['InvoiceNo']}"
    return ["bad_debt"] * len(rows)


def _unmatched(rows: list[Record]) -> list[str]:
    for row in rows:
        row.update(InvoiceNo=f"C{row['InvoiceNo']}", CustomerID="99999", Quantity=f"-{row['Quantity']}")
    return ["cancellation_unmatched"] * len(rows)


_ONLINE_RETAIL_COLUMNS = "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country".split()
_ONLINE_RETAIL_MISTAKES: tuple[Mistake, ...] = (
    _last("price_zero", UnitPrice="0"),
    _last("quantity_not_positive", Quantity="-4"),
    _last("description_blank", Description=" "),
    _last("duplicate"),
    _every("country_none", Country="European Community"),
    _every("country_unknown", Country="Atlantis"),
    _last("not_goods", StockCode="BANK CHARGES"),
    _bad_debt,
    _unmatched,
    _last("amount_too_fine", Quantity="1", UnitPrice="0.001"),
    _last("number_unreadable", UnitPrice="12,50"),
    _last("time_unreadable", InvoiceDate="yesterday"),
    _last("time_ambiguous", InvoiceDate="1/2/2011 8:26"),
    _last("order_mixed", Country="Norway"),
)


# --- Amazon


def _amazon(rng: random.Random, number: int) -> list[Record]:
    person = rng.choice(PEOPLE)
    common = {
        "amazon-order-id": f"203-{number:07}-{rng.randint(0, 9_999_999):07}",
        "purchase-date": f"2024-03-{1 + number % 28:02}T09:10:11+00:00",
        "order-status": "Shipped",
        "item-status": "Shipped",
        "currency": "JPY" if person[5] == "JP" else "GBP",
        "ship-city": person[3],
        "ship-postal-code": person[4],
        "ship-country": person[5],
        "price-designation": "",
    }
    rows = []
    for sku, name, quantity, price in _lines(rng):
        whole = common["currency"] == "JPY"
        sums = {"item-price": quantity * price, "item-tax": quantity * price // 5, "shipping-price": 399}
        sums["item-promotion-discount"] = rng.choice((0, 100))
        texts = {name: str(minor) if whole else _money(minor) for name, minor in sums.items()}
        rows.append({**common, "sku": sku, "product-name": name, "quantity": str(quantity), **texts})
    return rows


_AMAZON_COLUMNS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel sales-channel "
    "order-channel url ship-service-level product-name sku asin item-status quantity currency item-price item-tax "
    "shipping-price shipping-tax gift-wrap-price gift-wrap-tax item-promotion-discount ship-promotion-discount "
    "ship-city ship-state ship-postal-code ship-country promotion-ids is-business-order purchase-order-number "
    "price-designation"
).split()
_NO_SUMS = dict.fromkeys(("item-price", "item-tax", "shipping-price", "item-promotion-discount"), "")


def _mixed_currency(rows: list[Record]) -> list[str]:
    rows.append({**rows[0], "currency": "USD", "sku": "OTHER"})
    return ["currency_mixed"] * len(rows)


_AMAZON_MISTAKES: tuple[Mistake, ...] = (
    _last("item_cancelled", **{"item-status": "Cancelled", "quantity": "0", **_NO_SUMS}),
    _every("order_cancelled", **{"order-status": "Cancelled", "quantity": "0", **_NO_SUMS}),
    _every("not_paid", **{"order-status": "Pending"}),
    _every("order_returned", **{"order-status": "Shipped - Returned to Seller"}),
    _mixed_currency,
    _every("country_blank", **{"ship-country": ""}),
    _every("country_none", **{"ship-country": "XK"}),
    _last("number_unreadable", **{"item-price": "1.234,50"}),
    _last("quantity_not_positive", quantity="0"),
    _every("time_no_offset", **{"purchase-date": "2024-03-01 09:10:11"}),
    _last("duplicate"),
    _last("price_zero", **{"item-price": "0.00", "sku": "FREE"}),
    _last("status_unknown", **{"item-status": "Teleported"}),
)


# --- Shopify


def _shopify(rng: random.Random, number: int) -> list[Record]:
    person = rng.choice(PEOPLE)
    lines = list(_lines(rng))
    goods = sum(quantity * price for _, _, quantity, price in lines)
    discount, shipping, inside = rng.choice((0, 50)), rng.choice((0, 495)), rng.random() < 0.4
    tax = (goods - discount) // 5
    rows: list[Record] = [
        {
            "Name": f"#{1001 + number}",
            "Email": f"buyer{number}@example.org",
            "Created at": f"2024-05-{1 + number % 28:02} 11:12:13 -0400",
            "Lineitem quantity": str(quantity),
            "Lineitem name": name,
            "Lineitem price": _money(price),
            "Lineitem sku": sku,
            "Lineitem discount": "0.00",
        }
        for sku, name, quantity, price in lines
    ]
    rows[0].update(
        {
            "Financial Status": "paid",
            "Paid at": rows[0]["Created at"],
            "Currency": "EUR",
            "Subtotal": _money(goods - discount),
            "Shipping": _money(shipping),
            "Taxes": _money(tax),
            "Total": _money(goods - discount + shipping + (0 if inside else tax)),
            "Discount Amount": _money(discount),
            "Refunded Amount": "0.00",
            "Billing Name": f"{person[0]} {person[1]}",
            "Shipping Name": f"{person[0]} {person[1]}",
            "Shipping Address1": person[2],
            "Shipping City": person[3],
            "Shipping Zip": f"'{person[4]}",
            "Shipping Country": person[5],
            "Notes": "Ring twice.\nThen wait." if rng.random() < 0.2 else "",
            "Payment ID": f"pay{number}",
        }
    )
    return rows


_SHOPIFY_COLUMNS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,"
    "Lineitem requires shipping,Billing Name,Shipping Name,Shipping Address1,Shipping Address2,Shipping Company,"
    "Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Cancelled at,Payment Method,"
    "Refunded Amount,Vendor,Id,Tags,Lineitem discount,Payment ID"
).split(",")


def _no_sku(rows: list[Record]) -> list[str]:
    rows[-1]["Lineitem sku"] = ""
    return ["order_incomplete"] * (len(rows) - 1) + ["sku_blank"]


def _head_only(reason: str, **changes: str) -> Mistake:
    """A fault of the first row's own field: it has the reason, the others stand aside with it."""

    def make(rows: list[Record]) -> list[str]:
        rows[0].update(changes)
        return [reason] + ["order_incomplete"] * (len(rows) - 1)

    return make


_SHOPIFY_MISTAKES: tuple[Mistake, ...] = (
    _all("refunded", **{"Financial Status": "refunded", "Refunded Amount": "9.99"}),
    _all("refunded_in_part", **{"Financial Status": "partially_refunded"}),
    _all("refunded_in_part", **{"Refunded Amount": "1.00"}),
    _all("order_cancelled", **{"Financial Status": "voided"}),
    _all("order_cancelled", **{"Cancelled at": "2024-05-30 10:00:00 -0400"}),
    _all("not_paid", **{"Financial Status": "pending"}),
    _all("total_mismatch", Total="9999.99"),
    _head_only("country_blank", **{"Shipping Country": ""}),
    _head_only("time_no_offset", **{"Created at": "2024-05-01 11:12:13"}),
    _head_only("currency_unknown", Currency="ZZZ"),
    _head_only("order_head_missing", Total=""),
    _no_sku,
)


# --- WooCommerce


def _woocommerce(rng: random.Random, number: int) -> list[Record]:
    person = rng.choice(PEOPLE)
    items: list[Record] = []
    goods = tax = 0
    for index, (sku, name, quantity, price) in enumerate(_lines(rng)):
        before, after = quantity * price, quantity * price - rng.choice((0, 10))
        goods, tax = goods + after, tax + after // 5
        items.append(
            {"id": index, "name": name, "quantity": quantity, "sku": sku, "price": after / quantity / 100}
            | {"subtotal": _money(before), "total": _money(after), "total_tax": _money(after // 5)}
        )
    names = {"first_name": person[0], "last_name": person[1]}
    address = {"address_1": person[2], "city": person[3], "postcode": person[4], "country": person[5]}
    return [
        {
            "id": number + 1,
            "number": str(number + 1),
            "status": rng.choice(("processing", "completed")),
            "currency": "EUR",
            "date_created_gmt": f"2024-06-{1 + number % 28:02}T11:12:13",
            "date_paid_gmt": f"2024-06-{1 + number % 28:02}T11:13:13",
            "total": _money(goods + 495 + tax),
            "total_tax": _money(tax),
            "prices_include_tax": False,
            "customer_id": number % 3,
            "transaction_id": f"tx{number}",
            "billing": {**names, "email": "buyer@example.org", "phone": "+44 20 7946 0000"},
            "shipping": {**names, **address},
            "line_items": items,
            "shipping_lines": [{"method_title": 'Flat [rate] {"2"}', "total": "4.95", "total_tax": "0.00"}],
            "fee_lines": [],
            "refunds": [],
        }
    ]


def _woo_line(reason: str, **changes: Any) -> Mistake:
    def make(rows: list[Record]) -> list[str]:
        rows[0]["line_items"][0].update(changes)
        return [reason]

    return make


def _no_country(rows: list[Record]) -> list[str]:
    rows[0]["shipping"]["country"] = ""
    return ["country_blank"]


def _repeated(rows: list[Record]) -> list[str]:
    rows.append(dict(rows[0]))
    return ["", "order_repeated"]


_WOOCOMMERCE_MISTAKES: tuple[Mistake, ...] = (
    _all("not_paid", status="pending"),
    _all("not_paid", status="failed"),
    _all("order_cancelled", status="trash"),
    _all("order_draft", status="checkout-draft"),
    _all("refunded", status="refunded"),
    _all("refunded_in_part", refunds=[{"id": 1, "reason": "", "total": "-1.00"}]),
    _all("total_mismatch", total="9999.99"),
    _all("status_unknown", status="lost-in-space"),
    _all("json_not_order", line_items=None, shipping_lines=[], fee_lines=[]),
    _woo_line("sku_blank", sku=""),
    _woo_line("quantity_not_positive", quantity=0),
    _no_country,
    _repeated,
)


def _json_text(records: tuple[Record, ...], shape: str, line_end: str) -> str:
    texts = [json.dumps(record, ensure_ascii=False) for record in records]
    if shape == "lines":
        return line_end.join(texts)
    array = f"[{(',' + line_end).join(texts)}]"
    return array if shape == "array" else f'{{"page": 1, "orders": {array}}}'


_FORMATS: dict[Format, tuple[Callable[[random.Random, int], list[Record]], tuple[str, ...], tuple[Mistake, ...]]] = {
    "online-retail": (_online_retail, tuple(_ONLINE_RETAIL_COLUMNS), _ONLINE_RETAIL_MISTAKES),
    "amazon": (_amazon, tuple(_AMAZON_COLUMNS), _AMAZON_MISTAKES),
    "shopify": (_shopify, tuple(_SHOPIFY_COLUMNS), _SHOPIFY_MISTAKES),
    "woocommerce": (_woocommerce, (), _WOOCOMMERCE_MISTAKES),
}
