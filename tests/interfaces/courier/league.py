"""Three organisations with a node each: the same transactions go to all of them, as a network would order them.

Each runs its own embedded engine, so their blocks differ while their records agree, which is all that a courier sees.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread
from types import TracebackType
from typing import Any

import httpx

from sogdia.app import Node
from sogdia.client.http import HttpConnection
from sogdia.client.request_signing import sign_request
from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.state import Record, Table
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Found, Founder, Host
from sogdia.domains.orders.messages import EraseSealed, Place
from sogdia.interfaces.courier.courier import Courier
from sogdia.interfaces.courier.settings import Settings
from sogdia.interfaces.http.sealed_shelf import Pair, SealedShelf
from sogdia.interfaces.http.server import Server, configure
from sogdia.interfaces.network.ports import free_ports
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.errors import Erased
from tests.interfaces.http.town import (
    CARRIER,
    CUSTOMS,
    LANTERN,
    NETWORK,
    ON_RECORD,
    OTHER_PLATFORM,
    PLATFORM,
    REGISTRAR,
    SELLER,
    Caller,
    envelope,
    order,
    transaction,
)

ALPHA = Caller("alpha", "warehouse")
BETA = Caller("beta", "warehouse")
GAMMA = Caller("gamma", "warehouse")
OF_ALPHA, OF_BETA, OF_GAMMA = (PLATFORM,), (CARRIER,), (SELLER, CUSTOMS, OTHER_PLATFORM)
"""Whom each organisation serves."""
GUESTS = {ALPHA: OF_ALPHA, BETA: OF_BETA, GAMMA: OF_GAMMA}
PATIENCE_SECONDS = 20.0


def founding(urls: Mapping[Caller, str]) -> list[Message]:
    """Everybody's registration, then the network with its members."""
    registrations = [one.registration(REGISTRAR.did) for one in (*ON_RECORD, *GUESTS)]
    members = tuple(Founder(party=organisation.did, url=url) for organisation, url in urls.items())
    return [*registrations, Found(members=members)]


def quick(organisation: Caller, **given: Any) -> Settings:
    """Settings with pauses for a test."""
    usual = {"first_pause_seconds": 0.05, "longest_pause_seconds": 0.2, "look_seconds": 0.02, "answer_seconds": 5.0}
    usual["longest_rest_seconds"] = 0.5
    return Settings(organisation=organisation.did, signer=organisation, **{**usual, **given})


def write(node: Node, table: Table[Any], record: Record) -> None:
    """Put a record into a node's state as if a rule had."""
    node.store.write({b"S" + table.path_of(record): record_bytes(record)})


def arrives(house: "House", sale: Pair) -> None:
    """Wait until the envelope is there."""
    until(lambda: house.holds(sale.trade, sale.envelope), f"the envelope is at {house.organisation.name}")


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until this holds; say what did not when it takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.01)


async def served(server: Server) -> None:
    """Serve until told to end; a request that came while the server closed is cut off, as by the end of a process."""
    await server.serve()
    await asyncio.sleep(0.02)
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)


