"""The console in a real browser: passkeys, the keyboard, language and theme, and that nothing leaves this machine."""

import json
from collections.abc import Callable

import pytest

from sogdia.interfaces.console import users
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, token_of
from tests.interfaces.http.town import CUSTOMS, SELLER

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]


def accept_by_passkey(house: House, one: Visit, name: str) -> None:
    """Follow an invitation and make a passkey."""
    one.page.goto(house.local + house.invited(CUSTOMS))
    one.page.get_by_label("Name").first.fill(name)
    one.page.get_by_role("button", name="Make a passkey").click()
    one.page.wait_for_url("**/console/")


def sign_out(one: Visit) -> None:
    """By the menu under the user's name."""
    one.page.locator("details.menu").last.locator("summary").click()
    one.page.get_by_role("button", name="Sign out").click()
    one.page.wait_for_url("**/console/sign-in")


def fill_in(one: Visit, name: str, password: str, code: str) -> None:
    """The form of a password and a code."""
    for field, value in (("#name", name), ("#password", password), ("#code", code)):
        one.page.fill(field, value)


def test_a_passkey_is_made_by_invitation_and_opens_the_door_again(house: House, visit: Visiting) -> None:
    one = visit()
    device = one.authenticator()
    accept_by_passkey(house, one, "Wei 伟")
    assert one.page.get_by_role("heading", level=1).inner_text() == "Control tower"
    sign_out(one)
    one.page.get_by_role("button", name="Sign in with a passkey").click()
    one.page.wait_for_url("**/console/")
    user = users.by_name(house.console.notebook, "wei 伟")
    assert user is not None
    kept = users.passkeys_of(house.console.notebook, user.id)
    assert [(one.user, one.uses > 0) for one in kept] == [(user.id, True)]
    device.send("WebAuthn.disable")


def test_another_passkey_is_added_and_one_is_removed_but_never_the_last(house: House, visit: Visiting) -> None:
    one = visit()
    one.authenticator()
    accept_by_passkey(house, one, "Lea Martin")
    one.page.goto(f"{house.local}/console/account")
    one.page.get_by_role("button", name="Remove").click()
    assert "only way by which you can sign in" in one.page.get_by_role("alert").inner_text()
    one.authenticator("usb")  # a second device, for the first holds a passkey of this user already
    one.page.goto(f"{house.local}/console/account")
    one.page.get_by_label("What to call it").fill("Office laptop")
    one.page.get_by_role("button", name="Add a passkey").click()
    one.page.get_by_text("The passkey is kept.").wait_for()
    assert one.page.get_by_text("Office laptop").count() == 1
    one.page.get_by_role("button", name="Remove").first.click()
    one.page.get_by_text("The passkey is gone.").wait_for()
    user = users.by_name(house.console.notebook, "Lea Martin")
    assert user is not None
    assert [key.label for key in users.passkeys_of(house.console.notebook, user.id)] == ["Office laptop"]


def test_a_device_whose_user_is_not_verified_opens_nothing(house: House, visit: Visiting) -> None:
    one = visit()
    device = one.authenticator()
    accept_by_passkey(house, one, "Ana")
    sign_out(one)
    known = users.by_name(house.console.notebook, "Ana")
    assert known is not None
    assert users.remove(house.console.notebook, known.id)
    one.page.get_by_role("button", name="Sign in with a passkey").click()
    one.page.get_by_text("This passkey is not known here").wait_for()
    device.send("WebAuthn.disable")


def test_what_a_device_signed_opens_the_door_once(house: House, visit: Visiting) -> None:
    one, sent = visit(), list[str]()
    one.authenticator()
    accept_by_passkey(house, one, "Noor")
    sign_out(one)
    one.page.on("request", lambda asked: sent.append(asked.post_data or "") if "sign-in/passkey" in asked.url else None)
    one.page.get_by_role("button", name="Sign in with a passkey").click()
    one.page.wait_for_url("**/console/")
    with house.client(origin=house.local, host=house.local.removeprefix("http://")) as thief:
        token = token_of(thief.get("/console/sign-in").text)
        headers = {"x-sogdia-token": token, "content-type": "application/json", "accept": "application/json"}
        again = thief.post("/console/sign-in/passkey", content=sent[-1], headers=headers)
    assert json.loads(sent[-1])["credential"]["response"]["signature"]
    assert (again.status_code, again.json()["type"]) == (403, "urn:sogdia:problem:passkey_wrong")


