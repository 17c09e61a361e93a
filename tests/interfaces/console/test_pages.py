"""What holds for every page and file of the console, whoever wrote it: words, tokens, contrast, headers, guards."""

import re
from pathlib import Path
from typing import Final

import pytest
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces import console, words
from sogdia.interfaces.console import assets, mounting
from sogdia.interfaces.console.rendering import environment
from tests.interfaces.console.house import House

HERE: Final = Path(console.__file__).parent
TEMPLATES: Final = sorted((HERE / "pages").glob("**/*.html"))
SCRIPTS: Final = sorted((HERE / "assets").glob("**/*.js"))
STYLE: Final = (HERE / "assets" / "console.css").read_text(encoding="utf-8")
HANDLERS: Final = [handler for subject in mounting.SUBJECTS for handler in subject.ROUTES]


# --- templates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_can_be_read_and_asks_for_words_that_are_there(path: Path) -> None:
    environment().get_template(path.relative_to(HERE / "pages").as_posix())
    for key in re.findall(r"""\bt\(\s*["']([a-z0-9_.]+)["']\s*[,)]""", path.read_text(encoding="utf-8")):
        assert words.has_words(key, "en"), key
        assert words.has_words(key, "zh"), key


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_and_nothing_is_marked_safe(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_the_token(path: Path) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
        assert "parts.token()" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_form_says_who_sends_it_and_what_scripts_send_no_browser_puts_into_an_address(path: Path) -> None:
    """Without `method` a browser whose script is late, or failed, puts all fields into the address: a password too."""
    forms = re.findall(r"""<form\b(?:[^>"]|"[^"]*")*>""", path.read_text(encoding="utf-8"))
    said = [re.search(r'\smethod="(get|post|dialog)"', form) for form in forms]
    assert all(said), f"get: a search; post: with the token; dialog: a script alone ({forms})"
    for form, method in zip(forms, said, strict=True):
        assert method is not None
        assert ("action=" in form) == (method[1] != "dialog"), form


def test_every_entry_of_the_navigation_and_every_role_has_words() -> None:
    entries = [subject.ENTRY.name for subject in mounting.SUBJECTS if hasattr(subject, "ENTRY")]
    assert entries
    for key in [f"console_nav.{name}" for name in entries]:
        assert words.has_words(key, "en"), key
        assert words.has_words(key, "zh"), key


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_name_no_other_host(path: Path) -> None:
    assert re.findall(r"https?://(?!www\.w3\.org/)", path.read_text(encoding="utf-8")) == []


# --- style ----------------------------------------------------------------------------------------------------------


def tokens(block: str) -> dict[str, str]:
    """The colours of a block of tokens."""
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{3,6});", block))


