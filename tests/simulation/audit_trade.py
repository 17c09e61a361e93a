"""The auditor's model of parties, products, orders, payments and parcels: why each message could not stand."""

from fractions import Fraction
from typing import Any

AuditFunction = Any
PHASE = {
    # where a parcel is: 0 issued, 1 taken, 2 out, 3 on its way home, 4 ended
    "issued": 0, "picked_up": 1, "in_transit": 2, "on_hold": 2, "out_for_delivery": 2, "delivery_failed": 2,
    "return_to_sender": 3, "delivered": 4, "returned": 4, "cancelled": 4,
}  # fmt: skip


def _register(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    if message["party"] in audit.parties:
        return {1002}
    objections: set[int] = audit.who(message["registrar"], "registrar", "identity.register", signers)
    return objections if message["party"] in signers else objections | {1004}


def _put_party(audit: Any, message: dict[str, Any]) -> None:
    audit.parties[message["party"]] = {"roles": sorted(set(message["roles"])), "suspended": False}
    _put_new_keys(audit, message["party"], message["keys"])


def _put_new_keys(audit: Any, party: str, keys: list[dict[str, Any]]) -> None:
    for key in keys:
        audit.keys[key["id"]] = {
            "party": party, "public": key["public"], "retired": False, "since_ms": audit.time_ms,
        }  # fmt: skip


def _rotate(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["party"], None, "identity.rotate", signers)
    add, retire = message.get("add", []), message.get("retire", [])
    objections |= {1006 for key in add if key["id"] in audit.keys}
    objections |= {1008 for kid in retire if audit.keys.get(kid, {}).get("retired")}
    signing = {kid for kid, key in audit.keys.items() if key["party"] == message["party"] and not key["retired"]}
    if not (signing | {key["id"] for key in add}) - set(retire):
        objections.add(1009)
    return objections


def _put_keys(audit: Any, message: dict[str, Any]) -> None:
    _put_new_keys(audit, message["party"], message.get("add", []))
    for kid in message.get("retire", []):
        audit.keys[kid]["retired"] = True


def _by_registrar(action: str, wrong_when: Any, code: int) -> AuditFunction:
    def objections(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
        found: set[int] = audit.who(message["registrar"], "registrar", action, signers)
        party = audit.parties.get(message["party"])
        if party is None:
            return found | {1001}
        return found | ({code} if wrong_when(party, message) else set())

    return objections


def _put_roles(audit: Any, message: dict[str, Any]) -> None:
    roles = set(audit.parties[message["party"]]["roles"])
    roles ^= {message["role"]}
    audit.parties[message["party"]]["roles"] = sorted(roles)


def _put_suspended(audit: Any, message: dict[str, Any]) -> None:
    audit.parties[message["party"]]["suspended"] = message["type"] == "identity.suspend"


def _put_mandate(audit: Any, message: dict[str, Any]) -> None:
    audit.mandates[(message["principal"], message["agent"])] = message


# -- catalogue ---------------------------------------------------------------------------------------------------


def _list_product(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["seller"], "seller", "catalog.list_product", signers)
    standing = audit.products.get((message["seller"], message["sku"]))
    return objections | ({2001} if standing and standing["on_sale"] else set())


def _put_product(audit: Any, message: dict[str, Any]) -> None:
    audit.products[(message["seller"], message["sku"])] = {**message, "on_sale": True}


def _withdraw(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["seller"], "seller", "catalog.withdraw_product", signers)
    return objections | _not_on_sale(audit, message["seller"], message["sku"])


def _not_on_sale(audit: Any, seller: str, sku: str) -> set[int]:
    product = audit.products.get((seller, sku))
    return {2002} if product is None else set() if product["on_sale"] else {2005}


def _put_withdrawn(audit: Any, message: dict[str, Any]) -> None:
    audit.products[(message["seller"], message["sku"])]["on_sale"] = False


def _publish(prefix: str, role: str, code: int) -> AuditFunction:
    def objections(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
        found: set[int] = audit.who(message["authority"], role, f"{prefix}.publish", signers)
        return found | {code for row in message["rows"] if not row["book"].startswith(prefix + ".")}

    return objections


def _put_rows(audit: Any, message: dict[str, Any]) -> None:
    for row in message["rows"]:
        audit.books[(row["book"], row["key"])] = row["value"]


# -- orders ------------------------------------------------------------------------------------------------------


def _place(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["platform"], "platform", "orders.place", signers)
    objections |= audit.named(message["seller"], "seller") | audit.ahead(message["placed_at_ms"], 3010)
    if message.get("institution") is not None:
        objections |= audit.named(message["institution"], "payment_institution")
    objections |= {3001} if (message["platform"], message["order"]) in audit.orders else set()
    goods = sum(line["total_minor"] for line in message["lines"])
    for line in message["lines"]:
        if abs(line["quantity"] * line["price_e5"] - line["total_minor"] * 1000) > 500:
            objections.add(3003)
        objections |= _not_on_sale(audit, message["seller"], line["sku"])
        product = audit.products.get((message["seller"], line["sku"]), {"hs_code": ""})
        for length in range(2, 11):
            if audit.books.get(("catalog.bans", f"{message['ship_to']}/{product['hs_code'][:length]}")):
                objections.add(2004)
    objections |= {3004} if goods != message["goods_minor"] else set()
    extra = message.get("freight_minor", 0) + message.get("tax_minor", 0) - message.get("discount_minor", 0)
    return objections | ({3005} if goods + extra != message["paid_minor"] else set())


def _put_order(audit: Any, message: dict[str, Any]) -> None:
    audit.orders[(message["platform"], message["order"])] = {**message, "gone": []}


def _cancel(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["platform"], "platform", "orders.cancel", signers)
    order = audit.orders.get((message["platform"], message["order"]))
    if order is None:
        return objections | {3002}
    if (message["platform"], message["order"], message["cancellation"]) in audit.cancellations:
        objections.add(3008)
    if message["cancelled_at_ms"] < order["placed_at_ms"]:
        objections.add(3011)
    objections |= audit.ahead(message["cancelled_at_ms"], 3012)
    for one in message["lines"]:
        if one["line"] > len(order["lines"]):
            objections.add(3006)
        elif (
            one["quantity"] + (order["gone"] or [0] * 99)[one["line"] - 1] > order["lines"][one["line"] - 1]["quantity"]
        ):
            objections.add(3007)
    return objections


def _put_cancellation(audit: Any, message: dict[str, Any]) -> None:
    order = audit.orders[(message["platform"], message["order"])]
    order["gone"] = order["gone"] or [0] * len(order["lines"])
    before = _gone_minor(order)
    for one in message["lines"]:
        order["gone"][one["line"] - 1] += one["quantity"]
    audit.cancellations[(message["platform"], message["order"], message["cancellation"])] = {
        "lines": [[one["line"], one["quantity"]] for one in message["lines"]],
        "cancelled_minor": _gone_minor(order) - before,
        "seller": order["seller"],
        "shared_with": order.get("shared_with", []),
    }


def _gone_minor(order: dict[str, Any]) -> int:
    """What is cancelled of an order, in its currency; half a unit of a line counts as a whole one."""
    worth = (
        Fraction(li["total_minor"] * g, li["quantity"]) for li, g in zip(order["lines"], order["gone"], strict=True)
    )
    return sum(int(one + Fraction(1, 2)) for one in worth)


# -- payments ----------------------------------------------------------------------------------------------------


def _attest(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["institution"], "payment_institution", "payments.attest", signers)
    objections |= audit.named(message["platform"], "platform") | audit.ahead(message["paid_at_ms"], 4006)
    objections |= {4001} if (message["institution"], message["payment"]) in audit.payments else set()
    return objections | ({4003} if _paid_order(message) in audit.paid_orders else set())


def _paid_order(message: dict[str, Any]) -> tuple[str, str, str]:
    """Each institution has its own word on an order."""
    return message["platform"], message["order"], message["institution"]


def _put_payment(audit: Any, message: dict[str, Any]) -> None:
    key = (message["institution"], message["payment"])
    audit.payments[key] = {**message, "refunded": 0}
    audit.paid_orders[_paid_order(message)] = key


def _refund(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["institution"], "payment_institution", "payments.refund", signers)
    payment = audit.payments.get((message["institution"], message["payment"]))
    if payment is None:
        return objections | {4002}
    if (message["institution"], message["payment"], message["refund"]) in audit.refunds:
        objections.add(4004)
    if message["refunded_at_ms"] < payment["paid_at_ms"]:
        objections.add(4007)
    too_much = payment["refunded"] + message["amount_minor"] > payment["amount_minor"]
    return objections | ({4005} if too_much else set()) | audit.ahead(message["refunded_at_ms"], 4006)


def _put_refund(audit: Any, message: dict[str, Any]) -> None:
    audit.payments[(message["institution"], message["payment"])]["refunded"] += message["amount_minor"]
    audit.refunds[(message["institution"], message["payment"], message["refund"])] = message["amount_minor"]


# -- parcels -----------------------------------------------------------------------------------------------------


def _issue(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["carrier"], "carrier", "logistics.issue_waybill", signers)
    objections |= audit.named(message["platform"], "platform") | audit.ahead(message["issued_at_ms"], 5004)
    return objections | ({5001} if (message["carrier"], message["waybill"]) in audit.waybills else set())


def _put_waybill(audit: Any, message: dict[str, Any]) -> None:
    audit.waybills[(message["carrier"], message["waybill"])] = {**message, "status": "issued", "reported": 0}


def _report(audit: Any, message: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(message["carrier"], "carrier", "logistics.report_status", signers)
    waybill = audit.waybills.get((message["carrier"], message["waybill"]))
    if waybill is None:
        return objections | {5002}
    before, after = PHASE[waybill["status"]], PHASE[message["status"]]
    forward = before < 4 and (after > before or (after == before and after in (2, 3)))
    if message["status"] == "delivered":
        forward = before < 3
    late = message["reported_at_ms"] < waybill["reported"]
    return objections | (set() if forward or late else {5003}) | audit.ahead(message["reported_at_ms"], 5004)


def _put_report(audit: Any, message: dict[str, Any]) -> None:
    waybill = audit.waybills[(message["carrier"], message["waybill"])]
    if message["reported_at_ms"] >= waybill["reported"]:
        waybill["status"], waybill["reported"] = message["status"], message["reported_at_ms"]


OBJECTIONS: dict[str, AuditFunction] = {
    "identity.register": _register,
    "identity.rotate": _rotate,
    "identity.grant_role": _by_registrar("identity.grant_role", lambda p, m: m["role"] in p["roles"], 1015),
    "identity.revoke_role": _by_registrar("identity.revoke_role", lambda p, m: m["role"] not in p["roles"], 1005),
    "identity.suspend": _by_registrar("identity.suspend", lambda p, m: p["suspended"], 1003),
    "identity.reinstate": _by_registrar("identity.reinstate", lambda p, m: not p["suspended"], 1014),
    "catalog.list_product": _list_product,
    "catalog.withdraw_product": _withdraw,
    "tax.publish_rates": _publish("tax", "tax_authority", 7001),
    "customs.publish_limits": _publish("customs", "customs", 6013),
    "orders.place": _place,
    "orders.cancel": _cancel,
    "payments.attest": _attest,
    "payments.refund": _refund,
    "logistics.issue_waybill": _issue,
    "logistics.report_status": _report,
}
APPLY: dict[str, AuditFunction] = {
    "identity.register": _put_party,
    "identity.rotate": _put_keys,
    "identity.grant_role": _put_roles,
    "identity.revoke_role": _put_roles,
    "identity.suspend": _put_suspended,
    "identity.reinstate": _put_suspended,
    "identity.delegate": _put_mandate,
    "catalog.list_product": _put_product,
    "catalog.withdraw_product": _put_withdrawn,
    "catalog.publish_bans": _put_rows,
    "tax.publish_rates": _put_rows,
    "customs.publish_limits": _put_rows,
    "orders.place": _put_order,
    "orders.cancel": _put_cancellation,
    "payments.attest": _put_payment,
    "payments.refund": _put_refund,
    "logistics.issue_waybill": _put_waybill,
    "logistics.report_status": _put_report,
}
