"""Export: order 303, waybill 505, list 603. No personal value stands in any of them."""

from typing import Final

from sogdia.domains.customs.messages import ListLine
from sogdia.domains.customs.state import ExportList
from sogdia.domains.logistics.state import Waybill
from sogdia.domains.orders.state import Order
from sogdia.interfaces.documents.sheet import Around, Drafted, Sheet, taken_back
from sogdia.interfaces.documents.values import amount, day8, from_e5, kilograms, time14
from sogdia.standards.ceb import Record

HS_DIGITS: Final = 10
RETAIL: Final = "E"
TOTAL: Final = "3"
"""fFlag and iFlag: freight and insurance are given as a total."""
PADDED_NOTE: Final = "HS code stated to {digits} digits and filled with zeros; statisticsFlag A needs the first 4"


def export_order(around: Around, order: Order) -> Drafted:
    """303 from an order as it was placed; its lines note what was cancelled since. Sent by the platform."""
    sheet = Sheet(around, 303)
    currency = sheet.currency(order.currency)
    head: Record = {
        **sheet.report(("orders.order", order.platform, order.order), time14(order.placed_at_ms)),
        "orderType": RETAIL,
        "orderNo": order.order,
        **sheet.export_platform(order.platform),
        **sheet.party(order.seller, "ebc"),
        "goodsValue": amount(order.currency, order.goods_minor),
        "freight": amount(order.currency, order.freight_minor),
        "currency": currency,
    }
    return sheet.drafted(
        head, [_order_line(sheet, order, gnum) for gnum in range(1, len(order.lines) + 1)], order.platform
    )


def _order_line(sheet: Sheet, order: Order, gnum: int) -> Record:
    line = order.lines[gnum - 1]
    goods = sheet.measured(order.seller, line.sku, line.name, gnum)
    return {
        "gnum": gnum,
        "itemNo": line.sku,
        "itemName": line.name,
        "barCode": goods.bar_code,
        "unit": sheet.unit("unit", goods.unit, gnum) if goods.unit else "",
        "currency": sheet.currency(order.currency, line=gnum),
        "qty": from_e5(line.quantity * 100_000),
        "price": from_e5(line.price_e5),
        "totalPrice": amount(order.currency, line.total_minor),
        "note": taken_back(order, gnum),
    }


def export_waybill(around: Around, waybill: Waybill) -> Drafted:
    """505 from a waybill. Sent by the carrier. Goods that the carrier did not describe go by the order's number."""
    sheet = Sheet(around, 505)
    head: Record = {
        **sheet.report(("logistics.waybill", waybill.carrier, waybill.waybill), time14(waybill.issued_at_ms)),
        **sheet.party(waybill.carrier, "logistics"),
        "logisticsNo": waybill.waybill,
        "freight": amount(waybill.currency, waybill.freight_minor),
        "insuredFee": amount(waybill.currency, waybill.insured_minor),
        "currency": sheet.currency(waybill.currency),
        "grossWeight": kilograms(waybill.gross_weight_grams),
        "packNo": waybill.packages,
        "goodsInfo": waybill.goods or f"order {waybill.order}",
    }
    return sheet.drafted(head, sender=waybill.carrier)


def export_list(around: Around, listed: ExportList) -> Drafted:
    """603 from an export list. Sent by the broker.

    The record tells no producer and no port abroad: the seller stands as owner, the country's code as POD, the day of
    declaration as ieDate.
    """
    sheet = Sheet(around, 603)
    transport, time = listed.transport, listed.declared_at_ms
    currency, country = sheet.currency(listed.currency), sheet.country("country", listed.country)
    head: Record = {
        **sheet.report(("customs.export_list", listed.broker, listed.list_no), time14(time)),
        "customsCode": listed.district,
        **sheet.export_platform(listed.platform),
        "orderNo": listed.order,
        **sheet.party(listed.carrier, "logistics"),
        "logisticsNo": listed.waybill,
        "copNo": listed.list_no,
        "ieFlag": "E",
        "portCode": listed.port,
        "ieDate": day8(time),
        "statisticsFlag": listed.statistics,
        **sheet.party(listed.broker, "agent"),
        **sheet.party(listed.seller, "ebc"),
        **sheet.party(listed.seller, "owner"),
        "tradeMode": listed.mode,
        "trafMode": sheet.transport_mode(transport.mode),
        "trafName": transport.means,
        "voyageNo": transport.voyage,
        "billNo": transport.bill,
        "country": country,
        "POD": country,
        "freight": amount(listed.currency, listed.freight_minor),
        "fCurrency": currency,
        "fFlag": TOTAL,
        "insuredFee": amount(listed.currency, listed.insured_minor),
        "iCurrency": currency,
        "iFlag": TOTAL,
        "wrapType": around.terms.wrap_type,
        "packNo": listed.packages,
        "grossWeight": kilograms(listed.gross_weight_grams),
        "netWeight": kilograms(listed.net_weight_grams),
    }
    return sheet.drafted(head, [_list_line(sheet, listed, line) for line in listed.lines], listed.broker)


def _list_line(sheet: Sheet, listed: ExportList, line: ListLine) -> Record:
    goods = sheet.measured(listed.seller, line.sku, line.name, line.line)
    code, note = padded(line.hs_code, listed.statistics)
    return {
        "gnum": line.line,
        "itemNo": line.sku,
        "itemRecordNo": line.record_no,
        "itemName": line.name,
        "gcode": code,
        "gname": line.name,
        "gmodel": goods.model,
        "barCode": goods.bar_code,
        "country": sheet.country("country", line.origin, line.line),
        "currency": sheet.currency(listed.currency, line=line.line),
        "qty": from_e5(line.quantity * 100_000),
        "qty1": from_e5(line.legal_quantity_e5),
        "unit": sheet.unit("unit", line.unit, line.line),
        "unit1": sheet.unit("unit1", line.legal_unit, line.line),
        "price": from_e5(line.price_e5),
        "totalPrice": amount(listed.currency, line.total_minor),
        "note": note,
    }


def padded(hs_code: str, statistics: str) -> tuple[str, str]:
    """A code of ten digits and the note that says what was added; only a simplified list (A) may be filled up."""
    if len(hs_code) >= HS_DIGITS or statistics != "A":
        return hs_code, ""
    return hs_code.ljust(HS_DIGITS, "0"), PADDED_NOTE.format(digits=len(hs_code))
