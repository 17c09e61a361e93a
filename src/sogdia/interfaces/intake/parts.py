"""What each party says about an order: one function per party, each giving the messages that it signs."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec

from sogdia.core.values import minor_to_e5
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.messages import DeclareExport, DeclareImport, ListLine, Transport
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.orders.messages import Cancel, CancelledLine, OrderLine, Place
from sogdia.domains.payments.messages import Attest, Refund
from sogdia.interfaces.intake.trade import Parties, Trade, list_number
from sogdia.standards.orders import DraftCancellation, DraftLine, DraftOrder

PIECE, KILOGRAM = "007", "035"
"""Customs units of measure: piece and kilogram."""
PACKAGING_PER_MILLE = 100
"""What packing adds to the net weight where the carrier has not weighed: a tenth."""
NUMBER_CHARS = 60
"""The longest number of a party that the record takes."""

Step = Literal["picked_up", "in_transit", "delivered"]
JOURNEY: Final[tuple[Step, ...]] = ("picked_up", "in_transit", "delivered")
"""What a carrier reports of a parcel that arrives."""


class Goods(msgspec.Struct, frozen=True):
    """A product as the seller's catalogue, or a suggestion, describes it; `hs_code` is empty when nobody placed it."""

    sku: str
    name: str
    hs_code: str
    hs_basis: Literal["stated", "suggestion"]
    origin: str
    net_weight_grams: int
    unit: str = PIECE
    gtin: str | None = None


class Cargo(msgspec.Struct, frozen=True):
    """What a list declares: what is left of an order's lines, and what it weighs, as the waybill has it."""

    lines: tuple[ListLine, ...]
    gross_weight_grams: int
    net_weight_grams: int


class Unplaced(msgspec.Struct, frozen=True):
    """Why an order cannot be declared yet: the lines whose products have no HS code."""

    order: str
    skus: tuple[str, ...]


def listing(seller: str, goods: Goods) -> ListProduct:
    """The seller puts a product on sale."""
    return ListProduct(
        seller=seller,
        sku=goods.sku,
        name=goods.name,
        hs_code=goods.hs_code,
        hs_basis=goods.hs_basis,
        origin=goods.origin,
        unit=goods.unit,
        net_weight_grams=goods.net_weight_grams,
        gtin=goods.gtin,
    )


def goods_lines(draft: DraftOrder) -> list[DraftLine]:
    """The lines that are goods; carriage stands in the order's freight, unless nothing else was sold."""
    return [line for line in draft.lines if line.kind == "goods"] or list(draft.lines)


def order(trade: Trade, parties: Parties, ship_from: str, sealed: str | None) -> Place:
    """The platform's part: what was ordered."""
    draft = trade.draft
    goods_minor = sum(line.total_minor for line in goods_lines(draft))
    return Place(
        platform=parties.platform,
        order=draft.order,
        seller=parties.seller,
        channel=draft.channel,
        placed_at_ms=draft.placed_at_ms,
        ship_from=ship_from,
        ship_to=draft.country,
        currency=draft.currency,
        lines=tuple([_order_line(draft.currency, line) for line in goods_lines(draft)]),
        goods_minor=goods_minor,
        freight_minor=draft.goods_minor + draft.freight_minor - goods_minor,
        tax_minor=draft.tax_minor,
        discount_minor=draft.discount_minor,
        paid_minor=draft.total_minor,
        rounding_minor=draft.rounding_minor,
        persons=trade.committed(),
        shared_with=parties.who_reads(),
        sealed=sealed,
        evidence=trade.evidence(),
        institution=parties.institution or None,
    )


def payment(trade: Trade, parties: Parties, amount_minor: int | None = None) -> Attest:
    """The payment institution's part: that it was paid, by whom."""
    draft = trade.draft
    return Attest(
        institution=parties.institution,
        payment=payment_number(draft),
        platform=parties.platform,
        order=draft.order,
        amount_minor=draft.total_minor if amount_minor is None else amount_minor,
        currency=draft.currency,
        paid_at_ms=draft.paid_at_ms or draft.placed_at_ms,
        payer_name=trade.commitment("buyer_name"),
        payer_id_number=trade.commitment("buyer_id_number"),
        payer_telephone=trade.commitment("buyer_telephone"),
        shared_with=(parties.seller, parties.broker),
    )


