"""A node with people who sign in: a town's parties, invitations, users with known secrets, and bare requests."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import httpx
from pyotp import TOTP

from sogdia.interfaces.console import passwords, users
from sogdia.interfaces.console.room import Console
from tests.interfaces.http.town import CUSTOMS, Caller, Town

PASSWORD = "grey heron over the bridge"
_names = count(1)


class Person:
    """A user who signs in with a password and codes."""

    def __init__(self, name: str, password: str, totp: str, codes: list[str]) -> None:
        self.name, self.password, self.totp, self.codes = name, password, totp, codes

    def code(self, steps: int = 0) -> str:
        """The one-time code of now, or of so many intervals later."""
        return str(TOTP(self.totp).at(time.time() + 30 * steps))


class House:
    """A town's node, seen through its console."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.console: Console = town.server.application.state.console
        self.local = town.url.replace("127.0.0.1", "localhost")
        """The address at which browsers take passkeys."""

    def invited(self, party: Caller = CUSTOMS, name: str = "") -> str:
        """The path of an invitation."""
        token = users.invite(self.console.notebook, party.did, name, self.console.now_ms())
        return f"/console/invitation/{token}"

    def person(self, party: Caller = CUSTOMS) -> Person:
        """A user with a password and codes, who accepted an invitation."""
        notebook, now_ms, name = self.console.notebook, self.console.now_ms(), f"Officer {next(_names)}"
        token, codes = users.invite(notebook, party.did, "", now_ms), users.new_codes()
        invitation = users.invitation_of(notebook, token, now_ms)
        assert invitation is not None
        user = users.new_user(invitation, name, now_ms, password=_kept())
        assert users.accept(notebook, token, user, None, codes)
        return Person(name, PASSWORD, invitation.totp, codes)

    def client(self, **headers: str) -> httpx.Client:
        """Somebody without a browser who behaves like one: a form comes from the page's own origin."""
        fields = {"accept": "text/html", "origin": self.town.url, "sec-fetch-site": "same-origin"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Client(base_url=self.town.url, headers=fields, trust_env=False, timeout=30)

    @contextmanager
    def signed_in(self, person: Person, code: str = "") -> Iterator[httpx.Client]:
        """A client with a session of this person."""
        with self.client() as client:
            found = sign_in(client, person, code or person.code())
            assert found.status_code == 303, found.text
            yield client


@cache
def _kept() -> str:
    return passwords.hashed(PASSWORD)


def token_of(text: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', text)
    assert found is not None, text
    return found[1]


def sign_in(client: httpx.Client, person: Person, code: str, **other: str) -> httpx.Response:
    """One attempt to sign in, from the page."""
    page = client.get("/console/sign-in")
    given = {"name": person.name, "password": person.password, "code": code, "next": "/console/", **other}
    return client.post("/console/sign-in", data={**given, "token": token_of(page.text)})
