"""A node that joins by snapshot stands where the others do, goes on with them, and takes nothing false for true."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sql
from msgspec.structs import replace

from sogdia.core.codec import record_bytes
from sogdia.core.receipt import decode_outcome
from sogdia.core.tree import verify_membership
from sogdia.engines import suite_ledger
from sogdia.engines.cometbft.snapshots.folder import SnapshotFolder
from sogdia.engines.cometbft.snapshots.form import (
    IDS,
    LOG_SIZE_KEY,
    RECORDS,
    TILES,
    Metadata,
    decode_entries,
    decode_metadata,
    packed,
    unpacked,
)
from sogdia.engines.cometbft.snapshots.taking import take
from sogdia.engines.cometbft.wire import ApplySnapshotChunkResult as Chunk
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.cometbft.wire import OfferSnapshotResult as Offer
from sogdia.engines.kept import BASE_KEY, RESTORING_KEY, BeforeBase, SealMismatch
from sogdia.engines.store import RocksStore
from sogdia.mirror.writer import Writer
from tests.engines.cometbft.snapshot_case import CHUNK_BYTES, NOTES, Node, forged, offered, pays, play

BASE = 10
"""The height of the newest snapshot of `source`, of 13."""


class Taken(NamedTuple):
    """A snapshot as it travels, what it says, and the app hash that the light client brings."""

    offer: Wire
    chunks: list[bytes]
    app_hash: bytes
    metadata: Metadata
    entries: dict[bytes, bytes]


def taken_from(node: Node) -> Taken:
    offer = node.snapshots()[-1]
    metadata = decode_metadata(offer.metadata)
    chunks = node.chunks(offer)
    entries = {k: v for chunk in chunks for k, v in entries_of(chunk)}
    return Taken(offer, chunks, node.application.app_hash(metadata.seal), metadata, entries)


def entries_of(chunk: bytes) -> list[tuple[bytes, bytes]]:
    return decode_entries(unpacked(chunk))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node(tmp_path_factory.mktemp("source")).begin()
    play(node)
    yield node
    node.close()


@pytest.fixture(scope="module")
def taken(source: Node) -> Taken:
    return taken_from(source)


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "newcomer")
    yield node
    node.close()


@pytest.fixture
def restored(newcomer: Node, taken: Taken) -> Node:
    assert set(newcomer.restore(taken.offer, taken.chunks, taken.app_hash)) == {1}
    return newcomer


def is_empty(node: Node) -> bool:
    return not node.machine.seal.height and not list(node.machine.store.scan(b""))


# --- taking ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_taken_every_so_many_heights_and_the_newest_two_are_kept(source: Node, taken: Taken) -> None:
    assert source.machine.seal.height == 13
    assert [one.seal.height for one in source.shelf.held] == [5, 10]
    in_cometbfts_count = [one.height for one in source.snapshots()]
    assert in_cometbfts_count == [5, 11], "it counts empty blocks too"
    assert source.shelf.oldest == 5
    assert len(taken.chunks) > 5
    assert taken.metadata.seal.log_size == 271


def test_two_nodes_make_the_same_snapshot_to_the_byte(source: Node, taken: Taken, tmp_path: Path) -> None:
    other = Node(tmp_path).begin()
    play(other)
    again = taken_from(other)
    assert again.offer.SerializeToString() == taken.offer.SerializeToString()
    assert list(map(unpacked, again.chunks)) == list(map(unpacked, taken.chunks))
    other.close()


def test_a_snapshot_is_of_one_instant_whatever_is_written_while_it_is_taken(source: Node, tmp_path: Path) -> None:
    node = Node(tmp_path, interval=10).begin()
    play(node, patient=False)  # three more blocks, while a thread writes height 10
    assert taken_from(node).offer.SerializeToString() == source.snapshots()[-1].SerializeToString()
    node.close()


def test_the_store_holds_still_for_one_who_froze_it(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    store.write({b"a": b"1", b"b": b"2", b"x": b"3"})
    frozen = store.frozen()
    store.write({b"a": b"9", b"b": None, b"c": b"4"})
    assert [list(frozen.scan(kind)) for kind in (b"a", b"b", b"c", b"x")] == [
        [(b"a", b"1")], [(b"b", b"2")], [], [(b"x", b"3")]
    ]  # fmt: skip
    del frozen
    store.close()


def test_one_that_was_stopped_in_the_middle_is_never_offered(source: Node, taken: Taken, tmp_path: Path) -> None:
    folder, about = SnapshotFolder(tmp_path), ("suite", taken.metadata.seal, 11)
    instant = source.machine.store.frozen()  # type: ignore[attr-defined]
    assert take(instant, folder, about, lambda seconds: True, CHUNK_BYTES) is None
    assert [path.name for path in tmp_path.glob("*/*")] == ["000000"]
    assert (folder.held, folder.chunk(11, 0)) == ((), b"")
    assert SnapshotFolder(tmp_path).held == ()
    assert not list(tmp_path.iterdir())


def test_a_snapshot_outlasts_a_restart(tmp_path: Path) -> None:
    node = Node(tmp_path).begin()
    play(node, heights=5)
    before = node.snapshots()
    node.close()
    again = Node(tmp_path)
    assert [one.hash for one in again.snapshots()] == [one.hash for one in before] != []
    assert all(again.chunks(before[0]))
    again.close()


def test_with_no_interval_none_is_taken(tmp_path: Path) -> None:
    node = Node(tmp_path, interval=0).begin()
    play(node, heights=5)
    assert node.snapshots() == []
    node.close()


# --- restoring ------------------------------------------------------------------------------------------------------


def test_a_restored_node_stands_where_the_snapshot_was_taken(restored: Node, source: Node, taken: Taken) -> None:
    assert restored.machine.seal == decode_outcome(source.outcome_at(BASE)).seal == taken.metadata.seal
    assert restored.machine.tree.root == restored.machine.seal.state_root
    assert (restored.machine.log.size, restored.machine.log.root) == (271, restored.machine.seal.log_root)
    assert restored.holdings() == taken.entries
    info = restored.application.info(None)
    assert (info.last_block_height, info.last_block_app_hash) == (taken.offer.height, taken.app_hash)
    assert restored.checkpoint_at(BASE) == source.checkpoint_at(BASE)
    assert restored.machine.store.get(RESTORING_KEY) is None


def test_it_goes_on_with_the_others_to_the_same_seals(restored: Node, source: Node) -> None:
    for height in range(BASE + 1, source.machine.seal.height + 1):
        block = source.block_at(height)
        assert block is not None
        answer = restored.block(block.transactions, block.ordered)
        assert answer.app_hash == source.application.app_hash(block.seal)
        assert restored.machine.seal == block.seal
    assert restored.holdings([b"L", b"S", b"T", b"X"]) == source.holdings([b"L", b"S", b"T", b"X"])
    codes = restored.block(pays(0, 3)).tx_results
    assert all(one.code for one in codes), "ids from before the snapshot stay used up"


def test_what_it_proves_is_proved(restored: Node) -> None:
    key = suite_ledger.ACCOUNTS.path("account-7")
    proof = restored.machine.tree.prove(key, lambda one: restored.machine.store.get(b"S" + one))
    assert verify_membership(restored.machine.seal.state_root, proof)


def test_a_restored_node_takes_the_same_snapshots_as_the_others(restored: Node, source: Node, tmp_path: Path) -> None:
    other = Node(tmp_path / "other").begin()
    play(other, heights=15)
    for height in range(BASE + 1, 16):
        block = other.block_at(height)
        assert block is not None
        restored.block(block.transactions, block.ordered)
    assert restored.snapshots()[-1].SerializeToString() == other.snapshots()[-1].SerializeToString()
    assert list(map(unpacked, restored.chunks(restored.snapshots()[-1]))) == list(
        map(unpacked, other.chunks(other.snapshots()[-1]))
    )
    other.close()


def test_it_can_be_closed_and_opened_again_before_and_after_its_first_block(taken: Taken, tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.restore(taken.offer, taken.chunks, taken.app_hash)
    node.close()
    node = Node(tmp_path)
    assert (node.machine.seal, node.application.ordered) == (taken.metadata.seal, taken.offer.height)
    node.block(pays(9_000, 3))
    sealed = node.machine.seal
    node.close()
    node = Node(tmp_path)
    assert (node.machine.seal.height, node.machine.seal) == (BASE + 1, sealed)
    node.close()


def test_it_knows_at_which_block_of_cometbft_s_its_state_was_sealed(taken: Taken, tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.restore(taken.offer, taken.chunks, taken.app_hash)
    assert node.sealed_at == taken.offer.height
    node.block([])
    assert (node.sealed_at, node.application.ordered) == (taken.offer.height, taken.offer.height + 1)
    node.block(pays(9_000, 1))
    node.block([])
    for _ in range(2):
        assert (node.sealed_at, node.application.ordered) == (taken.offer.height + 2, taken.offer.height + 3)
        node.close()
        node = Node(tmp_path)
    node.close()


def test_what_its_store_lost_is_executed_again_from_its_journal(taken: Taken, tmp_path: Path) -> None:
    node = Node(tmp_path / "now")
    node.restore(taken.offer, taken.chunks, taken.app_hash)
    node.close()
    shutil.copytree(tmp_path / "now" / "state", tmp_path / "earlier")
    node = Node(tmp_path / "now")
    node.block(pays(9_000, 3))
    sealed = node.machine.seal
    node.close()
    shutil.rmtree(tmp_path / "now" / "state")
    shutil.copytree(tmp_path / "earlier", tmp_path / "now" / "state")
    node = Node(tmp_path / "now")
    assert node.machine.seal == sealed
    node.close()
    shutil.rmtree(tmp_path / "now" / "journal")
    with pytest.raises(SealMismatch, match="stands at height 11, the journal ends at 0"):
        Node(tmp_path / "now")


def test_it_says_that_it_has_no_history_from_before(restored: Node, source: Node) -> None:
    early = restored.machine.codec.parse(pays(0, 1)[0]).id
    assert restored.place_of(early) == source.place_of(early)
    with pytest.raises(BeforeBase, match="at height 10 and holds no history up to it; ask another node"):
        restored.receipt(early)
    with pytest.raises(BeforeBase):
        restored.outcome_at(BASE)
    assert restored.block_at(BASE) is None
    restored.block(pays(9_000, 1))
    assert decode_outcome(restored.outcome_at(BASE + 1)).seal == restored.machine.seal
    with pytest.raises(KeyError):
        restored.outcome_at(BASE + 2)


def test_it_knows_which_records_stood_in_the_snapshot(restored: Node, taken: Taken) -> None:
    standing = [key[1:] for key in taken.entries if key[:1] == RECORDS]
    assert all(map(restored.stood_at_base, standing))
    restored.block(pays(9_000, 1))
    new = suite_ledger.ACCOUNTS.path("account-9000")
    assert restored.machine.store.get(b"S" + new) is not None
    assert not any(map(restored.stood_at_base, [new, b"a", b"zz\x00"]))


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda one: {"seal": replace(one.seal, state_root=bytes(32))}, Offer.REJECT),
        (lambda one: {"seal": replace(one.seal, height=one.seal.height + 1)}, Offer.REJECT),
        (lambda one: {"network": "other"}, Offer.REJECT),
        (lambda one: {"format": 2}, Offer.REJECT_FORMAT),
    ],
)
def test_forged_metadata_are_refused_before_any_chunk_is_fetched(
    newcomer: Node, taken: Taken, change: Callable[[Metadata], dict[str, object]], verdict: Offer
) -> None:
    false = replace(taken.metadata, **change(taken.metadata))
    assert newcomer.offer(offered(false), taken.app_hash) == verdict
    assert is_empty(newcomer)


def test_an_offer_that_does_not_fit_its_metadata_is_refused(newcomer: Node, taken: Taken) -> None:
    for field, value in (("height", 12), ("chunks", 1), ("hash", bytes(32)), ("metadata", b"\x90")):
        false = type(taken.offer).FromString(taken.offer.SerializeToString())
        setattr(false, field, value)
        assert newcomer.offer(false, taken.app_hash) == Offer.REJECT
    assert newcomer.offer(taken.offer, bytes(32)) == Offer.REJECT
    assert newcomer.apply(0, taken.chunks[0]).result == Chunk.ABORT
    assert is_empty(newcomer)


def test_a_node_of_another_network_refuses(taken: Taken, tmp_path: Path) -> None:
    node = Node(tmp_path, network="other")
    assert node.offer(taken.offer, taken.app_hash) == Offer.REJECT
    node.close()


def test_a_ledger_that_has_begun_is_not_written_over(source: Node, restored: Node, taken: Taken) -> None:
    before = source.machine.seal
    for node in (source, restored):
        assert node.offer(taken.offer, taken.app_hash) == Offer.REJECT
    assert source.machine.seal == before


def test_a_wrong_chunk_is_asked_for_again_from_another_peer(newcomer: Node, taken: Taken) -> None:
    newcomer.offer(taken.offer, taken.app_hash)
    body = bytearray(unpacked(taken.chunks[0]))
    body[100] ^= 1
    bomb = packed(bytes(40_000_000))
    for wrong in (packed(bytes(body)), taken.chunks[1], taken.chunks[0][:-9], b"", b"no zlib", bomb):
        answer = newcomer.apply(0, wrong, sender="liar")
        assert (answer.result, list(answer.refetch_chunks), list(answer.reject_senders)) == (Chunk.RETRY, [0], ["liar"])
    for index, chunk in enumerate(taken.chunks):
        assert newcomer.apply(index, chunk).result == Chunk.ACCEPT
    assert newcomer.machine.seal == taken.metadata.seal


def some(entries: dict[bytes, bytes], kind: bytes) -> bytes:
    return [key for key in entries if key.startswith(kind)][3]


ACCOUNT, NOTE = RECORDS + suite_ledger.ACCOUNTS.prefix, RECORDS + NOTES.prefix
TILE, UPPER = b"L\x00" + bytes(8), b"L\x01" + bytes(8)
FALSE: dict[str, Callable[[dict[bytes, bytes]], dict[bytes, bytes]]] = {
    "a key of the machine": lambda e: e | {b"Mseal": b"1"},
    "a bucket of the tree": lambda e: e | {b"T\x12\x00\x00\x00\x00": b"1"},
    "a record too many": lambda e: e | {ACCOUNT + b"rich": e[some(e, ACCOUNT)]},
    "a record of a table that nobody knows": lambda e: e | {RECORDS + b"none.such\x00a": b"\x90"},
    "a record without a table": lambda e: e | {RECORDS + b"none": b"\x90"},
    "an empty record": lambda e: e | {some(e, ACCOUNT): b""},
    "a record left out": lambda e: {k: v for k, v in e.items() if k != some(e, ACCOUNT)},
    "a record changed": lambda e: e | {some(e, ACCOUNT): e[some(e, ACCOUNT)] + b"0"},
    "an id that is none": lambda e: e | {IDS + b"short": b"1"},
    "a tile changed": lambda e: e | {TILE: bytes(32) + e[TILE][32:]},
    "the last tile changed": lambda e: e | {b"L\x00" + bytes(7) + b"\x01": bytes(15 * 32)},
    "an upper tile changed": lambda e: e | {UPPER: bytes(32)},
    "a tile left out": lambda e: {k: v for k, v in e.items() if k != TILE},
    "the upper tile left out": lambda e: {k: v for k, v in e.items() if k != UPPER},
    "a tile cut short": lambda e: e | {TILE: e[TILE][:-32]},
    "a tile too many": lambda e: e | {b"L\x02" + bytes(8): bytes(32)},
    "another size of the log": lambda e: e | {LOG_SIZE_KEY: (100).to_bytes(8, "big")},
    "a size beyond all logs": lambda e: e | {LOG_SIZE_KEY: b"\xff" * 100},
    "no size of the log": lambda e: {k: v for k, v in e.items() if k != LOG_SIZE_KEY},
    "nothing": lambda e: {},
}


@pytest.mark.parametrize("what", FALSE)
def test_a_snapshot_that_agrees_with_its_own_hashes_and_is_false_is_dropped_whole(
    newcomer: Node, taken: Taken, what: str
) -> None:
    entries = FALSE[what](dict(taken.entries))
    assert entries != taken.entries
    odd = {key: value for key, value in entries.items() if key[:1] not in (TILES, RECORDS, IDS)}
    offer, chunks = forged({k: v for k, v in entries.items() if k not in odd}, taken.metadata)
    if odd:
        offer, chunks = smuggled(taken, odd)
    assert newcomer.restore(offer, chunks, taken.app_hash)[-1] == Chunk.REJECT_SNAPSHOT
    assert is_empty(newcomer)
    assert set(newcomer.restore(taken.offer, taken.chunks, taken.app_hash)) == {1}, "a true one still goes in"


def smuggled(taken: Taken, odd: dict[bytes, bytes]) -> tuple[Wire, list[bytes]]:
    """The true snapshot with one more chunk."""
    body = record_bytes(list(odd.items()))
    hashes = (*taken.metadata.chunks, sha256(body).digest())
    return offered(replace(taken.metadata, chunks=hashes)), [*taken.chunks, packed(body)]


def test_counts_that_are_false_and_chunks_out_of_order_are_noticed(newcomer: Node, taken: Taken) -> None:
    offer, chunks = forged(taken.entries, taken.metadata, ids=3)
    assert newcomer.restore(offer, chunks, taken.app_hash)[-1] == Chunk.REJECT_SNAPSHOT
    turned = replace(taken.metadata, chunks=taken.metadata.chunks[::-1])
    assert newcomer.restore(offered(turned), taken.chunks[::-1], taken.app_hash)[-1] == Chunk.REJECT_SNAPSHOT
    newcomer.offer(taken.offer, taken.app_hash)
    assert newcomer.apply(1, taken.chunks[1]).result == Chunk.REJECT_SNAPSHOT
    newcomer.offer(taken.offer, taken.app_hash)
    assert [newcomer.apply(0, taken.chunks[0]).result for _ in range(2)] == [Chunk.ACCEPT] * 2
    assert newcomer.apply(1, taken.chunks[1]).result == Chunk.ACCEPT


def test_a_false_working_note_is_noticed_by_whoever_was_told_the_hash_of_the_true_snapshot(
    taken: Taken, tmp_path: Path
) -> None:
    note = some(taken.entries, NOTE)
    offer, chunks = forged(taken.entries | {note: taken.entries[note].replace(b"x", b"y")}, taken.metadata)
    trusting, careful = Node(tmp_path / "1"), Node(tmp_path / "2", trusted=taken.metadata.hash())
    assert set(trusting.restore(offer, chunks, taken.app_hash)) == {1}, "no root holds working notes; see ADR 0017"
    assert careful.offer(offer, taken.app_hash) == Offer.REJECT
    assert set(careful.restore(taken.offer, taken.chunks, taken.app_hash)) == {1}
    trusting.close()
    careful.close()


# --- cut short ------------------------------------------------------------------------------------------------------


def test_a_new_offer_in_the_middle_of_a_restore_begins_anew(newcomer: Node, taken: Taken, source: Node) -> None:
    newcomer.offer(taken.offer, taken.app_hash)
    newcomer.apply(0, taken.chunks[0])
    older = source.snapshots()[0]
    app_hash = source.application.app_hash(decode_metadata(older.metadata).seal)
    assert set(newcomer.restore(older, source.chunks(older), app_hash)) == {1}
    assert newcomer.machine.seal.height == 5
    assert newcomer.holdings().keys() == {k for chunk in source.chunks(older) for k, _ in entries_of(chunk)}


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_restore_that_was_killed_leaves_nothing_and_can_be_made_again(
    taken: Taken, tmp_path: Path, after: int
) -> None:
    for index, chunk in enumerate(taken.chunks):
        (tmp_path / str(index)).write_bytes(chunk)
    (tmp_path / "offer").write_bytes(taken.offer.SerializeToString())
    (tmp_path / "app_hash").write_bytes(taken.app_hash)
    command = [sys.executable, "-m", "tests.engines.cometbft.snapshot_case", str(tmp_path / "node"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert [child.stdout.readline() for _ in range(after)] == [b"1\n"] * after
        child.send_signal(signal.SIGKILL)
    store = RocksStore(tmp_path / "node" / "state")
    assert store.get(RESTORING_KEY) is not None
    assert after == 1 or list(store.scan(TILES))
    store.close()
    node = Node(tmp_path / "node")
    assert is_empty(node)
    assert set(node.restore(taken.offer, taken.chunks, taken.app_hash)) == {1}
    assert node.machine.store.get(BASE_KEY) is not None
    node.close()


# --- those who follow -----------------------------------------------------------------------------------------------


def rows(engine: Node, url: str) -> dict[str, set[tuple[object, ...]]]:
    """The record rows of a mirror of this node, without the height that wrote each: that is history."""
    tables = engine.machine.tables.values()
    writer = Writer(url, tables)
    while found := engine.outcomes(writer.place.height, 2):
        writer.apply(found)
    place = writer.place
    assert (place.height, place.log_size) == (engine.machine.seal.height, engine.machine.seal.log_size)
    writer.close()
    read = sql.create_engine(url)
    with read.connect() as connection:
        held = {
            table.name: {
                tuple(row[name] for name in table.record.__struct_fields__)
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name.replace(".", "_")}"').mappings()
            }
            for table in tables
        }
    read.dispose()
    return held


def test_the_mirror_of_a_restored_node_holds_the_same_records(restored: Node, source: Node, tmp_path: Path) -> None:
    assert len(restored.outcomes(0)) < BASE
    for height in range(BASE + 1, source.machine.seal.height + 1):
        block = source.block_at(height)
        assert block is not None
        restored.block(block.transactions, block.ordered)
    full = rows(source, f"sqlite:///{tmp_path / 'full.sqlite'}")
    assert full == rows(restored, f"sqlite:///{tmp_path / 'restored.sqlite'}")
    assert [len(found) for found in full.values()] == [361, 40]
