"""`/verify` in a real browser: what a visitor drops is checked there, in words, and nothing leaves the machine."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, Request, expect

from sogdia.app import FIELDS
from sogdia.client import evidence
from sogdia.core.keys import EDDSA, verify
from tests.client.evidence_case import Case
from tests.client.test_evidence_light import NetworkCase
from tests.core.test_keys import VERDICTS
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.test_axe import AXE, LOOKS, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.http.town import PLATFORM

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
DROP = """([name, text]) => {
  const kept = new DataTransfer();
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  kept.items.add(new File([raw], name));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: kept, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkCase]:
    made = NetworkCase(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


def opened(house: House, one: Visit, query: str = "") -> Page:
    """The page, when its worker has come too."""
    one.page.goto(f"{house.local}/verify{query}")
    one.page.wait_for_selector("form[data-ready]", state="attached")
    return one.page


def drop(page: Page, raw: bytes, name: str = "evidence.json") -> None:
    """A file from the desktop."""
    page.evaluate(DROP, [name, b64encode(raw).decode()])


def verdict(page: Page) -> tuple[str, str]:
    """`good` or `bad`, and the words on top of the page."""
    found = page.wait_for_selector("#verdict.good, #verdict.bad")
    assert found is not None
    return (found.get_attribute("class") or "").split(" ")[1], found.inner_text()


def shown(page: Page) -> list[tuple[str, bool]]:
    """Name and verdict of each check behind the steps, in the order of the page."""
    script = "(items) => items.map((one) => [one.querySelector('code').textContent, one.className === 'good'])"
    return [(name, holds) for name, holds in page.locator("#steps .list > ul > li").evaluate_all(script)]


@pytest.mark.parametrize(
    ("language", "all_hold", "title"),
    [("en", "checks hold.", "The network stands for the checkpoint"), ("zh", "项检查全部成立。", "检查点由网络认可")],
)
def test_a_dropped_file_is_checked_without_one_request(
    house: House, visit: Visiting, case: Case, language: str, all_hold: str, title: str
) -> None:
    one = visit(language=language)
    page, asked = opened(house, one), list[str]()
    page.fill("#trust", case.key)
    one.context.on("request", lambda request: asked.append(_told(request)))
    drop(page, case.raw)
    kind, words = verdict(page)
    assert kind == "good"
    checks = case.checks(case.raw)
    assert words.startswith(f"All {len(checks)} {all_hold}" if language == "en" else f"{len(checks)} {all_hold}")
    assert page.locator("#steps > li.good").count() == page.locator("#steps > li").count() == 8
    assert page.locator("#steps .step").first.inner_text().startswith(title)
    lone = ("checkpoint", "history", "subject")
    assert sorted(shown(page)) == sorted((check.name, check.holds) for check in checks if check.name not in lone)
    assert case.trade.order in page.locator("#facts").inner_text()
    assert case.key in page.locator("#facts").inner_text(), "what was trusted is part of the result"
    assert asked == []


def _told(request: Request) -> str:
    return f"{request.method} {request.url}"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("change", "step"),
    [
        (lambda file: file["records"][0]["shown"].update(paid_minor=1), "record"),
        (lambda file: file["transactions"][0].update(leaf=99), "logged"),
        (lambda file: file["earlier"]["consistency"].pop(), "history"),
        (lambda file: file.update(checkpoint=file["checkpoint"].replace("height", "heighT", 1)), "checkpoint"),
        (lambda file: file.update(records=file["records"][:4]), "signed"),
    ],
)
def test_what_was_altered_is_named(
    house: House, visit: Visiting, case: Case, language: str, change: Callable[[Any], Any], step: str
) -> None:
    page, raw = opened(house, visit(language=language)), case.altered(lambda file: change(file) and None)
    page.fill("#trust", case.key)
    drop(page, raw)
    kind, words = verdict(page)
    assert kind == "bad"
    failing = [check for check in case.checks(raw) if not check.holds]
    assert str(len(failing)) in words
    assert failing[0].name in words
    catalogue = json.loads(page.locator("#words").evaluate("(one) => one.content.textContent"))
    assert page.locator("#steps > li.bad .step > span:first-child").all_inner_texts() == [catalogue[f"step.{step}"]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_evidence_of_organisations_is_checked_from_a_trusted_header(
    house: House, visit: Visiting, network: NetworkCase, language: str
) -> None:
    page = opened(house, visit(language=language))
    page.fill("#trust", network.key)
    drop(page, network.raw)
    assert "sogdia network trust" in verdict(page)[1], "a key is not what such evidence is checked from"
    page.set_input_files(
        "#trust-file", {"name": "t.json", "mimeType": "", "buffer": msgspec.json.encode(network.trusted)}
    )
    expect(page.locator("#trust")).to_have_value(re.compile("^{"))
    page.locator("#go").click()
    page.wait_for_selector("#verdict.good")
    heights = [f"light block {one.height}" for one in network.light]
    assert [name for name, holds in shown(page) if name.startswith("light") and holds] == heights
    assert network.trusted.fingerprint in page.locator("#steps").inner_text()
    page.locator("details.more summary").last.click()
    page.fill("#period", "1")
    page.locator("#go").click()
    assert verdict(page)[0] == "bad", "that header is of one day"
    assert page.locator("#steps > li").count() == 11


def test_a_forged_block_is_named_and_nothing_after_it_is_reached(
    house: House, visit: Visiting, network: NetworkCase
) -> None:
    page = opened(house, visit())
    page.fill("#trust", msgspec.json.encode(network.trusted).decode())
    drop(page, network.with_light(network.light[-1]))
    kind, words = verdict(page)
    assert (kind, "light block" in words) == ("bad", True)
    assert page.get_by_text("Not reached").count() > 0


def test_a_link_of_this_site_is_opened_and_no_other(house: House, visit: Visiting) -> None:
    one = visit()
    page = opened(house, one, f"?evidence=/evidence?table=identity.party%26key={PLATFORM.did.replace('#', '%23')}")
    page.locator("#file-name.has").wait_for()
    page.get_by_role("button", name="Use the key of this node").click()
    page.keyboard.press("Enter")
    kind, words = verdict(page)
    assert kind == "good", words
    for elsewhere in ("https://example.org/evidence.json", "//example.org/x", "data:application/json,{}", "http:///x"):
        page = opened(house, one, f"?evidence={elsewhere}")
        assert "cannot be opened" in verdict(page)[1]
    page = opened(house, one, "?evidence=/no/such/file")
    assert "404" in verdict(page)[1]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7", "at byte 0 it is no JSON"),
        (b"", "ends too early"),
        (b'{"format":"sogdia-evidence/1"}', "It is missing there. Place in the file: network."),
        (b'{"format":"sogdia-evidence/2"}', "not of the format sogdia-evidence/1"),
        (b'{"format":"sogdia-trusted/1"}', "belongs under"),
        (b'{"format":"sogdia-evidence/1","network":5}', "A text was expected there. Place in the file: network."),
    ],
)
def test_what_is_no_evidence_gets_a_sentence_that_helps(
    house: House, visit: Visiting, case: Case, raw: bytes, said: str
) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    drop(page, raw, "some file")
    kind, words = verdict(page)
    assert kind == "bad"
    assert "This file cannot be checked." in words
    assert said in words


