"""Receipts: what customs answers, which codes each answer may carry, and what the codes mean (CEB 202205).

Codes, matrix and keys were read. The order of the elements inside a receipt was not, so it is not judged; elements
marked `memory` are accepted, never demanded.
"""

import msgspec

from sogdia.standards.ceb.fields import GUID, Certainty, Field, Message, may, must

STATUS_NAMES: dict[int, str] = {
    1: "stored",
    2: "declaring",
    3: "sent to customs",
    4: "sending to customs failed",
    100: "rejected",
    120: "accepted into the customs base",
    300: "manual review",
    399: "approved",
    500: "inspection",
    501: "detained",
    502: "detained",
    503: "detained",
    505: "transferred",
    599: "detained",
    600: "suspended",
    700: "returned abroad",
    800: "released",
    899: "closed",
}
"""Meaning of returnStatus. A negative one is an error code, see ERROR_NAMES."""

ERROR_NAMES: dict[int, str] = {
    -301010: "duplicate order",
    -301011: "order already declared",
    -301014: "stale message ignored",
    -621004: "list already declared",
    -621005: "over the limit of a single order",
    -621018: "over the buyer's yearly limit",
    -621027: "gnum repeated",
    -621028: "signature refused",
    -621029: "signature refused",
    -623025: "quota could not be credited back after cancellation",
    -625024: "quota could not be credited back after return",
    -625209: "line or gcode is not in the original list",
}

_SENT = frozenset({1, 2, 3, 4, 100})
_BASED = _SENT | {120}

PERMITTED: dict[int, frozenset[int]] = {
    **dict.fromkeys((312, 412, 512, 514), frozenset({2, 3, 4, 100, 120})),
    **dict.fromkeys((304, 404, 608), _BASED),
    **dict.fromkeys((506, 508, 510, 606, 702), _BASED | {399}),
    **dict.fromkeys((624, 626, 712), _BASED | {399}),
    622: _BASED | {300, 399, 500, 501, 502, 503, 599, 700, 800, 899},
    604: _BASED | {300, 399, 500, 800, 899},
    214: _BASED | {300, 500, 505, 600, 800},
}
"""Which receipt may carry which returnStatus. 120 on 506, 508, 510, 606 and 702 stands in brackets in the source."""


class Meaning(msgspec.Struct, frozen=True):
    """What one returnStatus says: `permitted` in this receipt or not, `error` when negative."""

    code: int
    name: str
    permitted: bool
    error: bool


def meaning(receipt: int, code: int) -> Meaning:
    """Reads a returnStatus: `meaning(622, 800).name` is "released". Unknown codes are named so, never refused."""
    names = ERROR_NAMES if code < 0 else STATUS_NAMES
    unknown = "error not in our list" if code < 0 else "unknown code"
    return Meaning(code, names.get(code, unknown), permits(receipt, code), code < 0)


def permits(receipt: int, code: int) -> bool:
    """Whether this receipt may carry this code; an error code (negative) may come with any of them."""
    return code < 0 or code in PERMITTED.get(receipt, frozenset())


def _receipt(number: int, flow: str, title: str, node: str, keys: tuple[str, ...], *fields: Field) -> Message:
    """One receipt: guid, its keys, then status, time and words."""
    return Message(
        number=number,
        title=title,
        flow="import" if flow == "import" else "export",
        node_element=node,
        keys=keys,
        from_customs=True,
        ordered=False,
        certainty="derived",
        source=f"CEB 202205, section {number}: keys and codes were read, the name of the node is from memory",
        head=(GUID, *fields, *_ANSWER),
    )


_ANSWER = (
    must("returnStatus", "C1..10", format="status"),
    must("returnTime", "C17", format="time_ms", note="YYYYMMDDhhmmss and milliseconds"),
    may("returnInfo", "C..1000", certainty="derived"),
)


def _key(name: str, type: str = "C..18", certainty: Certainty = "derived") -> Field:
    """A key of the message that is answered, with the length it has there."""
    return must(name, type, certainty=certainty)


def _extra(name: str, type: str = "C..18") -> Field:
    return may(name, type, certainty="memory")


_ORDER_KEYS = (_key("ebpCode"), _key("ebcCode"), _key("orderNo", "C..60"))
_PARTIES = (_extra("customsCode", "C4"), _extra("ebpCode"), _extra("ebcCode"), _extra("agentCode"))

RECEIPT_MESSAGES = (
    _receipt(312, "import", "receipt of an order", "OrderReturn", ("ebpCode", "ebcCode", "orderNo"), *_ORDER_KEYS),
    _receipt(
        412,
        "import",
        "receipt of a payment",
        "PaymentReturn",
        ("payCode", "payTransactionId"),
        _key("payCode"),
        _key("payTransactionId", "C..60"),
    ),
    _receipt(
        512,
        "import",
        "receipt of a waybill",
        "LogisticsReturn",
        ("logisticsCode", "logisticsNo"),
        _key("logisticsCode"),
        _key("logisticsNo", "C..60"),
    ),
    _receipt(
        514,
        "import",
        "receipt of a waybill status",
        "LogisticsStatusReturn",
        ("logisticsCode", "logisticsNo"),
        _key("logisticsCode"),
        _key("logisticsNo", "C..60"),
        _extra("logisticsStatus", "C1"),
    ),
    _receipt(
        622,
        "import",
        "receipt of a list",
        "InventoryReturn",
        ("copNo", "preNo", "invtNo"),
        *_PARTIES,
        _key("copNo", "C..20"),
        must("preNo", "C..18", format="pre_no", pdf="optional in the PDF; the XSD demands it"),
        may("invtNo", "C..18", format="invt_no_import", certainty="derived"),
    ),
    _receipt(304, "export", "receipt of an order", "OrderReturn", ("ebpCode", "ebcCode", "orderNo"), *_ORDER_KEYS),
    _receipt(
        506,
        "export",
        "receipt of a waybill",
        "LogisticsReturn",
        ("logisticsCode", "logisticsNo"),
        _key("logisticsCode"),
        _key("logisticsNo", "C..32"),
    ),
    _receipt(
        604,
        "export",
        "receipt of a list",
        "InventoryReturn",
        ("copNo", "preNo", "invtNo"),
        must("statisticsFlag", "C1", choices=("A", "B"), note="A simplified, B summary", certainty="derived"),
        *_PARTIES,
        _key("copNo", "C..30"),
        may("preNo", "C18", format="pre_no", certainty="derived"),
        must("invtNo", "C..20", format="invt_no_export", pdf="optional in the PDF; the XSD demands it"),
    ),
)
