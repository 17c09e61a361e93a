"""A module: one part of a trade as the machine sees it. Everything outside is derived from the list of modules.

A domain's `rules.py` makes one: `module = Module("orders", 3000, messages, state)`, then marks each rule with
`@module.rule`. The message that a rule answers is the type of its second parameter.
"""

import inspect
from collections.abc import Callable, Iterable
from enum import IntEnum
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

import msgspec

from sogdia.core.state import Overlay, Record, Table
from sogdia.core.transaction import Event, Message

F = TypeVar("F", bound=Callable[..., None])
T = TypeVar("T", bound=type)


class Ledger:
    """What a rule is given: the state, who signed, when and where. `state` is the view of this transaction alone.

    `founding` marks the founding agreement, which nobody on record can sign yet; `by_engine` marks what the engine
    itself saw. No party signed either.
    """

    __slots__ = (
        "announced",
        "by_engine",
        "founding",
        "height",
        "network",
        "signers",
        "signing_keys",
        "state",
        "time_ms",
        "transaction",
    )

    def __init__(
        self,
        state: Overlay,
        *,
        network: str,
        height: int,
        time_ms: int,
        signers: tuple[str, ...] = (),
        transaction: str = "",
        founding: bool = False,
        by_engine: bool = False,
    ) -> None:
        self.state = state
        self.network = network
        self.height = height
        self.time_ms = time_ms
        self.signers = signers
        self.transaction = transaction
        self.founding = founding
        self.by_engine = by_engine
        self.signing_keys: tuple[str, ...] = ()
        self.announced: list[Event] = []

    def announce(self, event: Event) -> None:
        """Tell those whom it concerns; events leave with the receipt."""
        self.announced.append(event)


class KeyOnRecord(Record, frozen=True, array_like=True):
    """A key of a party; it signs from `since_height` until `retired_height` (0: still signs). `public` is hex."""

    id: str
    party: str
    scheme: str
    public: str
    purpose: str
    since_height: int
    retired_height: int = 0


class UnknownRules(Exception):
    """The network runs a version of a module's rules that this program does not know; newer software does."""


Rule = Callable[[Ledger, Any], None]
Answer = Callable[..., Any]


class Module:
    """The messages, rules, records, refusals and queries of one domain; `number` is the first of its refusals.

    `rules` are the newest. Old ones stay beside them, for the blocks below the height at which the network changed.
    """

    def __init__(self, name: str, number: int, messages: ModuleType, state: ModuleType) -> None:
        self.name = name
        self.number = number
        self.doc = inspect.getdoc(inspect.getmodule(messages)) or ""
        self.messages = tuple(_members(messages, Message))
        self.events = tuple(_members(messages, Event))
        self.tables = tuple(table for table in _tables(state) if table.name.startswith(f"{name}."))
        self.refusals: tuple[IntEnum, ...] = tuple(_refusals(messages))
        self.examples: tuple[Message, ...] = getattr(messages, "EXAMPLES", ())
        self.rules: dict[type[Message], Rule] = {}
        self._newest: dict[type[Message], int] = {}
        self._revisions: dict[int, dict[type[Message], Rule]] = {}
        self.queries: dict[str, Answer] = {}
        for refusal in self.refusals:
            if not number <= refusal < number + 1000:
                raise ValueError(f"{name}: refusal {refusal!r} is outside {number}-{number + 999}")

    @property
    def version(self) -> int:
        """The newest version of the rules that this program knows."""
        return max(self._revisions, default=1)

    def rule(self, function: F) -> F:
        """Mark the one rule for a message; its second parameter's type says which."""
        return self._mark(function, 1)

    def revised(self, version: int) -> Callable[[F], F]:
        """Mark the rule for a message from this version of the module on; the one before it stays for history."""
        return lambda function: self._mark(function, version)

    def rules_at(self, version: int) -> dict[type[Message], Rule]:
        """The rules of one version. UnknownRules when it is newer than this program."""
        if version > self.version:
            raise UnknownRules(
                f"the network runs version {version} of the rules of {self.name}, this program knows {self.version}: "
                "install the newer program and start again; nothing is lost"
            )
        held = [self._revisions[number] for number in sorted(self._revisions) if number <= version]
        return {message: rule for marked in held for message, rule in marked.items()}

    def first_rules(self) -> dict[type[Message], Rule]:
        """The oldest rule of every message: the founding agreement is decided by these, today and in ten years."""
        held = [self._revisions[number] for number in sorted(self._revisions, reverse=True)]
        return {message: rule for marked in held for message, rule in marked.items()}

    def _mark(self, function: F, version: int) -> F:
        hints = get_type_hints(function)
        message = hints[list(inspect.signature(function).parameters)[1]]
        marked = self._revisions.setdefault(version, {})
        if message not in self.messages or message in marked:
            raise TypeError(f"{self.name}: {message!r} is no message of this domain or has a rule already")
        marked[message] = function
        if version >= self._newest.get(message, 0):
            self.rules[message], self._newest[message] = function, version
        return function


def tag_of(kind: type[msgspec.Struct]) -> str:
    """The name of a message or event on the wire, such as `orders.place`."""
    return str(kind.__struct_config__.tag)


def _members(of: ModuleType, base: T) -> Iterable[T]:
    for value in vars(of).values():
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == of.__name__:
            yield value  # type: ignore[misc]


def _tables(of: ModuleType) -> Iterable[Table[Any]]:
    return (value for value in vars(of).values() if isinstance(value, Table))


def _refusals(of: ModuleType) -> Iterable[IntEnum]:
    for value in vars(of).values():
        if isinstance(value, type) and issubclass(value, IntEnum) and value.__module__ == of.__name__:
            yield from value


def table_index(modules: Iterable[Module]) -> dict[bytes, Table[Any]]:
    """Every table by the prefix of its keys."""
    return {table.prefix: table for module in modules for table in module.tables}


__all__ = ["Answer", "KeyOnRecord", "Ledger", "Module", "Record", "Rule", "UnknownRules", "table_index", "tag_of"]
