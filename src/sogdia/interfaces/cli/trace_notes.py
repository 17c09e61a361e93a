"""The report of a file whose events were put right: a file for machines, and counts with first examples for people.

The file is one JSON object: which file it is about, the document's own repairs and faults, and every event that was
put right or set aside; the text of what was set aside is in it, so that nothing is lost. It is written as it goes,
under another name until it is complete.
"""

import base64
import os
import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec

from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.repairing.sifting import Sifted
from sogdia.standards.epcis.repairing.told import WHY, Repair

_PART: Final = ".part"
_PLACE: Final = re.compile(r"\[[0-9]+\]| at line [0-9]+| in the event at line [0-9]+")
_NUMBERS: Final = re.compile(r"[0-9]+")
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Notes:
    """What is told of one file; `kinds` counts repairs, `refusals` faults by field and what is wrong."""

    def __init__(self, place: Path, file: Path, content: bytes) -> None:
        """Nothing is written yet."""
        self.place = place
        self.kinds: Counter[str] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.examples: dict[Any, str] = {}
        self.sentences: list[str] = []
        self.refused: list[str] = []
        self.right = self.repaired = self.aside = self.same = 0
        self._about = {"file": file.name, "sha256": sha256(content).hexdigest()}
        self._document: dict[str, Any] = {}
        self._out: IO[bytes]
        self._is_first = True

    def __enter__(self) -> Self:
        self._out = self.place.with_name(self.place.name + _PART).open("wb")
        self._out.write(_encode(self._about)[:-1] + b',"events":[')
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._out.close()
        if kind is not None:
            self.place.with_name(self.place.name + _PART).unlink(missing_ok=True)

    def tell(self, one: Sifted) -> None:
        """Note an event, if there is anything to tell of it."""
        if one.event is None and not one.same_as:
            self.set_aside(one.number, one.original, one.faults, one.repairs)
            return
        self.same += bool(one.same_as)
        self.repaired += one.is_repaired and not one.same_as
        self.right += not one.is_repaired
        self._count(one.repairs)
        if one.repairs:
            self._write({"event": one.number, "repairs": list(map(_repair, one.repairs))})

    def set_aside(self, number: int, original: bytes, faults: Iterable[Fault], repairs: Iterable[Repair] = ()) -> None:
        """Note an event that stays out, with its text; the repairs that were tried go with it."""
        self.aside += 1
        told = list(faults)
        self._refuse(told)
        self._write(
            {
                "event": number,
                "set_aside": list(map(_fault, told)),
                "repairs": list(map(_repair, repairs)),
                **_original(original),
            }
        )

    def withdraw(self, number: int, original: bytes, fault: Fault, was_repaired: bool) -> None:
        """Note that an event that was counted as read stays out after all."""
        self.right -= not was_repaired
        self.repaired -= was_repaired
        self.set_aside(number, original, [fault])

    def refuse(self, number: int, original: bytes, sentence: str) -> None:
        """Note an event that the record refused."""
        self.aside += 1
        self.refuse_all(sentence)
        self._write({"event": number, "refused": sentence, **_original(original)})

    def refuse_all(self, sentence: str) -> None:
        """Note what the record said of more than one event, or of master data."""
        self.sentences.append(sentence)
        if not self.refused or self.refused[-1] != sentence:
            self.refused.append(sentence)

    def tell_of_document(self, repairs: Iterable[Repair], faults: Iterable[Fault]) -> None:
        """Note what concerns the document as a whole."""
        repairs, faults = list(repairs), list(faults)
        self._count(repairs)
        self._refuse(faults)
        self._document = {"repairs": list(map(_repair, repairs)), "faults": list(map(_fault, faults))}

    def finish(self, **more: Any) -> None:
        """Add what became of the events; the report is in its place then."""
        rest = {"document": self._document, "counts": self.counts(), "kinds": dict(self.kinds), **more}
        self._out.write(b"\n]," + _encode(rest)[1:] + b"\n")
        self._out.flush()
        os.fsync(self._out.fileno())
        os.replace(self.place.with_name(self.place.name + _PART), self.place)

    def counts(self) -> dict[str, int]:
        """How many events were right, put right, the same as another, set aside."""
        return {"right": self.right, "repaired": self.repaired, "same": self.same, "aside": self.aside}

    def _count(self, repairs: Iterable[Repair]) -> None:
        for one in repairs:
            self.kinds[one.kind] += 1
            self.examples.setdefault(one.kind, one.sentence)

    def _refuse(self, faults: Iterable[Fault]) -> None:
        for one in faults:
            key = (_PLACE.sub("", one.field), _NUMBERS.sub("…", one.wrong))
            self.refusals[key] += 1
            self.examples.setdefault(key, one.sentence)
            self.sentences.append(one.sentence)

    def _write(self, told: dict[str, Any]) -> None:
        self._out.write((b"\n" if self._is_first else b",\n") + _encode(told))
        self._is_first = False


def _repair(one: Repair) -> dict[str, str]:
    return {"field": one.field, "kind": one.kind, "before": one.old, "after": one.new, "why": WHY.get(one.kind, "")}


def _fault(one: Fault) -> dict[str, str]:
    return {"field": one.field, "value": one.value, "wrong": one.wrong, "remedy": one.remedy}


def _original(text: bytes) -> dict[str, str]:
    try:
        return {"original": text.decode()}
    except UnicodeDecodeError:
        return {"original_base64": base64.b64encode(text).decode()}