def blocks() -> list[dict[str, str]]:
    """Light, dark by the system's wish, dark by the switch."""
    return [tokens(one) for one in re.findall(r":root[^{]*\{(.*?)\}", STYLE, re.DOTALL)]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_both_ways_to_dark_are_the_same() -> None:
    light, by_system, by_switch = blocks()
    assert by_system == by_switch
    assert set(light) == set(by_system)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_and_lines_of_controls_stand_out(theme: int) -> None:
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for what one must see to use a control (1.4.11)."""
    has = blocks()[theme]
    for text in ("--text", "--quiet", "--accent", "--bad"):
        for ground in ("--ground", "--surface", "--raised"):
            assert contrast(has[text], has[ground]) >= 4.5, (text, ground)
    for kind in ("good", "warn", "bad", "info", "quiet"):
        assert contrast(has[f"--{kind}"], has[f"--{kind}-soft"]) >= 4.5, kind
        assert contrast(has["--text"], has[f"--{kind}-soft"]) >= 4.5, kind
    assert contrast(has["--accent"], has["--accent-soft"]) >= 4.5
    assert contrast(has["--accent-ink"], has["--accent"]) >= 4.5
    assert contrast(has["--line-strong"], has["--surface"]) >= 3


def test_the_style_sheet_is_small() -> None:
    assert len(STYLE.encode()) < 20_000


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_for_good_under_its_digest_and_asked_for_again_under_another(house: House) -> None:
    path = assets.asset("console.css")
    with house.client() as client:
        now = client.get(path)
        before = client.get(path.replace(assets.shelf().digest, "0" * 16))
        again = client.get(path, headers={"if-none-match": now.headers["etag"]})
        assert client.get(path.replace("console.css", "../__init__.py")).status_code == 404
        assert client.get(path.replace("console.css", "nothing.css")).status_code == 404
    assert now.content == STYLE.encode()
    assert now.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in now.headers["cache-control"]
    assert before.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", sorted(assets.shelf().files))
def test_every_file_is_served_as_what_it_is(house: House, name: str) -> None:
    with house.client() as client:
        found = client.get(assets.asset(name))
    assert found.status_code == 200
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-type"].removesuffix("; charset=utf-8") == assets.shelf().files[name].kind


# --- headers and guards -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/", "/console/none", "/console/users/none/at/all"])
def test_every_page_forbids_what_it_does_not_need(house: House, path: str) -> None:
    with house.client() as client:
        headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers, "there is no TLS here"


def posts() -> list[tuple[str, HTTPRouteHandler]]:
    """Every path at which something can be changed."""
    found = [handler for handler in HANDLERS if "POST" in handler.http_methods]
    return [
        (f"/console{path.replace('{token:str}', 'x')}", handler) for handler in found for path in sorted(handler.paths)
    ]


@pytest.mark.parametrize("path", [path for path, _ in posts()])
def test_nothing_changes_without_the_pages_token(house: House, path: str) -> None:
    """Whatever a page takes, it takes from its own form alone: true of every page in `mounting.SUBJECTS`."""
    with house.signed_in(house.person()) as client:
        plain = re.sub(r"\{\w+:\w+\}", "x", path)
        for given in ({"data": {"token": "0" * 64}}, {"json": {}, "headers": {"x-sogdia-token": "0" * 64}}):
            answer = client.post(plain, **given)  # type: ignore[arg-type]
            assert answer.status_code in (403, 415), plain
        foreign = client.post(plain, data={}, headers={"sec-fetch-site": "cross-site"})
        assert foreign.status_code == 403


@pytest.mark.parametrize(
    "path", [f"/console{path}" for one in HANDLERS if "GET" in one.http_methods for path in sorted(one.paths)]
)
def test_visitors_see_no_page_of_users(house: House, path: str) -> None:
    """Only signing in and invitations are for visitors."""
    with house.client() as client:
        answer = client.get(re.sub(r"\{\w+:\w+\}", "x", path))
    if path.startswith(("/console/sign-in", "/console/invitation/")):
        assert answer.status_code in (200, 410)
    else:
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/console/sign-in")


def test_a_browser_at_the_nodes_address_is_shown_the_console_and_a_program_is_not(house: House) -> None:
    with house.client() as client:
        assert client.get("/").headers["location"] == "/console/"
        assert client.get("/", headers={"accept": "application/json"}).status_code == 404
        assert client.get("/console").headers.get("location", "").startswith("/console/sign-in")


@pytest.mark.parametrize("path", ["/console/none", "/console/account/none/at/all", "/console/sign-in/none"])
def test_what_is_not_there_is_said_in_words(house: House, path: str) -> None:
    with house.client(accept_language="zh") as client:
        page = client.get(path)
    assert page.status_code == 404
    assert "没有此页面" in page.text


def test_a_program_that_asks_for_a_page_gets_a_problem(house: House) -> None:
    with house.client(accept="application/json") as client:
        answer = client.get("/console/account")
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:sogdia:problem:sign_in_needed"


def test_a_mistake_of_ours_is_a_page_that_says_nothing_of_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person()) as client:
        monkeypatch.setattr(house.console.sessions, "of", None)
        page = client.get("/console/account")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert "NoneType" not in page.text
