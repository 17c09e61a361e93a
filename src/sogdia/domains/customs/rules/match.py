"""The match: what order, payment, waybill and list say of one trade, point by point, and where they disagree.

R1 to R9 are those of customs' interface (CEB 202205, derived from its field descriptions); F1, C1 and W1 are ours.

    R1  order: paid = goods + freight + tax - discount (+ the channel's rounding)
    R2  payment: the order names its payment institution, and that institution attests the amount that the order says,
        for that order of that platform (import)
    R3  consignee, telephone, address: order = waybill, and the list's address is the order's (import)
    R4  each line of the list is the order's line of that number, with the catalogue's code, origin and unit, and the
        legal quantity is the quantity where the units are the same; all lines are there, each once
    R5  the list names the order's seller and a waybill of that order; customs has rejected none of them
    R6  one currency, CNY for import; one package for import, as many as the waybill says for export
    R7  the assurer is platform, seller or carrier (import)
    R8  order: a line is quantity x price, the lines are the goods value
    R9  the payer is the buyer, and the buyer is who the list says (import)
    F1  freight and insurance of the list = freight of the order, for tax is due on both (import)
    C1  import: to China, from the country that the order is sent from; export: to the country that the order goes to
    W1  gross weight = the waybill's, net weight not above it

R10, the limits, has refusals of its own. A party that has not spoken yet disagrees: its value is None. Personal values
are commitments, told apart by their first 12 digits.

A list declares what is left of an order: quantity less what was cancelled, at the line's total less what that came to
(half up, as the cancellation counts it); a line that is wholly cancelled is not declared. The payment stays compared
with the whole order: what went back to the buyer is a refund, which may come later.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from sogdia.core.values import is_line_total
from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.messages import DeclareExport, DeclareImport, ListLine
from sogdia.domains.logistics.state import Waybill
from sogdia.domains.orders.messages import OrderLine
from sogdia.domains.orders.state import Order
from sogdia.domains.payments.state import Payment

Said = str | int | None
SIMPLIFIED_HS_DIGITS = 4
"""On a simplified export list only the first four digits of a code need be right (CEB603, statisticsFlag A)."""

HS_DIGITS = 10


class Point(msgspec.Struct, frozen=True):
    """One field that is compared: by which rule, what each party says, by its role, and whether that agrees."""

    field: str
    rule: str
    values: Mapping[str, Said]
    agrees: bool = False


class ImportTrade(msgspec.Struct, frozen=True):
    """What stands on record for an import list. `rejected` holds customs' code for each message that it rejected."""

    order: Order
    payment: Payment | None
    waybill: Waybill | None
    declared: DeclareImport
    products: Mapping[str, Product]
    rejected: Mapping[str, int]


class ExportTrade(msgspec.Struct, frozen=True):
    """What stands on record for an export list."""

    order: Order
    waybill: Waybill | None
    declared: DeclareExport
    products: Mapping[str, Product]
    rejected: Mapping[str, int]


def of_import(trade: ImportTrade) -> Iterator[Point]:
    """Every point on which order, payment, waybill and import list are compared."""
    order, waybill, declared = trade.order, trade.waybill, trade.declared
    yield from _sums(order)
    yield from _references(order, waybill, declared, trade.rejected)
    yield from _payment(order, trade.payment)
    yield from _persons(trade)
    yield from _import_terms(order, trade.payment, waybill, declared)
    yield from _weights(waybill, declared)
    yield from _lines(order, declared.lines, trade.products, HS_DIGITS)


def of_export(trade: ExportTrade) -> Iterator[Point]:
    """Every point on which order, waybill and export list are compared."""
    order, waybill, declared = trade.order, trade.waybill, trade.declared
    yield from _sums(order)
    yield from _references(order, waybill, declared, trade.rejected)
    yield from _export_terms(order, waybill, declared)
    yield from _weights(waybill, declared)
    digits = SIMPLIFIED_HS_DIGITS if declared.statistics == "A" else HS_DIGITS
    yield from _lines(order, declared.lines, trade.products, digits)


def disagreements(points: Iterable[Point]) -> list[Point]:
    """Those on which the parties disagree."""
    return [point for point in points if not point.agrees]


# -- the parts of a match --------------------------------------------------------------------------------------------


def _same(field: str, rule: str, **said: Said) -> Point:
    """All say the same, and something."""
    values = list(said.values())
    return Point(field, rule, said, values[0] is not None and values.count(values[0]) == len(values))


