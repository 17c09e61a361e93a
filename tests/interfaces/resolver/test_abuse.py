"""What strangers and rivals try on a resolver: seizing a brand's links, spoiling its goods, crowding others out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import httpx
import pytest
from msgspec.structs import replace

from sogdia.interfaces.resolver.book import Book
from sogdia.interfaces.resolver.scans import Scans
from sogdia.interfaces.resolver.settings import Settings
from sogdia.interfaces.resolver.tags import key_for
from sogdia.interfaces.resolver.together import Together
from tests.interfaces.http.town import CARRIER, SELLER, SUSPENDED, Town
from tests.interfaces.resolver.market import LANTERN, at, born, captured, described, item, listing, on_record

NOW_MS = 1_780_000_000_000
PRODUCT = f"https://id.gs1.org/01/{LANTERN}"
FAR_APART = ({"scan_geohash": "u05k", "scan_device": "a"}, {"scan_geohash": "wtw3", "scan_device": "b"})
EARLY = replace(listing(LANTERN, by=SUSPENDED), gtin=None, sku="early")


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """A lantern with a product page, whose items are on record; a rival has an SKU that is older, without GTIN."""
    on_record(town, EARLY, by=SUSPENDED)
    on_record(
        town,
        listing(LANTERN),
        described(PRODUCT, descriptionShort="Lantern", gs1_pip="https://brand.example/lantern"),
        captured(born("born", at(2), *map(item, ("1", "2", "3", "4")))),
    )
    return town


def ask(town: Town, path: str, **headers: str) -> httpx.Response:
    return town.call("GET", path, **{"accept": "*/*", "user_agent": "a phone", **headers})


# --- whose links ----------------------------------------------------------------------------------------------------


def test_an_old_sku_that_takes_on_a_brands_gtin_later_does_not_make_its_seller_the_owner(market: Town) -> None:
    on_record(market, replace(EARLY, gtin=LANTERN), by=SUSPENDED)
    on_record(market, described(PRODUCT, by=SUSPENDED, gs1_pip="https://evil.example/"), by=SUSPENDED)
    assert ask(market, f"/01/{LANTERN}?linkType=gs1:pip").headers["location"] == "https://brand.example/lantern"


def test_whoever_describes_very_much_does_not_push_out_others(market: Town) -> None:
    flood = [described(f"https://flood.example/{number}", by=CARRIER, name=str(number)) for number in range(60)]
    on_record(market, *flood, by=CARRIER)
    small = Book.read(market.picture, 20)
    assert small.of(PRODUCT, SELLER.did)[0].word(["descriptionShort"]) == "Lantern"
    kept = [number for number in range(60) if small.of(f"https://flood.example/{number}", CARRIER.did)]
    assert 10 <= len(kept) <= 20


@pytest.mark.parametrize(
    "target, place",
    [
        ("https://商城.example/产品?页=1", "https://xn--czru2d.example/%E4%BA%A7%E5%93%81?%E9%A1%B5=1"),
        ("https://bücher.example:8443/a", "https://xn--bcher-kva.example:8443/a"),
    ],
)
def test_a_brands_own_script_in_a_link_is_written_as_headers_can_carry_it(
    market: Town, target: str, place: str
) -> None:
    on_record(market, described(item("1"), gs1_pip=target))
    assert ask(market, f"/01/{LANTERN}/21/1?linkType=gs1:pip").headers["location"] == place


@pytest.mark.parametrize(
    "target",
    [
        'https://a"b.example/',
        "https://a<b>.example/",
        "https://user@host.example/",
        "javascript:alert(1)",
        "https://a.example/\r\nset-cookie: a=b",
        "//evil.example/",
        "https://商 城.example/",
        "https://straße.example/",
    ],
)
def test_a_target_that_could_break_out_of_a_field_or_a_page_leads_nowhere(market: Town, target: str) -> None:
    on_record(market, described(item("2"), gs1_pip=target, gs1_smpc="https://brand.example/leaflet"))
    levels = ask(market, f"/01/{LANTERN}/21/2?linkType=all").json()["linkset"]
    hrefs = [one["href"] for name, value in levels[0].items() if name.startswith("https://ref") for one in value]
    assert hrefs
    assert {one.partition("/story/")[0] for one in hrefs} == {market.url, "https://brand.example/leaflet"}


def test_titles_with_marks_that_no_page_can_carry_are_shown_without_them(market: Town) -> None:
    said = '[{"href":"https://a.example/1","title":"One\\u0001 \\u202etwo<b>"},{"href":"https://a.example/2"}]'
    on_record(market, described(item("3"), gs1_smpc=said))
    answer = ask(market, f"/01/{LANTERN}/21/3?linkType=gs1:smpc", accept="text/html")
    assert answer.status_code == 300
    assert "One two&lt;b&gt;" in answer.text


# --- a rival's goods ------------------------------------------------------------------------------------------------


def test_forged_scans_raise_no_sign_on_the_public_page_and_are_told_to_the_owner(market: Town) -> None:
    for forged in FAR_APART:
        ask(market, f"/01/{LANTERN}/21/4", **forged)
    assert 'class="signs"' not in ask(market, f"/story/01/{LANTERN}/21/4").text
    (listed,) = market.call("GET", f"/clones?thing={item('4')}", by=SELLER).json()["items"]
    assert [one["rule"] for one in listed["signs"]] == ["impossible_travel"]


def test_the_reader_of_a_code_with_an_invented_tag_is_told_and_nobody_else(market: Town) -> None:
    directory = market.node.folder / "keys"
    directory.mkdir(exist_ok=True)
    key = key_for(directory, "abuse", [LANTERN])
    path = f"/story/01/{LANTERN}/21/1"
    assert 'class="signs"' in ask(market, f"{path}?91=AAAAAAAAAAA").text
    assert 'class="signs"' not in ask(market, f"{path}?91={key.tag(item('1'))}").text
    assert 'class="signs"' not in ask(market, path).text
    (directory / "abuse.tag.json").unlink()


def test_a_key_file_that_others_can_read_keeps_no_code_from_leading_anywhere(market: Town) -> None:
    directory = market.node.folder / "keys"
    key_for(directory, "open", [LANTERN])
    (directory / "open.tag.json").chmod(0o644)
    assert ask(market, f"/01/{LANTERN}/21/4?linkType=gs1:pip").headers["location"] == "https://brand.example/lantern"
    (directory / "open.tag.json").unlink()


def test_a_file_of_scans_that_cannot_be_written_keeps_no_code_from_leading_anywhere(
    market: Town, tmp_path: Path
) -> None:
    resolver = market.server.application.state.resolver
    kept, resolver.scans = resolver.scans, Scans(tmp_path / "nowhere", Settings())
    assert ask(market, f"/01/{LANTERN}/21/4?linkType=gs1:pip").status_code == 303
    resolver.scans = kept


def test_one_address_fills_the_scans_no_further_than_its_share(tmp_path: Path) -> None:
    scans = Scans(tmp_path, Settings(scans_per_address=5))

    def taken(device: str, address: str) -> bool:
        return scans.note("thing", "", {"device": device, "address": address}, "", NOW_MS)

    assert sum(taken(f"forged {number}", "192.0.2.1") for number in range(20)) in (5, 10)  # a minute may turn
    assert taken("a phone", "192.0.2.2")
    assert sum(taken(f"of one net {number}", f"2001:db8:0:1::{number:x}") for number in range(20)) in (5, 10)
    assert taken("a neighbour", "2001:db8:0:2::1")
    scans.close()
    assert b"192.0.2.1" not in (tmp_path / "scans.sqlite").read_bytes()


# --- many at once ---------------------------------------------------------------------------------------------------


def test_many_who_look_at_the_owners_queue_at_once_do_not_wait_for_each_others_connections(market: Town) -> None:
    found: list[int] = []
    askers = [
        Thread(target=lambda: found.append(market.call("GET", "/clones", by=SELLER).status_code)) for _ in range(24)
    ]
    for one in askers:
        one.start()
    for one in askers:
        one.join(20)
    assert found == [200] * 24


def test_a_crowd_that_asks_for_one_thing_is_answered_by_one_finding() -> None:
    asked: list[Sequence[str]] = []

    def work(names: Sequence[str]) -> dict[str, str]:
        asked.append(names)
        return {name: name.upper() for name in names}

    async def crowd() -> list[str]:
        together = Together(work)
        return await asyncio.gather(*(together.found("a") for _ in range(50)), together.found("b"))

    assert asyncio.run(crowd()) == ["A"] * 50 + ["B"]
    assert asked == [["a", "b"]]


def test_one_that_cannot_be_found_does_not_fail_those_beside_it() -> None:
    def work(names: Sequence[str]) -> dict[str, str]:
        if "bad" in names:
            raise LookupError("bad")
        return {name: name.upper() for name in names}

    async def crowd() -> list[object]:
        together = Together(work)
        return await asyncio.gather(*(together.found(name) for name in ("a", "bad", "b")), return_exceptions=True)

    first, failed, last = asyncio.run(crowd())
    assert (first, last) == ("A", "B")
    assert isinstance(failed, LookupError)


def test_whoever_hangs_up_does_not_take_the_answer_from_others() -> None:
    async def two() -> str:
        together = Together(lambda names: {name: name.upper() for name in names})
        leaving = asyncio.create_task(together.found("a"))
        staying = asyncio.create_task(together.found("a"))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert asyncio.run(two()) == "A"


def test_what_is_said_anew_is_read_alone_and_gives_the_book_that_reading_all_gives(market: Town) -> None:
    resolver = market.server.application.state.resolver
    names = [f"https://many.example/{number}" for number in range(5)]
    on_record(market, *(described(one, name="first") for one in names))
    market.call("GET", f"/01/{LANTERN}")
    kept = resolver.book
    on_record(market, described(names[0], name="second"), described(names[1]), described(names[2], audience="named"))
    market.call("GET", f"/01/{LANTERN}")
    assert resolver.book is kept
    whole = Book.read(market.picture, 100_000)
    for name, word in zip(names, ("second", None, None, "first", "first"), strict=True):
        told = [one.word(["name"]) for one in resolver.book.of(name, SELLER.did)]
        assert told == [one.word(["name"]) for one in whole.of(name, SELLER.did)] == ([word] if word else [])
