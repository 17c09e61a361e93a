"""Take the pictures that docs/console-pictures.md shows: the console over a demo record of this minute, in Chromium.

`python tools/pictures.py [FOLDER]` writes docs/pictures unless told otherwise: each scene at 1280 px in English and at
390 px in Chinese, some in dark, as WebP. About three minutes. Names of people in them are made, and so are the trades.
Needs Chromium, or what SOGDIA_CHROMIUM names.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from sogdia.core.keys import decode_private
from sogdia.interfaces.cli.console_carrying import carried
from sogdia.interfaces.cli.keyrings import ring_of

TARGET: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
QUALITY: Final = 60
TALLEST: Final = 1600
LOOKS: Final = (("1280-en", 1280, "en", "light"), ("390-zh", 390, "zh", "light"), ("1280-en-dark", 1280, "en", "dark"))
FLAGS: Final = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run".split()
PEOPLE: Final = {
    "en": {"customs": "Officer Li", "platform": "Lin Mei", "": ""},
    "zh": {"customs": "李敏", "platform": "林梅", "": ""},
}
"""Who looks, by language: the key name of the party, and its person's name. Nobody signs in for the empty one."""
PASSWORD: Final = "a lantern for each bridge"
OLIVES: Final = "https://id.gs1.org/01/09506000135106/10/B"
TIMES: Final = ("Created at", "Paid at", "Cancelled at")
RECENT: Final = 240
"""Orders of the last two weeks, beside those of the demo."""
ROWS: Final = 60
"""Rows of the file of orders that the picture of an import shows."""
_AUTHENTICATOR: Final = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Scene(NamedTuple):
    """One page: its name, who looks, how they get there, and whether it is shown in dark as well."""

    name: str
    party: str
    way: Callable[["Visit"], None]
    is_dark: bool = False


class Visit:
    """A person of a party at a browser, before a node that serves a demo's folder."""

    def __init__(self, browser: Browser, url: str, folder: Path, party: str, name: str) -> None:
        self.url, self.folder, self.party, self.name = url, folder, party, name
        self.page: Page = browser.new_context().new_page()
        self.page.set_default_timeout(60_000)
        self.tools: CDPSession = self.page.context.new_cdp_session(self.page)
        if party:
            self._enter()

    def go(self, path: str) -> None:
        """Open a page of the node."""
        self.page.goto(self.url + path)

    def look(self, width: int, language: str, theme: str) -> None:
        """From now on in this size, language and theme."""
        self.page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        self.go(f"/console/sign-in?lang={language}")
        self.go(f"/console/sign-in?theme={theme}")

    def take(self, path: Path) -> None:
        """Keep what is seen, from the top of the page down to its end or `TALLEST`."""
        self.page.wait_for_load_state("networkidle")
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        height = min(TALLEST, int(self.page.evaluate("document.documentElement.scrollHeight")))
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("scrollTo(0, 0)")
        taken = self.tools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        path.write_bytes(b64decode(taken["data"]))
        self.page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})

    def _enter(self) -> None:
        """By an invitation and a passkey."""
        self.tools.send("WebAuthn.enable")
        self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
        ring = self.folder / "customs" if self.party == "customs" else self.folder
        given = ("--party", self.party, "--name", self.name, "--keys", str(ring), str(self.folder / "node"))
        told = subprocess.run(
            [sogdia(), "console", "invite", *given], check=True, capture_output=True, text=True
        ).stdout
        self.go(re.findall(r"/console/invitation/\S+", told)[0])
        self.page.locator("[data-passkey] button").click()
        self.page.wait_for_url("**/console/")


# --- ways -----------------------------------------------------------------------------------------------------------


def at(path: str, *clicks: str) -> Callable[[Visit], None]:
    """Open a page, then follow these links, each the first of its kind."""

    def way(one: Visit) -> None:
        one.go(path)
        for link in clicks:
            one.page.locator(link).first.click()
            one.page.wait_for_load_state()

    return way


def draft(one: Visit) -> None:
    """A file is dropped: some of its rows are set aside."""
    rows = (one.folder / "orders-shopify.csv").read_bytes().splitlines(keepends=True)[:ROWS]
    one.go("/console/import")
    one.page.set_input_files("#file", {"name": "may.csv", "mimeType": "text/csv", "buffer": b"".join(rows)})
    one.page.locator(".cards").wait_for()


def keys(one: Visit) -> None:
    """The party's key is carried in."""
    one.go("/console/keys")
    if one.page.locator("[data-here] .badge.good").count() == 0:
        file = {"name": "carried.json", "mimeType": "application/json", "buffer": _carried(one)}
        one.page.set_input_files("#carried", file)  # type: ignore[arg-type]
        one.page.fill("#carried_password", PASSWORD)
        one.page.locator("[data-take] button").click()
        one.page.locator("[data-here] .badge.good").wait_for()


def recalled(one: Visit) -> None:
    """A grove's olives are recalled."""
    one.go("/console/recall")
    one.page.fill("#things", OLIVES)
    one.page.locator("main button.primary").click()
    one.page.locator("main table").first.wait_for()


def verified(one: Visit) -> None:
    """Evidence of an order holds."""
    one.go("/verify")
    one.page.locator("form[data-ready]").wait_for(state="attached")
    one.page.fill("#trust", (one.folder / "network.vkey").read_text().strip())
    one.page.set_input_files("#file", one.folder / "evidence.json")
    one.page.locator("#verdict.good").wait_for()


