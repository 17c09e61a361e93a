"""The mistakes that parties make in a rehearsal: seeded by the order's number, so that a second run makes the same."""

from hashlib import sha256

import msgspec

from sogdia.core.transaction import Message
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.payments.messages import Attest
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.trade import Parties, Trade

ONE_IN = 40
"""About one order in so many meets each kind of mistake."""


class Mistakes:
    """Another message than the right one, for a few orders."""

    def __init__(self, parties: Parties) -> None:
        self._parties = parties

    def __call__(self, part: str, trade: Trade, right: Message) -> Message | None:
        """The wrong message for this part of this order, or None."""
        if part == "payment" and isinstance(right, Attest) and _drawn(trade, "amount"):
            return msgspec.structs.replace(right, amount_minor=right.amount_minor + 100)
        if part == "payment" and isinstance(right, Attest) and right.payer_name and _drawn(trade, "payer"):
            other = parts.payment(_somebody_else(trade), self._parties)
            return msgspec.structs.replace(right, payer_name=other.payer_name)
        if part == "waybill" and isinstance(right, IssueWaybill) and right.consignee and _drawn(trade, "consignee"):
            other_parcel = parts.waybill(_somebody_else(trade), self._parties, right.gross_weight_grams)
            return msgspec.structs.replace(right, consignee=other_parcel.consignee)
        return None


def _somebody_else(trade: Trade) -> Trade:
    persons = {**trade.persons, "buyer_name": "Someone Else", "consignee": "Someone Else"}
    return msgspec.structs.replace(trade, persons=persons)


def _drawn(trade: Trade, kind: str) -> bool:
    digest = sha256(f"{kind}/{trade.draft.order}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % ONE_IN == 0
