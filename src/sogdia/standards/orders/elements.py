"""JSON orders cut out of a stream one at a time, without holding the file.

Three shapes: an array of orders, an object with an `orders` array, or orders one after the other (one per line, or a
single one). Only brackets and strings are looked at to find where an element ends; whether it is correct JSON is the
reader's business, so a broken element costs only itself. An element beyond `element_chars` is passed over, not held.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

# Everything up to the next bracket outside a string; stops before a string whose end is not yet there.
_PLAIN = re.compile(r'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_ORDERS_KEY = re.compile(r'"orders"\s*:\s*$')
_KEY = re.compile(r'"([^"\\]{1,60})"\s*:')
_SCALAR = re.compile(r"[^,\[\]{}\r\n]*")
_WRAPPER = "wrapper"
_DEPTH = 200  # brackets within brackets; real orders have fewer than ten
_BETWEEN = " \t\r\n,\ufeff"
CHUNK = 1 << 16


class Element(NamedTuple):
    """One element's text as it stands in the file; `fault` is a reason code when there is no whole element."""

    text: str
    fault: str = ""


class Elements:
    """Iterates over the order elements of a text.

    Afterwards `wrapper_keys` are an enclosing object's keys, and `opening` is the first character (none: blank file).
    """

    def __init__(self, text: io.TextIOBase, element_chars: int) -> None:
        self._text = text
        self._limit = element_chars
        self._buffer = ""
        self._at = 0
        self._end = False
        self._was_cut = False
        self.opening = ""
        self.wrapper_keys: list[str] = []

    def __iter__(self) -> Iterator[Element]:
        opening = self.opening = self._next_mark()
        if opening == "[":
            self._at += 1
            yield from self._array()
        elif opening == "{":
            yield from self._first_object()
        yield from self._loose()

    def _fill(self) -> bool:
        """Read on; what lies before the place at hand is let go."""
        chunk = self._text.read(CHUNK)
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        self._end = not chunk
        return bool(chunk)

    def _next_mark(self) -> str:
        """The next character that is not blank or a comma, or nothing at the end."""
        while True:
            while self._at < len(self._buffer):
                char = self._buffer[self._at]
                if char not in _BETWEEN:
                    return char
                self._at += 1
            if not self._fill():
                return ""

    def _array(self) -> Iterator[Element]:
        """Elements up to the closing bracket, which is passed."""
        while (mark := self._next_mark()) != "]":
            if mark == "":
                if not self._was_cut:
                    yield Element("", "json_cut")
                return
            yield self._scan() if mark in "{[" else self._scalar()
        self._at += 1

    def _loose(self) -> Iterator[Element]:
        """Whatever else stands at the top of the file: further orders, or what is none."""
        while mark := self._next_mark():
            yield self._scan() if mark in "{[" else self._scalar()

    def _scalar(self) -> Element:
        """Text that is no element, up to the next comma, bracket or line end."""
        shown = ""
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            piece = found.group() if found else ""
            shown = (shown + piece)[:200]
            self._at += len(piece)
            if self._at < len(self._buffer) or not self._fill():
                break
        if not shown:  # a closing bracket that closes nothing
            shown = self._buffer[self._at]
            self._at += 1
        return Element(shown.strip(), "json_not_order")

    def _first_object(self) -> Iterator[Element]:
        """The file's first object: an order, or the wrapper of an `orders` array."""
        first = self._scan(watch=True)
        if first.fault != _WRAPPER:
            yield first
            return
        yield from self._array()
        rest = self._scan(depth=1)
        self.wrapper_keys += _KEY.findall(first.text + rest.text)[:20]
        if rest.fault:
            yield rest

    def _scan(self, depth: int = 0, watch: bool = False) -> Element:
        """The element that begins here; it ends where its brackets balance.

        With `watch`, stops behind the opening bracket of `orders` in the outermost object.
        """
        kept: list[str] = []
        size = 0
        start = self._at
        while True:
            found = _PLAIN.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            mark = self._buffer[self._at : self._at + 1]
            if mark in ("", '"'):
                size += self._keep(kept, start, size)
                if len(self._buffer) - self._at > self._limit or not self._fill():
                    return self._cut()
                start = 0
                continue
            self._at += 1
            if watch and mark == "[" and depth == 1:
                before = "".join(kept[-2:]) + self._buffer[start : self._at - 1]
                if _ORDERS_KEY.search(before[-200:]):
                    return Element(before, _WRAPPER)
            depth += 1 if mark in "{[" else -1
            if depth > _DEPTH:
                return self._cut()
            if depth == 0:
                size += self._keep(kept, start, size)
                return Element("", "row_too_long") if size > self._limit else Element("".join(kept))

    def _keep(self, kept: list[str], start: int, size: int) -> int:
        """Keep what was passed since `start`, unless the element has outgrown the limit; returns its length."""
        length = self._at - start
        if size + length > self._limit:
            kept.clear()
        else:
            kept.append(self._buffer[start : self._at])
        return length

    def _cut(self) -> Element:
        """The file ends inside an element, or a string or nesting in it goes beyond all limits: the rest is lost."""
        self._was_cut = True
        self._at = len(self._buffer)
        while self._fill():
            self._at = len(self._buffer)
        return Element("", "json_cut")
