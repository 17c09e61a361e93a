"""The store in memory; `tests/engines/test_store.py` shows that the one on disk is the same."""

from sogdia.core.store import MemoryStore


def test_a_scan_that_follows_a_write_sees_it() -> None:
    store = MemoryStore()
    store.write({b"a1": b"x", b"b": b"y"})
    assert list(store.scan(b"a")) == [(b"a1", b"x")]
    store.write({b"a0": b"z", b"a1": None})
    assert list(store.scan(b"a")) == [(b"a0", b"z")]
    assert list(store.scan(b"")) == [(b"a0", b"z"), (b"b", b"y")]
    assert store.get(b"a1") is None
