"""A scene for tests of rules: a cast with real keys, a clock, and two ways to put messages on record.

`scene` runs a test twice: on the rules alone (a ledger over a view in memory) and through the whole machine, where
every message is signed, parsed, checked, executed and committed. `network` is the machine alone, for what only it does.
Who signs is said by `by=`: an actor (its first key), one of its other keys, or several of both.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia.core.codec import json_bytes
from sogdia.core.keys import SigningKey, identifier, key_id
from sogdia.core.machine import Block, Machine
from sogdia.core.module import Ledger, Rule
from sogdia.core.query import PUBLIC, Asker
from sogdia.core.receipt import ACCEPTED, decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay, Table
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.domains.catalog import rules as catalog
from sogdia.domains.customs import rules as customs
from sogdia.domains.identity import rules as identity
from sogdia.domains.identity.messages import NewKey, Register
from sogdia.domains.identity.state import find_key
from sogdia.domains.logistics import rules as logistics
from sogdia.domains.orders import rules as orders
from sogdia.domains.orders.messages import OrderLine, Persons, Place
from sogdia.domains.payments import rules as payments
from sogdia.domains.tax import rules as tax
from sogdia.domains.trace import rules as trace
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import Schema
from sogdia.mirror.writer import Writer

NETWORK = "sogd"
MODULES = (
    identity.module,
    catalog.module,
    orders.module,
    trace.module,
    payments.module,
    logistics.module,
    tax.module,
    customs.module,
)
FIRST_BLOCK_MS = 1_772_442_000_000
"""2026-03-02 09:00 UTC, 17:00 in China."""


class Pen:
    """A key in someone's hand."""

    scheme = "EdDSA"

    def __init__(self, did: str, name: str, seed: str) -> None:
        self.did, self.kid = did, f"{did}#{name}"
        self.key = SigningKey(sha256(seed.encode()).digest())

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def new(self, purpose: str = "sign") -> NewKey:
        """The key as a message brings it on record."""
        return NewKey(id=self.kid, public=self.key.public.hex(), purpose=purpose)


class Actor(Pen):
    """A party with a part to play; as a pen, it signs with its first key."""

    def __init__(self, name: str, *roles: str) -> None:
        self.key = SigningKey(sha256(name.encode()).digest())
        self.did = identifier(NETWORK, self.key.public)
        self.name, self.roles, self.kid = name, roles, key_id(self.did)

    def pen(self, name: str) -> Pen:
        """Another key of this party, the same one for the same name."""
        return Pen(self.did, name, self.name + name)

    def registration(self, registrar: "Actor", *more: NewKey) -> Register:
        return Register(
            party=self.did,
            name=self.name,
            country="CN",
            registration="91330782MA28DEMO0X",
            roles=self.roles,
            keys=(self.new(), *more),
            agreement="77" * 32,
            registrar=registrar.did,
        )


class Cast:
    """Who is on record before the first scene; the newcomer and the stranger are not."""

    registrar = Actor("registrar", "registrar")
    seller = Actor("seller", "seller")
    other_seller = Actor("other seller", "seller")
    platform = Actor("platform", "platform")
    institution = Actor("institution", "payment_institution")
    other_institution = Actor("other institution", "payment_institution")
    carrier = Actor("carrier", "carrier")
    other_carrier = Actor("other carrier", "carrier")
    broker = Actor("broker", "broker")
    customs = Actor("customs", "customs")
    tax_authority = Actor("tax authority", "tax_authority")
    newcomer = Actor("newcomer", "seller")
    stranger = Actor("stranger", "platform")

    def registrations(self) -> list[Register]:
        actors = [actor for actor in vars(Cast).values() if isinstance(actor, Actor)]
        return [a.registration(self.registrar) for a in actors if a not in (self.newcomer, self.stranger)]


@dataclass(frozen=True)
class Answer:
    """What came back: code 0 and events, or a refusal with its fields."""

    code: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()


class Scene:
    """What both ways share. `time_ms` is the next block's time; tests move it."""

    def __init__(self) -> None:
        self.time_ms = FIRST_BLOCK_MS
        self.sent = 0

    def send(self, *messages: Message, by: Pen | Sequence[Pen]) -> Answer:
        """Put these messages into one transaction, signed so."""
        self.sent += 1
        return self._decide(messages, (by,) if isinstance(by, Pen) else tuple(by))

    def accepts(self, *messages: Message, by: Pen | Sequence[Pen]) -> tuple[dict[str, Any], ...]:
        """Send, insist that it is accepted, and give what was announced."""
        answer = self.send(*messages, by=by)
        assert answer.code == ACCEPTED, f"refused: {answer.code} {answer.fields}"
        return answer.events

    def refuses(self, code: int, *messages: Message, by: Pen | Sequence[Pen], **fields: Any) -> None:
        """Send, and insist that it is refused with this number and, among others, these fields."""
        answer = self.send(*messages, by=by)
        assert answer.code == code, f"expected refusal {code!r}, got {answer}"
        assert {name: answer.fields.get(name) for name in fields} == fields

    def find(self, table: Table[Any], *key: str) -> Any:
        """The record as it stands, or None."""
        return table.get(self.state, *key)

    def _decide(self, messages: Sequence[Message], pens: Sequence[Pen]) -> Answer:
        raise NotImplementedError


