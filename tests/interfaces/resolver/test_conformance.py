"""What the GS1-Conformant Resolver Standard asks of a resolver, line by line, on a real node over HTTP.

The lines are those of the conformance list of GS1's own test suite as they were read by hand; the suite has not been
run. Secure transport is the proxy's part (docs/resolver.md).
"""

import json
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.interfaces.http.town import Town
from tests.interfaces.resolver.market import LANTERN, described, listing, on_record

VOC = "https://ref.gs1.org/voc/"
PRODUCT, LOT, SERIAL = f"/01/{LANTERN}", f"/01/{LANTERN}/10/A1", f"/01/{LANTERN}/10/A1/21/7"
EVERYWHERE = [PRODUCT, LOT, SERIAL, f"{PRODUCT}?linkType=all", f"{PRODUCT}?linkType=gs1:nothing", "/01/123"]


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """A product with two links said to be its default, and a lot with a recall."""
    two = json.dumps([{"href": "https://brand.example/a"}, {"href": "https://brand.example/b"}])
    on_record(
        town,
        listing(LANTERN),
        described(f"https://id.gs1.org{PRODUCT}", descriptionShort="Lantern", gs1_defaultLink=two,
                  gs1_pip="https://brand.example/pip?lang=fr#top", gs1_smpc=two),
        described(f"https://id.gs1.org{LOT}", gs1_recallStatus="https://brand.example/recall"),
    )  # fmt: skip
    return town


def ask(town: Town, path: str, method: str = "GET", **fields: str) -> httpx.Response:
    return town.call(method, path, **{"accept": "*/*", "user_agent": "test", **fields})


@pytest.mark.parametrize("path", EVERYWHERE)
def test_head_says_what_get_says_without_a_body(market: Town, path: str) -> None:
    got, headed = ask(market, path), ask(market, path, "HEAD")
    assert headed.status_code == got.status_code
    assert headed.content == b""
    for name in ("location", "link", "content-type", "vary"):
        assert headed.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize("path", EVERYWHERE)
def test_options_and_cors_stand_at_every_path_of_a_key(market: Town, path: str) -> None:
    asked = ask(market, path, "OPTIONS", origin="https://shop.example", access_control_request_method="GET")
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert ask(market, path, origin="https://shop.example").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/01/123", f"{PRODUCT}/10", f"{PRODUCT}/99/1", f"{PRODUCT}?linkType=%20"])
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/linkset+json"])
def test_an_error_is_never_answered_with_200(market: Town, path: str, accept: str) -> None:
    assert ask(market, path, accept=accept).status_code == 400


@pytest.mark.parametrize("path", [PRODUCT, LOT, SERIAL])
def test_each_entity_has_one_default_link_and_without_a_wish_leads_there(market: Town, path: str) -> None:
    levels = ask(market, f"{path}?linkType=linkset").json()["linkset"]
    assert [len(one[f"{VOC}defaultLink"]) for one in levels] == [1] * len(levels)
    answer = ask(market, path)
    assert answer.status_code in (303, 307)
    assert urljoin(market.url, answer.headers["location"]) == levels[0][f"{VOC}defaultLink"][0]["href"]


def test_several_keys_and_qualifiers_in_one_path_are_walked_up_one_by_one(market: Town) -> None:
    assert ask(market, f"{SERIAL}?linkType=gs1:recallStatus").headers["location"] == "https://brand.example/recall"
    assert ask(market, f"{SERIAL}?linkType=gs1:pip").headers["location"] == "https://brand.example/pip?lang=fr#top"
    assert ask(market, f"/01/{LANTERN}/21/7?linkType=gs1:recallStatus").status_code == 404


def test_a_query_goes_on_before_the_fragment_and_behind_the_targets_own(market: Town) -> None:
    answer = ask(market, f"{PRODUCT}?linkType=gs1:pip&17=270131&x=1")
    assert answer.headers["location"] == "https://brand.example/pip?lang=fr&17=270131&x=1#top"


def test_a_missing_type_is_404_also_for_a_browser(market: Town) -> None:
    assert ask(market, f"{PRODUCT}?linkType=gs1:epil", accept="text/html").status_code == 404


def test_equal_candidates_are_300_and_all_of_them_are_listed(market: Town) -> None:
    answer = ask(market, f"{PRODUCT}?linkType=gs1:smpc")
    assert answer.status_code == 300
    assert "location" not in answer.headers
    assert len(answer.json()["linkset"][0][f"{VOC}smpc"]) == 2


@pytest.mark.parametrize(
    "fields, query",
    [
        ({"accept": "application/linkset+json"}, ""),
        ({}, "?linkType=linkset"),
        ({}, "?linkType=all"),
        ({"accept": "text/html"}, "?linkType=all"),
    ],
)
def test_a_linkset_is_one_by_rfc_9264_with_whole_uris_as_types(
    market: Town, fields: dict[str, str], query: str
) -> None:
    answer = ask(market, SERIAL + query, **fields)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/linkset+json")
    assert set(answer.json()) == {"linkset"}
    for level in answer.json()["linkset"]:
        assert urlsplit(level["anchor"]).scheme == "https"
        for name, targets in level.items():
            if name in ("anchor", "itemDescription"):
                continue
            assert urlsplit(name).scheme == "https", name
            assert all(
                {"href", "title", "type"} <= set(one) <= {"href", "title", "type", "hreflang"} for one in targets
            )


@pytest.mark.parametrize("path", [PRODUCT, LOT, SERIAL, f"{PRODUCT}?linkType=gs1:smpc"])
def test_every_answer_with_links_names_the_linkset_in_its_field(market: Town, path: str) -> None:
    field = ask(market, path).headers["link"]
    place = field.partition("<")[2].partition(">")[0]
    assert 'rel="linkset"; type="application/linkset+json"' in field
    assert httpx.get(place, trust_env=False).headers["content-type"] == "application/linkset+json"


@pytest.mark.parametrize("path", [f"{PRODUCT}/", f"{LOT}/", f"{SERIAL}/"])
def test_a_slash_at_the_end_is_tolerated(market: Town, path: str) -> None:
    assert ask(market, path).headers["location"] == ask(market, path.rstrip("/")).headers["location"]


def test_the_description_file_is_open_json_with_what_the_standard_asks_for(market: Town) -> None:
    answer = ask(market, "/.well-known/gs1resolver", origin="https://shop.example")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"name", "resolverRoot", "supportedPrimaryKeys"} <= set(answer.json())


def test_no_answer_may_be_kept_by_a_cache_and_each_says_what_it_depends_on(market: Town) -> None:
    for path in EVERYWHERE:
        answer = ask(market, path)
        assert answer.headers["cache-control"] == "no-store"
        assert {one.strip() for one in answer.headers["vary"].split(",")} >= {"accept", "accept-language"}
