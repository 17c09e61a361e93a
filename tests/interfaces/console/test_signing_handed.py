"""What two parties sign: one signs and hands a file over, the other opens it, sees what the bytes say, signs, sends."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace
from playwright.sync_api import Download, Locator, Page, expect

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.keys import SigningKey, identifier
from sogdia.domains.identity.messages import GrantRole, NewKey, Recover
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import PASSWORD, SigningDesk, plain
from tests.interfaces.http.town import CARRIER, CUSTOMS, NETWORK, REGISTRAR, SELLER, Caller

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
LANGUAGES: Final = ["en", "zh"]
HOUR_MS: Final = 3_600_000


def saved(download: Download, folder: Path, name: str) -> Path:
    """A file that the browser saved."""
    path = folder / name
    download.save_as(path)
    return path


def opened(at: SigningDesk, text: str) -> Locator:
    """The page on which something handed over is opened, after it was; what it says."""
    at.page.goto(f"{at.house.local}/console/actions/handed")
    at.page.wait_for_load_state("networkidle")
    at.page.fill("#text", text)
    at.page.locator("form[data-handed] button").click()
    return at.page.locator("[data-told]")


def registered(newcomer: Caller, *signers: Caller, network: str = NETWORK.network, valid_ms: int = HOUR_MS) -> str:
    """A registration as `sogdia identity register --sign-only` prints it, signed by these."""
    asked = newcomer.registration(REGISTRAR.did)
    nonce = sha256(newcomer.did.encode()).hexdigest()[:20]
    return signed(network, app.milliseconds(), nonce, [asked], signers, valid_ms).decode()


def newcomer_at(page: Page, folder: Path, house: House) -> tuple[Path, str]:
    """Somebody makes keys on the public page; the file of keys, and the identifier."""
    page.goto(f"{house.local}/join")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.locator("[data-new-keys] button").click()
    with page.expect_download() as keys:
        page.locator("[data-identity] a[download]").click()
    did = page.locator("[data-identity] dd code").first.inner_text()
    return saved(keys.value, folder, "keys.json"), did


def request_written(page: Page, name: str = "Lyon Lumières") -> Locator:
    """The registration filled in on the public page; the dialog that shows it."""
    for field, value in {"name": name, "country": "fr", "registration": "FR-552 120 222"}.items():
        page.locator(f"[data-request] [name={field}]").fill(value)
    page.locator("[data-request] input[value=seller]").check()
    page.locator("[data-request] button.primary").click()
    return page.get_by_role("dialog")


# --- the main road --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomer_makes_keys_and_signs_and_the_registrar_signs_and_sends(
    house: House, visit: Visiting, tmp_path: Path, language: str
) -> None:
    newcomer = visit(language=language)
    asked: list[str] = []
    newcomer.page.goto(f"{house.local}/join")
    newcomer.page.wait_for_load_state("networkidle")
    newcomer.page.on("request", lambda request: asked.append(request.url))
    newcomer.page.fill("#password", PASSWORD)
    newcomer.page.fill("#again", PASSWORD)
    newcomer.page.locator("[data-new-keys] button").click()
    with newcomer.page.expect_download() as keys:
        newcomer.page.locator("[data-identity] a[download]").click()
    kept = json.loads(saved(keys.value, tmp_path, "keys.json").read_text())
    did = kept["did"]
    assert did == identifier(NETWORK.code, bytes.fromhex(kept["keys"][0]["public"]))
    assert [one["kid"] for one in kept["keys"]] == [f"{did}#key-1", f"{did}#recovery"]
    dialog = request_written(newcomer.page)
    expect(dialog.locator(".says")).to_contain_text("Lyon Lumières")
    dialog.locator("button.primary").click()
    expect(dialog).to_contain_text("registrar")
    with newcomer.page.expect_download() as request:
        dialog.locator("a[download]").click()
    half = saved(request.value, tmp_path, "half.json")
    assert [url for url in asked if not url.startswith(("blob:", "data:")) and "/assets/" not in url] == []
    assert house.town.node.record("identity.party", did) is None

    registrar = SigningDesk(house, visit(language=language), REGISTRAR).with_key(tmp_path)
    registrar.page.goto(f"{house.local}/console/actions")
    registrar.page.locator("a[href$='/actions/handed']").click()
    registrar.page.wait_for_load_state("networkidle")
    registrar.page.set_input_files("#file", str(half))
    dialog = registrar.page.get_by_role("dialog")
    expect(dialog.locator(".says")).to_contain_text("Lyon Lumières")
    expect(dialog.locator(".signers li")).to_have_count(2)
    expect(dialog.locator(".signers .badge.good")).to_have_count(1)
    dialog.locator("button.primary").click()
    expect(dialog.locator(".alert.good")).to_be_visible()
    found = house.town.node.record("identity.party", did)
    assert (found.name, found.country, found.roles) == ("Lyon Lumières", "FR", ("seller",))
    recovery = house.town.node.record("identity.key", f"{did}#recovery")
    assert recovery.purpose == "recover"


def test_the_registrar_signs_first_and_the_newcomer_signs_and_sends_from_the_public_page(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    newcomer = visit()
    kept, did = newcomer_at(newcomer.page, tmp_path, house)
    keys = json.loads(kept.read_text())
    registrar = SigningDesk(house, visit(), REGISTRAR).with_key(tmp_path)
    message = {
        "type": "identity.register", "party": did, "name": "Second Road", "country": "FR", "registration": "7",
        "roles": ["carrier"], "keys": [{"id": f"{did}#key-1", "public": keys["keys"][0]["public"]}],
        "agreement": keys["sealing"]["public"], "registrar": REGISTRAR.did,
    }  # fmt: skip
    dialog = registrar.ask([message], title="Register")
    expect(dialog.locator(".signers")).to_contain_text("Second Road still missing")
    dialog.get_by_role("button", name="Sign and hand over: register Second Road").click()
    expect(dialog).to_contain_text("Signed, and not sent yet")
    text = dialog.locator("textarea").input_value()
    dialog.get_by_role("button", name="Close").click()
    assert registrar.results() is None
    newcomer.page.fill("[data-handed-here] textarea", text)
    newcomer.page.locator("[data-handed-here] button").click()
    dialog = newcomer.page.get_by_role("dialog")
    expect(dialog.locator(".signers")).to_contain_text("registrar has signed")
    dialog.get_by_role("button", name="Sign and send: register Second Road").click()
    expect(dialog).to_contain_text("On record at height")
    assert house.town.node.record("identity.party", did).roles == ("carrier",)


def test_what_the_command_line_signed_is_opened_here_and_what_is_handed_over_here_is_its_format(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    coming = Caller("from the command line", "seller")
    registrar = SigningDesk(house, visit(), REGISTRAR).with_key(tmp_path)
    opened(registrar, registered(coming, coming))
    dialog = registrar.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog).to_contain_text("On record at height")
    assert house.town.node.record("identity.party", coming.did) is not None


# --- recovery -------------------------------------------------------------------------------------------------------


def with_recovery(house: House, name: str) -> tuple[Caller, Caller]:
    """A party on record with a recovery key; the party, and the recovery key as somebody who signs with it."""
    party, recovery = Caller(name, "seller"), Caller(f"{name}, recovery")
    recovery.did, recovery.kid = party.did, f"{party.did}#recovery"
    keys = (
        NewKey(id=party.kid, public=party.key.public.hex()),
        NewKey(id=recovery.kid, public=recovery.key.public.hex(), purpose="recover"),
    )
    asked = party.registration(REGISTRAR.did)
    asked = replace(asked, keys=keys)
    raw = signed(NETWORK.network, app.milliseconds(), f"recovery {name}"[:40], [asked], [REGISTRAR, party])
    with house.town.connection() as connection:
        assert connection.submit([raw])[0].accepted
    return party, recovery


def with_new_key(house: House, one: Visit, party: Caller, name: str) -> SigningDesk:
    """Somebody of a party at a browser that has just made a key."""
    at = SigningDesk(house, one, party)
    at.page.fill("#key_name", name)
    at.page.get_by_role("button", name="Make a key").click()
    return at


def test_a_new_key_takes_the_place_of_lost_ones_when_the_recovery_key_is_taken_in(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    party, recovery = with_recovery(house, "lost its keys")
    at = with_new_key(house, visit(), party, "after")
    at.carry_in(at.file(tmp_path, recovery))
    expect(at.page.locator("[data-here]")).to_contain_text("For recovery only")
    at.page.locator("[data-recover] button").click()
    dialog = at.page.get_by_role("dialog")
    expect(dialog.locator(".signers .badge")).to_have_count(2)
    dialog.get_by_role("button", name="Sign and send: recover lost its keys with a new key").click()
    expect(dialog).to_contain_text("On record at height")
    assert house.town.node.record("identity.key", party.kid).retired_height
    assert not house.town.node.record("identity.key", f"{party.did}#after").retired_height


def test_whoever_keeps_the_recovery_key_signs_what_was_handed_over(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    party, recovery = with_recovery(house, "two keepers")
    clerk = with_new_key(house, visit(), party, "clerk")
    clerk.page.locator("[data-recover] button").click()
    dialog = clerk.page.get_by_role("dialog")
    expect(dialog.locator(".signers")).to_contain_text("hand over to whoever holds it")
    dialog.get_by_role("button", name="Sign and hand over").click()
    text = dialog.locator("textarea").input_value()
    keeper = SigningDesk(house, visit(), party)
    keeper.carry_in(keeper.file(tmp_path, recovery))
    expect(keeper.page.locator("[data-here] .badge.good")).to_be_visible()
    opened(keeper, text)
    dialog = keeper.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog).to_contain_text("On record at height")
    assert house.town.node.record("identity.key", party.kid).retired_height


# --- what cannot go on ----------------------------------------------------------------------------------------------


def changed(text: str, change: Callable[[bytes], bytes]) -> str:
    """The file with other payload bytes under the same signatures."""
    found = json.loads(text)
    raw = urlsafe_b64decode(found["payload"] + "===")
    found["payload"] = urlsafe_b64encode(change(raw)).rstrip(b"=").decode()
    return json.dumps(found)


def resigned(text: str, kid: str) -> str:
    """The file with another key named for its first signature."""
    found = json.loads(text)
    header = json.dumps({"alg": "EdDSA", "kid": kid}).encode()
    found["signatures"][0]["protected"] = urlsafe_b64encode(header).rstrip(b"=").decode()
    return json.dumps(found)


COMING: Final = Caller("never comes", "seller")
WRONG: Final[dict[str, tuple[Callable[[], str], str, str]]] = {
    "no JSON": (lambda: registered(COMING, COMING)[:-20], "copy all of it", "请完整复制"),
    "other JSON": (lambda: '{"type": "sogdia.carried-key.1"}', "payload and signatures", "payload 和 signatures"),
    "nobody signed": (
        lambda: json.dumps({**json.loads(registered(COMING, COMING)), "signatures": []}),
        "signatures: there are 0",
        "有 0 个签名",
    ),
    "tampered": (
        lambda: changed(registered(COMING, COMING), lambda raw: raw.replace(b"never comes", b"ever comes!")),
        f"signatures: the signature of {COMING.kid} does not hold",
        "与这些字节不符",
    ),
    "bytes in two ways": (
        lambda: changed(registered(COMING, COMING), lambda raw: raw.replace(b'"nonce"', b'"network":"x","nonce"')),
        "payload: its bytes cannot be read",
        "不能被唯一解读",
    ),
    "another network": (
        lambda: registered(COMING, COMING, network="sogdia-main"),
        "network: it is made for sogdia-main, and this is sogdia-test",
        "属于网络 sogdia-main",
    ),
    "expired": (lambda: registered(COMING, COMING, valid_ms=-1_000), "valid_until_ms: it was good until", "已过期"),
    "a key of nobody": (
        lambda: resigned(registered(COMING, COMING), f"{COMING.did}#key-9"),
        f"signatures: the key {COMING.did}#key-9 is not on record",
        "未登记",
    ),
    "signed twice": (lambda: registered(COMING, COMING, COMING), "stands there twice", "出现两次"),
}


@pytest.fixture(scope="module")
def registrars(house: House, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The registrar at a browser, in both languages, for all tests of what cannot go on."""
    made = {}
    for language in LANGUAGES:
        one = Visit(browser, 1280, language)
        made[language] = SigningDesk(house, one, REGISTRAR).with_key(tmp_path_factory.mktemp(language))
    yield made
    for at in made.values():
        at.one.close()


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_go_on_says_which_field_and_what_to_do(registrars: dict[str, SigningDesk], name: str) -> None:
    make, *sentences = WRONG[name]
    for at, sentence in zip(registrars.values(), sentences, strict=True):
        told = opened(at, make())
        expect(told.get_by_role("alert")).to_contain_text(sentence)
        expect(at.page.get_by_role("dialog")).to_have_count(0)


