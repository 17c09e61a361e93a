"""Where bytes are kept: the one small interface between the machine and a disk."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Protocol


class Reader(Protocol):
    """Committed bytes, read only."""

    def get(self, key: bytes) -> bytes | None:
        """The value under this key, or None."""
        ...

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All keys that begin with the prefix and their values, ascending by key."""
        ...


class Store(Reader, Protocol):
    """Committed bytes with one atomic write."""

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Apply all changes or none; None deletes."""
        ...


class MemoryStore:
    """A store in a dict: for tests, and for scratch machines that re-check a log."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._sorted: list[bytes] | None = None

    def get(self, key: bytes) -> bytes | None:
        """The value under this key, or None."""
        return self._values.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All keys that begin with the prefix and their values, ascending by key."""
        if self._sorted is None:
            self._sorted = sorted(self._values)
        ordered = self._sorted
        for place in range(bisect_left(ordered, prefix), len(ordered)):
            if not ordered[place].startswith(prefix):
                return
            yield ordered[place], self._values[ordered[place]]

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Apply all changes; None deletes."""
        for key, value in changes.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value
        self._sorted = None
