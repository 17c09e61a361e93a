"""Columns of a separated-text file, found by name in any order."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, NamedTuple

from sogdia.standards.orders.draft import Format
from sogdia.standards.orders.options import Limits
from sogdia.standards.orders.refused import OrderFileRefused
from sogdia.standards.orders.rows import Feed, Overrun, separated_lines
from sogdia.standards.orders.source import Heading, Source

SEPARATORS = (",", "\t", ";")


class Column(NamedTuple):
    """One column that a reader uses: our name, the file's possible names, and whether it cannot do without."""

    name: str
    found_as: tuple[str, ...]
    required: bool = False


class Layout(NamedTuple):
    """A format's columns: those used, and those known to be there and left unread."""

    format: Format
    title: str
    used: tuple[Column, ...]
    unread: tuple[str, ...]


class Header(NamedTuple):
    """Where the used columns are; -1 for one that the file lacks. `titles` are the names as the file has them."""

    separator: str
    titles: list[str]
    at: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    def title(self, name: str) -> str:
        """The file's own name of a used column, or ours when the file lacks it."""
        return self.titles[self.at[name]] if self.at[name] >= 0 else name


def key_of(title: str) -> str:
    """A column name as it is compared: without case, outer blanks, quotes, byte order mark."""
    return " ".join(title.strip("\ufeff \t\"'").casefold().split())


def header_of(layout: Layout, titles: list[str], separator: str) -> Header | None:
    """The header if it has every required column of `layout`, else None."""
    places: dict[str, int] = {}
    for index, title in enumerate(titles):
        places.setdefault(key_of(title), index)
    at = {
        column.name: next((places[name] for name in map(key_of, column.found_as) if name in places), -1)
        for column in layout.used
    }
    if any(column.required and at[column.name] < 0 for column in layout.used):
        return None
    known = {key_of(name) for column in layout.used for name in column.found_as} | set(map(key_of, layout.unread))
    unknown = tuple(title.strip("\ufeff") for title in titles if key_of(title) not in known)
    missing = tuple(column.found_as[0] for column in layout.used if at[column.name] < 0)
    return Header(separator, titles, at, unknown, missing)


def heading_of(*layouts: Layout) -> Heading:
    """By what a workbook's sheet in one of these layouts is found."""
    return Heading(
        lambda titles: any(header_of(layout, titles, ",") is not None for layout in layouts),
        " / ".join(layout.title for layout in layouts),
    )


def split_header(line: str, separator: str) -> list[str]:
    """Fields of a header line; one that is badly quoted, or longer than a megabyte, gives none."""
    if len(line) > 1 << 20:
        return []
    _, reader = separated_lines(iter([line]), separator, Limits())
    try:
        return list(next(reader, []))
    except (csv.Error, Overrun):
        return []


def read_header(source: Source, layout: Layout, text: Iterator[str]) -> tuple[Header, Feed, Any]:
    """Find the header on the first line that is not blank; the feed and csv reader go on behind it.

    Raises OrderFileRefused when the line is not a header of `layout`.
    """
    line = next((line for line in text if line.strip("\ufeff \t\r\n")), None)
    if line is None:
        raise source.refused("empty", title=layout.title)
    best = _best_header(layout, line)
    if best is None:
        raise _no_header(source, layout, line)
    _check(source, best)
    feed, reader = separated_lines(text, best.separator, source.limits)
    return best, feed, reader


def _best_header(layout: Layout, line: str) -> Header | None:
    found = (header_of(layout, split_header(line, separator), separator) for separator in SEPARATORS)
    return next((header for header in found if header is not None), None)


def _check(source: Source, header: Header) -> None:
    if len(header.titles) > source.limits.columns:
        raise source.refused("many_columns", row=0, columns=len(header.titles), most=source.limits.columns)
    seen: set[str] = set()
    for title in header.titles:
        key = key_of(title)
        if key and key in seen:
            raise source.refused("column_twice", row=0, column=title.strip())
        seen.add(key)


def _no_header(source: Source, layout: Layout, line: str) -> OrderFileRefused:
    keys = max((set(map(key_of, split_header(line, separator))) for separator in SEPARATORS), key=len)
    lacking = [
        column.found_as[0] for column in layout.used if column.required and not keys & set(map(key_of, column.found_as))
    ]
    shown = " ".join(line[:200].split())[:80]
    told = {"lacking": ", ".join(lacking), "line": shown, "title": layout.title}
    return source.refused("no_header", row=0, column=lacking[0] if lacking else None, **told)
