"""A node that listens on a loopback port, and the parties of a small trade who call it."""

import secrets
import time
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any

import httpx
from nacl.bindings import crypto_scalarmult_base

from sogdia import app
from sogdia.app import NetworkInfo, Node
from sogdia.client.connection import Reply, signed
from sogdia.client.http import HttpConnection
from sogdia.client.request_signing import sign_request
from sogdia.core.keys import EDDSA, SigningKey, identifier, key_id
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.identity.messages import NewKey, Register
from sogdia.domains.orders.messages import Cancel, CancelledLine, OrderLine, Persons, Place
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.server import Server, configure
from sogdia.mirror.follower import Follower
from sogdia.mirror.picture import SqlPicture
from sogdia.primitives.sealed import envelope as envelopes

NETWORK = NetworkInfo("sogdia-test", "sgdt", "sogdia.example/test")
SKU = "71053"
_order_numbers = count(1)


class Caller:
    """A party with its keys; signs transactions and requests."""

    scheme = EDDSA

    def __init__(self, name: str, *roles: str) -> None:
        seed = sha256(f"test {name}".encode()).digest()
        self.name, self.roles = name, roles
        self.key = SigningKey(seed)
        self.did = identifier(NETWORK.code, self.key.public)
        self.kid = key_id(self.did)
        self.agreement_private = sha256(b"agreement " + seed).digest()
        self.agreement = crypto_scalarmult_base(self.agreement_private)

    def sign(self, message: bytes) -> bytes:
        """The signature of the party's first key."""
        return self.key.sign(message)

    def registration(self, registrar: str) -> Register:
        """How the party comes on record."""
        return Register(
            party=self.did,
            name=self.name,
            country="CN",
            registration="91330782MA28DEMO0X",
            roles=self.roles,  # type: ignore[arg-type]
            keys=(NewKey(id=self.kid, public=self.key.public.hex()),),
            agreement=self.agreement.hex(),
            registrar=registrar,
        )


REGISTRAR = Caller("registrar", "registrar")
PLATFORM = Caller("platform", "platform")
OTHER_PLATFORM = Caller("other platform", "platform")
SELLER = Caller("seller", "seller")
CARRIER = Caller("carrier", "carrier")
CUSTOMS = Caller("customs", "customs")
SUSPENDED = Caller("suspended", "seller")
STRANGER = Caller("stranger", "seller")
"""On no record."""

LANTERN = ListProduct(
    seller=SELLER.did,
    sku=SKU,
    name="White metal lantern",
    hs_code="9405500000",
    origin="CN",
    unit="007",
    net_weight_grams=420,
)

ON_RECORD = (REGISTRAR, PLATFORM, OTHER_PLATFORM, SELLER, CARRIER, CUSTOMS, SUSPENDED)


def transaction(*messages: Message, by: Caller, network: str = NETWORK.network) -> bytes:
    """A signed transaction, valid for an hour."""
    return signed(network, app.milliseconds(), secrets.token_urlsafe(12), messages, [by])


def order(number: str = "", platform: Caller = PLATFORM, paid_minor: int = 2_534, sealed: str | None = None) -> Place:
    """An order of six lanterns to France, shared with the carrier; a number of its own unless one is given."""
    return Place(
        platform=platform.did,
        order=number or f"2026-{next(_order_numbers):06}",
        seller=SELLER.did,
        channel="shopify",
        placed_at_ms=1_780_000_000_000,
        ship_from="CN",
        ship_to="FR",
        currency="EUR",
        lines=(OrderLine(sku=SKU, name="White metal lantern", quantity=6, price_e5=339_000, total_minor=2_034),),
        goods_minor=2_034,
        freight_minor=500,
        paid_minor=paid_minor,
        persons=Persons(consignee="ab" * 32),
        shared_with=(CARRIER.did,),
        sealed=sealed,
    )


def cancellation(placed: Place, number: str) -> Cancel:
    """One lantern less."""
    return Cancel(
        platform=placed.platform,
        order=placed.order,
        cancellation=number,
        cancelled_at_ms=1_780_000_100_000,
        lines=(CancelledLine(line=1, quantity=1),),
    )


def envelope(trade: str, *recipients: Caller) -> bytes:
    """Sealed values of a trade, as canonical bytes."""
    readers = {one.did: one.agreement for one in recipients}
    made = envelopes.seal({"buyer_name": "Jeanne Martin"}, secrets.token_bytes(32), readers, trade)
    return envelopes.to_bytes(made)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and name of the problem that this answer is."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:sogdia:problem:")


class Town:
    """A node with its mirror and its HTTP server, in this process, on a free port."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        founding = [one.registration(REGISTRAR.did) for one in ON_RECORD]
        self.node = Node.create(folder / "node", NETWORK, founding)
        self.node.start()
        url = f"sqlite:///{folder / 'mirror.db'}"
        self.follower = Follower(url, app.TABLES, self.node.engine)
        self.follower.start()
        self.picture = SqlPicture(url, app.TABLES)
        self.url = ""
        self.server: Server = configure(self.node, self.picture, limits=limits, on_ready=self._ready)
        self._thread = Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> "Town":
        self.follower.wait_for(1, 10)
        self._thread.start()
        while not self.url and self._thread.is_alive():
            time.sleep(0.005)
        self.submit(LANTERN, by=SELLER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.should_exit = True
        self._thread.join()
        self.follower.stop()
        self.picture.close()
        self.node.close()

    def connection(self, party: Caller | None = None, **given: Any) -> HttpConnection:
        """A client of this node."""
        return HttpConnection(self.url, NETWORK.network, party, **given)

    def submit(self, *messages: Message, by: Caller) -> Reply:
        """Put messages on record over HTTP."""
        with self.connection() as connection:
            return connection.submit([transaction(*messages, by=by)])[0]

    def placed(self, platform: Caller = PLATFORM) -> Place:
        """An order on record."""
        asked = order(platform=platform)
        reply = self.submit(asked, by=platform)
        assert reply.accepted, reply
        return asked

    def mirrored(self) -> None:
        """Wait until the picture holds everything."""
        assert self.follower.wait_for(self.node.machine.seal.height, 10)

    def call(
        self, method: str, path: str, by: Caller | None = None, body: bytes = b"", kind: str = "", **headers: str
    ) -> httpx.Response:
        """One bare request, signed for itself when somebody makes it."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if kind:
            fields["content-type"] = kind
        if by is not None:
            fields |= sign_request(method, self.url + path, body, by, int(time.time()), secrets.token_urlsafe(24))
        return httpx.request(method, self.url + path, content=body, headers=fields, trust_env=False, timeout=30)

    def _ready(self, address: str) -> None:
        self.url = address
