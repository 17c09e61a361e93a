"""Other systems' import messages into ours, and the persons in them: 311, 411, 511, 513, 621."""

from typing import Any

from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import DeclareImport
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.orders.messages import Place
from sogdia.domains.payments.messages import Attest
from sogdia.interfaces.documents.reading_export import declared, list_line, order_lines, transport
from sogdia.interfaces.documents.slip import Slip

CHINA = "CN"

BUYER = (
    ("buyerRegNo", "buyer_account"),
    ("buyerName", "buyer_name"),
    ("buyerIdNumber", "buyer_id_number"),
    ("buyerTelephone", "buyer_telephone"),
    ("consignee", "consignee"),
    ("consigneeTelephone", "consignee_telephone"),
    ("consigneeAddress", "consignee_address"),
)
"""The persons of an order: customs' element and our field."""


def import_order(slip: Slip) -> Message | None:
    """311: an order. What the paid amount differs from its parts is the channel's rounding.

    Customs does not demand payCode, so an order without it is read, with the remark that its list cannot match.
    """
    currency = slip.currency()
    goods, freight, tax, discount, paid = (
        slip.amount(element, currency) for element in ("goodsValue", "freight", "taxTotal", "discount", "acturalPaid")
    )
    fields = {
        "platform": slip.party("ebp", "platform"),
        "order": slip.text("orderNo"),
        "seller": slip.party("ebc", "seller"),
        "channel": slip.given.channel,
        "placed_at_ms": slip.time("appTime"),
        "ship_from": slip.beside("ship_from"),
        "ship_to": CHINA,
        "currency": currency,
        "lines": order_lines(slip, currency),
        "goods_minor": goods,
        "freight_minor": freight,
        "tax_minor": tax,
        "discount_minor": discount,
        "paid_minor": paid,
        "rounding_minor": paid - (goods + freight + tax - discount),
        "persons": {field: slip.person(element, field) for element, field in BUYER},
        "shared_with": slip.given.shared_with,
        "sealed": slip.given.sealed,
        "institution": _institution(slip),
    }
    return slip.message(Place, fields)


def _institution(slip: Slip) -> str | None:
    if slip.text("payCode", ""):
        return slip.party("pay", "payment_institution")
    slip.remark("institution_needed", "payCode")
    return None


def import_payment(slip: Slip) -> Message | None:
    """411: a payment and its payer."""
    currency = slip.currency()
    fields = {
        "institution": slip.party("pay", "payment_institution"),
        "payment": slip.text("payTransactionId"),
        "platform": slip.party("ebp", "platform"),
        "order": slip.text("orderNo"),
        "amount_minor": slip.amount("amountPaid", currency),
        "currency": currency,
        "paid_at_ms": slip.time("payTime"),
        "payer_name": slip.person("payerName", "buyer_name"),
        "payer_id_number": slip.person("payerIdNumber", "buyer_id_number"),
        "payer_telephone": slip.person("telephone", "buyer_telephone"),
        "shared_with": slip.given.shared_with,
    }
    return slip.message(Attest, fields)


def import_waybill(slip: Slip) -> Message | None:
    """511: a waybill and its consignee."""
    currency = slip.currency()
    fields = {
        "carrier": slip.party("logistics", "carrier"),
        "waybill": slip.text("logisticsNo"),
        "platform": slip.beside("platform"),
        "order": slip.text("orderNo"),
        "issued_at_ms": slip.time("appTime"),
        "ship_to": CHINA,
        "gross_weight_grams": slip.grams("weight"),
        "packages": slip.whole("packNo"),
        "goods": slip.text("goodsInfo", ""),
        "freight_minor": slip.amount("freight", currency, 0),
        "insured_minor": slip.amount("insuredFee", currency, 0),
        "currency": currency,
        "consignee": slip.person("consignee", "consignee"),
        "consignee_telephone": slip.person("consigneeTelephone", "consignee_telephone"),
        "consignee_address": slip.person("consigneeAddress", "consignee_address"),
        "shared_with": slip.given.shared_with,
    }
    return slip.message(IssueWaybill, fields)


def import_delivery(slip: Slip) -> Message | None:
    """513: the parcel was signed for."""
    status = slip.text("logisticsStatus")
    if status != "S":
        slip.note("unreadable", "logisticsStatus", value=status, expected="S")
    fields = {
        "carrier": slip.party("logistics", "carrier"),
        "waybill": slip.text("logisticsNo"),
        "status": "delivered",
        "reported_at_ms": slip.time("logisticsTime"),
    }
    return slip.message(ReportStatus, fields)


def import_list(slip: Slip) -> Message | None:
    """621: an import list and its buyer."""
    currency = slip.currency()
    fields: dict[str, Any] = {
        **declared(slip, currency),
        "assurer": slip.party("assure", ""),
        "buyer_name": slip.person("buyerName", "buyer_name"),
        "buyer_id_number": slip.person("buyerIdNumber", "buyer_id_number"),
        "buyer_telephone": slip.person("buyerTelephone", "buyer_telephone"),
        "consignee_address": slip.person("consigneeAddress", "consignee_address"),
        "transport": transport(slip, "trafNo"),
        "ems_no": slip.text("emsNo", ""),
        "area_code": slip.text("areaCode", ""),
        "area_name": slip.text("areaName", ""),
        "lines": [list_line(line, currency) for line in slip.lines],
    }
    return slip.message(DeclareImport, fields)
