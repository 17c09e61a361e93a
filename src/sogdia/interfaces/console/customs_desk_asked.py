"""What the customs queue is asked for in its address: conditions, order, place, the decision meant for all of them."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, get_args
from urllib.parse import parse_qsl, urlencode

import msgspec

from sogdia.app.answers import Decision
from sogdia.core.values import minor_digits
from sogdia.insight.queue import Order, Wanted

DIRECTIONS: Final = ("import", "export")
PHASES_WAITING: Final = ("declared", "stored", "declaring", "sent", "send_failed", "accepted", "held", "approved")
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
_DECISIONS: Final[tuple[Decision, ...]] = get_args(Decision)
_USUAL: Final[Decision] = "release"
_FIELDS: Final = ("list_no", "direction", "ship_from", "ship_to", "phase", "currency", "below", "calm", "order")

_ADDRESS_CHARS: Final = 2_000


class QueueAsked(msgspec.Struct, frozen=True):
    """Conditions, and the fields of the address as they were typed; `wrong` names those that were left out.

    `query` is the conditions as an address has them, `here` with the place of this page too. A page begins after the
    list whose place is `after`, or ends before the one whose place is `before`.
    """

    wanted: Wanted
    order: Order
    decision: Decision
    after: str
    before: str
    fields: dict[str, str]
    wrong: tuple[str, ...]
    query: str
    here: str


def queue_asked(pairs: Sequence[tuple[str, str]]) -> QueueAsked:
    """What these parameters ask for; what cannot be understood is left out and named."""
    given = {name: value.strip()[:200] for name, value in pairs}
    wrong: list[str] = []

    def code(name: str, letters: int) -> str:
        text = given.get(name, "")
        if text and not (len(text) == letters and text.isascii() and text.isalpha()):
            wrong.append(name)
            return ""
        return text.upper()

    currency = code("currency", 3)
    wanted = Wanted(
        direction=_among(DIRECTIONS, given.get("direction", "")),
        ship_from=code("ship_from", 2),
        ship_to=code("ship_to", 2),
        phase=_among(PHASES_WAITING, given.get("phase", "")),
        currency=currency,
        below_minor=_minor(given.get("below", ""), currency, wrong),
        risk_most=0 if given.get("calm") else 2,
        list_no=given.get("list_no", ""),
    )
    order = next((one for one in ORDERS if one == given.get("order")), ORDERS[0])
    decision = next((one for one in _DECISIONS if one == given.get("decision")), _USUAL)
    fields = {name: given.get(name, "") for name in _FIELDS}
    after, before = given.get("after", ""), given.get("before", "")
    query = _address(fields)
    here = _address({**fields, "after": after, "before": "" if after else before})
    return QueueAsked(wanted, order, decision, after, before, fields, tuple(wrong), query, here)


def queue_of(text: str) -> QueueAsked:
    """The queue that a list was opened from, out of the text of its address; anything else is the whole queue."""
    try:
        pairs = parse_qsl(text[:_ADDRESS_CHARS], max_num_fields=len(_FIELDS) + 2)
    except ValueError:
        pairs = []
    return queue_asked(pairs)


def _address(fields: dict[str, str]) -> str:
    return urlencode([(name, value) for name, value in fields.items() if value])


def _among(known: tuple[str, ...], text: str) -> str:
    return text if text in known else ""


def _minor(text: str, currency: str, wrong: list[str]) -> int | None:
    """Major units into minor ones of the currency; without a currency a value says nothing."""
    if not text:
        return None
    try:
        found = Decimal(text.replace(",", "")).scaleb(minor_digits(currency))
    except InvalidOperation:
        wrong.append("below")
        return None
    if not currency or not found.is_finite() or found != int(found) or not 0 <= found < 10**15:
        wrong.append("below")
        return None
    return int(found)
