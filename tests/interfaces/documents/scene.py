"""A border in memory: one machine with every rule, a cast with customs codes of its own, two trades that agree.

The export is six lanterns to France and a mug; the import is two creams and a soap from Lyon, 300.00 + 39.00 with 25.00
freight. All goods, persons and codes are invented. The parts are made by the intake's own functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sogdia.app import MODULES, TABLES, shown
from sogdia.client.connection import Reply
from sogdia.client.keyring import Keys
from sogdia.core.keys import SigningKey, identifier, key_id
from sogdia.core.machine import Machine
from sogdia.core.query import Asker, may_see
from sogdia.core.refusal import Refusal
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.domains.customs.messages import Answer, DeclareImport, PublishLimits
from sogdia.domains.identity.messages import Delegate, NewKey, Register
from sogdia.domains.identity.state import find_key
from sogdia.domains.tax.messages import PublishRates
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.parts import Goods
from sogdia.interfaces.intake.trade import Direction, Parties, Trade, persons_of
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.standards import seed
from sogdia.standards.orders import Buyer, DraftLine, DraftOrder

NETWORK = "sogd"
NOON_MS = 1_772_424_000_000
"""2026-03-02 04:00:00 UTC: noon in China."""
BLOCK_MS = NOON_MS + 3_600_000
FAR_FUTURE_MS = 4_102_444_800_000
SECRET = b"\x07" * 32
PERSON = "5e" * 32
ID_NUMBER = "99999919000101001X"

CAST: dict[str, tuple[str, str, str, str]] = {
    "registrar": ("Registrar", "CN", "3307960000", "registrar"),
    "platform": ("Silk Market", "CN", "3307960001", "platform"),
    "seller": ("Yiwu Lantern Trading Co.", "CN", "3307960002", "seller"),
    "institution": ("Zhejiang Payment Institution", "CN", "3307960003", "payment_institution"),
    "other_institution": ("Ningbo Payment Institution", "CN", "3307960008", "payment_institution"),
    "carrier": ("Chang'an Express", "CN", "3307960004", "carrier"),
    "broker": ("Jinhua Customs Broker", "CN", "91330782MA28DEMO0X", "broker"),
    "customs": ("Customs, Jinhua district", "CN", "3307960006", "customs"),
    "tax_authority": ("Tax Authority", "CN", "3307960007", "tax_authority"),
    "abroad": ("Bazaar of Marseille", "FR", "FR-RCS-552100554", "platform"),
    "winding": ("Carrier of the Long Number", "CN", "a registration of more than 18 characters", "carrier"),
}
"""Key name: name, country, registration and role."""

GOODS: dict[str, Goods] = {
    one.sku: one
    for one in (
        Goods("71053", "White metal lantern", "940550", "stated", "CN", 420),
        Goods("22423", "Mug", "6912001000", "stated", "CN", 300),
        Goods("TRAB-CREAM", "Face cream 50 ml", "3304990039", "stated", "FR", 120),
        Goods("TRAB-SOAP", "Olive soap 300 g", "3401110000", "stated", "FR", 310),
    )
}
BUYER = Buyer(
    name="Wang Wei",
    telephone="19900000000",
    address_lines=("1 Silk Road",),
    postcode="999999",
    city="Nowhere",
    region="Test Province",
    reference="buyer-1",
)


class Actor:
    """A party with its keys; all of them come from its name. It signs for itself."""

    scheme = "EdDSA"

    def __init__(self, key: str) -> None:
        self.name, self.country, self.registration, self.role = CAST[key]
        self.key = SigningKey(sha256(key.encode()).digest())
        self.did = identifier(NETWORK, self.key.public)
        self.kid = key_id(self.did)
        self.agreement = sha256(key.encode() + b" agreement").digest()

    @staticmethod
    def of_keys(key: str, held: Keys) -> "Actor":
        """The same party with keys out of a keyring."""
        actor = Actor(key)
        actor.key, actor.did, actor.kid = held.signer, held.identity.did, held.kid
        actor.agreement = held.agreement_private
        return actor

    @property
    def agreement_public(self) -> bytes:
        return X25519PrivateKey.from_private_bytes(self.agreement).public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def registration_by(self, registrar: "Actor") -> Register:
        return Register(
            party=self.did,
            name=self.name,
            country=self.country,
            registration=self.registration,
            roles=(self.role,),
            keys=(NewKey(id=self.kid, public=self.key.public.hex()),),
            agreement=self.agreement_public.hex(),
            registrar=registrar.did,
        )


@dataclass
class Seen:
    """The record as one party looks it up, in the shape of a `Connection`; nobody in particular reads everything."""

    border: "Border"
    asker: Asker | None
    network: str = NETWORK

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        return [self._one(table, *key) for table, *key in wanted]

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        return self.border.sealed.get((trade, envelope))

    def _one(self, table: str, *key: str) -> dict[str, Any] | None:
        record = TABLES[table].get(self.border.machine.state, *key)
        seen = record is not None and (self.asker is None or may_see(TABLES[table], record, self.asker))
        return shown(record) if seen else None


@dataclass
class Border:
    """The machine with its cast; messages go in signed, and come out as records."""

    machine: Machine = field(default_factory=lambda: Machine(NETWORK, MODULES, find_key, MemoryStore()))
    actors: dict[str, Actor] = field(default_factory=lambda: {key: Actor(key) for key in CAST})
    sealed: dict[tuple[str, str], bytes] = field(default_factory=dict)
    time_ms: int = BLOCK_MS
    sent: int = 0

    def __post_init__(self) -> None:
        self.machine.commit(self.machine.found(BLOCK_MS, self.founding()))

    def founding(self) -> list[Message]:
        """Parties, the broker's mandate, rates, limits and products."""
        registrar, seller = self.actors["registrar"], self.actors["seller"]
        mandate = ("customs.declare_export", "customs.declare_import")
        founding: list[Message] = [actor.registration_by(registrar) for actor in self.actors.values()]
        founding.append(
            Delegate(principal=seller.did, agent=self.did("broker"), actions=mandate, until_ms=FAR_FUTURE_MS)
        )
        founding.append(PublishRates(authority=self.did("tax_authority"), rows=seed.rows("tax_cn_retail_import")))
        founding.append(PublishLimits(authority=self.did("customs"), rows=seed.rows("customs_cn_limits")))
        founding += [parts.listing(seller.did, goods) for goods in GOODS.values()]
        return founding

    def did(self, key: str) -> str:
        return self.actors[key].did

    def parties(self, platform: str = "platform") -> Parties:
        named = {key: self.did(key) for key in Parties.__struct_fields__}
        return Parties(**{**named, "platform": self.did(platform)})

    def seen_by(self, key: str = "") -> Seen:
        return Seen(self, Asker(self.did(key), (CAST[key][3],)) if key else None)

    def send(self, by: str, *messages: Message) -> Reply:
        """One transaction, signed by one party, in a block of its own."""
        self.sent += 1
        payload = payload_bytes(NETWORK, self.time_ms + 60_000, f"nonce-{self.sent:08}", messages)
        try:
            checked = self.machine.check(sign(payload, [self.actors[by]]))
        except Refusal as no:
            return Reply(no.code, no.fields)
        block = self.machine.execute(self.time_ms, [checked])
        self.machine.commit(block)
        return Reply(block.receipts[0].code, block.receipts[0].fields, block.receipts[0])

    def accepts(self, by: str, *messages: Message) -> None:
        reply = self.send(by, *messages)
        assert reply.accepted, f"refused: {reply.code} {reply.fields}"

    # -- trades ----------------------------------------------------------------------------------------------------

    def trade(self, direction: Direction, order: str = "A-1", **changed: Any) -> Trade:
        """A draft with what its parties know; an import's buyer has an identity number."""
        draft = export_draft(order, **changed) if direction == "export" else import_draft(order, **changed)
        return Trade(draft, direction, persons_of(draft, ID_NUMBER if direction == "import" else None), SECRET)

    def declared(self, trade: Trade, platform: str = "platform", bonded: bool = False) -> Trade:
        """Order, payment, waybill and list are on record; the persons are sealed to platform, broker and customs."""
        parties, draft = self.parties(platform), trade.draft
        home = "CN" if trade.direction == "export" or bonded else "FR"
        self.accepts(platform, parts.order(trade, parties, home, self.sealed_for(trade, platform)))
        self.accepts("institution", parts.payment(trade, parties))
        self.accepts("carrier", parts.waybill(trade, parties, parts.gross_weight_grams(draft, GOODS)))
        cargo = parts.cargo(draft, GOODS, (), None)
        if trade.direction == "export":
            self.accepts("broker", parts.export_list(trade, parties, cargo, BLOCK_MS, "2925"))
        else:
            listed = parts.import_list(trade, parties, cargo, BLOCK_MS, "2925", home)
            self.accepts("broker", out_of_bond(listed) if bonded else listed)
        return trade

    def closed(self, trade: Trade) -> Trade:
        """Declared, accepted with all that it names, released, delivered and closed."""
        self.declared(trade)
        listed = self.list_of(trade)
        for subject, party, number in self.subjects(trade):
            self.accepts("customs", self.answer(subject, party, number, 120))
        self.accepts("customs", self.answer(*listed, 120))
        self.accepts("customs", self.answer(*listed, 800))
        waybill = parts.waybill_number(trade.draft)
        self.accepts("carrier", *parts.delivered(self.parties(), waybill, BLOCK_MS))
        if trade.direction == "import":
            self.accepts("customs", self.answer("delivery", self.did("carrier"), waybill, 120))
        self.accepts("customs", self.answer(*listed, 899))
        return trade

    def subjects(self, trade: Trade) -> list[tuple[str, str, str]]:
        """What a list names: order and waybill, and on import the payment."""
        draft = trade.draft
        named = [
            ("order", self.did("platform"), draft.order),
            ("waybill", self.did("carrier"), parts.waybill_number(draft)),
        ]
        paid = ("payment", self.did("institution"), parts.payment_number(draft))
        return [*named, paid] if trade.direction == "import" else named

    def list_of(self, trade: Trade) -> tuple[str, str, str]:
        (table, record) = self.list_record(trade)
        return table.removeprefix("customs."), record["broker"], record["list_no"]

    def list_record(self, trade: Trade) -> tuple[str, dict[str, Any]]:
        at = self.seen_by()
        declaration = at.lookup([("customs.declaration", self.did("platform"), trade.draft.order)])[0]
        assert declaration is not None
        table = f"customs.{declaration['subject']}"
        record = at.lookup([(table, declaration["broker"], declaration["list_no"])])[0]
        assert record is not None
        return table, record

    def answer(self, subject: str, party: str, number: str, code: int, **more: Any) -> Answer:
        """Customs' answer; a list's numbers and the buyer's pseudonym as they are due."""
        letter = "I" if subject == "import_list" else "E"
        said: dict[str, Any] = {"answered_at_ms": self.time_ms + self.sent, "note": "as it should be"}
        if code == 120 and subject.endswith("list"):
            said["pre_no"] = f"B20260302{self.sent:09}"
        if code == 120 and subject == "import_list":
            said["person"] = PERSON
        if code == 800:
            said["invt_no"] = f"29252026{letter}{self.sent:09}"
        asked = {"customs": self.did("customs"), "subject": subject, "party": party, "number": number, "code": code}
        return Answer(**asked | said | more)

    def sealed_for(self, trade: Trade, platform: str) -> str:
        recipients = {self.did(key): self.actors[key].agreement_public for key in (platform, "broker", "customs")}
        reference = f"{self.did(platform)}/{trade.draft.order}"
        sealed = envelopes.seal(trade.persons, trade.secret, recipients, reference)
        self.sealed[reference, sealed.id] = envelopes.to_bytes(sealed)
        return sealed.id


