"""What is wrong with an event or a document, said so that its author can put it right."""

import msgspec

_VALUE_CHARS = 80
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: in which event (from 1; 0 is the document), where, what stands there, what to do."""

    event: int
    field: str
    value: str
    wrong: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The fault for a person."""
        place = f"event {self.event}" if self.event else "the document"
        at = f", {self.field}" if self.field else ""
        value = f"{self.value} " if self.value else ""
        return f"{place}{at}: {value}{self.wrong}; {self.remedy}"


def shown(value: object) -> str:
    """A value as a fault shows it: JSON, cut off after 80 characters."""
    try:
        text = _encode(value).decode()
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= _VALUE_CHARS else f"{text[:_VALUE_CHARS]}…"


class Refused(ValueError):
    """An event or a document does not fit the standard; `faults` say why, all that were found."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(fault.sentence for fault in faults))
        self.faults = faults
