"""The plain personal values of a trade, for those to whom they were sealed."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from sogdia.interfaces.intake.trade import trade_reference
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.errors import Erased, NotARecipient


@runtime_checkable
class SealedShelf(Protocol):
    """The part of a `Connection` that keeps envelopes."""

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """The envelope of a trade with this id."""
        ...


def open_persons(
    shelf: SealedShelf, order: Mapping[str, Any], did: str, agreement_private: bytes
) -> tuple[dict[str, str], bytes | None]:
    """Plain values and secret of an order's trade, under the names of its fields; nothing when not sealed to us.

    `order` is its record. What was erased is gone like what was never sealed to us. Raises
    `BrokenEnvelope` for altered bytes.
    """
    if not order["sealed"]:
        return {}, None
    try:
        raw = shelf.get_sealed(trade_reference(order["platform"], order["order"]), order["sealed"])
        if raw is None:
            return {}, None
        return envelopes.open_envelope(envelopes.from_bytes(raw), did, agreement_private)
    except (Erased, NotARecipient):
        return {}, None
