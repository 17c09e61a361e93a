"""The match: what order, payment, waybill and list say of one trade, and every point on which they disagree.

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


class Disagreement(msgspec.Struct, frozen=True):
    """One field on which parties disagree: by which rule, and what each party says, by its role."""

    field: str
    rule: str
    values: Mapping[str, Said]


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


def of_import(trade: ImportTrade) -> list[Disagreement]:
    """Every disagreement of order, payment, waybill and import list."""
    order, waybill, declared = trade.order, trade.waybill, trade.declared
    return [
        *_sums(order),
        *_references(order, waybill, declared, trade.rejected),
        *_payment(order, trade.payment),
        *_persons(trade),
        *_import_terms(order, trade.payment, waybill, declared),
        *_weights(waybill, declared),
        *_lines(order, declared.lines, trade.products, HS_DIGITS),
    ]


def of_export(trade: ExportTrade) -> list[Disagreement]:
    """Every disagreement of order, waybill and export list."""
    order, waybill, declared = trade.order, trade.waybill, trade.declared
    digits = SIMPLIFIED_HS_DIGITS if declared.statistics == "A" else HS_DIGITS
    return [
        *_sums(order),
        *_references(order, waybill, declared, trade.rejected),
        *_export_terms(order, waybill, declared),
        *_weights(waybill, declared),
        *_lines(order, declared.lines, trade.products, digits),
    ]


# -- the parts of a match --------------------------------------------------------------------------------------------


def _unequal(field: str, rule: str, **said: Said) -> Iterator[Disagreement]:
    """Nothing if all say the same, and something; otherwise the field with what each says."""
    values = list(said.values())
    if values[0] is None or values.count(values[0]) != len(values):
        yield Disagreement(field, rule, said)


def _unlike(field: str, rule: str, **commitments: str | None) -> Iterator[Disagreement]:
    for one in _unequal(field, rule, **commitments):
        short = {party: None if value is None else str(value)[:12] for party, value in one.values.items()}
        yield Disagreement(field, rule, short)


def _sums(order: Order) -> Iterator[Disagreement]:
    goods = 0
    for number, line in enumerate(order.lines, 1):
        goods += line.total_minor
        if not is_line_total(order.currency, line.quantity, line.price_e5, line.total_minor):
            yield Disagreement(f"order.lines[{number}].total_minor", "R8", {"platform": line.total_minor})
    if goods != order.goods_minor:
        yield Disagreement("order.goods_minor", "R8", {"platform": order.goods_minor, "sum_of_lines": goods})
    parts = order.goods_minor + order.freight_minor + order.tax_minor - order.discount_minor + order.rounding_minor
    if parts != order.paid_minor:
        yield Disagreement("order.paid_minor", "R1", {"platform": order.paid_minor, "sum_of_parts": parts})


def _references(
    order: Order, waybill: Waybill | None, declared: DeclareImport | DeclareExport, rejected: Mapping[str, int]
) -> Iterator[Disagreement]:
    for subject, code in rejected.items():
        yield Disagreement(subject, "R5", {"customs": code})
    if (order.platform, order.order, order.seller) != (declared.platform, declared.order, declared.seller):
        yield from _unequal("platform", "R5", platform=order.platform, broker=declared.platform)
        yield from _unequal("order", "R5", platform=order.order, broker=declared.order)
        yield from _unequal("seller", "R5", platform=order.seller, broker=declared.seller)
    if waybill is None:
        yield Disagreement("waybill", "R5", {"broker": declared.waybill, "carrier": None})
        return
    if (waybill.carrier, waybill.waybill) != (declared.carrier, declared.waybill):
        yield from _unequal("carrier", "R5", carrier=waybill.carrier, broker=declared.carrier)
        yield from _unequal("waybill", "R5", carrier=waybill.waybill, broker=declared.waybill)
    if (waybill.platform, waybill.order) != (order.platform, order.order):
        yield from _unequal("waybill.platform", "R5", carrier=waybill.platform, platform=order.platform)
        yield from _unequal("waybill.order", "R5", carrier=waybill.order, platform=order.order)


def _payment(order: Order, payment: Payment | None) -> Iterator[Disagreement]:
    if payment is None:
        if order.institution is None:
            yield Disagreement("institution", "R2", {"platform": None})
        else:
            yield Disagreement("payment", "R2", {"platform": order.paid_minor, "payment_institution": None})
        return
    yield from _unequal("institution", "R2", platform=order.institution, payment_institution=payment.institution)
    said = {"platform": order.paid_minor, "payment_institution": payment.amount_minor}
    yield from _unequal("amount_minor", "R2", **said)
    yield from _unequal("payment.platform", "R2", payment_institution=payment.platform, platform=order.platform)
    yield from _unequal("payment.order", "R2", payment_institution=payment.order, platform=order.order)


def _persons(trade: ImportTrade) -> Iterator[Disagreement]:
    told, declared, payment, waybill = trade.order.persons, trade.declared, trade.payment, trade.waybill
    name: dict[str, str | None] = {"platform": told.buyer_name, "broker": declared.buyer_name}
    id_number: dict[str, str | None] = {"platform": told.buyer_id_number, "broker": declared.buyer_id_number}
    if payment is not None:
        name["payment_institution"] = payment.payer_name
        id_number["payment_institution"] = payment.payer_id_number
    yield from _unlike("buyer_name", "R9", **name)
    yield from _unlike("buyer_id_number", "R9", **id_number)
    yield from _unlike("buyer_telephone", "R9", platform=told.buyer_telephone, broker=declared.buyer_telephone)
    address: dict[str, str | None] = {"platform": told.consignee_address, "broker": declared.consignee_address}
    if waybill is not None:
        address["carrier"] = waybill.consignee_address
        phones = {"platform": told.consignee_telephone, "carrier": waybill.consignee_telephone}
        yield from _unlike("consignee", "R3", platform=told.consignee, carrier=waybill.consignee)
        yield from _unlike("consignee_telephone", "R3", **phones)
    yield from _unlike("consignee_address", "R3", **address)


def _import_terms(
    order: Order, payment: Payment | None, waybill: Waybill | None, declared: DeclareImport
) -> Iterator[Disagreement]:
    currencies: dict[str, Said] = {"customs": "CNY", "platform": order.currency, "broker": declared.currency}
    packages: dict[str, Said] = {"customs": 1, "broker": declared.packages}
    goes_to: dict[str, Said] = {"customs": "CN", "platform": order.ship_to}
    if payment is not None:
        currencies["payment_institution"] = payment.currency
    if waybill is not None:
        currencies["carrier"] = waybill.currency
        packages["carrier"] = waybill.packages
        goes_to["carrier"] = waybill.ship_to
    yield from _unequal("currency", "R6", **currencies)
    yield from _unequal("packages", "R6", **packages)
    if declared.assurer not in (order.platform, order.seller, declared.carrier):
        yield Disagreement("assurer", "R7", {"broker": declared.assurer})
    freight = declared.freight_minor + declared.insured_minor
    yield from _unequal("freight_minor", "F1", platform=order.freight_minor, broker=freight)
    yield from _unequal("ship_to", "C1", **goes_to)
    yield from _unequal("country", "C1", platform=order.ship_from, broker=declared.country)


def _export_terms(order: Order, waybill: Waybill | None, declared: DeclareExport) -> Iterator[Disagreement]:
    if order.currency != declared.currency:
        yield Disagreement("currency", "R6", {"platform": order.currency, "broker": declared.currency})
    country: dict[str, Said] = {"platform": order.ship_to, "broker": declared.country}
    if waybill is not None:
        country["carrier"] = waybill.ship_to
        if waybill.packages != declared.packages:
            yield Disagreement("packages", "R6", {"carrier": waybill.packages, "broker": declared.packages})
    yield from _unequal("country", "C1", **country)


def _weights(waybill: Waybill | None, declared: DeclareImport | DeclareExport) -> Iterator[Disagreement]:
    gross, said = declared.gross_weight_grams, {"broker": declared.net_weight_grams}
    if waybill is not None:
        gross = waybill.gross_weight_grams
        said["carrier"] = gross
        if gross != declared.gross_weight_grams:
            told = {"carrier": gross, "broker": declared.gross_weight_grams}
            yield Disagreement("gross_weight_grams", "W1", told)
    if declared.net_weight_grams > gross:
        yield Disagreement("net_weight_grams", "W1", said)


# -- R4, line by line ------------------------------------------------------------------------------------------------


def _lines(
    order: Order, lines: Iterable[ListLine], products: Mapping[str, Product], hs_digits: int
) -> Iterator[Disagreement]:
    gone = order.cancelled or (0,) * len(order.lines)
    declared: set[int] = set()
    for line in lines:
        number = line.line
        if number in declared:
            yield Disagreement(f"lines[{number}]", "R4", {"platform": "once", "broker": "more than once"})
        elif number > len(order.lines):
            yield Disagreement(f"lines[{number}]", "R4", {"platform": None, "broker": line.sku})
        else:
            ordered = order.lines[number - 1]
            yield from _line(ordered, gone[number - 1], line)
            yield from _goods(products.get(ordered.sku), line, hs_digits)
        declared.add(number)
    for number, ordered in enumerate(order.lines, 1):
        if number not in declared and ordered.quantity > gone[number - 1]:
            yield Disagreement(f"lines[{number}]", "R4", {"platform": ordered.sku, "broker": None})


def _line(ordered: OrderLine, gone: int, line: ListLine) -> Iterator[Disagreement]:
    quantity, total = _left(ordered, gone)
    expected: tuple[Said, ...] = (ordered.sku, ordered.name, quantity, ordered.price_e5, total)
    said: tuple[Said, ...] = (line.sku, line.name, line.quantity, line.price_e5, line.total_minor)
    if expected != said:
        fields = ("sku", "name", "quantity", "price_e5", "total_minor")
        for field, platform, broker in zip(fields, expected, said, strict=True):
            yield from _unequal(f"lines[{line.line}].{field}", "R4", platform=platform, broker=broker)
    if line.legal_unit == line.unit and line.legal_quantity_e5 != quantity * 100_000:
        legal: dict[str, Said] = {"platform": quantity * 100_000, "broker": line.legal_quantity_e5}
        yield Disagreement(f"lines[{line.line}].legal_quantity_e5", "R4", legal)


def _left(ordered: OrderLine, gone: int) -> tuple[int, int]:
    """Quantity and value that are left of a line, in the currency's minor unit."""
    quantity, total = ordered.quantity, ordered.total_minor
    return quantity - gone, total - (2 * total * gone + quantity) // (2 * quantity)


def _goods(product: Product | None, line: ListLine, hs_digits: int) -> Iterator[Disagreement]:
    """The list's code, origin and unit are the catalogue's; codes are compared as far as both tell them."""
    if product is None:
        yield Disagreement(f"lines[{line.line}].sku", "R4", {"seller": None, "broker": line.sku})
        return
    digits = min(hs_digits, len(product.hs_code), len(line.hs_code))
    if product.hs_code[:digits] != line.hs_code[:digits]:
        said: dict[str, Said] = {"seller": product.hs_code, "broker": line.hs_code}
        yield Disagreement(f"lines[{line.line}].hs_code", "R4", said)
    if (product.origin, product.unit) != (line.origin, line.unit):
        yield from _unequal(f"lines[{line.line}].origin", "R4", seller=product.origin, broker=line.origin)
        yield from _unequal(f"lines[{line.line}].unit", "R4", seller=product.unit, broker=line.unit)
