"""Shopify order exports: CSV, one row for each line item; an order's own columns stand on its first row only.

The order's totals cover all its lines, so an order is taken whole or set aside whole. The sum of a row is its Total
column: what a spreadsheet adds up; rows after the first add nothing.

Exports do not say whether Taxes are inside the prices, nor whether Discount Amount already counts the discounts of
the lines; both differ by shop. The order's own Subtotal and Total decide: the reading that makes them is taken, exact
before one that differs by at most 1 minor unit for each line; when none does the order is set aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sogdia.standards.orders.amounts import atoms_from_minor, atoms_of, exponent_of, minor_of, text_of, whole_of
from sogdia.standards.orders.books import Books
from sogdia.standards.orders.columns import Column, Header, Layout
from sogdia.standards.orders.draft import Buyer, DraftLine, DraftOrder, SetAside
from sogdia.standards.orders.faults import (
    PERSONAL,
    Fault,
    article_fault,
    country_or_fault,
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

_ADDRESS = ("Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone")

LAYOUT = Layout(
    "shopify",
    "a Shopify order export",
    (
        Column("order", ("Name",), True),
        Column("email", ("Email",)),
        Column("status", ("Financial Status",), True),
        Column("paid", ("Paid at",)),
        Column("placed", ("Created at",), True),
        Column("cancelled", ("Cancelled at",)),
        Column("currency", ("Currency",), True),
        Column("subtotal", ("Subtotal",)),
        Column("freight", ("Shipping",), True),
        Column("tax", ("Taxes",), True),
        Column("duties", ("Duties",)),
        Column("total", ("Total",), True),
        Column("discount", ("Discount Amount",)),
        Column("refunded", ("Refunded Amount",)),
        Column("quantity", ("Lineitem quantity",), True),
        Column("description", ("Lineitem name",), True),
        Column("price", ("Lineitem price",), True),
        Column("sku", ("Lineitem sku",), True),
        Column("line-discount", ("Lineitem discount",)),
        Column("buyer", ("Billing Name",)),
        Column("recipient", ("Shipping Name",)),
        Column("address-1", ("Shipping Address1", "Shipping Street")),
        Column("address-2", ("Shipping Address2",)),
        Column("address-3", ("Shipping Company",)),
        Column("city", ("Shipping City",)),
        Column("postcode", ("Shipping Zip",)),
        Column("region", ("Shipping Province",)),
        Column("country", ("Shipping Country",), True),
        Column("telephone", ("Shipping Phone", "Billing Phone", "Phone")),
        Column("payment", ("Payment ID", "Payment Reference", "Payment References")),
    ),
    (
        "Fulfillment Status",
        "Fulfilled at",
        "Accepts Marketing",
        "Discount Code",
        "Shipping Method",
        "Lineitem compare at price",
        "Lineitem requires shipping",
        "Lineitem taxable",
        "Lineitem fulfillment status",
        *(f"Billing {part}" for part in _ADDRESS),
        *(f"Shipping {part}" for part in _ADDRESS),
        "Notes",
        "Note Attributes",
        "Payment Method",
        "Payment Reference",
        "Payment References",
        "Vendor",
        "Outstanding Balance",
        "Employee",
        "Location",
        "Device ID",
        "Id",
        "Tags",
        "Risk Level",
        "Source",
        *(f"Tax {n} {part}" for n in range(1, 6) for part in ("Name", "Value")),
        "Phone",
        "Receipt Number",
        "Billing Province Name",
        "Shipping Province Name",
        "Payment Terms Name",
        "Next Payment Due At",
    ),
)


class Misfit(NamedTuple):
    """A fault and the row that has it."""

    row: Row
    fault: Fault


class Line(NamedTuple):
    """A line item, read; `discount` in minor units."""

    draft: DraftLine
    discount: int


class Sums(NamedTuple):
    """An order's totals as its first row has them, in minor units; `subtotal` None where the file has none."""

    freight: int
    tax: int
    duties: int
    discount: int
    total: int
    subtotal: int | None


class Reading(NamedTuple):
    """One way to read the totals: what was discounted, which tax is added and which inside, what is left over."""

    discount: int
    added: int
    inside: int
    rounding: int


