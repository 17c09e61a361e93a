"""Other systems' export messages into ours: 303, 505, 603."""

import re
from typing import Any

from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import DeclareExport
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.orders.messages import Place
from sogdia.interfaces.documents.ceb_export import PADDED_NOTE
from sogdia.interfaces.documents.slip import Line, Slip

_STATED_DIGITS = re.compile(re.escape(PADDED_NOTE).replace(re.escape("{digits}"), "([4-9])"))


def order_lines(slip: Slip, currency: str) -> list[dict[str, Any]]:
    """The lines of an order message. They are numbered by their order, so a gap in the gnums is named."""
    for index, line in enumerate(slip.lines, 1):
        if line.place != index:
            slip.note("unreadable", "gnum", line.place, value=line.place, expected=str(index))
    return [
        {
            "sku": line.text("itemNo"),
            "name": line.text("itemName"),
            "quantity": line.count("qty"),
            "price_e5": line.e5("price"),
            "total_minor": line.amount("totalPrice", currency),
        }
        for line in slip.lines
    ]


def export_order(slip: Slip) -> Message | None:
    """303: an order. It knows goods and freight alone, so these are what was paid; it names no payment institution."""
    currency = slip.currency()
    goods, freight = slip.amount("goodsValue", currency), slip.amount("freight", currency)
    fields = {
        "platform": slip.party("ebp", "platform"),
        "order": slip.text("orderNo"),
        "seller": slip.party("ebc", "seller"),
        "channel": slip.given.channel,
        "placed_at_ms": slip.time("appTime"),
        "ship_from": slip.given.ship_from or "CN",
        "ship_to": slip.beside("ship_to"),
        "currency": currency,
        "lines": order_lines(slip, currency),
        "goods_minor": goods,
        "freight_minor": freight,
        "paid_minor": goods + freight,
        "persons": {},
        "shared_with": slip.given.shared_with,
        "sealed": slip.given.sealed,
    }
    return slip.message(Place, fields)


def export_waybill(slip: Slip) -> Message | None:
    """505: a waybill."""
    currency = slip.currency()
    fields = {
        "carrier": slip.party("logistics", "carrier"),
        "waybill": slip.text("logisticsNo"),
        "platform": slip.beside("platform"),
        "order": slip.beside("order"),
        "issued_at_ms": slip.time("appTime"),
        "ship_to": slip.beside("ship_to"),
        "gross_weight_grams": slip.grams("grossWeight"),
        "packages": slip.whole("packNo"),
        "goods": slip.text("goodsInfo"),
        "freight_minor": slip.amount("freight", currency),
        "insured_minor": slip.amount("insuredFee", currency),
        "currency": currency,
        "shared_with": slip.given.shared_with,
    }
    return slip.message(IssueWaybill, fields)


def export_list(slip: Slip) -> Message | None:
    """603: an export list. Freight and insurance must be totals (flag 3) in the currency of the lines."""
    currencies = dict.fromkeys(line.text("currency") for line in slip.lines)
    currency = slip.currency("fCurrency")
    for element, expected in (("fFlag", "3"), ("iFlag", "3"), ("iCurrency", slip.text("fCurrency"))):
        _require(slip, element, expected)
    if list(currencies) != [slip.text("fCurrency")]:
        slip.note("unreadable", "currency", value=", ".join(currencies), expected="one currency, that of fCurrency")
    fields = {
        **declared(slip, currency),
        "statistics": slip.text("statisticsFlag"),
        "transport": transport(slip, "trafName"),
        "lines": [_line(line, currency) for line in slip.lines],
    }
    return slip.message(DeclareExport, fields)


def _require(slip: Slip, element: str, expected: str) -> None:
    value = slip.text(element)
    if value and value != expected:
        slip.note("unreadable", element, value=value, expected=expected)


def declared(slip: Slip, currency: str) -> dict[str, Any]:
    """What the lists of both directions have alike."""
    return {
        "broker": slip.party("agent", "broker"),
        "list_no": slip.text("copNo"),
        "seller": slip.party("ebc", "seller"),
        "platform": slip.party("ebp", "platform"),
        "order": slip.text("orderNo"),
        "carrier": slip.party("logistics", "carrier"),
        "waybill": slip.text("logisticsNo"),
        "mode": slip.text("tradeMode"),
        "district": slip.text("customsCode"),
        "port": slip.text("portCode"),
        "declared_at_ms": slip.time("appTime"),
        "country": slip.country("country"),
        "currency": currency,
        "freight_minor": slip.amount("freight", currency),
        "insured_minor": slip.amount("insuredFee", currency),
        "packages": slip.whole("packNo"),
        "gross_weight_grams": slip.grams("grossWeight"),
        "net_weight_grams": slip.grams("netWeight"),
    }


def transport(slip: Slip, means: str) -> dict[str, str]:
    """How the goods cross; `means` is the element that names the conveyance."""
    return {
        "mode": slip.text("trafMode"),
        "means": slip.text(means, ""),
        "voyage": slip.text("voyageNo", ""),
        "bill": slip.text("billNo", ""),
    }


def list_line(line: Line, currency: str) -> dict[str, Any]:
    """One line of a list of either direction."""
    return {
        "line": line.place,
        "sku": line.text("itemNo"),
        "name": line.text("itemName"),
        "hs_code": line.text("gcode"),
        "origin": line.country("country"),
        "quantity": line.count("qty"),
        "unit": line.unit("unit"),
        "legal_quantity_e5": line.e5("qty1"),
        "legal_unit": line.unit("unit1"),
        "price_e5": line.e5("price"),
        "total_minor": line.amount("totalPrice", currency),
        "record_no": line.text("itemRecordNo", ""),
    }


def _line(line: Line, currency: str) -> dict[str, Any]:
    """Our own note says how many digits of a code were stated; the zeros after them are taken off again."""
    fields, stated = list_line(line, currency), _STATED_DIGITS.fullmatch(line.text("note", ""))
    return fields if stated is None else {**fields, "hs_code": fields["hs_code"][: int(stated[1])]}
