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
from sogdia.core.codec import json_bytes
from sogdia.core.keys import EDDSA, verify
from sogdia.core.query import Asker
from sogdia.core.tree import Absence
from sogdia.interfaces.words import say
from tests.client.evidence_case import Case
from tests.client.test_evidence_light import NetworkCase
from tests.core.test_keys import VERDICTS
from tests.interfaces.console.axe import AXE, LOOKS, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Held, Visit
from tests.interfaces.console.desks_town import answered, declared
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, PLATFORM
from tests.simulation import world

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


def verdict(page: Page, within_seconds: int = 15) -> tuple[str, str]:
    """`good` or `bad`, and the words on top of the page."""
    found = page.wait_for_selector("#verdict.good, #verdict.bad", timeout=1000 * within_seconds)
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
    one.context.set_offline(True)
    drop(page, case.raw)
    kind, words = verdict(page)
    assert kind == "good"
    checks = case.checks(case.raw)
    assert (f"All {len(checks)} {all_hold}" if language == "en" else f"{len(checks)} {all_hold}") in words
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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_judge_reads_what_is_proved_and_what_is_not(house: House, visit: Visiting, case: Case, language: str) -> None:
    page, trade = opened(house, visit(language=language)), case.trade
    page.fill("#trust", case.key)
    drop(page, case.raw)
    _, words = verdict(page)
    receipts = [json.loads(one["receipt"]) for one in case.file["transactions"]]
    for told in (trade.order, world.NETWORK, str(len(receipts)), f"{case.node.machine.seal.height}"):
        assert told in words
    stated = page.locator("#stated-list > li").all_inner_texts()
    signers = [trade.platform.did, trade.institution.did, trade.carrier.did, trade.broker.did]
    assert [next(did for did in signers if did in one) for one in stated] == signers
    assert all(f"{receipt['height']}" in one for receipt, one in zip(receipts, stated, strict=True))
    assert stated[0].startswith(say("sign_name.orders.place", language))
    roles = [say(f"sign_field.{one}", language) for one in ("platform", "institution", "carrier", "broker")]
    assert all(f"{role} ({did})" in one for role, did, one in zip(roles, signers, stated, strict=True))
    assert case.key in page.locator("#open-list").inner_text()
    assert page.locator("#open-list > li").count() == 3
    page.evaluate("for (const one of document.querySelectorAll('#steps details')) one.open = true;")
    names = page.locator("#steps .list .facts dt").all_inner_texts()
    assert say("sign_field.placed_at_ms", language) in names
    assert not [name for name in names if re.fullmatch("[a-z_0-9]+", name)], "no field is called as the code calls it"


@pytest.mark.parametrize(("language", "number"), [("en", "7701"), ("zh", "7702")])
def test_each_answer_of_customs_is_told_by_what_was_answered(
    house: House, visit: Visiting, language: str, number: str
) -> None:
    town = house.town
    listed = declared(town)
    answered(town, listed, 120, pre_no=f"B2026112390000{number}")
    answered(town, listed, 800, invt_no=f"29252026E90000{number}")
    raw = town.node.evidence_of_order(listed.platform, listed.order, Asker(CUSTOMS.did, CUSTOMS.roles))
    page = opened(house, visit(language=language))
    page.fill("#trust", town.node.verifier_key)
    drop(page, raw)
    assert verdict(page)[0] == "good"
    act = say("sign_name.customs.answer", language)
    codes = [say(f"customs_code.{code}", language) for code in (120, 800)]
    told = [say("verify_join.coded", language, act=act, code=code) for code in codes]
    stated = page.locator("#stated-list > li > b").all_inner_texts()
    beginning = told[0].removesuffix(codes[0] + told[0][-1])
    assert [one for one in stated if one.startswith(beginning)] == told
    titles = page.locator("#steps .list .title").all_text_contents()
    assert [one for one in titles if one.startswith(beginning)] == told