def test_a_signature_that_nobody_asks_for_is_pointed_out(registrars: dict[str, SigningDesk]) -> None:
    coming = Caller("with a stranger's signature", "seller")
    at = registrars["en"]
    opened(at, registered(coming, coming, CUSTOMS))
    dialog = at.page.get_by_role("dialog")
    row = dialog.locator(".signers li").filter(has_text=CUSTOMS.kid)
    expect(row).to_contain_text("not asked for")
    dialog.get_by_role("button", name="Cancel").click()


def test_a_party_that_is_not_asked_sees_who_is_missing_and_cannot_sign(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(), CARRIER).with_key(tmp_path)
    coming = Caller("waits for the registrar", "seller")
    opened(at, registered(coming, coming))
    dialog = at.page.get_by_role("dialog")
    expect(dialog.locator(".signers li").filter(has_text=REGISTRAR.did)).to_contain_text("still missing")
    expect(dialog.locator("button.primary")).to_have_count(0)


def test_what_is_complete_is_sent_by_anybody_and_then_it_is_on_record(registrars: dict[str, SigningDesk]) -> None:
    coming, at = Caller("complete", "seller"), registrars["en"]
    text = registered(coming, coming, REGISTRAR)
    opened(at, text)
    dialog = at.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send: register complete").click()
    expect(dialog).to_contain_text("On record at height")
    dialog.get_by_role("button", name="Close").click()
    expect(opened(at, text).get_by_role("alert")).to_contain_text("It is on record already")


