"""Orders and their cancellations on record, and the only functions that write them."""

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table
from sogdia.domains.orders.messages import Cancel, OrderLine, Persons, Place, Refused


class Order(Record, frozen=True, array_like=True):
    """A sale as it was placed; `cancelled` holds the cancelled quantity of each line, in order.

    `institution` is whom the platform names for the payment.
    """

    platform: str
    order: str
    seller: str
    channel: str
    placed_at_ms: int
    ship_from: str
    ship_to: str
    currency: str
    lines: tuple[OrderLine, ...]
    goods_minor: int
    freight_minor: int
    tax_minor: int
    discount_minor: int
    paid_minor: int
    persons: Persons
    shared_with: tuple[str, ...]
    sealed: str | None
    evidence: str | None
    rounding_minor: int = 0
    cancelled: tuple[int, ...] = ()
    institution: str | None = None


class Cancellation(Record, frozen=True, array_like=True):
    """Quantities that were taken off an order, and their value at the order's prices."""

    platform: str
    order: str
    cancellation: str
    cancelled_at_ms: int
    lines: tuple[tuple[int, int], ...]
    cancelled_minor: int
    currency: str
    reason: str
    seller: str
    shared_with: tuple[str, ...]


class Erasure(Record, frozen=True, array_like=True):
    """The platform's word that an order's sealed values are erased; `erased_at_ms` is the time of its block."""

    platform: str
    order: str
    ground: str
    note: str
    erased_at_ms: int
    seller: str
    shared_with: tuple[str, ...]


ORDERS = Table(
    "orders.order", Order, key=("platform", "order"), seen_by=("platform", "seller", "shared_with"), roles=("customs",)
)
CANCELLATIONS = Table(
    "orders.cancellation",
    Cancellation,
    key=("platform", "order", "cancellation"),
    seen_by=("platform", "seller", "shared_with"),
    roles=("customs",),
)
ERASURES = Table(
    "orders.erasure",
    Erasure,
    key=("platform", "order"),
    seen_by=("platform", "seller", "shared_with"),
    roles=("customs",),
)


def order_on_record(ledger: Ledger, platform: str, order: str) -> Order:
    """The order, or refusal ORDER_UNKNOWN."""
    found = ORDERS.get(ledger.state, platform, order)
    if found is None:
        raise Refusal(Refused.ORDER_UNKNOWN, platform=platform, order=order)
    return found


def is_cancelled(order: Order) -> bool:
    """Whether nothing is left of the order."""
    return not any(quantities_left(order))


def quantities_left(order: Order) -> tuple[int, ...]:
    """What is left of each line, in order: its quantity less what was cancelled."""
    gone = order.cancelled or (0,) * len(order.lines)
    return tuple(line.quantity - less for line, less in zip(order.lines, gone, strict=True))


def put_order(ledger: Ledger, asked: Place) -> None:
    """Put an order on record as it was asked."""
    ORDERS.put(
        ledger.state,
        Order(
            asked.platform,
            asked.order,
            asked.seller,
            asked.channel,
            asked.placed_at_ms,
            asked.ship_from,
            asked.ship_to,
            asked.currency,
            asked.lines,
            asked.goods_minor,
            asked.freight_minor,
            asked.tax_minor,
            asked.discount_minor,
            asked.paid_minor,
            asked.persons,
            asked.shared_with,
            asked.sealed,
            asked.evidence,
            asked.rounding_minor,
            institution=asked.institution,
        ),
    )


def put_cancellation(ledger: Ledger, order: Order, asked: Cancel, gone: list[int], cancelled_minor: int) -> None:
    """Put a cancellation on record and the order's new balance with it."""
    ORDERS.put(ledger.state, replace(order, cancelled=tuple(gone)))
    lines = tuple((one.line, one.quantity) for one in asked.lines)
    CANCELLATIONS.put(
        ledger.state,
        Cancellation(
            asked.platform,
            asked.order,
            asked.cancellation,
            asked.cancelled_at_ms,
            lines,
            cancelled_minor,
            order.currency,
            asked.reason,
            order.seller,
            order.shared_with,
        ),
    )


def put_erasure(ledger: Ledger, order: Order, ground: str, note: str) -> None:
    """Put on record that the order's sealed values are erased; the order itself stays as it is."""
    ERASURES.put(
        ledger.state,
        Erasure(order.platform, order.order, ground, note, ledger.time_ms, order.seller, order.shared_with),
    )
