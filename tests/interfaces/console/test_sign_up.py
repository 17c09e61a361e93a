"""Signing up on the one phone that one has: no second screen to scan, nothing to write down by hand."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import expect
from pyotp import TOTP

from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import PASSWORD, House
from tests.interfaces.http.town import CUSTOMS

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]


def clipboard(one: Visit) -> str:
    """What was copied last."""
    found: str = one.page.evaluate("() => navigator.clipboard.readText()")
    return found


def test_on_one_phone_the_authenticator_opens_by_a_link_and_all_codes_are_copied(house: House, visit: Visiting) -> None:
    one = visit(width=390, language="zh")
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one.page.goto(house.local + house.invited(CUSTOMS, "Li Wei"))
    link = one.page.get_by_role("link", name="在本机打开验证器").get_attribute("href") or ""
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert "Li Wei" in unquote(parts.path)
    (secret,) = parse_qs(parts.query)["secret"]
    one.page.get_by_role("button", name="复制").click()
    expect(one.page.get_by_role("button", name="已复制")).to_be_visible()
    assert clipboard(one) == secret, "without the blanks that make it readable"
    form = one.page.locator("form.way")
    for name, value in (("name", "Li Wei"), ("password", PASSWORD), ("again", PASSWORD), ("code", TOTP(secret).now())):
        form.locator(f"[name={name}]").fill(value)
    form.locator("button.primary").click()
    expect(one.page.get_by_role("heading", name="恢复码")).to_be_visible()
    one.page.get_by_role("button", name="复制").click()
    expect(one.page.get_by_role("button", name="已复制")).to_be_visible()
    codes = clipboard(one).split()
    assert codes == one.page.locator(".codes code").all_inner_texts()
    assert len(codes) == len(set(codes)) > 5
    one.page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    one.page.get_by_role("button", name="打印").click()
    assert one.page.evaluate("() => window.printed") is True


def test_without_scripts_no_button_is_shown_that_would_do_nothing(house: House, visit: Visiting) -> None:
    one = visit(scripts=False)
    one.page.goto(house.local + house.invited())
    expect(one.page.get_by_role("button", name="Copy")).to_be_hidden()
    expect(one.page.get_by_role("link", name="Open the authenticator on this device")).to_be_visible()


def test_another_password_has_the_link_too(house: House) -> None:
    with house.signed_in(house.person(CUSTOMS)) as client:
        page = client.get("/console/account/password").text
    link = unescape(re.findall(r'href="(otpauth:[^"]+)"', page)[0])
    secret = re.findall(r'name="secret" value="(\w+)"', page)[0]
    assert parse_qs(urlsplit(link).query)["secret"] == [secret]
