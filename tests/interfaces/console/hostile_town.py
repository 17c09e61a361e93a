"""A governed town in which some parties put on record whatever might run, mislead or break a page that shows it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.messages import Answer, DeclareExport, ListLine, Transport
from sogdia.domains.governance.messages import Apply, Credential, Organisation, Review
from sogdia.domains.identity.messages import Delegate, NewKey
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.orders.messages import OrderLine, Place
from sogdia.domains.trace.messages import Attribute, Capture, Describe, Element
from tests.interfaces.console.governed_town import GovernedTown
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, NETWORK, PLATFORM, REGISTRAR, Caller, order

SCRIPT = "\"'><b class=hostile><script>owned=1</script>"
"""Breaks out of an attribute in either quote, leaves a mark, and runs where it is taken for markup."""
LONG = "W" * 90
TURNED = "\u202eMOC.ELPMAXE\u202c\u2066\u200b"
TEXT = f"{SCRIPT}</title></textarea><img src=x onerror=owned=1>{{{{7*7}}}}{{%if 1%}}{TURNED}{LONG}"[:250]
NUMBER = f"{SCRIPT}\u202e"
"""Fits into 60 characters, with some to spare for what makes it another's."""
LINK = "javascript:owned=1//"
SLY = Caller("sly", "seller", "platform", "broker", "carrier")
APPLICANT = Caller("sly applicant", "broker")
ORDERED_MS = 1_780_000_000_000


@contextmanager
def hostile_house(folder: Path) -> Iterator[House]:
    """Such a town, seen through its console."""
    town = GovernedTown(folder)
    with town:
        town.lived_in()
        _people(town)
        _trades(town)
        _traces(town)
        town.mirrored()
        yield House(town)


def _people(town: GovernedTown) -> None:
    registration = replace(SLY.registration(REGISTRAR.did), name=TEXT, registration=NUMBER)
    both = signed(NETWORK.network, app.milliseconds(), "sly is registered", (registration,), [REGISTRAR, SLY])
    with town.connection() as connection:
        reply = connection.submit([both])[0]
    assert reply.accepted, reply
    until_ms = app.milliseconds() + 86_400_000
    _put(
        town,
        SLY,
        Delegate(principal=SLY.did, agent=PLATFORM.did, actions=("customs.declare_export",), until_ms=until_ms),
    )
    application = Apply(
        party=APPLICANT.did,
        organisation=Organisation(
            name=TEXT,
            country="UZ",
            registration=NUMBER,
            keys=(NewKey(id=APPLICANT.kid, public=APPLICANT.key.public.hex()),),
            agreement="77" * 32,
        ),
        url="https://x\"'><b/class=hostile><script>owned=1</script>",
        roles=("broker",),
        credentials=(Credential(NUMBER, NUMBER, NUMBER, "99" * 32),),
    )
    _put(town, APPLICANT, application)
    for case in ("000001", "000003"):
        _put(town, CUSTOMS, Review(member=CUSTOMS.did, case_no=case, finding="wanting", digest="99" * 32, text=TEXT))


def _trades(town: GovernedTown) -> None:
    product = ListProduct(
        seller=SLY.did,
        sku=NUMBER,
        name=TEXT,
        hs_code="9405500000",
        origin="CN",
        unit="007",
        net_weight_grams=420,
        brand=TEXT,
    )
    _put(town, SLY, product)
    for number in (NUMBER, LINK, "=cmd|' /C calc'!A0"):
        placed = _order(number)
        _put(town, SLY, placed)
        _put(town, SLY, _waybill(placed))
        _put(
            town,
            SLY,
            ReportStatus(
                carrier=SLY.did,
                waybill=placed.order,
                status="in_transit",
                reported_at_ms=ORDERED_MS + 4_000_000,
                place=TEXT,
            ),
        )
        listed = _list(placed)
        _put(town, SLY, listed)
        _put(
            town,
            CUSTOMS,
            Answer(
                customs=CUSTOMS.did,
                subject="export_list",
                party=SLY.did,
                number=listed.list_no,
                code=100,
                answered_at_ms=ORDERED_MS + 9_000_000,
                note=TEXT,
            ),
        )
        with town.connection() as connection:  # refused: the same order, in other words
            again = replace(placed, paid_minor=placed.paid_minor - 1)
            connection.submit(
                [signed(NETWORK.network, app.milliseconds(), f"the same again {number}"[:40], (again,), [SLY])]
            )


