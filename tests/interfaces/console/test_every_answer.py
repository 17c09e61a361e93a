"""What every answer of a node carries, whatever was asked and whatever went wrong, and what no body can do to it."""

import re
from collections.abc import Iterator

import httpx
import pytest

from sogdia.interfaces.console.forms import FIELDS, FORM_BYTES, TOKEN_HEADER
from sogdia.interfaces.console.plain_text import plainly
from tests.interfaces.console.desks_town import declared
from tests.interfaces.console.house import House, token_of

OPEN_TO_CACHES = ("/checkpoint",)
"""Public and asked for again each time: `no-cache`."""
ODD = ("/console/%00", "/console/orders/%ff", "/%zz", "/console/" + "x" * 9_000, "/console/orders?text=" + "y" * 9_000)


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[httpx.Client]:
    declared(house.town)
    house.town.mirrored()
    with house.signed_in(house.person()) as found:
        yield found


def routes(house: House) -> list[tuple[str, str]]:
    """Every method and path of the node, with something in the place of what varies."""
    found = house.town.server.application.routes
    return sorted(
        (method, re.sub(r"\{[^}]*\}", "x", one.path)) for one in found for method in getattr(one, "methods", ())
    )


def lacks(path: str, answer: httpx.Response) -> list[str]:
    """What an answer should carry and does not."""
    policy, kept = answer.headers.get("content-security-policy", ""), answer.headers.get("cache-control", "")
    asked = {
        "policy": policy.startswith("default-src 'none'") and "unsafe" not in policy,
        "frames": "frame-ancestors 'none'" in policy,
        "sniffing": answer.headers.get("x-content-type-options") == "nosniff",
        "referrer": answer.headers.get("referrer-policy") == "no-referrer",
        "caches": "no-store" in kept or (path in OPEN_TO_CACHES and "no-cache" in kept),
    }
    return [
        f"{answer.request.method} {path} {answer.status_code}: {name}" for name, holds in asked.items() if not holds
    ]


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_pages_downloads_problems_and_redirects_all_forbid_what_they_do_not_need(
    house: House, client: httpx.Client, accept: str
) -> None:
    flaws, asked = list[str](), routes(house)
    assert len(asked) > 150
    for method, path in asked:
        if path == "/console/sign-out" or path.endswith("/sessions/close"):
            continue
        with client.stream(method, path, headers={"accept": accept}) as answer:
            flaws += lacks(path, answer)
            assert answer.status_code != 500, path
            if answer.headers.get("content-type", "").partition(";")[0] != "text/event-stream":  # it has no end
                answer.read()
    assert flaws == []


@pytest.mark.parametrize("path", ODD, ids=lambda path: path[:24])
def test_odd_paths_are_refused_with_the_same_care(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500
    assert lacks(path, answer) == []


@pytest.mark.parametrize(
    "path",
    ["/console/orders/export.csv", "/console/orders/export.xlsx", "/console/orders/export.csv?currency=nonsense"],
)
def test_lists_to_take_away_are_kept_in_no_cache(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert lacks(path, answer) == []
    if answer.status_code == 200:
        assert re.fullmatch(r'attachment; filename="orders\.(csv|xlsx)"', answer.headers["content-disposition"])


# --- bodies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50_000, b'{"a":' + b"[" * 4_000 + b"]" * 4_000 + b"}", b"\xff", b""]
)
def test_json_that_nests_without_end_or_is_none_is_refused_in_words(client: httpx.Client, body: bytes) -> None:
    page = client.get("/console/account").text
    headers = {TOKEN_HEADER: token_of(page), "content-type": "application/json"}
    answer = client.post("/console/account/passkey/options", content=body, headers=headers)
    assert answer.status_code in (400, 413), answer.text


def test_forms_are_bounded_in_fields_and_bytes(client: httpx.Client) -> None:
    token = token_of(client.get("/console/account").text)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    many = f"token={token}" + "&a=" * FIELDS
    assert client.post("/console/account/passkey/drop", content=many, headers=headers).status_code == 400
    long = f"token={token}&a=" + "x" * FORM_BYTES
    assert client.post("/console/account/passkey/drop", content=long, headers=headers).status_code == 413


# --- what cannot be seen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, told",
    [
        ("Acme \u202eMOC.ELPMAXE", "Acme ⟨U+202E⟩MOC.ELPMAXE"),
        ("Ac\u200bme", "Ac⟨U+200B⟩me"),
        ("\u2066Acme\u2069", "⟨U+2066⟩Acme⟨U+2069⟩"),
        ("a\x00b\x1b[31mc", "a⟨U+0000⟩b⟨U+001B⟩[31mc"),
        ("Acme\u3164", "Acme⟨U+3164⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
    ],
)
def test_signs_that_cannot_be_seen_are_told_by_their_number(text: str, told: str) -> None:
    assert plainly(text) == told


@pytest.mark.parametrize(
    "text", ["Yiwu Lantern Trading Co.", "义乌灯笼贸易有限公司", "شركة الحرير", "Café 🏮", "two\nlines\tand a tab", ""]
)
def test_ordinary_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert plainly(text) == text
