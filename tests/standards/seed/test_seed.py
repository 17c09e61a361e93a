"""The seed rows can be read, published and used, and none of them claims more certainty than it has."""

import itertools
from collections import defaultdict
from datetime import date

import pytest

from sogdia.standards import seed
from sogdia.standards.seed import NAMES, UnknownSeed

ALL = [row for name in NAMES for row in seed.rows(name)]


def test_every_name_has_rows_and_no_other_name_has():
    assert all(seed.rows(name) for name in NAMES)
    with pytest.raises(UnknownSeed, match="customs_cn_limits"):
        seed.rows("../../etc")


def test_days_are_days_and_rows_of_a_key_follow_each_other():
    shelves = defaultdict(list)
    for row in ALL:
        assert date.fromisoformat(row.valid_from) <= date.fromisoformat(row.valid_to)
        shelves[row.book, row.key].append(row)
    for rows in shelves.values():
        assert all(one.valid_to < other.valid_from for one, other in itertools.pairwise(rows))


def test_nothing_is_said_to_be_verified_and_every_row_names_its_source():
    assert {row.certainty for row in ALL} <= {"secondary", "memory"}
    assert all(row.source for row in ALL)
    assert {row.certainty for row in seed.rows("catalog_bans")} == {"memory"}


@pytest.mark.parametrize("key,value", [("single_fen", "500000"), ("yearly_fen", "2600000")])
def test_the_limits_of_2019_are_those_of_caiguanshui_49_2018(key, value):
    (row,) = [row for row in seed.rows("customs_cn_limits") if row.key == key and row.valid_from == "2019-01-01"]
    assert (row.value, row.certainty) == (value, "secondary")


def test_a_message_takes_all_rows_of_a_file():
    assert all(len(seed.rows(name)) <= 200 for name in NAMES)
