"""What a reader gives, sorted out: orders and cancellations go on, rows set aside are noted, sums are added up."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sogdia.interfaces.intake.notes import Lines
from sogdia.standards.orders import DraftCancellation, DraftOrder, FileReport, Item, SetAside

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


class Tally(msgspec.Struct):
    """What the readers told of their files, added up over the files of one rehearsal."""

    rows_in: int = 0
    orders_in: int = 0
    cancellations_in: int = 0
    places: list[dict[str, Any]] = []
    columns_unknown: list[str] = []


def sorted_out(items: Iterable[Item], limit: int | None, aside: Lines, tally: Tally) -> Drafts:
    """What becomes part of a trade; rows set aside go to the notes, the reader's own sums to the tally."""
    taken = 0
    for item in items:
        if isinstance(item, SetAside):
            aside.add(_note(item))
        elif isinstance(item, FileReport):
            _add_up(item, tally)
        elif limit is None or taken < limit or isinstance(item, DraftCancellation):
            taken += isinstance(item, DraftOrder)
            yield item
        elif taken >= limit:
            return


def _note(item: SetAside) -> AsideNote:
    return AsideNote(
        item.row,
        item.field,
        item.value,
        item.reason,
        item.order,
        item.sentence(),
        item.remedy,
        item.amount,
        item.currency,
    )


def _add_up(report: FileReport, tally: Tally) -> None:
    tally.rows_in += report.rows_in
    tally.orders_in += report.orders_in
    tally.cancellations_in += report.cancellations_in
    tally.places += [msgspec.to_builtins(place) for place in report.sums]
    tally.columns_unknown += report.columns_unknown
