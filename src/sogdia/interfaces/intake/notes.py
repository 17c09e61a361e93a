"""What a run remembers beside the record: rows set aside, orders refused, orders that wait. One JSON line each.

The record holds what was accepted; these notes hold what was not. What the rules refused is remembered, so that a
second run neither sends it again nor counts it twice; rows set aside and orders that wait follow from the file and the
record, and are noted anew by each run. A line that a crash cut short is dropped when the notes are opened.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class RefusedPart(msgspec.Struct, frozen=True):
    """A part of a trade that the rules refused: which order, whose part, which number, which fields."""

    order: str
    part: str
    code: int
    fields: dict[str, Any]


class WaitingOrder(msgspec.Struct, frozen=True):
    """An order that cannot be placed, or is on record and cannot be declared yet, and why.

    `facts` are codes or field names.
    """

    order: str
    reason: str
    facts: tuple[str, ...] = ()


class Lines:
    """A file of JSON lines of one type, each kept once by its key; `fresh` forgets what an earlier run wrote."""

    def __init__(self, path: Path, kind: type[Any], key: tuple[str, ...], *, fresh: bool = False) -> None:
        self._path = path
        self._decode = msgspec.json.Decoder(kind).decode
        self._key = key
        self.seen: set[tuple[Any, ...]] = set()
        if not fresh:
            self._repair()
        self._file = path.open("wb" if fresh else "ab")

    def add(self, item: Any) -> bool:
        """Keep an item; False when it is there already."""
        key = self._key_of(item)
        if key in self.seen:
            return False
        self.seen.add(key)
        self._file.write(msgspec.json.encode(item) + b"\n")
        return True

    def flush(self) -> None:
        """Make what was added durable."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        self._file.flush()
        with self._path.open("rb") as lines:
            for line in lines:
                yield self._decode(line)

    def _key_of(self, item: Any) -> tuple[Any, ...]:
        return tuple(getattr(item, name) for name in self._key)

    def _repair(self) -> None:
        if not self._path.exists():
            return
        sound = 0
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                sound += len(line)
                self.seen.add(self._key_of(self._decode(line)))
        os.truncate(self._path, sound)


def counts(refused: Lines) -> dict[str, int]:
    """How often each number was given."""
    return {str(code): count for code, count in sorted(Counter(part.code for part in refused).items())}