def payment_number(draft: DraftOrder) -> str:
    """The institution's number: the channel's own where the file tells it."""
    return _number(draft.payment_reference or f"PAY-{draft.order}")


def waybill_number(draft: DraftOrder) -> str:
    """The carrier's number for the order's parcel."""
    return waybill_of(draft.order)


def waybill_of(order_no: str) -> str:
    """The carrier's number for the parcel of an order."""
    return _number(f"WB-{order_no}")


def waybill(trade: Trade, parties: Parties, weight_grams: int) -> IssueWaybill:
    """The carrier's part: the parcel, its weight and for whom it is."""
    draft = trade.draft
    return IssueWaybill(
        carrier=parties.carrier,
        waybill=waybill_number(draft),
        platform=parties.platform,
        order=draft.order,
        issued_at_ms=draft.placed_at_ms,
        ship_to=draft.country,
        gross_weight_grams=weight_grams,
        goods=goods_lines(draft)[0].description[:200],
        freight_minor=draft.freight_minor,
        currency=draft.currency,
        consignee=trade.commitment("consignee"),
        consignee_telephone=trade.commitment("consignee_telephone"),
        consignee_address=trade.commitment("consignee_address"),
        shared_with=(parties.seller, parties.platform, parties.broker),
    )


def reported(parties: Parties, waybill_no: str, steps: Iterable[tuple[Step, int]]) -> tuple[ReportStatus, ...]:
    """The carrier's part while the parcel travels: each step with its instant in milliseconds."""
    return tuple(
        ReportStatus(carrier=parties.carrier, waybill=waybill_no, status=step, reported_at_ms=at_ms)
        for step, at_ms in steps
    )


def delivered(parties: Parties, waybill_no: str, at_ms: int) -> tuple[ReportStatus, ...]:
    """The carrier's part when the parcel has arrived: every step, from this instant on."""
    return reported(parties, waybill_no, ((step, at_ms + place) for place, step in enumerate(JOURNEY)))


def cancellation(draft: DraftCancellation, parties: Parties, order_rows: Mapping[int, int]) -> Cancel:
    """The platform's part when a sale is taken back; `order_rows` gives the line number of each of the file's rows."""
    taken: dict[int, int] = {}
    for line in draft.lines:
        number = order_rows[line.order_row]
        taken[number] = taken.get(number, 0) + line.quantity
    return Cancel(
        platform=parties.platform,
        order=draft.order,
        cancellation=draft.cancellation,
        cancelled_at_ms=draft.cancelled_at_ms,
        lines=tuple(CancelledLine(line=number, quantity=quantity) for number, quantity in sorted(taken.items())),
    )


def refund(draft: DraftCancellation, parties: Parties, payment_no: str) -> Refund:
    """The payment institution's part when a sale is taken back."""
    return Refund(
        institution=parties.institution,
        payment=payment_no,
        refund=refund_number(draft),
        amount_minor=sum(line.total_minor for line in draft.lines),
        refunded_at_ms=draft.cancelled_at_ms,
        reason=draft.cancellation,
    )


def refund_number(draft: DraftCancellation) -> str:
    """The institution's number for the money that a cancellation sends back."""
    return _number(f"{draft.cancellation}/{draft.order}")


def _number(text: str) -> str:
    """A number that the record takes: one that is too long ends with its digest, so that it stays its own."""
    if len(text) <= NUMBER_CHARS:
        return text
    return f"{text[: NUMBER_CHARS - 17]}-{sha256(text.encode()).hexdigest()[:16]}"


def gross_weight_grams(draft: DraftOrder, catalogue: Mapping[str, Goods]) -> int:
    """Net weight with packing on top."""
    return net_weight_grams(draft, catalogue) * (1000 + PACKAGING_PER_MILLE) // 1000 + 1


def net_weight_grams(draft: DraftOrder, catalogue: Mapping[str, Goods]) -> int:
    """The sum of the products' net weights."""
    return sum(catalogue[line.sku].net_weight_grams * line.quantity for line in goods_lines(draft))


def unplaced(draft: DraftOrder, catalogue: Mapping[str, Goods]) -> Unplaced | None:
    """Which of the order's products nobody has given an HS code."""
    missing = dict.fromkeys(line.sku for line in goods_lines(draft) if not catalogue[line.sku].hs_code)
    return Unplaced(draft.order, tuple(missing)) if missing else None


