"""The page that anyone sees who scans an item, and the evidence behind it, on a real node over HTTP."""

from urllib.parse import urlencode

import msgspec
import pytest
from lxml import html

from sogdia import app
from sogdia.client.evidence import Evidence, verify
from tests.interfaces.http.town import CARRIER, SELLER, Town, problem
from tests.interfaces.resolver.market import (
    LAMP,
    LANTERN,
    PLACES,
    PORT,
    YARD,
    at,
    born,
    captured,
    case,
    described,
    evidence_path,
    happening,
    item,
    listing,
    on_record,
    packed,
    story_path,
)

POLICY_FORBIDS = ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
WAY = ".//ol[@class='way']"
SECRET_DYE = "09506000134383"
SECRET_PLACE = "https://id.gs1.org/414/9506000138626"


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """A lantern whose way is public but for one event, packed into a case that travels."""
    on_record(
        town,
        listing(LANTERN),
        described(
            f"https://id.gs1.org/01/{LANTERN}",
            descriptionShort="Lantern <b>&amp;</b> wick",
            brandName="Yiwu Light",
            countryOfOrigin="CN",
        ),
        described(YARD, kind=PLACES, name="Yard 3", city="Yiwu", countryCode="CN"),
    )
    mine = item("7")
    commissioned = born(
        "born", at(2), mine, item("8"), item("9"), readPoint={"id": YARD}, ilmd={"cbvmda:lotNumber": "A1"}
    )
    on_record(town, captured(commissioned))
    on_record(town, captured(packed("packed", at(3), case(1), mine)))
    shipped = happening("shipped", at(4), case(1), bizStep="shipping", disposition="in_transit")
    on_record(town, captured(shipped, by=CARRIER), by=CARRIER)
    secret = happening("secret", at(5), mine, bizStep="inspecting", readPoint={"id": SECRET_PLACE})
    on_record(town, captured(secret, audience="named"))
    on_record(town, captured(happening("secret-only", at(5), item("33")), audience="named"))
    return town


def page(town: Town, path: str, **headers: str) -> html.HtmlElement:
    answer = town.call("GET", path, **headers)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found: html.HtmlElement = html.document_fromstring(answer.content)
    return found


def words(found: html.HtmlElement) -> str:
    return " ".join(found.text_content().split())


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_story_has_product_numbers_and_the_public_events_in_their_order(market: Town) -> None:
    found = page(market, story_path(item("7")))
    assert words(found.find(".//h1")) == "Lantern <b>&amp;</b> wick"
    assert "Yiwu Light" in words(found)
    for number in (LANTERN, "7", "A1"):
        assert any(words(one) == number for one in found.findall(".//dd")), number
    steps = [words(one) for one in found.findall(".//ol/li/h3")]
    assert steps == ["Given its number", "Packed", "Shipped (in transit)"]
    assert [one.get("datetime") for one in found.findall(f"{WAY}//time")] == [
        "2026-03-02T08:00:00Z",
        "2026-03-03T08:00:00Z",
        "2026-03-04T08:00:00Z",
    ]


def test_each_event_has_place_signer_and_container(market: Town) -> None:
    first, _, third = (words(one) for one in page(market, story_path(item("7"))).findall(f"{WAY}/li"))
    assert "Yard 3, Yiwu (CN)" in first
    assert f"Signed by {SELLER.name}" in first
    assert f"Signed by {CARRIER.name}" in third
    assert f"(00){case(1)[-18:]}" in third


def test_the_story_comes_first_in_a_few_plain_lines(market: Town) -> None:
    found = page(market, story_path(item("7")))
    lines = [words(one) for one in found.findall(".//ol[@class='short']/li")]
    assert lines == ["Given its number at Yard 3, Yiwu (CN) 2026-03-02", "Packed 2026-03-03", "Shipped 2026-03-04"]


def test_what_an_item_was_made_from_is_told_with_names_as_far_as_it_is_public(market: Town) -> None:
    cloth, dye = (f"https://id.gs1.org/01/{gtin}/10/C1" for gtin in (LAMP, SECRET_DYE))
    grown = happening("woven", at(1), action="ADD", bizStep="commissioning", readPoint={"id": PORT},
                      quantityList=[{"epcClass": cloth, "quantity": 40, "uom": "MTK"}])  # fmt: skip
    sewn = happening("sewn", at(2), readPoint={"id": YARD}, bizStep="commissioning", outputEPCList=[item("S")])
    sewn |= {"type": "TransformationEvent", "inputQuantityList": [{"epcClass": cloth, "quantity": 1, "uom": "MTK"}]}
    del grown["epcList"], sewn["epcList"], sewn["action"]
    hidden = {"eventID": "urn:uuid:dyed", "inputQuantityList": [{"epcClass": dye, "quantity": 1, "uom": "LTR"}]}
    dyed = {**sewn, **hidden}
    on_record(
        market,
        captured(grown, sewn),
        captured(dyed, audience="named"),
        described(f"https://id.gs1.org/01/{LAMP}", descriptionShort="Oiled cloth"),
    )
    found = page(market, story_path(item("S")))
    lines = [words(one) for one in found.findall(".//ol[@class='short']/li")]
    assert lines == [
        "Oiled cloth, lot C1: produced at GLN 9506000138619 2026-03-01", "Made at Yard 3, Yiwu (CN) 2026-03-02",
    ]  # fmt: skip
    assert "What it was made from" in words(found)
    assert SECRET_DYE not in words(found), "what only a hidden event names is not told"


