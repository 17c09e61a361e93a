"""Backups taken while organisations run: they come back whole or not at all, and nobody votes twice because of one."""

import shutil
from pathlib import Path
from threading import Event, Thread

import pytest

from sogdia.app import write_guarded
from sogdia.app.organisation import NETWORK_FILE, Home, NetworkError
from sogdia.app.sockets import asked
from sogdia.interfaces.network.backup import MANIFEST, backup, newest, read_manifest
from sogdia.interfaces.network.drill import drill
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.report_actor import Actor
from sogdia.interfaces.network.restoring import restore, restore_one
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.votes import FILE, MARGIN_BLOCKS, LastVote, last_vote, silent_through
from tests.interfaces.network.governed import busy, height, lay_governed, running
from tests.interfaces.network.networks import eventually

slow = pytest.mark.slow


# --- votes -----------------------------------------------------------------------------------------------------------


def voted(folder: Path, height: int, round_: int = 0, step: int = 3) -> None:
    """A validator's memory as CometBFT writes it."""
    text = f'{{"height":"{height}","round":{round_},"step":{step},"signature":"c2ln","signbytes":"0A"}}'
    write_guarded(folder / FILE, text)


def test_a_validator_keeps_silent_through_a_height_and_all_its_rounds(tmp_path: Path) -> None:
    voted(tmp_path, 40)
    assert silent_through(tmp_path, 52)
    assert last_vote(tmp_path) == LastVote(52, 2**31 - 1, 3)
    assert "signature" not in (tmp_path / FILE).read_text()


@pytest.mark.parametrize("height", [60, 52])
def test_a_validators_memory_never_goes_back(tmp_path: Path, height: int) -> None:
    voted(tmp_path, 52, 2**31 - 1)
    assert silent_through(tmp_path, height) is (height > 52)
    assert last_vote(tmp_path).height == height
    assert not silent_through(tmp_path, height - 1)
    assert last_vote(tmp_path).height == height


# --- on a running network --------------------------------------------------------------------------------------------


@slow
def test_a_backup_under_load_is_whole_and_a_lost_organisation_comes_back_from_it(
    tmp_path: Path, binary: Cometbft
) -> None:
    folder, copies = tmp_path / "network", tmp_path / "copies"
    lay_governed(folder)
    zone, customs = Home(folder / "zone"), Home(folder / "customs")
    with running(folder, binary) as network:
        with under_load(zone) as load:
            before = load.accepted
            place, manifest = backup(customs, copies)
            eventually(lambda: load.accepted > before, "they went on")
        assert manifest.cometbft_height >= manifest.ordered > 0
        assert place.stat().st_mode & 0o077 == 0
        tried = drill(customs)
        assert tried.holds
        assert tried.signed is True
        assert tried.records > 5
        assert tried.lost_blocks == height(customs) - manifest.height
        assert_damage_is_seen(place, tmp_path)

        network.stop("customs")
        shutil.rmtree(customs.folder)
        restored = restore_one(place, customs.folder, reached(folder) + MARGIN_BLOCKS)
        assert (restored.height, len(restored.app_hash)) == (manifest.height, 64)
        assert last_vote(customs.data) == LastVote(restored.silent_through, 2**31 - 1, 3)
        network.start("customs")
        eventually(lambda: height(customs) >= height(zone) > 0, "customs has what it lacked")


class under_load:
    """Transactions come one after the other while this is open."""

    def __init__(self, home: Home) -> None:
        self._home, self._stop = home, Event()
        self.accepted = 0
        self._thread = Thread(target=self._run)

    def __enter__(self) -> "under_load":
        busy(self._home, 3)
        self._thread.start()
        eventually(lambda: self.accepted > 1, "transactions come")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with Actor(self._home, None) as actor:
            while not self._stop.is_set():
                self.accepted += actor.send(actor.delegation()).accepted


def reached(folder: Path) -> int:
    """How far CometBFT is with those who run."""
    with asked(folder / "zone") as rpc:
        return rpc.status().sync_info.latest_block_height


def assert_damage_is_seen(place: Path, scratch: Path) -> None:
    """One changed byte, one file too many: neither is restored."""
    for number, spoil in enumerate((change_a_byte, add_a_file)):
        copy = scratch / f"spoilt-{number}"
        shutil.copytree(place, copy)
        spoil(copy)
        with pytest.raises(NetworkError, match="is damaged"):
            restore_one(copy, scratch / "nobody", 0)
        assert not (scratch / "nobody").exists()


def change_a_byte(folder: Path) -> None:
    path = next((folder / "journal").glob("*.blocks"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def add_a_file(folder: Path) -> None:
    (folder / "cometbft" / "data" / "state.db" / "000099.ldb").write_bytes(b"")


@slow
def test_a_whole_network_comes_back_from_the_backups_of_all(tmp_path: Path, binary: Cometbft) -> None:
    folder, copies, back = tmp_path / "network", tmp_path / "copies", tmp_path / "back"
    lay_governed(folder)
    zone, customs = Home(folder / "zone"), Home(folder / "customs")
    copies.mkdir()
    shutil.copy(folder / NETWORK_FILE, copies)
    with running(folder, binary) as network:
        busy(zone, 2)
        first = backup(zone, copies)[1]
        busy(zone, 2)
        vote_alone(network, zone, customs)
        second = backup(customs, copies)[1]
    assert second.height > first.height
    assert last_vote(newest(copies, "customs") / "cometbft" / "data").height > second.cometbft_height
    shutil.rmtree(folder)
    with pytest.raises(NetworkError, match="nobody says what this validator may have signed"):
        restore(copies, back)
    made = restore(copies, back, whole_network=True)
    assert [one.height for one in made] == [first.height, second.height]
    assert {one.silent_through for one in made} == {max(first.cometbft_height, second.cometbft_height)}
    with running(back, binary):
        eventually(lambda: height(Home(back / "zone")) >= second.height, "zone has what only customs held")
        busy(Home(back / "zone"), 1)
        assert height(Home(back / "zone")) == second.height + 2
    with pytest.raises(NetworkError, match="is not empty"):
        restore_one(newest(copies, "zone"), back / "zone", 0)


def vote_alone(network: RunningNetwork, zone: Home, customs: Home) -> None:
    """Stop zone, and let customs vote on a block that cannot come about without it."""
    with Actor(customs, None) as actor:
        raw = actor.signed(actor.delegation())
    eventually(lambda: height(customs) == height(zone), "customs has what zone has")
    network.stop("zone")
    with asked(customs.folder) as rpc:
        decided = rpc.status().sync_info.latest_block_height
        rpc.broadcast([raw])
    eventually(lambda: last_vote(customs.data).height > decided, "customs votes")


def test_a_folder_without_a_backup_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="sogdia network backup"):
        newest(tmp_path)
    with pytest.raises(NetworkError, match=MANIFEST):
        read_manifest(tmp_path)
