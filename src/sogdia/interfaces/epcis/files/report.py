"""The report of a file, for machines: one JSON object that is written as it goes.

It says which file it is about, the document's own repairs and faults, and every event that was put right or set aside;
the text of what was set aside is in it, so that nothing is lost. Until it is complete it has another name.
"""

import base64
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec

from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.repairing.told import WHY, Repair

_PART: Final = ".part"
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Report:
    """A report at its place, about a file of this name and content."""

    def __init__(self, place: Path, file: str, content: bytes) -> None:
        """Nothing is written yet."""
        self.place = place
        self._part = place.with_name(place.name + _PART)
        self._about = {"file": file, "sha256": sha256(content).hexdigest()}
        self._out: IO[bytes]
        self._is_first = True

    def __enter__(self) -> Self:
        self._out = self._part.open("wb")
        self._out.write(_encode(self._about)[:-1] + b',"events":[')
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._out.close()
        if kind is not None:
            self._part.unlink(missing_ok=True)

    def write(self, told: dict[str, Any]) -> None:
        """Add what is told of one event."""
        self._out.write((b"\n" if self._is_first else b",\n") + _encode(told))
        self._is_first = False

    def finish(self, rest: dict[str, Any]) -> None:
        """Add what is told of the whole; the report is in its place then."""
        self._out.write(b"\n]," + _encode(rest)[1:] + b"\n")
        self._out.flush()
        os.fsync(self._out.fileno())
        os.replace(self._part, self.place)


def repairs_told(repairs: Iterable[Repair]) -> list[dict[str, str]]:
    """Repairs as a report has them."""
    return [
        {"field": one.field, "kind": one.kind, "before": one.old, "after": one.new, "why": WHY.get(one.kind, "")}
        for one in repairs
    ]


def faults_told(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Faults as a report has them."""
    return [{"field": one.field, "value": one.value, "wrong": one.wrong, "remedy": one.remedy} for one in faults]


def original_told(text: bytes) -> dict[str, str]:
    """The text of an event as a report has it, also when it is no text."""
    try:
        return {"original": text.decode()}
    except UnicodeDecodeError:
        return {"original_base64": base64.b64encode(text).decode()}
