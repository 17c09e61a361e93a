"""What the mirror keeps beside the record tables: made from records alone, in the SQL transaction that writes them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.mirror.trace.index import TraceIndex
from sogdia.mirror.trades.index import TradeIndex

if TYPE_CHECKING:
    from sogdia.mirror.audiences import Numbers
    from sogdia.mirror.batch import Batch
    from sogdia.mirror.loaders import Loader


class Deriver(Protocol):
    """Fills derived tables for one writer. It may remember what it wrote; an error spends it with the writer."""

    def open(self, connection: sql.Connection) -> None:
        """Go on after what is in the database, forgetting what was remembered."""
        ...

    def apply(self, connection: sql.Connection, loader: "Loader", batch: "Batch", numbers: "Numbers") -> None:
        """Write what follows from a batch whose records have just been written; `numbers` are those of its readers."""
        ...


class Derived(Protocol):
    """Tables that follow from records. They are part of the schema and its fingerprint, and made anew with it."""

    @property
    def layout(self) -> int:
        """Raised when the same records give other rows, so that existing mirrors rebuild themselves."""
        ...

    @property
    def replaced(self) -> tuple[sql.Table, ...]:
        """Those of its tables to which rows are `put`, as the loader has it."""
        ...

    def deriver(self) -> Deriver:
        """Who fills them."""
        ...


def derived_from(known: Iterable[Table[Any]], metadata: sql.MetaData) -> tuple[Derived, ...]:
    """What is derived in a mirror of these record tables; its SQL tables are added to the metadata."""
    known = tuple(known)
    found: tuple[Derived | None, ...] = (TraceIndex.of(known, metadata), TradeIndex.of(known, metadata))
    return tuple(one for one in found if one is not None)
