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
    """What a rule is given: the state, who signed, when and where. `state` is the view of this transaction alone."""

    __slots__ = (
        "announced",
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
    ) -> None:
        self.state = state
        self.network = network
        self.height = height
        self.time_ms = time_ms
        self.signers = signers
        self.transaction = transaction
        self.founding = founding
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


Rule = Callable[[Ledger, Any], None]
Answer = Callable[..., Any]


class Module:
    """The messages, rules, records, refusals and queries of one domain; `number` is the first of its refusals."""

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
        self.queries: dict[str, Answer] = {}
        for refusal in self.refusals:
            if not number <= refusal < number + 1000:
                raise ValueError(f"{name}: refusal {refusal!r} is outside {number}-{number + 999}")

    def rule(self, function: F) -> F:
        """Mark the one rule for a message; its second parameter's type says which."""
        hints = get_type_hints(function)
        message = hints[list(inspect.signature(function).parameters)[1]]
        if message not in self.messages or message in self.rules:
            raise TypeError(f"{self.name}: {message!r} is no message of this domain or has a rule already")
        self.rules[message] = function
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


__all__ = ["Answer", "KeyOnRecord", "Ledger", "Module", "Record", "Rule", "table_index", "tag_of"]
