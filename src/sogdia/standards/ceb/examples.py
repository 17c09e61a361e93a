"""A valid message of every kind, made from the table: for documentation, tests and load. Every value is invented.

The identity number has the check digit that GB 11643 asks for, of a region that does not exist and of a day when
nobody now alive was born.
"""

from decimal import Decimal

from sogdia.standards.ceb.document import BaseTransfer, Document, Node, Record, Value
from sogdia.standards.ceb.facts import MESSAGES
from sogdia.standards.ceb.fields import Field, Message

GUID = "00000000-0000-4000-8000-000000000001"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def invented_id_number(serial: int = 1) -> str:
    """An 18-character identity number of nobody: region 990099, born 1 Jan 1900, 1 to 999, ISO 7064 MOD 11-2."""
    body = f"99009919000101{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


_VALUES: dict[str, Value] = {
    "guid": GUID,
    "appStatus": "2",
    "orderNo": "INVENTED-ORDER-1",
    "ebpCode": "9900990001",
    "ebpName": "Invented Platform",
    "ebcCode": "9900990002",
    "ebcName": "虚构电商企业",
    "payCode": "9900990003",
    "payName": "Invented Payments",
    "payTransactionId": "INVENTED-PAY-1",
    "logisticsCode": "9900990004",
    "logisticsName": "Invented Carrier",
    "logisticsNo": "INVENTED-WB-1",
    "assureCode": "9900990001",
    "agentCode": "9900990005",
    "agentName": "Invented Broker",
    "copNo": "INVENTED-COP-1",
    "buyerName": "虚构买方",
    "payerName": "虚构买方",
    "consignee": "虚构买方",
    "buyerIdNumber": invented_id_number(),
    "payerIdNumber": invented_id_number(),
    "buyerTelephone": "00000000000",
    "consigneeTelephone": "00000000000",
    "consigneeAddress": "虚构省虚构市虚构路1号",
    "consigneeDistrict": "990099",
    "goodsInfo": "Invented goods",
    "itemName": "Invented goods",
    "gname": "Invented goods",
    "gmodel": "Invented model",
    "itemNo": "SKU-1",
    "barCode": "无",
    "gcode": "0000000000",
    "unit": "011",
    "unit1": "035",
    "qty": Decimal(1),
    "qty1": Decimal("0.5"),
    "price": Decimal("100.00"),
    "totalPrice": Decimal("100.00"),
    "taxPrice": Decimal("100.00"),
    "freight": Decimal(0),
    "insuredFee": Decimal(0),
    "discount": Decimal(0),
    "grossWeight": Decimal("0.6"),
    "netWeight": Decimal("0.5"),
    "weight": Decimal("0.6"),
    "packNo": 1,
    "currency": "142",
    "country": "142",
    "POD": "142",
    "fCurrency": "142",
    "iCurrency": "142",
    "customsCode": "9900",
    "portCode": "9900",
    "trafMode": "4",
    "wrapType": "2",
    "tradeMode": "9610",
    "trafNo": "INVENTED 1",
    "voyageNo": "001",
    "billNo": "INVENTED-BILL-1",
    "returnStatus": "120",
}
_FORMATS: dict[str, str] = {
    "date": "20000101",
    "time": "20000101120000",
    "time_ms": "20000101120000000",
    "pre_no": "B20000101000000001",
    "invt_no_import": "99002000I000000001",
    "invt_no_export": "99002000E000000001",
}
_CHOSEN = frozenset({"trafNo", "voyageNo", "billNo"})
"""Optional by the XSD, demanded by tradeMode 9610."""


def example(number: int, *, lines: int = 1, nodes: int = 1, full: bool = False) -> Document:
    """A message without problems: `example(621, lines=20)`. `full` gives its optional elements too."""
    message = MESSAGES[number]
    transfer = BaseTransfer(cop_code="9900990001", cop_name="Invented Platform", dxp_id="DXPINVENTED000001")
    return Document(
        number=number,
        guid=GUID,
        nodes=tuple(_node(message, place, lines, full) for place in range(1, nodes + 1)),
        transfer=None if message.from_customs else transfer,
    )


def _node(message: Message, place: int, lines: int, full: bool) -> Node:
    head = {field.name: _value(field) for field in message.head if full or field.required or field.name in _CHOSEN}
    if "orderNo" in head:
        head["orderNo"] = f"INVENTED-ORDER-{place}"
    count = lines if message.line_element else 0
    head.update({name: amount for name, amount in _totals(max(count, 1)).items() if name in head})
    return Node(head, tuple(_line(message, gnum, full) for gnum in range(1, count + 1)))


def _line(message: Message, gnum: int, full: bool) -> Record:
    line = {field.name: _value(field) for field in message.lines if full or field.required}
    return line | {"gnum": gnum}


def _totals(lines: int) -> dict[str, Value]:
    """Sums that agree with the lines and with each other; 9.1 % is the usual rate of the retail channel."""
    goods, tax = Decimal("100.00") * lines, Decimal("9.10") * lines
    return {"goodsValue": goods, "taxTotal": tax, "acturalPaid": goods + tax, "amountPaid": goods + tax}


def _value(field: Field) -> Value:
    if field.choices:
        return int(field.choices[0]) if field.kind == "integer" else _VALUES_CHOSEN.get(field.name, field.choices[0])
    if field.format and field.format in _FORMATS:
        return _FORMATS[field.format]
    if field.name in _VALUES:
        return _VALUES[field.name]
    if field.kind == "text":
        return "1".zfill(field.minimum)[: field.maximum]
    return Decimal(1) if field.kind == "decimal" else 1


_VALUES_CHOSEN = {"appStatus": "2", "tradeMode": "9610"}
