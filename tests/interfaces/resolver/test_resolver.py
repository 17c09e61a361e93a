"""The rules of a GS1-conformant resolver, on a real node over HTTP."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from tests.interfaces.http.town import CARRIER, SELLER, SUSPENDED, Town, problem
from tests.interfaces.resolver.market import (
    LAMP,
    LANTERN,
    UNLISTED,
    YARD,
    born,
    captured,
    described,
    item,
    listing,
    on_record,
)

PIP = "https://ref.gs1.org/voc/pip"
DEFAULT = "https://ref.gs1.org/voc/defaultLink"
LEAFLETS = (
    '[{"href":"https://brand.example/en.pdf","title":"Leaflet","type":"application/pdf","hreflang":["en"]},'
    '{"href":"https://brand.example/zh.pdf","title":"说明书","type":"application/pdf","hreflang":["zh"]},'
    '{"href":"https://brand.example/zh.html","title":"说明书","hreflang":["zh"]}]'
)


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """A lantern with links of product, lot and serial; a lamp with public events only."""
    product = f"https://id.gs1.org/01/{LANTERN}"
    on_record(
        town,
        listing(LANTERN),
        listing(LAMP),
        described(
            product, descriptionShort="Lantern", gs1_defaultLink="https://brand.example/?model=7", gs1_smpc=LEAFLETS
        ),
        described(f"{product}/10/A1", gs1_recallStatus="https://brand.example/recall"),
        described(f"{product}/21/7", gs1_pip="https://brand.example/item-7"),
        captured(born("lamp", "2026-03-02T08:00:00.000Z", item("1", LAMP))),
        captured(born("hidden", "2026-03-02T08:00:00.000Z", item("2", LAMP)), audience="named"),
    )
    return town


def ask(town: Town, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    return town.call(method, path, **{"accept": "*/*", "user-agent": "test", **headers})


# --- methods and fields ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_default_link_is_followed_with_307_by_get_and_head(market: Town, method: str) -> None:
    answer = ask(market, f"/01/{LANTERN}", method)
    assert (answer.status_code, answer.headers["location"]) == (307, "https://brand.example/?model=7")
    assert answer.content == b""


def test_a_preflight_from_another_site_is_answered(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}", "OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert set(answer.headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", [f"/01/{LANTERN}", f"/01/{LANTERN}?linkType=all", "/01/123", f"/01/{UNLISTED}"])
def test_every_answer_is_open_to_other_sites(market: Town, path: str) -> None:
    answer = ask(market, path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Link" in answer.headers["access-control-expose-headers"]


def test_other_methods_are_refused_with_those_that_are_taken(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}", "POST")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_a_redirect_says_where_the_linkset_is(market: Town) -> None:
    field = ask(market, f"/01/{LANTERN}").headers["link"]
    assert f'<{market.url}/01/{LANTERN}?linkType=linkset>; rel="linkset"' in field
    assert f'<https://id.gs1.org/01/{LANTERN}>; rel="owl:sameAs"' in field


def test_marks_in_a_serial_or_in_the_host_do_not_break_out_of_the_link_field(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}/21/%22%3E%3B")
    assert f"<{market.url}/01/{LANTERN}/21/%22%3E%3B?linkType=linkset>" in answer.headers["link"]
    for host in ('a.example"><b', "a.example;b", "user@a.example", "a.example/x"):
        forged = ask(market, f"/01/{LANTERN}?linkType=all", host=host)
        assert "a.example" not in forged.headers.get("link", "") + forged.text


def test_the_resolver_describes_itself(market: Town) -> None:
    said = ask(market, "/.well-known/gs1resolver").json()
    assert said["resolverRoot"] == market.url
    assert said["supportedPrimaryKeys"] == ["all"]


# --- what is wrong is never 200 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/01",
        "/01/",
        "/01/09506000134353",
        "/01/9506000134",
        f"/01/{LANTERN}/21/7/10/A1",
        f"/01/{LANTERN}/21",
        f"/01/{LANTERN}/99/7",
        f"/01/{LANTERN}/21/%ZZ",
        f"/01/{LANTERN}/21/%00",
        f"/01/{LANTERN}/21/{'7' * 21}",
        f"/01/{LANTERN}/21/a%20b",
        f"/01/{LANTERN}/01/{LAMP}",
        f"/414/1/01/{LANTERN}",
        f"/01/{LANTERN}?17=999999",
        f"/01/{LANTERN}?01={LAMP}",
        f"/01/{LANTERN}/21/%F0%9F%92%A3",
        f"/01/{LANTERN}/21/..%2F..%2Fetc%2Fpasswd%00",
        f"/01/{LANTERN}?{'a' * 4_000}",
        "/00/123",
        "/8003/1",
    ],
)
def test_a_malformed_digital_link_is_400_and_says_what_is_wrong(market: Town, path: str) -> None:
    answer = ask(market, path)
    assert problem(answer) == (400, "digital_link_wrong")
    assert len(answer.json()["detail"]) > 40


def test_a_path_of_dots_is_no_digital_link_of_anything(market: Town) -> None:
    host, port = urlsplit(market.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            f"GET /01/{LANTERN}/../../etc/passwd HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n".encode()
        )
        assert line.makefile("rb").readline().split()[1] in (b"400", b"404")


def test_a_link_type_that_is_no_name_is_400(market: Town) -> None:
    assert problem(ask(market, f"/01/{LANTERN}?linkType=a%20b")) == (400, "link_type_wrong")
    assert problem(ask(market, f"/01/{LANTERN}?linkType=all&linktype=all")) == (400, "parameter_doubled")


def test_a_link_type_that_is_missing_is_404(market: Town) -> None:
    assert problem(ask(market, f"/01/{LANTERN}?linkType=gs1:allergenInfo")) == (404, "link_missing")


def test_a_thing_of_which_nothing_is_public_is_404(market: Town) -> None:
    assert problem(ask(market, f"/01/{UNLISTED}")) == (404, "thing_unknown")
    assert problem(ask(market, f"/01/{LAMP}/21/2")) == (404, "thing_unknown")
    assert problem(ask(market, f"/01/{UNLISTED}?linkType=linkset")) == (404, "thing_unknown")


# --- linksets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["linkset", "all"])
def test_all_links_come_without_a_redirect(market: Town, wanted: str) -> None:
    answer = ask(market, f"/01/{LANTERN}?linkType={wanted}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/linkset+json")
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["link"]
    (one,) = answer.json()["linkset"]
    assert one["anchor"] == f"https://id.gs1.org/01/{LANTERN}"
    assert one["itemDescription"] == "Lantern"
    assert [target["href"] for target in one[DEFAULT]] == ["https://brand.example/?model=7"]
    assert [target["hreflang"] for target in one["https://ref.gs1.org/voc/smpc"]] == [["en"], ["zh"], ["zh"]]


def test_accept_asks_for_the_linkset_too(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}", accept="application/linkset+json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/linkset+json")


def test_every_level_has_exactly_one_default_link_and_every_link_a_target_title_and_type(market: Town) -> None:
    levels = ask(market, f"/01/{LANTERN}/10/A1/21/7?linkType=linkset").json()["linkset"]
    assert [one["anchor"].partition("/01/")[2] for one in levels] == [f"{LANTERN}/21/7", f"{LANTERN}/10/A1", LANTERN]
    for one in levels:
        assert len(one[DEFAULT]) == 1
        for targets in (value for name, value in one.items() if name.startswith("https://ref.gs1.org/voc/")):
            for target in targets:
                assert urlsplit(target["href"]).scheme in ("http", "https")
                assert target["title"]
                assert target["type"]


def test_our_own_page_stands_in_a_linkset_with_its_whole_address(market: Town) -> None:
    (one,) = ask(market, f"/01/{LAMP}/21/1?linkType=linkset").json()["linkset"]
    assert one[DEFAULT][0]["href"] == f"{market.url}/story/01/{LAMP}/21/1"


# --- levels, languages, media types ---------------------------------------------------------------------------------


def test_a_link_of_a_class_above_is_followed_with_303(market: Town) -> None:
    recalled = ask(market, f"/01/{LANTERN}/10/A1/21/7?linkType=gs1:recallStatus")
    assert (recalled.status_code, recalled.headers["location"]) == (303, "https://brand.example/recall")
    own = ask(market, f"/01/{LANTERN}/10/A1/21/7?linkType=gs1:pip")
    assert (own.status_code, own.headers["location"]) == (307, "https://brand.example/item-7")
    assert ask(market, f"/01/{LANTERN}/10/B2?linkType=gs1:recallStatus").status_code == 404


def test_every_way_to_write_a_link_type_is_understood(market: Town) -> None:
    path = f"/01/{LANTERN}/21/7?linkType="
    for name in ("gs1:pip", "pip", "https%3A%2F%2Fref.gs1.org%2Fvoc%2Fpip", "https://gs1.org/voc/pip"):
        assert ask(market, path + name).headers["location"] == "https://brand.example/item-7"


def test_language_and_media_type_choose_among_links_of_a_type(market: Town) -> None:
    path = f"/01/{LANTERN}?linkType=gs1:smpc"
    assert ask(market, path, accept_language="en-GB").headers["location"] == "https://brand.example/en.pdf"
    chinese = ask(market, path, accept_language="zh-CN", accept="text/html")
    assert chinese.headers["location"] == "https://brand.example/zh.html"
    assert ask(market, f"{path}&lang=en", accept_language="zh").headers["location"] == "https://brand.example/en.pdf"


def test_several_that_suit_equally_are_300_with_the_list(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}?linkType=gs1:smpc", accept_language="zh")
    assert (answer.status_code, answer.headers["content-type"]) == (300, "application/linkset+json")
    (one,) = answer.json()["linkset"]
    listed = [target["href"] for target in one["https://ref.gs1.org/voc/smpc"]]
    assert listed == ["https://brand.example/zh.pdf", "https://brand.example/zh.html"]


def test_a_browser_gets_the_choice_as_a_page(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}?linkType=gs1:smpc", accept="text/html,application/pdf")
    assert answer.status_code == 300
    assert answer.text.count("<a ") == 3
    assert "<script" not in answer.text


# --- the path and the query -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"/01/{LANTERN}/", f"/01/{LANTERN[1:]}", f"/01/{LANTERN}?"])
def test_a_trailing_slash_and_a_gtin_of_13_digits_are_the_same_thing(market: Town, path: str) -> None:
    assert ask(market, path).headers["location"].startswith("https://brand.example/?model=7")


def test_the_query_is_passed_on(market: Town) -> None:
    answer = ask(market, f"/01/{LANTERN}?17=270131&utm=a%20b&linkType=defaultLink")
    assert answer.headers["location"] == "https://brand.example/?model=7&17=270131&utm=a%20b"


def test_every_key_of_gs1_has_a_route(market: Town) -> None:
    for path in (
        "/00/095060001300000015",
        "/414/9506000138602",
        "/8004/0614141123",
        "/253/0614141123452400",
        "/8013/x",
    ):
        assert ask(market, path).status_code in (400, 404)
        assert problem(ask(market, path))[1] in ("thing_unknown", "digital_link_wrong")


def test_the_other_routes_of_the_node_still_answer(market: Town) -> None:
    assert ask(market, "/status").status_code == 200
    assert problem(ask(market, "/02/09506000134352")) == (404, "no_route")


# --- whose word counts ----------------------------------------------------------------------------------------------


def test_links_said_by_another_party_than_the_owner_do_not_count(market: Town) -> None:
    on_record(market, described(item("8"), by=CARRIER, gs1_defaultLink="https://evil.example/"), by=CARRIER)
    on_record(
        market, described(f"https://id.gs1.org/01/{LANTERN}", by=CARRIER, gs1_pip="https://evil.example/"), by=CARRIER
    )
    assert ask(market, f"/01/{LANTERN}/21/8").headers["location"].endswith(f"/story/01/{LANTERN}/21/8")
    assert "evil" not in ask(market, f"/01/{LANTERN}/21/8?linkType=all").text


def test_the_first_lister_of_a_gtin_stays_its_owner(market: Town) -> None:
    on_record(market, listing(LANTERN, by=SUSPENDED), by=SUSPENDED)
    on_record(market, listing(LANTERN, brand="Listed anew"))
    assert ask(market, f"/01/{LANTERN}").headers["location"] == "https://brand.example/?model=7"


def test_links_that_are_not_for_everyone_are_not_shown(market: Town) -> None:
    on_record(market, described(item("9"), audience="named", gs1_pip="https://brand.example/secret"))
    assert "secret" not in ask(market, f"/01/{LANTERN}/21/9?linkType=all").text


def test_a_new_link_counts_at_once_and_a_withdrawn_one_no_longer(market: Town) -> None:
    on_record(market, described(item("10"), gs1_pip="https://brand.example/ten"))
    assert ask(market, f"/01/{LANTERN}/21/10?linkType=gs1:pip").headers["location"] == "https://brand.example/ten"
    on_record(market, described(item("10")))
    assert ask(market, f"/01/{LANTERN}/21/10?linkType=gs1:pip").status_code == 404


def test_where_nobody_is_known_as_owner_one_voice_counts_and_two_do_not(market: Town) -> None:
    on_record(market, described(YARD, gs1_locationInfo="https://yard.example/"))
    assert ask(market, "/414/9506000138602").headers["location"] == "https://yard.example/"
    on_record(market, described(YARD, by=CARRIER, gs1_locationInfo="https://other.example/"), by=CARRIER)
    assert problem(ask(market, "/414/9506000138602")) == (404, "thing_unknown")


# --- what is held ready ----------------------------------------------------------------------------------------------


def test_what_is_remembered_is_bounded(market: Town) -> None:
    resolver = market.server.application.state.resolver
    before = len(resolver._known)
    for number in range(20):
        resolver.find(f"https://id.gs1.org/01/{LANTERN}/21/bound{number}")
    assert len(resolver._known) == min(before + 20, resolver.settings.remembered)
    assert SELLER.did == resolver.owners.of(f"https://id.gs1.org/01/{LANTERN}")
