"""One WooCommerce order, from its JSON fields to a draft."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sogdia.standards.orders.amounts import (
    atoms_from_minor,
    atoms_of,
    exponent_of,
    minor_of,
    text_of,
    unit_price_text,
    whole_of,
)
from sogdia.standards.orders.draft import Buyer, DraftLine, DraftOrder
from sogdia.standards.orders.encodings import EncodingGuess
from sogdia.standards.orders.faults import Fault, article_fault, country_or_fault, status_fault
from sogdia.standards.orders.times import instant_of

Json = Any

KNOWN_KEYS = (
    "id",
    "parent_id",
    "number",
    "order_key",
    "created_via",
    "version",
    "status",
    "currency",
    "currency_symbol",
    "date_created",
    "date_created_gmt",
    "date_modified",
    "date_modified_gmt",
    "discount_total",
    "discount_tax",
    "shipping_total",
    "shipping_tax",
    "cart_tax",
    "total",
    "total_tax",
    "prices_include_tax",
    "customer_id",
    "customer_ip_address",
    "customer_user_agent",
    "customer_note",
    "billing",
    "shipping",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "date_paid",
    "date_paid_gmt",
    "date_completed",
    "date_completed_gmt",
    "cart_hash",
    "meta_data",
    "line_items",
    "tax_lines",
    "shipping_lines",
    "fee_lines",
    "coupon_lines",
    "refunds",
    "payment_url",
    "is_editable",
    "needs_payment",
    "needs_processing",
    "set_paid",
    "_links",
)


class Parts(NamedTuple):
    """An order's lines and sums in minor units. `tax` of the lines is not added: the order's total_tax is."""

    lines: tuple[DraftLine, ...]
    freight: int
    discount: int


class _Wrong(Exception):
    """A fault found deep in an order; carries it up to `OrderReader.order`."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.reason)


class OrderReader:
    """Reads one order after another; `zone` is for times that are given in the shop's own time only."""

    def __init__(self, zone: ZoneInfo | None, encoding: EncodingGuess) -> None:
        self._zone = zone
        self._encoding = encoding

    def order(self, key: str, found: dict[str, Json], row: int, raw: str) -> DraftOrder | Fault:
        """The draft of an order whose first row is `row`, or why it is set aside."""
        try:
            return self._draft(key, found, row, raw)
        except _Wrong as wrong:
            return wrong.fault

    def _draft(self, key: str, found: dict[str, Json], row: int, raw: str) -> DraftOrder:
        self._check_state(key, found)
        currency = text(found, "currency").upper()
        exponent = exponent_of(currency)
        if exponent is None:
            raise _Wrong(Fault("currency_unknown", "currency", currency))
        money = Money(currency, exponent)
        parts = _parts(found, row, money)
        tax, total = money.minor(found, "total_tax", "total_tax"), money.minor(found, "total", "total", required=True)
        goods = sum(line.total_minor for line in parts.lines if line.kind == "goods")
        made = goods + parts.freight + tax - parts.discount
        if abs(total - made) > len(parts.lines):
            raise _Wrong(
                Fault(
                    "total_mismatch",
                    "total",
                    text(found, "total"),
                    (("order", key), ("expected", text_of(atoms_from_minor(made, exponent)))),
                )
            )
        country = country_or_fault(text(_child(found, "shipping"), "country"))
        if isinstance(country, Fault):
            raise _Wrong(country._replace(column="shipping.country"))
        placed = self._instant(found, "date_created")
        if placed is None:
            raise _Wrong(Fault("time_unreadable", "date_created_gmt"))
        return DraftOrder(
            key,
            "woocommerce",
            placed,
            self._instant(found, "date_paid"),
            currency,
            parts.lines,
            parts.freight,
            parts.discount,
            tax,
            total,
            country,
            _buyer(found),
            text(found, "transaction_id") or None,
            hashlib.sha256(self._encoding.raw_bytes(raw)).hexdigest(),
            0,
            total - made,
        )

    def _check_state(self, key: str, found: dict[str, Json]) -> None:
        fault = status_fault("woocommerce", "status", "status", text(found, "status"), key)
        if fault is not None:
            raise _Wrong(fault)
        refunds = found.get("refunds") or []
        if refunds:
            shown = text(refunds[0], "total") if isinstance(refunds, list) and isinstance(refunds[0], dict) else "?"
            raise _Wrong(Fault("refunded_in_part", "refunds", shown, (("order", key),)))

    def _instant(self, found: dict[str, Json], name: str) -> int | None:
        """`name`_gmt, which is UTC without saying so; else `name` in the shop's zone; None when both are blank."""
        gmt, local = text(found, f"{name}_gmt"), text(found, name)
        if not gmt and not local:
            return None
        moment = instant_of(gmt or local, None if gmt else self._zone)
        if moment == "time_no_offset" and gmt:
            moment = instant_of(f"{gmt}Z", None)
        if isinstance(moment, str):
            raise _Wrong(Fault(moment, f"{name}_gmt" if gmt else name, gmt or local))
        return moment


