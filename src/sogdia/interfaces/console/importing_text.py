"""A seller's file with what was mended in it: the same text where nothing was touched, so that its evidence stands.

Cells are written anew only in rows that were mended; rows that were left out are gone, and the others keep the numbers
that they have in the file as it came.
"""

import csv
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from typing import Final, NamedTuple

from sogdia.interfaces.console.importing_drafts import WHOLE_ROW, Mending
from sogdia.standards.orders import Limits
from sogdia.standards.orders.columns import SEPARATORS, Layout, key_of, split_header
from sogdia.standards.orders.reader import any_heading
from sogdia.standards.orders.rows import Row, rows, separated_lines
from sogdia.standards.orders.source import Source
from sogdia.standards.orders.workbooks import SheetRead, is_workbook

CONTENT_BYTES: Final = 8 * 1024 * 1024
"""Longest file; `sogdia import` takes longer ones."""
WORKBOOK_LIMITS: Final = Limits(file_bytes=CONTENT_BYTES, text_bytes=2 * CONTENT_BYTES, workbook_seconds=10)
"""A workbook is packed: what comes out of it may be twice as long as a file of text."""
LIMITS: Final = Limits(file_bytes=2 * CONTENT_BYTES, text_bytes=64 * 1024 * 1024, order_lines=1_000)


class Text(NamedTuple):
    """A file of separated text: its columns, the fields of each row by number, and the bytes with what was mended.

    `numbers` are the rows' numbers in the file as it came, by their place in `content`.
    """

    titles: tuple[str, ...]
    fields: Mapping[int, list[str]]
    raw: Mapping[int, str]
    content: bytes
    numbers: list[int]


def sheet_text(name: str, content: bytes, named: str = "") -> tuple[bytes, SheetRead | None]:
    """A workbook as the text of its sheet with orders, or of the one named, and which one it was; others as they are.

    A draft keeps this text, so that it is mended like any other. Raises OrderFileRefused.
    """
    if not is_workbook(content):
        return content, None
    source = Source(BytesIO(content), name, WORKBOOK_LIMITS, any_heading(), named)
    try:
        return source.raw().read(), source.sheet
    finally:
        source.close()


def titles_of(name: str, content: bytes) -> tuple[str, ...]:
    """The names of the columns as the file has them; none for a file that is no table. OrderFileRefused."""
    source = Source(BytesIO(content), name, LIMITS)
    try:
        line = next((line for line in source.text() if line.strip("\ufeff \t\r\n")), "")
    finally:
        source.close()
    return tuple(_split(line)[1])


def mended(
    name: str,
    content: bytes,
    layout: Layout,
    columns: Mapping[str, str],
    mending: Mending,
    sheet: SheetRead | None = None,
) -> Text:
    """The file with its mended cells, without the rows left out, its columns under names that the reader knows.

    Rows of a workbook have the numbers that they have in its `sheet`.
    Raises OrderFileRefused for a file that cannot be read at all.
    """
    source = Source(BytesIO(content), name, LIMITS)
    try:
        lines = source.text()
        before, head = _to_header(lines)
        separator, titles = _split(head)
        feed, reader = separated_lines(lines, separator, LIMITS)
        found = [_numbered(row, sheet) for row in rows(source, feed, reader, len(titles))]
        guess = source.survey.encoding
    finally:
        source.close()
    fields = {row.number: row.fields for row in found}
    raw = {row.number: row.raw for row in found}
    kept = [row for row in found if row.number not in mending.rows]
    if not mending.cells and not mending.rows and not columns:
        return Text(tuple(titles), fields, raw, content, [row.number for row in kept])
    text = [*before, _header(head, titles, separator, layout, columns)]
    text += [_row(row, separator, mending, len(titles)) for row in kept]
    told = _now(fields, mending.cells)
    whole = "".join(text)
    try:
        encoded = whole.encode(guess.codec, guess.errors)
    except UnicodeEncodeError:
        encoded = whole.encode("utf-8", "replace")
    return Text(tuple(titles), told, raw, encoded, [row.number for row in kept])


def _numbered(row: Row, sheet: SheetRead | None) -> Row:
    return row if sheet is None else row._replace(number=sheet.row(row.number))


def _to_header(lines: Iterator[str]) -> tuple[list[str], str]:
    before = list[str]()
    for line in lines:
        if line.strip("\ufeff \t\r\n"):
            return before, line
        before.append(line)
    return before, ""


def _split(line: str) -> tuple[str, list[str]]:
    """The separator that gives the most columns, and the names."""
    found = [(separator, split_header(line, separator)) for separator in SEPARATORS]
    return max(found, key=lambda one: len(one[1]))


def _header(head: str, titles: list[str], separator: str, layout: Layout, columns: Mapping[str, str]) -> str:
    names = {key_of(title): column for column, title in columns.items()}
    known = {one.name: one.found_as[0] for one in layout.used}
    if not names:
        return head
    taken = {known[column] for column in names.values() if column in known}
    said = []
    for title in titles:
        column = names.get(key_of(title), "")
        said.append(known.get(column, f"{title} (2)" if title in taken else title))
    return _line(said, separator, head)


def _row(row: Row, separator: str, mending: Mending, width: int) -> str:
    whole = mending.cells.get((row.number, WHOLE_ROW))
    if whole is not None:
        return whole.replace("\r", " ").replace("\n", " ") + _end(row.raw)
    mended = {at: text for at in range(width) if (text := mending.cells.get((row.number, at))) is not None}
    if not mended or not row.fields:
        return row.raw
    return _line([mended.get(at, text) for at, text in enumerate(row.fields)], separator, row.raw)


def _line(fields: list[str], separator: str, before: str) -> str:
    """A row of text that ends like the one before; tab-separated text has no quoting."""
    if separator == "\t":
        return "\t".join(" ".join(one.split()) for one in fields) + _end(before)
    written = StringIO()
    csv.writer(written, delimiter=separator, lineterminator="").writerow(fields)
    return written.getvalue() + _end(before)


def _end(raw: str) -> str:
    return raw[len(raw.rstrip("\r\n")) :] or "\r\n"


def _now(fields: Mapping[int, list[str]], cells: Mapping[tuple[int, int], str]) -> dict[int, list[str]]:
    told = {number: list(some) for number, some in fields.items()}
    for (number, at), text in cells.items():
        if number in told and 0 <= at < len(told[number]):
            told[number][at] = text
    return told
