"""Amazon order reports: tab-separated, one row for each item of an order.

Two reports share this reader: all orders (amazon-order-id ...) and seller-fulfilled orders (order-id ...).
item-price is the total of the line, not the price of one. Rows stand on their own: a cancelled item does not cost the
other items of its order. The sum of a row is item-price + item-tax + shipping-price + shipping-tax + gift-wrap-price
+ gift-wrap-tax - item-promotion-discount - ship-promotion-discount; with `amazon_prices_include_tax` the taxes are
inside the prices and are not added again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sogdia.standards.orders.amounts import atoms_from_minor, atoms_of, exponent_of, unit_price_text, whole_of
from sogdia.standards.orders.books import Books
from sogdia.standards.orders.columns import Column, Header, Layout
from sogdia.standards.orders.draft import Buyer, DraftLine, DraftOrder, SetAside
from sogdia.standards.orders.faults import (
    PERSONAL,
    Fault,
    article_fault,
    country_or_fault,
    duplicate_fault,
    evidence_of,
    group_fault,
    minor_or_fault,
    status_fault,
)
from sogdia.standards.orders.groups import Group
from sogdia.standards.orders.options import Options
from sogdia.standards.orders.rows import Row
from sogdia.standards.orders.source import Source
from sogdia.standards.orders.times import instant_of, zone_of

_PRICES = ("item-price", "shipping-price", "gift-wrap-price")
_TAXES = ("item-tax", "shipping-tax", "gift-wrap-tax")
_DISCOUNTS = ("item-promotion-discount", "ship-promotion-discount")

LAYOUT = Layout(
    "amazon",
    "an Amazon order report",
    (
        Column("order", ("amazon-order-id", "order-id"), True),
        Column("placed", ("purchase-date",), True),
        Column("paid", ("payments-date",)),
        Column("order-status", ("order-status",)),
        Column("item-status", ("item-status",)),
        Column("sku", ("sku",), True),
        Column("description", ("product-name",), True),
        Column("quantity", ("quantity", "quantity-purchased"), True),
        Column("currency", ("currency",), True),
        Column("item-price", ("item-price",), True),
        *(Column(name, (name,)) for name in (*_PRICES[1:], *_TAXES, *_DISCOUNTS)),
        Column("country", ("ship-country",), True),
        Column("region", ("ship-state",)),
        Column("city", ("ship-city",)),
        Column("postcode", ("ship-postal-code",)),
        *(Column(f"address-{n}", (f"ship-address-{n}",)) for n in (1, 2, 3)),
        Column("buyer", ("buyer-name",)),
        Column("recipient", ("recipient-name",)),
        Column("email", ("buyer-email",)),
        Column("telephone", ("buyer-phone-number", "ship-phone-number")),
    ),
    (
        "merchant-order-id",
        "last-updated-date",
        "fulfillment-channel",
        "sales-channel",
        "order-channel",
        "url",
        "ship-service-level",
        "asin",
        "promotion-ids",
        "is-business-order",
        "purchase-order-number",
        "price-designation",
        "order-item-id",
        "reporting-date",
        "promise-date",
        "days-past-promise",
        "quantity-shipped",
        "quantity-to-ship",
        "delivery-start-date",
        "delivery-end-date",
        "delivery-time-zone",
        "delivery-instructions",
        "ship-phone-number",
        "item-promotion-id",
        "ship-promotion-id",
        "fulfilled-by",
        "is-replacement-order",
        "original-order-id",
    ),
)


class Line(NamedTuple):
    """A good row, read; sums in minor units."""

    row: Row
    draft: DraftLine
    currency: str
    freight: int
    tax: int
    discount: int
    placed_at_ms: int
    paid_at_ms: int | None
    country: str


class Amazon:
    """Turns groups of rows into orders and rows set aside."""

    layout = LAYOUT

    def __init__(self, source: Source, header: Header, books: Books, options: Options) -> None:
        self._header, self._books, self._at = header, books, header.at
        self._guess, self._limits = source.survey.encoding, source.limits
        self._zone = zone_of(options.timezone) if options.timezone else None
        self._slash_dates = options.slash_dates
        self._tax_inside = options.amazon_prices_include_tax

    def saw(self, row: Row) -> None:
        """Enter a row in the book of what was read."""
        self._books.saw(*self._amount(row))

    def items(self, group: Group) -> Iterator[DraftOrder | SetAside]:
        """Rows set aside first, then the order of the good rows."""
        good: list[Line] = []
        first_seen: dict[tuple[str, ...], int] = {}
        for row in group.rows:
            found = (
                group_fault(row, group, self._header, self._limits)
                or duplicate_fault(row, first_seen)
                or self._status_fault(row, group.key)
                or self._line(row)
            )
            if isinstance(found, Fault):
                yield self._aside(row, group.key, found)
            else:
                good.append(found)
        if good:
            yield from self._ordered(group.key, good)

    def _text(self, row: Row, name: str) -> str:
        at = self._at[name]
        return row.fields[at].strip() if at >= 0 else ""

    def _amount(self, row: Row) -> tuple[int | None, str]:
        """The row's sum in atoms, and its currency; None when a number of it cannot be read."""
        if row.fault:
            return None, ""
        added = _PRICES if self._tax_inside else _PRICES + _TAXES
        plus = [atoms_of(self._text(row, name) or "0") for name in added]
        minus = [atoms_of(self._text(row, name) or "0") for name in _DISCOUNTS]
        if None in plus or None in minus:
            return None, ""
        return sum(filter(None, plus)) - sum(filter(None, minus)), self._text(row, "currency").upper()[:3]

    def _aside(self, row: Row, order: str, fault: Fault) -> SetAside:
        atoms, currency = self._amount(row)
        return self._books.set_aside(
            row.number,
            fault.reason,
            order=order,
            field=self._header.title(fault.column) if fault.column else "",
            value=fault.value,
            atoms=atoms,
            currency=currency,
            personal=fault.column in PERSONAL,
            facts=fault.facts,
        )

    def _status_fault(self, row: Row, order: str) -> Fault | None:
        for name in ("order-status", "item-status"):
            if self._at[name] >= 0:
                fault = status_fault("amazon", name, name, self._text(row, name), order)
                if fault is not None:
                    return fault
        return None

    def _line(self, row: Row) -> Line | Fault:
        currency = self._text(row, "currency").upper()
        exponent = exponent_of(currency)
        if exponent is None:
            return Fault("currency_unknown", "currency", currency)
        quantity = whole_of(self._text(row, "quantity"))
        if quantity is None:
            return Fault("number_unreadable", "quantity", self._text(row, "quantity"))
        if quantity <= 0:
            return Fault("quantity_not_positive", "quantity", str(quantity))
        fault = article_fault(self._text(row, "sku"), self._text(row, "description"))
        if fault is not None:
            return fault
        country = country_or_fault(self._text(row, "country"))
        if isinstance(country, Fault):
            return country
        times = self._times(row)
        if isinstance(times, Fault):
            return times
        sums = self._sums(row, exponent, currency)
        if isinstance(sums, Fault):
            return sums
        goods, freight, tax, discount = sums
        unit_price = unit_price_text(atoms_from_minor(goods, exponent), quantity)
        draft = DraftLine(
            row.number, "goods", self._text(row, "sku"), self._text(row, "description"), quantity, unit_price, goods
        )
        return Line(row, draft, currency, freight, tax, discount, *times, country)

    def _times(self, row: Row) -> tuple[int, int | None] | Fault:
        """When it was placed, and when paid (None where the report does not say)."""
        placed = instant_of(self._text(row, "placed"), self._zone, self._slash_dates)
        if isinstance(placed, str):
            return Fault(placed, "placed", self._text(row, "placed"))
        if not self._text(row, "paid"):
            return placed, None
        paid = instant_of(self._text(row, "paid"), self._zone, self._slash_dates)
        return Fault(paid, "paid", self._text(row, "paid")) if isinstance(paid, str) else (placed, paid)

    def _sums(self, row: Row, exponent: int, currency: str) -> tuple[int, int, int, int] | Fault:
        """(goods, freight with gift wrap, tax, discount) of a row in minor units."""
        sums: dict[str, int] = {}
        for name in _PRICES + _TAXES + _DISCOUNTS:
            minor = minor_or_fault(self._text(row, name), name, exponent, currency)
            if isinstance(minor, Fault):
                return minor
            sums[name] = minor
        if not sums["item-price"]:
            return Fault("price_zero", "item-price", self._text(row, "item-price"))
        if self._tax_inside:
            for price, tax in zip(_PRICES, _TAXES, strict=True):
                if sums[tax] > sums[price]:
                    return Fault("tax_exceeds_price", tax, self._text(row, tax))
        freight = sums["shipping-price"] + sums["gift-wrap-price"]
        return (sums["item-price"], freight, sum(sums[name] for name in _TAXES), sum(sums[name] for name in _DISCOUNTS))

    def _ordered(self, key: str, lines: list[Line]) -> Iterator[DraftOrder | SetAside]:
        currencies = sorted({line.currency for line in lines})
        if len(currencies) > 1:
            for line in lines:
                yield self._aside(
                    line.row, key, Fault("currency_mixed", "currency", ", ".join(currencies), (("order", key),))
                )
            return
        kept: list[Line] = []
        for line in lines:
            if line.country != lines[0].country:
                yield self._aside(
                    line.row, key, Fault("order_mixed", "country", line.country, (("expected", lines[0].country),))
                )
            else:
                kept.append(line)
        yield from self._order(key, kept)

    def _order(self, key: str, lines: list[Line]) -> Iterator[DraftOrder | SetAside]:
        head = lines[0]
        goods, freight = sum(line.draft.total_minor for line in lines), sum(line.freight for line in lines)
        tax, discount = sum(line.tax for line in lines), sum(line.discount for line in lines)
        added, inside = (0, tax) if self._tax_inside else (tax, 0)
        total = goods + freight + added - discount
        if total < 0:
            for line in lines:
                yield self._aside(line.row, key, Fault("total_negative", "", str(total), (("order", key),)))
            return
        self._books.order(len(lines), atoms_from_minor(total, exponent_of(head.currency) or 0), head.currency)
        yield DraftOrder(
            key,
            "amazon",
            head.placed_at_ms,
            head.paid_at_ms,
            head.currency,
            tuple(line.draft for line in lines),
            freight,
            discount,
            added,
            total,
            head.country,
            self._buyer(head.row),
            None,
            evidence_of([line.row for line in lines], self._guess.raw_bytes),
            inside,
        )

    def _buyer(self, row: Row) -> Buyer:
        def known(name: str) -> str | None:
            return self._text(row, name) or None

        address = tuple(filter(None, (known(f"address-{n}") for n in (1, 2, 3))))
        return Buyer(
            known("buyer") or known("recipient"),
            known("telephone"),
            known("email"),
            address,
            known("postcode"),
            known("city"),
            known("region"),
        )
