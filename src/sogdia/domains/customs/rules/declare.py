"""A list is declared when it comes from the right broker, is complete for its mode, and agrees with the trade.

The order must be on record, not wholly cancelled, and not declared by another list that customs has not rejected.
"""

from collections.abc import Iterable

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.catalog.state import PRODUCTS, Product
from sogdia.domains.customs import state
from sogdia.domains.customs.messages import Declared, DeclareExport, DeclareImport, Refused
from sogdia.domains.customs.rules import match
from sogdia.domains.customs.rules.match import ExportTrade, ImportTrade, Point
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.domains.identity.state import require, require_role
from sogdia.domains.logistics.state import WAYBILLS, Waybill
from sogdia.domains.orders.state import Order, is_cancelled, order_on_record
from sogdia.domains.payments.state import Payment, payment_of_order
from sogdia.domains.tax.state import ShareName

DISAGREEMENTS_SHOWN = 50
IMPORT_HS_DIGITS = 10
CHINA = "CN"


def declare_import(ledger: Ledger, asked: DeclareImport) -> None:
    """An import list comes on record when order, payment, waybill and list agree and the single limit holds."""
    _check_declarant(ledger, asked, "customs.declare_import")
    _check_new(ledger, asked, IMPORT_LISTS.get(ledger.state, asked.broker, asked.list_no) is not None)
    _check_mode(asked)
    order = _order_to_declare(ledger, asked)
    named = order.institution
    payment = None if named is None else payment_of_order(ledger, asked.platform, asked.order, named)
    waybill = WAYBILLS.get(ledger.state, asked.carrier, asked.waybill)
    rejected = _rejected(ledger, order, payment, waybill)
    products = _products(ledger, order)
    _require_agreement(asked, match.of_import(ImportTrade(order, payment, waybill, asked, products, rejected)))
    value_fen = sum(line.total_minor for line in asked.lines) + asked.freight_minor + asked.insured_minor
    state.put_import_list(ledger, asked, value_fen, _share(ledger, asked, value_fen))
    _announce(ledger, asked)


def declare_export(ledger: Ledger, asked: DeclareExport) -> None:
    """An export list comes on record when order, waybill and list agree."""
    _check_declarant(ledger, asked, "customs.declare_export")
    _check_new(ledger, asked, EXPORT_LISTS.get(ledger.state, asked.broker, asked.list_no) is not None)
    order = _order_to_declare(ledger, asked)
    waybill = WAYBILLS.get(ledger.state, asked.carrier, asked.waybill)
    rejected = _rejected(ledger, order, None, waybill)
    products = _products(ledger, order)
    _require_agreement(asked, match.of_export(ExportTrade(order, waybill, asked, products, rejected)))
    state.put_export_list(ledger, asked, sum(line.total_minor for line in asked.lines))
    _announce(ledger, asked)


def _check_declarant(ledger: Ledger, asked: DeclareImport | DeclareExport, action: str) -> None:
    """The broker signed and is one, delegated by the seller; a seller may declare for itself."""
    if asked.broker == asked.seller:
        require_role(ledger, asked.seller, "seller", action)
    else:
        require_role(ledger, asked.broker, "broker", action)
        require(ledger, asked.seller, action)


def _check_new(ledger: Ledger, asked: DeclareImport | DeclareExport, exists: bool) -> None:
    if exists:
        raise Refusal(Refused.LIST_EXISTS, broker=asked.broker, list_no=asked.list_no)
    if asked.declared_at_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.STATED_IN_FUTURE, declared_at_ms=asked.declared_at_ms, time_ms=ledger.time_ms)


def _check_mode(asked: DeclareImport) -> None:
    """What only some modes need (CEB621): all that is missing, at once."""
    missing = [f"lines[{line.line}].hs_code" for line in asked.lines if len(line.hs_code) != IMPORT_HS_DIGITS]
    if asked.mode == "1210":
        needed = {"ems_no": asked.ems_no, "area_code": asked.area_code, "area_name": asked.area_name}
        missing += [f"lines[{line.line}].record_no" for line in asked.lines if not line.record_no]
        missing += [] if asked.country == CHINA else ["country"]
    else:
        means = asked.transport
        needed = {"transport.means": means.means, "transport.voyage": means.voyage, "transport.bill": means.bill}
    missing = [*(field for field, value in needed.items() if not value), *missing]
    if missing:
        raise Refusal(Refused.MODE_FIELDS, mode=asked.mode, fields=missing[:DISAGREEMENTS_SHOWN], count=len(missing))


def _order_to_declare(ledger: Ledger, asked: DeclareImport | DeclareExport) -> Order:
    order = order_on_record(ledger, asked.platform, asked.order)
    if is_cancelled(order):
        raise Refusal(Refused.ORDER_CANCELLED, platform=asked.platform, order=asked.order)
    by = state.declaration_of_order(ledger, asked.platform, asked.order)
    if by is not None:
        raise Refusal(Refused.ORDER_ALREADY_DECLARED, order=asked.order, broker=by.broker, list_no=by.list_no)
    return order


def _rejected(ledger: Ledger, order: Order, payment: Payment | None, waybill: Waybill | None) -> dict[str, int]:
    """Customs' codes on the messages of the trade that it rejected; those it has not answered yet may stand."""
    subjects = [("order", order.platform, order.order)]
    if payment is not None:
        subjects.append(("payment", payment.institution, payment.payment))
    if waybill is not None:
        subjects.append(("waybill", waybill.carrier, waybill.waybill))
    codes = {}
    for subject, party, number in subjects:
        standing = state.standing_of(ledger, subject, party, number)
        if standing is not None and standing.phase == "rejected":
            codes[subject] = standing.code
    return codes


def _products(ledger: Ledger, order: Order) -> dict[str, Product]:
    """The catalogue's word on what was ordered; a product that went off sale since is still what it was."""
    found = {}
    for line in order.lines:
        product = PRODUCTS.get(ledger.state, order.seller, line.sku)
        if product is not None:
            found[line.sku] = product
    return found


def _require_agreement(asked: DeclareImport | DeclareExport, points: Iterable[Point]) -> None:
    shown = [{"field": one.field, "rule": one.rule, "values": one.values} for one in match.disagreements(points)]
    if shown:
        raise Refusal(
            Refused.DISAGREES,
            list_no=asked.list_no,
            order=asked.order,
            count=len(shown),
            disagreements=shown[:DISAGREEMENTS_SHOWN],
        )


def _share(ledger: Ledger, asked: DeclareImport, value_fen: int) -> ShareName:
    """Which share of the taxes is due: `within` the single limit, or `over` for one indivisible item where allowed.

    The yearly limit is decided when customs accepts the list and says whose quota it is.
    """
    single = state.limit(ledger, "single_fen")
    if value_fen <= int(single.value):
        return "within"
    alone = len(asked.lines) == 1 and asked.lines[0].quantity == 1
    if alone and state.limit(ledger, "over_limit_single_item").value == "allowed":
        return "over"
    raise Refusal(
        Refused.OVER_SINGLE_LIMIT,
        rule="R10",
        asked_fen=value_fen,
        limit_fen=int(single.value),
        source=single.source,
        certainty=single.certainty,
    )


def _announce(ledger: Ledger, asked: DeclareImport | DeclareExport) -> None:
    ledger.announce(
        Declared(
            direction="import" if isinstance(asked, DeclareImport) else "export",
            broker=asked.broker,
            list_no=asked.list_no,
            platform=asked.platform,
            order=asked.order,
            parties=tuple(dict.fromkeys((asked.broker, asked.seller, asked.platform, asked.carrier))),
            roles=("customs",),
        )
    )
