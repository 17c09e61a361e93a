"""Customs gives each number once, also after a crash, and its numbers look as the customs messages want them."""

import re
from pathlib import Path

import pytest

from sogdia.interfaces.authority.__main__ import person_key
from sogdia.interfaces.authority.numbers import Numbers, invt_no, pre_no


def test_numbers_count_up_and_a_crash_skips_some_and_repeats_none(tmp_path: Path) -> None:
    given = list[int]()
    for life in range(5):
        numbers = Numbers(tmp_path / "numbers")
        given += [numbers.take() for _ in range(700 + 300 * life)]
    assert given == sorted(set(given))


def test_a_crash_while_the_file_is_written_leaves_the_old_one(tmp_path: Path) -> None:
    first = Numbers(tmp_path / "numbers").take()
    (tmp_path / "numbers.new").write_text("")
    assert Numbers(tmp_path / "numbers").take() > first


def test_they_look_as_the_messages_want_them() -> None:
    assert re.fullmatch(r"B[0-9]{17}", pre_no("2026-10-14", 7))
    assert invt_no("2925", "2026-10-14", "I", 7) == "29252026I000000007"


def test_the_key_of_the_pseudonyms_is_drawn_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "person.key"
    key = person_key(place)
    assert (len(key), person_key(place)) == (32, key)
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("left", ["", "ab"])
def test_a_key_that_is_not_whole_is_refused_and_never_used(tmp_path: Path, left: str) -> None:
    """With an empty key anybody could compute a buyer's pseudonym."""
    (tmp_path / "person.key").write_text(left)
    with pytest.raises(ValueError, match="damaged"):
        person_key(tmp_path / "person.key")
