"""WooCommerce orders: JSON as the REST interface (v3) gives them.

An array of orders, an object with an `orders` array, or one order per line. The order's total covers all its lines,
so an order is taken whole or set aside whole. Its rows are its line items, shipping lines and fee lines; the order's
`total` is the sum of its first row and the others add nothing: what a person adds up are the totals.

Lines are net of tax whatever prices_include_tax says; `subtotal` is before discounts and `total` after, so the
difference is the discount. A fee below zero is a discount too. Every number is read as the text it was written as.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from sogdia.standards.orders.amounts import atoms_of, exponent_of
from sogdia.standards.orders.books import Books
from sogdia.standards.orders.draft import DraftOrder, Item, SetAside
from sogdia.standards.orders.elements import Element, Elements
from sogdia.standards.orders.faults import NUMBER_CHARS, Fault, text_fault
from sogdia.standards.orders.options import Options
from sogdia.standards.orders.source import Source
from sogdia.standards.orders.times import zone_of
from sogdia.standards.orders.woocommerce_order import KNOWN_KEYS, OrderReader, text

Json = Any
_PEEK = 20
_LINES = ("line_items", "shipping_lines", "fee_lines")


def looks_like(head: str) -> bool:
    """True when the head of a JSON file names what every WooCommerce order has."""
    return all(f'"{key}"' in head for key in ("line_items", "status", "currency")) or (
        '"order_key"' in head and '"billing"' in head
    )


class _Twice(ValueError):
    """A JSON object has one key twice."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for key, value in pairs:
        if key in made:
            raise _Twice(key)
        made[key] = value
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str)


def decoded(element: Element) -> dict[str, Json] | Fault:
    """An order's fields, all numbers as text, or why the element is none."""
    if element.fault:
        return Fault(element.fault, value=element.text, facts=(("expected", "the limit of"),))
    try:
        found = _DECODER.decode(element.text)
        element.text.encode("utf-8")
        if "\\u" in element.text:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except _Twice as twice:
        return Fault("json_twice", value=str(twice))
    except UnicodeEncodeError:
        return Fault("bytes_unreadable", facts=(("expected", "UTF-8"),))
    except (ValueError, RecursionError) as error:
        return Fault("json_broken", value=str(error))
    if not isinstance(found, dict) or not isinstance(found.get("line_items"), list):
        return Fault("json_not_order", value="no line_items")
    return found


def read_orders(source: Source, options: Options) -> Iterator[Item]:
    """Read a file; raises OrderFileRefused when nothing in it can be read as an order."""
    opened = source.text()
    elements = Elements(opened, source.limits.element_chars)
    stream = iter(elements)
    head = _recognised(source, stream)
    if not elements.opening:
        raise source.refused("empty_json")
    reader = _WooCommerce(source, options)

    def items() -> Iterator[Item]:
        try:
            for element, found in chain(head, ((element, decoded(element)) for element in stream)):
                yield from reader.items(element, found)
            yield reader.report(elements.wrapper_keys)
        finally:
            opened.close()
            source.close()

    return items()


def _recognised(source: Source, stream: Iterator[Element]) -> list[tuple[Element, dict[str, Json] | Fault]]:
    """The first elements, up to the first order; a file without one in its first 20 is refused."""
    head: list[tuple[Element, dict[str, Json] | Fault]] = []
    for element in stream:
        found = decoded(element)
        head.append((element, found))
        if isinstance(found, dict):
            return head
        if len(head) == _PEEK:
            break
    if head:
        fault = head[0][1]
        what = f"{fault.reason} {fault.value}".strip() if isinstance(fault, Fault) else ""
        raise source.refused("no_orders", row=1, what=ascii(what[:80])[1:-1])
    return head


class _WooCommerce:
    """Numbers the rows, keeps the books, and lets each order be read."""

    def __init__(self, source: Source, options: Options) -> None:
        self._books = Books(source, "woocommerce")
        zone = zone_of(options.timezone) if options.timezone else None
        self._reader = OrderReader(zone, source.survey.encoding)
        self._limits = source.limits
        self._rows = 0
        self._first_row: dict[str, int] = {}
        self._unknown: dict[str, None] = {}
        self._known = frozenset(KNOWN_KEYS)
        self._lacking: dict[str, None] = dict.fromkeys(("date_created_gmt", "date_paid_gmt", "transaction_id"))

    def items(self, element: Element, found: dict[str, Json] | Fault) -> Iterator[DraftOrder | SetAside]:
        """Place the rows of one element."""
        row = self._rows + 1
        if isinstance(found, Fault):
            self._rows += 1
            self._books.saw(None, "")
            yield self._books.set_aside(row, found.reason, value=found.value, facts=found.facts)
            return
        count = max(1, sum(len(lines) for lines in (found.get(name) for name in _LINES) if isinstance(lines, list)))
        self._rows += count
        self._note_keys(found)
        atoms, currency = self._amount(found)
        for index in range(count):
            self._books.saw(*self._share(index, atoms, currency))
        made = self._order(element, found, row, count)
        if isinstance(made, DraftOrder):
            self._books.order(count, atoms or 0, currency)
            yield made
            return
        key = text(found, "number") or text(found, "id")
        for index in range(count):
            share, of = self._share(index, atoms, currency)
            yield self._books.set_aside(
                row + index,
                made.reason,
                order=key,
                field=made.column,
                value=made.value,
                atoms=share,
                currency=of,
                facts=made.facts,
            )

    def report(self, wrapper_keys: list[str]) -> Item:
        """Close the books."""
        unknown = tuple(self._unknown) + tuple(key for key in wrapper_keys if key != "orders")
        return self._books.report(unknown=unknown, missing=tuple(self._lacking) if self._rows else ())

    def _order(self, element: Element, found: dict[str, Json], row: int, count: int) -> DraftOrder | Fault:
        key = text(found, "number") or text(found, "id")
        if not key:
            return Fault("order_missing", "number")
        fault = text_fault("number", key, NUMBER_CHARS)
        if fault is not None:
            return fault
        first = self._first_row.setdefault(key, row)
        if first != row:
            return Fault("order_repeated", "number", key, (("first", str(first)),))
        if count > self._limits.order_lines:
            return Fault("order_too_long", "number", key, (("expected", str(self._limits.order_lines)),))
        return self._reader.order(key, found, row, element.text)

    def _share(self, index: int, atoms: int | None, currency: str) -> tuple[int | None, str]:
        return (atoms, currency) if index == 0 else (0, "")

    def _amount(self, found: dict[str, Json]) -> tuple[int | None, str]:
        atoms, currency = atoms_of(text(found, "total")), text(found, "currency").upper()
        return (None, "") if atoms is None or exponent_of(currency) is None else (atoms, currency)

    def _note_keys(self, found: dict[str, Json]) -> None:
        for key in found:
            if key not in self._known and len(self._unknown) < self._limits.columns:
                self._unknown.setdefault(key[:60])
            self._lacking.pop(key, None)