class House:
    """One organisation: its node, its HTTP interface, its courier; all of it can stop and come back."""

    def __init__(self, folder: Path, organisation: Caller, urls: Mapping[Caller, str]) -> None:
        self.folder, self.organisation = folder, organisation
        self.url = urls[organisation]
        self.backlog: list[bytes] = []
        self.is_open = False
        Node.create(folder, NETWORK, founding(urls)).close()

    def open(self, with_courier: bool = True) -> None:
        """Start, and execute what the network has ordered meanwhile."""
        self.node = Node(self.folder)
        self.node.start()
        ready: list[str] = []
        self.server: Server = configure(self.node, None, port=int(self.url.rpartition(":")[2]), on_ready=ready.append)
        self.shelf: SealedShelf = self.server.application.state.desk.shelf
        self.shelf.organisation = self.organisation.did
        self._thread = Thread(target=lambda: asyncio.run(served(self.server)), daemon=True)
        self._thread.start()
        until(lambda: bool(ready), "the server listens")
        self.is_open = True
        for raw in self.backlog:
            self.execute(raw)
        self.backlog.clear()
        if with_courier:
            self.send_courier()

    def send_courier(self, **given: Any) -> None:
        """Start the courier."""
        self.courier = Courier(self.node, self.shelf, quick(self.organisation, **given))
        self.courier.start()

    def close(self) -> None:
        """Stop everything in good order."""
        if self.is_open:
            self.is_open = False
            self.server.should_exit = True
            self._thread.join()
            self.node.close()

    def execute(self, raw: bytes) -> None:
        """Take a transaction as the network orders it."""
        if not self.is_open:
            self.backlog.append(raw)
            return
        receipt = self.node.submit_all([raw])[0].result(10)
        assert receipt.code == 0, receipt

    def connection(self, party: Caller) -> HttpConnection:
        """A client of this node."""
        return HttpConnection(self.url, NETWORK.network, party, attempts=1)

    def holds(self, trade: str, envelope: str) -> bool:
        """Whether the envelope stands on this shelf."""
        try:
            return self.shelf.find(trade, envelope) is not None
        except Erased:
            return False

    def call(self, method: str, path: str, by: Caller | None, body: Any = None) -> httpx.Response:
        """One signed request with a JSON body."""
        content, headers = b"" if body is None else json_bytes(body), {"content-type": "application/json"}
        if by is not None:
            headers |= sign_request(method, self.url + path, content, by, int(time.time()), token_urlsafe(24))
        return httpx.request(method, self.url + path, content=content, headers=headers, trust_env=False, timeout=30)


class League:
    """The three organisations."""

    def __init__(self, folder: Path) -> None:
        ports = zip(GUESTS, free_ports(len(GUESTS)), strict=True)
        urls = {organisation: f"http://127.0.0.1:{port}" for organisation, port in ports}
        self.alpha, self.beta, self.gamma = self.houses = [
            House(folder / organisation.name, organisation, urls) for organisation in GUESTS
        ]

    def __enter__(self) -> "League":
        for house in self.houses:
            house.open()
        for organisation, guests in GUESTS.items():
            for guest in guests:
                self.submit(Host(party=guest.did, member=organisation.did), by=guest)
        self.submit(LANTERN, by=SELLER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for house in self.houses:
            if house.is_open:
                house.courier.stop()
        for house in self.houses:
            house.close()

    def submit(self, *messages: Message, by: Caller) -> None:
        """Have a transaction ordered; nodes that are down take it when they are back."""
        raw = transaction(*messages, by=by)
        for house in self.houses:
            house.execute(raw)

    def sold(self, *recipients: Caller, at: House, platform: Caller = PLATFORM) -> Pair:
        """The platform leaves an envelope at a node and places the order that names it."""
        placed = order(platform=platform)
        trade = f"{placed.platform}/{placed.order}"
        sealed = envelope(trade, platform, *recipients)
        with at.connection(platform) as connection:
            connection.put_sealed([sealed])
        return self.placed(placed, sealed, platform)

    def carried(self) -> Pair:
        """A sale whose envelope is at the platform's node and has arrived at the carrier's."""
        sale = self.sold(CARRIER, at=self.alpha)
        arrives(self.beta, sale)
        return sale

    def placed(self, placed: Place, sealed: bytes, platform: Caller = PLATFORM) -> Pair:
        """Put an order on record that names this envelope."""
        id_ = envelopes.from_bytes(sealed).id
        self.submit(order(placed.order, platform, sealed=id_), by=platform)
        return Pair(f"{placed.platform}/{placed.order}", id_)

    def erase(self, sale: Pair) -> None:
        """The platform has the sealed values erased."""
        self.submit(
            EraseSealed(platform=PLATFORM.did, order=sale.trade.partition("/")[2], ground="request"), by=PLATFORM
        )
