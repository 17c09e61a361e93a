"""One trade of the simulation as its own parties remember it, and a step that they take."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from sogdia.core.transaction import Message
from sogdia.domains.orders.messages import Place
from tests.simulation.world import INSTITUTIONS, Actor, Buyer, Pen, Trade


class Step(NamedTuple):
    """Messages, who signs them, and what the trade does when they are accepted."""

    messages: Sequence[Message]
    pens: Sequence[Pen]
    then: Callable[[], None] = lambda: None
    otherwise: Callable[[int], None] = lambda code: None


class Course(Trade):
    """A trade with what has happened to it so far, as its own parties remember it."""

    def __init__(self, number: int, buyer: Buyer, goods: Sequence[tuple[str, int]], imported: bool) -> None:
        super().__init__(number, buyer, goods, imported)
        self.stage, self.tries, self.paid_minor, self.refunded = "new", 0, 0, 0
        self.refunds = 0
        self.named: str | None = self.institution.did

    def place(self, placed_at_ms: int, freight_minor: int = 500) -> Place:
        order = super().place(placed_at_ms, freight_minor)
        return replace(order, institution=self.named, shared_with=(self.broker.did, self.carrier.did))

    def go(self, stage: str) -> Callable[[], None]:
        def then() -> None:
            self.stage = stage

        return then

    def refused(self, code: int) -> None:
        """A document that customs rejected, or a price over the single limit: this trade does not come to a list."""
        if code in (6003, 6005):
            self.stage = "leftover"

    @property
    def is_cancelled(self) -> bool:
        return all(gone == ordered for gone, (_, ordered) in zip(self.cancelled, self.goods, strict=True))

    @property
    def other_institution(self) -> Actor:
        return next(one for one in INSTITUTIONS if one is not self.institution)

    @property
    def list_no(self) -> str:
        return f"L{self.number:06}-{self.tries}"