def test_very_many_lines_are_cut_in_the_middle(market: Town) -> None:
    events = [
        happening(f"often-{day}", at(day), item("often"), bizStep="storing", readPoint={"id": PORT})
        for day in range(3, 23)
    ]
    on_record(market, captured(*events))
    lines = [words(one) for one in page(market, story_path(item("often"))).findall(".//ol[@class='short']/li")]
    assert len(lines) == 12
    assert lines[5] == "… 9 more steps …"
    assert lines[0] == "Stored at GLN 9506000138619 2026-03-03"
    assert lines[-1] == "Stored at GLN 9506000138619 2026-03-22"


@pytest.mark.parametrize(
    "said, picture",
    [
        ('{"href": "https://pictures.example/lamp", "type": "image/jpeg"}', "https://pictures.example/lamp"),
        ("https://pictures.example/lamp.png", "https://pictures.example/lamp.png"),
        ("http://pictures.example/lamp.png", ""),
        ("https://pictures.example/about-pictures", ""),
        ('{"href": "https://pictures.example/a", "type": "image/svg+xml"}', ""),
    ],
)
def test_a_picture_is_folded_away_until_the_reader_asks_for_it(market: Town, said: str, picture: str) -> None:
    on_record(market, described(item("shown"), gs1_relatedImage=said))
    answer = market.call("GET", story_path(item("shown")))
    found = html.document_fromstring(answer.content)
    pictures = [(one.get("src"), one.get("loading")) for one in found.findall(".//details/img")]
    assert pictures == ([(picture, "lazy")] if picture else [])
    assert found.findall(".//img") == found.findall(".//details/img")
    assert found.find(".//details[@open]") is None
    allowed = "img-src https://pictures.example" if picture else "img-src"
    assert (allowed in answer.headers["content-security-policy"]) == bool(picture)


def test_nothing_of_an_event_that_is_not_public_is_told(market: Town) -> None:
    text = market.call("GET", story_path(item("7"))).text
    assert "secret" not in text
    assert SECRET_PLACE[-13:] not in text
    assert "Inspected" not in text


def test_an_item_without_public_events_says_only_that_it_is_on_record(market: Town) -> None:
    found = page(market, story_path(item("33")))
    assert "It is on record, but none of its events is for everyone to read." in words(found)
    assert found.findall(".//ol") == []


def test_an_unknown_serial_of_a_serial_product_is_told_carefully(market: Town) -> None:
    found = page(market, story_path(item("404")))
    section = found.find(".//section[@class='signs']")
    assert "can have an innocent reason" in words(section)
    assert "this number is not among them" in words(section)
    assert "Nothing is on record under this number." in words(found)


def test_a_known_item_that_does_nothing_odd_carries_no_warning(market: Town) -> None:
    assert page(market, story_path(item("8"))).find(".//section[@class='signs']") is None


def test_what_is_declared_wrong_is_shown_as_such(market: Town) -> None:
    said = happening("mistake", at(6), item("9"), bizStep="storing")
    on_record(market, captured(said))
    on_record(market, captured({**said, "errorDeclaration": {"declarationTime": at(7), "reason": "incorrect_data"}}))
    found = page(market, story_path(item("9")))
    wrong = found.findall(".//li[@class='wrong']")
    assert [words(one.find("h3")) for one in wrong] == ["Stored"]
    assert "declared it wrong" in words(wrong[0])
    assert len(found.findall(f"{WAY}/li")) == 2
    assert "Stored" not in words(found.find(".//ol[@class='short']"))


# --- for every reader -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, language, tag, step",
    [
        ("", "en", "en", "Shipped"),
        ("", "zh-CN,zh;q=0.9", "zh-Hans", "已发货"),
        ("?lang=zh", "en", "zh-Hans", "已发货"),
        ("?lang=en", "zh", "en", "Shipped"),
    ],
)
def test_the_page_speaks_the_readers_language(market: Town, path: str, language: str, tag: str, step: str) -> None:
    found = page(market, story_path(item("7")) + path, accept_language=language)
    assert found.get("lang") == tag
    assert step in words(found)


def test_another_language_than_there_is_is_refused(market: Town) -> None:
    assert problem(market.call("GET", story_path(item("7")) + "?lang=tlh")) == (400, "parameter_bad")


