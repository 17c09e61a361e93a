"""Trades on a town's record, for the pages of orders and customs: lanterns to France, declared by their seller."""

import re
from hashlib import sha256
from itertools import count
from typing import Any

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.state import Committed
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.messages import (
    Answer,
    DeclareExport,
    DeclareImport,
    ListLine,
    PublishLimits,
    Transport,
)
from sogdia.domains.customs.state import STANDINGS
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.orders.messages import OrderLine, Persons, Place
from sogdia.domains.payments.messages import Attest
from sogdia.domains.tax.messages import PublishRates
from sogdia.standards import seed
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.http.town import (
    CARRIER,
    CUSTOMS,
    NETWORK,
    PLATFORM,
    REGISTRAR,
    SELLER,
    Caller,
    Town,
    order,
)

ORDERED_MS = 1_780_000_000_000
INSTITUTION = Caller("institution", "payment_institution")
TAX = Caller("tax authority", "tax_authority")
BANK = Caller("bank", "bank")
CREAM = ListProduct(
    seller=SELLER.did, sku="CREAM", name="Face cream", hs_code="3304990039", origin="FR", unit="007",
    net_weight_grams=120,
)  # fmt: skip
_BUYER = ("buyer_name", "buyer_id_number", "buyer_telephone")
_CONSIGNEE = ("consignee", "consignee_telephone", "consignee_address")
_imports = count(1)


def shipped(town: Town) -> Place:
    """An order whose parcel was issued."""
    asked = order()
    waybill = IssueWaybill(
        carrier=CARRIER.did,
        waybill=f"WB-{asked.order}",
        platform=asked.platform,
        order=asked.order,
        issued_at_ms=ORDERED_MS + 3_600_000,
        ship_to="FR",
        gross_weight_grams=2_900,
        currency="EUR",
        shared_with=(SELLER.did,),
    )
    _on_record(town, asked, PLATFORM)
    _on_record(town, waybill, CARRIER)
    return asked


def declared(town: Town, **changed: Any) -> DeclareExport:
    """A list that waits for customs."""
    asked = shipped(town)
    line = asked.lines[0]
    given: dict[str, Any] = {
        "broker": SELLER.did, "list_no": f"YW{asked.order}", "seller": SELLER.did, "platform": PLATFORM.did,
        "order": asked.order, "carrier": CARRIER.did, "waybill": f"WB-{asked.order}", "district": "2925",
        "port": "2925", "declared_at_ms": ORDERED_MS + 7_200_000, "country": "FR", "currency": "EUR",
        "freight_minor": 500, "gross_weight_grams": 2_900, "net_weight_grams": 2_520, "transport": Transport(mode="5"),
    }  # fmt: skip
    listed = ListLine(
        line=1,
        sku=line.sku,
        name=line.name,
        hs_code="9405500000",
        origin="CN",
        quantity=line.quantity,
        unit="007",
        legal_quantity_e5=252_000,
        legal_unit="035",
        price_e5=line.price_e5,
        total_minor=line.total_minor,
    )
    asked_list = DeclareExport(**{**given, **changed}, lines=(listed,))
    _on_record(town, asked_list, SELLER)
    return asked_list


def opened_for_imports(town: Town) -> None:
    """What stands before any import: a payment institution, rates and limits, the seller's cream."""
    if town.node.record("identity.party", INSTITUTION.did) is not None:
        return
    joined(town, INSTITUTION)
    joined(town, TAX)
    _on_record(town, CREAM, SELLER)
    _on_record(town, PublishLimits(authority=CUSTOMS.did, rows=seed.rows("customs_cn_limits")), CUSTOMS)
    _on_record(town, PublishRates(authority=TAX.did, rows=seed.rows("tax_cn_retail_import")), TAX)


def joined(town: Town, newcomer: Caller) -> None:
    """A party comes on record, if it is not there."""
    if town.node.record("identity.party", newcomer.did) is not None:
        return
    asked = newcomer.registration(REGISTRAR.did)
    raw = signed(NETWORK.network, app.milliseconds(), f"join {newcomer.name}", [asked], [REGISTRAR, newcomer])
    with town.connection() as connection:
        reply = connection.submit([raw])[0]
    assert reply.accepted, reply


