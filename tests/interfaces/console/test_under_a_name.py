"""A node that goes by a name, behind a proxy that speaks TLS: what browsers are told, and what is refused elsewhere."""

import httpx
import pytest

from sogdia.interfaces.console.names import Names, Place
from tests.interfaces.console.house import House, Person, token_of

NAME = "https://node.example"


@pytest.fixture
def named(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The node as if it had been started with --url."""
    monkeypatch.setattr(house.console, "names", Names([NAME]))
    return house


def signing_in(house: House, person: Person, authority: str) -> list[httpx.Response]:
    """The page and the answer to its form, through a proxy that hands on the name and speaks plain HTTP."""
    with house.client(host=authority, origin=f"https://{authority}") as client:
        page = client.get("/console/sign-in")
        visit = page.headers["set-cookie"].partition(";")[0]  # Secure, so this client would not send it by itself
        given = {"name": person.name, "password": person.password, "code": person.code()}
        data = {**given, "token": token_of(page.text)}
        client.cookies.clear()
        return [page, client.post("/console/sign-in", data=data, headers={"cookie": visit})]


def test_under_its_name_everything_is_for_tls_alone(named: House) -> None:
    page, answer = signing_in(named, named.person(), "node.example")
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "Sign in with a passkey" in page.text
    assert answer.status_code == 303
    cookies = answer.headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in cookies if "Max-Age=0" not in one] == [
        "__Host-sogdia_console",
        "__Host-sogdia_known",
    ]
    for one in cookies:
        assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(one.split("; ")), one
        assert "domain" not in one.lower(), "the prefix __Host- wants none"


def test_a_cookie_of_a_neighbour_under_the_same_domain_is_none_of_ours(named: House) -> None:
    """Without the prefix `evil.example` could put one for `node.example` beside ours, and choose a visit's token."""
    with named.client(host="node.example", origin=NAME) as client:
        page = client.get("/console/sign-in", headers={"cookie": "sogdia_visit=chosen; sogdia_console=chosen"})
    assert page.headers["set-cookie"].startswith("__Host-sogdia_visit=")
    assert token_of(page.text) != named.console.form_token("visit chosen")


def test_under_another_name_nobody_signs_in_and_the_page_says_why(named: House) -> None:
    page, answer = signing_in(named, named.person(), "other.example")
    assert "does not go by the name other.example" in page.text
    assert "strict-transport-security" not in page.headers
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "place, takes",
    [
        (Place("https", "node.example", True), True),
        (Place("https", "node.example", False), False),
        (Place("http", "node.example", True), False),
        (Place("http", "localhost:8440", True), True),
        (Place("http", "127.0.0.1:8440", True), False),
        (Place("https", "192.0.2.7", True), False),
        (Place("https", "[2001:db8::7]", True), False),
    ],
)
def test_passkeys_belong_to_a_name_over_tls_or_on_this_machine(place: Place, takes: bool) -> None:
    assert place.takes_passkeys == takes


def test_a_node_without_names_is_known_by_where_it_listens(house: House) -> None:
    assert Names()._schemes == {}
    for authority, is_own in (("127.0.0.1", True), ("localhost", True), ("rebound.example", False)):
        with house.client(host=f"{authority}:80") as client:
            page = client.get("/console/sign-in").text
        assert ("does not go by the name" not in page) == is_own
