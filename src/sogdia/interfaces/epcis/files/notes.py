"""What is told of one file: counts with first examples for people, sentences for lists, and a report for machines."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from sogdia.interfaces.epcis.files.report import Report, faults_told, original_told, repairs_told
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.repairing.told import Repair
from sogdia.standards.epcis.sifted import Sifted

_PLACE: Final = re.compile(r"\[[0-9]+\]| at line [0-9]+| in the event at line [0-9]+")
_NUMBERS: Final = re.compile(r"[0-9]+")


class Notes:
    """What is told of one file; `kinds` counts repairs, `refusals` faults by field and what is wrong."""

    def __init__(self, report: Report | None = None) -> None:
        """Nothing is told yet; without a report all but the texts is told."""
        self.kinds: Counter[str] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.examples: dict[Any, str] = {}
        self.sentences: list[str] = []
        self.refused: list[str] = []
        self.right = self.repaired = self.aside = self.same = 0
        self._document: dict[str, Any] = {}
        self._report = report

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
            self._write({"event": one.number, "repairs": repairs_told(one.repairs)})

    def set_aside(self, number: int, original: bytes, faults: Iterable[Fault], repairs: Iterable[Repair] = ()) -> None:
        """Note an event that stays out, with its text; the repairs that were tried go with it."""
        self.aside += 1
        told = list(faults)
        self._refuse(told)
        self._write(
            {
                "event": number,
                "set_aside": faults_told(told),
                "repairs": repairs_told(repairs),
                **original_told(original),
            }
        )

    def withdraw(self, number: int, original: bytes, fault: Fault, was_repaired: bool) -> None:
        """Note that an event that was counted as read stays out after all."""
        self.right -= not was_repaired
        self.repaired -= was_repaired
        self.set_aside(number, original, [fault])

    def refuse(self, sentence: str, events: Iterable[tuple[int, bytes]] = ()) -> None:
        """Note what the record refused: the events of a transaction, with their texts, or master data."""
        self.sentences.append(sentence)
        self.refused.append(sentence)
        for number, original in events:
            self.aside += 1
            self._write({"event": number, "refused": sentence, **original_told(original)})

    def tell_of_document(self, repairs: Iterable[Repair], faults: Iterable[Fault]) -> None:
        """Note what concerns the document as a whole."""
        repairs, faults = list(repairs), list(faults)
        self._count(repairs)
        self._refuse(faults)
        self._document = {"repairs": repairs_told(repairs), "faults": faults_told(faults)}

    def finish(self, **more: Any) -> None:
        """Add what became of the events; the report is in its place then."""
        if self._report is not None:
            rest = {"document": self._document, "counts": self.counts(), "kinds": dict(self.kinds), **more}
            self._report.finish(rest)

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
        if self._report is not None:
            self._report.write(told)
