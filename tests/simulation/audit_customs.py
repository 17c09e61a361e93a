"""The auditor's model of customs: the match, answers and their order, the yearly quota, the tax bill."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

LIMITS = "customs.cn.retail_import.limits"
BILL_FIELDS = ("duty_fen", "consumption_fen", "vat_fen", "share", "invt_no", "payer")
ON_ITS_WAY = {1: 1, 2: 2, 3: 3, 4: 3}
DOCUMENT_CODES = {"import": {2, 3, 4, 100, 120}, "export": {1, 2, 3, 4, 100, 120}}
LIST_CODES = {
    "import_list": {1, 2, 3, 4, 100, 120, 300, 399, 500, 501, 502, 503, 599, 700, 800, 899},
    "export_list": {1, 2, 3, 4, 100, 120, 300, 399, 500, 800, 899},
}


def yearly_limit(audit: Any) -> int:
    return int(audit.books[(LIMITS, "yearly_fen")])


def _year(audit: Any) -> str:
    """The calendar year in China."""
    return f"{datetime.fromtimestamp(audit.time_ms // 1000, UTC) + timedelta(hours=8):%Y}"


# -- the match ---------------------------------------------------------------------------------------------------


def disagreements(audit: Any, said: dict[str, Any]) -> Iterator[str]:
    """What in this list is not what order, payment, waybill and catalogue say."""
    imported = said["type"] == "customs.declare_import"
    order = audit.orders[(said["platform"], said["order"])]
    waybill = audit.waybills.get((said["carrier"], said["waybill"]))
    paid = audit.paid_orders.get((said["platform"], said["order"], order.get("institution")))
    if waybill is None:
        yield "no waybill"
        return
    equal = {
        "seller": (order["seller"], said["seller"]),
        "waybill's order": (waybill["order"], said["order"]),
        "waybill's platform": (waybill["platform"], said["platform"]),
        "gross weight": (waybill["gross_weight_grams"], said["gross_weight_grams"]),
        "packages": (waybill.get("packages", 1), said.get("packages", 1)),
        "currency": (order["currency"], said.get("currency", "CNY")),
        "destination": (order["ship_to"], waybill["ship_to"]),
    }
    if imported:
        if paid is None:
            yield "no payment of the institution that the order names"
            return
        equal |= _import_only(order, audit.payments[paid], waybill, said)
    else:
        equal["country"] = (order["ship_to"], said["country"])
    yield from (name for name, (one, other) in equal.items() if one != other or one is None)
    if said["net_weight_grams"] > said["gross_weight_grams"]:
        yield "net above gross"
    documents = [("order", *_key(order, "platform", "order")), ("waybill", *_key(waybill, "carrier", "waybill"))]
    documents += [("payment", *paid)] if imported and paid else []
    for document in documents:
        if audit.standings.get(document, {}).get("phase") == "rejected":
            yield f"{document[0]} rejected"
    yield from _lines(audit, order, said, imported)


def _key(record: dict[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(record[name] for name in names)


def _import_only(
    order: dict[str, Any], payment: dict[str, Any], waybill: dict[str, Any], said: dict[str, Any]
) -> dict[str, Any]:
    told = order["persons"]
    assurers = (said["platform"], said["seller"], said["carrier"])
    return {
        "amount": (order["paid_minor"], payment["amount_minor"]),
        "yuan": (order["currency"], "CNY"),
        "paid in": (payment["currency"], "CNY"),
        "waybill in": (waybill.get("currency", "CNY"), "CNY"),
        "one package": (said.get("packages", 1), 1),
        "to China": (order["ship_to"], "CN"),
        "from": (order["ship_from"], said["country"]),
        "freight": (order.get("freight_minor", 0), said.get("freight_minor", 0) + said.get("insured_minor", 0)),
        "assurer": (said["assurer"] in assurers, True),
        "buyer": (told["buyer_name"], said["buyer_name"]),
        "payer": (told["buyer_name"], payment["payer_name"]),
        "id": (told["buyer_id_number"], said["buyer_id_number"]),
        "payer's id": (told["buyer_id_number"], payment["payer_id_number"]),
        "telephone": (told["buyer_telephone"], said["buyer_telephone"]),
        "address": (told["consignee_address"], said["consignee_address"]),
        "delivered to": (told["consignee_address"], waybill["consignee_address"]),
        "consignee": (told["consignee"], waybill["consignee"]),
        "consignee's telephone": (told["consignee_telephone"], waybill["consignee_telephone"]),
    }


def _lines(audit: Any, order: dict[str, Any], said: dict[str, Any], imported: bool) -> Iterator[str]:
    gone, left = order["gone"] or [0] * len(order["lines"]), _left(order)
    numbers = [line["line"] for line in said["lines"]]
    if sorted(numbers) != [at for at, quantity in left.items() if quantity]:
        yield "not the lines that are left"
        return
    for line in said["lines"]:
        ordered = order["lines"][line["line"] - 1]
        worth = Fraction(ordered["total_minor"] * gone[line["line"] - 1], ordered["quantity"])
        total = ordered["total_minor"] - int(worth + Fraction(1, 2))
        product = audit.products[(order["seller"], ordered["sku"])]
        digits = 10 if imported or said.get("statistics", "A") == "B" else 4
        expected = (ordered["sku"], ordered["name"], left[line["line"]], ordered["price_e5"], total)
        expected += (product["hs_code"][:digits], product["origin"], product["unit"])
        names = ("sku", "name", "quantity", "price_e5", "total_minor", "hs_code", "origin", "unit")
        told = [line[name][:digits] if name == "hs_code" else line[name] for name in names]
        yield from (f"line {name}" for name, one, other in zip(names, expected, told, strict=True) if one != other)
        if line["unit"] == line["legal_unit"] and line["legal_quantity_e5"] != left[line["line"]] * 100_000:
            yield "line legal quantity"


def _left(order: dict[str, Any]) -> dict[int, int]:
    """How many of each line were not cancelled."""
    gone = order["gone"] or [0] * len(order["lines"])
    return {at: line["quantity"] - gone[at - 1] for at, line in enumerate(order["lines"], 1)}


def _declare(audit: Any, said: dict[str, Any], signers: list[str]) -> set[int]:
    subject = said["type"].replace("declare_", "") + "_list"
    subject = subject.partition(".")[2]
    objections: set[int] = audit.who(said["broker"], "broker", said["type"], signers)
    objections |= audit.who(said["seller"], None, said["type"], signers) | audit.ahead(said["declared_at_ms"], 6018)
    if (subject, said["broker"], said["list_no"]) in audit.lists:
        objections.add(6001)
    if subject == "import_list" and not _complete(said):
        objections.add(6012)
    order = audit.orders.get((said["platform"], said["order"]))
    if order is None:
        return objections | {3002}
    if not any(_left(order).values()):
        objections.add(6015)
    by = audit.declared.get((said["platform"], said["order"]))
    if by is not None and audit.standings.get(by, {}).get("phase") != "rejected":
        objections.add(6004)
    if any(disagreements(audit, said)):
        objections.add(6003)
    return objections | ({6005} if subject == "import_list" and _share(audit, said) is None else set())


def _complete(said: dict[str, Any]) -> bool:
    codes = all(len(line["hs_code"]) == 10 for line in said["lines"])
    if said["mode"] == "1210":
        return False  # the traffic declares none from bonded stock that is complete
    return codes and all(said["transport"].get(name) for name in ("means", "voyage", "bill"))


def _value(said: dict[str, Any]) -> int:
    goods = sum(line["total_minor"] for line in said["lines"])
    return int(goods + said.get("freight_minor", 0) + said.get("insured_minor", 0))


def _share(audit: Any, said: dict[str, Any]) -> str | None:
    if _value(said) <= int(audit.books[(LIMITS, "single_fen")]):
        return "within"
    alone = len(said["lines"]) == 1 and said["lines"][0]["quantity"] == 1
    return "over" if alone and audit.books[(LIMITS, "over_limit_single_item")] == "allowed" else None


def _put_list(audit: Any, said: dict[str, Any]) -> None:
    key = (said["type"].partition("declare_")[2] + "_list", said["broker"], said["list_no"])
    audit.lists[key] = said
    audit.declared[(said["platform"], said["order"])] = key


# -- answers -----------------------------------------------------------------------------------------------------


def _phase(code: int) -> str:
    if code < 0 or code == 100:
        return "rejected"
    named = {120: "accepted", 399: "approved", 700: "returned", 800: "released", 899: "closed"}
    return named.get(code, "way" if code < 100 else "held")


def _may_follow(subject: str, before: dict[str, Any] | None, code: int) -> bool:
    phase, was = _phase(code), before["phase"] if before else "way"
    listed = subject in LIST_CODES
    if was == "rejected" and not listed:
        before, was = None, "way"
    if was == "way":
        step = ON_ITS_WAY.get(before["code"], 0) if before else 0
        again = bool(before) and before["code"] == 4 and code in (2, 3, 4)
        return phase in ("accepted", "rejected") or (phase == "way" and (again or ON_ITS_WAY[code] > step))
    if was in ("accepted", "held", "approved"):
        return listed and phase in ("held", "approved", "released", "returned", "rejected")
    return was in ("released", "returned") and phase == "closed"


def _subject(audit: Any, said: dict[str, Any]) -> tuple[dict[str, Any], bool] | None:
    key = (said["party"], said["number"])
    if said["subject"] in LIST_CODES:
        found = audit.lists.get((said["subject"], *key))
        return (found, said["subject"] == "import_list") if found else None
    if said["subject"] == "payment":
        found = audit.payments.get(key)
        return (found, True) if found else None
    found = (audit.orders if said["subject"] == "order" else audit.waybills).get(key)
    return (found, found["ship_to"] == "CN") if found else None


def _answer(audit: Any, said: dict[str, Any], signers: list[str]) -> set[int]:
    objections: set[int] = audit.who(said["customs"], "customs", "customs.answer", signers)
    found = _subject(audit, said)
    if found is None:
        return objections | {6009}
    about, imported = found
    code, subject = said["code"], said["subject"]
    before = audit.standings.get((subject, said["party"], said["number"]))
    objections |= audit.ahead(said["answered_at_ms"], 6018)
    if before and said["answered_at_ms"] < before["answered_at_ms"]:
        objections.add(6014)
    codes = LIST_CODES.get(subject) or DOCUMENT_CODES["import" if imported else "export"]
    if subject == "waybill" and not imported:
        codes = codes | {399}
    if code >= 0 and code not in codes:
        return objections | {6007}
    objections |= set() if _may_follow(subject, before, code) else {6008}
    if subject in LIST_CODES:
        objections |= _numbers(audit, said, before or {"pre_no": "", "invt_no": ""})
        objections |= {6019} if code == 800 and _changed(audit, about) else set()
    if subject == "import_list" and code == 120:
        objections |= _over_quota(audit, said, about)
    return objections


def _changed(audit: Any, declared: dict[str, Any]) -> bool:
    """Whether something of the order was cancelled since the list was declared."""
    listed = {line["line"]: line["quantity"] for line in declared["lines"]}
    left = _left(audit.orders[(declared["platform"], declared["order"])])
    return listed != {at: quantity for at, quantity in left.items() if quantity}


def _numbers(audit: Any, said: dict[str, Any], before: dict[str, Any]) -> set[int]:
    objections = set()
    ending = "I[0-9]{9}" if said["subject"] == "import_list" else "E[0-9]{9,11}"
    forms = {"pre_no": (r"B[0-9]{17}", 120), "invt_no": ("[0-9]{8}" + ending, 800)}
    for name, (form, due) in forms.items():
        given = said.get(name, "")
        if (given or (said["code"] == due and not before[name])) and not re.fullmatch(form, given):
            objections.add(6011)
        if given and before[name] and given != before[name]:
            objections.add(6016)
        if audit.numbers.get(given, _list(said)) != _list(said):
            objections.add(6020)
    return objections


def _list(said: dict[str, Any]) -> tuple[str, str, str]:
    return said["subject"], said["party"], said["number"]


def _over_quota(audit: Any, said: dict[str, Any], declared: dict[str, Any]) -> set[int]:
    if said.get("person") is None:
        return {6010}
    drawn = sum(fen for _, fen in audit.quota.get((said["person"], _year(audit)), {}).values())
    return {6006} if drawn + _value(declared) > yearly_limit(audit) else set()


def _put_answer(audit: Any, said: dict[str, Any]) -> None:
    key = (said["subject"], said["party"], said["number"])
    before = audit.standings.get(key, {"pre_no": "", "invt_no": ""})
    phase = _phase(said["code"])
    numbers = {name: said.get(name) or before[name] for name in ("pre_no", "invt_no")}
    audit.standings[key] = {
        "code": said["code"], "phase": phase, "answered_at_ms": said["answered_at_ms"], **numbers,
    }  # fmt: skip
    if said["subject"] in LIST_CODES:
        audit.numbers |= {given: key for name in ("pre_no", "invt_no") if (given := said.get(name))}
    if said["subject"] in LIST_CODES and phase == "released":
        audit.release_numbers[numbers["invt_no"]] = key
    if said["subject"] == "import_list":
        _move(audit, said, phase, numbers["invt_no"])


def _move(audit: Any, said: dict[str, Any], phase: str, invt_no: str) -> None:
    key = (said["party"], said["number"])
    declared = audit.lists[("import_list", *key)]
    drawn = next((uses for uses in audit.quota.values() if key in uses), None)
    if phase == "accepted":
        audit.quota[(said["person"], _year(audit))][key] = ("reserved", _value(declared))
    elif phase == "released":
        drawn[key] = ("consumed", drawn[key][1])
        audit.bills[key] = {**_bill(audit, declared), "invt_no": invt_no, "payer": declared["assurer"]}
    elif phase in ("rejected", "returned") and drawn is not None:
        del drawn[key]


# -- the bill ------------------------------------------------------------------------------------------------------


def _bill(audit: Any, declared: dict[str, Any]) -> dict[str, Any]:
    """Caiguanshui 18/2016, with one rounding per tax and line."""
    share = _share(audit, declared)
    due = {k: Fraction(v) for k, v in json.loads(audit.books[("tax.cn.retail_import.share", share)]).items()}
    goods = [line["total_minor"] for line in declared["lines"]]
    added = declared.get("freight_minor", 0) + declared.get("insured_minor", 0)
    exact = [Fraction(added * value, sum(goods)) for value in goods]
    parts = [int(part) for part in exact]
    for at in sorted(range(len(goods)), key=lambda at: parts[at] - exact[at])[: added - sum(parts)]:
        parts[at] += 1
    sums = {"duty_fen": 0, "consumption_fen": 0, "vat_fen": 0}
    for line, more in zip(declared["lines"], parts, strict=True):
        rates = json.loads(audit.books[("tax.cn.retail_import.rates", line["hs_code"][:4])])
        value = line["total_minor"] + more
        specific = Fraction(rates["consumption_per_unit_fen"]) * line["legal_quantity_e5"] / 100_000
        duty = value * Fraction(rates["duty"]) * due["duty"]
        base = (value + duty + specific) / (1 - Fraction(rates["consumption"]))
        taxes = {
            "duty_fen": duty,
            "consumption_fen": (base * Fraction(rates["consumption"]) + specific) * due["consumption"],
            "vat_fen": base * Fraction(rates["vat"]) * due["vat"],
        }
        for name, tax in taxes.items():
            sums[name] += int(tax + Fraction(1, 2))
    return {**sums, "share": share}


OBJECTIONS: dict[str, Any] = {
    "customs.declare_import": _declare,
    "customs.declare_export": _declare,
    "customs.answer": _answer,
}
APPLY: dict[str, Any] = {
    "customs.declare_import": _put_list,
    "customs.declare_export": _put_list,
    "customs.answer": _put_answer,
}