def cargo(
    draft: DraftOrder, catalogue: Mapping[str, Goods], cancelled: Sequence[int], waybill: Mapping[str, Any] | None
) -> Cargo:
    """What is left to declare of an order; `cancelled` counts the units that were taken off each of its lines."""
    gone = (*cancelled, *[0] * len(goods_lines(draft)))
    left = [_left(line, units) for line, units in zip(goods_lines(draft), gone, strict=False)]
    lines = [
        _list_line(draft.currency, at, line, catalogue[line.sku]) for at, line in enumerate(left, 1) if line.quantity
    ]
    gross = gross_weight_grams(draft, catalogue) if waybill is None else waybill["gross_weight_grams"]
    return Cargo(tuple(lines), gross, sum(catalogue[line.sku].net_weight_grams * line.quantity for line in left))


def _left(line: DraftLine, gone: int) -> DraftLine:
    """A line less the units that were cancelled, which are worth what the cancellation counted: half up."""
    worth = (2 * line.total_minor * gone + line.quantity) // (2 * line.quantity)
    return msgspec.structs.replace(line, quantity=line.quantity - gone, total_minor=line.total_minor - worth)


def export_list(trade: Trade, parties: Parties, cargo: Cargo, declared_at_ms: int, district: str) -> DeclareExport:
    """The broker's part for goods that leave: the list of mode 9610."""
    return DeclareExport(
        **_common(trade, parties, cargo, declared_at_ms, district),
        country=trade.draft.country,
        transport=Transport(mode="5"),
    )


def import_list(
    trade: Trade, parties: Parties, cargo: Cargo, declared_at_ms: int, district: str, ship_from: str
) -> DeclareImport:
    """The broker's part for goods that come in: the list of mode 9610."""
    committed = trade.committed()
    return DeclareImport(
        **_common(trade, parties, cargo, declared_at_ms, district),
        assurer=parties.platform,
        mode="9610",
        buyer_name=committed.buyer_name or "",
        buyer_id_number=committed.buyer_id_number or "",
        buyer_telephone=committed.buyer_telephone or "",
        consignee_address=committed.consignee_address or "",
        country=ship_from,
        freight_minor=trade.draft.freight_minor,
        transport=Transport(
            mode="5", means="AIR", voyage=trade.draft.order[:32], bill=waybill_number(trade.draft)[:37]
        ),
    )


def _common(trade: Trade, parties: Parties, cargo: Cargo, declared_at_ms: int, district: str) -> dict[str, Any]:
    draft = trade.draft
    return {
        "broker": parties.broker,
        "list_no": list_number(parties.platform, draft.order),
        "seller": parties.seller,
        "platform": parties.platform,
        "order": draft.order,
        "carrier": parties.carrier,
        "waybill": waybill_number(draft),
        "district": district,
        "port": district,
        "declared_at_ms": declared_at_ms,
        "currency": draft.currency,
        "gross_weight_grams": cargo.gross_weight_grams,
        "net_weight_grams": cargo.net_weight_grams,
        "lines": cargo.lines,
    }


def _order_line(currency: str, line: DraftLine) -> OrderLine:
    return OrderLine(
        sku=line.sku,
        name=line.description[:250],
        quantity=line.quantity,
        price_e5=price_e5(line, currency),
        total_minor=line.total_minor,
    )


def _list_line(currency: str, number: int, line: DraftLine, goods: Goods) -> ListLine:
    return ListLine(
        line=number,
        sku=line.sku,
        name=line.description[:250],
        hs_code=goods.hs_code,
        origin=goods.origin,
        quantity=line.quantity,
        unit=goods.unit,
        legal_quantity_e5=goods.net_weight_grams * line.quantity * 100,
        legal_unit=KILOGRAM,
        price_e5=price_e5(line, currency),
        total_minor=line.total_minor,
    )


def price_e5(line: DraftLine, currency: str) -> int:
    """The unit price in 1/100000; where the file tells only totals, the quotient to five decimals."""
    whole, _, part = line.unit_price.partition(".")
    if len(part) <= 5:
        return int(whole + part.ljust(5, "0"))
    total_e5 = Decimal(minor_to_e5(currency, line.total_minor))
    return int((total_e5 / line.quantity).quantize(Decimal(1), rounding=ROUND_HALF_UP))
