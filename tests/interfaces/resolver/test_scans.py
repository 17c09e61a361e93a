"""Scans are counted without keeping who scanned, and the owner's queue says what is odd, on a real node over HTTP."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sogdia.interfaces.resolver import scans as scans_module
from sogdia.interfaces.resolver.scans import Scans
from sogdia.interfaces.resolver.settings import Settings
from sogdia.interfaces.resolver.tags import key_for
from tests.interfaces.http.town import CARRIER, SELLER, Town, problem
from tests.interfaces.resolver.market import (
    LAMP,
    LANTERN,
    at,
    born,
    captured,
    case,
    happening,
    item,
    listing,
    on_record,
    packed,
)

DAY_MS = 86_400_000
NOW_MS = 1_780_000_000_000


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """Lanterns offered in France only; their events are for the parties alone."""
    on_record(town, captured(born("lamp", at(2), item("1", LAMP)), audience="named"))
    names = [item(name) for name in ("near", "far", "sold", "tagged", "twice", "quiet", "shy")]
    on_record(town, listing(LANTERN, markets=("FR",)), captured(born("born", at(2), *names), audience="named"))
    sold = happening("sold", at(4), item("sold"), bizStep="decommissioning")
    boxes = packed("box1", at(3), case(1), item("twice")), packed("box2", at(3, 9), case(2), item("twice"))
    on_record(town, captured(sold, *boxes, audience="named"))
    return town


def scanned(town: Town, uri: str, device: str = "", query: str = "", **headers: str) -> None:
    path = "/" + uri.removeprefix("https://id.gs1.org/")
    given = {"user_agent": "a phone", **({"scan_device": device} if device else {}), **headers}
    assert town.call("GET", path + query, **given).status_code < 500


def kept(town: Town, uri: str) -> list[Any]:
    found: list[Any] = town.server.application.state.resolver.scans.of(uri)
    return found


def queue(town: Town, path: str = "/clones", by: Any = SELLER) -> dict[str, Any]:
    answer = town.call("GET", path, by=by)
    assert answer.status_code == 200, answer.text
    return {one["thing"]: one for one in answer.json()["items"]}


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_a_scan_keeps_time_country_a_coarse_cell_and_a_hashed_scanner(market: Town) -> None:
    scanned(market, item("shy"), "phone-1234", scan_country="fr", scan_geohash="u05k6j9zz")
    (one,) = kept(market, item("shy"))
    assert (one.thing, one.product, one.country, one.geohash) == (item("shy"), LANTERN, "FR", "u05k")
    assert len(one.scanner) == 12
    raw = b"".join(path.read_bytes() for path in market.node.folder.glob("scans.sqlite*"))
    for secret in (b"phone-1234", b"127.0.0.1", b"k6j9zz", b"a phone"):
        assert secret not in raw


def test_the_file_is_the_nodes_own(market: Town) -> None:
    assert (market.node.folder / "scans.sqlite").stat().st_mode & 0o777 == 0o600


def test_heads_and_classes_are_not_scans_of_an_item(market: Town) -> None:
    before = len(kept(market, item("quiet")))
    market.call("HEAD", f"/01/{LANTERN}/21/quiet")
    scanned(market, f"https://id.gs1.org/01/{LANTERN}")
    assert len(kept(market, item("quiet"))) == before == len(kept(market, f"https://id.gs1.org/01/{LANTERN}"))


def test_a_scan_of_what_no_event_was_ever_about_is_not_kept(market: Town) -> None:
    scanned(market, item("1", "09506000134376"), "a")
    assert kept(market, item("1", "09506000134376")) == []


@pytest.mark.parametrize("field", ["scan_country", "scan_geohash"])
def test_a_place_that_makes_no_sense_is_left_out(market: Town, field: str) -> None:
    scanned(market, item(f"odd-{field[5:]}"), "p", **{field: "<script>"})
    (one,) = kept(market, item(f"odd-{field[5:]}"))
    assert (one.country, one.geohash) == ("", "")


def test_what_the_scanner_says_of_itself_goes_no_further(market: Town) -> None:
    answer = market.call("GET", f"/01/{LANTERN}/21/near?scan-geohash=u05k&a=b")
    assert "scan-geohash" not in answer.headers.get("location", "")


def test_the_same_scanner_within_a_minute_is_one_scan(tmp_path: Path) -> None:
    scans = Scans(tmp_path, Settings())
    said = {"device": "one"}
    assert scans.note("thing", "", said, "", NOW_MS)
    assert not scans.note("thing", "", said, "", NOW_MS + 59_000)
    assert scans.note("thing", "", {"device": "two"}, "", NOW_MS + 59_000)
    assert scans.note("thing", "", said, "", NOW_MS + 61_000)
    assert len({one.scanner for one in scans.of("thing")}) == 2
    scans.close()


def test_rates_and_numbers_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans_module, "_SWEEP_EVERY", 10)
    (tmp_path / "few").mkdir()
    few = Scans(tmp_path / "few", Settings(scans_per_second=5))
    taken = [few.note("thing", "", {"device": str(number)}, "", NOW_MS) for number in range(50)]
    assert 5 <= sum(taken) < 15
    few.close()
    small = Scans(tmp_path, Settings(scans_per_second=10_000, scans_per_thing=3, scans_kept=20))
    for number in range(40):
        small.note("one", "", {"device": str(number)}, "", NOW_MS + number)
        small.note(f"thing {number}", "", {"device": "x"}, "", NOW_MS + number)
        small.of("one")  # writes what waits
    assert [one.time_ms - NOW_MS for one in small.of("one")] == [37, 38, 39]
    small.close()
    rows = sqlite3.connect(tmp_path / "scans.sqlite")
    assert rows.execute("SELECT count(*) FROM scan").fetchone()[0] <= 30
    rows.close()


def test_old_scans_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans_module, "_SWEEP_EVERY", 1)
    scans = Scans(tmp_path, Settings(scan_days=30))
    scans.note("thing", "", {"device": "a"}, "", NOW_MS - 31 * DAY_MS)
    assert len(scans.of("thing")) == 1
    scans.note("thing", "", {"device": "a"}, "", NOW_MS)
    assert [one.time_ms for one in scans.of("thing")] == [NOW_MS]
    scans.close()


def test_another_salt_gives_the_same_phone_another_name(tmp_path: Path) -> None:
    names = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        scans = Scans(folder, Settings())
        scans.note("thing", "", {"device": "phone"}, "", NOW_MS)
        names += [one.scanner for one in scans.of("thing")]
        scans.close()
    assert len(set(names)) == 2


# --- the owner's queue ----------------------------------------------------------------------------------------------


def test_the_queue_is_the_owners_alone(market: Town) -> None:
    assert problem(market.call("GET", "/clones")) == (401, "sign_in_needed")
    scanned(market, item("far"), "a", scan_country="BR")
    assert item("far") in queue(market)
    assert queue(market, by=CARRIER) == {}
    assert problem(market.call("GET", f"/clones?thing={item('far')}", by=CARRIER)) == (404, "not_found")


def test_a_scan_outside_the_countries_of_the_listing_is_listed_with_its_reason(market: Town) -> None:
    scanned(market, item("far"), "a", scan_country="BR")
    (sign,) = queue(market)[item("far")]["signs"]
    assert sign["rule"] == "wrong_country"
    assert sign["reason"] == "It was scanned in BR, where it is not offered (offered in: FR)."


def test_scans_on_two_continents_within_a_minute_are_listed_first(market: Town) -> None:
    scanned(market, item("near"), "a", scan_geohash="u05k", scan_country="FR")
    scanned(market, item("near"), "b", scan_geohash="wtw3", scan_country="FR")
    found = market.call("GET", "/clones", by=SELLER).json()["items"]
    assert found[0]["thing"] == item("near")
    assert [one["rule"] for one in found[0]["signs"]] == ["impossible_travel"]


def test_a_quiet_item_is_not_in_the_queue(market: Town) -> None:
    scanned(market, item("quiet"), "a", scan_country="FR")
    assert item("quiet") not in queue(market)


def test_a_scan_after_the_end_uses_events_that_the_public_does_not_see(market: Town) -> None:
    scanned(market, item("sold"), "a")
    assert [one["rule"] for one in queue(market)[item("sold")]["signs"]] == ["after_end"]
    page = market.call("GET", f"/story/01/{LANTERN}/21/sold")
    assert "taken out of use" not in page.text


def test_an_item_in_two_containers_is_found_without_a_scan_when_it_is_asked_for(market: Town) -> None:
    found = queue(market, f"/clones?thing={item('twice')}")
    assert [one["rule"] for one in found[item("twice")]["signs"]] == ["two_containers"]
    assert queue(market, f"/clones?thing={item('quiet')}") == {}


def test_an_unknown_serial_that_is_scanned_is_listed(market: Town) -> None:
    scanned(market, item("ghost"), "a")
    assert [one["rule"] for one in queue(market)[item("ghost")]["signs"]] == ["unknown_serial"]


def test_the_queue_can_be_cut_and_speaks_chinese(market: Town) -> None:
    assert all(one["percent"] >= 60 for one in queue(market, "/clones?least=60").values())
    assert item("far") not in queue(market, "/clones?least=60")
    scanned(market, item("far"), "a", scan_country="BR")
    answer = market.call("GET", f"/clones?thing={item('far')}", by=SELLER, accept_language="zh")
    assert "那里并不销售" in answer.json()["items"][0]["signs"][0]["reason"]


def test_a_tag_is_checked_by_the_node_that_has_the_key(market: Town) -> None:
    directory = market.node.folder / "keys"
    directory.mkdir(exist_ok=True)
    key = key_for(directory, "seller", [LANTERN])
    scanned(market, item("tagged"), "a", f"?91={key.tag(item('tagged'))}")
    scanned(market, item("tagged"), "b", "?91=AAAAAAAAAAA")
    scanned(market, item("tagged"), "c")
    scanned(market, item("1", LAMP), "d", "?91=AAAAAAAAAAA")
    assert [one.tag for one in kept(market, item("tagged"))] == ["right", "wrong", "missing"]
    assert [one.tag for one in kept(market, item("1", LAMP))] == [""]
    rules = [one["rule"] for one in queue(market, f"/clones?thing={item('tagged')}")[item("tagged")]["signs"]]
    assert rules == ["wrong_tag", "missing_tag"]
    (directory / "seller.tag.json").unlink()
