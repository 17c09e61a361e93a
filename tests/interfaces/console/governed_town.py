"""A town whose record has members who vote, rulebooks, delegations, and a party with two keys."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import unescape
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser

from sogdia import app
from sogdia.app import Node
from sogdia.core.keys import SigningKey, key_id
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import PublishBans
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.governance.messages import (
    Apply,
    ChangeRole,
    Credential,
    Found,
    Founder,
    Organisation,
    Parameters,
    Propose,
    Vote,
)
from sogdia.domains.identity.messages import Delegate, NewKey, Rotate, Suspend
from sogdia.interfaces.http.server import Server, configure
from sogdia.mirror.follower import Follower
from sogdia.mirror.picture import SqlPicture
from sogdia.standards import seed
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, Person
from tests.interfaces.http.town import (
    CARRIER,
    CUSTOMS,
    NETWORK,
    ON_RECORD,
    PLATFORM,
    REGISTRAR,
    SELLER,
    STRANGER,
    SUSPENDED,
    Caller,
    Town,
)

MEMBERS = (REGISTRAR, PLATFORM, CARRIER, CUSTOMS)
ADMISSION, ROLE = "000001", "000002"
"""Cases that are open: a stranger asks to become a member, and the platform wants another role."""
UNTIL_MS = 4_102_444_800_000
"""2100-01-01."""


class GovernedTown(Town):
    """As a town, founded by four members, of which three have seats."""

    def __init__(self, folder: Path) -> None:
        self.node = Node.create(folder / "node", NETWORK, founding())
        self.node.start()
        url = f"sqlite:///{folder / 'mirror.db'}"
        self.follower = Follower(url, app.TABLES, self.node.engine)
        self.follower.start()
        self.picture = SqlPicture(url, app.TABLES)
        self.url = ""
        self.server: Server = configure(self.node, self.picture, on_ready=self._ready)
        self._thread = Thread(target=self.server.run, daemon=True)

    def lived_in(self) -> "GovernedTown":
        """What happened here: keys, delegations, a suspension, cases with votes."""
        self.submit(Rotate(party=SELLER.did, add=(second_of(SELLER),)), by=SELLER)
        self.submit(delegation(SELLER, CARRIER, UNTIL_MS), by=SELLER)
        self.submit(delegation(SELLER, PLATFORM, int(time.time() * 1000) + 5 * 86_400_000), by=SELLER)
        self.submit(Suspend(party=SUSPENDED.did, reason="licence expired", registrar=REGISTRAR.did), by=REGISTRAR)
        self.submit(application(), by=STRANGER)
        what = ChangeRole(party=PLATFORM.did, role="warehouse", change="grant")
        self.submit(Propose(member=PLATFORM.did, what=what), by=PLATFORM)
        self.submit(Vote(member=CARRIER.did, case_no=ADMISSION, choice="no"), by=CARRIER)
        self.mirrored()
        return self


def founding() -> list[Message]:
    """Registrations, members and the rows of seed."""
    founders = tuple(
        Founder(one.did, f"https://{one.name}.example", seat(one) if one is not CARRIER else None) for one in MEMBERS
    )
    return [
        *(one.registration(REGISTRAR.did) for one in ON_RECORD),
        PublishLimits(authority=CUSTOMS.did, rows=seed.rows("customs_cn_limits")),
        PublishBans(authority=CUSTOMS.did, rows=seed.rows("catalog_bans")),
        Found(members=founders, parameters=Parameters(case_days=7)),
    ]


def seat(one: Caller) -> str:
    """The key of a member's CometBFT, in hexadecimal."""
    return sha256(f"{one.name} seat".encode()).hexdigest()


def second_of(one: Caller) -> NewKey:
    """Another key of a party."""
    public = SigningKey(sha256(f"{one.name}'s second key".encode()).digest()).public
    return NewKey(id=key_id(one.did, 2), public=public.hex())


def delegation(principal: Caller, agent: Caller, until_ms: int) -> Delegate:
    """An agent may declare for the principal."""
    return Delegate(principal=principal.did, agent=agent.did, actions=("customs.declare_export",), until_ms=until_ms)


def application() -> Apply:
    """A stranger asks to become a member."""
    return Apply(
        party=STRANGER.did,
        organisation=Organisation(
            name="Samarkand Customs Brokers",
            country="UZ",
            registration="302345678",
            keys=(NewKey(id=STRANGER.kid, public=STRANGER.key.public.hex()),),
            agreement="77" * 32,
        ),
        url="https://broker.example:8443",
        roles=("broker",),
        credentials=(Credential("trade licence", "Chamber of Commerce", "L-2026-118", "99" * 32),),
    )


@contextmanager
def governed_house(folder: Path) -> Iterator[House]:
    """Such a town, lived in, seen through its console."""
    town = GovernedTown(folder)
    with town:
        yield House(town.lived_in())


def text_of(answer: httpx.Response) -> str:
    """What a person reads in a page's main part, with single blanks."""
    assert answer.status_code == 200, answer.text
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main.partition(">")[2])).split())


def enter(house: House, one: Visit, person: Person) -> Visit:
    """Sign in with a recovery code, of which there are enough for several visits."""
    one.page.goto(f"{house.local}/console/sign-in")
    for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.codes.pop())):
        one.page.fill(field, value)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")
    return one


def flaws(house: House, browser: Browser, person: Person, pages: dict[str, str]) -> list[str]:
    """What axe finds on these pages, and which are wider than a phone, in both languages, themes and widths."""
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, found = AXE.read_text(encoding="utf-8"), []
    for width, language, dark in ((390, "en", True), (390, "zh", False), (1280, "en", False), (1280, "zh", True)):
        one = enter(house, Visit(browser, width, language, dark), person)
        for name, path in pages.items():
            answer = one.page.goto(house.local + path)
            assert answer is not None
            assert answer.status == 200, path
            keep(one, name, language, dark, width)
            found += [f"{name} {width} {language}: {flaw}" for flaw in judged(one, axe)]
            found += [f"{name} {width} {language}: too wide"] if is_wider_than_its_window(one) else []
        one.close()
    return found
