"""Lists to take away: CSV and Excel of a whole result, written as it is read and sent as it is written.

Values that a spreadsheet would take for a formula get a quote in front (OWASP, CSV injection); Excel gets texts as
texts and never computes one. Instants are UTC, money stands in units of its currency.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from sogdia.core.values import minor_digits
from sogdia.insight.orders import EXPORTED, Trade

Cell = str | int | Decimal | None
CSV_TYPE: Final = "text/csv; charset=utf-8"
EXCEL_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXCEL_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading."""
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CURRENCY_OF: Final = {
    "paid_minor": "currency", "refunded_minor": "currency", "declared_minor": "declared_currency",
}  # fmt: skip
_CHUNK: Final = 64 * 1024
_BATCH: Final = 500


def cells_of(trade: Trade) -> list[Cell]:
    """One row, in the order of `EXPORTED`."""
    return [_cell(trade, name) for name in EXPORTED]


def as_csv(trades: Iterator[Trade], heading: Sequence[str]) -> Iterator[bytes]:
    """UTF-8 with a mark at the beginning, by which Excel knows it; some hundred rows at a time."""
    held = io.StringIO()
    write = csv.writer(held, lineterminator="\r\n")
    held.write("\ufeff")
    write.writerow([guarded(one) for one in heading])
    for number, trade in enumerate(trades, 1):
        write.writerow([guarded(one) if isinstance(one, str) else one for one in cells_of(trade)])
        if number % _BATCH == 0:
            yield _emptied(held)
    yield _emptied(held)


def as_excel(trades: Iterator[Trade], heading: Sequence[str], name: str) -> Iterator[bytes]:
    """A workbook with one sheet, on disk while it is made; rows beyond what a sheet holds go on in a further one."""
    with tempfile.TemporaryFile(prefix="sogdia-export-") as file:
        _write(file, trades, heading, name)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _write(file: IO[bytes], trades: Iterator[Trade], heading: Sequence[str], name: str) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet, row, sheets = None, 0, 0
        for trade in trades:
            if sheet is None or row > EXCEL_ROWS:
                sheet, row, sheets = _sheet(book, bold, heading, name, sheets + 1), 1, sheets + 1
            _row(sheet, row, cells_of(trade))
            row += 1
        if sheet is None:
            _sheet(book, bold, heading, name, 1)


def _sheet(book: Any, bold: Any, heading: Sequence[str], name: str, number: int) -> Any:
    sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(heading) - 1, 18)
    for column, words in enumerate(heading):
        sheet.write_string(0, column, words, bold)
    return sheet


def _row(sheet: Any, row: int, cells: Sequence[Cell]) -> None:
    for column, one in enumerate(cells):
        if isinstance(one, str):
            sheet.write_string(row, column, one)
        elif one is not None:
            sheet.write_number(row, column, one)


def _cell(trade: Trade, name: str) -> Cell:
    value = getattr(trade, name)
    if value is None:
        return None
    if name.endswith(("_at_ms", "_since_ms")):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if name in _CURRENCY_OF:
        currency = getattr(trade, _CURRENCY_OF[name])
        return None if currency is None else Decimal(value).scaleb(-minor_digits(currency))
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, int) else str(value)


def _emptied(held: io.StringIO) -> bytes:
    found = held.getvalue().encode("utf-8", "replace")
    held.seek(0)
    held.truncate()
    return found
