"""Cancellations of a draft against the record: what each takes back, whether it can be said, and what is signed then.

`sogdia import` opens an order's sealed values before it goes on with it. Here nothing is opened: an order that the
record shows the same as the file has the same lines, so what takes units off them is said from the file alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from sogdia.core.codec import json_bytes
from sogdia.core.query import Asker
from sogdia.core.transaction import Message
from sogdia.interfaces.console.importing_drafts import Choices
from sogdia.interfaces.console.importing_judging import Judged, named
from sogdia.interfaces.console.importing_recorded import record_of
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.trade import Parties
from sogdia.standards.orders import DraftCancellation, DraftOrder

if TYPE_CHECKING:
    from sogdia.app import Node

CancellationWhere = Literal["differs", "stays", "shipping", "new", "same"]
CANCELLATION_WHERE: Final[tuple[CancellationWhere, ...]] = ("differs", "stays", "shipping", "new", "same")
"""In the order in which people need to see them.

`stays`: its order is not on record, and will not be by this draft. `shipping`: it takes back no goods, only carriage,
which is the payment institution's to pay back.
"""


class CancellationStanding(msgspec.Struct, frozen=True):
    """A cancellation of the draft against the record; `lines` are numbers of the order's lines and units taken off."""

    draft: DraftCancellation
    where: CancellationWhere
    lines: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """What names it where it is left out."""
        return named(self.draft)

    @property
    def goods(self) -> tuple[tuple[int, str], ...]:
        """Units and stock code of each line that it takes back, carriage too."""
        return tuple((line.quantity, line.sku) for line in self.draft.lines)

    @property
    def value_minor(self) -> int:
        """What the order loses, as the file has it, in minor units."""
        return sum(line.total_minor for line in self.draft.lines)


def cancellations_of(
    node: "Node", asker: Asker, choices: Choices, judged: Judged, going: Mapping[str, DraftOrder]
) -> tuple[CancellationStanding, ...]:
    """Each cancellation of a judged draft; `going` are the orders that are on record the same, or will be."""
    platform = choices.parties.get("platform", "")
    found = [_standing(node, asker, platform, one, going.get(one.order)) for one in judged.cancellations]
    return tuple(sorted(found, key=lambda one: CANCELLATION_WHERE.index(one.where)))


def _standing(
    node: "Node", asker: Asker, platform: str, draft: DraftCancellation, order: DraftOrder | None
) -> CancellationStanding:
    if order is None:
        return CancellationStanding(draft, "stays")
    said = _cancel(draft, order, Parties(platform, "", "", "", "", ""))
    if said is None:
        return CancellationStanding(draft, "shipping")
    lines = tuple((one.line, one.quantity) for one in said.lines)
    key = (platform, draft.order, draft.cancellation)
    found = record_of(node, asker, "orders.cancellation", *key) if platform else None
    if found is None:
        return CancellationStanding(draft, "new", lines)
    is_same = {tuple(one) for one in found["lines"]} == set(lines)
    return CancellationStanding(draft, "same" if is_same else "differs", lines)


def _rows(order: DraftOrder) -> dict[int, int]:
    """The number of the order's line on record, by its row in the file."""
    return {line.row: number for number, line in enumerate(parts.goods_lines(order), 1)}


def _cancel(draft: DraftCancellation, order: DraftOrder, parties: Parties) -> Any:
    """The platform's word for it; None when no goods are taken back."""
    rows = _rows(order)
    goods = replace(draft, lines=tuple(line for line in draft.lines if line.order_row in rows))
    return parts.cancellation(goods, parties, rows) if goods.lines else None


def cancelling(
    node: "Node",
    asker: Asker,
    parties: Parties,
    standing: Iterable[CancellationStanding],
    going: Mapping[str, DraftOrder],
) -> Iterator[bytes]:
    """What the asker's party signs of these, a transaction each: the platform cancels, the institution pays back."""
    for one in standing:
        order = going.get(one.draft.order)
        if order is None:
            continue
        if one.where == "new" and parties.platform == asker.party:
            yield _group(_cancel(one.draft, order, parties))
        if parties.institution and parties.institution == asker.party:
            yield from _paid_back(node, asker, parties, one.draft, order)


def _paid_back(
    node: "Node", asker: Asker, parties: Parties, draft: DraftCancellation, order: DraftOrder
) -> Iterator[bytes]:
    """The refund, unless it is on record."""
    said = parts.refund(draft, parties, parts.payment_number(order))
    if record_of(node, asker, "payments.refund", said.institution, said.payment, said.refund) is None:
        yield _group(said)


def _group(said: Message) -> bytes:
    return b"[" + json_bytes(said) + b"]"
