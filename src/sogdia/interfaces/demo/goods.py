"""The goods behind the rehearsal's imports: olives of three groves become oil and soap, each piece with its own code.

The brand says how they were made and packed. That they were shipped and received follows from the carrier's reports,
because each waybill names the parcel. Everything here follows from the orders, so that a second run says the same.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from sogdia.core.transaction import Message
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.trace.state import event_id, quoted, utc
from sogdia.interfaces.demo.orders import GTINS
from sogdia.interfaces.intake.pipeline import Faults
from sogdia.interfaces.intake.trade import Trade
from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from sogdia.standards.gs1.check_digits import check_digit
from sogdia.standards.orders import DraftLine, DraftOrder

GROVES: Final = ("A", "B", "C")
DAY_MS: Final = 86_400_000
HARVEST_KG, OIL_ML = 40_000, 8_000_000
"""Of each grove: olives, and the oil that is pressed of them."""
USED_ML: Final = {"TRAB-OIL": 500, "TRAB-SOAP": 100}
"""Oil in one piece."""
_ID: Final = "https://id.gs1.org"
OLIVES, OIL = "09506000135106", "09506000135113"
GROVE, MILL, STORE = (f"{_ID}/414/{number}" for number in ("9506000100012", "9506000100029", "9506000100036"))

Event = dict[str, Any]


class Parcel(msgspec.Struct, frozen=True):
    """The traced pieces of one order, and the logistic unit that they travel in."""

    order: str
    unit: str
    grove: str
    placed_at_ms: int
    things: dict[str, tuple[str, ...]]
    """By SKU."""


def parcel_of(draft: DraftOrder) -> Parcel | None:
    """The parcel of a made import order; None when nothing in it is traced."""
    things = {line.sku: tuple(_pieces(draft, line)) for line in draft.lines if line.sku in GTINS}
    if not things:
        return None
    number = int(draft.order.removeprefix("SM"))
    body = f"0950600013{number:07}"
    grove = GROVES[number % len(GROVES)]
    return Parcel(draft.order, f"{_ID}/00/{body}{check_digit(body)}", grove, draft.placed_at_ms, things)


def _pieces(draft: DraftOrder, line: DraftLine) -> Iterator[str]:
    for piece in range(1, line.quantity + 1):
        yield f"{_ID}/01/{GTINS[line.sku]}/21/{draft.order}.{line.row}.{piece}"


def product(gtin: str) -> str:
    """A product by its number."""
    return f"{_ID}/01/{gtin}"


def olives(grove: str) -> str:
    """A grove's olives, as one lot."""
    return f"{product(OLIVES)}/10/{grove}"


def _oil(grove: str) -> str:
    return f"{product(OIL)}/10/{grove}"


class Packed:
    """Has waybills say what is in the parcel; `faults` are the parties' mistakes, which stay."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, part: str, trade: Trade, right: Message) -> Message | None:
        """The message in the place of the right one, or None."""
        mistaken = self._faults(part, trade, right)
        said = mistaken or right
        if isinstance(said, IssueWaybill) and (parcel := parcel_of(trade.draft)):
            return msgspec.structs.replace(said, contents=(parcel.unit,))
        return mistaken


def made_events(parcels: Iterable[Parcel], platform: str, start_ms: int) -> tuple[list[Event], list[Event]]:
    """What the brand says of the parcels of a platform's orders: to those who take part, and to everyone.

    The first order was placed at `start_ms`; the olives were picked before.
    """
    public = [event for grove in GROVES for event in (_harvested(grove, start_ms), _pressed(grove, start_ms))]
    told = []
    for parcel in parcels:
        public += [_filled(parcel, sku) for sku in parcel.things]
        told.append(_packed(parcel, platform))
    return told, public


def _event(kind: str, at_ms: int, *name: str, **said: Any) -> Event:
    head = {"@context": STANDARD_CONTEXT, "type": kind, "eventID": event_id("rehearsal", *name)}
    return {**head, "eventTime": utc(at_ms), "eventTimeZoneOffset": "+00:00", **said}


def _harvested(grove: str, start_ms: int) -> Event:
    return _event(
        "ObjectEvent",
        start_ms - 20 * DAY_MS,
        "harvested",
        grove,
        action="ADD",
        bizStep="commissioning",
        quantityList=[{"epcClass": olives(grove), "quantity": HARVEST_KG, "uom": "KGM"}],
        readPoint={"id": GROVE},
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 19, "uom": "CEL"}]}],
    )


def _pressed(grove: str, start_ms: int) -> Event:
    return _event(
        "TransformationEvent",
        start_ms - 18 * DAY_MS,
        "pressed",
        grove,
        inputQuantityList=[{"epcClass": olives(grove), "quantity": HARVEST_KG, "uom": "KGM"}],
        outputQuantityList=[{"epcClass": _oil(grove), "quantity": OIL_ML, "uom": "MLT"}],
        bizStep="creating_class_instance",
        readPoint={"id": MILL},
    )


def _filled(parcel: Parcel, sku: str) -> Event:
    made = parcel.things[sku]
    return _event(
        "TransformationEvent",
        parcel.placed_at_ms - DAY_MS,
        "filled",
        parcel.order,
        sku,
        inputQuantityList=[{"epcClass": _oil(parcel.grove), "quantity": USED_ML[sku] * len(made), "uom": "MLT"}],
        outputEPCList=list(made),
        bizStep="commissioning",
        disposition="active",
        readPoint={"id": MILL},
    )


def _packed(parcel: Parcel, platform: str) -> Event:
    order = f"urn:sogdia:order:{platform}/{quoted(parcel.order)}"
    return _event(
        "AggregationEvent",
        parcel.placed_at_ms,
        "packed",
        parcel.order,
        action="ADD",
        parentID=parcel.unit,
        childEPCs=[thing for made in parcel.things.values() for thing in made],
        bizStep="packing",
        bizTransactionList=[{"type": "po", "bizTransaction": order}],
        readPoint={"id": STORE},
    )
