"""Import: order 311, payment 411, waybill 511 and its delivery 513, list 621, tax bill 816.

All but 513 and 816 name persons. Their values are given from outside, and held against the record's commitments.
"""

from typing import Final

from sogdia.domains.customs.messages import ListLine
from sogdia.domains.customs.state import ImportList
from sogdia.domains.logistics.state import Waybill
from sogdia.domains.orders.state import Order
from sogdia.domains.payments.state import Payment
from sogdia.domains.tax.state import Bill
from sogdia.interfaces.documents.sheet import PAYER, Around, Drafted, Sheet, taken_back
from sogdia.interfaces.documents.values import amount, day8, from_e5, guid, kilograms, time14, time17
from sogdia.standards.ceb import Record

IDENTITY_CARD: Final = "1"
FEN: Final = "CNY"
GENERATED: Final = "1"


def import_order(around: Around, order: Order, payment: Payment | None = None) -> Drafted:
    """311 from an order and its persons, with the payment institution that it names. Sent by the platform.

    The payment's number is in it once that institution has attested one and the asker sees it.
    """
    sheet = Sheet(around, 311)
    told, by = order.persons, order.platform
    head: Record = {
        **sheet.report(("orders.order", order.platform, order.order), time14(order.placed_at_ms)),
        "orderType": "I",
        "orderNo": order.order,
        **sheet.party(order.platform, "ebp"),
        **sheet.party(order.seller, "ebc"),
        "goodsValue": amount(order.currency, order.goods_minor),
        "freight": amount(order.currency, order.freight_minor),
        "discount": amount(order.currency, order.discount_minor),
        "taxTotal": amount(order.currency, order.tax_minor),
        "acturalPaid": amount(order.currency, order.paid_minor),
        "currency": sheet.currency(order.currency),
        "buyerRegNo": sheet.person("buyerRegNo", "buyer_account", told.buyer_account, by),
        "buyerName": sheet.person("buyerName", "buyer_name", told.buyer_name, by),
        "buyerTelephone": sheet.person("buyerTelephone", "buyer_telephone", told.buyer_telephone, by),
        "buyerIdType": IDENTITY_CARD,
        "buyerIdNumber": sheet.person("buyerIdNumber", "buyer_id_number", told.buyer_id_number, by),
        **_paid_by(sheet, order, payment),
        "consignee": sheet.person("consignee", "consignee", told.consignee, by),
        "consigneeTelephone": sheet.person("consigneeTelephone", "consignee_telephone", told.consignee_telephone, by),
        "consigneeAddress": sheet.person("consigneeAddress", "consignee_address", told.consignee_address, by),
    }
    return sheet.drafted(head, [_order_line(sheet, order, gnum) for gnum in range(1, len(order.lines) + 1)], by)


def _paid_by(sheet: Sheet, order: Order, payment: Payment | None) -> Record:
    if order.institution is None:
        return {}
    number = payment.payment if payment is not None and payment.institution == order.institution else ""
    return {**sheet.party(order.institution, "pay"), "payTransactionId": number}


def _order_line(sheet: Sheet, order: Order, gnum: int) -> Record:
    line = order.lines[gnum - 1]
    goods = sheet.measured(order.seller, line.sku, line.name, gnum)
    return {
        "gnum": gnum,
        "itemNo": line.sku,
        "itemName": line.name,
        "gmodel": goods.model,
        "barCode": goods.bar_code,
        "unit": sheet.unit("unit", goods.unit, gnum) if goods.unit else "",
        "qty": from_e5(line.quantity * 100_000),
        "price": from_e5(line.price_e5),
        "totalPrice": amount(order.currency, line.total_minor),
        "currency": sheet.currency(order.currency, line=gnum),
        "country": sheet.country("country", goods.origin, gnum) if goods.origin else "",
        "note": taken_back(order, gnum),
    }