def test_the_page_needs_nobody_else_and_no_script(market: Town) -> None:
    answer = market.call("GET", story_path(item("7")))
    policy = answer.headers["content-security-policy"]
    assert all(rule in policy for rule in POLICY_FORBIDS)
    assert "unsafe" not in policy
    assert "script-src" not in policy
    found = html.document_fromstring(answer.content)
    assert found.findall(".//script") == found.findall(".//img") == found.findall(".//link") == []
    assert [one for one in found.iter() if any(name.startswith("on") or name == "style" for name in one.attrib)] == []
    addresses = [one.get("href") for one in found.iter("a")]
    assert [one for one in addresses if one.startswith(("http", "//"))] == []
    assert len(answer.content) < 100_000


def test_the_page_has_landmarks_one_heading_and_named_sections(market: Town) -> None:
    found = page(market, story_path(item("7")))
    assert [len(found.findall(f".//{name}")) for name in ("header", "main", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
    for section in found.findall(".//section"):
        assert found.get_element_by_id(section.get("aria-labelledby")) is not None
    labels = [one.get("aria-label") for one in found.findall(".//ol//a")]
    assert len(set(labels)) == len(labels) == 6


@pytest.mark.parametrize("colours", [("#1b1b1b", "#ffffff"), ("#555555", "#ffffff"), ("#0b57b0", "#ffffff"),
                                     ("#eeeeee", "#141414"), ("#b5b5b5", "#141414"), ("#8ab8ff", "#141414"),
                                     ("#1b1b1b", "#fff4d6"), ("#eeeeee", "#332a10")])  # fmt: skip
def test_colours_have_contrast_enough_for_weak_eyes(market: Town, colours: tuple[str, str]) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1; the colours are those of the style in the page."""
    style = market.call("GET", story_path(item("7"))).text
    for colour in colours:
        assert colour in style or f"#{colour[1::2]};" in style
    brighter, darker = sorted((_luminance(one) for one in colours), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_page_of_a_long_story_stays_small_and_says_that_it_is_cut(market: Town) -> None:
    events = [happening(f"long-{number}", at(6, number % 24, number % 60), item("L")) for number in range(130)]
    on_record(market, captured(born("long", at(2), item("L")), *events))
    answer = market.call("GET", story_path(item("L")))
    assert len(answer.content) < 100_000
    assert "The first 100 events are shown." in answer.text


def test_a_browser_that_scans_an_unknown_thing_gets_a_page_with_404(market: Town) -> None:
    answer = market.call("GET", "/01/09506000134376", accept="text/html")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Nothing is on record under this number." in answer.text


@pytest.mark.parametrize("path", ["01/123", f"01/{LANTERN}/21", "no%20uri", "%ff", "01"])
def test_a_story_of_what_is_no_identifier_is_400(market: Town, path: str) -> None:
    assert problem(market.call("GET", f"/story/{path}")) == (400, "digital_link_wrong")


def test_a_story_is_found_by_an_epc_urn_too(market: Town) -> None:
    answer = market.call("GET", "/story/urn%3Aepc%3Aid%3Asgtin%3A9506000.013435.7")
    assert (answer.status_code, "Shipped" in answer.text) == (200, True)


# --- the proof ------------------------------------------------------------------------------------------------------


def test_every_event_of_the_page_is_proved_to_a_stranger(market: Town) -> None:
    found = page(market, story_path(item("7")))
    links = [one.get("href") for one in found.findall(".//ol//a[@download]")]
    pages = [one.get("href") for one in found.findall(".//ol//a") if one.get("download") is None]
    assert pages == ["/verify?" + urlencode({"evidence": link}) for link in links]
    assert len(links) == 3
    for link in links:
        answer = market.call("GET", link)
        assert answer.status_code == 200
        checks = verify(msgspec.json.decode(answer.content, type=Evidence), market.node.verifier_key, app.FIELDS)
        assert len(checks) > 3
        assert [one for one in checks if not one.holds] == []


def test_evidence_of_an_event_that_is_not_public_is_not_given(market: Town) -> None:
    assert problem(market.call("GET", evidence_path(SELLER.did, "urn:uuid:secret"))) == (404, "not_found")
    assert problem(market.call("GET", evidence_path(SELLER.did, "urn:uuid:never"))) == (404, "not_found")


def test_evidence_that_would_show_a_message_that_is_not_public_is_not_given(market: Town) -> None:
    open_one = captured(born("open", at(2), item("50")))
    closed_one = captured(born("closed", at(2), item("51")), audience="named")
    on_record(market, open_one, closed_one)
    answer = market.call("GET", evidence_path(SELLER.did, "urn:uuid:open"))
    assert problem(answer) == (409, "evidence_not_public")
    assert SELLER.did in answer.json()["detail"]
    assert msgspec.json.decode(answer.content)["title"]
