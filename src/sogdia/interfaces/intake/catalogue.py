"""What a file's articles are for customs: from the seller's catalogue, else a suggestion, else not placed.

A product keeps what was said of it first, so that the second reading of a file says the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sogdia.interfaces.intake.parts import PIECE, Goods
from sogdia.standards.orders import Catalogue, DraftLine, suggest

UNIT_CODES = {"piece": PIECE, "pair": "025", "set": "006", "kilogram": "035", "kg": "035"}
"""Customs units by the names that sellers use; what is not here counts as pieces (certainty: memory)."""


class Articles:
    """Every article of one file by stock code; without `suggests` nothing is listed that nobody stated or accepted.

    `unknown_weight_grams` is what whoever runs this says that an article weighs of which nothing is known. Without it
    such an article is not listed, and its orders are not placed: a weight is signed, and nobody has said it.
    """

    def __init__(
        self,
        stated: Catalogue | None,
        home: str,
        *,
        suggests: bool = True,
        unknown_weight_grams: int | None = None,
    ) -> None:
        self._stated = stated
        self._home = home
        self._suggests = suggests
        self._unknown_grams = unknown_weight_grams
        self._unweighed: set[str] = set()
        self.known: dict[str, Goods] = {}
        self.goods: dict[str, Goods] = {}

    def describe(self, line: DraftLine) -> bool:
        """Take note of a line's article; True when it is new."""
        if line.sku in self.goods:
            return False
        self.goods[line.sku] = self.known.get(line.sku) or self._from_catalogue(line) or self._suggested(line)
        return True

    def listed(self, sku: str, record: Mapping[str, Any] | None) -> bool:
        """Whether a product must be listed, or anew; one on record stays as it is unless the catalogue states it."""
        is_stated = self._stated is not None and sku in self._stated.items
        if record is None:
            return (self._suggests or is_stated) and sku not in self._unweighed
        self._unweighed.discard(sku)
        stands = Goods(**{name: record[name] for name in Goods.__struct_fields__})
        if not is_stated:
            self.goods[sku] = stands
        return self.goods[sku] != stands

    def unweighed(self, lines: Iterable[DraftLine]) -> tuple[str, ...]:
        """Stock codes of these lines whose weight nobody has said: not the seller, not the record, not this run."""
        return tuple(dict.fromkeys(line.sku for line in lines if line.sku in self._unweighed))

    def _from_catalogue(self, line: DraftLine) -> Goods | None:
        item = self._stated.items.get(line.sku) if self._stated else None
        if item is None:
            return None
        grams = -(-item.net_weight_milligrams // 1000)
        unit = UNIT_CODES.get(item.unit.casefold(), PIECE)
        return Goods(line.sku, item.description[:250], item.hs_code, item.hs_basis, item.origin, grams, unit)

    def _suggested(self, line: DraftLine) -> Goods:
        found = suggest(line.description)
        name = line.description[:250]
        if found is None:
            if self._unknown_grams is None:
                self._unweighed.add(line.sku)
            return Goods(line.sku, name, "", "suggestion", self._home, self._unknown_grams or 0)
        return Goods(line.sku, name, found.heading, "suggestion", found.origin, found.net_weight_grams)
