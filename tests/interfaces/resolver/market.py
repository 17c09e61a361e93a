"""Events and master data of a lantern maker, put on record over HTTP, for the tests of the resolver."""

from typing import Any, Final
from urllib.parse import quote

import msgspec

from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.trace.messages import Attribute, Audience, Capture, Describe, Element
from sogdia.standards.gs1.check_digits import check_digit
from tests.interfaces.http.town import SELLER, Caller, Town

LANTERN: Final = "09506000134352"
LAMP: Final = "09506000134369"
UNLISTED: Final = "09506000134376"
YARD: Final = "https://id.gs1.org/414/9506000138602"
PORT: Final = "https://id.gs1.org/414/9506000138619"
PRODUCTS: Final = "urn:epcglobal:epcis:vtype:EPCClass"
PLACES: Final = "urn:epcglobal:epcis:vtype:BusinessLocation"


def item(serial: str, gtin: str = LANTERN) -> str:
    return f"https://id.gs1.org/01/{gtin}/21/{serial}"


def case(number: int) -> str:
    body = f"0950600013{number:07}"
    return f"https://id.gs1.org/00/{body}{check_digit(body)}"


def at(day: int, hour: int = 8, minute: int = 0) -> str:
    return f"2026-03-{day:02}T{hour:02}:{minute:02}:00.000Z"


def happening(name: str, time: str, *things: str, **said: Any) -> dict[str, Any]:
    head = {"type": "ObjectEvent", "eventID": f"urn:uuid:{name}", "eventTime": time, "eventTimeZoneOffset": "+08:00"}
    return {**head, "action": "OBSERVE", "epcList": list(things), **said}


def born(name: str, time: str, *things: str, **said: Any) -> dict[str, Any]:
    return happening(
        name, time, *things, **{"action": "ADD", "bizStep": "commissioning", "disposition": "active", **said}
    )


def packed(name: str, time: str, parent: str, *things: str, action: str = "ADD", **said: Any) -> dict[str, Any]:
    head = {
        "type": "AggregationEvent",
        "eventID": f"urn:uuid:{name}",
        "eventTime": time,
        "eventTimeZoneOffset": "+08:00",
    }
    return {**head, "action": action, "parentID": parent, "childEPCs": list(things), "bizStep": "packing", **said}


def captured(*events: dict[str, Any], by: Caller = SELLER, audience: Audience = "everyone") -> Capture:
    return Capture(
        party=by.did, events=tuple(msgspec.Raw(msgspec.json.encode(one)) for one in events), audience=audience
    )


def described(
    thing: str, by: Caller = SELLER, audience: Audience = "everyone", kind: str = PRODUCTS, **said: str
) -> Describe:
    """Attributes by name: `gs1_pip` is gs1:pip, any other one is of CBV."""
    attributes = tuple(
        Attribute(name.replace("gs1_", "gs1:") if name.startswith("gs1_") else f"urn:epcglobal:cbv:mda#{name}", value)
        for name, value in said.items()
    )
    return Describe(party=by.did, vocabulary=kind, elements=(Element(thing, attributes),), audience=audience)


def listing(gtin: str, by: Caller = SELLER, **given: Any) -> ListProduct:
    return ListProduct(
        seller=by.did,
        sku=f"sku-{gtin}",
        name="Lantern of the catalogue",
        hs_code="9405500000",
        origin="CN",
        unit="007",
        net_weight_grams=420,
        gtin=gtin,
        **given,
    )


def on_record(town: Town, *messages: Any, by: Caller = SELLER) -> None:
    """Put messages on record and wait until the resolver can know."""
    reply = town.submit(*messages, by=by)
    assert reply.accepted, reply
    town.mirrored()
    town.server.application.state.resolver._next_look = float("-inf")


def story_path(uri: str) -> str:
    return "/story/" + uri.removeprefix("https://id.gs1.org/")


def evidence_path(party: str, event: str) -> str:
    return f"/story/evidence?party={quote(party, safe='')}&event={quote(event, safe='')}"
