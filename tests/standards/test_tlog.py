"""What the public reads of the log: tiles, entry bundles and the checkpoint, as C2SP tlog-tiles has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.keys import SigningKey
from sogdia.core.log import Log, leaf_hash, root_of
from sogdia.core.note import Checkpoint, VerifierKey, open_note
from sogdia.core.store import MemoryStore
from sogdia.standards.tlog import (
    MalformedTile,
    Tile,
    checkpoint,
    decode_bundle,
    encode_bundle,
    parse_path,
    read_tile,
    tiles_of,
)

ENTRIES = [b"entry %d" % number for number in range(600)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def a_log() -> Log:
    store = MemoryStore()
    log = Log(store)
    staged = log.stage(LEAVES)
    store.write(staged.puts)
    log.apply(staged)
    return log


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),  # the example of the specification
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1, 17), "tile/1/001.p/17"),
        (Tile(None, 999), "tile/entries/999"),
        (Tile(None, 1000, 5), "tile/entries/x001/000.p/5"),
    ],
)
def test_a_place_has_one_path_and_a_path_one_place(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@given(st.builds(Tile, st.none() | st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256)))
def test_every_path_is_read_back(tile: Tile) -> None:
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/x000/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/256",
        "tile/0/001.p/0",
        "tile/0/001.p/007",
        "tile/0/001/000",
        "tile/-1/001",
        "tile/0/٠٠١",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/../001",
        "",
    ],
)
def test_no_other_spelling_is_taken(path: str) -> None:
    with pytest.raises(MalformedTile, match="path"):
        parse_path(path)


def test_a_log_of_70000_entries_has_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_of(70_000))
    assert [tile for tile in tiles if tile.width < 256 or tile.level] == [
        Tile(0, 273, 112),
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert len([tile for tile in tiles if tile.level == 0]) == 274
    assert list(tiles_of(0)) == []


def test_all_tiles_of_a_log_are_there_and_give_its_root() -> None:
    log = a_log()
    found = {tile: read_tile(log, tile) for tile in tiles_of(log.size)}
    assert all(data is not None and len(data) == 32 * tile.width for tile, data in found.items())
    lowest = b"".join(data or b"" for tile, data in found.items() if tile.level == 0)
    assert root_of([lowest[at : at + 32] for at in range(0, len(lowest), 32)]) == log.root


def test_a_partial_tile_of_an_earlier_size_is_still_readable() -> None:
    log = a_log()
    assert read_tile(log, Tile(0, 2, 10)) == b"".join(LEAVES[512:522])
    assert read_tile(log, Tile(0, 1, 10)) == b"".join(LEAVES[256:266])


def test_a_tile_that_the_log_has_not_reached_is_not_there() -> None:
    log = a_log()
    assert read_tile(log, Tile(0, 2)) is None
    assert read_tile(log, Tile(0, 3, 1)) is None
    assert read_tile(log, Tile(63, 0, 1)) is None
    with pytest.raises(MalformedTile, match="entries are with"):
        read_tile(log, Tile(None, 0))


def test_a_bundle_is_each_entry_after_its_length_in_two_bytes() -> None:
    assert encode_bundle([b"abc", b"", b"\xff" * 258]) == b"\x00\x03abc\x00\x00\x01\x02" + b"\xff" * 258


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


@pytest.mark.parametrize("bundle", [b"", b"\x00", b"\x00\x03ab", b"\x00\x01a\x00", b"\x00\x00" * 257])
def test_what_is_not_a_bundle_is_refused(bundle: bytes) -> None:
    with pytest.raises(MalformedTile, match="whole entries"):
        decode_bundle(bundle)


def test_a_bundle_takes_no_entry_over_65535_bytes_and_no_more_than_256() -> None:
    assert len(encode_bundle([bytes(65_535)])) == 65_537
    with pytest.raises(MalformedTile, match="entry 1 has 65536 bytes"):
        encode_bundle([b"", bytes(65_536)])
    for count in (0, 257):
        with pytest.raises(MalformedTile, match=f"got {count}"):
            encode_bundle([b""] * count)


def test_the_checkpoint_is_signed_by_the_key_named_after_the_log() -> None:
    log, key = a_log(), SigningKey(bytes(range(32)))
    note = checkpoint(log, "sogdia.example/main", key, ("state 00ff",))
    text = open_note(note, VerifierKey("sogdia.example/main", key.public))
    assert Checkpoint.parse(text) == Checkpoint("sogdia.example/main", 600, log.root, ("state 00ff",))
