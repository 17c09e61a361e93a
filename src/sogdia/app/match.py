"""The match of a trade in full, for people to look at: the same fields and rules by which a list is refused."""

from collections.abc import Mapping
from typing import Any

from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.messages import DeclareImport
from sogdia.domains.customs.rules.match import ExportTrade, ImportTrade, Point, of_export, of_import
from sogdia.domains.customs.state import ImportList
from sogdia.domains.logistics.state import Waybill
from sogdia.domains.orders.state import Order
from sogdia.domains.payments.state import Payment


def compared(
    order: Order,
    payment: Payment | None,
    waybill: Waybill | None,
    declared: Any,
    products: Mapping[str, Product],
    rejected: Mapping[str, int],
) -> list[Point]:
    """Every field on which these are compared; `declared` is a list on record, or the message of one."""
    if isinstance(declared, (DeclareImport, ImportList)):
        return list(of_import(ImportTrade(order, payment, waybill, declared, products, rejected)))  # type: ignore[arg-type]
    return list(of_export(ExportTrade(order, waybill, declared, products, rejected)))