def _alike(field: str, rule: str, **commitments: str | None) -> Point:
    """The same of commitments, which are shown by their beginning."""
    short: dict[str, Said] = {party: None if one is None else one[:12] for party, one in commitments.items()}
    return Point(field, rule, short, _same(field, rule, **commitments).agrees)


def _sums(order: Order) -> Iterator[Point]:
    goods = 0
    for number, line in enumerate(order.lines, 1):
        goods += line.total_minor
        is_right = is_line_total(order.currency, line.quantity, line.price_e5, line.total_minor)
        yield Point(f"order.lines[{number}].total_minor", "R8", {"platform": line.total_minor}, is_right)
    yield _same("order.goods_minor", "R8", platform=order.goods_minor, sum_of_lines=goods)
    parts = order.goods_minor + order.freight_minor + order.tax_minor - order.discount_minor + order.rounding_minor
    yield _same("order.paid_minor", "R1", platform=order.paid_minor, sum_of_parts=parts)


def _references(
    order: Order, waybill: Waybill | None, declared: DeclareImport | DeclareExport, rejected: Mapping[str, int]
) -> Iterator[Point]:
    for subject, code in rejected.items():
        yield Point(subject, "R5", {"customs": code})
    yield _same("platform", "R5", platform=order.platform, broker=declared.platform)
    yield _same("order", "R5", platform=order.order, broker=declared.order)
    yield _same("seller", "R5", platform=order.seller, broker=declared.seller)
    if waybill is None:
        yield Point("waybill", "R5", {"broker": declared.waybill, "carrier": None})
        return
    yield _same("carrier", "R5", carrier=waybill.carrier, broker=declared.carrier)
    yield _same("waybill", "R5", carrier=waybill.waybill, broker=declared.waybill)
    yield _same("waybill.platform", "R5", carrier=waybill.platform, platform=order.platform)
    yield _same("waybill.order", "R5", carrier=waybill.order, platform=order.order)


def _payment(order: Order, payment: Payment | None) -> Iterator[Point]:
    if payment is None:
        if order.institution is None:
            yield Point("institution", "R2", {"platform": None})
        else:
            yield Point("payment", "R2", {"platform": order.paid_minor, "payment_institution": None})
        return
    yield _same("institution", "R2", platform=order.institution, payment_institution=payment.institution)
    yield _same("amount_minor", "R2", platform=order.paid_minor, payment_institution=payment.amount_minor)
    yield _same("payment.platform", "R2", payment_institution=payment.platform, platform=order.platform)
    yield _same("payment.order", "R2", payment_institution=payment.order, platform=order.order)


def _persons(trade: ImportTrade) -> Iterator[Point]:
    told, declared, payment, waybill = trade.order.persons, trade.declared, trade.payment, trade.waybill
    name: dict[str, str | None] = {"platform": told.buyer_name, "broker": declared.buyer_name}
    id_number: dict[str, str | None] = {"platform": told.buyer_id_number, "broker": declared.buyer_id_number}
    if payment is not None:
        name["payment_institution"] = payment.payer_name
        id_number["payment_institution"] = payment.payer_id_number
    yield _alike("buyer_name", "R9", **name)
    yield _alike("buyer_id_number", "R9", **id_number)
    yield _alike("buyer_telephone", "R9", platform=told.buyer_telephone, broker=declared.buyer_telephone)
    address: dict[str, str | None] = {"platform": told.consignee_address, "broker": declared.consignee_address}
    if waybill is not None:
        address["carrier"] = waybill.consignee_address
        phones = {"platform": told.consignee_telephone, "carrier": waybill.consignee_telephone}
        yield _alike("consignee", "R3", platform=told.consignee, carrier=waybill.consignee)
        yield _alike("consignee_telephone", "R3", **phones)
    yield _alike("consignee_address", "R3", **address)


def _import_terms(
    order: Order, payment: Payment | None, waybill: Waybill | None, declared: DeclareImport
) -> Iterator[Point]:
    currencies: dict[str, Said] = {"customs": "CNY", "platform": order.currency, "broker": declared.currency}
    packages: dict[str, Said] = {"customs": 1, "broker": declared.packages}
    goes_to: dict[str, Said] = {"customs": "CN", "platform": order.ship_to}
    if payment is not None:
        currencies["payment_institution"] = payment.currency
    if waybill is not None:
        currencies["carrier"] = waybill.currency
        packages["carrier"] = waybill.packages
        goes_to["carrier"] = waybill.ship_to
    yield _same("currency", "R6", **currencies)
    yield _same("packages", "R6", **packages)
    may_assure = order.platform, order.seller, declared.carrier
    yield Point("assurer", "R7", {"broker": declared.assurer}, declared.assurer in may_assure)
    freight = declared.freight_minor + declared.insured_minor
    yield _same("freight_minor", "F1", platform=order.freight_minor, broker=freight)
    yield _same("ship_to", "C1", **goes_to)
    yield _same("country", "C1", platform=order.ship_from, broker=declared.country)


