"""Olive oil from a grove in Provence by way of a mill in Lyon to buyers in Hangzhou, out of bond (mode 1210).

Two growers, a mill that sells, a soap maker, a carrier over sea, a courier, a bonded warehouse, and those who see a
parcel over the border. Each signs with its own key, but for the mill: its system speaks plain EPCIS over HTTP, and the
platform's node signs for it. The trade is a year's harvest of 2025; times are written, not measured.
"""

import secrets
from pathlib import Path
from typing import Any, Final

import msgspec

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.messages import Answer, DeclareImport, ListLine, PublishLimits, Transport
from sogdia.domains.identity.messages import Delegate
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus, Status
from sogdia.domains.orders.messages import OrderLine, Persons, Place
from sogdia.domains.payments.messages import Attest
from sogdia.domains.tax.messages import PublishRates
from sogdia.domains.trace.messages import Audience, Capture
from sogdia.primitives.sealed.commitments import commit
from sogdia.standards import seed
from sogdia.standards.gs1.check_digits import check_digit
from tests.interfaces.epcis.repository import Repository
from tests.interfaces.http.town import CARRIER, CUSTOMS, NETWORK, PLATFORM, REGISTRAR, Caller
from tests.interfaces.http.town import SELLER as MILL

GROWER = Caller("Mas des Cigales", "seller")
NEIGHBOUR = Caller("Mas du Vallon", "seller")
SOAP_MAKER = Caller("Savonnerie des Traboules", "seller")
COURIER = Caller("West Lake Couriers", "carrier")
WAREHOUSE = Caller("Hangzhou bonded warehouse", "warehouse")
INSTITUTION = Caller("payment institution", "payment_institution")
BROKER = Caller("customs broker", "broker")
TAX_AUTHORITY = Caller("tax authority", "tax_authority")
NEWCOMERS: Final = (GROWER, NEIGHBOUR, SOAP_MAKER, COURIER, WAREHOUSE, INSTITUTION, BROKER, TAX_AUTHORITY)

SKU: Final = "OIL-500"
PRICE_FEN: Final = 9_600
APRIL_MS: Final = 1_775_001_600_000
"""2026-04-01 00:00 UTC: the first order."""
DAY_MS: Final = 86_400_000
SECRET: Final = b"\x07" * 32
NAME: Final = commit(SECRET, "name", "Wang Xiaoming")
IDENTITY: Final = commit(SECRET, "id_number", "11010519491231002X")
TELEPHONE: Final = commit(SECRET, "telephone", "+86 138 0000 0000")
CONSIGNEE: Final = {
    "consignee": NAME,
    "consignee_telephone": TELEPHONE,
    "consignee_address": commit(SECRET, "address", "1 West Lake Avenue, Hangzhou"),
}


def product(number: int) -> str:
    """A GTIN under GS1's prefix for examples."""
    body = f"0950600013{number:03}"
    return body + check_digit(body)


def unit(number: int) -> str:
    """A case, pallet or parcel by its SSCC."""
    body = f"0950600013{number:07}"
    return f"https://id.gs1.org/00/{body}{check_digit(body)}"


def place(number: int) -> str:
    """A place by its GLN."""
    body = f"95060001{number:04}"
    return f"https://id.gs1.org/414/{body}{check_digit(body)}"


def lot(gtin: str, number: str) -> str:
    """All of one lot."""
    return f"https://id.gs1.org/01/{gtin}/10/{number}"


def item(number: int) -> str:
    """A bottle by its serial."""
    return f"https://id.gs1.org/01/{BOTTLE}/21/{number}"


def bottles(*numbers: int) -> list[str]:
    """Bottles by their serials."""
    return [item(one) for one in numbers]


OLIVES, OIL, BOTTLE, SOAP = (product(one) for one in (501, 502, 503, 504))
OLIVES_A, OLIVES_B = lot(OLIVES, "A"), lot(OLIVES, "B")
OIL_1, OIL_2 = lot(OIL, "1"), lot(OIL, "2")
SOAP_1 = lot(SOAP, "S1")
BARS: Final = [f"https://id.gs1.org/01/{SOAP}/21/{one}" for one in (1, 2)]
CASES: Final = [unit(one) for one in (1, 2, 3)]
PALLET: Final = unit(9)
PARCELS: Final = {"H1": unit(11), "H2": unit(12), "H3": unit(13)}
GROVE, PRESS, BOND, SOAP_WORKS = (place(one) for one in (1, 2, 3, 4))


