"""What stands on record of one party's events and jobs, asked of a node."""

from collections.abc import Sequence
from typing import Any, Final, Literal, Protocol

import msgspec

LOOKUP: Final = 500
"""So many events are looked up at once."""
Stand = Literal["missing", "same", "other"]


class Lookup(Protocol):
    """A node as it is asked."""

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields."""
        ...


class Standing:
    """Tells which events stand on record. A job is asked for once: good for one file, before anything of it is sent."""

    def __init__(self, place: Lookup, party: str) -> None:
        """Nothing is asked yet."""
        self._place, self._party = place, party
        self._jobs: dict[str, bool] = {"": True}

    def of(self, texts: Sequence[bytes]) -> list[Stand]:
        """How each of at most 500 events stands there: not at all, as it is, or saying something else.

        Events of a job that is not complete do not count.
        """
        wanted = [("trace.event", self._party, *key_of(text)) for text in texts]
        records = self._place.lookup(wanted)
        return [self._stand(text, record) for text, record in zip(texts, records, strict=True)]

    def job(self, number: str) -> str:
        """The status of a job: empty, open, complete or withdrawn."""
        record = self._place.lookup([("trace.job", self._party, number)])[0]
        return "" if record is None else str(record["status"])

    def _stand(self, text: bytes, record: dict[str, Any] | None) -> Stand:
        if record is None or not self._counts(record["job"]):
            return "missing"
        return "same" if record["text"].encode() == text else "other"

    def _counts(self, job: str) -> bool:
        if job not in self._jobs:
            self._jobs[job] = self.job(job) == "complete"
        return self._jobs[job]


class _Head(msgspec.Struct):
    event: str = msgspec.field(name="eventID")
    declaration: dict[str, Any] = msgspec.field(name="errorDeclaration", default_factory=dict)


_head: Final = msgspec.json.Decoder(_Head).decode


def key_of(text: bytes) -> tuple[str, str]:
    """The ID of an event, and when it was declared wrong; empty where it was not."""
    head = _head(text)
    return head.event, head.declaration.get("declarationTime", "")
