"""One business node being read: a slip gives typed values out of customs' fields and notes every one that is unfit.

A getter gives a stand-in where its value is unfit, so that reading goes on; no message is made from a slip with
shortfalls. Remarks name what the record takes and a later step will not; they keep no message from being made.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from sogdia.core.transaction import Message
from sogdia.interfaces.documents import values
from sogdia.interfaces.documents.registry import Directory
from sogdia.interfaces.documents.shortfalls import Shortfall, shortfall
from sogdia.interfaces.intake.trade import PURPOSE_OF
from sogdia.primitives.sealed.commitments import commit
from sogdia.primitives.sealed.errors import UnfitValue
from sogdia.standards import codes
from sogdia.standards.ceb import Node, Record
from sogdia.standards.codes import Missing, Row

M = TypeVar("M", bound=Message)


class Given(msgspec.Struct, frozen=True):
    """What a message does not tell: who reads our message, and where the goods go.

    303 tells no countries; 505 neither order nor platform nor destination; 511 no platform; 311 not where the goods
    come from. `secret` are the 32 bytes under which persons are committed to.
    """

    platform: str = ""
    order: str = ""
    ship_from: str = ""
    ship_to: str = ""
    channel: str = "ceb"
    secret: bytes | None = None
    shared_with: tuple[str, ...] = ()
    sealed: str | None = None


class Slip:
    """The node `place` of message `number`."""

    def __init__(self, number: int, place: int, node: Node, directory: Directory, given: Given) -> None:
        self.number = number
        self.place = place
        self.head = node.head
        self.lines = [Line(self, line, index) for index, line in enumerate(node.lines, 1)]
        self.directory = directory
        self.given = given
        self.persons: dict[str, str] = {}
        self.shortfalls: list[Shortfall] = []
        self.remarks: list[Shortfall] = []

    def note(self, code: str, element: str, line: int | None = None, **fields: object) -> None:
        """Note that this value is missing or unfit."""
        self.shortfalls.append(shortfall(code, self.number, element, node=self.place, line=line, fields=fields))

    def remark(self, code: str, element: str) -> None:
        """Note what the message may be without, though not for long."""
        self.remarks.append(shortfall(code, self.number, element, node=self.place, fields={}))

    # -- values of the head ------------------------------------------------------------------------------------------

    def text(self, element: str, default: str | None = None) -> str:
        """A text; the default, if there is one, where it is absent."""
        return self.text_in(self.head, element, None, default)

    def amount(self, element: str, currency: str, default: int | None = None) -> int:
        """An amount in minor units."""
        return self.number_in(self.head, element, None, lambda n: values.minor_of(currency, n), MONEY, default)

    def grams(self, element: str) -> int:
        """A weight in grams."""
        return self.number_in(self.head, element, None, values.grams_of, "kilograms with at most 3 decimals")

    def whole(self, element: str) -> int:
        """A whole number."""
        return self.number_in(self.head, element, None, values.count_of, "a whole number")

    def time(self, element: str) -> int:
        """An instant in milliseconds of UTC."""
        text = self.text(element)
        found = values.instant_of(text)
        if found is None and text:
            self.note("unreadable", element, value=text, expected="a time YYYYMMDDhhmmss")
        return found or 0

    def party(self, prefix: str, role: str, code_element: str = "") -> str:
        """The party behind `<prefix>Code` and `<prefix>Name`."""
        element = code_element or f"{prefix}Code"
        code = self.text(element)
        found = self.directory.find(code, str(self.head.get(f"{prefix}Name", "")), role)
        if found.unclear is not None and code:
            self.note(found.unclear, element, value=code)
        return found.did

    def currency(self, element: str = "currency") -> str:
        """A currency by ISO 4217."""
        return self.code_in(self.head, element, None, codes.currency_of)

    def country(self, element: str) -> str:
        """A country by ISO 3166-1 alpha-2."""
        return self.code_in(self.head, element, None, codes.country_of)

    def person(self, element: str, field: str) -> str | None:
        """Take note of a personal value; the commitment to it, or None where it is absent."""
        value = str(self.head.get(element, "")).strip()
        if not value:
            return None
        self.persons[field] = value
        if self.given.secret is None:
            if not any(one.code == "secret_needed" for one in self.shortfalls):
                self.note("secret_needed", element)
            return None
        try:
            return commit(self.given.secret, PURPOSE_OF[field], value)
        except UnfitValue as unfit:
            self.note("unreadable", element, value="what it is", expected=str(unfit))
            return None

    def beside(self, field: str) -> str:
        """What was given beside the message, because it does not tell it."""
        value = str(getattr(self.given, field))
        if not value:
            self.note("not_in_message", field)
        return value

    # -- values anywhere ---------------------------------------------------------------------------------------------

    def text_in(self, record: Record, element: str, line: int | None, default: str | None = None) -> str:
        """A text of the head or of a line."""
        value = record.get(element)
        if value is None or value == "":
            if default is None:
                self.note("absent", element, line)
            return default or ""
        return str(value)

    def number_in(
        self,
        record: Record,
        element: str,
        line: int | None,
        read: Callable[[Decimal], int | None],
        expected: str,
        default: int | None = None,
    ) -> int:
        """A number of the head or of a line, in the record's unit."""
        value = record.get(element)
        if value is None:
            if default is None:
                self.note("absent", element, line)
            return default or 0
        found = read(Decimal(value)) if isinstance(value, int | Decimal) else None
        if found is None:
            self.note("unreadable", element, line, value=value, expected=expected)
        return found or 0

    def code_in(self, record: Record, element: str, line: int | None, find: Callable[[str], Row | Missing]) -> str:
        """Our key for one of customs' codes."""
        code = self.text_in(record, element, line)
        found = find(code)
        if isinstance(found, Row):
            return found.key
        if code:
            self.note("code_unknown", element, line, table=found.table, value=code)
        return ""

    # -- the message -------------------------------------------------------------------------------------------------

    def message(self, kind: type[M], fields: Mapping[str, Any]) -> M | None:
        """The message of these fields, when all are there and each keeps to its limits."""
        if self.shortfalls:
            return None
        try:
            return msgspec.convert({"type": kind.__struct_config__.tag, **msgspec.to_builtins(fields)}, kind)
        except msgspec.ValidationError as wrong:
            self.note("unfit", "", problem=wrong)
            return None


MONEY = "an amount as fine as its currency and no finer"


class Line:
    """One line of a slip; `place` is its gnum, or where it stands from 1."""

    def __init__(self, slip: Slip, record: Record, index: int) -> None:
        gnum = record.get("gnum")
        self.slip = slip
        self.record = record
        self.place = gnum if isinstance(gnum, int) else index

    def text(self, element: str, default: str | None = None) -> str:
        """A text of this line."""
        return self.slip.text_in(self.record, element, self.place, default)

    def amount(self, element: str, currency: str) -> int:
        """An amount of this line in minor units."""
        return self.slip.number_in(self.record, element, self.place, lambda n: values.minor_of(currency, n), MONEY)

    def e5(self, element: str) -> int:
        """A decimal of this line in 1/100000."""
        return self.slip.number_in(self.record, element, self.place, values.e5_of, "at most five decimals")

    def count(self, element: str) -> int:
        """A quantity of this line in whole units."""
        return self.slip.number_in(self.record, element, self.place, values.count_of, "a whole number of units")

    def country(self, element: str) -> str:
        """A country of this line."""
        return self.slip.code_in(self.record, element, self.place, codes.country_of)

    def unit(self, element: str) -> str:
        """A unit of measure of this line."""
        return self.slip.code_in(self.record, element, self.place, codes.unit)
