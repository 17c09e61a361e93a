"""A CEB message as plain data: what `parse` gives and `build` takes.

Keys are customs' own element names; values are str for texts, dates and times, Decimal for N19,5, int for N9.
A value that is no number in a numeric element stays the str that it was, and `validate` names it.
"""

from decimal import Decimal

import msgspec

from sogdia.standards.ceb.problems import Problem

Value = str | int | Decimal
Record = dict[str, Value]


class Node(msgspec.Struct, frozen=True):
    """One business node: an order, a payment, a waybill, a list or a receipt; lines are empty where it has none."""

    head: Record
    lines: tuple[Record, ...] = ()


class BaseTransfer(msgspec.Struct, frozen=True, rename="camel"):
    """Who sends the file: the customs code and name of the firm and its id on the data exchange platform (DXP)."""

    cop_code: str
    cop_name: str
    dxp_id: str
    dxp_mode: str = "DXP"
    note: str = ""


class BaseSubscribe(msgspec.Struct, frozen=True, rename="camel"):
    """Someone else who is to receive the answer."""

    status: str
    dxp_address: str
    dxp_mode: str = "DXP"
    note: str = ""


class Extension(msgspec.Struct, frozen=True):
    """ExtendMessage: a named piece of text that the parties agreed on, outside customs' own fields."""

    name: str
    version: str
    message: str


class Document(msgspec.Struct, frozen=True):
    """One message, e.g. number 311 with 1 to 100 orders.

    `transfer` is None on what customs sends. `signed` says whether the bytes carried a ds:Signature; `build` never
    writes one, `sign` does. `findings` are faults that only the bytes could show (a doubled element, a wrong order);
    `validate` returns them with its own.
    """

    number: int
    guid: str
    nodes: tuple[Node, ...]
    transfer: BaseTransfer | None = None
    version: str = "1.0"
    subscribes: tuple[BaseSubscribe, ...] = ()
    extension: Extension | None = None
    signed: bool = False
    findings: tuple[Problem, ...] = ()