def test_what_the_rules_would_say_when_all_have_signed_is_told_before(registrars: dict[str, SigningDesk]) -> None:
    at, coming = registrars["en"], Caller("named after another key", "seller")
    asked = coming.registration(REGISTRAR.did)
    other = SigningKey(sha256(b"another").digest()).public.hex()
    keys = (NewKey(id=coming.kid, public=coming.key.public.hex()), NewKey(id=f"{SELLER.did}#x", public=other))
    asked = replace(asked, keys=keys)
    text = signed(NETWORK.network, app.milliseconds(), "another party's key", [asked], [coming]).decode()
    opened(at, text)
    dialog = at.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The rules would refuse this now")
    expect(dialog.locator("button.primary")).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()


# --- a newcomer's keys ----------------------------------------------------------------------------------------------


def test_a_newcomers_keys_open_again_with_the_password_and_sign_at_the_console_afterwards(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    newcomer = visit()
    kept, did = newcomer_at(newcomer.page, tmp_path, house)
    newcomer.page.goto(f"{house.local}/join")
    newcomer.page.locator("[data-keys-step] summary").click()
    newcomer.page.set_input_files("#backup", str(kept))
    newcomer.page.fill("#backup_password", "not the password")
    newcomer.page.locator("[data-old-keys] button").click()
    expect(newcomer.page.get_by_role("alert")).to_have_text("The password is wrong, or the file was changed.")
    newcomer.page.fill("#backup_password", PASSWORD)
    newcomer.page.locator("[data-old-keys] button").click()
    expect(newcomer.page.locator("[data-identity]")).to_contain_text(did)
    dialog = request_written(newcomer.page, "Came back")
    dialog.locator("button.primary").click()
    registrar = SigningDesk(house, visit(), REGISTRAR).with_key(tmp_path)
    opened(registrar, dialog.locator("textarea").input_value())
    registrar.page.get_by_role("dialog").get_by_role("button", name="Sign and send").click()
    expect(registrar.page.get_by_role("dialog")).to_contain_text("On record at height")

    party = Caller("came back")
    party.did = did
    clerk = SigningDesk(house, visit(), party)
    clerk.carry_in(kept)
    expect(clerk.page.locator("[data-here] .badge.good")).to_be_visible()
    expect(clerk.page.locator("[data-here]")).not_to_contain_text("For recovery only")
    rotate = {"type": "identity.rotate", "party": did, "agreement": "ab" * 32}
    dialog = clerk.ask([rotate])
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog).to_contain_text("On record at height")


