"""Where every row went: two books, one kept while rows are read and one while they are placed.

Nothing may be lost between them, so they are added up apart and compared at the end.
"""

from __future__ import annotations

from collections import defaultdict

from sogdia.standards.orders.amounts import text_of
from sogdia.standards.orders.columns import Header
from sogdia.standards.orders.draft import FileReport, Format, Place, PlaceSum, SetAside
from sogdia.standards.orders.refused import printable
from sogdia.standards.orders.source import Source

_CLIP = 60


def clipped(value: str) -> str:
    """A value short and printable enough for a report."""
    value = printable(value[: _CLIP + 1])
    return value if len(value) <= _CLIP else value[: _CLIP - 3] + "..."


class Books:
    """The count and the sum of one file, in atoms for each currency."""

    def __init__(self, source: Source, format: Format) -> None:
        self._source = source
        self._format = format
        self._rows_in = self._without_amount = self._orders = self._cancellations = 0
        self._read: defaultdict[str, int] = defaultdict(int)
        self._placed_rows: defaultdict[tuple[Place, str], int] = defaultdict(int)
        self._placed: defaultdict[tuple[Place, str], int] = defaultdict(int)
        self._reasons: defaultdict[str, int] = defaultdict(int)

    def saw(self, atoms: int | None, currency: str) -> None:
        """A row was read; `atoms` is None when its amount cannot be known."""
        self._rows_in += 1
        if atoms is None:
            self._without_amount += 1
        else:
            self._read[currency] += atoms

    def order(self, rows: int, atoms: int, currency: str) -> None:
        """An order of `rows` rows is given out; `atoms` is its total."""
        self._orders += 1
        self._place("order", rows, atoms, currency)

    def cancellation(self, rows: int, atoms: int, currency: str) -> None:
        """A cancellation row, or its part that belongs to one order; `atoms` are negative."""
        self._place("cancellation", rows, atoms, currency)

    def cancellation_document(self) -> None:
        """A cancellation is given out."""
        self._cancellations += 1

    def set_aside(
        self,
        row: int,
        reason: str,
        *,
        order: str = "",
        field: str = "",
        value: str = "",
        atoms: int | None = None,
        currency: str = "",
        personal: bool = False,
        facts: tuple[tuple[str, str], ...] = (),
    ) -> SetAside:
        """Put one row aside; its amount enters the book of what was placed."""
        self._place("set-aside", 1, atoms or 0, currency if atoms is not None else "")
        self._reasons[reason] += 1
        shown = f"(personal, {len(value)} characters)" if personal and value else clipped(value)
        return SetAside(
            row,
            clipped(order),
            clipped(field),
            shown,
            reason,
            "" if atoms is None else text_of(atoms),
            currency if atoms is not None else "",
            tuple((name, clipped(fact)) for name, fact in facts),
            self._source.place(row, field),
        )

    def report(
        self, header: Header | None = None, unknown: tuple[str, ...] = (), missing: tuple[str, ...] = ()
    ) -> FileReport:
        """Close both books."""
        survey, sheet = self._source.survey, self._source.sheet
        sums = tuple(
            PlaceSum(place, currency, rows, text_of(self._placed[place, currency]))
            for (place, currency), rows in sorted(self._placed_rows.items())
        )
        return FileReport(
            self._format,
            self._source.name,
            survey.sha256,
            survey.encoding.name,
            survey.compressed,
            self._rows_in,
            self._orders,
            self._cancellations,
            self._without_amount,
            tuple(map(clipped, header.unknown if header else unknown)),
            header.missing if header else missing,
            tuple((currency, text_of(atoms)) for currency, atoms in sorted(self._read.items())),
            sums,
            tuple(sorted(self._reasons.items())),
            self._closes(),
            clipped(sheet.name) if sheet else "",
            tuple(map(clipped, sheet.unread)) if sheet else (),
        )

    def _place(self, place: Place, rows: int, atoms: int, currency: str) -> None:
        self._placed_rows[place, currency] += rows
        self._placed[place, currency] += atoms

    def _closes(self) -> bool:
        out: defaultdict[str, int] = defaultdict(int)
        for (_, currency), atoms in self._placed.items():
            out[currency] += atoms
        currencies = sorted({*out, *self._read})
        return sum(self._placed_rows.values()) == self._rows_in and all(
            out[currency] == self._read[currency] for currency in currencies
        )