def out_of_bond(listed: DeclareImport) -> DeclareImport:
    """The same list as mode 1210: its goods leave an account book of the zone."""
    lines = tuple(msgspec.structs.replace(line, record_no=str(line.line)) for line in listed.lines)
    zone = {"ems_no": "T2925W000001", "area_code": "330786K001", "area_name": "Yiwu bonded zone"}
    return msgspec.structs.replace(listed, mode="1210", lines=lines, **zone)


def export_draft(order: str, country: str = "FR", currency: str = "EUR", **changed: Any) -> DraftOrder:
    lines = (
        DraftLine(1, "goods", "71053", "White metal lantern", 6, "3.39", 2_034),
        DraftLine(2, "goods", "22423", "Mug", 1, "12.75", 1_275),
    )
    return _draft(order, lines, 500, country, currency, **changed)


def import_draft(order: str, **changed: Any) -> DraftOrder:
    lines = (
        DraftLine(1, "goods", "TRAB-CREAM", "Face cream 50 ml", 2, "150.00", 30_000),
        DraftLine(2, "goods", "TRAB-SOAP", "Olive soap 300 g", 1, "39.00", 3_900),
    )
    return _draft(order, lines, 2_500, "CN", "CNY", **changed)


def _draft(
    order: str, lines: tuple[DraftLine, ...], freight_minor: int, country: str, currency: str, **changed: Any
) -> DraftOrder:
    usual: Mapping[str, Any] = {
        "order": order,
        "channel": "ceb",
        "placed_at_ms": NOON_MS,
        "paid_at_ms": NOON_MS + 60_000,
        "currency": currency,
        "lines": lines,
        "freight_minor": freight_minor,
        "discount_minor": 0,
        "tax_minor": 0,
        "total_minor": sum(line.total_minor for line in lines) + freight_minor,
        "country": country,
        "buyer": BUYER,
        "payment_reference": None,
        "evidence": sha256(order.encode()).hexdigest(),
    }
    return DraftOrder(**{**usual, **changed})