def test_a_file_that_is_too_large_is_not_even_read(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    page.evaluate(
        """(size) => { const kept = new DataTransfer(); kept.items.add(new File([new Uint8Array(size)], "big"));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: kept, bubbles: true })); }""",
        evidence.SIZE_LIMIT_BYTES + 1,
    )
    assert "67,108,865 bytes; evidence has at most 67,108,864" in verdict(page)[1]


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "Say what you trust first"), ("abc", "one line"), ("{}", "It is missing there"), ("{key}A", "copy it whole")],
)
def test_what_cannot_be_trusted_gets_a_sentence_that_helps(
    house: House, visit: Visiting, case: Case, key: str, said: str
) -> None:
    page = opened(house, visit())
    drop(page, case.raw)
    page.fill("#trust", key.replace("{key}", case.key))
    page.locator("#go").click()
    kind, words = verdict(page)
    assert kind == "bad"
    assert said.lower() in words.lower()


def test_while_a_large_file_is_checked_the_page_stays_awake(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    raw = case.altered(lambda file: file.update(records=file["records"] * 250, transactions=file["transactions"] * 250))
    assert len(raw) > 4_000_000
    page.evaluate("() => { window.beats = 0; setInterval(() => { window.beats += 1; }, 20); }")
    drop(page, raw)
    page.locator("progress[value]").wait_for()
    before = page.evaluate("window.beats")
    kind, _ = verdict(page)
    assert kind == "good"
    assert page.evaluate("window.beats") > before + 5
    assert page.locator("#steps .list li").count() < 2000, "what is listed is bounded"


def test_chromium_follows_the_signature_rule(house: House, visit: Visiting) -> None:
    page = opened(house, visit())
    module = page.locator("#verify").get_attribute("data-worker").replace("worker.js", "ed25519.js")  # type: ignore[union-attr]
    script = """async ([module, cases]) => {
      const { isSigned, checkRule } = await import(module);
      await checkRule();
      const raw = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
      return Promise.all(cases.map((one) => isSigned(...one.map(raw))));
    }"""
    cases = [case for _, case, _ in VERDICTS]
    found = page.evaluate(script, [module, [[one.hex() for one in case] for case in cases]])
    assert found == [verify(EDDSA, *case) for case in cases]


def test_it_needs_no_mouse_and_says_aloud_what_it_found(
    house: House, visit: Visiting, case: Case, tmp_path: Path
) -> None:
    page, file = opened(house, visit(width=390)), tmp_path / "evidence.json"
    file.write_bytes(case.raw)
    page.set_input_files("#file", file)
    assert page.evaluate("document.activeElement.id") == "trust", "it goes on where something is missing"
    page.keyboard.type(case.key)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "go":
            break
    page.keyboard.press("Enter")
    assert verdict(page)[0] == "good"
    assert page.evaluate("document.activeElement.id") == "verdict"
    assert page.locator("#verdict").get_attribute("aria-live") == "polite"
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_on_paper_everything_is_open_and_nothing_is_left_to_press(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    drop(page, case.raw)
    verdict(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#steps details:not([open])").count() == 0
    assert page.locator("#steps dt").first.is_visible()
    assert not page.locator("#go").is_visible()


def test_without_scripts_the_page_says_how_to_verify(house: House, visit: Visiting) -> None:
    one = visit(scripts=False)
    one.page.goto(f"{house.local}/verify")
    assert one.page.get_by_text("sogdia verify evidence.json --network-key network.vkey").is_visible()
    assert one.page.get_by_text("The check needs JavaScript").is_visible()
    assert not one.page.locator("#verify").is_visible()


def test_the_page_is_for_everyone_and_sets_no_cookie(house: House) -> None:
    with house.client() as client:
        found = client.get("/verify")
    assert found.status_code == 200
    assert "set-cookie" not in found.headers
    assert "connect-src 'self'" in found.headers["content-security-policy"]
    assert json.dumps(FIELDS["identity.key"]) in found.text


@pytest.mark.node
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("language", "dark"), LOOKS)
def test_the_page_is_open_to_everyone_before_and_after(
    house: House, visit: Visiting, case: Case, width: int, language: str, dark: bool
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    rules, one = AXE.read_text(encoding="utf-8"), visit(width=width, language=language, dark=dark)
    page = opened(house, one)
    keep(one, "verify", language, dark, width)
    assert judged(one, rules) == []
    page.fill("#trust", case.key)
    drop(page, case.altered(lambda file: file["records"][0]["shown"].update(paid_minor=1)))
    assert verdict(page)[0] == "bad"
    page.evaluate("for (const one of document.querySelectorAll('details.list, details.more')) one.open = true;")
    keep(one, "verify-result", language, dark, width)
    assert judged(one, rules) == []
    assert not is_wider_than_its_window(one)
