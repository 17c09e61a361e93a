"""One trade on a party's own side: the draft, who takes part, the plain personal values and the secret over them."""

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from sogdia.domains.orders.messages import Persons
from sogdia.primitives.sealed.commitments import commit
from sogdia.primitives.sealed.errors import UnfitValue
from sogdia.standards.orders import DraftOrder

Direction = Literal["export", "import", "domestic"]

PURPOSE_OF = {
    "buyer_account": "account_number",
    "buyer_name": "name",
    "buyer_id_number": "id_number",
    "buyer_telephone": "telephone",
    "consignee": "name",
    "consignee_telephone": "telephone",
    "consignee_address": "address",
}
"""Under which purpose each personal field is committed to: a payer's name equals a buyer's only under the same one."""


class Parties(msgspec.Struct, frozen=True):
    """The DIDs that take part in the trades of one file."""

    platform: str
    seller: str
    institution: str
    carrier: str
    broker: str
    customs: str

    def who_reads(self) -> tuple[str, ...]:
        """Those beside platform and seller who may read an order."""
        return tuple(did for did in (self.institution, self.carrier, self.broker) if did)


class Trade(msgspec.Struct, frozen=True):
    """A draft order with what its parties know; `persons` are plain values and never printed."""

    draft: DraftOrder
    direction: Direction
    persons: Mapping[str, str]
    secret: bytes

    def __repr__(self) -> str:
        return f"Trade({self.draft.order}, {self.direction}, persons hidden)"

    def committed(self) -> Persons:
        """The personal values as commitments under this trade's secret."""
        return Persons(**{name: self.commitment(name) for name in self.persons})

    def commitment(self, field: str) -> str | None:
        """The commitment to one personal value, or None where nobody told it."""
        value = self.persons.get(field)
        return None if value is None else commit(self.secret, PURPOSE_OF[field], value)

    def evidence(self) -> str:
        """The commitment to the channel's own rows: a plain hash of them could be guessed back to a buyer."""
        return commit(self.secret, "evidence", self.draft.evidence)


def trade_reference(platform: str, order: str) -> str:
    """What an envelope is bound to; short, whatever the channel's number is."""
    return f"{platform}/{order}"


def list_number(platform: str, order: str, attempt: int = 1) -> str:
    """The broker's own number for the list of an order: the same order always gets the same one, 18 characters."""
    digest = hashlib.sha256(f"{platform}\n{order}\n{attempt}".encode()).hexdigest()
    return f"SG{digest[:16].upper()}"


def persons_of(draft: DraftOrder, identity_number: str | None = None) -> dict[str, str]:
    """The personal values that a draft tells, under the names of the order's fields; unreadable ones are left out."""
    buyer = draft.buyer
    address = ", ".join(part for part in (*buyer.address_lines, buyer.postcode, buyer.city, buyer.region) if part)
    told = {
        "buyer_account": buyer.reference,
        "buyer_name": buyer.name,
        "buyer_id_number": identity_number,
        "buyer_telephone": buyer.telephone,
        "consignee": buyer.name,
        "consignee_telephone": buyer.telephone,
        "consignee_address": address,
    }
    return {name: value for name, value in told.items() if value and _fit(name, value)}


def _fit(field: str, value: str) -> bool:
    try:
        commit(b"\0" * 32, PURPOSE_OF[field], value)
    except UnfitValue:
        return False
    return True