def test_by_number_the_page_says_under_which_name_passkeys_work(house: House, visit: Visiting) -> None:
    one = visit()
    one.page.goto(f"{house.town.url}/console/sign-in")
    assert one.page.get_by_role("button", name="Sign in with a passkey").count() == 0
    one.page.get_by_role("link", name=house.local).click()
    one.page.get_by_role("button", name="Sign in with a passkey").wait_for()


def test_signing_in_and_out_needs_no_mouse(house: House, visit: Visiting) -> None:
    one, person = visit(), house.person()
    one.page.goto(f"{house.local}/")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.textContent") == "Go to the content"
    one.page.keyboard.press("Enter")
    pressed = ["Tab", "Tab"]  # past the passkey, to the name
    for text in (person.name, person.password, person.code()):
        for key in pressed:
            one.page.keyboard.press(key)
        one.page.keyboard.type(text)
        pressed = ["Tab"]
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")
    menu = one.page.locator("details.menu").last
    menu.locator("summary").focus()
    one.page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    one.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    for key in ("Enter", "Tab", "Tab", "Tab", "Enter"):
        one.page.keyboard.press(key)
    one.page.wait_for_url("**/console/sign-in")


def test_the_language_is_kept_where_it_was_chosen(house: House, visit: Visiting) -> None:
    one, person = visit(language="zh"), house.person()
    one.page.goto(f"{house.local}/console/sign-in?next=/console/account")
    assert one.page.get_by_role("heading", level=1).inner_text() == "登录"
    one.page.get_by_role("link", name="English").click()
    assert one.page.get_by_role("heading", level=1).inner_text() == "Sign in"
    assert one.page.url == f"{house.local}/console/sign-in?next=%2Fconsole%2Faccount"
    fill_in(one, person.name, person.password, person.code())
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/account")
    one.page.get_by_role("link", name="中文").first.click()
    assert one.page.get_by_role("heading", level=1).inner_text() == "账户"
    user = users.by_name(house.console.notebook, person.name)
    assert user is not None
    assert user.language == "zh"


def test_the_theme_follows_the_system_until_it_is_chosen(house: House, visit: Visiting) -> None:
    one = visit(dark=True)
    one.page.goto(f"{house.local}/console/sign-in")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert one.page.evaluate(ground) == "rgb(17, 22, 28)"
    one.page.goto(f"{house.local}/console/sign-in?theme=light")
    assert one.page.evaluate(ground) == "rgb(245, 246, 248)"
    one.page.goto(f"{house.local}/console/sign-in")
    assert one.page.evaluate(ground) == "rgb(245, 246, 248)", "a cookie keeps it"


def test_a_link_from_another_site_finds_its_user_signed_in(house: House, visit: Visiting) -> None:
    """127.0.0.1 and localhost are two sites to a browser; a SameSite=Strict cookie does not go along with the link."""
    one, person = visit(), house.person()
    one.page.goto(f"{house.local}/console/sign-in")
    fill_in(one, person.name, person.password, person.code())
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")
    one.page.goto(f"{house.town.url}/console/sign-in")
    one.page.evaluate("(to) => location.assign(to)", f"{house.local}/console/account?tab=1")
    one.page.get_by_role("heading", name="Your account").wait_for()
    assert one.page.url == f"{house.local}/console/account?tab=1"


def test_what_a_user_typed_is_text_and_never_runs(house: House, visit: Visiting) -> None:
    one, person = visit(), house.person(SELLER)
    name = "<script>alert(1)</script>"
    one.page.goto(f"{house.local}/console/sign-in")
    fill_in(one, name, person.password, "000000")
    one.page.keyboard.press("Enter")
    one.page.get_by_role("alert").wait_for()
    assert one.page.locator("#name").input_value() == name


def test_the_policy_stops_a_script_that_got_into_a_page(house: House, visit: Visiting) -> None:
    one = visit()
    one.page.goto(f"{house.local}/console/sign-in")
    one.page.evaluate(
        "() => { const made = document.createElement('script'); made.textContent = 'window.ran = 1';"
        " document.body.append(made); }"
    )
    assert one.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in said for said in one.said), "and the browser says so: the test can see it"
    one.said.clear()


def test_without_scripts_the_pages_are_whole(house: House, visit: Visiting) -> None:
    one, person = visit(scripts=False), house.person()
    one.page.goto(f"{house.local}/console/")
    fill_in(one, person.name, person.password, person.code())
    one.page.get_by_role("button", name="Sign in", exact=True).click()
    one.page.wait_for_url("**/console/")
    one.page.goto(f"{house.local}/console/style")
    assert one.page.locator("dialog").is_visible()
    sign_out(one)
