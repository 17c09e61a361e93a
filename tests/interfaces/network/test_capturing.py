"""EPCIS at one organisation of a network: captured there, found by the others, and finished after a restore, once."""

import json
import secrets
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sogdia.app.organisation import NETWORK_FILE, Home
from sogdia.app.sockets import asked
from sogdia.client.keyring import Keyring
from sogdia.client.request_signing import sign_request
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.network.backup import backup
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.restoring import restore, restore_one
from sogdia.interfaces.network.side_files import copy_side_files, copy_sqlite
from sogdia.interfaces.network.votes import MARGIN_BLOCKS
from tests.interfaces.epcis.repository import JSON, document, event
from tests.interfaces.network.governed import height, lay_governed, running
from tests.interfaces.network.networks import eventually

SCANS = "CREATE TABLE scan (id INTEGER PRIMARY KEY, thing TEXT NOT NULL)"


def call(home: Home, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
    """A request to an organisation's node, signed by its own party."""
    own = home.read()
    keys = Keyring(home.keys).load(own.name)
    pen, url = Pen(keys.kid, own.did, keys.signer), own.address + path
    fields = sign_request(method, url, body, pen, int(time.time()), secrets.token_urlsafe(24))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(
        method, url, content=body, headers={"content-type": JSON, **named, **fields}, trust_env=False, timeout=60
    )


def found(home: Home, asked_for: dict[str, Any]) -> int:
    """How many events name the item of this one."""
    answer = call(home, "GET", f"/epcis/events?MATCH_epc={quote(asked_for['epcList'][0], safe='')}")
    assert answer.status_code == 200, answer.text
    return len(answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


def captured(home: Home, asked_for: dict[str, Any], **headers: str) -> str:
    """Hand an event in; the place of its job."""
    answer = call(home, "POST", "/epcis/capture", document(asked_for), **headers)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def job(home: Home, place: str) -> dict[str, Any]:
    """A capture job as it is shown."""
    answer = call(home, "GET", place)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def capturing(folder: Path, name: str) -> Home:
    """An organisation whose node captures with its own key."""
    home = Home(folder / name)
    (home.folder / "epcis.json").write_text(json.dumps({"capture_as": name}))
    return home


@pytest.mark.slow
def test_what_one_organisation_captures_the_others_find_as_far_as_they_may_read_it(
    tmp_path: Path, binary: Cometbft
) -> None:
    lay_governed(tmp_path)
    zone, customs = Home(tmp_path / "zone"), capturing(tmp_path, "customs")
    with running(tmp_path, binary):
        own, shared, open_one = event(), event(), event()
        captured(customs, own)
        captured(customs, shared, Sogdia_Shared_With=zone.read().did)
        captured(customs, open_one, Sogdia_Audience="everyone")
        for one in (shared, open_one):
            eventually(lambda one=one: found(zone, one) == 1, "zone finds it")  # type: ignore[misc]
        eventually(lambda: found(customs, own) == 1, "customs finds its own")
        eventually(lambda: height(zone) == height(customs), "zone has all of it")
        assert found(zone, own) == 0
        assert own["epcList"][0] not in call(zone, "GET", "/epcis/epcs?perPage=1000").text
        refused = call(zone, "POST", "/epcis/capture", document(event()))
        assert refused.status_code == 501, "zone was given no key to capture with"


@pytest.mark.slow
def test_a_capture_job_of_a_backup_is_finished_after_the_restore_and_done_once(
    tmp_path: Path, binary: Cometbft
) -> None:
    folder, copies, back = tmp_path / "network", tmp_path / "copies", tmp_path / "back"
    lay_governed(folder)
    zone, customs = capturing(folder, "zone"), Home(folder / "customs")
    copies.mkdir()
    shutil.copy(folder / NETWORK_FILE, copies)
    wanted = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0f01")
    with running(folder, binary) as network:
        eventually(lambda: height(customs) == height(zone), "both are level")
        network.stop("customs")
        place = captured(zone, wanted, Sogdia_Audience="everyone")
        assert job(zone, place)["running"], "zone alone decides nothing"
        copy = backup(zone, copies)[0]
        backup(customs, copies)
        assert (copy / "epcis.sqlite").stat().st_mode & 0o777 == 0o600
        assert json.loads((copy / "epcis.json").read_text()) == {"capture_as": "zone"}

        network.start("customs")
        eventually(lambda: height(customs) > 0 and found(customs, wanted) == 1, "it is decided after the backup")
        network.stop("zone")
        shutil.rmtree(zone.folder)
        with asked(customs.folder) as rpc:
            reached = rpc.status().sync_info.latest_block_height
        restore_one(copy, zone.folder, reached + MARGIN_BLOCKS)
        network.start("zone")
        eventually(lambda: height(zone) >= height(customs) > 0, "zone has what it lacked")
        eventually(lambda: not job(zone, place)["running"], "the job is finished")
        assert job(zone, place)["success"], job(zone, place)
        assert (found(zone, wanted), found(customs, wanted)) == (1, 1)

    restore(copies, back, whole_network=True)
    with running(back, binary):
        zone, customs = Home(back / "zone"), Home(back / "customs")
        eventually(lambda: not job(zone, place)["running"], "the job is finished where nobody had it on record")
        assert job(zone, place)["success"], job(zone, place)
        eventually(lambda: found(customs, wanted) == 1, "customs finds it")


def test_notes_and_settings_beside_the_record_are_copied_where_they_are_there(tmp_path: Path) -> None:
    folder, target, part = tmp_path / "node", tmp_path / "copy", tmp_path / "part"
    for path in (folder, target, part):
        path.mkdir()
    for name in ("epcis.sqlite", "scans.sqlite"):
        writer = sqlite3.connect(folder / name)
        writer.execute(SCANS)
        writer.close()
    for name in ("epcis.json", "resolver.json"):
        (folder / name).write_text("{}")
    copy_side_files(folder, target)
    assert sorted(path.name for path in target.iterdir()) == [
        "epcis.json",
        "epcis.sqlite",
        "resolver.json",
        "scans.sqlite",
    ]
    (folder / "scans.sqlite").unlink()
    (folder / "epcis.json").unlink()
    copy_side_files(folder, part)
    assert sorted(path.name for path in part.iterdir()) == ["epcis.sqlite", "resolver.json"]


def test_a_database_is_copied_with_what_stands_in_its_log_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "a b%20?.sqlite", tmp_path / "copy.sqlite"
    writer = sqlite3.connect(source, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute(SCANS)
    writer.execute("INSERT INTO scan (thing) VALUES ('noted')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO scan (thing) VALUES ('on its way')")
    copy_sqlite(source, target)
    writer.execute("ROLLBACK")
    writer.close()
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite"]
    assert target.stat().st_mode & 0o777 == 0o600
    reader = sqlite3.connect(target)
    assert reader.execute("SELECT thing FROM scan").fetchall() == [("noted",)]
    reader.close()
