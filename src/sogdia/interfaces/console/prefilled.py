"""Messages made from what stands on record of an order, for a person to look at, complete and sign.

What others have said is taken over as far as the asker may see it. What is the signer's own word to give (what a payer
paid, what a parcel weighs, whose name stands on it) is left open and asked for, so that no party only repeats the next.
Nothing comes from an address but which order it is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from sogdia.core.transaction import Message
from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS, STANDINGS
from sogdia.domains.logistics.state import ENDED, MAY_FOLLOW, WAYBILLS, Waybill
from sogdia.domains.orders.state import ORDERS, Order, is_cancelled, quantities_left
from sogdia.domains.payments.state import PAYMENTS, Payment
from sogdia.insight.matching import CHINA, lines_left, products_of
from sogdia.insight.orders import Trade
from sogdia.insight.reading import Row, record_of, rows_of
from sogdia.insight.trade import one_trade
from sogdia.insight.undone import newest_list
from sogdia.interfaces.console.order_looking import Looking
from sogdia.interfaces.intake.parts import KILOGRAM
from sogdia.interfaces.intake.trade import list_number

IMPORT_HS_DIGITS: Final = 10
ATTEMPTS: Final = 100
_PERSONS: Final = ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee_address")


class Known(msgspec.Struct, frozen=True):
    """What the asker may see of an order; `stands` are the phases of its lists by number, `products` go by SKU."""

    trade: Trade
    order: Order | None
    payments: tuple[Payment, ...]
    waybills: tuple[Waybill, ...]
    lists: tuple[Row, ...]
    stands: Mapping[str, str]
    products: Mapping[str, Product]


class Filled(msgspec.Struct, frozen=True):
    """A message as the record tells it: `asks` are the fields that a person gives, `lacks` why it cannot be yet."""

    values: dict[str, Any]
    asks: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


Usual = Callable[[str], Row | None]
"""What the broker declared last in a direction."""


def known_of(look: Looking, platform: str, order: str) -> Known | None:
    """What stands on record of an order, or None when nothing of it is there or the asker's to see."""
    trade = one_trade(*look, platform, order)
    if trade is None:
        return None
    picture, asker = look.picture, look.asker
    key = {"platform": platform, "order": order}
    placed = rows_of(picture, asker, ORDERS, **key)
    found = record_of(ORDERS, placed[0]) if placed else None
    lists = rows_of(picture, asker, IMPORT_LISTS, **key) + rows_of(picture, asker, EXPORT_LISTS, **key)
    return Known(
        trade=trade,
        order=found,
        payments=tuple(filter(None, (record_of(PAYMENTS, row) for row in rows_of(picture, asker, PAYMENTS, **key)))),
        waybills=tuple(filter(None, (record_of(WAYBILLS, row) for row in rows_of(picture, asker, WAYBILLS, **key)))),
        lists=tuple(lists),
        stands={row["list_no"]: _phase(look, row) for row in lists},
        products=products_of(picture, asker, found) if found else {},
    )


def filled(look: Looking, tag: str, known: Known, usual: Usual | None = None) -> Filled | None:
    """The message of this type about an order; None for types that are not made from one."""
    if tag in _DECLARATIONS:
        return _declaration(
            look, tag, known, usual or (lambda direction: newest_list(look.picture, look.asker, direction))
        )
    made = _MAKERS.get(tag)
    return None if made is None else made(look, known)


def message_of(tag: str, values: Mapping[str, Any], kinds: Mapping[str, type[Message]]) -> dict[str, Any]:
    """The message as plain data; `msgspec.ValidationError` names the first field that does not fit."""
    found: dict[str, Any] = msgspec.to_builtins(msgspec.convert({"type": tag, **values}, kinds[tag]))
    return found


def reports(known: Known, asker: str | None, status: str, at_ms: int, place: str = "") -> list[dict[str, Any]]:
    """A report of this status on each parcel of the order that is the asker's and may have it next."""
    return [
        {"carrier": one.carrier, "waybill": one.waybill, "status": status, "reported_at_ms": at_ms, "place": place}
        for one in known.waybills
        if one.carrier == asker and status in MAY_FOLLOW[one.status]
    ]


