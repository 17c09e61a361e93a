"""What an order reader gives back: drafts, cancellations, rows set aside, and a report.

A draft is what a seller's file says, brought into one shape; nothing is signed and nothing is on the ledger yet.

**Row** is the number of the data record in the file, counted from 1; the header is row 0. A record that spans several
physical lines (a quoted note) is one row; an empty line is none. In a workbook it is the number that the sheet itself
gives the row. In a JSON file the rows are the line items, shipping lines and fee lines, counted through the whole file
in that order within each order; an order without any is one row.

**Minor** amounts are integers in the minor unit of the order's ISO 4217 currency. **Amounts** of rows are exact
decimals as text, because a row that cannot become an order may be finer than a penny.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from sogdia.standards.orders.reasons import remedy_of, sentence_of

Format = Literal["online-retail", "amazon", "shopify", "woocommerce"]
Kind = Literal["goods", "freight"]
Place = Literal["order", "cancellation", "set-aside"]


class Buyer(msgspec.Struct, frozen=True, gc=False):
    """Who ordered and where it goes. Personal data: never printed, kept only with named parties.

    `name` is the person who bought (billing name) where the file tells it from the receiver, else the receiver.
    The address is the ship-to address. `reference` is the channel's own customer number; None means not named.
    """

    name: str | None = None
    telephone: str | None = None
    email: str | None = None
    address_lines: tuple[str, ...] = ()
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    reference: str | None = None

    def __repr__(self) -> str:
        """Say which parts are known, never what they are."""
        known = [name for name in self.__struct_fields__ if getattr(self, name)]
        return f"Buyer(personal: {', '.join(known) or 'not named'})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Give the terminal printer the same silence as repr."""
        return [("personal", repr(self))]


class DraftLine(msgspec.Struct, frozen=True, gc=False):
    """One input row that became part of an order.

    `unit_price` is an exact decimal in major units as the file has it. Where the file gives only the line's total it
    is the quotient, half-even at 5 decimals; `total_minor` is then what counts. Before discounts and added tax.
    """

    row: int
    kind: Kind
    sku: str
    description: str
    quantity: int
    unit_price: str
    total_minor: int


class DraftOrder(msgspec.Struct, frozen=True):
    """One order as the channel's file has it; total = goods + freight + tax - discount + rounding.

    `freight_minor` holds carriage and what else the seller charges beside the goods (gift wrap, fees).
    `tax_minor` is tax added on top of the prices; `tax_included_minor` is tax the file says is already inside them.
    `rounding_minor` is the difference of the file's own total from its parts, at most 1 for each line; most often 0.
    `evidence` is the SHA-256, in hex, of the bytes of the order's rows (line ends included) as they stand in the
    decompressed file; for JSON, of the order's own text; for a workbook, of its sheet as text. `placed_at_ms` and
    `paid_at_ms` are UTC milliseconds.
    """

    order: str
    channel: str
    placed_at_ms: int
    paid_at_ms: int | None
    currency: str
    lines: tuple[DraftLine, ...]
    freight_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    country: str
    buyer: Buyer
    payment_reference: str | None
    evidence: str
    tax_included_minor: int = 0
    rounding_minor: int = 0

    @property
    def goods_minor(self) -> int:
        """Sum of the goods lines, in minor units, before discounts."""
        return sum(line.total_minor for line in self.lines if line.kind == "goods")


class CancelledLine(msgspec.Struct, frozen=True, gc=False):
    """A piece of a cancellation row, and the order line that it takes back.

    `quantity` and `total_minor` are positive: they are what the order loses.
    """

    row: int
    order_row: int
    sku: str
    quantity: int
    total_minor: int


class DraftCancellation(msgspec.Struct, frozen=True):
    """What one cancellation document takes back from ONE earlier order.

    A document that takes back from several orders gives one of these for each; `cancellation` and `order` together
    name it. A row whose quantity is split over several sales appears once for each sale line.
    """

    cancellation: str
    cancelled_at_ms: int
    order: str
    currency: str
    lines: tuple[CancelledLine, ...]


class SetAside(msgspec.Struct, frozen=True, gc=False):
    """One input row that did not become part of an order, with the reason and what to do about it.

    `reason` is a code of data/reasons.csv; `facts` fill its words. `value` is clipped, and masked when personal.
    `amount` is what the row adds to the file's sum, exact, in `currency`; empty when it could not be read.
    `place` is the cell of a workbook, as a spreadsheet names it (Orders!F12); empty for other files.
    """

    row: int
    order: str
    field: str
    value: str
    reason: str
    amount: str
    currency: str
    facts: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def sentence(self, language: str = "en") -> str:
        """What is wrong with the row, in English (`en`) or Chinese (`zh`)."""
        told = sentence_of(self.reason, self.row, self.field, self.value, self.facts, language)
        return f"[{self.place}] {told}" if self.place else told

    def remedy(self, language: str = "en") -> str:
        """What the seller can do about it, in English (`en`) or Chinese (`zh`)."""
        return remedy_of(self.reason, self.facts, language)


class PlaceSum(msgspec.Struct, frozen=True):
    """Rows in one place, and the sum of their amounts in one currency (empty: currency not readable)."""

    place: Place
    currency: str
    rows: int
    amount: str


class FileReport(msgspec.Struct, frozen=True):
    """The last thing a reader gives: what the file was, and where every row went.

    `sums_in` is added up as rows are read and `sums` as they are placed: two separate books that must agree.
    `reasons` counts the rows set aside for each reason code, by code.
    `file_sha256` is over the bytes as found, before decompression. `sheet` is the one of a workbook that was read,
    `sheets_unread` are its others.
    """

    format: Format
    name: str
    file_sha256: str
    encoding: str
    compressed: bool
    rows_in: int
    orders_in: int
    cancellations_in: int
    rows_without_amount: int
    columns_unknown: tuple[str, ...]
    columns_missing: tuple[str, ...]
    sums_in: tuple[tuple[str, str], ...]
    sums: tuple[PlaceSum, ...]
    reasons: tuple[tuple[str, int], ...]
    closes: bool
    sheet: str = ""
    sheets_unread: tuple[str, ...] = ()

    def rows(self, place: Place) -> int:
        """Rows that went to `place`, over all currencies."""
        return sum(part.rows for part in self.sums if part.place == place)


Item = DraftOrder | DraftCancellation | SetAside | FileReport
