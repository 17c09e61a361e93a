"""What the rules allow and a person should still know before signing.

Nothing is refused here, and only what the signer may read is told.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from sogdia.core.query import Asker, may_see
from sogdia.core.state import Table, View
from sogdia.core.transaction import Message
from sogdia.domains.customs.state import DECLARATIONS, EXPORT_LISTS, IMPORT_LISTS, STANDINGS
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.logistics.state import WAYBILLS, Waybill
from sogdia.domains.orders.state import ORDERS
from sogdia.interfaces.words import say

CHINA: Final = "CN"
_LISTS: Final[Mapping[str, Table[Any]]] = {"import_list": IMPORT_LISTS, "export_list": EXPORT_LISTS}
_GONE_OUT: Final = ("released", "closed")


class Warned(msgspec.Struct, frozen=True):
    """A warning: the name of its words under `console_signing`, and what fills them."""

    name: str
    said: dict[str, Any]

    def text(self, language: str) -> str:
        """As a person reads it."""
        return say(f"console_signing.{self.name}", language, **self.said)


def warnings_of(view: View, asker: Asker, messages: Iterable[Message]) -> list[Warned]:
    """What the asker should know of these messages as the record stands."""
    found = (_delivered(view, asker, one) for one in messages if isinstance(one, ReportStatus))
    return [one for one in found if one is not None]


def _delivered(view: View, asker: Asker, asked: ReportStatus) -> Warned | None:
    """That a parcel is handed to its consignee whose list customs has not released."""
    parcel = WAYBILLS.get(view, asked.carrier, asked.waybill) if asked.status == "delivered" else None
    if parcel is None or not may_see(WAYBILLS, parcel, asker):
        return None
    declared = DECLARATIONS.get(view, parcel.platform, parcel.order)
    if declared is None:
        return _undeclared(view, asker, parcel)
    table = _LISTS[declared.subject]
    one = table.get(view, declared.broker, declared.list_no)
    if one is None or not may_see(table, one, asker):
        return None
    standing = STANDINGS.get(view, declared.subject, declared.broker, declared.list_no)
    phase = "declared" if standing is None else standing.phase
    if phase in _GONE_OUT:
        return None
    name = "delivers_rejected" if phase == "rejected" else "delivers_unreleased"
    return Warned(name, {"waybill": parcel.waybill, "list_no": declared.list_no})


def _undeclared(view: View, asker: Asker, parcel: Waybill) -> Warned | None:
    order = ORDERS.get(view, parcel.platform, parcel.order)
    if order is None or not may_see(ORDERS, order, asker) or CHINA not in (order.ship_from, order.ship_to):
        return None
    if order.ship_from == order.ship_to:
        return None
    return Warned("delivers_undeclared", {"waybill": parcel.waybill})