def import_payment(around: Around, payment: Payment) -> Drafted:
    """411 from a payment and its payer, whose telephone customs takes but does not demand. Sent by the institution."""
    sheet = Sheet(around, 411)
    telephone = payment.payer_telephone and "buyer_telephone" in around.persons
    head: Record = {
        **sheet.report(("payments.payment", payment.institution, payment.payment), time14(payment.paid_at_ms)),
        **sheet.party(payment.institution, "pay"),
        "payTransactionId": payment.payment,
        "orderNo": payment.order,
        **sheet.party(payment.platform, "ebp"),
        "payerIdType": IDENTITY_CARD,
        "payerIdNumber": _payer(sheet, payment, "payerIdNumber", "buyer_id_number"),
        "payerName": _payer(sheet, payment, "payerName", "buyer_name"),
        "telephone": _payer(sheet, payment, "telephone", "buyer_telephone") if telephone else "",
        "amountPaid": amount(payment.currency, payment.amount_minor),
        "currency": sheet.currency(payment.currency),
        "payTime": time14(payment.paid_at_ms),
    }
    return sheet.drafted(head, sender=payment.institution)


def _payer(sheet: Sheet, payment: Payment, element: str, field: str) -> str:
    return sheet.person(element, field, getattr(payment, PAYER[field]), payment.institution)


def import_waybill(around: Around, waybill: Waybill) -> Drafted:
    """511 from a waybill and its consignee. Sent by the carrier."""
    sheet = Sheet(around, 511)
    by = waybill.carrier
    head: Record = {
        **sheet.report(("logistics.waybill", waybill.carrier, waybill.waybill), time14(waybill.issued_at_ms)),
        **sheet.party(by, "logistics"),
        "logisticsNo": waybill.waybill,
        "orderNo": waybill.order,
        "freight": amount(waybill.currency, waybill.freight_minor),
        "insuredFee": amount(waybill.currency, waybill.insured_minor),
        "currency": sheet.currency(waybill.currency),
        "weight": kilograms(waybill.gross_weight_grams),
        "packNo": waybill.packages,
        "goodsInfo": waybill.goods,
        "consignee": sheet.person("consignee", "consignee", waybill.consignee, by),
        "consigneeAddress": sheet.person("consigneeAddress", "consignee_address", waybill.consignee_address, by),
        "consigneeTelephone": sheet.person(
            "consigneeTelephone", "consignee_telephone", waybill.consignee_telephone, by
        ),
    }
    return sheet.drafted(head, sender=by)


def import_delivery(around: Around, waybill: Waybill) -> Drafted:
    """513 from a waybill that was delivered: signed for (S). Sent by the carrier."""
    sheet = Sheet(around, 513)
    head: Record = {
        **sheet.report(("logistics.waybill", waybill.carrier, waybill.waybill), time14(waybill.status_at_ms)),
        **sheet.party(waybill.carrier, "logistics"),
        "logisticsNo": waybill.waybill,
        "logisticsStatus": "S",
        "logisticsTime": time14(waybill.status_at_ms),
    }
    return sheet.drafted(head, sender=waybill.carrier)


