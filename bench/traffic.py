"""Signed traffic for measurements: whole trades of three-line orders, from placing to closing."""

import secrets
import time
from collections.abc import Iterator, Sequence

from sogdia.client.connection import signed
from sogdia.core.keys import SigningKey, identifier, key_id
from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import Answer
from sogdia.domains.identity.messages import Delegate, NewKey, Register, Role
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.parts import Goods
from sogdia.interfaces.intake.pipeline import BoundKey
from sogdia.interfaces.intake.trade import Parties, Trade, list_number
from sogdia.standards.orders import Buyer, DraftLine, DraftOrder

NETWORK = "sogdia-bench"
ROLES: dict[str, Role] = {
    "registrar": "registrar",
    "platform": "platform",
    "seller": "seller",
    "institution": "payment_institution",
    "carrier": "carrier",
    "broker": "broker",
    "customs": "customs",
}
GOODS = tuple(Goods(f"SKU-{n}", f"White lantern no. {n}", "9405500000", "stated", "CN", 420) for n in range(50))
CATALOGUE = {goods.sku: goods for goods in GOODS}
PERSONS = {"buyer_name": "A. Buyer", "consignee": "A. Buyer", "consignee_address": "1 rue de la Soie, Lyon"}


class World:
    """Parties with keys, and the trades that they sign."""

    def __init__(self) -> None:
        self.keys = {name: self._key() for name in ROLES}
        dids = {name: key.did for name, key in self.keys.items()}
        self.parties = Parties(**{name: dids[name] for name in Parties.__struct_fields__})

    def founding(self) -> list[Message]:
        """Parties, products and the broker's mandate."""
        registrar = self.keys["registrar"].did
        made: list[Message] = [self._register(name, registrar) for name in ROLES]
        made += [parts.listing(self.parties.seller, goods) for goods in GOODS]
        made.append(
            Delegate(
                principal=self.parties.seller,
                agent=self.parties.broker,
                actions=("customs.declare_export",),
                until_ms=4_000_000_000_000,
            )
        )
        return made

    def trades(self, count: int) -> Iterator[list[bytes]]:
        """The signed transactions of so many trades, eight each, in order."""
        for number in range(count):
            yield self._trade(number)

    def _trade(self, number: int) -> list[bytes]:
        trade = Trade(_draft(number), "export", PERSONS, secrets.token_bytes(32))
        now, at = time.time_ns() // 1_000_000, self.parties
        weight = parts.gross_weight_grams(trade.draft, CATALOGUE)
        list_no, parcel = list_number(at.platform, trade.draft.order), parts.waybill_number(trade.draft)
        return [
            self.sign("platform", parts.order(trade, at, "CN", None)),
            self.sign("institution", parts.payment(trade, at)),
            self.sign("carrier", parts.waybill(trade, at, weight)),
            self.sign(
                "broker", parts.export_list(trade, at, parts.cargo(trade.draft, CATALOGUE, (), None), now, "2925")
            ),
            self.sign("customs", self._answer(list_no, 120, now, pre_no=f"B20260921{number:09d}")),
            self.sign("customs", self._answer(list_no, 800, now, invt_no=f"29252026E{number:09d}")),
            self.sign("carrier", *parts.delivered(at, parcel, now - 10)),
            self.sign("customs", self._answer(list_no, 899, now)),
        ]

    def listing(self, number: int) -> Message:
        """One more product that the seller puts on sale."""
        goods = Goods(f"MORE-{number}", f"Lantern of series {number}", "9405500000", "stated", "CN", 420)
        return parts.listing(self.parties.seller, goods)

    def _answer(self, list_no: str, code: int, now: int, **numbers: str) -> Answer:
        return Answer(
            customs=self.parties.customs,
            subject="export_list",
            party=self.parties.broker,
            number=list_no,
            code=code,
            answered_at_ms=now,
            **numbers,
        )

    def sign(self, name: str, *messages: Message) -> bytes:
        """A transaction of these messages, signed by the party of this name."""
        now = time.time_ns() // 1_000_000
        return signed(NETWORK, now, secrets.token_hex(8), messages, [self.keys[name]], valid_ms=6 * 3_600_000)

    def _register(self, name: str, registrar: str) -> Register:
        key = self.keys[name]
        return Register(
            party=key.did,
            name=name,
            country="CN",
            registration=f"BENCH-{name}",
            roles=(ROLES[name],),
            keys=(NewKey(id=key.kid, public=key.key.public.hex()),),
            agreement="77" * 32,
            registrar=registrar,
        )

    @staticmethod
    def _key() -> BoundKey:
        key = SigningKey(secrets.token_bytes(32))
        did = identifier("benc", key.public)
        return BoundKey(key_id(did), key, did, b"")


def _draft(number: int) -> DraftOrder:
    chosen = [GOODS[(number * 7 + place * 11) % len(GOODS)] for place in range(3)]
    lines = tuple(
        DraftLine(place, "goods", goods.sku, goods.name, 2, "3.39", 678) for place, goods in enumerate(chosen)
    )
    placed = 1_780_000_000_000 + number
    return DraftOrder(
        f"B-{number:08d}", "bench", placed, placed, "EUR", lines, 500, 0, 0, 2_534, "FR", Buyer(), None, "ab" * 32
    )  # fmt: skip


def flattened(trades: Sequence[list[bytes]], width: int = 50) -> list[bytes]:
    """Interleave trades step by step, as a busy platform sends them: groups of so many trades side by side."""
    mixed = []
    for start in range(0, len(trades), width):
        group = trades[start : start + width]
        mixed += [step for steps in zip(*group, strict=True) for step in steps]
    return mixed
