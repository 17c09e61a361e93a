"""Which sale a cancellation takes back, for files that do not say.

A cancellation row belongs to earlier sales of the same customer, stock code and unit price with enough quantity not
yet cancelled; the latest sale is taken first, then the one before it. All of the row finds its sales, or none of it.
What is kept for each sale line is its order, row and remaining quantity: memory grows with the sales of named
customers (about 300 bytes each), which the limit on the file's size bounds.
"""

from __future__ import annotations

from typing import NamedTuple

Key = tuple[str, str, int]


class Sale(NamedTuple):
    """An order that may be taken back from; one object for all its lines."""

    order: str
    placed_at_ms: int


class Taken(NamedTuple):
    """A piece of a cancellation: so many of that row of that order."""

    sale: Sale
    row: int
    quantity: int


class SalesBook:
    """Sales by customer, stock code and unit price (atoms), each with its remaining quantity."""

    def __init__(self) -> None:
        self._sales: dict[Key, list[tuple[Sale, int, int]]] = {}

    def sold(self, key: Key, sale: Sale, row: int, quantity: int) -> None:
        """Remember one sale line."""
        lines = self._sales.get(key)
        if lines is None:
            self._sales[key] = [(sale, row, quantity)]
        else:
            lines.append((sale, row, quantity))

    def take_back(self, key: Key, at_ms: int, quantity: int) -> tuple[list[Taken], int]:
        """Take `quantity` back from sales not later than `at_ms`, the latest first.

        Returns the pieces, or none of them and the quantity that was left when that is too little.
        """
        lines = self._sales.get(key, [])
        earlier = [index for index in range(len(lines) - 1, -1, -1) if lines[index][0].placed_at_ms <= at_ms]
        left = sum(lines[index][2] for index in earlier)
        if left < quantity:
            return [], left
        pieces: list[Taken] = []
        for index in earlier:
            sale, row, remaining = lines[index]
            taken = min(remaining, quantity)
            if taken:
                lines[index] = (sale, row, remaining - taken)
                pieces.append(Taken(sale, row, taken))
                quantity -= taken
            if not quantity:
                break
        if all(remaining == 0 for _, _, remaining in lines):
            del self._sales[key]
        return pieces, left