def import_list(around: Around, listed: ImportList) -> Drafted:
    """621 from an import list and its persons. Sent by the broker."""
    sheet = Sheet(around, 621)
    by, transport = listed.platform, listed.transport
    head: Record = {
        **sheet.report(("customs.import_list", listed.broker, listed.list_no), time14(listed.declared_at_ms)),
        "orderNo": listed.order,
        **sheet.party(listed.platform, "ebp"),
        **sheet.party(listed.seller, "ebc"),
        "logisticsNo": listed.waybill,
        **sheet.party(listed.carrier, "logistics"),
        "copNo": listed.list_no,
        "assureCode": sheet.code(listed.assurer, "assureCode"),
        "emsNo": listed.ems_no,
        "ieFlag": "I",
        "declTime": day8(listed.declared_at_ms),
        "customsCode": listed.district,
        "portCode": listed.port,
        "buyerIdType": IDENTITY_CARD,
        "buyerIdNumber": sheet.person("buyerIdNumber", "buyer_id_number", listed.buyer_id_number, by),
        "buyerName": sheet.person("buyerName", "buyer_name", listed.buyer_name, by),
        "buyerTelephone": sheet.person("buyerTelephone", "buyer_telephone", listed.buyer_telephone, by),
        "consigneeAddress": sheet.person("consigneeAddress", "consignee_address", listed.consignee_address, by),
        **sheet.party(listed.broker, "agent"),
        "areaCode": listed.area_code,
        "areaName": listed.area_name,
        "tradeMode": listed.mode,
        "trafMode": sheet.transport_mode(transport.mode),
        "trafNo": transport.means,
        "voyageNo": transport.voyage,
        "billNo": transport.bill,
        "country": sheet.country("country", listed.country),
        "freight": amount(listed.currency, listed.freight_minor),
        "insuredFee": amount(listed.currency, listed.insured_minor),
        "currency": sheet.currency(listed.currency),
        "packNo": listed.packages,
        "grossWeight": kilograms(listed.gross_weight_grams),
        "netWeight": kilograms(listed.net_weight_grams),
    }
    return sheet.drafted(head, [_list_line(sheet, listed, line) for line in listed.lines], listed.broker)


def _list_line(sheet: Sheet, listed: ImportList, line: ListLine) -> Record:
    goods = sheet.measured(listed.seller, line.sku, line.name, line.line)
    return {
        "gnum": line.line,
        "itemRecordNo": line.record_no,
        "itemNo": line.sku,
        "itemName": line.name,
        "gcode": line.hs_code,
        "gname": line.name,
        "gmodel": goods.model,
        "barCode": goods.bar_code,
        "country": sheet.country("country", line.origin, line.line),
        "currency": sheet.currency(listed.currency, line=line.line),
        "qty": from_e5(line.quantity * 100_000),
        "unit": sheet.unit("unit", line.unit, line.line),
        "qty1": from_e5(line.legal_quantity_e5),
        "unit1": sheet.unit("unit1", line.legal_unit, line.line),
        "price": from_e5(line.price_e5),
        "totalPrice": amount(listed.currency, line.total_minor),
    }


def tax_bill(around: Around, bill: Bill, listed: ImportList) -> Drafted:
    """816 from the bill of a released list, as customs would send it.

    The record numbers no bills, for a list has one: `taxNo` is the list's release number. The note tells how the tax
    was rounded and how sure its rows are.
    """
    sheet = Sheet(around, 816)
    certainties = sorted({bill.share_certainty, *(line.certainty for line in bill.lines)})
    head: Record = {
        "guid": guid(around.network, 816, "tax.bill", bill.broker, bill.list_no),
        "returnTime": time17(bill.billed_at_ms),
        "invtNo": bill.invt_no,
        "taxNo": bill.invt_no,
        "customsTax": amount(FEN, bill.duty_fen),
        "valueAddedTax": amount(FEN, bill.vat_fen),
        "consumptionTax": amount(FEN, bill.consumption_fen),
        "status": GENERATED,
        "note": f"rounding: {bill.rounding}; rates: {', '.join(certainties)}",
        "assureCode": sheet.code(bill.payer, "assureCode"),
        "ebcCode": sheet.code(bill.seller, "ebcCode"),
        "logisticsCode": sheet.code(listed.carrier, "logisticsCode"),
        "agentCode": sheet.code(bill.broker, "agentCode"),
        "customsCode": listed.district,
        "orderNo": bill.order,
        "logisticsNo": listed.waybill,
    }
    lines: list[Record] = [
        {
            "gnum": line.line,
            "gcode": line.hs_code,
            "taxPrice": amount(FEN, line.taxable_fen),
            "customsTax": amount(FEN, line.duty_fen),
            "valueAddedTax": amount(FEN, line.vat_fen),
            "consumptionTax": amount(FEN, line.consumption_fen),
        }
        for line in bill.lines
    ]
    return sheet.drafted(head, lines)