def imported(town: Town, *readers: Caller) -> DeclareImport:
    """An import list of face cream from France that waits for customs; its order is shown to the carrier and these."""
    opened_for_imports(town)
    number = next(_imports)
    of_order = {"platform": PLATFORM.did, "order": f"IN-{number:05}"}
    persons = {name: sha256(f"{name} {number}".encode()).hexdigest() for name in (*_BUYER, *_CONSIGNEE)}
    buyer, consignee = ({name: persons[name] for name in names} for names in (_BUYER, _CONSIGNEE))
    line = OrderLine(sku=CREAM.sku, name=CREAM.name, quantity=1, price_e5=12_800_000, total_minor=12_800)
    place = Place(
        **of_order, seller=SELLER.did, channel="shop", placed_at_ms=ORDERED_MS, ship_from="FR", ship_to="CN",
        currency="CNY", lines=(line,), goods_minor=12_800, freight_minor=0, paid_minor=12_800,
        persons=Persons(**buyer, **consignee), institution=INSTITUTION.did,
        shared_with=(CARRIER.did, *(one.did for one in readers)),
    )  # fmt: skip
    attest = Attest(
        **of_order, institution=INSTITUTION.did, payment=f"PAY-{number:05}", amount_minor=12_800, currency="CNY",
        paid_at_ms=ORDERED_MS + 60_000, payer_name=buyer["buyer_name"], payer_id_number=buyer["buyer_id_number"],
    )  # fmt: skip
    waybill = IssueWaybill(
        **of_order, carrier=CARRIER.did, waybill=f"IW-{number:05}", issued_at_ms=ORDERED_MS + 3_600_000, ship_to="CN",
        gross_weight_grams=200, shared_with=(SELLER.did,), **consignee,
    )  # fmt: skip
    listed = ListLine(
        line=1, sku=CREAM.sku, name=CREAM.name, hs_code=CREAM.hs_code, origin="FR", quantity=1, unit="007",
        legal_quantity_e5=12_000, legal_unit="035", price_e5=12_800_000, total_minor=12_800,
    )  # fmt: skip
    asked = DeclareImport(
        **of_order, broker=SELLER.did, list_no=f"IM{number:05}", seller=SELLER.did, carrier=CARRIER.did,
        waybill=waybill.waybill, assurer=PLATFORM.did, mode="9610", district="2925", port="2925",
        declared_at_ms=ORDERED_MS + 7_200_000, **buyer, consignee_address=consignee["consignee_address"],
        country="FR", gross_weight_grams=200, net_weight_grams=120, lines=(listed,),
        transport=Transport(mode="5", means="CA934", voyage="20260302", bill="99912345675"),
    )  # fmt: skip
    for message, by in ((place, PLATFORM), (attest, INSTITUTION), (waybill, CARRIER), (asked, SELLER)):
        _on_record(town, message, by)
    return asked


def standing(house: House, listed: DeclareExport | DeclareImport) -> Any:
    """Customs' answer on a list, as the record has it; none before the first."""
    return STANDINGS.get(Committed(house.town.node.store), subject_of(listed), listed.broker, listed.list_no)


def subject_of(listed: DeclareExport | DeclareImport) -> str:
    """What an answer calls a list."""
    return "import_list" if isinstance(listed, DeclareImport) else "export_list"


def answered(town: Town, listed: DeclareExport | DeclareImport, code: int, **numbers: str) -> None:
    """Customs' answer on a list."""
    said = Answer(
        customs=CUSTOMS.did,
        subject=subject_of(listed),
        party=listed.broker,
        number=listed.list_no,
        code=code,
        answered_at_ms=ORDERED_MS + 9_000_000,
        **numbers,
    )
    _on_record(town, said, CUSTOMS)


def numbers_in(text: str) -> list[str]:
    """The numbers of the lists that a page shows, in its order."""
    return re.findall(r'data-list="([^"]+)"', text)


def come_in(house: House, one: Visit, party: Caller = CUSTOMS, path: str = "/console/tower") -> None:
    """Sign in as a person of this party and go to a page."""
    person = house.person(party)
    one.page.goto(f"{house.local}/console/sign-in")
    for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.code())):
        one.page.fill(field, value)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")
    one.page.goto(house.local + path)


def _on_record(town: Town, message: Any, by: Caller) -> None:
    reply = town.submit(message, by=by)
    assert reply.accepted, reply