class Shopify:
    """Turns groups of rows into orders and rows set aside."""

    layout = LAYOUT

    def __init__(self, source: Source, header: Header, books: Books, options: Options) -> None:
        self._header, self._books, self._at = header, books, header.at
        self._guess, self._limits = source.survey.encoding, source.limits
        self._zone = zone_of(options.timezone) if options.timezone else None
        self._slash_dates = options.slash_dates

    def saw(self, row: Row) -> None:
        """Enter a row in the book of what was read; a row after the first of its order has no currency of its own."""
        self._books.saw(*self._amount(row))

    def items(self, group: Group) -> Iterator[DraftOrder | SetAside]:
        """The order, or each of its rows with the reason."""
        own: dict[int, Fault] = {}
        for row in group.rows:
            fault = group_fault(row, group, self._header, self._limits)
            if fault is not None:
                own[row.number] = fault
        made: DraftOrder | Misfit | None = None if own else self._order(group)
        if isinstance(made, DraftOrder):
            self._books.order(len(group.rows), self._amount(group.rows[0])[0] or 0, made.currency)
            yield made
            return
        if made is not None:
            own[made.row.number] = made.fault
        other = str(min(own))
        for row in group.rows:
            yield self._aside(row, group.key, own.get(row.number) or self._companion(own, other, group.key))

    def _companion(self, own: dict[int, Fault], other: str, key: str) -> Fault:
        """The fault of a row whose order is set aside for another of its rows: the same where it is the order's."""
        fault = own[int(other)]
        return fault if fault.facts[:1] == (("order", key),) else Fault("order_incomplete", facts=(("other", other),))

    def _text(self, row: Row, name: str) -> str:
        at = self._at[name]
        return row.fields[at].strip() if at >= 0 else ""

    def _amount(self, row: Row) -> tuple[int | None, str]:
        """The row's Total in atoms, and its currency; None when it cannot be read."""
        if row.fault:
            return None, ""
        total = self._text(row, "total")
        if not total:
            return 0, ""
        atoms = atoms_of(total)
        return atoms, self._text(row, "currency").upper()[:3] if atoms is not None else ""

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

    def _order(self, group: Group) -> DraftOrder | Misfit:
        head, key = group.rows[0], group.key
        currency = self._text(head, "currency").upper()
        fault = self._head_fault(head, key) or self._follower_fault(group, currency)
        if fault is not None:
            return fault if isinstance(fault, Misfit) else Misfit(head, fault)
        exponent = exponent_of(currency)
        if exponent is None:
            return Misfit(head, Fault("currency_unknown", "currency", currency))
        lines: list[Line] = []
        for row in group.rows:
            line = self._line(row, exponent, currency)
            if isinstance(line, Fault):
                return Misfit(row, line)
            lines.append(line)
        sums = self._sums(head, exponent, currency)
        if isinstance(sums, Fault):
            return Misfit(head, sums)
        reading = best_reading(lines, sums)
        if reading is None:
            made = sum(line.draft.total_minor - line.discount for line in lines) + sums.freight + sums.tax
            expected = text_of(atoms_from_minor(made + sums.duties - sums.discount, exponent))
            return Misfit(
                head,
                Fault("total_mismatch", "total", self._text(head, "total"), (("order", key), ("expected", expected))),
            )
        return self._draft(group, currency, lines, sums, reading)

    def _draft(
        self, group: Group, currency: str, lines: list[Line], sums: Sums, reading: Reading
    ) -> DraftOrder | Misfit:
        head = group.rows[0]
        country = country_or_fault(self._text(head, "country"))
        if isinstance(country, Fault):
            return Misfit(head, country)
        times: dict[str, int | None] = {"paid": None}
        for name in ("placed", "paid"):
            text = self._text(head, name)
            if text or name == "placed":
                moment = instant_of(text, self._zone, self._slash_dates)
                if isinstance(moment, str):
                    return Misfit(head, Fault(moment, name, text))
                times[name] = moment
        return DraftOrder(
            group.key,
            "shopify",
            times["placed"] or 0,
            times["paid"],
            currency,
            tuple(line.draft for line in lines),
            sums.freight,
            reading.discount,
            reading.added,
            sums.total,
            country,
            self._buyer(head),
            self._text(head, "payment") or None,
            evidence_of(group.rows, self._guess.raw_bytes),
            reading.inside,
            reading.rounding,
        )

    def _head_fault(self, head: Row, key: str) -> Fault | None:
        """What the order's state says, and columns its first row must have."""
        for name in ("status", "currency", "total", "placed"):
            if not self._text(head, name):
                return Fault("order_head_missing", name)
        if self._text(head, "cancelled"):
            return Fault("order_cancelled", "cancelled", self._text(head, "cancelled"), (("order", key),))
        fault = status_fault("shopify", "Financial Status", "status", self._text(head, "status"), key)
        if fault is not None:
            return fault
        refunded = self._text(head, "refunded")
        if refunded and atoms_of(refunded) != 0:
            return Fault("refunded_in_part", "refunded", refunded, (("order", key),))
        return None

    def _follower_fault(self, group: Group, currency: str) -> Misfit | None:
        """A later row that says it begins the order anew, or is in another currency."""
        for row in group.rows[1:]:
            other = self._text(row, "currency").upper()
            if other and other != currency:
                return Misfit(row, Fault("currency_mixed", "currency", f"{currency}, {other}", (("order", group.key),)))
            if self._text(row, "total"):
                return Misfit(row, Fault("order_repeated", "order", group.key, (("first", str(group.rows[0].number)),)))
        return None

    def _line(self, row: Row, exponent: int, currency: str) -> Line | Fault:
        quantity, price = whole_of(self._text(row, "quantity")), atoms_of(self._text(row, "price"))
        fault = article_fault(self._text(row, "sku"), self._text(row, "description"))
        if fault is not None:
            return fault
        if quantity is None:
            return Fault("number_unreadable", "quantity", self._text(row, "quantity"))
        if quantity <= 0:
            return Fault("quantity_not_positive", "quantity", str(quantity))
        if price is None:
            return Fault("number_unreadable", "price", self._text(row, "price"))
        if price <= 0:
            return Fault("price_zero" if price == 0 else "price_negative", "price", self._text(row, "price"))
        minor = minor_of(quantity * price, exponent)
        if minor is None:
            return Fault("amount_too_fine", "price", self._text(row, "price"), (("currency", currency),))
        discount = minor_or_fault(self._text(row, "line-discount"), "line-discount", exponent, currency)
        if isinstance(discount, Fault):
            return discount
        return Line(
            DraftLine(
                row.number,
                "goods",
                self._text(row, "sku"),
                self._text(row, "description"),
                quantity,
                text_of(price),
                minor,
            ),
            discount,
        )

    def _sums(self, head: Row, exponent: int, currency: str) -> Sums | Fault:
        found: dict[str, int] = {}
        for name in ("freight", "tax", "duties", "discount", "total", "subtotal"):
            minor = minor_or_fault(self._text(head, name), name, exponent, currency)
            if isinstance(minor, Fault):
                return minor
            found[name] = minor
        subtotal = found["subtotal"] if self._text(head, "subtotal") else None
        return Sums(found["freight"], found["tax"], found["duties"], found["discount"], found["total"], subtotal)

    def _buyer(self, row: Row) -> Buyer:
        def known(name: str) -> str | None:
            return self._text(row, name) or None

        address = tuple(filter(None, (known(f"address-{n}") for n in (1, 2, 3))))
        postcode = self._text(row, "postcode").removeprefix("'") or None
        return Buyer(
            known("buyer") or known("recipient"),
            known("telephone"),
            known("email"),
            address,
            postcode,
            known("city"),
            known("region"),
        )


def best_reading(lines: list[Line], sums: Sums) -> Reading | None:
    """The reading of discount and tax that makes the order's own totals, or None.

    Duties are added like tax. An exact reading goes before one within 1 minor unit for each line.
    """
    goods = sum(line.draft.total_minor for line in lines)
    of_lines = sum(line.discount for line in lines)
    near: Reading | None = None
    for discount in (sums.discount + of_lines, sums.discount, of_lines):
        for added, inside in ((sums.tax + sums.duties, 0), (sums.duties, sums.tax)):
            rounding = sums.total - (goods - discount + sums.freight + added)
            apart = abs(goods - discount - sums.subtotal) if sums.subtotal is not None else 0
            if rounding == 0 and apart == 0:
                return Reading(discount, added, inside, 0)
            if near is None and abs(rounding) <= len(lines) and apart <= len(lines):
                near = Reading(discount, added, inside, rounding)
    return near
