"""Three trades that agree: cosmetics from France by direct mail (9610) and from bond (1210), lanterns to France.

The import is 2 x 150.00 make-up and 3 x 60.00 soap with 20.00 freight: 500.00 in all, the value of the reference's
first vector. Persons are real commitments under one secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.messages import (
    Answer,
    DeclareExport,
    DeclareImport,
    ListLine,
    PublishLimits,
    Transport,
)
from sogdia.domains.identity.messages import Delegate
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.orders.messages import OrderLine, Persons, Place
from sogdia.domains.payments.messages import Attest
from sogdia.domains.tax.messages import PublishRates
from sogdia.primitives.sealed.commitments import commit
from sogdia.standards import seed

SECRET = b"\x07" * 32
PERSON = "5e" * 32
GOODS = {
    "MAKEUP": ("Make-up", "3304990000", "FR", 60),
    "SOAP": ("Soap", "3401110000", "FR", 120),
    "71053": ("White metal lantern", "9405500000", "CN", 420),
}
BUYER = {
    "buyer_name": commit(SECRET, "name", "Wang Xiaoming"),
    "buyer_id_number": commit(SECRET, "id_number", "11010519491231002X"),
    "buyer_telephone": commit(SECRET, "telephone", "+86 138 0000 0000"),
}
CONSIGNEE = {
    "consignee": commit(SECRET, "name", "Wang Daming"),
    "consignee_telephone": commit(SECRET, "telephone", "+86 139 0000 0000"),
    "consignee_address": commit(SECRET, "address", "1 Jianguo Road, Beijing"),
}
BOND = {"ems_no": "T2925W000001", "area_code": "330786K001", "area_name": "Yiwu bonded zone"}


@dataclass
class Trade:
    """The messages of one trade, before or after someone changed them."""

    place: Place
    attest: Attest | None
    waybill: IssueWaybill | None
    declare: DeclareImport | DeclareExport

    @property
    def key(self) -> tuple[str, str]:
        return self.declare.broker, self.declare.list_no


@dataclass
class Border:
    """Puts trades before customs in a scene."""

    scene: Any
    cast: Any
    answered: int = 0

    def stands(self, trade: Trade) -> None:
        """Order, payment and waybill are on record."""
        self.scene.accepts(trade.place, by=self.cast.platform)
        if trade.attest is not None:
            self.scene.accepts(trade.attest, by=self.cast.institution)
        if trade.waybill is not None:
            self.scene.accepts(trade.waybill, by=self.cast.carrier)

    def declares(self, trade: Trade) -> tuple[dict[str, Any], ...]:
        return self.scene.accepts(trade.declare, by=self.cast.broker)

    def refuses_list(self, code: int, trade: Trade, **fields: Any) -> None:
        self.scene.refuses(code, trade.declare, by=self.cast.broker, **fields)

    def answer(self, subject: str, party: str, number: str, code: int, **more: Any) -> Answer:
        """Customs' answer, each a second after the one before; a list's numbers as they are due."""
        self.answered += 1
        said: dict[str, Any] = {"answered_at_ms": self.scene.time_ms + self.answered}
        letter = "I" if subject == "import_list" else "E"
        if code == 120 and subject.endswith("list"):
            said["pre_no"] = f"B20260302{self.answered:09}"
        if code == 120 and subject == "import_list":
            said["person"] = PERSON
        if code == 800:
            said["invt_no"] = f"29252026{letter}{self.answered:09}"
        asked = {"customs": self.cast.customs.did, "subject": subject, "party": party, "number": number, "code": code}
        return Answer(**asked | said | more)

    def answers(self, trade: Trade, *codes: int, **more: Any) -> list[dict[str, Any]]:
        """Customs answers these codes on the list, one after the other; what was announced by the last."""
        subject = "import_list" if isinstance(trade.declare, DeclareImport) else "export_list"
        told: tuple[dict[str, Any], ...] = ()
        for code in codes:
            told = self.scene.accepts(self.answer(subject, *trade.key, code, **more), by=self.cast.customs)
        return list(told)

    def refuses_answer(self, code: int, answer: Answer, **fields: Any) -> None:
        self.scene.refuses(code, answer, by=self.cast.customs, **fields)


@pytest.fixture
def border(scene, cast) -> Border:
    """Products, limits and rates are on record, and the seller has delegated its declarations to the broker."""
    prepared(scene, cast)
    return Border(scene, cast)


def prepared(scene: Any, cast: Any) -> None:
    """What stands before any trade."""
    products: list[Message] = [
        ListProduct(
            seller=cast.seller.did,
            sku=sku,
            name=name,
            hs_code=hs_code,
            origin=origin,
            unit="007",
            net_weight_grams=grams,
        )
        for sku, (name, hs_code, origin, grams) in GOODS.items()
    ]
    actions = ("customs.declare_import", "customs.declare_export")
    until_ms = scene.time_ms + 5 * 10**10
    delegated = Delegate(principal=cast.seller.did, agent=cast.broker.did, actions=actions, until_ms=until_ms)
    limits = PublishLimits(authority=cast.customs.did, rows=seed.rows("customs_cn_limits"))
    rates = PublishRates(authority=cast.tax_authority.did, rows=seed.rows("tax_cn_retail_import"))
    scene.accepts(*products, delegated, by=cast.seller)
    scene.accepts(limits, by=cast.customs)
    scene.accepts(rates, by=cast.tax_authority)


@pytest.fixture
def border_of(cast) -> Callable[[Any], Border]:
    """A border in a scene of one's own making."""

    def made(scene: Any) -> Border:
        prepared(scene, cast)
        return Border(scene, cast)

    return made


