"""A replay finds the same seals, beside a running node too, and says so when anything differs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sogdia.engines.journal import Journal
from sogdia.interfaces.cli import replaying
from sogdia.interfaces.cli.lock import held
from tests.interfaces.cli.conftest import Terminal, listing, transaction


@pytest.fixture
def traded(sogdia: Terminal, node: Path) -> Path:
    """A node with a few blocks behind it."""
    for sku in ("A", "B", "C"):
        assert sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, sku))).status == 0
    return node


def last_segment(node: Path) -> Path:
    return max((node / "journal").glob("*.blocks"))


def test_a_replay_comes_to_the_state_that_the_node_has(sogdia: Terminal, traded: Path) -> None:
    said, status = sogdia("replay", traded, "--json").json, sogdia("status", traded, "--json").json
    assert (said["height"], said["transactions"], said["refused"]) == (5, 4, 0)
    assert (said["state_root"], said["log_root"]) == (status["state_root"], status["log_root"])
    assert said["problem"] == said["torn"] == ""


def test_a_replay_tells_what_it_found(sogdia: Terminal, traded: Path) -> None:
    said = sogdia("replay", traded)
    assert said.status == 0
    assert "Replayed 5 blocks with 4 transactions (0 refused) of testnet; every seal is the same." in said.out
    assert "transactions/s" in said.out


def test_a_replay_works_while_another_process_holds_the_folder(sogdia: Terminal, traded: Path) -> None:
    with held(traded):
        assert sogdia("replay", traded).status == 0


def test_a_large_journal_is_replayed_over_a_store_on_disk(
    sogdia: Terminal, traded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = sogdia("replay", traded, "--json").json
    monkeypatch.setattr(replaying, "IN_MEMORY_BYTES", 0)
    on_disk = sogdia("replay", traded, "--json").json
    assert on_disk["state_root"] == in_memory["state_root"]


# --- ends and damage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "torn",
    [b"\x00\x00", b"\x00\x00\x10\x00\x12\x34\x56\x78half a block", bytes(4096)],
    ids=["half a head", "half a body", "zeros"],
)
def test_a_torn_end_is_told_and_left_as_it_is(sogdia: Terminal, traded: Path, torn: bytes) -> None:
    before = last_segment(traded).read_bytes() + torn
    last_segment(traded).write_bytes(before)
    said = sogdia("replay", traded)
    assert said.status == 0
    assert "ends in an unfinished block" in said.err
    assert "Replayed 5 blocks" in said.out
    assert last_segment(traded).read_bytes() == before


def test_damage_before_the_end_names_file_and_offset(sogdia: Terminal, traded: Path) -> None:
    raw = bytearray(last_segment(traded).read_bytes())
    raw[len(raw) // 2] ^= 1
    last_segment(traded).write_bytes(raw)
    said = sogdia("replay", traded)
    assert said.status == 2
    assert f"{last_segment(traded)}: damaged at offset" in said.err


def test_a_folder_without_a_journal_says_so(sogdia: Terminal, traded: Path) -> None:
    last_segment(traded).unlink()
    said = sogdia("replay", traded)
    assert said.status == 2
    assert "holds no journal" in said.err


# --- exported logs --------------------------------------------------------------------------------------------------


@pytest.fixture
def log(sogdia: Terminal, traded: Path) -> Path:
    """The log of that node, as a file."""
    path = traded.parent / "log.ndjson"
    assert sogdia("replay", traded, "--export", path).status == 0
    return path


def test_an_exported_log_replays_to_the_same_root_without_the_node(sogdia: Terminal, traded: Path, log: Path) -> None:
    assert (
        sogdia("replay", "--from", log, "--json").json["state_root"]
        == (sogdia("status", traded, "--json").json["state_root"])
    )


def test_an_exported_log_holds_envelopes_and_receipts_of_every_block(log: Path) -> None:
    heading, *blocks = [json.loads(line) for line in log.read_text().splitlines()]
    assert heading["format"] == "sogdia-log/1"
    assert [block["height"] for block in blocks] == [1, 2, 3, 4, 5]
    assert all(len(block["envelopes"]) == len(block["receipts"]) for block in blocks[1:])


def _in_line(log: Path, number: int, change: Callable[[dict[str, object]], object]) -> None:
    lines = log.read_text().splitlines()
    block = json.loads(lines[number])
    change(block)
    lines[number] = json.dumps(block)
    log.write_text("\n".join(lines) + "\n")


def test_an_altered_receipt_is_found(sogdia: Terminal, log: Path) -> None:
    _in_line(log, 3, lambda block: block["receipts"][0].update(code=2001))  # type: ignore[index]
    said = sogdia("replay", "--from", log)
    assert said.status == 1
    assert "DIFFERS after height 2" in said.out
    assert "the receipts in the file are not those of the rules" in said.out


@pytest.mark.parametrize("field, value", [("state_root", "00" * 32), ("log_size", 99), ("log_root", "no hex")])
def test_an_altered_seal_is_found(sogdia: Terminal, log: Path, field: str, value: object) -> None:
    _in_line(log, 4, lambda block: block["seal"].update({field: value}))  # type: ignore[attr-defined]
    said = sogdia("replay", "--from", log, "--json")
    assert said.status == 1
    assert said.json["height"] == 3


def test_a_block_that_was_left_out_is_found(sogdia: Terminal, log: Path) -> None:
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[:3] + lines[4:]) + "\n")
    said = sogdia("replay", "--from", log)
    assert said.status == 1
    assert "goes on at height 4" in said.out


def test_a_log_that_begins_later_names_its_first_height_and_what_is_needed(
    sogdia: Terminal, tmp_path: Path, log: Path
) -> None:
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[:1] + lines[3:]) + "\n")
    said = sogdia("replay", "--from", log, "--export", tmp_path / "again.ndjson")
    assert said.status == 2
    assert f"{log} begins at height 3" in said.err
    assert "needs every block from height 1" in said.err
    assert not list(tmp_path.glob("again*"))


def test_a_journal_that_begins_later_names_its_first_height(sogdia: Terminal, traded: Path) -> None:
    whole = [block for _, block in Journal(traded / "journal").blocks()]
    shutil.rmtree(traded / "journal")
    journal = Journal(traded / "journal")
    for block in whole[2:]:
        journal.append(block)
    journal.close()
    said = sogdia("replay", traded)
    assert said.status == 2
    assert f"{traded / 'journal'} begins at height 3" in said.err


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\xfe", b'{"format":"sogdia-log/2","info":{}}', b"[" * 100_000])
def test_a_file_that_is_no_log_is_refused_in_words(sogdia: Terminal, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "other.ndjson").write_bytes(raw)
    said = sogdia("replay", "--from", tmp_path / "other.ndjson")
    assert said.status == 2
    assert "is no exported log" in said.err


def test_a_line_that_cannot_be_read_is_named(sogdia: Terminal, log: Path) -> None:
    log.write_text(log.read_text() + '{"height": "six"}\n')
    said = sogdia("replay", "--from", log)
    assert said.status == 2
    assert "line 7: not a block of a log" in said.err


def test_an_export_that_differs_leaves_the_older_file_alone(sogdia: Terminal, traded: Path, log: Path) -> None:
    older = log.read_bytes()
    raw = bytearray(last_segment(traded).read_bytes())
    raw[len(raw) // 2] ^= 1  # with whole blocks behind it
    last_segment(traded).write_bytes(raw)
    assert sogdia("replay", traded, "--export", log).status == 2
    assert log.read_bytes() == older