class Money(NamedTuple):
    """An order's currency; reads its sums."""

    currency: str
    exponent: int

    def minor(self, found: dict[str, Json], key: str, shown: str, *, required: bool = False) -> int:
        """Minor units of a sum not below zero; a blank is nothing unless `required`."""
        minor = self.signed(found, key, shown, required=required)
        if minor < 0:
            raise _Wrong(Fault("price_negative", shown, text(found, key)))
        return minor

    def signed(self, found: dict[str, Json], key: str, shown: str, *, required: bool = False) -> int:
        """Minor units of a sum of either sign."""
        value = text(found, key)
        if not value and not required and found.get(key) in (None, ""):
            return 0
        atoms = atoms_of(value)
        if atoms is None:
            raise _Wrong(Fault("number_unreadable", shown, value or type(found.get(key)).__name__))
        minor = minor_of(atoms, self.exponent)
        if minor is None:
            raise _Wrong(Fault("amount_too_fine", shown, value, (("currency", self.currency),)))
        return minor


def _parts(found: dict[str, Json], row: int, money: Money) -> Parts:
    lines: list[DraftLine] = []
    discount = 0
    for item in _children(found, "line_items"):
        line, taken = _goods(item, row + len(lines), money)
        lines.append(line)
        discount += taken
    if not lines:
        raise _Wrong(Fault("no_goods", "line_items", "", (("order", text(found, "number")),)))
    freight = 0
    for group, title in (("shipping_lines", "method_title"), ("fee_lines", "name")):
        for item in _children(found, group):
            total = money.signed(item, "total", f"{group}.total")
            if total < 0 and group == "shipping_lines":
                raise _Wrong(Fault("price_negative", f"{group}.total", text(item, "total")))
            charge = max(total, 0)
            discount += charge - total
            freight += charge
            shown = text_of(atoms_from_minor(charge, money.exponent))
            lines.append(
                DraftLine(
                    row + len(lines), "freight", group.removesuffix("_lines"), text(item, title), 1, shown, charge
                )
            )
    return Parts(tuple(lines), freight, discount)


def _goods(item: dict[str, Json], row: int, money: Money) -> tuple[DraftLine, int]:
    """A line item before its discount, and the discount."""
    sku, name = text(item, "sku"), text(item, "name")
    fault = article_fault(sku, name, "line_items.sku", "line_items.name")
    if fault is not None:
        raise _Wrong(fault)
    quantity = whole_of(text(item, "quantity"))
    if quantity is None:
        raise _Wrong(Fault("number_unreadable", "line_items.quantity", text(item, "quantity")))
    if quantity <= 0:
        raise _Wrong(Fault("quantity_not_positive", "line_items.quantity", str(quantity)))
    total = money.minor(item, "total", "line_items.total", required=True)
    before = money.minor(item, "subtotal", "line_items.subtotal") if text(item, "subtotal") else total
    if before < total:
        raise _Wrong(Fault("discount_negative", "line_items.subtotal", text(item, "subtotal")))
    if before == 0:
        raise _Wrong(Fault("price_zero", "line_items.total", text(item, "total")))
    price = unit_price_text(atoms_from_minor(before, money.exponent), quantity)
    return DraftLine(row, "goods", sku, name, quantity, price, before), before - total


def text(found: dict[str, Json], key: str) -> str:
    """A field as text (numbers were kept as text); blank when it is absent or no plain value."""
    value = found.get(key)
    return value.strip() if isinstance(value, str) else ""


def _child(found: dict[str, Json], key: str) -> dict[str, Json]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _children(found: dict[str, Json], key: str) -> list[dict[str, Json]]:
    value = found.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _Wrong(Fault("json_not_order", key, f"{key} is no list of objects"))
    return value


def _buyer(found: dict[str, Json]) -> Buyer:
    billing, shipping = _child(found, "billing"), _child(found, "shipping")

    def name(of: dict[str, Json]) -> str:
        return f"{text(of, 'first_name')} {text(of, 'last_name')}".strip()

    customer = text(found, "customer_id")
    return Buyer(
        name(billing) or name(shipping) or None,
        text(billing, "phone") or text(shipping, "phone") or None,
        text(billing, "email") or None,
        tuple(filter(None, (text(shipping, part) for part in ("company", "address_1", "address_2")))),
        text(shipping, "postcode") or None,
        text(shipping, "city") or None,
        text(shipping, "state") or None,
        customer if customer not in ("", "0") else None,
    )
