"""One rule per message of orders: refuse or change."""

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS, is_line_total
from sogdia.domains.catalog.state import product_on_sale, require_allowed
from sogdia.domains.identity.state import holder_of, require_role
from sogdia.domains.orders import messages, state
from sogdia.domains.orders.messages import Cancel, OrderCancelled, OrderLine, OrderPlaced, Place, Refused
from sogdia.domains.orders.state import CANCELLATIONS, ORDERS, Order

module = Module("orders", 3000, messages, state)


@module.rule
def place(ledger: Ledger, asked: Place) -> None:
    """A sale comes on record when its sums hold and every product may go where it is sent."""
    require_role(ledger, asked.platform, "platform", "orders.place")
    holder_of(ledger, asked.seller, "seller")
    if asked.institution is not None:
        holder_of(ledger, asked.institution, "payment_institution")
    if ORDERS.get(ledger.state, asked.platform, asked.order) is not None:
        raise Refusal(Refused.ORDER_EXISTS, platform=asked.platform, order=asked.order)
    if asked.placed_at_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.PLACED_IN_FUTURE, placed_at_ms=asked.placed_at_ms, time_ms=ledger.time_ms)
    _check_sums(asked)
    for sku in {line.sku: None for line in asked.lines}:
        product = product_on_sale(ledger, asked.seller, sku)
        require_allowed(ledger, product, asked.ship_to)
    state.put_order(ledger, asked)
    ledger.announce(
        OrderPlaced(
            platform=asked.platform,
            order=asked.order,
            ship_to=asked.ship_to,
            paid_minor=asked.paid_minor,
            currency=asked.currency,
            parties=(asked.platform, asked.seller, *asked.shared_with),
        )
    )


@module.rule
def cancel(ledger: Ledger, asked: Cancel) -> None:
    """Quantities go off the named lines, never more than is left of them."""
    require_role(ledger, asked.platform, "platform", "orders.cancel")
    order = state.order_on_record(ledger, asked.platform, asked.order)
    if CANCELLATIONS.get(ledger.state, asked.platform, asked.order, asked.cancellation) is not None:
        raise Refusal(Refused.CANCELLATION_EXISTS, order=asked.order, cancellation=asked.cancellation)
    _check_cancelled_at(ledger, order, asked)
    gone = list(order.cancelled or (0,) * len(order.lines))
    cancelled_minor = 0
    for one in asked.lines:
        line, before = _line(order, one.line), gone[one.line - 1]
        after = gone[one.line - 1] = before + one.quantity
        if after > line.quantity:
            left = line.quantity - before
            raise Refusal(Refused.CANCELS_TOO_MUCH, order=asked.order, line=one.line, asked=one.quantity, left=left)
        cancelled_minor += _worth_minor(line, after) - _worth_minor(line, before)
    state.put_cancellation(ledger, order, asked, gone, cancelled_minor)
    ledger.announce(
        OrderCancelled(
            platform=asked.platform,
            order=asked.order,
            cancellation=asked.cancellation,
            cancelled_minor=cancelled_minor,
            currency=order.currency,
            parties=(asked.platform, order.seller, *order.shared_with),
        )
    )


@module.rule
def erase_sealed(ledger: Ledger, asked: messages.EraseSealed) -> None:
    """The platform of an order has its sealed values erased everywhere, once; the commitments on record stay."""
    require_role(ledger, asked.platform, "platform", "orders.erase_sealed")
    order = state.order_on_record(ledger, asked.platform, asked.order)
    if order.sealed is None:
        raise Refusal(Refused.NOTHING_SEALED, order=asked.order)
    before = state.ERASURES.get(ledger.state, asked.platform, asked.order)
    if before is not None:
        raise Refusal(Refused.ERASED_ALREADY, order=asked.order, erased_at_ms=before.erased_at_ms)
    state.put_erasure(ledger, order, asked.ground, asked.note)
    # The institution does not read the order, but it was sealed to, and holds a copy that goes too.
    institution = () if order.institution is None else (order.institution,)
    parties = tuple(dict.fromkeys((asked.platform, order.seller, *order.shared_with, *institution)))
    ledger.announce(
        messages.SealedErased(
            platform=asked.platform, order=asked.order, ground=asked.ground, parties=parties, roles=("customs",)
        )
    )


def _check_cancelled_at(ledger: Ledger, order: Order, asked: Cancel) -> None:
    at_ms = asked.cancelled_at_ms
    if at_ms < order.placed_at_ms:
        raise Refusal(
            Refused.CANCELLED_BEFORE_PLACED, order=asked.order, cancelled_at_ms=at_ms, placed_at_ms=order.placed_at_ms
        )
    if at_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.CANCELLED_IN_FUTURE, cancelled_at_ms=at_ms, time_ms=ledger.time_ms)


def _line(order: Order, number: int) -> OrderLine:
    if number > len(order.lines):
        raise Refusal(Refused.LINE_UNKNOWN, order=order.order, line=number, lines=len(order.lines))
    return order.lines[number - 1]


def _worth_minor(line: OrderLine, quantity: int) -> int:
    """What so many units of a line come to, half up; the parts of a line add up to the line."""
    return (2 * line.total_minor * quantity + line.quantity) // (2 * line.quantity)


def _check_sums(asked: Place) -> None:
    """Line = quantity x price, goods = sum of lines, paid = goods + freight + tax - discount (CEB rules R8, R1)."""
    goods = 0
    for number, line in enumerate(asked.lines, 1):
        if not is_line_total(asked.currency, line.quantity, line.price_e5, line.total_minor):
            expected = line.quantity * line.price_e5
            raise Refusal(Refused.LINE_TOTAL_WRONG, line=number, total_minor=line.total_minor, expected_e5=expected)
        goods += line.total_minor
    if goods != asked.goods_minor:
        raise Refusal(Refused.GOODS_VALUE_WRONG, goods_minor=asked.goods_minor, sum_of_lines_minor=goods)
    paid = goods + asked.freight_minor + asked.tax_minor - asked.discount_minor + asked.rounding_minor
    if paid != asked.paid_minor:
        raise Refusal(Refused.PAID_WRONG, paid_minor=asked.paid_minor, expected_minor=paid)
