"""The store on disk: RocksDB with its write-ahead log and no fsync per write.

After power loss the store is an exact earlier state (RocksDB keeps its log prefix-consistent), and the journal, which
is durable before any receipt, brings it forward again. So the store may lag the journal and never leads it.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from rocksdict import Options, Rdict, RdictIter, WriteBatch, WriteOptions

WRITE_BUFFER_BYTES = 64 * 1024 * 1024
_log = logging.getLogger(__name__)


class RocksStore:
    """A `Store` in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = Rdict(str(folder), _options())
        self._unsynced = WriteOptions()
        self._unsynced.sync = False

    def get(self, key: bytes) -> bytes | None:
        """The value under this key, or None."""
        found: bytes | None = self._db.get(key)
        return found

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All keys that begin with the prefix and their values, ascending by key, as they were when the scan began."""
        return _scan(self._db.iter(), prefix)

    def frozen(self) -> "Frozen":
        """Everything as it stands this instant, whatever is written after; to be let go before `close`."""
        return Frozen(self._db.iter())

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Apply all changes or none; None deletes."""
        batch = WriteBatch(raw_mode=True)
        put, delete = batch.put, batch.delete
        for key, value in changes.items():
            if value is None:
                delete(key)
            else:
                put(key, value)
        self._db.write(batch, self._unsynced)

    def sync(self) -> None:
        """Make everything written so far durable: a synced write takes the log before it along."""
        durable = WriteOptions()
        durable.sync = True
        batch = WriteBatch(raw_mode=True)
        batch.put(b"\x00synced", b"")
        self._db.write(batch, durable)

    def close(self) -> None:
        """Write what is still in memory and let go of the folder; what cannot be written is still in the journal."""
        try:
            self._db.flush()
        except Exception as failed:  # rocksdict has no class of its own for this
            _log.warning("the store lags behind the journal until the next start: %s", failed)
            with suppress(Exception):
                self._db.close()  # it lets go, and says the same again
        else:
            self._db.close()


class Frozen:
    """The store at one instant; for one thread, one scan at a time.

    One iterator does it: rocksdict 0.3 has snapshots, but iterators made from them read what was written since.
    """

    def __init__(self, place: RdictIter) -> None:
        self._place = place

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All keys that begin with the prefix and their values, ascending by key. Ends a scan before it."""
        return _scan(self._place, prefix)


def _scan(place: RdictIter, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    place.seek(prefix)
    while place.valid():
        key = place.key()
        if not key.startswith(prefix):
            return
        yield key, place.value()
        place.next()


def _options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(2)
    options.set_keep_log_file_num(2)
    options.set_max_background_jobs(2)
    return options
