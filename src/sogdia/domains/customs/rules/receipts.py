"""Which code customs may answer on which message, and which may follow which (CEB 202205, section of receipts).

A message travels, is taken or thrown back, and only a list goes on from there, because only a list moves goods:

    stored 1 > declaring 2 > sent 3 (or send failed 4, and again)     on its way; any step may be missing
    accepted 120 | rejected 100, or any error code below 0            taken or thrown back
    approved 399                                                      the last word on a movement document (CEB506)
    held 300, 500-503, 599 <> approved 399                            the goods lie at the border; any order, repeatedly
    released 800 | returned 700 | rejected                            the goods go on, go back, or the list falls
    closed 899                                                        after released or returned, nothing more

A list is rejected for good and its order is declared by another list; a rejected order, payment or waybill message is
sent again as it stands and begins anew. Release without acceptance is impossible: acceptance reserves the quota.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sogdia.core.refusal import Refusal
from sogdia.domains.customs.messages import Refused

_WAY = (1, 2, 3, 4, 100, 120)

CODES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "CEB312": (2, 3, 4, 100, 120),
        "CEB412": (2, 3, 4, 100, 120),
        "CEB512": (2, 3, 4, 100, 120),
        "CEB514": (2, 3, 4, 100, 120),
        "CEB622": (*_WAY, 300, 399, 500, 501, 502, 503, 599, 700, 800, 899),
        "CEB304": _WAY,
        "CEB506": (*_WAY, 399),
        "CEB604": (*_WAY, 300, 399, 500, 800, 899),
    }
)
"""The codes of each receipt; error codes below 0 may stand on any."""

IMPORT_RECEIPTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "order": "CEB312",
        "payment": "CEB412",
        "waybill": "CEB512",
        "delivery": "CEB514",
        "import_list": "CEB622",
    }
)
EXPORT_RECEIPTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **IMPORT_RECEIPTS,
        "order": "CEB304",
        "waybill": "CEB506",
        "export_list": "CEB604",
    }
)
"""The receipt that answers each subject. Payment and delivery have no export message that is still required."""

PHASES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "stored",
        2: "declaring",
        3: "sent",
        4: "send_failed",
        100: "rejected",
        120: "accepted",
        399: "approved",
        700: "returned",
        800: "released",
        899: "closed",
        **dict.fromkeys((300, 500, 501, 502, 503, 599), "held"),
    }
)

_TAKEN_OR_NOT = ("accepted", "rejected")
_ON_THE_WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("stored", "declaring", "sent", "send_failed", *_TAKEN_OR_NOT),
    "stored": ("declaring", "sent", "send_failed", *_TAKEN_OR_NOT),
    "declaring": ("sent", "send_failed", *_TAKEN_OR_NOT),
    "sent": _TAKEN_OR_NOT,
    "send_failed": ("declaring", "sent", "send_failed", *_TAKEN_OR_NOT),
}
_AT_THE_BORDER = ("held", "approved", "released", "returned", "rejected")

LIST_MAY_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **_ON_THE_WAY,
        "accepted": _AT_THE_BORDER,
        "held": _AT_THE_BORDER,
        "approved": _AT_THE_BORDER,
        "released": ("closed",),
        "returned": ("closed",),
        "rejected": (),
        "closed": (),
    }
)
DOCUMENT_MAY_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{phase: (*following, "approved") for phase, following in _ON_THE_WAY.items()},
        "rejected": (*_ON_THE_WAY[""], "approved"),
        "accepted": ("approved",),
        "approved": (),
    }
)
"""What may follow each phase; the empty phase is that of a message which was never answered."""


def receipt_of(subject: str, imported: bool) -> str:
    """The receipt message that answers this subject."""
    return (IMPORT_RECEIPTS if imported else EXPORT_RECEIPTS)[subject]


def phase_after(receipt: str, code: int, before: int | None) -> str:
    """The phase that this code leads to, after the code before it; else CODE_NOT_OF_MESSAGE or CODE_CANNOT_FOLLOW."""
    if code >= 0 and code not in CODES[receipt]:
        raise Refusal(Refused.CODE_NOT_OF_MESSAGE, receipt=receipt, answered=code, allowed=list(CODES[receipt]))
    phase = phase_of(code)
    table = LIST_MAY_FOLLOW if receipt in ("CEB622", "CEB604") else DOCUMENT_MAY_FOLLOW
    standing = "" if before is None else phase_of(before)
    if phase not in table[standing]:
        expected = list(table[standing])
        raise Refusal(Refused.CODE_CANNOT_FOLLOW, receipt=receipt, answered=code, after=before, expected=expected)
    return phase


def phase_of(code: int) -> str:
    """What a code means; every error code is a rejection."""
    return "rejected" if code < 0 else PHASES[code]
