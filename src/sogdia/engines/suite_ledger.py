"""The ledger that the engine suite plays: three messages over one table, no trade, and a rule with a bug in it."""

import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from sogdia.core import keys, note
from sogdia.core.machine import Machine
from sogdia.core.module import KeyOnRecord, Ledger, Module
from sogdia.core.receipt import Seal
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.core.store import Store
from sogdia.core.transaction import Event, Message

NETWORK = "suite"
ORIGIN = "sogdia.example/suite"

Name = Annotated[str, Meta(min_length=1, max_length=20)]
Amount = Annotated[int, Meta(ge=0, le=10**12)]


class Refused(IntEnum):
    """Refusals of the suite's ledger."""

    OVERDRAWN = 99_001


class Pay(Message, frozen=True, kw_only=True, tag="suite.pay"):
    """Put money into an account. Signed by anyone."""

    account: Name
    amount: Amount


class Move(Message, frozen=True, kw_only=True, tag="suite.move"):
    """Move money between accounts, as far as there is any. Signed by anyone."""

    source: Name
    target: Name
    amount: Amount


class Stumble(Message, frozen=True, kw_only=True, tag="suite.stumble"):
    """Meet a rule with a bug in it. Signed by anyone."""

    account: Name


class Moved(Event, frozen=True, kw_only=True, tag="suite.moved"):
    """Money went from one account to another."""

    source: str
    target: str
    amount: int


class Account(Record, frozen=True, array_like=True):
    """An account and its balance."""

    name: str
    balance: int


ACCOUNTS = Table("suite.account", Account, key=("name",), public=True)
module = Module("suite", 99_000, sys.modules[__name__], sys.modules[__name__])


@module.rule
def pay(ledger: Ledger, asked: Pay) -> None:
    """The balance grows."""
    ACCOUNTS.put(ledger.state, Account(asked.account, balance_in(ledger.state, asked.account) + asked.amount))


@module.rule
def move(ledger: Ledger, asked: Move) -> None:
    """One balance shrinks, another grows, never below nothing."""
    left = balance_in(ledger.state, asked.source) - asked.amount
    if left < 0:
        raise Refusal(Refused.OVERDRAWN, account=asked.source, missing=-left)
    ACCOUNTS.put(ledger.state, Account(asked.source, left))
    ACCOUNTS.put(ledger.state, Account(asked.target, balance_in(ledger.state, asked.target) + asked.amount))
    ledger.announce(Moved(source=asked.source, target=asked.target, amount=asked.amount))


@module.rule
def stumble(ledger: Ledger, asked: Stumble) -> None:
    """Writes first, then fails in a way that no rule may."""
    ACCOUNTS.put(ledger.state, Account(asked.account, -1))
    raise ZeroDivisionError("the suite's bug, made on purpose")


def balance_in(view: View, account: str) -> int:
    """What an account holds."""
    found = ACCOUNTS.get(view, account)
    return 0 if found is None else found.balance


class Pen:
    """A key of the suite; key ids are `did:example:<name>#key-1`."""

    scheme = keys.EDDSA

    def __init__(self, name: str, seed: int) -> None:
        self.party = f"did:example:{name}"
        self.kid = keys.key_id(self.party)
        self._key = keys.SigningKey(bytes([seed]) * keys.SEED_BYTES)
        self.public = self._key.public

    def sign(self, message: bytes) -> bytes:
        """The raw signature."""
        return self._key.sign(message)


ANNA, BRUNO = Pen("anna", 1), Pen("bruno", 2)
STRANGER = Pen("stranger", 3)
_ON_RECORD = {
    pen.kid: KeyOnRecord(pen.kid, pen.party, pen.scheme, pen.public.hex(), "sign", 1) for pen in (ANNA, BRUNO)
}
_NETWORK_KEY = keys.SigningKey(b"n" * keys.SEED_BYTES)
VERIFIER_KEY = note.VerifierKey(ORIGIN, _NETWORK_KEY.public)
FOUNDING: tuple[Message, ...] = (Pay(account="founder", amount=1_000_000),)


def _find_key(view: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
    return _ON_RECORD.get(kid)


def machine(store: Store) -> Machine:
    """The machine that an engine under test drives."""
    return Machine(NETWORK, (module,), _find_key, store)


def checkpoint(seal: Seal) -> bytes:
    """The signed note of a seal."""
    text = note.Checkpoint(ORIGIN, seal.log_size, seal.log_root, (f"state {seal.state_root.hex()}",)).text()
    return note.sign(text, ORIGIN, _NETWORK_KEY)