def _carried(one: Visit) -> bytes:
    unlocked = ring_of(one.folder).load(one.party, None)
    _, seed = decode_private(unlocked.export_private())
    who = unlocked.identity
    return msgspec.json.encode(carried(who.kid, who.did, who.signing_public.hex(), seed, PASSWORD))


SCENES: Final = (
    Scene("tower", "customs", at("/console/tower"), is_dark=True),
    Scene("exceptions", "customs", at("/console/tower/exceptions?kind=transaction_refused")),
    Scene("orders", "platform", at("/console/orders?trouble=any")),
    Scene("order", "platform", at("/console/orders?ship_to=CN&reached=released", "tbody a"), is_dark=True),
    Scene("customs", "customs", at("/console/customs"), is_dark=True),
    Scene("declaration", "customs", at("/console/customs", "tbody a")),
    Scene("import", "platform", draft),
    Scene("trace", "platform", at(f"/console/trace?q={OLIVES}"), is_dark=True),
    Scene("recall", "platform", recalled),
    Scene("parties", "customs", at("/console/parties")),
    Scene("party", "customs", at("/console/parties", "tbody a")),
    Scene("rulebooks", "customs", at("/console/rulebooks")),
    Scene("rulebook", "customs", at("/console/rulebooks", "main .table a")),
    Scene("network", "platform", at("/console/network")),
    Scene("log", "platform", at("/console/network/log")),
    Scene("keys", "platform", keys),
    Scene("actions", "platform", at("/console/actions")),
    Scene("action", "platform", at("/console/actions/orders/place")),
    Scene("verify", "", verified, is_dark=True),
)


# --- taking them ----------------------------------------------------------------------------------------------------


def sogdia() -> str:
    """The command that stands beside the interpreter."""
    return str(Path(sys.executable).with_name("sogdia"))


def bring_recent(folder: Path, url: str) -> None:
    """More orders of the demo's seller, of the last two weeks, declared and not yet answered by customs."""
    with (folder / "orders-shopify.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = list(dict.fromkeys(row["Name"] for row in rows))[:RECENT]
    path, start = folder / "recent.csv", datetime.now(UTC) - timedelta(days=13)
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.DictWriter(file, rows[0])
        write.writeheader()
        write.writerows(_moved(row, numbers, start) for row in rows if row["Name"] in numbers)
    parts = {part: part for part in ("platform", "seller", "institution", "carrier", "broker")}
    parts["customs"] = ring_of(folder / "customs").identity("customs").did
    named = [word for part, who in parts.items() for word in (f"--{part}", who)]
    given = (str(path), "--to", url, "--keys", str(folder), "--home", "CN", "--notes", str(folder / "notes"), *named)
    subprocess.run([sogdia(), "import", *given], check=True, stdout=subprocess.DEVNULL)


def _moved(row: dict[str, str], numbers: list[str], start: datetime) -> dict[str, str]:
    """A row under another number and at another time."""
    moment = start + timedelta(days=12) * numbers.index(row["Name"]) / len(numbers)
    times = {name: f"{moment:%Y-%m-%d %H:%M:%S} +0000" for name in TIMES if row[name]}
    return row | times | {"Name": f"#6{row['Name'][1:]}", "Payment ID": row["Payment ID"] and f"x{row['Payment ID']}"}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A demo record made in this folder and its node; the address under which browsers take passkeys."""
    subprocess.run([sogdia(), "demo", "--data", str(folder)], check=True, stdout=subprocess.DEVNULL)
    given = [sogdia(), "up", str(folder / "node"), "--port", "0"]
    node = subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert node.stdout is not None
        said = node.stdout.readline()
        yield re.findall(r"http://127\.0\.0\.1:\d+", said)[0].replace("127.0.0.1", "localhost")
    finally:
        node.terminate()
        node.wait()


def take(browser: Browser, language: str, url: str, folder: Path, target: Path) -> None:
    """All scenes in a language, one person after the other."""
    for party, name in PEOPLE[language].items():
        one = Visit(browser, url, folder, party, name)
        for look, width, spoken, theme in LOOKS:
            if spoken == language:
                one.look(width, language, theme)
                for scene in SCENES:
                    if scene.party == party and (scene.is_dark or theme != "dark"):
                        scene.way(one)
                        one.take(target / f"{scene.name}-{look}.webp")
        one.page.context.close()


def main(arguments: list[str]) -> int:
    """Write the pictures; those of scenes that are no more are taken away."""
    target = Path(arguments[0]) if arguments else TARGET
    program = shutil.which(os.environ.get("SOGDIA_CHROMIUM", "chromium"))
    if program is None:
        print("pictures: no chromium on PATH or named by SOGDIA_CHROMIUM", file=sys.stderr)
        return 1
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, served(Path(made) / "demo") as url, sync_playwright() as playwright:
        bring_recent(Path(made) / "demo", url)
        for old in target.glob("*.webp"):
            old.unlink()
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for language in PEOPLE:
            take(browser, language, url, Path(made) / "demo", target)
        browser.close()
    sizes = [one.stat().st_size for one in target.glob("*.webp")]
    print(f"{len(sizes)} pictures, {sum(sizes):,} bytes in {target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
