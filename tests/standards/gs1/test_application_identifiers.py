"""The table of AIs: made from GS1's dictionary, whole, and nothing in it without an answer."""

import io
import os
from importlib.resources import files
from pathlib import Path

import gs1_table
import pytest

from sogdia.standards.gs1.application_identifiers import keys, table
from sogdia.standards.gs1.linters import LINTERS, UNCHECKED

TABLE = files("sogdia.standards.gs1") / "application_identifiers.csv"


def dictionary() -> Path:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "gs1" / "gs1-syntax-dictionary.txt"
    return Path(os.environ.get("SOGDIA_GS1_DICTIONARY") or beside)


@pytest.mark.skipif(
    not dictionary().is_file(), reason="GS1's syntax dictionary is not there: name it in SOGDIA_GS1_DICTIONARY"
)
def test_the_table_is_what_the_tool_makes_of_gs1s_dictionary(capsys: pytest.CaptureFixture[str]):
    assert gs1_table.main([str(dictionary())]) == 0
    assert capsys.readouterr().out == TABLE.read_text(encoding="utf-8")


def test_a_gtin_is_a_key_of_14_digits_with_two_sequences_of_qualifiers():
    gtin = table()["01"]
    assert (gtin.is_key, gtin.is_attribute, gtin.fixed_length) == (True, True, True)
    assert [(part.charset, part.shortest, part.longest, part.linters) for part in gtin.components] == [
        ("N", 14, 14, ("csum", "gcppos2"))
    ]
    assert gtin.qualifiers == (("22", "10", "21"), ("235",))
    assert gtin.excluded == ("255", "37")


def test_ranges_stand_for_each_of_their_numbers():
    assert {ai for ai in table() if ai.startswith("310")} == {f"310{places}" for places in range(6)}
    assert "3106" not in table()
    assert {f"9{last}" for last in range(10)} <= table().keys()
    assert table()["7258"].required == ((("8018", "7259"),),)


def test_the_keys_are_those_of_the_digital_link_standard():
    assert set(keys()) == set("00 01 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018".split())


def test_every_check_that_the_table_names_is_made_or_left_out_with_a_reason():
    named = {linter for ai in table().values() for part in ai.components for linter in part.linters}
    assert named == LINTERS.keys() | UNCHECKED.keys()
    assert not LINTERS.keys() & UNCHECKED.keys()
    assert all(UNCHECKED.values())


def test_every_ai_that_goes_with_another_names_one_that_exists():
    named = {name for ai in table().values() for groups in ai.required for group in groups for name in group}
    named |= {name for ai in table().values() for name in ai.excluded}
    named |= {name for ai in table().values() for sequence in ai.qualifiers for name in sequence}
    for name in named:
        stem = name.rstrip("n")
        assert any(ai.startswith(stem) and len(ai) == len(name) for ai in table()), name


def test_the_tool_reads_flags_optional_parts_and_alternatives():
    out = io.StringIO()
    gs1_table.write("# note\n\n253 ? N13,csum [X..17] dlpkey=1|2,3 req=01+21,02 req=37 ex=31nn # TITLE #\n", out)
    assert out.getvalue().splitlines()[2:] == ["253,253,attribute key,N13+csum X..17?,1|2 3,01+21|02&37,31nn"]


@pytest.mark.parametrize("line", ["01", "x N14", "01 ! N14", "01 N14 color=red", "01 *?"])
def test_the_tool_refuses_a_line_that_it_does_not_know_how_to_read(line: str):
    with pytest.raises(gs1_table.Unreadable, match="line 1"):
        list(gs1_table.rows(line))


def test_the_tool_asks_for_the_dictionary(capsys: pytest.CaptureFixture[str]):
    assert gs1_table.main([]) == 2
    assert "name the dictionary" in capsys.readouterr().err