def happened(name: str, day: str, kind: str = "ObjectEvent", **said: Any) -> dict[str, Any]:
    """An event by a name of its own, at noon UTC of a day."""
    head = {"type": kind, "eventID": f"https://events.example/{name}", "eventTime": f"{day}T12:00:00.000Z"}
    return {**head, "eventTimeZoneOffset": "+00:00", **said}


def amount(epc_class: str, quantity: int, uom: str) -> dict[str, Any]:
    """So much of a lot."""
    return {"epcClass": epc_class, "quantity": quantity, "uom": uom}


def harvest(name: str, olives: str, kilograms: int, celsius: float) -> dict[str, Any]:
    """Olives come in from the grove, and a thermometer lies in the crate."""
    report = {"type": "Temperature", "value": celsius, "uom": "CEL"}
    return happened(
        name,
        "2025-10-20",
        action="ADD",
        bizStep="commissioning",
        quantityList=[amount(olives, kilograms, "KGM")],
        readPoint={"id": GROVE},
        sensorElementList=[{"sensorReport": [report]}],
    )


def pressed(name: str, olives: dict[str, Any], oil: dict[str, Any]) -> dict[str, Any]:
    """Olives become oil."""
    return happened(
        name,
        "2025-10-22",
        "TransformationEvent",
        bizStep="creating_class_instance",
        inputQuantityList=[olives],
        outputQuantityList=[oil],
        readPoint={"id": PRESS},
    )


def filled(name: str, day: str, oil: dict[str, Any], made: list[str], **said: Any) -> dict[str, Any]:
    """Oil becomes things with serials."""
    body = {"bizStep": "commissioning", "disposition": "active", "readPoint": {"id": PRESS}, **said}
    return happened(name, day, "TransformationEvent", inputQuantityList=[oil], outputEPCList=made, **body)


def packed(name: str, day: str, parent: str, children: list[str], where: str, action: str = "ADD") -> dict[str, Any]:
    """Things come into a unit, or out of it (DELETE)."""
    step = "packing" if action == "ADD" else "unpacking"
    body = {"action": action, "bizStep": step, "parentID": parent, "childEPCs": children}
    return happened(name, day, "AggregationEvent", readPoint={"id": where}, **body)


MIX_UP: Final = filled("mix-up", "2025-11-03", amount(OIL_1, 1, "LTR"), bottles(5, 6))
"""The mill's clerk writes down that tank 1 went into bottles 5 and 6 too; it was tank 2, as is on record."""

STORED: Final = happened(
    "stored",
    "2026-03-20",
    action="OBSERVE",
    bizStep="storing",
    disposition="in_progress",
    epcList=CASES,
    bizLocation={"id": BOND},
    destinationList=[{"type": "possessing_party", "destination": WAREHOUSE.did}],
)


