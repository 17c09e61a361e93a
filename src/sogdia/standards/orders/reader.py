"""`read` and `detect`: the two doors of this package."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from sogdia.standards.orders import amazon, online_retail, shopify, woocommerce
from sogdia.standards.orders.books import Books
from sogdia.standards.orders.columns import (
    SEPARATORS,
    Header,
    Layout,
    header_of,
    heading_of,
    read_header,
    split_header,
)
from sogdia.standards.orders.draft import DraftCancellation, DraftOrder, Format, Item, SetAside
from sogdia.standards.orders.encodings import Evidence
from sogdia.standards.orders.groups import Group, groups
from sogdia.standards.orders.options import Options
from sogdia.standards.orders.rows import Row, rows
from sogdia.standards.orders.source import Heading, Source
from sogdia.standards.orders.workbooks import is_workbook


class TableReader(Protocol):
    """What a format of separated text must do: see a row, and turn a group of rows into items."""

    layout: Layout

    def saw(self, row: Row) -> None:
        """Enter a row in the book of what was read."""

    def items(self, group: Group) -> Iterator[DraftOrder | DraftCancellation | SetAside]:
        """Place every row of the group."""


_TABLES: dict[str, tuple[Layout, Callable[[Source, Header, Books, Options], TableReader]]] = {
    "online-retail": (online_retail.LAYOUT, online_retail.OnlineRetail),
    "amazon": (amazon.LAYOUT, amazon.Amazon),
    "shopify": (shopify.LAYOUT, shopify.Shopify),
}
_HEAD_BYTES = 1 << 16
FORMATS: tuple[Format, ...] = ("online-retail", "amazon", "shopify", "woocommerce")


def read(given: str | Path | IO[bytes], format: Format, *, options: Options | None = None) -> Iterator[Item]:
    """Read an order file: orders, cancellations and rows set aside as they come, and a FileReport at the end.

    `given` is a path or a binary stream: text, plain or gzip, or a workbook; a stream is not closed. The file is looked
    over before this returns, so a file that is not of `format` is refused here and not at the first item.

    Within an order's rows those set aside come first; orders come in the order of their first rows.

    Raises OrderFileRefused (also while iterating, when a file turns out to be beyond reading), and ValueError for an
    unknown format or option.
    """
    options = options or Options()
    if format not in FORMATS:
        raise ValueError(f"format {format!r} is not one of {', '.join(FORMATS)}")
    heading = heading_of(_TABLES[format][0]) if format in _TABLES else None
    source = Source(given, options.name, options.limits, heading, options.sheet)
    try:
        if format == "woocommerce":
            return woocommerce.read_orders(source, options)
        return _read_table(source, format, options)
    except BaseException:
        source.close()
        raise


def _read_table(source: Source, format: Format, options: Options) -> Iterator[Item]:
    longest = source.limits.row_chars * 40
    if source.survey.longest_line > longest:
        raise source.refused("long_line", bytes=source.survey.longest_line, most=longest)
    layout, reader_of = _TABLES[format]
    text = source.text()
    header, feed, records = read_header(source, layout, text)
    books = Books(source, format)
    reader = reader_of(source, header, books, options)
    found = rows(source, feed, records, len(header.titles))

    def items() -> Iterator[Item]:
        try:
            for group in groups(found, header.at["order"], source.limits, reader.saw):
                yield from reader.items(group)
            yield books.report(header)
        finally:
            text.close()
            source.close()

    return items()


def detect(head: bytes) -> Format | None:
    """The format of a file by its first bytes (64 KiB are plenty), gzip or not; None when no format is recognised."""
    if head[:2] == b"\x1f\x8b":
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, 1 << 20)
        except zlib.error:
            return None
    text = _decoded(head)
    if text.lstrip()[:1] in ("{", "["):
        return "woocommerce" if woocommerce.looks_like(text) else None
    line = next((line for line in text.splitlines() if line.strip()), "")
    return _format_of([split_header(line, separator) for separator in SEPARATORS])


def detect_file(given: str | Path | IO[bytes], *, options: Options | None = None) -> Format | None:
    """The format of a whole file, workbooks included; a stream is set back to where it stood.

    Raises OrderFileRefused for a workbook that cannot be read, or that does not say which sheet is meant.
    """
    if isinstance(given, str | Path):
        with Path(given).open("rb") as stream:
            return detect_file(stream, options=options or Options(name=Path(given).name))
    start = given.tell()
    head = given.read(_HEAD_BYTES)
    given.seek(start)
    if not is_workbook(head):
        return detect(head)
    options = options or Options()
    source = Source(given, options.name, options.limits, any_heading(), options.sheet)
    source.close()
    given.seek(start)
    return _format_of([list(source.sheet.titles)]) if source.sheet else None


def any_heading() -> Heading:
    """By what a workbook's sheet in any format of separated text is found."""
    return heading_of(*(layout for layout, _ in _TABLES.values()))


def _format_of(headings: list[list[str]]) -> Format | None:
    """The format that one of these headings is of."""
    for layout, _ in _TABLES.values():
        if any(header_of(layout, titles, ",") for titles in headings):
            return layout.format
    return None


def _decoded(head: bytes) -> str:
    evidence = Evidence()
    evidence.feed(head)
    if evidence.kind is not None:
        return ""
    guess = evidence.guess()
    return head.decode(guess.codec, "replace").lstrip("\ufeff")
