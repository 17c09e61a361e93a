"""A small supply chain on a town's record: two lots of olives, oil from them, bottles, a pallet on its way.

The platform tells of oil, bottles and pallet to those who ask with its own eyes; the carrier tells of the way to
everyone. So each asker sees another part of the same story.
"""

import json
from typing import Any

import msgspec

from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.orders.messages import Place
from sogdia.domains.trace.messages import Audience, Capture, Describe
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, PLATFORM, Caller, order

OLIVES = "https://id.gs1.org/01/09506000134376/10/G7"
OIL = "https://id.gs1.org/01/09506000134369/10/B"
BOTTLE = "https://id.gs1.org/01/09506000134352/21/S{}"
PALLET = "https://id.gs1.org/00/095060001343520000"
MILL = "https://id.gs1.org/414/9506000138602"
HARBOUR = "geo:43.3,5.36"
FEED = "https://id.gs1.org/01/09506000134383/10/C"
PRODUCTS = "urn:epcglobal:epcis:vtype:EPCClass"
PLACES = "urn:epcglobal:epcis:vtype:BusinessLocation"
SOLD_MS = 1_780_100_000_000
"""The 30th of May 2026."""


def told(number: int, hour: int, **fields: Any) -> dict[str, Any]:
    """An event of the 28th of May at this hour."""
    at = {"eventTime": f"2026-05-28T{hour:02}:00:00Z", "eventTimeZoneOffset": "+02:00"}
    return {"eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012}", **at, **fields}


def pressed() -> dict[str, Any]:
    """Olives become oil at the mill."""
    return told(
        1, 6, type="TransformationEvent", bizStep="creating_class_instance", readPoint={"id": MILL},
        inputQuantityList=[{"epcClass": OLIVES, "quantity": 900, "uom": "KGM"}],
        outputQuantityList=[{"epcClass": OIL, "quantity": 200, "uom": "LTR"}],
    )  # fmt: skip


def bottled(bottles: int) -> dict[str, Any]:
    """Oil becomes bottles with numbers."""
    return told(
        2, 8, type="TransformationEvent", bizStep="commissioning", readPoint={"id": MILL},
        inputQuantityList=[{"epcClass": OIL, "quantity": 150, "uom": "LTR"}],
        outputEPCList=[BOTTLE.format(one) for one in range(1, bottles + 1)],
    )  # fmt: skip


def packed(bottles: int) -> dict[str, Any]:
    """The first bottles stand on a pallet."""
    children = [BOTTLE.format(one) for one in range(1, bottles + 1)]
    return told(
        3, 10, type="AggregationEvent", action="ADD", bizStep="packing", parentID=PALLET, childEPCs=children,
        readPoint={"id": MILL},
    )  # fmt: skip


def shipped() -> dict[str, Any]:
    """The carrier has the pallet at the harbour."""
    return told(
        4, 14, type="ObjectEvent", action="OBSERVE", bizStep="arriving", epcList=[PALLET], readPoint={"id": HARBOUR},
        destinationList=[{"type": "possessing_party", "destination": CARRIER.did}],
    )  # fmt: skip


def put(house: House, by: Caller, *events: dict[str, Any], audience: Audience = "named") -> None:
    """Put events on record, readable by their party alone or by everyone."""
    texts = tuple(msgspec.Raw(json.dumps(one).encode()) for one in events)
    reply = house.town.submit(Capture(party=by.did, events=texts, audience=audience), by=by)
    assert reply.accepted, reply


def tell_chain(house: House, bottles: int = 12) -> None:
    """The whole chain, and where the mill lies."""
    put(house, PLATFORM, pressed(), bottled(bottles), packed(3))
    put(house, CARRIER, shipped(), audience="everyone")
    said = {"name": "Mill of Baux", "latitude": "43.74", "longitude": "4.79"}
    reply = house.town.submit(named_by(PLATFORM, MILL, PLACES, **said), by=PLATFORM)
    assert reply.accepted, reply
    house.town.mirrored()


def tell_sold(house: House, bottle: int, number: str) -> Place:
    """A bottle with its own parcel is sold and delivered to the consignee of an order of this number."""
    placed = order(number)
    bill = IssueWaybill(
        carrier=CARRIER.did, waybill=f"WB-{number}", platform=placed.platform, order=placed.order,
        issued_at_ms=SOLD_MS, ship_to="FR", gross_weight_grams=900, currency="EUR", shared_with=(PLATFORM.did,),
        contents=(BOTTLE.format(bottle),),
    )  # fmt: skip
    reports = [
        ReportStatus(carrier=CARRIER.did, waybill=bill.waybill, status=status, reported_at_ms=SOLD_MS + at)
        for at, status in ((1_000, "picked_up"), (2_000, "delivered"))
    ]
    for message, by in ((placed, PLATFORM), (bill, CARRIER), *((one, CARRIER) for one in reports)):
        reply = house.town.submit(message, by=by)
        assert reply.accepted, reply
    house.town.mirrored()
    return placed


def named_by(by: Caller, uri: str, vocabulary: str, **said: str) -> Describe:
    """What a party says to everyone of a place or product."""
    attributes = [{"id": f"urn:epcglobal:cbv:mda#{name}", "value": value} for name, value in said.items()]
    given = {"party": by.did, "vocabulary": vocabulary, "audience": "everyone"}
    elements = [{"id": uri, "attributes": attributes}]
    return msgspec.convert({"type": "trace.describe", **given, "elements": elements}, Describe)
