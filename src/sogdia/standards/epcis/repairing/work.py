"""One event while it is put right: what was repaired, and what is wrong and stays so."""

from decimal import Decimal
from typing import Any

from sogdia.standards.epcis.faults import Fault, shown
from sogdia.standards.epcis.repairing.told import Kind, Repair, Tolerance
from sogdia.standards.epcis.repairing.values import BLANKS
from sogdia.standards.gs1.errors import BadIdentifier


class Work:
    """Repairs and faults of one event; `kind` is its type and `offset` its eventTimeZoneOffset, once known."""

    def __init__(self, number: int, tolerance: Tolerance) -> None:
        self.number, self.zone = number, tolerance.zone
        self.offset = self.kind = ""
        self.repairs: list[Repair] = []
        self.faults: list[Fault] = []

    def put(self, at: str, old: Any, new: Any, kind: Kind) -> Any:
        """Note a repair; the new value."""
        self.repairs.append(Repair(self.number, at, text_of(old), text_of(new), kind))
        return new

    def swap(self, at: str, old: str, new: str, kind: Kind) -> str:
        """Note a repair if the text is another."""
        if old != new:
            self.put(at, old, new, kind)
        return new

    def left_out(self, at: str, old: Any, kind: Kind = "empty") -> None:
        """Note that something was left out."""
        self.put(at, old, "nothing", kind)

    def stripped(self, at: str, text: str) -> str:
        """A text without blanks around it."""
        return self.swap(at, text, text.strip(BLANKS), "blank")

    def refuse(self, at: str, wrong: BadIdentifier) -> None:
        """Note an identifier that is wrong."""
        self.fault(at, wrong.value, f"is no right {wrong.form}: {wrong.wrong}", wrong.remedy)

    def fault(self, at: str, value: Any, wrong: str, remedy: str) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(self.number, at, shown(value), wrong, remedy))


def text_of(value: Any) -> str:
    """A value as a report shows it: texts as they are, others as JSON, cut off after 80 characters."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, Decimal) else shown(value)
