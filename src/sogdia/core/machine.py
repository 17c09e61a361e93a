"""The machine: ordered transactions in, receipts and a seal out. It does not know trade, disks or clocks.

`check` may run in any thread, ahead of order. `execute` and `commit` run in one thread, block after block; `execute`
stages everything and changes nothing, so that an engine can make the block durable first and drop it if it cannot.
Store keys: S state records, T state tree, L log tiles, X transaction ids, O outcomes, H which transactions wrote a
record, M machine; an engine adds J (place in its journal) and C (checkpoint).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from sogdia.core import keys
from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.log import Log, leaf_hash
from sogdia.core.module import KeyOnRecord, Ledger, Module, Rule, UnknownRules, tag_of
from sogdia.core.once import Register
from sogdia.core.receipt import ACCEPTED, Announced, Done, Outcome, Receipt, Seal
from sogdia.core.refusal import ADMISSION_LIMIT, Refusal, Refused
from sogdia.core.state import Committed, Overlay, Table, View
from sogdia.core.store import Store
from sogdia.core.terms import STRANGERS, Load, Terms, TermsOf, no_terms
from sogdia.core.transaction import VALIDITY_LIMIT_MS, Codec, Message, Signed, Transaction
from sogdia.core.tree import Tree

KeyDirectory = Callable[[View, str, Sequence[Message]], KeyOnRecord | None]
"""Finds the key that may sign under this id now: on record, or introduced by these very messages."""

NO_EVENTS = sha256(b"").hexdigest()
SEAL_KEY = b"Mseal"
KEYS_REMEMBERED = 10_000
_decode_seal = msgspec.msgpack.Decoder(Seal).decode


class Checked(msgspec.Struct, frozen=True):
    """A transaction whose form is right; `verified` holds the (key id, public key) pairs whose signatures hold."""

    transaction: Transaction
    verified: frozenset[tuple[str, str]]


class InForce(msgspec.Struct, frozen=True):
    """What holds for one block: its terms, and the rule for every message that may come."""

    terms: Terms
    rules: Mapping[type[Message], Rule]


class Block(msgspec.Struct, frozen=True):
    """A block that was executed and is not committed yet.

    `receipts` stand beside the transactions as given; `logged` are those of the log, in its order.
    """

    seal: Seal
    receipts: tuple[Receipt, ...]
    logged: tuple[Receipt, ...]
    outcome: bytes
    puts: dict[bytes, bytes | None]
    staged: tuple[Any, Any]
    records: dict[bytes, Any]


class Machine:
    """Executes blocks of one network over a store."""

    def __init__(
        self,
        network: str,
        modules: Iterable[Module],
        keys_on_record: KeyDirectory,
        store: Store,
        terms: TermsOf = no_terms,
    ) -> None:
        _require_assertions()
        keys.check_rule()
        self.network = network
        self.modules = tuple(modules)
        self.store = store
        self.rules: dict[type[Message], Rule] = {k: r for module in self.modules for k, r in module.rules.items()}
        self._founding_rules = {k: r for module in self.modules for k, r in module.first_rules().items()}
        self.codec = Codec(self.rules)
        self.tables: dict[bytes, Table[Any]] = {t.prefix: t for module in self.modules for t in module.tables}
        self.tags = {kind: tag_of(kind) for kind in self.rules}
        self._find_key = keys_on_record
        self._terms = terms
        self._in_force: tuple[dict[str, int], dict[type[Message], Rule]] | None = None
        self.restored()

    def restored(self) -> None:
        """Read everything anew: the store was filled, or emptied, by other means than blocks."""
        self.tree = Tree(self.store)
        self.log = Log(self.store)
        self.state = Committed(self.store)
        self._seen: dict[str, KeyOnRecord] = {}
        raw = self.store.get(SEAL_KEY)
        self.seal = Seal(0, 0, self.tree.root, self.log.size, self.log.root) if raw is None else _decode_seal(raw)

    # -- ahead of order, any thread ------------------------------------------------------------------------------

    def check(self, raw: bytes) -> Checked:
        """Parse the bytes and verify what can be verified now; Refusal says what is wrong with them."""
        transaction = self.codec.parse(raw)
        if transaction.payload.network != self.network:
            raise Refusal(Refused.OTHER_NETWORK, network=transaction.payload.network, expected=self.network)
        verified = set()
        for one in transaction.signatures:
            key = self._key_seen(one.kid, transaction.payload.messages)
            if key is not None:
                _verify(one, key)
                verified.add((one.kid, key.public))
        return Checked(transaction, frozenset(verified))

    def _key_seen(self, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
        """The key under this id, remembered: an id is never given to another key, and order asks again if it signs."""
        key = self._seen.get(kid)
        if key is None:
            key = self._find_key(Committed(self.store, cached=0), kid, messages)
            if key is not None and key.since_height and key.purpose == "sign":
                if len(self._seen) >= KEYS_REMEMBERED:
                    self._seen.clear()
                self._seen[kid] = key
        return key

    def is_stranger(self, kid: str) -> bool:
        """Whether no party on record has this key now."""
        return self._key_seen(kid, ()) is None

    def ahead(self) -> InForce:
        """What holds for the next block, as it stands now; a program that is too old for it names its newest rules."""
        terms = self._terms(Committed(self.store, cached=0), self.seal.height + 1, self.seal.time_ms)
        try:
            return InForce(terms, self._rules_in_force(terms))
        except UnknownRules:
            return InForce(terms, self.rules)  # the next block stops this node, and says why

    def admit(self, transaction: Transaction, in_force: InForce, time_ms: int) -> None:
        """Refuse what no signature can mend: another network's, out of its time, rules not in force, a halt."""
        said, until_ms = transaction.payload, transaction.payload.valid_until_ms
        if said.network != self.network:
            raise Refusal(Refused.OTHER_NETWORK, network=said.network, expected=self.network)
        if until_ms < time_ms:
            raise Refusal(Refused.EXPIRED, valid_until_ms=until_ms, time_ms=time_ms)
        if until_ms > time_ms + VALIDITY_LIMIT_MS:
            raise Refusal(Refused.TOO_FAR_AHEAD, valid_until_ms=until_ms, time_ms=time_ms)
        terms, rules = in_force.terms, in_force.rules
        for kind in map(type, said.messages):
            tag = self.tags[kind]
            if kind not in rules:
                raise Refusal(Refused.NOT_IN_FORCE, message=tag)
            terms.admit(tag, time_ms)

    # -- in order, one thread ------------------------------------------------------------------------------------

    def execute(self, time_ms: int, block: Sequence[Checked], told: Sequence[Message] = ()) -> Block:
        """Decide every transaction in order, at this instant; nothing is changed until `commit`.

        `told` is what the engine itself saw; it stands in front, under one receipt. UnknownRules when the network has
        moved to rules that this program does not have.
        """
        height = self.seal.height + 1
        time_ms = max(time_ms, self.seal.time_ms)
        state = Overlay(self.state)
        terms = self._terms(state, height, time_ms)
        in_force = InForce(terms, self._rules_in_force(terms))
        decision = _Decision(in_force, Register(self.store, height, self.log.size))
        receipts, logged, done = list[Receipt](), list[Receipt](), list[Done]()
        written: list[tuple[bytes, int]] = []
        if told:
            ledger = Ledger(state, network=self.network, height=height, time_ms=time_ms, by_engine=True)
            receipt, one = self._told(ledger, told, in_force.rules)
            logged.append(receipt)
            done.append(one)
            written.extend((key, 0) for key in state.changes)
        for checked in block:
            ledger = Ledger(Overlay(state), network=self.network, height=height, time_ms=time_ms)
            receipt, one = self._decide(ledger, len(done), checked, decision)
            if receipt.code == ACCEPTED:
                state.absorb(ledger.state)
                written.extend((key, len(done)) for key in ledger.state.changes)
            receipts.append(receipt)
            if is_on_record(receipt):
                decision.place(checked.transaction, len(done), receipt.code == ACCEPTED)
                logged.append(receipt)
                done.append(one)
        puts = decision.ids.puts() | _history(height, written)
        return self._seal(height, time_ms, state, (receipts, logged), done, puts)

    def found(self, time_ms: int, messages: Sequence[Message]) -> Block:
        """The first block: messages of the founding agreement, which no signature on record can cover yet."""
        if self.seal.height or self.log.size:
            raise ValueError("this ledger is founded already")
        state = Overlay(self.state)
        ledger = Ledger(state, network=self.network, height=1, time_ms=time_ms, founding=True)
        receipt, done = self._told(ledger, messages, self._founding_rules)
        puts = _history(1, [(key, 0) for key in state.changes])
        return self._seal(1, time_ms, state, ([], [receipt]), [done], puts)

    def commit(self, block: Block) -> None:
        """Make an executed block the state of this machine and of its store."""
        self.store.write(block.puts)
        self.tree.apply(block.staged[0])
        self.log.apply(block.staged[1])
        for key, record in block.records.items():
            self.state.remember(key, record)
        self.seal = block.seal

    def _told(
        self, ledger: Ledger, messages: Sequence[Message], rules: Mapping[type[Message], Rule]
    ) -> tuple[Receipt, Done]:
        """Apply messages that no party signed; their digest stands in the receipt where others have an id."""
        _apply(ledger, messages, rules)
        events = tuple(map(_announced, ledger.announced)) if ledger.by_engine else ()
        digest = sha256(json_bytes(messages)).hexdigest()
        heard = sha256(b"\n".join([e.json for e in events])).hexdigest() if events else NO_EVENTS
        receipt = Receipt(self.network, ledger.height, 0, ledger.time_ms, digest, digest, ACCEPTED, {}, heard)
        return receipt, Done(receipt.entry(), tuple(self.tags[type(m)] for m in messages), (), events)

    def _rules_in_force(self, terms: Terms) -> dict[type[Message], Rule]:
        versions, known = dict(terms.versions), self._in_force
        if known is None or known[0] != versions:
            rules = [module.rules_at(versions.get(module.name, 1)) for module in self.modules]
            known = versions, {kind: rule for of_module in rules for kind, rule in of_module.items()}
            self._in_force = known
        return known[1]

    def _decide(self, ledger: Ledger, index: int, checked: Checked, decision: "_Decision") -> tuple[Receipt, Done]:
        transaction = checked.transaction
        messages = transaction.payload.messages
        code, fields = ACCEPTED, dict[str, Any]()
        events: tuple[Announced, ...] = ()
        try:
            self._admit(ledger, checked, decision)
            decision.apply(ledger, messages)
        except Refusal as no:
            code, fields = no.code, no.fields
        else:
            events = tuple(map(_announced, ledger.announced))
        digest = sha256(b"\n".join([e.json for e in events])).hexdigest() if events else NO_EVENTS
        receipt = Receipt(
            ledger.network, ledger.height, index, ledger.time_ms, transaction.id,
            sha256(transaction.raw).hexdigest(), code, fields, digest,
        )  # fmt: skip
        return receipt, Done(receipt.entry(), tuple([self.tags[type(m)] for m in messages]), ledger.signers, events)

    def _admit(self, ledger: Ledger, checked: Checked, decision: "_Decision") -> None:
        transaction = checked.transaction
        ledger.transaction = transaction.id
        decision.ids.admit(transaction)
        self.admit(transaction, decision.in_force, ledger.time_ms)
        ledger.signers, decision.payers = self._signers(ledger, checked)
        decision.load.admit(decision.payers)

    def _signers(self, ledger: Ledger, checked: Checked) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The parties that signed, and under whose names the transaction counts: theirs, if they are on record."""
        signers, known = [], []
        for one in checked.transaction.signatures:
            key = self._find_key(ledger.state, one.kid, checked.transaction.payload.messages)
            if key is None:
                raise Refusal(Refused.UNKNOWN_KEY, key=one.kid)
            if (one.kid, key.public) not in checked.verified:
                _verify(one, key)
            signers.append(key.party)
            if key.since_height:
                known.append(key.party)
        ledger.signing_keys = tuple([one.kid for one in checked.transaction.signatures])
        return tuple(dict.fromkeys(signers)), tuple(dict.fromkeys(known)) or (STRANGERS,)

    def _seal(
        self,
        height: int,
        time_ms: int,
        state: Overlay,
        receipts: tuple[list[Receipt], list[Receipt]],
        done: list[Done],
        puts: dict[bytes, bytes | None],
    ) -> Block:
        proved: dict[bytes, bytes | None] = {}
        changes = []
        for key, record in state.changes.items():
            raw = None if record is None else record_bytes(record)
            puts[b"S" + key] = raw
            changes.append((key, raw))
            if self.tables[key[: key.index(b"\x00") + 1]].proved:
                proved[key] = raw
        tree = self.tree.stage(proved)
        log = self.log.stage([leaf_hash(one.receipt) for one in done])
        seal = Seal(height, time_ms, tree.root, log.size, log.root)
        outcome = record_bytes(Outcome(seal, tuple(done), tuple(changes)))
        puts[b"O%016x" % height] = outcome
        puts[SEAL_KEY] = record_bytes(seal)
        puts.update(tree.puts)
        puts.update(log.puts)
        given, logged = map(tuple, receipts)
        return Block(seal, given, logged, outcome, puts, (tree, log), state.changes)


class _Decision:
    """What one block's decisions share: what holds for it, the ids it uses up, and whose load it carries."""

    __slots__ = ("ids", "in_force", "load", "payers")

    def __init__(self, in_force: InForce, ids: Register) -> None:
        self.in_force = in_force
        self.ids = ids
        self.load = Load(in_force.terms)
        self.payers: tuple[str, ...] = ()

    def apply(self, ledger: Ledger, messages: Sequence[Message]) -> None:
        """Ask the rules; a refusal too goes on record only within its limit."""
        try:
            _apply(ledger, messages, self.in_force.rules)
        except Refusal:
            self.load.admit_refused(self.payers)
            raise

    def place(self, transaction: Transaction, index: int, accepted: bool) -> None:
        """Note a transaction that goes on record, and under whose names."""
        self.ids.place(transaction, index, accepted)
        self.load.count(self.payers, accepted)


def _apply(ledger: Ledger, messages: Sequence[Message], rules: Mapping[type[Message], Rule]) -> None:
    for message in messages:
        rules[type(message)](ledger, message)


def is_on_record(receipt: Receipt) -> bool:
    """Whether the decision stands in the log: what the machine itself does not admit leaves no trace."""
    return receipt.code == ACCEPTED or receipt.code > ADMISSION_LIMIT


def _history(height: int, written: Sequence[tuple[bytes, int]]) -> dict[bytes, bytes | None]:
    """For each record, which transactions of this block wrote it."""
    return {b"H%b\x00%016x%08x" % (key, height, index): b"" for key, index in written}


def _require_assertions() -> None:
    if not __debug__:
        raise RuntimeError("assertions guard the record: start without python -O and without PYTHONOPTIMIZE")


def _verify(one: Signed, key: KeyOnRecord) -> None:
    if one.scheme != key.scheme or not keys.verify(
        key.scheme, bytes.fromhex(key.public), one.signing_input, one.signature
    ):
        raise Refusal(Refused.BAD_SIGNATURE, key=one.kid, scheme=one.scheme)


def _announced(event: Any) -> Announced:
    return Announced(tag_of(type(event)), event.parties, event.roles, json_bytes(event))