def _order(number: str) -> Place:
    line = OrderLine(sku=NUMBER, name=TEXT, quantity=6, price_e5=339_000, total_minor=2_034)
    own = {"seller": SLY.did, "channel": SCRIPT[:30], "lines": (line,), "shared_with": (CUSTOMS.did,)}
    return replace(order(number), platform=SLY.did, **own)


def _waybill(placed: Place) -> IssueWaybill:
    return IssueWaybill(
        carrier=SLY.did,
        waybill=placed.order,
        platform=SLY.did,
        order=placed.order,
        issued_at_ms=ORDERED_MS + 3_600_000,
        ship_to="FR",
        gross_weight_grams=2_900,
        currency="EUR",
        goods=TEXT[:200],
        shared_with=(SLY.did,),
    )


def _list(placed: Place) -> DeclareExport:
    line = ListLine(
        line=1,
        sku=NUMBER,
        name=TEXT,
        hs_code="9405500000",
        origin="CN",
        quantity=6,
        unit="007",
        record_no=SCRIPT[:30],
        legal_quantity_e5=252_000,
        legal_unit="035",
        price_e5=339_000,
        total_minor=2_034,
    )
    return DeclareExport(
        broker=SLY.did,
        list_no=f"<b/class=hostile>{len(placed.order)}",
        seller=SLY.did,
        platform=SLY.did,
        order=placed.order,
        carrier=SLY.did,
        waybill=placed.order,
        district="2925",
        port="2925",
        declared_at_ms=ORDERED_MS + 7_200_000,
        country="FR",
        currency="EUR",
        freight_minor=500,
        gross_weight_grams=2_900,
        net_weight_grams=2_520,
        transport=Transport(mode="5", voyage=SCRIPT[:32], bill=SCRIPT[:37]),
        lines=(line,),
    )


def _traces(town: GovernedTown) -> None:
    place, thing = "urn:example:\"'><b/class=hostile>", "urn:example:thing:\"'><script>owned=1</script>"
    said = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2026-05-28T06:00:00Z",
        "eventTimeZoneOffset": "+02:00",
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001",
        "bizStep": "https://x.example/\"'><b>",
        "epcList": [thing],
        "disposition": "https://x.example/<script>owned=1</script>",
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
        "bizTransactionList": [{"type": "po", "bizTransaction": thing}],
        "@context": [{"sly": "https://x.example/ns#"}],
        "sly:note": TEXT,
        "sly:link": LINK,
    }
    plain = {
        **said,
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000002",
        "bizStep": "shipping",
        "epcList": ["https://id.gs1.org/01/09506000134352/21/S1"],
        "readPoint": {"id": "https://id.gs1.org/414/9506000138602"},
        "disposition": "in_transit",
    }
    del plain["bizLocation"]
    for one in (said, plain):
        _try(town, Capture(party=SLY.did, events=(msgspec.Raw(json.dumps(one).encode()),), audience="everyone"))
    attributes = tuple(
        Attribute(id=f"urn:epcglobal:cbv:mda#{name}", value=TEXT) for name in ("name", "city", "streetAddressOne")
    )
    for kind, id in (
        ("BusinessLocation", "https://id.gs1.org/414/9506000138602"),
        ("EPCClass", "https://id.gs1.org/01/09506000134352"),
    ):
        element = Element(id=id, attributes=attributes)
        vocabulary = f"urn:epcglobal:epcis:vtype:{kind}"
        _try(town, Describe(party=SLY.did, vocabulary=vocabulary, elements=(element,), audience="everyone"))


def _put(town: GovernedTown, by: Caller, message: Message) -> None:
    reply = town.submit(message, by=by)
    assert reply.accepted, (message, reply)


def _try(town: GovernedTown, message: Message) -> Any:
    """As far as the rules let it through."""
    with suppress(AssertionError):
        return town.submit(message, by=SLY)
