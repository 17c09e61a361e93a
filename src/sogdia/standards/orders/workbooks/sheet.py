"""One sheet of a workbook, chosen by its heading and written as comma-separated text.

The heading is the first row that holds a value. Of several sheets with the heading wanted the one that people see is
meant; two of those are a question, and no guess; whoever is asked may name one. Nothing is read of the others, and the
reader is told their names.
"""

from __future__ import annotations

import csv
import io
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

from sogdia.standards.orders.workbooks.grid import GridRow, rows_of_sheet
from sogdia.standards.orders.workbooks.package import Bounds, Package
from sogdia.standards.orders.workbooks.parts import SheetPart, Workbook, workbook_of
from sogdia.standards.orders.workbooks.refusals import WorkbookRefused

HEAD_BYTES = 8
_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_ROW_LINES = 100
_ROW_CHARS = 50_000
_NAMED = 10
IsHeading = Callable[[list[str]], bool]


class SheetRead(msgspec.Struct, frozen=True):
    """Which sheet was read, and where its rows stood. `unread` are the other sheets with cells.

    `runs` are pairs of a record's number in the text and its row in the sheet, one for each stretch without a gap.
    """

    name: str
    is_hidden: bool
    unread: tuple[str, ...]
    titles: tuple[str, ...]
    heading: int
    runs: tuple[tuple[int, int], ...]

    def row(self, record: int) -> int:
        """The row of the sheet that a record of the text stood in; record 0 is the heading."""
        at = bisect_right(self.runs, record, key=lambda run: run[0]) - 1
        return self.heading if at < 0 or record < 1 else self.runs[at][1] + record - self.runs[at][0]

    def place(self, row: int, title: str = "") -> str:
        """A cell as a spreadsheet names it (Orders!F12); the row alone when the column is not known."""
        name = self.name if self.name.isidentifier() else "'" + self.name.replace("'", "''") + "'"
        column = letters_of(self.titles.index(title)) if title in self.titles else ""
        return f"{name}!{column}{row}"


def letters_of(column: int) -> str:
    """The letters of a column counted from 0."""
    found = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        found = chr(ord("A") + letter) + found
    return found


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins so is a workbook, or something that only a workbook's reader can speak of."""
    return head.startswith((_ZIP, _OLD))


def sheet_as_text(
    stream: IO[bytes], is_heading: IsHeading, wanted: str, bounds: Bounds, named: str = ""
) -> tuple[IO[bytes], SheetRead]:
    """The sheet with the heading as text in a temporary file, set to its start, and which one it was.

    `wanted` is what is told of the heading; a sheet that is `named` is taken whatever its heading is. Raises
    WorkbookRefused.
    """
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if head.startswith(_OLD):
        raise WorkbookRefused("locked" if _holds(stream, _LOCKED) else "old_xls")
    package = Package(stream, bounds)
    _refuse_others(package)
    book = workbook_of(package)
    chosen = _named(book, named) if named else _chosen(book, is_heading, wanted)
    unread = tuple(one.name for one in book.sheets if one is not chosen)
    text = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        return text, _written(book, chosen, unread, text)
    except BaseException:
        text.close()
        raise


def _holds(stream: IO[bytes], wanted: bytes) -> bool:
    """Whether the directory of an old document names it; that stands in the first or the last megabyte."""
    found = wanted in stream.read(1 << 20)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - (1 << 20)))
    return found or wanted in stream.read()


def _refuse_others(package: Package) -> None:
    names = package.names()
    if "xl/workbook.bin" in package:
        raise WorkbookRefused("xlsb")
    if "mimetype" in package and b"opendocument.spreadsheet" in b"".join(package.chunks("mimetype", 200)):
        raise WorkbookRefused("ods")
    if "_rels/.rels" not in package or not any(name.startswith("xl/") for name in names):
        raise WorkbookRefused("no_workbook")


def _named(book: Workbook, name: str) -> SheetPart:
    found = next((one for one in book.sheets if one.name.strip().casefold() == name.strip().casefold()), None)
    if found is None:
        raise WorkbookRefused("no_such_sheet", sheet=name[:40], sheets=_names(book.sheets))
    if not _heading(book, found):
        raise WorkbookRefused("empty")
    return found


def _chosen(book: Workbook, is_heading: IsHeading, wanted: str) -> SheetPart:
    """The sheet with the heading; without one, the only sheet that holds anything, so that its columns can be told."""
    first = {one: _heading(book, one) for one in book.sheets}
    filled = [one for one in book.sheets if first[one]]
    fit = [one for one in filled if is_heading(first[one])]
    seen = [one for one in fit if not one.is_hidden] or fit
    if len(seen) == 1:
        return seen[0]
    if seen:
        names = tuple(one.name for one in seen)
        raise WorkbookRefused("several", several=names, sheets=_names(seen), wanted=wanted)
    open_ones = [one for one in filled if not one.is_hidden] or filled
    if not open_ones:
        raise WorkbookRefused("empty")
    if len(open_ones) > 1:
        raise WorkbookRefused("no_heading", sheets=_names(open_ones), wanted=wanted)
    return open_ones[0]


def _heading(book: Workbook, sheet: SheetPart) -> list[str]:
    found = next(rows_of_sheet(book, sheet), None)
    return _titles(found) if found is not None else []


def _titles(row: GridRow) -> list[str]:
    return [" ".join(text.split()) for text in _list(row)]


def _list(row: GridRow, width: int = 0) -> list[str]:
    width = max(width, max(row.cells) + 1)
    return [row.cells.get(at, "") for at in range(width)]


def _names(sheets: Sequence[SheetPart]) -> str:
    more = ["…"] if len(sheets) > _NAMED else []
    return ", ".join([*(one.name[:40] for one in sheets[:_NAMED]), *more])


def _written(book: Workbook, sheet: SheetPart, unread: tuple[str, ...], to: IO[bytes]) -> SheetRead:
    """Write the sheet; each row as wide as the heading, or wider when it holds more."""
    rows = rows_of_sheet(book, sheet)
    heading = next(rows)
    titles = _titles(heading)
    runs: list[tuple[int, int]] = []
    last = 0
    out = io.TextIOWrapper(to, encoding="utf-8", errors="replace", newline="", write_through=False)
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(titles)
    left = book.package.bounds.text_bytes
    for record, row in enumerate(rows, 1):
        if row.number != last + 1 or not runs:
            runs.append((record, row.number))
        last = row.number
        fields = _readable(_list(row, len(titles)))
        left -= sum(map(len, fields)) + len(fields)
        if left < 0:
            raise WorkbookRefused("too_large", most=book.package.bounds.text_bytes)
        write(fields)
    out.flush()
    out.detach()
    to.seek(0)
    return SheetRead(sheet.name, sheet.is_hidden, unread, tuple(titles), heading.number, tuple(runs))


def _readable(fields: list[str]) -> list[str]:
    """A row of very many lines on fewer: a reader of text takes those for a quotation mark that never closes."""
    if sum(map(len, fields)) < _ROW_CHARS and sum(one.count("\n") + one.count("\r") for one in fields) < _ROW_LINES:
        return fields
    return [" ".join(one.split()) for one in fields]
