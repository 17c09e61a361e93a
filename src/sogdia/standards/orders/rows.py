"""Rows of a separated-text file, each with its raw text, in bounded memory.

The csv module splits; around it stands what it lacks: the raw text of each row for its evidence, limits, and a way
back when a quotation mark opens and never closes: then only the first physical line is set aside, and the lines that
the open quote had swallowed are read again.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sogdia.standards.orders.options import Limits
from sogdia.standards.orders.source import Source


class Row(NamedTuple):
    """One record. `fault` is a reason code when the fields cannot be trusted; `found` then belongs to its sentence."""

    number: int
    fields: list[str]
    raw: str
    fault: str = ""
    found: str = ""


class Overrun(Exception):
    """A record that grows beyond the limits, most often because of an open quote."""


class Feed:
    """Physical lines for the csv reader; remembers those of the record at hand, and can take lines back."""

    def __init__(self, lines: Iterator[str], limits: Limits) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self._limits = limits
        self.taken: list[str] = []
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        taken = self.taken
        if taken:
            self._chars += len(line)
            if len(taken) >= self._limits.row_lines or self._chars > self._limits.row_chars:
                self._back.appendleft(line)
                raise Overrun
        else:
            self._chars = len(line)
        taken.append(line)
        return line

    def take_raw(self) -> str:
        """The raw text of the record just read; the next one begins."""
        taken = self.taken
        raw = taken[0] if len(taken) == 1 else "".join(taken)
        taken.clear()
        return raw

    def give_back(self) -> str:
        """Return all lines but the first, which is returned as raw text."""
        first = self.taken[0]
        self._back.extendleft(reversed(self.taken[1:]))
        self.taken.clear()
        return first


def separated_lines(text: Iterator[str], separator: str, limits: Limits) -> tuple[Feed, Any]:
    """A feed and a csv reader on it. Tab-separated text has no quoting: a quotation mark there is a letter."""
    feed = Feed(text, limits)
    if separator == "\t":
        return feed, csv.reader(feed, delimiter=separator, quoting=csv.QUOTE_NONE, strict=True)
    return feed, csv.reader(feed, delimiter=separator, strict=True)


def rows(source: Source, feed: Feed, reader: Any, width: int) -> Iterator[Row]:
    """Every record after the header, faulty ones included; empty lines are none.

    Raises OrderFileRefused when more quotes stay open than `limits.broken_quotes`.
    """
    fault_of = _fault_finder(source)
    at = source.row_number
    number = broken = 0
    for fields in _records(reader):
        if fields is not None and len(fields) == width:
            number += 1
            raw = feed.take_raw()
            fault, found = fault_of(raw)
            yield Row(at(number), fields, raw, fault, found)
        elif len(feed.taken) > 1:
            number, broken = number + 1, broken + 1
            if broken > source.limits.broken_quotes:
                raise source.refused("quotes_open", row=at(number), most=source.limits.broken_quotes)
            yield Row(at(number), [], feed.give_back(), "quote_open")
        elif feed.taken[0].strip(" \r\n"):
            number += 1
            yield _misshapen(at(number), fields, feed.take_raw(), source.limits)
        else:
            feed.take_raw()


def _records(reader: Any) -> Iterator[list[str] | None]:
    """Records of the csv reader; None where it could make none of what it took."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except (csv.Error, Overrun):
            yield None


def _misshapen(number: int, fields: list[str] | None, raw: str, limits: Limits) -> Row:
    if len(raw) > limits.row_chars:
        return Row(number, [], raw[:200], "row_too_long", str(limits.row_chars))
    if fields is None:
        return Row(number, [], raw, "quote_open")
    return Row(number, [], raw, "columns_wrong", str(len(fields)))


def _fault_finder(source: Source) -> Callable[[str], tuple[str, str]]:
    """A check of a row's raw text, as short as the survey of the file allows."""
    limit, guess, has_nul = source.limits.row_chars, source.survey.encoding, source.survey.has_nul

    def fault_of(raw: str) -> tuple[str, str]:
        if len(raw) > limit:
            return "row_too_long", str(limit)
        if not raw.isascii() and guess.damaged(raw):
            return "bytes_unreadable", guess.name
        return ("nul", "") if has_nul and "\0" in raw else ("", "")

    return fault_of
