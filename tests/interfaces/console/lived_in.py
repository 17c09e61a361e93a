"""A house in which every page has rows: trades at customs, a chain of custody, votes, rulebooks, refusals, a draft."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Browser

from sogdia.core.receipt import Receipt
from sogdia.domains.customs.messages import DeclareExport
from sogdia.domains.customs.state import LIMITS_BOOK
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import answered, declared
from tests.interfaces.console.governed_town import ADMISSION, ROLE, GovernedTown
from tests.interfaces.console.house import House, Person, token_of
from tests.interfaces.console.test_import import Desk, file_of, order_row
from tests.interfaces.console.traced import OLIVES, PALLET, pressed, tell_chain, tell_sold
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, SELLER, SUSPENDED, Caller, order

MERCHANT: Final = PLATFORM
"""Sees orders, imports, traces, votes; everything but the customs desk."""
REJECTED: Final = 100
"""Customs' code for a list that it sends back."""


class LivedIn(House):
    """Such a house, with three people whose visits share one session each: a merchant, an officer, a dispatcher."""

    def __init__(self, town: GovernedTown) -> None:
        super().__init__(town)
        self.people: dict[Caller, Person] = {one: self.person(one) for one in (MERCHANT, CUSTOMS, CARRIER)}
        self._cookies: dict[Caller, httpx.Client] = {}
        self.lists: list[DeclareExport] = [declared(town) for _ in range(3)]
        answered(town, self.lists[0], REJECTED)
        self.refused = _receipt(town, order(paid_minor=1))
        self.accepted = _receipt(town, order())
        tell_chain(self)
        tell_sold(self, 7, "2026-077001")
        at = Desk(self, self.client_of(MERCHANT))
        self.draft = at.bring(
            file_of(order_row("#a1"), order_row("#a2", country=""), order_row("#a3", **{"Lineitem sku": ""}))
        )
        at.choose(self.draft, seller=SELLER)
        asked = at.client.post("/console/recall", data={"token": at.token, "things": OLIVES})
        self.recall = asked.headers["location"]
        self.places = _places(self)

    def client_of(self, party: Caller) -> httpx.Client:
        """A client with the session of the party's person."""
        if party not in self._cookies:
            self._cookies[party] = client = self.client()
            given = {"name": self.people[party].name, "password": self.people[party].password}
            page = client.get("/console/sign-in").text
            form = {**given, "code": self.people[party].code(), "next": "/console/", "token": token_of(page)}
            assert client.post("/console/sign-in", data=form).status_code == 303
        return self._cookies[party]

    def visit(self, browser: Browser, party: Caller | None, width: int, language: str) -> Visit:
        """Somebody of this party at a browser, signed in already; nobody in particular without a party."""
        one = Visit(browser, width, language)
        for cookie in self.client_of(party).cookies.jar if party is not None else ():
            one.context.add_cookies(
                [{"name": cookie.name, "value": cookie.value or "", "url": f"{self.local}/console"}]
            )
        return one

    def evidence(self) -> bytes:
        """Evidence of an order, as its page gives it."""
        found = self.client_of(MERCHANT).get(f"/console/orders/evidence?{_order(self.lists[0])}")
        assert found.status_code == 200, found.text
        return found.content

    def altered(self) -> bytes:
        """The same with a sum that was never signed."""
        file: dict[str, Any] = json.loads(self.evidence())
        file["records"][0]["shown"]["paid_minor"] = 1
        return json.dumps(file).encode()

    def close(self) -> None:
        """Let go of the clients."""
        for one in self._cookies.values():
            one.close()


def _places(house: LivedIn) -> dict[str, str]:
    """Parts of addresses that are known only when everything is on record."""
    waits = house.lists[1]
    listed = {"subject": "export_list", "broker": waits.broker, "list_no": waits.list_no}
    return {
        "order": _order(house.lists[0]),
        "declaration": urlencode(listed),
        "draft": house.draft,
        "recall": house.recall,
        "thing": urlencode({"q": OLIVES}),
        "event": urlencode({"party": PLATFORM.did, "event": pressed()["eventID"]}),
        "row": urlencode({"table": "customs.rulebook", "book": LIMITS_BOOK, "key": "single_fen"}),
        "story": "/story/" + PALLET.removeprefix("https://id.gs1.org/"),
        "party": SELLER.did,
        "suspended": SUSPENDED.did,
        "admission": ADMISSION,
        "role": ROLE,
        "height": str(house.accepted.height),
        "accepted": house.accepted.transaction,
        "refused": house.refused.transaction,
    }


@contextmanager
def lived_in(folder: Path) -> Iterator[LivedIn]:
    """Such a house, and its end."""
    town = GovernedTown(folder)
    with town:
        house = LivedIn(town.lived_in())  # type: ignore[arg-type]
        town.mirrored()
        yield house
        house.close()


def _order(one: DeclareExport) -> str:
    return urlencode({"platform": one.platform, "order": one.order})


def _receipt(town: GovernedTown, placed: Any) -> Receipt:
    reply = town.submit(placed, by=PLATFORM)
    assert reply.receipt is not None
    return reply.receipt