def test_passwords_that_are_short_or_differ_make_no_keys(house: House, visit: Visiting) -> None:
    page = visit().page
    page.goto(f"{house.local}/join")
    page.locator("[data-new-keys]").wait_for()
    page.evaluate("document.querySelectorAll('[minlength]').forEach((one) => one.removeAttribute('minlength'))")
    for one, other, why in (("short", "short", "fewer than 12"), (PASSWORD, PASSWORD + "!", "differ")):
        page.fill("#password", one)
        page.fill("#again", other)
        page.locator("[data-new-keys] button").click()
        expect(page.get_by_role("alert")).to_contain_text(why)


def test_the_secrets_of_a_newcomers_file_are_locked(house: House, visit: Visiting, tmp_path: Path) -> None:
    kept, _ = newcomer_at(visit().page, tmp_path, house)
    found = json.loads(kept.read_text())
    for one in (*found["keys"], found["sealing"]):
        assert one["kdf"]["iterations"] >= 600_000
        assert len(urlsafe_b64decode(one["secret"] + "===")) == 48 + 16, "PKCS #8 and the seal, nothing beside"
    assert len({one["cipher"]["iv"] for one in (*found["keys"], found["sealing"])}) == 3


# --- what the node answers ------------------------------------------------------------------------------------------