# --- declaring ------------------------------------------------------------------------------------------------------


def _declaration(look: Looking, tag: str, known: Known, usual: Usual) -> Filled:
    order, trade, asker = known.order, known.trade, look.asker.party or ""
    if order is None:
        return Filled({"broker": asker, "platform": trade.platform, "order": trade.order}, (), ("not_yours",))
    is_import = order.ship_to == CHINA
    parcel = _parcel(known)
    lines = lines_left(order, known.products)
    weigh = {sku: product.net_weight_grams for sku, product in known.products.items()}
    grams = {one.line: weigh.get(one.sku, 0) * one.quantity for one in lines}
    before = usual("import" if is_import else "export") or {}
    values: dict[str, Any] = {
        "broker": asker, "list_no": _free_number(look, known, is_import), "seller": order.seller,
        "platform": order.platform, "order": order.order, "carrier": parcel.carrier if parcel else "",
        "waybill": parcel.waybill if parcel else "", "district": before.get("district", ""),
        "port": before.get("port", ""), "declared_at_ms": look.moment.now_ms,
        "country": order.ship_from if is_import else order.ship_to, "currency": order.currency,
        "freight_minor": order.freight_minor, "packages": parcel.packages if parcel else 1,
        "gross_weight_grams": parcel.gross_weight_grams if parcel else 0, "net_weight_grams": sum(grams.values()),
        "transport": _transport(before, parcel, is_import),
        "lines": [
            {**msgspec.to_builtins(one), "legal_unit": KILOGRAM, "legal_quantity_e5": grams[one.line] * 100}
            for one in lines
        ],
    }  # fmt: skip
    if is_import:
        values |= {name: getattr(order.persons, name) or "" for name in _PERSONS}
        values |= {"assurer": order.platform, "mode": "9610"}
    asks = ("declared_at_ms", "district", "port", "transport", "gross_weight_grams", "net_weight_grams")
    return Filled(values, asks, tuple(_lacking(tag, known, order, parcel)))


def _lacking(tag: str, known: Known, order: Order, parcel: Waybill | None) -> list[str]:
    """Why the order cannot be declared yet, the first reason first."""
    is_import = order.ship_to == CHINA
    found = []
    if CHINA not in (order.ship_from, order.ship_to) or is_import != (tag == "customs.declare_import"):
        found.append("other_border")
    if is_cancelled(order):
        found.append("cancelled")
    if any(phase != "rejected" for phase in known.stands.values()):
        found.append("declared")
    if parcel is None:
        found.append("no_waybill")
    if is_import and any(getattr(order.persons, name) is None for name in _PERSONS):
        found.append("no_persons")
    codes = [line.hs_code for line in lines_left(order, known.products)]
    if not all(codes) or (is_import and any(len(code) != IMPORT_HS_DIGITS for code in codes)):
        found.append("no_code")
    return found


def _parcel(known: Known) -> Waybill | None:
    """The parcel that the trade goes by, else one that was not cancelled."""
    standing = [one for one in known.waybills if one.status != "cancelled"]
    named = [one for one in standing if one.waybill == known.trade.waybill]
    return next(iter(named or standing), None)


def _transport(before: Mapping[str, Any], parcel: Waybill | None, is_import: bool) -> dict[str, str]:
    """How the broker's last goods crossed; the voyage is another one, and the bill is the parcel's own number."""
    last = msgspec.to_builtins(before.get("transport") or {})
    known = {name: str(last.get(name) or "") for name in ("mode", "means")}
    bill = parcel.waybill[:37] if parcel and is_import else ""
    return {"mode": known["mode"] or "5", "means": known["means"], "voyage": "", "bill": bill}