def _export_terms(order: Order, waybill: Waybill | None, declared: DeclareExport) -> Iterator[Point]:
    yield _same("currency", "R6", platform=order.currency, broker=declared.currency)
    country: dict[str, Said] = {"platform": order.ship_to, "broker": declared.country}
    if waybill is not None:
        country["carrier"] = waybill.ship_to
        yield _same("packages", "R6", carrier=waybill.packages, broker=declared.packages)
    yield _same("country", "C1", **country)


def _weights(waybill: Waybill | None, declared: DeclareImport | DeclareExport) -> Iterator[Point]:
    gross, said = declared.gross_weight_grams, {"broker": declared.net_weight_grams}
    if waybill is not None:
        gross = waybill.gross_weight_grams
        said["carrier"] = gross
        yield _same("gross_weight_grams", "W1", carrier=gross, broker=declared.gross_weight_grams)
    yield Point("net_weight_grams", "W1", said, declared.net_weight_grams <= gross)


# -- R4, line by line ------------------------------------------------------------------------------------------------


def _lines(order: Order, lines: Iterable[ListLine], products: Mapping[str, Product], hs_digits: int) -> Iterator[Point]:
    gone = order.cancelled or (0,) * len(order.lines)
    declared: set[int] = set()
    for line in lines:
        number = line.line
        if number in declared:
            yield Point(f"lines[{number}]", "R4", {"platform": "once", "broker": "more than once"})
        elif number > len(order.lines):
            yield Point(f"lines[{number}]", "R4", {"platform": None, "broker": line.sku})
        else:
            ordered = order.lines[number - 1]
            yield from _line(ordered, gone[number - 1], line)
            yield from _goods(products.get(ordered.sku), line, hs_digits)
        declared.add(number)
    for number, ordered in enumerate(order.lines, 1):
        if number not in declared and ordered.quantity > gone[number - 1]:
            yield Point(f"lines[{number}]", "R4", {"platform": ordered.sku, "broker": None})


def _line(ordered: OrderLine, gone: int, line: ListLine) -> Iterator[Point]:
    quantity, total = _left(ordered, gone)
    expected: tuple[Said, ...] = (ordered.sku, ordered.name, quantity, ordered.price_e5, total)
    said: tuple[Said, ...] = (line.sku, line.name, line.quantity, line.price_e5, line.total_minor)
    fields = ("sku", "name", "quantity", "price_e5", "total_minor")
    for field, platform, broker in zip(fields, expected, said, strict=True):
        yield _same(f"lines[{line.line}].{field}", "R4", platform=platform, broker=broker)
    if line.legal_unit == line.unit:
        legal = quantity * 100_000
        yield _same(f"lines[{line.line}].legal_quantity_e5", "R4", platform=legal, broker=line.legal_quantity_e5)


def _left(ordered: OrderLine, gone: int) -> tuple[int, int]:
    """Quantity and value that are left of a line, in the currency's minor unit."""
    quantity, total = ordered.quantity, ordered.total_minor
    return quantity - gone, total - (2 * total * gone + quantity) // (2 * quantity)


def _goods(product: Product | None, line: ListLine, hs_digits: int) -> Iterator[Point]:
    """The list's code, origin and unit are the catalogue's; codes are compared as far as both tell them."""
    if product is None:
        yield Point(f"lines[{line.line}].sku", "R4", {"seller": None, "broker": line.sku})
        return
    digits = min(hs_digits, len(product.hs_code), len(line.hs_code))
    said: dict[str, Said] = {"seller": product.hs_code, "broker": line.hs_code}
    yield Point(f"lines[{line.line}].hs_code", "R4", said, product.hs_code[:digits] == line.hs_code[:digits])
    yield _same(f"lines[{line.line}].origin", "R4", seller=product.origin, broker=line.origin)
    yield _same(f"lines[{line.line}].unit", "R4", seller=product.unit, broker=line.unit)
