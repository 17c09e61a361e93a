"""A ledger written by hand for the mirror's tests: outcomes of the real types, without a machine behind them."""

from collections.abc import Sequence
from hashlib import sha256
from threading import Condition
from typing import Any, Literal

import msgspec

from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.receipt import Announced, Done, Outcome, Receipt, Seal
from sogdia.core.state import Record, Table

PLATFORM, SELLER, BANK, STRANGER = (f"did:bid:sogd:ef{name}" for name in ("Platform", "Seller", "Bank", "Stranger"))


class Goods(msgspec.Struct, frozen=True):
    """A line of a sale."""

    sku: str
    quantity: int


class Sale(Record, frozen=True, array_like=True):
    """Every kind of field that records have."""

    platform: str
    order: str
    seller: str
    total_minor: int
    paid: bool = False
    channel: Literal["shop", "fair"] = "shop"
    note: str | None = None
    returned_minor: int | None = None
    lines: tuple[Goods, ...] = ()
    gift: Goods | None = None
    shared_with: tuple[str, ...] = ()


class Parcel(Record, frozen=True, array_like=True):
    """Names a sale, is nobody's own: for a role alone."""

    number: str
    platform: str
    order: str
    weight_grams: int


class Rate(Record, frozen=True, array_like=True):
    """Public."""

    name: str
    value: str


SALES = Table(
    "shop.sale", Sale, key=("platform", "order"), seen_by=("platform", "seller", "shared_with"), roles=("customs",)
)
PARCELS = Table("shop.parcel", Parcel, key=("number",), roles=("customs",))
RATES = Table("shop.rate", Rate, key=("name",), public=True)
TABLES = {table.name: table for table in (SALES, PARCELS, RATES)}

Change = tuple[Table[Any], Any]
"""A table with a record that is written, or with the key fields, as a tuple of text, of one that goes."""


class Heard(msgspec.Struct, frozen=True):
    """An event of one transaction."""

    tag: str = "shop.sold"
    parties: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    said: dict[str, Any] = {}


class Ledger:
    """Writes blocks; it is a Feed of its own outcomes."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.log_size = 0
        self._advanced = Condition()

    @property
    def height(self) -> int:
        return len(self.blocks)

    def block(self, changes: Sequence[Change] = (), done: Sequence[Done] = ()) -> int:
        """Add a block and return its height."""
        self.log_size += len(done)
        seal = Seal(self.height + 1, 1_000 * (self.height + 1), bytes(32), self.log_size, bytes(32))
        outcome = record_bytes(Outcome(seal, tuple(done), tuple(_change(*one) for one in changes)))
        with self._advanced:
            self.blocks.append(outcome)
            self._advanced.notify_all()
        return self.height

    def done(
        self, *heard: Heard, index: int = 0, signers: tuple[str, ...] = (PLATFORM,), code: int = 0, **fields: Any
    ) -> Done:
        """A transaction of the next block; its fields are those of a refusal."""
        height = self.height + 1
        name = sha256(f"{height}/{index}".encode()).hexdigest()
        envelope = sha256(name.encode()).hexdigest()
        receipt = Receipt("sogd", height, index, 1_000 * height, name, envelope, code, fields, "00" * 32)
        announced = tuple(Announced(one.tag, one.parties, one.roles, json_bytes(one.said)) for one in heard)
        return Done(receipt.entry(), ("shop.sell",), signers, announced)

    def outcomes(self, after_height: int, limit: int, /) -> list[bytes]:
        return self.blocks[after_height : after_height + limit]

    def wait(self, after_height: int, timeout_seconds: float, /) -> None:
        with self._advanced:
            self._advanced.wait_for(lambda: self.height > after_height, timeout_seconds)


def sale(number: int = 1, **particulars: Any) -> Sale:
    usual = {"platform": PLATFORM, "order": f"2026-{number:06}", "seller": SELLER, "total_minor": 2_534}
    return Sale(**usual | particulars)


def trade(ledger: Ledger, first: int, count: int = 1) -> int:
    """A block in which so many sales come on record, the one before them is paid, and an old one goes."""
    changes: list[Change] = []
    done = []
    for index, number in enumerate(range(first, first + count)):
        shared = (BANK,) if number % 3 == 0 else ()
        changes.append((SALES, sale(number, shared_with=shared, lines=(Goods(f"SKU-{number}", number),))))
        changes.append((PARCELS, Parcel(f"P{number}", PLATFORM, f"2026-{number:06}", 100 * number)))
        heard = Heard(parties=(PLATFORM, SELLER, *shared), roles=("customs",), said={"order": number})
        done.append(ledger.done(heard, index=index))
    changes.append((SALES, sale(first - 1, paid=True, note="paid late")))
    if first > 5:
        changes.append((SALES, (PLATFORM, f"2026-{first - 5:06}")))
    return ledger.block(changes, done)


def _change(table: Table[Any], what: Any) -> tuple[bytes, bytes | None]:
    if isinstance(what, tuple):
        return table.path(*what), None
    return table.path_of(what), record_bytes(what)