class Grove(Repository):
    """The node of the platform, with everybody on record and the mill's product listed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self._answered = 0

    def __enter__(self) -> "Grove":
        super().__enter__()
        for one in NEWCOMERS:
            self.accepted(one.registration(REGISTRAR.did), by=(REGISTRAR, one))
        mandate = ("customs.declare_import",)
        until_ms = app.milliseconds() + 3_600_000
        listing = ListProduct(
            seller=MILL.did,
            sku=SKU,
            name="Olive oil 500 ml",
            hs_code="1509200000",
            origin="FR",
            unit="007",
            net_weight_grams=460,
            gtin=BOTTLE,
        )
        self.accepted(
            listing, Delegate(principal=MILL.did, agent=BROKER.did, actions=mandate, until_ms=until_ms), by=(MILL,)
        )
        self.accepted(PublishLimits(authority=CUSTOMS.did, rows=seed.rows("customs_cn_limits")), by=(CUSTOMS,))
        rates = PublishRates(authority=TAX_AUTHORITY.did, rows=seed.rows("tax_cn_retail_import"))
        self.accepted(rates, by=(TAX_AUTHORITY,))
        return self

    def accepted(self, *messages: Message, by: tuple[Caller, ...]) -> None:
        """One transaction over HTTP, signed by these; the rules take it."""
        raw = signed(NETWORK.network, app.milliseconds(), secrets.token_urlsafe(12), messages, list(by))
        with self.connection() as connection:
            (reply,) = connection.submit([raw])
        assert reply.accepted, reply

    def says(
        self, party: Caller, *events: dict[str, Any], to: tuple[Caller, ...] = (), audience: Audience = "named"
    ) -> None:
        """A party signs events with its own key."""
        texts = tuple(msgspec.Raw(msgspec.json.encode(one)) for one in events)
        readers = tuple(one.did for one in to)
        capture = Capture(party=party.did, events=texts, shared_with=readers, audience=audience)
        self.accepted(capture, by=(party,))

    def mill_sends(self, *events: dict[str, Any], audience: str = "named") -> None:
        """The mill's system sends a document to the capture interface."""
        headers = {"Sogdia_Audience": audience} if audience == "everyone" else {"Sogdia_Shared_With": CUSTOMS.did}
        self.captured(*events, by=MILL, **headers)

    # --- the trade ------------------------------------------------------------------------------------------------

    def carried(self, carrier: Caller, bill: str, order: str, contents: str, *steps: Status, day: int = 0) -> None:
        """A carrier takes a unit in charge and reports a step a day."""
        issued_ms = APRIL_MS + day * DAY_MS
        waybill = IssueWaybill(
            carrier=carrier.did,
            waybill=bill,
            platform=PLATFORM.did,
            order=order,
            issued_at_ms=issued_ms,
            ship_to="CN",
            gross_weight_grams=2_000,
            shared_with=(MILL.did, WAREHOUSE.did),
            contents=(contents,),
            **CONSIGNEE,
        )
        self.accepted(waybill, by=(carrier,))
        for number, step in enumerate(steps, 1):
            at_ms = issued_ms + number * DAY_MS
            report = ReportStatus(carrier=carrier.did, waybill=bill, status=step, reported_at_ms=at_ms)
            self.accepted(report, by=(carrier,))

    def ordered(self, number: str, pieces: int) -> None:
        """A buyer in Hangzhou orders and pays."""
        of_order = {"platform": PLATFORM.did, "order": number}
        goods = pieces * PRICE_FEN
        line = OrderLine(
            sku=SKU, name="Olive oil 500 ml", quantity=pieces, price_e5=PRICE_FEN * 1_000, total_minor=goods
        )
        order = Place(
            **of_order,
            seller=MILL.did,
            channel="shop",
            placed_at_ms=APRIL_MS,
            ship_from="CN",
            ship_to="CN",
            currency="CNY",
            lines=(line,),
            goods_minor=goods,
            paid_minor=goods,
            persons=Persons(buyer_name=NAME, buyer_id_number=IDENTITY, buyer_telephone=TELEPHONE, **CONSIGNEE),
            institution=INSTITUTION.did,
            shared_with=(WAREHOUSE.did,),
        )
        payment = Attest(
            **of_order,
            institution=INSTITUTION.did,
            payment=f"P-{number}",
            amount_minor=goods,
            currency="CNY",
            paid_at_ms=APRIL_MS,
            payer_name=NAME,
            payer_id_number=IDENTITY,
        )
        self.accepted(order, by=(PLATFORM,))
        self.accepted(payment, by=(INSTITUTION,))

    def released(self, number: str, pieces: int) -> None:
        """The broker declares an order's list and customs releases it."""
        line = ListLine(
            line=1,
            sku=SKU,
            name="Olive oil 500 ml",
            hs_code="1509200000",
            origin="FR",
            quantity=pieces,
            unit="007",
            legal_quantity_e5=pieces * 46_000,
            legal_unit="035",
            price_e5=PRICE_FEN * 1_000,
            total_minor=pieces * PRICE_FEN,
            record_no="1",
        )
        declared = DeclareImport(
            broker=BROKER.did,
            list_no=f"L-{number}",
            seller=MILL.did,
            platform=PLATFORM.did,
            order=number,
            carrier=COURIER.did,
            waybill=f"W-{number}",
            assurer=PLATFORM.did,
            mode="1210",
            district="2925",
            port="2925",
            declared_at_ms=APRIL_MS + DAY_MS,
            buyer_name=NAME,
            buyer_id_number=IDENTITY,
            buyer_telephone=TELEPHONE,
            consignee_address=CONSIGNEE["consignee_address"],
            country="CN",
            gross_weight_grams=2_000,
            net_weight_grams=pieces * 460,
            transport=Transport(mode="Y"),
            ems_no="T2925W000001",
            area_code="330786K001",
            area_name="Hangzhou bonded zone",
            lines=(line,),
        )
        self.accepted(declared, by=(BROKER,))
        self._answered += 1
        of_list = {"customs": CUSTOMS.did, "subject": "import_list", "party": BROKER.did, "number": f"L-{number}"}
        accepted = Answer(
            **of_list,
            code=120,
            answered_at_ms=APRIL_MS + 2 * DAY_MS,
            person="5e" * 32,
            pre_no=f"B20260402{self._answered:09}",
        )
        let_go = Answer(
            **of_list, code=800, answered_at_ms=APRIL_MS + 3 * DAY_MS, invt_no=f"29252026I{self._answered:09}"
        )
        self.accepted(accepted, by=(CUSTOMS,))
        self.accepted(let_go, by=(CUSTOMS,))

    # --- from the trees to the doors ------------------------------------------------------------------------------

    def oil_is_made(self) -> None:
        """Harvested by two growers, pressed, bottled, packed; one event is wrong and nobody knows."""
        self.says(GROWER, harvest("harvest-a", OLIVES_A, 600, 31.5), to=(MILL,))
        self.says(NEIGHBOUR, harvest("harvest-b", OLIVES_B, 400, 18.0), to=(MILL,))
        self.mill_sends(
            pressed("press-1", amount(OLIVES_A, 600, "KGM"), amount(OIL_1, 90, "LTR")),
            pressed("press-2", amount(OLIVES_B, 400, "KGM"), amount(OIL_2, 60, "LTR")),
            MIX_UP,
        )
        self.mill_sends(
            filled("bottles-1", "2025-11-03", amount(OIL_1, 2, "LTR"), bottles(1, 2, 3, 4)),
            filled("bottles-2", "2025-11-04", amount(OIL_2, 2, "LTR"), bottles(5, 6, 7, 8)),
            audience="everyone",
        )
        cases = zip(CASES, (bottles(1, 2, 3), bottles(4, 5, 6), bottles(7, 8)), strict=True)
        packing = [packed(f"case-{at}", "2025-11-10", *one, PRESS) for at, one in enumerate(cases, 1)]
        self.mill_sends(*packing, packed("pallet", "2025-11-11", PALLET, CASES, PRESS))

    def oil_is_carried(self) -> None:
        """The pallet crosses the sea and is taken apart in the bonded warehouse."""
        self.carried(CARRIER, "SEA-1", "REFILL-7", PALLET, "picked_up", "in_transit", "delivered", day=-30)
        self.says(
            WAREHOUSE,
            packed("off-pallet", "2026-03-19", PALLET, CASES, BOND, "DELETE"),
            STORED,
            to=(MILL, PLATFORM),
        )

    def oil_is_sold(self) -> None:
        """Three orders; bottles are picked from cases into parcels; one parcel is still on its way."""
        picked = {"H1": {CASES[0]: [1], CASES[1]: [5]}, "H2": {CASES[1]: [4]}, "H3": {CASES[2]: [7]}}
        for order, cases in picked.items():
            pieces = sum(map(len, cases.values()))
            self.ordered(order, pieces)
            taken = [
                packed(f"{order}-from-{case[-3:]}", "2026-04-01", case, bottles(*numbers), BOND, "DELETE")
                for case, numbers in cases.items()
            ]
            chosen = bottles(*(one for numbers in cases.values() for one in numbers))
            parcel = packed(f"{order}-parcel", "2026-04-02", PARCELS[order], chosen, BOND)
            self.says(WAREHOUSE, *taken, parcel, to=(MILL, PLATFORM))
            steps: tuple[Status, ...] = ("picked_up",) if order == "H2" else ("picked_up", "delivered")
            self.carried(COURIER, f"W-{order}", order, PARCELS[order], *steps, day=3)
            self.released(order, pieces)
        self.mirrored()