def test_the_node_tells_of_any_message_whose_signatures_are_missing(house: House) -> None:
    coming = Caller("asked of the node", "seller")
    granted = GrantRole(party=CARRIER.did, role="warehouse", registrar=REGISTRAR.did)
    with house.signed_in(house.person(REGISTRAR)) as client:
        client.headers["accept"] = "application/json"
        client.headers["x-sogdia-token"] = client.get("/console/signing/context").json()["token"]
        prepared = client.post(
            "/console/prepare",
            json={"groups": [[plain(coming.registration(REGISTRAR.did))], [plain(granted)]], "kid": REGISTRAR.kid},
        ).json()["prepared"]
        seen = client.post("/console/signing/handed", json={"envelope": registered(coming, coming, CUSTOMS)}).json()
        nothing = client.post("/console/signing/handed", json={"envelope": "nothing"}).json()
    assert prepared[0]["needs"] == [{"party": coming.did, "key": coming.kid}]
    assert prepared[0]["helps"]
    assert "then" not in prepared[0]
    assert "needs" not in prepared[1]
    assert seen["needs"] == [{"party": REGISTRAR.did, "key": ""}]
    assert (seen["helps"], seen["spare"]) == (True, [CUSTOMS.kid])
    assert nothing["refusal"]["code"] == 1


def test_recovery_asks_for_two_keys_and_not_for_any_of_the_party(house: House) -> None:
    party, recovery = with_recovery(house, "asks for two")
    fresh = NewKey(id=f"{party.did}#new", public="ab" * 32)
    message = Recover(party=party.did, recovery_key=recovery.kid, key=fresh)
    with house.signed_in(house.person(party)) as client:
        client.headers["accept"] = "application/json"
        client.headers["x-sogdia-token"] = client.get("/console/signing/context").json()["token"]
        found = client.post("/console/prepare", json={"groups": [[plain(message)]]}).json()["prepared"][0]
    assert {one["key"] for one in found["needs"]} == {recovery.kid, fresh.id}
    assert not found["helps"]


# --- how it looks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, dark, width", [("en", False, 1280), ("zh", True, 390)])
def test_the_pages_of_two_signers_are_open_to_everyone(
    house: House, visit: Visiting, tmp_path: Path, language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, one = AXE.read_text(encoding="utf-8"), visit(width=width, language=language, dark=dark)

    def looks_well(name: str) -> None:
        keep(one, f"two-signers-{name}", language, dark, width)
        assert not is_wider_than_its_window(one), name
        assert judged(one, axe) == [], name

    newcomer_at(one.page, tmp_path, house)
    looks_well("keys")
    dialog = request_written(one.page)
    looks_well("request")
    dialog.locator("button.primary").click()
    dialog.locator("a[download]").wait_for()
    looks_well("over")
    text = dialog.locator("textarea").input_value()
    at = SigningDesk(house, one, REGISTRAR).with_key(tmp_path)
    opened(at, text[:-9]).get_by_role("alert").wait_for()
    looks_well("wrong")
    opened(at, text)
    one.page.locator("dialog .signers li").first.wait_for()
    looks_well("opened")
