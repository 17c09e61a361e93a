"""What a reader gives, sorted out: orders and cancellations go on, rows set aside are noted, sums are added up."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from sogdia.core.values import minor_digits
from sogdia.interfaces.intake.notes import Lines
from sogdia.standards.orders import DraftCancellation, DraftOrder, FileReport, Item, SetAside
from sogdia.standards.orders.reasons import sentence_of

Drafts = Iterator[DraftOrder | DraftCancellation]


class AsideNote(msgspec.Struct, frozen=True):
    """A row of the file that became no part of an order: which, which field, what stood there, and why."""

    row: int
    field: str
    value: str
    reason: str
    order: str = ""
    text: str = ""
    remedy: str = ""
    amount: str = ""
    currency: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def sentence(self, language: str) -> str:
        """What is wrong with the row, in English (`en`) or Chinese (`zh`)."""
        told = sentence_of(self.reason, self.row, self.field, self.value, self.facts, language)
        return f"[{self.place}] {told}" if self.place else told


class Tally:
    """Where every row went, added up from what the readers gave, over the files of one run.

    With a limit a file is not read to its end; the rows counted are then those that were read and placed.
    """

    def __init__(self) -> None:
        self.cancellations_in = 0
        self.columns_unknown: list[str] = []
        self.sheet = ""
        self.sheets_unread: tuple[str, ...] = ()
        self._rows: Counter[tuple[str, str]] = Counter()
        self._amounts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)

    @property
    def rows_in(self) -> int:
        """Rows that were read, wherever they went."""
        return self._rows.total()

    def order(self, draft: DraftOrder) -> None:
        """An order was given out; it is worth its total."""
        self._place("order", draft.currency, len(draft.lines), _major(draft.total_minor, draft.currency))

    def cancellation(self, draft: DraftCancellation, rows: int) -> None:
        """A cancellation was given out; so many of its rows were not counted with another one."""
        worth = _major(sum(line.total_minor for line in draft.lines), draft.currency)
        self.cancellations_in += 1
        self._place("cancellation", draft.currency, rows, -worth)

    def set_aside(self, item: SetAside) -> None:
        """A row was set aside; one whose amount cannot be read is worth nothing, in no currency."""
        self._place("set-aside", item.currency, 1, Decimal(item.amount or 0))

    def places(self) -> list[dict[str, Any]]:
        """Rows and their sum in major units, by place and currency."""
        return [
            {"place": place, "currency": currency, "rows": rows, "amount": f"{self._amounts[place, currency]:f}"}
            for (place, currency), rows in sorted(self._rows.items())
        ]

    def _place(self, place: str, currency: str, rows: int, amount: Decimal) -> None:
        self._rows[place, currency] += rows
        self._amounts[place, currency] += amount


def _major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal in major ones."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def sorted_out(items: Iterable[Item], limit: int | None, aside: Lines, tally: Tally) -> Drafts:
    """What becomes part of a trade, up to the limit; rows set aside go to the notes, and every row to the tally.

    Cancellations that stand between the last order taken and the next one still count.
    """
    taken, cancelled_rows = 0, set[int]()
    for item in items:
        if isinstance(item, SetAside):
            aside.add(_note(item))
            tally.set_aside(item)
        elif isinstance(item, FileReport):
            tally.columns_unknown += item.columns_unknown
            tally.sheet, tally.sheets_unread = item.sheet, item.sheets_unread
        elif isinstance(item, DraftCancellation):
            fresh_rows = {line.row for line in item.lines} - cancelled_rows
            cancelled_rows |= fresh_rows
            tally.cancellation(item, len(fresh_rows))
            yield item
        elif taken == limit:
            return
        else:
            taken += 1
            tally.order(item)
            yield item


def _note(item: SetAside) -> AsideNote:
    return AsideNote(
        item.row,
        item.field,
        item.value,
        item.reason,
        item.order,
        item.sentence(),
        item.remedy(),
        item.amount,
        item.currency,
        item.facts,
        item.place,
    )
