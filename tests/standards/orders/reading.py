"""What the tests of order files share: read bytes whole, and look at what came out."""

import io
from collections.abc import Mapping

import msgspec

from sogdia.standards.orders import (
    DraftCancellation,
    DraftOrder,
    FileReport,
    Format,
    Item,
    Options,
    SetAside,
    read,
)

ONLINE_RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


class Outcome(msgspec.Struct, frozen=True):
    """All that a file gave, by kind."""

    orders: list[DraftOrder]
    cancellations: list[DraftCancellation]
    aside: list[SetAside]
    report: FileReport

    @property
    def reasons(self) -> dict[int, str]:
        """Row to reason code."""
        return {item.row: item.reason for item in self.aside}

    def sums(self, place: str) -> dict[str, str]:
        """Currency to the sum of a place."""
        return {part.currency: part.amount for part in self.report.sums if part.place == place}


def outcome(data: bytes | str, format: Format, options: Options | None = None) -> Outcome:
    """Read a file of bytes (or UTF-8 text) to its end; the books must close whatever is in it."""
    raw = data.encode() if isinstance(data, str) else data
    return sorted_out(list(read(io.BytesIO(raw), format, options=options)))


def sorted_out(items: list[Item]) -> Outcome:
    """Items by kind; the report must be the last and only one, and its books must close."""
    report = items[-1]
    assert isinstance(report, FileReport)
    found = Outcome(
        [item for item in items if isinstance(item, DraftOrder)],
        [item for item in items if isinstance(item, DraftCancellation)],
        [item for item in items if isinstance(item, SetAside)],
        report,
    )
    assert len(items) == len(found.orders) + len(found.cancellations) + len(found.aside) + 1
    assert report.closes
    assert every_row_once(found) == list(range(1, report.rows_in + 1))
    return found


def every_row_once(found: Outcome) -> list[int]:
    """The rows of all places, in order; a cancellation row may be split over several sales."""
    rows = [line.row for order in found.orders for line in order.lines]
    rows += [item.row for item in found.aside]
    rows += sorted({line.row for cancellation in found.cancellations for line in cancellation.lines})
    return sorted(rows)


def online_retail(*rows: str) -> Outcome:
    """Read rows in the Online Retail layout."""
    return outcome("\n".join((ONLINE_RETAIL, *rows, "")), "online-retail")


def retail_row(
    invoice: str = "536365",
    sku: str = "85123A",
    description: str = "WHITE HANGING HEART T-LIGHT HOLDER",
    quantity: str = "6",
    date: str = "2010-12-01 08:26:00",
    price: str = "2.55",
    customer: str = "17850",
    country: str = "United Kingdom",
) -> str:
    """The first row of the published Online Retail data set, with changes."""
    return ",".join((invoice, sku, description, quantity, date, price, customer, country))


def tsv(rows: list[Mapping[str, str]]) -> str:
    """Tab-separated text of rows that all have the same columns."""
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    return "\r\n".join(lines) + "\r\n"
