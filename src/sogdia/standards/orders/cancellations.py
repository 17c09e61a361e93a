"""Which sale a cancellation takes back, for files that do not say.

A cancellation row belongs to earlier sales of the same customer, stock code and unit price with enough quantity not
yet cancelled; the latest sale is taken first, then the one before it. All of the row finds its sales, or none of it.
What is kept for each sale line is its order, row and remaining quantity: memory grows with the sales of named
customers (about 300 bytes each), which the limit on the file's size bounds.
"""

from __future__ import annotations

from typing import NamedTuple

Key = tuple[str, str, int]
SCANNED = 100
"""So many latest sale lines of one customer, article and price are looked at: a bound on the time a row may cost."""


class Sale(NamedTuple):
    """An order that may be taken back from; one object for all its lines."""

    order: str
    placed_at_ms: int


class Taken(NamedTuple):
    """A piece of a cancellation: so many of that row of that order."""

    sale: Sale
    row: int
    quantity: int


class Line(NamedTuple):
    """A sale line and what of it is not yet cancelled."""

    sale: Sale
    row: int
    left: int


class SalesBook:
    """Sales by customer, stock code and unit price (atoms), each with its remaining quantity."""

    def __init__(self) -> None:
        self._sales: dict[Key, Line | list[Line]] = {}

    def sold(self, key: Key, sale: Sale, row: int, quantity: int) -> None:
        """Remember one sale line; most stay the only one of their key, and have no list of their own."""
        line = Line(sale, row, quantity)
        lines = self._sales.setdefault(key, line)
        if isinstance(lines, list):
            lines.append(line)
        elif lines is not line:
            self._sales[key] = [lines, line]

    def take_back(self, key: Key, at_ms: int, quantity: int) -> tuple[list[Taken], int]:
        """Take `quantity` back from sales not later than `at_ms`, the latest first.

        Returns the pieces, or none of them and the quantity that was left when that is too little.
        """
        found = self._sales.get(key, [])
        lines = found if isinstance(found, list) else [found]
        near = lines[-SCANNED:]
        earlier = [index for index in range(len(near) - 1, -1, -1) if near[index].sale.placed_at_ms <= at_ms]
        left = sum(near[index].left for index in earlier)
        if left < quantity:
            return [], left
        pieces: list[Taken] = []
        for index in earlier:
            line = near[index]
            taken = min(line.left, quantity)
            near[index] = line._replace(left=line.left - taken)
            pieces.append(Taken(line.sale, line.row, taken))
            quantity -= taken
            if not quantity:
                break
        lines[-SCANNED:] = [line for line in near if line.left]
        self._keep(key, lines)
        return pieces, left

    def _keep(self, key: Key, lines: list[Line]) -> None:
        if lines:
            self._sales[key] = lines
        else:
            del self._sales[key]
