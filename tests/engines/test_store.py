"""The store on disk and the store in memory are one thing to the machine."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.store import MemoryStore, Store
from sogdia.engines.store import RocksStore


@pytest.fixture(params=["rocks", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        rocks = RocksStore(tmp_path / "state")
        yield rocks
        rocks.close()


def test_what_was_written_is_read(store: Store) -> None:
    store.write({b"a": b"1", b"b": b""})
    assert (store.get(b"a"), store.get(b"b"), store.get(b"c")) == (b"1", b"", None)


def test_none_deletes_and_what_is_not_there_may_be_deleted(store: Store) -> None:
    store.write({b"a": b"1", b"b": b"2"})
    store.write({b"a": None, b"never": None})
    assert list(store.scan(b"")) == [(b"b", b"2")]


def test_a_scan_gives_exactly_what_begins_so_in_ascending_order(store: Store) -> None:
    keys = [b"a", b"a\x00", b"a\x00\xff", b"a\xff", b"a\xff\xff", b"b", b"\xff", b"\xff\xff"]
    store.write(dict.fromkeys(reversed(keys), b"x"))
    for prefix in (b"", b"a", b"a\x00", b"a\xff", b"b", b"c", b"\xff"):
        assert [key for key, _ in store.scan(prefix)] == sorted(key for key in keys if key.startswith(prefix))


def test_rocks_gives_back_everything_after_it_was_reopened(tmp_path: Path) -> None:
    for round_number in range(3):
        store = RocksStore(tmp_path)
        assert len(list(store.scan(b"k"))) == 100 * round_number
        store.write({b"k%d/%d" % (round_number, n): b"v" for n in range(100)})
        store.sync()
        store.close()


def test_a_scan_of_rocks_is_of_one_instant(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    store.write({b"a": b"1", b"b": b"2"})
    scan = store.scan(b"")
    first = next(scan)
    store.write({b"b": None, b"c": b"3"})
    assert [first, *scan] == [(b"a", b"1"), (b"b", b"2")]
    store.close()


def test_one_folder_is_open_once(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    with pytest.raises(Exception, match="lock"):
        RocksStore(tmp_path)
    store.close()


FULL = """
import logging, resource, sys
from pathlib import Path
from sogdia.engines.store import RocksStore
logging.basicConfig(format="%(message)s")
store = RocksStore(Path(sys.argv[1]))
store.write({b"a": b"1"})
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    store.write({b"b": bytes(100_000)})
except Exception as failed:
    print(failed)
store.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store = RocksStore(Path(sys.argv[1]))
print(dict(store.scan(b"")))
store.close()
"""


def test_a_store_whose_disk_is_full_lets_go_of_its_folder_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=60)
    failed, left = done.stdout.splitlines()
    assert os.strerror(errno.EFBIG) in failed
    assert left == "{b'a': b'1'}", "what was written before is there"
    (said,) = done.stderr.splitlines()
    assert said.startswith("the store lags behind the journal until the next start: ")
    assert done.returncode == 0


_changes = st.lists(st.dictionaries(st.binary(min_size=1, max_size=3), st.none() | st.binary(max_size=3)), max_size=5)


@given(_changes, st.binary(max_size=2))
def test_both_stores_agree_on_any_changes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[bytes, bytes | None]], prefix: bytes
) -> None:
    rocks, memory = RocksStore(tmp_path_factory.mktemp("state")), MemoryStore()
    for change in changes:
        rocks.write(change)
        memory.write(change)
        assert list(rocks.scan(prefix)) == list(memory.scan(prefix))
    rocks.close()
