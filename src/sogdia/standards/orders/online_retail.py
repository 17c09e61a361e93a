"""The Online Retail file: one row for each line of an invoice of a British seller of giftware.

Columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. An invoice number
that begins with C cancels, one with A adjusts bad debt. Postage and carriage are lines of the order of kind freight.
Rows stand on their own: one that is set aside does not cost the good rows of its invoice. The invoice's customer,
country and time are those of its first good row; rows of another customer or country are set aside, and a time some
minutes later (the clerk went on typing) is no difference. The sum of a row is quantity x unit price.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sogdia.standards.orders.amounts import SCALE, atoms_of, exponent_of, minor_of, text_of, whole_of
from sogdia.standards.orders.books import Books
from sogdia.standards.orders.cancellations import Sale, SalesBook, Taken
from sogdia.standards.orders.columns import Column, Header, Layout
from sogdia.standards.orders.draft import (
    Buyer,
    CancelledLine,
    DraftCancellation,
    DraftLine,
    DraftOrder,
    Kind,
    SetAside,
)
from sogdia.standards.orders.faults import (
    PERSONAL,
    Fault,
    article_fault,
    country_or_fault,
    duplicate_fault,
    evidence_of,
    group_fault,
)
from sogdia.standards.orders.groups import Group
from sogdia.standards.orders.options import Options
from sogdia.standards.orders.rows import Row
from sogdia.standards.orders.source import Source
from sogdia.standards.orders.tables import rows_of
from sogdia.standards.orders.times import instant_of, zone_of

LAYOUT = Layout(
    "online-retail",
    "Online Retail",
    (
        Column("order", ("InvoiceNo", "Invoice"), True),
        Column("sku", ("StockCode",), True),
        Column("description", ("Description",), True),
        Column("quantity", ("Quantity",), True),
        Column("placed", ("InvoiceDate",), True),
        Column("price", ("UnitPrice", "Price"), True),
        Column("customer", ("CustomerID", "Customer ID"), True),
        Column("country", ("Country",), True),
    ),
    (),
)


class Line(NamedTuple):
    """A good row, read."""

    row: Row
    kind: Kind
    sku: str
    quantity: int
    price_atoms: int
    minor: int
    at_ms: int


@cache
def _codes() -> tuple[dict[str, tuple[str, str]], tuple[tuple[str, tuple[str, str]], ...]]:
    """Stock codes that are no article: whole codes, and beginnings."""
    exact, prefixes = {}, []
    for row in rows_of("online_retail_codes.csv"):
        meaning = (row["kind"], row["what"])
        if row["match"] == "exact":
            exact[row["code"].casefold()] = meaning
        else:
            prefixes.append((row["code"].casefold(), meaning))
    return exact, tuple(prefixes)


@cache
def meaning_of(sku: str) -> tuple[str, str] | None:
    """(`freight` or `not_goods`, what it is) of a stock code that is no article, else None."""
    exact, prefixes = _codes()
    code = sku.casefold()
    return exact.get(code) or next((meaning for start, meaning in prefixes if code.startswith(start)), None)


class OnlineRetail:
    """Turns groups of rows into orders, cancellations and rows set aside."""

    layout = LAYOUT

    def __init__(self, source: Source, header: Header, books: Books, options: Options) -> None:
        exponent = exponent_of(options.currency)
        if exponent is None:
            raise ValueError(f"currency {options.currency!r} is no ISO 4217 code of the table")
        self._unit = SCALE // 10**exponent
        self._exponent = exponent
        self._currency = options.currency
        self._zone = zone_of(options.timezone or "Europe/London")
        self._slash_dates = options.slash_dates
        self._header, self._books, self._guess = header, books, source.survey.encoding
        self._sales = SalesBook()
        self._limits = source.limits
        at = header.at
        self._sku, self._description, self._quantity = at["sku"], at["description"], at["quantity"]
        self._placed, self._price = at["placed"], at["price"]
        self._customer, self._country = at["customer"], at["country"]

    def saw(self, row: Row) -> None:
        """Enter a row in the book of what was read."""
        self._books.saw(self._atoms(row), self._currency)

    def items(self, group: Group) -> Iterator[DraftOrder | DraftCancellation | SetAside]:
        """Rows set aside first, then what the group's good rows make."""
        mark = group.key[:1].upper()
        good: list[Line] = []
        first_seen: dict[tuple[str, ...], int] = {}
        for row in group.rows:
            found = self._first_fault(row, group, mark, first_seen) or self._line(row, mark)
            if isinstance(found, Fault):
                yield self._aside(row, group.key, found)
            else:
                good.append(found)
        if mark == "C":
            yield from self._cancelled(group.key, good)
        elif good:
            yield from self._ordered(group.key, good)

    def _atoms(self, row: Row) -> int | None:
        if row.fault:
            return None
        quantity, price = whole_of(row.fields[self._quantity]), atoms_of(row.fields[self._price])
        return None if quantity is None or price is None else quantity * price

    def _aside(self, row: Row, order: str, fault: Fault) -> SetAside:
        title = self._header.title(fault.column) if fault.column else ""
        return self._books.set_aside(
            row.number,
            fault.reason,
            order=order,
            field=title,
            value=fault.value,
            atoms=self._atoms(row),
            currency=self._currency,
            personal=fault.column in PERSONAL,
            facts=fault.facts,
        )

    def _first_fault(self, row: Row, group: Group, mark: str, first_seen: dict[tuple[str, ...], int]) -> Fault | None:
        """What the row's shape and its invoice say, before its values are looked at."""
        fault = group_fault(row, group, self._header, self._limits)
        if fault is not None:
            return fault
        if mark == "A":
            return Fault("bad_debt", "order", group.key)
        return duplicate_fault(row, first_seen)

    def _line(self, row: Row, mark: str) -> Line | Fault:
        """The row's own values, or the first of them that is wrong."""
        fields = row.fields
        quantity, price = whole_of(fields[self._quantity]), atoms_of(fields[self._price])
        if quantity is None:
            return Fault("number_unreadable", "quantity", fields[self._quantity])
        if price is None:
            return Fault("number_unreadable", "price", fields[self._price])
        sku = fields[self._sku].strip()
        meaning = meaning_of(sku)
        if meaning is not None and meaning[0] == "not_goods":
            return Fault("not_goods", "sku", sku, (("what", meaning[1]),))
        fault = self._sign_fault(fields, mark, quantity, price)
        if fault is not None:
            return fault
        minor = minor_of(abs(quantity) * price, self._exponent)
        if minor is None:
            return Fault("amount_too_fine", "price", fields[self._price], (("currency", self._currency),))
        at_ms = instant_of(fields[self._placed], self._zone, self._slash_dates)
        if isinstance(at_ms, str):
            return Fault(at_ms, "placed", fields[self._placed])
        return Line(row, "freight" if meaning else "goods", sku, abs(quantity), price, minor, at_ms)

    def _sign_fault(self, fields: list[str], mark: str, quantity: int, price: int) -> Fault | None:
        if mark != "C":
            fault = article_fault(fields[self._sku].strip(), fields[self._description].strip())
            if fault is not None:
                return fault
            if quantity <= 0:
                return Fault("quantity_not_positive", "quantity", fields[self._quantity])
        elif not fields[self._sku].strip():
            return Fault("sku_blank", "sku", "")
        elif quantity >= 0:
            return Fault("cancellation_positive", "quantity", fields[self._quantity])
        if price == 0:
            return Fault("price_zero", "price", fields[self._price])
        return Fault("price_negative", "price", fields[self._price]) if price < 0 else None

    def _ordered(self, key: str, lines: list[Line]) -> Iterator[DraftOrder | SetAside]:
        """The order of the lines that share the first one's customer and country."""
        kept: list[Line] = []
        country = ""
        for line in lines:
            found = country_or_fault(line.row.fields[self._country])
            if isinstance(found, Fault):
                yield self._aside(line.row, key, found)
                continue
            fault = self._stranger(line, kept[0]) if kept else None
            if fault is not None:
                yield self._aside(line.row, key, fault)
                continue
            country = found
            kept.append(line)
        if kept:
            yield self._order(key, kept, country)

    def _stranger(self, line: Line, first: Line) -> Fault | None:
        for name, at in (("customer", self._customer), ("country", self._country)):
            value, expected = line.row.fields[at], first.row.fields[at]
            if value != expected:
                shown = "another customer" if name == "customer" else expected
                return Fault("order_mixed", name, value, (("expected", shown),))
        return None

    def _order(self, key: str, lines: list[Line], country: str) -> DraftOrder:
        customer = lines[0].row.fields[self._customer].strip()
        sale = Sale(key, lines[0].at_ms)
        if customer:
            for line in lines:
                self._sales.sold((customer, line.sku, line.price_atoms), sale, line.row.number, line.quantity)
        total = sum(line.minor for line in lines)
        freight = sum(line.minor for line in lines if line.kind == "freight")
        self._books.order(len(lines), total * self._unit, self._currency)
        return DraftOrder(
            key,
            "online-retail",
            sale.placed_at_ms,
            None,
            self._currency,
            tuple([self._draft(line) for line in lines]),
            freight,
            0,
            0,
            total,
            country,
            Buyer(reference=customer or None),
            None,
            evidence_of([line.row for line in lines], self._guess.raw_bytes),
        )

    def _draft(self, line: Line) -> DraftLine:
        return DraftLine(
            line.row.number,
            line.kind,
            line.sku,
            line.row.fields[self._description].strip(),
            line.quantity,
            text_of(line.price_atoms),
            line.minor,
        )

    def _cancelled(self, key: str, lines: list[Line]) -> Iterator[DraftCancellation | SetAside]:
        """One cancellation for each order that the lines take back from, by the order's first mention."""
        by_sale: dict[Sale, list[CancelledLine]] = {}
        for line in lines:
            pieces = self._take_back(line)
            if isinstance(pieces, Fault):
                yield self._aside(line.row, key, pieces)
                continue
            self._books.cancellation(1, -line.minor * self._unit, self._currency)
            for piece, minor in zip(pieces, self._shares(line, pieces), strict=True):
                by_sale.setdefault(piece.sale, []).append(
                    CancelledLine(line.row.number, piece.row, line.sku, piece.quantity, minor)
                )
        for sale, taken in by_sale.items():
            self._books.cancellation_document()
            yield DraftCancellation(key, lines[0].at_ms, sale.order, self._currency, tuple(taken))

    def _take_back(self, line: Line) -> list[Taken] | Fault:
        customer = line.row.fields[self._customer].strip()
        if not customer:
            return Fault("cancellation_no_customer", "customer", "")
        pieces, left = self._sales.take_back((customer, line.sku, line.price_atoms), line.at_ms, line.quantity)
        if pieces:
            return pieces
        return Fault("cancellation_unmatched", "sku", line.sku, (("quantity", str(line.quantity)), ("left", str(left))))

    def _shares(self, line: Line, pieces: list[Taken]) -> list[int]:
        """Minor units of each piece; the last takes what whole pennies leave over."""
        shares = [piece.quantity * line.price_atoms // self._unit for piece in pieces[:-1]]
        return [*shares, line.minor - sum(shares)]