def _free_number(look: Looking, known: Known, is_import: bool) -> str:
    """The broker's number for this order that no list has yet: each further attempt has another."""
    table = IMPORT_LISTS if is_import else EXPORT_LISTS
    for attempt in range(len(known.lists) + 1, ATTEMPTS):
        number = list_number(known.trade.platform, known.trade.order, attempt)
        if not rows_of(look.picture, look.asker, table, broker=look.asker.party or "", list_no=number):
            return number
    return ""


def _phase(look: Looking, row: Row) -> str:
    subject = "import_list" if "assurer" in row else "export_list"
    found = rows_of(look.picture, look.asker, STANDINGS, subject=subject, party=row["broker"], number=row["list_no"])
    return str(found[0]["phase"]) if found else "declared"


# --- the others -----------------------------------------------------------------------------------------------------


def _report(look: Looking, known: Known) -> Filled:
    """The next step of the parcel; which one it is, the carrier says."""
    own = [one for one in known.waybills if one.carrier == look.asker.party and one.status not in ENDED]
    if not own:
        return Filled({"carrier": look.asker.party}, (), ("no_parcel",))
    values = {"carrier": own[0].carrier, "waybill": own[0].waybill, "reported_at_ms": look.moment.now_ms}
    return Filled(values, ("status", "reported_at_ms", "place"))


def _waybill(look: Looking, known: Known) -> Filled:
    values: dict[str, Any] = {"carrier": look.asker.party, **_named(known), "issued_at_ms": look.moment.now_ms}
    if known.order is not None:
        readers = (known.order.seller, known.order.platform, *known.order.shared_with)
        values |= {
            "ship_to": known.order.ship_to, "currency": known.order.currency,
            "freight_minor": known.order.freight_minor, "goods": known.order.lines[0].name[:200],
            "shared_with": [one for one in dict.fromkeys(readers) if one != look.asker.party],
        }  # fmt: skip
    asks = ("waybill", "issued_at_ms", "gross_weight_grams", "consignee", "consignee_telephone", "consignee_address")
    return Filled(values, asks)


def _attested(look: Looking, known: Known) -> Filled:
    values: dict[str, Any] = {"institution": look.asker.party, **_named(known)}
    if known.order is not None:
        readers = (known.order.seller, *known.order.shared_with)
        values |= {
            "currency": known.order.currency,
            "shared_with": [one for one in dict.fromkeys(readers) if one != look.asker.party],
        }
    asks = ("payment", "amount_minor", "paid_at_ms", "payer_name", "payer_id_number", "payer_telephone")
    return Filled(values, asks)


def _refunded(look: Looking, known: Known) -> Filled:
    own = next((one for one in known.payments if one.institution == look.asker.party), None)
    if own is None:
        return Filled({"institution": look.asker.party}, (), ("no_payment",))
    values = {"institution": own.institution, "payment": own.payment, "refunded_at_ms": look.moment.now_ms}
    return Filled(values, ("refund", "amount_minor", "refunded_at_ms", "reason"))


def _cancelled(look: Looking, known: Known) -> Filled:
    if known.order is None or is_cancelled(known.order):
        return Filled(_named(known), (), ("cancelled",))
    left = enumerate(quantities_left(known.order), 1)
    lines = [{"line": line, "quantity": quantity} for line, quantity in left if quantity]
    values = {**_named(known), "cancelled_at_ms": look.moment.now_ms, "lines": lines}
    return Filled(values, ("cancellation", "cancelled_at_ms", "lines", "reason"))


def _named(known: Known) -> dict[str, Any]:
    return {"platform": known.trade.platform, "order": known.trade.order}


_DECLARATIONS: Final = ("customs.declare_import", "customs.declare_export")
_MAKERS: Final[Mapping[str, Callable[[Looking, Known], Filled]]] = {
    "logistics.report_status": _report,
    "logistics.issue_waybill": _waybill,
    "payments.attest": _attested,
    "payments.refund": _refunded,
    "orders.cancel": _cancelled,
}
MADE: Final = (*_DECLARATIONS, *_MAKERS)
"""The messages that are made from an order."""
