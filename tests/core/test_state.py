"""Records in tables, read through layers: what is above hides what is below, and nothing leaks down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.codec import record_bytes
from sogdia.core.state import Committed, Overlay, Record, Table
from sogdia.core.store import MemoryStore


class Sale(Record, frozen=True, array_like=True):
    """A sale."""

    shop: str
    number: str
    buyer: str | None = None
    friends: tuple[str, ...] = ()


SALES = Table("test.sale", Sale, key=("shop", "number"), seen_by=("shop", "buyer", "friends"))


def store_of(*sales: Sale) -> MemoryStore:
    store = MemoryStore()
    store.write({b"S" + SALES.path_of(sale): record_bytes(sale) for sale in sales})
    return store


def test_a_record_is_found_by_its_key_and_no_other() -> None:
    view = Overlay(Committed(store_of(Sale("a", "1"))))
    assert SALES.get(view, "a", "1") == Sale("a", "1")
    assert SALES.get(view, "a", "2") is None
    assert SALES.get(view, "a1", "") is None


def test_a_key_is_the_table_and_the_fields_joined_by_nul() -> None:
    assert SALES.path_of(Sale("a", "店")) == b"test.sale\0a\0" + "店".encode()


def test_an_overlay_hides_what_is_below_and_a_deletion_hides_it_too() -> None:
    below = Overlay(Committed(store_of(Sale("a", "1"), Sale("a", "2"))))
    above = Overlay(below)
    SALES.put(above, Sale("a", "1", "changed"))
    SALES.delete(above, "a", "2")
    assert (SALES.get(above, "a", "1"), SALES.get(above, "a", "2")) == (Sale("a", "1", "changed"), None)
    assert list(SALES.under(above, "a")) == [Sale("a", "1", "changed")]
    assert list(SALES.under(below, "a")) == [Sale("a", "1"), Sale("a", "2")]


def test_what_was_absorbed_is_seen_and_what_was_dropped_is_not() -> None:
    block = Overlay(Committed(MemoryStore()))
    kept, dropped = Overlay(block), Overlay(block)
    SALES.put(kept, Sale("a", "kept"))
    SALES.put(dropped, Sale("a", "dropped"))
    block.absorb(kept)
    assert [sale.number for sale in SALES.under(block, "a")] == ["kept"]


def test_records_under_a_key_field_do_not_include_those_of_a_longer_one() -> None:
    view = Overlay(Committed(store_of(Sale("a", "1"), Sale("ab", "1"))))
    assert [sale.shop for sale in SALES.under(view, "a")] == ["a"]
    assert [sale.shop for sale in SALES.starting(view, "a")] == ["a", "ab"]


def test_sealed_state_is_written_by_sealing_alone() -> None:
    with pytest.raises(TypeError, match="read only"):
        SALES.put(Committed(MemoryStore()), Sale("a", "1"))


def test_readers_are_the_parties_in_the_fields_each_once() -> None:
    assert SALES.readers(Sale("a", "1", None, ("b", "a", "c"))) == ("a", "b", "c")


_key = st.tuples(st.sampled_from("ab"), st.sampled_from("12"))
_change = st.tuples(st.sampled_from(["put", "delete", "push", "absorb", "drop"]), _key, st.sampled_from("xyz"))


@given(st.lists(_change, max_size=30), st.integers(0, 3))
def test_layers_behave_as_copies_of_a_dict(changes: list[tuple[str, tuple[str, str], str]], cached: int) -> None:
    layers, models = [Overlay(Committed(store_of(Sale("a", "1")), cached))], [{("a", "1"): Sale("a", "1")}]
    for what, key, buyer in changes:
        if what == "push":
            layers.append(Overlay(layers[-1]))
            models.append(dict(models[-1]))
        elif what == "absorb" and len(layers) > 1:
            layers[-2].absorb(layers.pop())
            models[-2:] = [models[-1]]
        elif what == "drop" and len(layers) > 1:
            layers.pop()
            models.pop()
        elif what == "put":
            SALES.put(layers[-1], Sale(*key, buyer))
            models[-1][key] = Sale(*key, buyer)
        elif what == "delete":
            SALES.delete(layers[-1], *key)
            models[-1].pop(key, None)
        assert list(SALES.starting(layers[-1], "")) == [models[-1][k] for k in sorted(models[-1])]
        assert SALES.get(layers[-1], *key) == models[-1].get(key)


@given(st.lists(st.tuples(_key, st.sampled_from("xyz")), max_size=30), st.integers(0, 3))
def test_a_cache_of_any_size_gives_what_was_remembered_last(
    writes: list[tuple[tuple[str, str], str]], cached: int
) -> None:
    store = store_of(Sale("a", "1"))
    state, plain = Committed(store, cached), Committed(store, 0)
    for key, buyer in writes:
        sale = Sale(*key, buyer)
        store.write({b"S" + SALES.path_of(sale): record_bytes(sale)})
        state.remember(SALES.path_of(sale), sale)
        for other in (("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")):
            assert SALES.get(state, *other) == SALES.get(plain, *other)