def test_what_differs_is_told_field_by_field(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    drop(page, case.altered(lambda file: file["records"][0]["shown"].update(paid_minor=1)))
    _, words = verdict(page)
    assert "What is shown differs from what is on record." in words
    paid = case.file["records"][0]["shown"]["paid_minor"]
    assert page.locator(".differs li").all_inner_texts() == [f"Paid: the file shows 1, on record stands {paid}"]


def test_that_nothing_is_on_record_is_said_so(house: House, visit: Visiting, case: Case) -> None:
    page, trade = opened(house, visit()), case.trade
    page.fill("#trust", case.key)
    path = "\0".join(("orders.order", trade.platform.did, "never placed")).encode()
    proof = case.node.machine.tree.prove(path, lambda wanted: case.node.store.get(b"S" + wanted))
    assert isinstance(proof, Absence)
    absence = json.loads(json_bytes(evidence.ProvedAbsence("orders.order", path, proof)))
    subject = {"table": "orders.order", "key": f"{trade.platform.did} never placed"}
    file = {**case.file, "absences": [absence], "records": [], "transactions": [], "subject": subject}
    drop(page, json.dumps(file).encode())
    words = verdict(page)[1]
    assert "Proved: Order never placed is not on record" in words
    assert f"the network {world.ORIGIN} as of" in words, "without a receipt nobody but the key's name tells the network"
    assert not page.locator("#stated").is_visible()


def test_several_files_are_checked_in_turn_and_each_is_told(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    bad = case.altered(lambda file: file["transactions"][0].update(leaf=99))
    given = [("one.json", case.raw), ("two.json", bad), ("three.pdf", b"%PDF-1.7"), ("four.json", case.raw)]
    page.set_input_files("#file", [{"name": name, "mimeType": "", "buffer": raw} for name, raw in given])
    expect(page.locator("#files .status").last).to_have_text("Holds")
    told = page.locator("#files .status").all_inner_texts()
    assert told == ["Holds", "Does not hold; failed checks: 1", "Cannot be checked", "Holds"]
    assert "Not proved" in verdict(page)[1], "the first that fails is shown"
    page.get_by_role("button", name="four.json").click()
    assert "Proved: Order" in verdict(page)[1]
    page.get_by_role("button", name="three.pdf").click()
    assert "It is a PDF" in verdict(page)[1]
    assert page.locator("#files [aria-pressed=true]").inner_text().startswith("three.pdf")


def test_a_text_is_pasted_into_its_field_or_anywhere(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    page.locator("details.more summary").first.click()
    page.fill("#pasted", case.raw.decode())
    page.get_by_role("button", name="Use this text").click()
    assert verdict(page)[0] == "good"
    assert "Pasted text" in page.locator("#facts").inner_text()
    page = opened(house, visit())
    page.fill("#trust", case.key)
    script = """(text) => { const data = new DataTransfer(); data.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })); }"""
    page.evaluate(script, case.raw.decode())
    assert verdict(page)[0] == "good"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("lack", "said"),
    [
        ("SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'));", 0),
        ("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });", 1),
    ],
)
def test_a_browser_that_cannot_check_is_told_before_anybody_tries(
    house: House, visit: Visiting, language: str, lack: str, said: int
) -> None:
    one = visit(language=language)
    one.page.add_init_script(lack)
    one.page.goto(f"{house.local}/verify?evidence=/evidence")
    one.page.locator("#unable").wait_for()
    reason = [say("verify_why.no_ed25519", language), say("verify_why.no_crypto", language)][said]
    assert reason in one.page.locator("#unable").inner_text()
    assert "sogdia verify" in one.page.locator("#unable").inner_text()
    assert not one.page.locator("#verify").is_visible()
    assert one.page.get_by_text("sogdia verify evidence.json --network-key network.vkey").is_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_link_that_takes_its_time_is_waited_for_unless_another_file_is_chosen(
    house: House, visit: Visiting, case: Case, language: str
) -> None:
    one = visit(language=language)
    held = Held(one.page, re.compile(r"//[^/]+/evidence\?"))
    link = f"?evidence=/evidence?table=identity.party%26key={PLATFORM.did.replace('#', '%23')}"
    page = opened(house, one, link)
    expect(page.locator("#file-name")).to_have_text(say("verify_file.coming", language))
    page.locator("#node-key").click()
    page.locator("#go").click()
    expect(page.locator("#verdict")).to_be_hidden()
    held.let_go()
    assert verdict(page)[0] == "good", "it begins by itself when the file is here"

    page = opened(house, one, link)
    expect(page.locator("#file-name")).to_have_text(say("verify_file.coming", language))
    drop(page, case.raw, "mine.json")
    page.fill("#trust", case.key)
    page.locator("#go").click()
    assert verdict(page)[0] == "good"
    with page.expect_response(re.compile(r"//[^/]+/evidence\?")):
        held.let_go()
    expect(page.locator("#file-name")).to_contain_text("mine.json")


def test_a_link_of_this_site_is_opened_and_no_other(house: House, visit: Visiting) -> None:
    one = visit()
    page = opened(house, one, f"?evidence=/evidence?table=identity.party%26key={PLATFORM.did.replace('#', '%23')}")
    page.locator("#file-name.has").wait_for()
    assert page.get_by_text("One thing is missing").is_visible()
    page.get_by_role("button", name="Use the key of this node").click()
    kind, words = verdict(page)
    assert kind == "good", words
    assert "You took it from this very site" in page.locator("#open-list").inner_text()
    page.locator("#trust").press("End")
    page.keyboard.type(" ")
    page.locator("#go").click()
    expect(page.locator("#open-list")).to_contain_text("That rests on where you got it")
    for elsewhere in ("https://example.org/evidence.json", "//example.org/x", "data:application/json,{}", "http:///x"):
        page = opened(house, one, f"?evidence={elsewhere}")
        assert "cannot be opened" in verdict(page)[1]
    page = opened(house, one, "?evidence=/no/such/file")
    assert "404" in verdict(page)[1]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7", "It is a PDF. Evidence is a file that ends in .json"),
        (b"PK\x03\x04rest", "unpack it first"),
        (b"\x89PNG\r\n", "It is a picture"),
        (b"\n <!doctype html>", "a sign-in page was saved in its place"),
        (b"", "It is empty"),
        (b"Dear court,", "at byte 0 it is no JSON"),
        (b'{"format":"sogdia-evidence/1","net', "ends too early"),
        (b'{"invoice":5,"total":"12.50"}', "It is JSON, but not evidence"),
        (b'{"format":"sogdia-evidence/1"}', "It is missing there. Place in the file: network."),
        (b'{"format":"sogdia-evidence/2"}', "not evidence of the format sogdia-evidence/1"),
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


@pytest.mark.slow
def test_while_a_large_file_is_checked_the_page_stays_awake(house: House, visit: Visiting, case: Case) -> None:
    page = opened(house, visit())
    page.fill("#trust", case.key)
    many = {name: case.file[name] * 1100 for name in ("records", "transactions")}
    raw = case.altered(lambda file: file.update(many))
    assert len(raw) > 20_000_000
    page.evaluate("() => { window.beats = 0; setInterval(() => { window.beats += 1; }, 20); }")
    drop(page, raw)
    page.locator("progress[value]").wait_for(timeout=120_000)
    before = page.evaluate("window.beats")
    kind, _ = verdict(page, within_seconds=150)
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
