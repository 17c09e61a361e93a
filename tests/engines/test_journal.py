"""The journal gives back what it took, cuts off nothing but a torn end, and says where it is damaged."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.receipt import Seal
from sogdia.engines.journal import Journal, JournalBlock, JournalDamaged, Place


def block(height: int, *transactions: bytes) -> JournalBlock:
    root = sha256(b"%d" % height).digest()
    return JournalBlock(height, 1_772_442_000_000 + height, transactions, Seal(height, 5, root, height, root))


def written(folder: Path, heights: int, segment_bytes: int = 10**6) -> list[Place]:
    journal = Journal(folder, segment_bytes)
    places = [journal.append(block(height, b"order %d" % height)) for height in range(1, heights + 1)]
    journal.close()
    return places


def heights(folder: Path, after_height: int = 0) -> list[int]:
    return [one.height for _, one in Journal(folder).blocks(after_height)]


def only_segment(folder: Path) -> Path:
    (segment,) = folder.glob("*.blocks")
    return segment


def test_blocks_come_back_in_order_with_the_bytes_that_were_received(tmp_path: Path) -> None:
    places = written(tmp_path, 5)
    found = list(Journal(tmp_path).blocks())
    assert found == [(places[h - 1], block(h, b"order %d" % h)) for h in range(1, 6)]
    assert heights(tmp_path, after_height=3) == [4, 5]


def test_a_block_is_read_from_its_place(tmp_path: Path) -> None:
    places = written(tmp_path, 3)
    assert Journal(tmp_path).read(places[1]) == block(2, b"order 2")


def test_an_empty_folder_is_an_empty_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new")
    assert (journal.height, list(journal.blocks())) == (0, [])


def test_segments_roll_over_and_are_named_by_their_first_height(tmp_path: Path) -> None:
    written(tmp_path, 10, segment_bytes=300)
    names = sorted(path.name for path in tmp_path.glob("*.blocks"))
    firsts = [int(name.partition(".")[0]) for name in names]
    assert len(names) > 2
    assert firsts[0] == 1
    assert heights(tmp_path) == list(range(1, 11))
    for after in range(11):
        assert heights(tmp_path, after) == list(range(after + 1, 11))


def test_it_goes_on_after_every_restart(tmp_path: Path) -> None:
    for height in range(1, 8):
        journal = Journal(tmp_path, segment_bytes=300)
        assert journal.height == height - 1
        journal.append(block(height))
        journal.close()
    assert heights(tmp_path) == list(range(1, 8))


def test_wherever_the_last_block_was_torn_the_others_stand_and_the_next_takes_its_place(tmp_path: Path) -> None:
    last = written(tmp_path, 3)[-1]
    whole = only_segment(tmp_path).read_bytes()
    for end in range(last.offset, len(whole)):
        only_segment(tmp_path).write_bytes(whole[:end])
        journal = Journal(tmp_path)
        assert journal.height == 2, f"torn at byte {end}"
        assert [one.height for _, one in journal.blocks()] == [1, 2]
        journal.append(block(3, b"another order"))
        journal.close()
        assert [one.transactions for _, one in Journal(tmp_path).blocks()][-1] == (b"another order",)


def test_a_torn_end_that_the_disk_filled_with_zeros_is_torn_too(tmp_path: Path) -> None:
    last = written(tmp_path, 3)[-1]
    whole = only_segment(tmp_path).read_bytes()
    for kept in (0, 3, 8, 20):
        only_segment(tmp_path).write_bytes(whole[: last.offset + kept] + bytes(len(whole) - last.offset - kept + 4096))
        assert heights(tmp_path) == [1, 2]
        assert Journal(tmp_path).height == 2


def test_opening_a_torn_journal_changes_nothing_on_the_disk(tmp_path: Path) -> None:
    written(tmp_path, 3)
    torn = only_segment(tmp_path).read_bytes()[:-1]
    only_segment(tmp_path).write_bytes(torn)
    assert heights(tmp_path) == [1, 2]
    assert only_segment(tmp_path).read_bytes() == torn


def test_a_torn_end_before_a_new_segment_is_cut_off(tmp_path: Path) -> None:
    written(tmp_path, 3)
    with only_segment(tmp_path).open("ab") as segment:
        segment.write(b"\x00\x00\x01")
    journal = Journal(tmp_path, segment_bytes=1)
    journal.append(block(4))
    journal.close()
    assert heights(tmp_path) == [1, 2, 3, 4]


def test_damage_in_the_middle_is_refused_with_the_place_at_every_byte(tmp_path: Path) -> None:
    places = written(tmp_path, 3)
    whole = only_segment(tmp_path).read_bytes()
    for at in range(places[2].offset):
        frame = max(place.offset for place in places if place.offset <= at)
        for flip in (0x01, 0x80):
            damaged = bytearray(whole)
            damaged[at] ^= flip
            only_segment(tmp_path).write_bytes(damaged)
            with pytest.raises(JournalDamaged, match=rf"blocks: damaged at offset {frame} "):
                Journal(tmp_path)
    assert only_segment(tmp_path).stat().st_size == len(whole), "what is damaged is left for whoever repairs it"


def test_damage_in_an_earlier_segment_is_refused_when_it_is_read(tmp_path: Path) -> None:
    written(tmp_path, 10, segment_bytes=300)
    first = min(tmp_path.glob("*.blocks"))
    first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(JournalDamaged, match=r"damaged at offset \d+; restore this file from a copy"):
        heights(tmp_path)


def test_a_place_where_no_block_begins_is_refused(tmp_path: Path) -> None:
    places = written(tmp_path, 2)
    journal = Journal(tmp_path)
    for offset in (1, places[1].offset + 1, 10**6):
        with pytest.raises(JournalDamaged):
            journal.read(Place(places[0].segment, offset))


@given(st.binary(max_size=200))
def test_rubbish_behind_the_last_block_never_hides_or_adds_one(
    tmp_path_factory: pytest.TempPathFactory, rubbish: bytes
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    written(folder, 2)
    with only_segment(folder).open("ab") as segment:
        segment.write(rubbish)
    assert heights(folder) == [1, 2]