def list_lines(lines: tuple[OrderLine, ...], record_no: str = "") -> tuple[ListLine, ...]:
    """The list's lines for these of an order."""
    return tuple(
        ListLine(
            line=number,
            sku=line.sku,
            name=line.name,
            hs_code=GOODS[line.sku][1],
            origin=GOODS[line.sku][2],
            quantity=line.quantity,
            unit="007",
            legal_quantity_e5=line.quantity * GOODS[line.sku][3] * 100,
            legal_unit="035",
            price_e5=line.price_e5,
            total_minor=line.total_minor,
            record_no=record_no,
        )
        for number, line in enumerate(lines, 1)
    )


def order_lines(*sold: tuple[str, int, int]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(sku=sku, name=GOODS[sku][0], quantity=n, price_e5=minor * 1000, total_minor=n * minor)
        for sku, n, minor in sold
    )


@pytest.fixture
def import_trade(cast) -> Callable[..., Trade]:
    """An import that agrees; `number` tells trades apart, `sold` are (SKU, quantity, price in fen)."""

    def trade(number: str = "1", mode: str = "9610", sold=(("MAKEUP", 2, 15_000), ("SOAP", 3, 6_000)), freight=2_000):
        lines = order_lines(*sold)
        goods = sum(line.total_minor for line in lines)
        ship_from = "CN" if mode == "1210" else "FR"
        of_order = {"platform": cast.platform.did, "order": f"O{number}"}
        return Trade(
            Place(
                **of_order,
                seller=cast.seller.did,
                channel="shop",
                placed_at_ms=1_772_441_000_000,
                ship_from=ship_from,
                ship_to="CN",
                currency="CNY",
                lines=lines,
                goods_minor=goods,
                freight_minor=freight,
                tax_minor=5_000,
                discount_minor=1_000,
                paid_minor=goods + freight + 4_000,
                persons=Persons(**BUYER, **CONSIGNEE),
                institution=cast.institution.did,
            ),
            Attest(
                **of_order,
                institution=cast.institution.did,
                payment=f"P{number}",
                amount_minor=goods + freight + 4_000,
                currency="CNY",
                paid_at_ms=1_772_441_100_000,
                payer_name=BUYER["buyer_name"],
                payer_id_number=BUYER["buyer_id_number"],
            ),
            IssueWaybill(
                **of_order,
                carrier=cast.carrier.did,
                waybill=f"W{number}",
                issued_at_ms=1_772_441_200_000,
                ship_to="CN",
                gross_weight_grams=700,
                **CONSIGNEE,
            ),
            DeclareImport(
                **of_order,
                broker=cast.broker.did,
                list_no=f"L{number}",
                seller=cast.seller.did,
                carrier=cast.carrier.did,
                waybill=f"W{number}",
                assurer=cast.platform.did,
                mode=mode,
                district="2925",
                port="2925",
                declared_at_ms=1_772_441_300_000,
                **BUYER,
                consignee_address=CONSIGNEE["consignee_address"],
                country=ship_from,
                freight_minor=freight,
                gross_weight_grams=700,
                net_weight_grams=480,
                transport=Transport(mode="5", means="CA934", voyage="20260302", bill="99912345675"),
                **(BOND if mode == "1210" else {}),
                lines=list_lines(lines, "1" if mode == "1210" else ""),
            ),
        )

    return trade


@pytest.fixture
def export_trade(cast) -> Callable[..., Trade]:
    """An export of six lanterns to France that agrees."""

    def trade(number: str = "1", sold=(("71053", 6, 339),), statistics: str = "A"):
        lines = order_lines(*sold)
        goods = sum(line.total_minor for line in lines)
        of_order = {"platform": cast.platform.did, "order": f"O{number}"}
        return Trade(
            Place(
                **of_order,
                seller=cast.seller.did,
                channel="shop",
                placed_at_ms=1_772_441_000_000,
                ship_from="CN",
                ship_to="FR",
                currency="EUR",
                lines=lines,
                goods_minor=goods,
                freight_minor=500,
                paid_minor=goods + 500,
                persons=Persons(**CONSIGNEE),
            ),
            None,
            IssueWaybill(
                **of_order,
                carrier=cast.carrier.did,
                waybill=f"W{number}",
                issued_at_ms=1_772_441_200_000,
                ship_to="FR",
                gross_weight_grams=2_900,
            ),
            DeclareExport(
                **of_order,
                broker=cast.broker.did,
                list_no=f"L{number}",
                seller=cast.seller.did,
                carrier=cast.carrier.did,
                waybill=f"W{number}",
                statistics=statistics,
                district="2925",
                port="2925",
                declared_at_ms=1_772_441_300_000,
                country="FR",
                currency="EUR",
                gross_weight_grams=2_900,
                net_weight_grams=2_520,
                transport=Transport(mode="5"),
                lines=list_lines(lines),
            ),
        )

    return trade
