"""The vocabulary of the table of facts: what a field is, what a message is, and how sure we are.

Types are written as China Customs writes them: `C14` exactly 14 characters, `C..60` at most 60, `C3..4` three or four,
`N19,5` a decimal of at most 19 digits of which at most 5 after the point, `N9` an integer of at most 9 digits.
Lengths count characters, as XSD does, not bytes.
"""

import re
from typing import Literal

import msgspec

NAMESPACE = "http://www.chinaport.gov.cn/ceb"

Kind = Literal["text", "decimal", "integer"]
Certainty = Literal["read", "derived", "memory"]
"""`read` in the specification or its XSD; `derived` from what was read; `memory` checked by nobody yet."""

Format = Literal["guid", "date", "time", "time_ms", "status", "pre_no", "invt_no_import", "invt_no_export"]

_TYPE = re.compile(r"(?P<letter>[CN])(?P<low>[0-9]+)?(?P<dots>\.\.)?(?P<high>[0-9]+)?(?:,(?P<scale>[0-9]+))?")


class Field(msgspec.Struct, frozen=True):
    """One element: its name, its type and what the specification says about it.

    `minimum` and `maximum` count characters of a text; `maximum` counts all digits of a number, `scale` those after
    its point. `choices` and `format` are the PDF's rules, which the XSD does not enforce. `pdf` is the PDF's wording
    where it differs from the XSD: the XSD decides, the PDF is shown.
    """

    name: str
    type: str
    kind: Kind
    required: bool
    minimum: int
    maximum: int
    scale: int = 0
    choices: tuple[str, ...] = ()
    format: Format | None = None
    note: str = ""
    pdf: str = ""
    certainty: Certainty = "read"


class Condition(msgspec.Struct, frozen=True):
    """A rule that wakes up when one head element has one value, e.g. tradeMode 1210 needs an account book (emsNo)."""

    element: str
    value: str
    needs: tuple[str, ...] = ()
    line_needs: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    source: str = ""
    certainty: Certainty = "read"


class Message(msgspec.Struct, frozen=True):
    """One message: the names of its elements, its fields in order, its limits and who answers it.

    `head_element` is None where the fields stand directly under the node; `line_element` is None without lines.
    `ordered` is False where the order of the elements was not read from a source: then order is not judged.
    `signature` says who demands a ds:Signature once appStatus is 2: the XSD itself, only the PDF, or nobody.
    """

    number: int
    title: str
    flow: Literal["import", "export"]
    node_element: str
    head: tuple[Field, ...]
    source: str
    head_element: str | None = None
    line_element: str | None = None
    lines: tuple[Field, ...] = ()
    lines_max: int | None = None
    conditions: tuple[Condition, ...] = ()
    signature: Literal["xsd", "pdf", "optional"] = "optional"
    keys: tuple[str, ...] = ()
    receipt: int | None = None
    from_customs: bool = False
    ordered: bool = True
    certainty: Certainty = "read"

    @property
    def root(self) -> str:
        """The root element, e.g. CEB311Message."""
        return f"CEB{self.number}Message"


def must(
    name: str,
    type: str,
    *,
    choices: tuple[str, ...] = (),
    format: Format | None = None,
    note: str = "",
    pdf: str = "",
    certainty: Certainty = "read",
) -> Field:
    """A mandatory field (M)."""
    kind, minimum, maximum, scale = measure(type)
    return Field(name, type, kind, True, minimum, maximum, scale, choices, format, note, pdf, certainty)


def may(
    name: str,
    type: str,
    *,
    choices: tuple[str, ...] = (),
    format: Format | None = None,
    note: str = "",
    pdf: str = "",
    certainty: Certainty = "read",
) -> Field:
    """An optional field (O)."""
    kind, minimum, maximum, scale = measure(type)
    return Field(name, type, kind, False, minimum, maximum, scale, choices, format, note, pdf, certainty)


def measure(type: str) -> tuple[Kind, int, int, int]:
    """Customs' notation taken apart into (kind, minimum, maximum, scale): `C3..4` is ("text", 3, 4, 0)."""
    found = _TYPE.fullmatch(type)
    if found is None:
        raise ValueError(f"{type!r} is not a type as customs writes it, such as C..60, C14, N19,5 or N9")
    low, high, scale = (int(found[group]) if found[group] else 0 for group in ("low", "high", "scale"))
    if found["letter"] == "N":
        return ("decimal" if scale else "integer"), 1, low, scale
    return "text", (low if found["dots"] else low or high), (high or low), 0


GUID = must("guid", "C36", format="guid", note="36 characters, upper case")
APP_TYPE = must("appType", "C1", choices=("1", "2", "3"), note="1 new, 2 change, 3 delete")
APP_TIME = must("appTime", "C14", format="time", note="of two reports on one thing, the newer appTime wins")
APP_STATUS = must("appStatus", "C..3", choices=("1", "2"), note="1 draft, 2 declared")
NOTE = may("note", "C..1000")
REPORT = (GUID, APP_TYPE, APP_TIME, APP_STATUS)
"""How every message of an enterprise begins."""

GNUM = must("gnum", "N9", note="number of the line; XSD says integer, the nine digits are our own bound")
YUAN = must("currency", "C3", choices=("142",), note="142 is the renminbi")


BASE_TRANSFER = (
    must("copCode", "C..18"),
    must("copName", "C..100"),
    must("dxpMode", "C3", choices=("DXP",)),
    must("dxpId", "C..30"),
    may("note", "C..1000", certainty="derived"),
)
"""Who sends the file over customs' data exchange platform; once a message."""

BASE_SUBSCRIBE = (
    must("status", "C..100", certainty="memory"),
    must("dxpMode", "C3", choices=("DXP",), certainty="memory"),
    must("dxpAddress", "C..100", certainty="memory"),
    may("note", "C..1000", certainty="memory"),
)
"""Who else wants the answer. The names were read, the lengths were not."""

NODES_MAX = 100
"""Business nodes in one message (CEB 202205, envelope)."""
SUBSCRIBES_MAX = 5
IMPORT_LINES_MAX = 99
"""Goods lines of one import order or list."""

PDF_MISPRINTS = {
    "consigneeDitrict": "consigneeDistrict",
    "consingee": "consignee",
    "agengName": "agentName",
    "declagAgentCode": "declAgentCode",
}
"""Element names misprinted in the PDF, and what the XSD calls them: whoever follows the PDF is told so."""