class RulesScene(Scene):
    """The rules alone: who signs is believed, nothing is encoded."""

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self.rules: dict[type[Message], Rule] = {k: r for module in MODULES for k, r in module.rules.items()}
        self.state = Overlay(Committed(MemoryStore()))
        self.height = 0
        self._run(cast.registrations(), (), founding=True)

    def _decide(self, messages: Sequence[Message], pens: Sequence[Pen]) -> Answer:
        try:
            return Answer(ACCEPTED, {}, self._run(messages, pens))
        except Refusal as no:
            return Answer(no.code, msgspec.to_builtins(no.fields))

    def _run(self, messages: Sequence[Message], pens: Sequence[Pen], founding: bool = False) -> tuple[Any, ...]:
        ledger = self.ledger(tuple(dict.fromkeys(pen.did for pen in pens)), founding)
        ledger.signing_keys = tuple(pen.kid for pen in pens)
        for message in messages:
            self.rules[type(message)](ledger, message)
        self.state.absorb(ledger.state)
        return tuple(msgspec.json.decode(json_bytes(event)) for event in ledger.announced)

    def ledger(self, signers: tuple[str, ...] = (), founding: bool = False) -> Ledger:
        """What the next transaction's rules are given."""
        self.height += 1
        return Ledger(
            Overlay(self.state),
            network=NETWORK,
            height=self.height,
            time_ms=self.time_ms,
            signers=signers,
            transaction=f"{self.sent:064x}",
            founding=founding,
        )


class MachineScene(Scene):
    """One network of one machine over a store in memory: signed bytes in, receipts out, a block each."""

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self.machine = Machine(NETWORK, MODULES, find_key, MemoryStore())
        self.outcomes: list[bytes] = []
        self._commit(self.machine.found(self.time_ms, cast.registrations()))

    @property
    def state(self) -> Committed:
        return self.machine.state

    def _decide(self, messages: Sequence[Message], pens: Sequence[Pen]) -> Answer:
        payload = payload_bytes(NETWORK, self.time_ms + 60_000, f"nonce-{self.sent:08}", messages)
        try:
            checked = self.machine.check(sign(payload, pens))
        except Refusal as no:
            return Answer(no.code, no.fields)
        block = self.machine.execute(self.time_ms, [checked])
        self._commit(block)
        receipt = block.receipts[0]
        events = [event for done in decode_outcome(block.outcome).done for event in done.events]
        return Answer(receipt.code, receipt.fields, tuple(msgspec.json.decode(event.json) for event in events))

    def _commit(self, block: Block) -> None:
        self.machine.commit(block)
        self.outcomes.append(block.outcome)


class Mirrored:
    """Answers questions as the mirror does, having followed the network up to each of them."""

    def __init__(self, network: MachineScene, url: str) -> None:
        schema = Schema(table for module in MODULES for table in module.tables)
        self.network, self.writer, self.picture = network, Writer(url, schema), SqlPicture(url, schema)

    def __call__(self, query: Callable[..., Any], by: Actor | None = None, **given: Any) -> Any:
        """What this party is told, in the roles that it plays; nobody in particular is the public."""
        news = self.network.outcomes[self.writer.place.height :]
        if news:
            self.writer.apply(news)
        return query(self.picture, PUBLIC if by is None else Asker(by.did, by.roles), **given)

    def close(self) -> None:
        self.picture.close()
        self.writer.close()


@pytest.fixture(scope="session")
def cast() -> Cast:
    return Cast()


@pytest.fixture(params=["rules", "machine"])
def scene(request: pytest.FixtureRequest, cast: Cast) -> Scene:
    """The cast is on record; every test is shown on the rules alone and on the machine."""
    return RulesScene(cast) if request.param == "rules" else MachineScene(cast)


@pytest.fixture(scope="session")
def new_scene(cast: Cast) -> Callable[[], Scene]:
    """Makes scenes on the rules alone, for tests that need one for each random input."""
    return lambda: RulesScene(cast)


@pytest.fixture
def network(cast: Cast) -> MachineScene:
    """The cast is on record, on a machine."""
    return MachineScene(cast)


@pytest.fixture
def ask(network: MachineScene, tmp_path: Path) -> Iterator[Mirrored]:
    """`ask(query, by=actor, ...)`: the answer out of a mirror of everything that the network has on record."""
    mirrored = Mirrored(network, f"sqlite:///{tmp_path}/mirror.db")
    yield mirrored
    mirrored.close()


@pytest.fixture
def order(cast: Cast) -> Callable[..., Place]:
    """A sale of these lines (SKU, quantity, price in cents); whatever else the message holds may be given."""

    def asked(sold: Sequence[tuple[str, int, int]], /, **particulars: Any) -> Place:
        lines = tuple(
            OrderLine(sku=sku, name=sku, quantity=quantity, price_e5=cents * 1000, total_minor=quantity * cents)
            for sku, quantity, cents in sold
        )
        goods = sum(line.total_minor for line in lines)
        usual = {
            "platform": cast.platform.did,
            "order": "536370",
            "seller": cast.seller.did,
            "channel": "shop",
            "placed_at_ms": FIRST_BLOCK_MS,
            "ship_from": "CN",
            "ship_to": "FR",
            "currency": "GBP",
            "lines": lines,
            "goods_minor": goods,
            "paid_minor": goods + particulars.get("freight_minor", 0),
            "persons": Persons(),
        }
        return Place(**usual | particulars)

    return asked


@pytest.fixture
def ledger(cast: Cast) -> Ledger:
    """A ledger on which nothing but the cast stands, for questions that no message asks."""
    return RulesScene(cast).ledger()


@pytest.fixture
def refusals_shown(request: pytest.FixtureRequest) -> set[str]:
    """The refusals that the tests of this file reach: `refuses` holds only when the number comes back."""
    source = Path(request.path).read_text(encoding="utf-8")
    return set(re.findall(r"\brefuses\(\s*Refused\.([A-Z_]+)", source))
