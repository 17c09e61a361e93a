"""Records in named tables, and the layers that a rule reads and writes through.

A key is the table's name and the record's key fields, joined by NUL. A rule sees one view; what it writes stands in an
overlay of its own transaction, which joins the block's overlay when the transaction is accepted and is dropped when it
is refused. Nothing reaches the store before the block is sealed.
"""

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from sogdia.core.store import Reader

R = TypeVar("R", bound="Record")


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What the ledger keeps: plain data, never changed in place."""


class View(Protocol):
    """What a rule may read and write."""

    def read(self, table: "Table[Any]", key: bytes) -> Any:
        """The record under this key, or None."""
        ...

    def write(self, table: "Table[Any]", key: bytes, record: Record | None) -> None:
        """Put a record, or delete with None."""
        ...

    def scan(self, table: "Table[Any]", prefix: bytes) -> Iterator[Any]:
        """Records whose key begins with the prefix, ascending by key."""
        ...


class Table(Generic[R]):
    """A named set of records of one type, found by some of their fields.

    `proved` tables stand in the state tree: presence and absence can be shown to anyone. The others are working notes
    that follow from proved records and receipts. `seen_by` names the fields that hold parties who may read a record,
    `roles` the roles that may read all of them, `public` lets everyone read.
    """

    def __init__(
        self,
        name: str,
        record: type[R],
        *,
        key: tuple[str, ...],
        proved: bool = True,
        seen_by: tuple[str, ...] = (),
        roles: tuple[str, ...] = (),
        public: bool = False,
    ) -> None:
        self.name = name
        self.record = record
        self.key = key
        self.proved = proved
        self.seen_by = seen_by
        self.roles = roles
        self.public = public
        self.prefix = name.encode() + b"\x00"
        self.decode = msgspec.msgpack.Decoder(record).decode

    def path(self, *parts: str) -> bytes:
        """The key bytes of these key fields."""
        return self.prefix + "\x00".join(parts).encode()

    def path_of(self, record: R) -> bytes:
        """The key bytes of this record."""
        return self.path(*(getattr(record, name) for name in self.key))

    def get(self, view: View, *parts: str) -> R | None:
        """The record with these key fields, or None."""
        found: R | None = view.read(self, self.prefix + "\x00".join(parts).encode())
        return found

    def put(self, view: View, record: R) -> None:
        """Write the record under its own key."""
        view.write(self, self.path_of(record), record)

    def delete(self, view: View, *parts: str) -> None:
        """Take the record with these key fields away."""
        view.write(self, self.path(*parts), None)

    def under(self, view: View, *parts: str) -> Iterator[R]:
        """The records whose first key fields are these, ascending by key."""
        prefix = self.prefix + "".join(part + "\x00" for part in parts).encode()
        return view.scan(self, prefix)

    def starting(self, view: View, beginning: str) -> Iterator[R]:
        """The records whose first key field begins so, ascending by key."""
        return view.scan(self, self.prefix + beginning.encode())

    def readers(self, record: R) -> tuple[str, ...]:
        """The parties named in the record who may read it."""
        named: list[str] = []
        for field in self.seen_by:
            value = getattr(record, field)
            named.extend(value if isinstance(value, tuple) else (value,) if value else ())
        return tuple(dict.fromkeys(named))


class Committed:
    """The sealed state, decoded on reading, with a bounded cache in two generations.

    Only the machine's own thread may use a cached instance; other readers take `cached=0`.
    """

    def __init__(self, reader: Reader, cached: int = 20_000) -> None:
        self._reader = reader
        self._cached = cached
        self._young: dict[bytes, Any] = {}
        self._old: dict[bytes, Any] = {}

    def read(self, table: Table[Any], key: bytes) -> Any:
        """The record under this key, or None."""
        young = self._young
        if key in young:
            return young[key]
        if key in self._old:
            found = self._old.pop(key)
        else:
            raw = self._reader.get(b"S" + key)
            found = None if raw is None else table.decode(raw)
        self.remember(key, found)
        return found

    def remember(self, key: bytes, record: Any) -> None:
        """Keep what now stands under this key in the cache."""
        if not self._cached:
            return
        if len(self._young) >= self._cached:
            self._old, self._young = self._young, {}
        self._old.pop(key, None)
        self._young[key] = record

    def write(self, table: Table[Any], key: bytes, record: Record | None) -> None:
        """Refused: sealed state changes only by sealing a block."""
        raise TypeError(f"sealed state is read only ({table.name})")

    def scan(self, table: Table[Any], prefix: bytes) -> Iterator[Any]:
        """Records whose key begins with the prefix, ascending by key."""
        for _, raw in self._reader.scan(b"S" + prefix):
            yield table.decode(raw)

    def scan_keys(self, table: Table[Any], prefix: bytes) -> Iterator[tuple[bytes, Any]]:
        """As `scan`, with the keys."""
        for key, raw in self._reader.scan(b"S" + prefix):
            yield key[1:], table.decode(raw)


_NOTHING = object()


class Overlay:
    """Changes that are not sealed yet, above another view."""

    def __init__(self, below: "Committed | Overlay") -> None:
        self.below = below
        self.changes: dict[bytes, Any] = {}

    def read(self, table: Table[Any], key: bytes) -> Any:
        """The record as this layer sees it."""
        found = self.changes.get(key, _NOTHING)
        return self.below.read(table, key) if found is _NOTHING else found

    def write(self, table: Table[Any], key: bytes, record: Record | None) -> None:
        """Put a record in this layer; None deletes."""
        self.changes[key] = record

    def scan_keys(self, table: Table[Any], prefix: bytes) -> Iterator[tuple[bytes, Any]]:
        """Keys and records of this layer and those below, ascending by key."""
        here = {key: value for key, value in self.changes.items() if key.startswith(prefix)}
        merged = {key: value for key, value in self.below.scan_keys(table, prefix) if key not in here}
        merged.update(here)
        for key in sorted(merged):
            if merged[key] is not None:
                yield key, merged[key]

    def scan(self, table: Table[Any], prefix: bytes) -> Iterator[Any]:
        """Records of this layer and those below, ascending by key."""
        for _, record in self.scan_keys(table, prefix):
            yield record

    def absorb(self, above: "Overlay") -> None:
        """Take over what an accepted transaction wrote."""
        self.changes.update(above.changes)
