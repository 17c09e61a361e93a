"""One row of the trade table from the parts of a trade."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sogdia.domains.customs.state import DECIDED
from sogdia.domains.logistics.state import ENDED
from sogdia.mirror.text import AUDIENCE
from sogdia.mirror.trades.parts import Key, Parts, Row

CHINA: Final = "CN"
"""Lists are declared to this country's customs."""
A_MINUTE_MS: Final = 60_000
_NOTHING: Final[Row] = {}


def trade_row(parts: Parts, key: Key) -> dict[str, Any] | None:
    """The row of this order, or None when no part names it."""
    order = parts.orders.get(key, _NOTHING)
    payment = _payment(order, parts.payments.get(key, ()))
    declared = _list(parts, key)
    waybills = parts.waybills.get(key, [])
    waybill = _waybill(waybills, declared)
    row = _of_order(order, key in parts.gone) | _of_payment(payment) | _of_waybill(waybill, waybills)
    row |= _of_list(parts, declared)
    known = [row[name] for name in _BEGINNINGS if row[name] is not None]
    if not known:
        return None
    row |= {"platform": key[0], "order": key[1], "began_at_ms": known[0] if order else min(known)}
    waits_for, since = _waits(row)
    return row | {"waits_for": waits_for, "waits_since_ms": since, "unreleased_since_ms": _unreleased(row)}


_BEGINNINGS: Final = ("placed_at_ms", "paid_at_ms", "issued_at_ms", "declared_at_ms")


def _payment(order: Row, payments: Iterable[Row]) -> Row:
    """The payment through the institution that the order names; before the order is there, any."""
    for one in payments:
        if not order or one["institution"] == order["institution"]:
            return one
    return _NOTHING


def _list(parts: Parts, key: Key) -> Row:
    declared = parts.declared.get(key)
    if declared is None:
        return _NOTHING
    named = (declared["subject"], declared["broker"], declared["list_no"])
    found = parts.lists.get(named)
    return _NOTHING if found is None else {**found, "subject": declared["subject"]}


def _waybill(waybills: list[Row], declared: Row) -> Row:
    """The list's parcel; else the first that was not cancelled, else the first."""
    if not waybills:
        return _NOTHING
    for one in waybills:
        if declared and (one["carrier"], one["waybill"]) == (declared["carrier"], declared["waybill"]):
            return one
    return min(
        waybills, key=lambda one: (one["status"] == "cancelled", one["issued_at_ms"], one["carrier"], one["waybill"])
    )


def _of_order(order: Row, gone: bool) -> dict[str, Any]:
    names = ("seller", "institution", "placed_at_ms", "ship_from", "ship_to", "currency", "paid_minor")
    cancelled = None if not order else 2 if gone else 1 if order["cancelled"] else 0
    return {
        **{name: order.get(name) for name in names}, "cancelled": cancelled, "order_audience": order.get(AUDIENCE),
    }  # fmt: skip


def _of_payment(payment: Row) -> dict[str, Any]:
    names = ("payment", "paid_at_ms", "refunded_minor")
    return {**{name: payment.get(name) for name in names}, "payment_audience": payment.get(AUDIENCE)}


def _of_waybill(waybill: Row, waybills: list[Row]) -> dict[str, Any]:
    names = ("carrier", "waybill", "issued_at_ms", "status_at_ms")
    status = waybill.get("status")
    ended_at = waybill["status_at_ms"] if status == "delivered" else None
    picked_up = [one["reported_at_ms"] for one in waybill.get("reports", ()) if one["status"] == "picked_up"]
    return {
        **{name: waybill.get(name) for name in names},
        "parcel": status,
        "goes_to": waybill.get("ship_to"),
        "picked_up_at_ms": picked_up[0] if picked_up else None,
        "open_since_ms": None if status is None or status in ENDED else waybill["issued_at_ms"],
        "delivery_minutes": _minutes(waybill.get("issued_at_ms"), ended_at),
        "parcels": len(waybills),
        "waybill_audience": waybill.get(AUDIENCE),
    }


def _of_list(parts: Parts, declared: Row) -> dict[str, Any]:
    named = (declared.get("subject", ""), declared.get("broker", ""), declared.get("list_no", ""))
    standing = parts.standings.get(named, _NOTHING)
    released_at = parts.released.get(named)
    value = declared.get("value_fen", declared.get("value_minor"))
    return {
        "direction": {"import_list": "import", "export_list": "export"}.get(named[0]),
        "broker": declared.get("broker"),
        "list_no": declared.get("list_no"),
        "declared_at_ms": declared.get("declared_at_ms"),
        "declared_minor": value,
        "declared_currency": declared.get("currency"),
        "phase": standing.get("phase", "declared") if declared else None,
        "code": standing.get("code"),
        "answered_at_ms": standing.get("answered_at_ms"),
        "released_at_ms": released_at,
        "release_minutes": _minutes(declared.get("declared_at_ms"), released_at),
        "list_audience": declared.get(AUDIENCE),
    }


def _waits(row: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """What a trade needs next and since when; nothing when it has ended, or when its order is not on record."""
    if row["placed_at_ms"] is None or row["cancelled"] == 2:
        return None, None
    if row["parcel"] in ("delivered", "returned") or row["phase"] == "returned":
        return None, None
    if row["institution"] and row["paid_at_ms"] is None:
        return "payment", row["placed_at_ms"]
    if row["waybill"] is None or row["parcel"] == "cancelled":
        return "waybill", row["placed_at_ms"] if row["paid_at_ms"] is None else row["paid_at_ms"]
    if CHINA in (row["ship_from"], row["ship_to"]):
        if row["phase"] in (None, "rejected"):
            return "list", row["issued_at_ms"] if row["phase"] is None else row["answered_at_ms"]
        if row["phase"] not in DECIDED:
            return "customs", row["declared_at_ms"]
    return "delivery", row["issued_at_ms"]


def _unreleased(row: Mapping[str, Any]) -> int | None:
    """When it was delivered over China's border without customs' release, or None."""
    if row["parcel"] != "delivered" or row["released_at_ms"] is not None or row["placed_at_ms"] is None:
        return None
    over_border = CHINA in (row["ship_from"], row["ship_to"]) and row["ship_from"] != row["ship_to"]
    delivered_ms: int = row["status_at_ms"]
    return delivered_ms if over_border and row["cancelled"] != 2 else None


def _minutes(since_ms: int | None, until_ms: int | None) -> int | None:
    return None if since_ms is None or until_ms is None else max(0, until_ms - since_ms) // A_MINUTE_MS
