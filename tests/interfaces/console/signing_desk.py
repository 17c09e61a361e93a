"""People who sign in a browser: their party's key carried in, the dialog, and what stands in it."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Locator, expect

from sogdia.core.transaction import Message
from sogdia.interfaces.cli.console_carrying import carried
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.http.town import Caller

PASSWORD = "a bridge of lanterns"
SIGN = """([module, groups, title]) => {
  window.results = undefined;
  import(module).then(({sign}) => sign({groups, title})).then((found) => { window.results = found; });
}"""


def plain(message: Message) -> dict[str, Any]:
    """A message as a script of a page would give it."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(message))
    return found


class SigningDesk:
    """A person of a party at a browser."""

    def __init__(self, house: House, one: Visit, party: Caller) -> None:
        self.house, self.one, self.page, self.party = house, one, one.page, party
        person = house.person(party)
        self.page.goto(f"{house.local}/console/sign-in?next=/console/keys")
        for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.code())):
            self.page.fill(field, value)
        self.page.keyboard.press("Enter")
        self.page.locator("[data-keys]").wait_for()

    def file(self, folder: Path, party: Caller | None = None) -> Path:
        """What `sogdia console carry` writes for a party."""
        given, path = party or self.party, folder / "carried.json"
        seed = sha256(f"test {given.name}".encode()).digest()
        path.write_text(json.dumps(carried(given.kid, given.did, given.key.public.hex(), seed, PASSWORD)))
        return path

    def carry_in(self, path: Path, password: str = PASSWORD) -> None:
        """Take the file in on the page of keys."""
        self.page.set_input_files("#carried", str(path))
        self.page.fill("#carried_password", password)
        self.page.locator("[data-take] button").click()

    def with_key(self, folder: Path) -> "SigningDesk":
        """The party's founding key, carried in."""
        self.carry_in(self.file(folder))
        self.page.locator("[data-here] .badge.good").wait_for()
        return self

    def ask(self, *groups: Sequence[Message | dict[str, Any]], title: str = "") -> Locator:
        """What a page does that wants something signed; the dialog."""
        given = [[one if isinstance(one, dict) else plain(one) for one in group] for group in groups]
        self.page.evaluate(SIGN, [self.module("sign.js"), given, title])
        dialog = self.page.locator("dialog.signing")
        dialog.locator(".signing-body > :not(.loading)").first.wait_for()
        return dialog

    def sign_shown(self) -> Locator:
        """Sign what the dialog shows; the dialog, when it says what became of it."""
        dialog = self.page.locator("dialog.signing")
        dialog.locator(".actions .primary").click()
        expect(dialog.locator(".terms")).to_have_count(0)
        dialog.locator(".signing-body .alert").first.wait_for(timeout=60_000)
        expect(dialog.locator(".signing-body progress")).to_have_count(0, timeout=60_000)
        return dialog

    def sign_and_close(self) -> None:
        """Sign what the dialog shows, and close it whatever became of it."""
        self.sign_shown().locator(".actions button").last.click()

    def sign_to_the_end(self) -> None:
        """Sign what the open dialog shows, wait until the node has answered all of it, and close."""
        dialog = self.sign_shown()
        expect(dialog.locator(".actions .primary")).to_have_count(0)
        dialog.locator(".actions button").last.click()

    def module(self, name: str) -> str:
        """The address of a script for signing, as this page has it."""
        found: str = self.page.evaluate("() => document.querySelector('script[src*=\"/signing/\"]').src")
        return found.rpartition("/")[0] + "/" + name

    def results(self) -> Any:
        """What the page was told when the dialog closed."""
        self.page.locator("dialog.signing").wait_for(state="detached")
        return self.page.evaluate("window.results")
