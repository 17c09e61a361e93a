"""What comes next for an order, by whom, and what the party that looks may sign: links to forms that are filled in."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from sogdia.core.query import Asker
from sogdia.domains.logistics.state import ENDED
from sogdia.domains.payments.state import PAYMENTS
from sogdia.insight.matching import CHINA
from sogdia.insight.orders import Trade
from sogdia.insight.trade import Part, Whole
from sogdia.interfaces.console.room import ROOT

_BY: Final = {"payment": "institution", "waybill": "carrier", "list": "broker", "customs": "", "delivery": "carrier"}
"""Which party of the trade does what it waits for; customs is no party of a trade."""


class Next(msgspec.Struct, frozen=True):
    """What comes next: its words under `console_acts.next_`, and the party whose turn it is, if it is known."""

    words: str
    party: str | None


class Act(msgspec.Struct, frozen=True):
    """Something that may be signed: its words under `console_acts.do_`, where, and whether the trade waits for it."""

    words: str
    path: str
    is_next: bool = False


def next_of(trade: Trade) -> Next | None:
    """What comes next; a rejected list is declared again, also when its parcel has arrived."""
    if trade.phase == "rejected" and trade.cancelled != 2:
        return Next("list_again", trade.broker)
    if trade.waits_for is None:
        return None
    return Next(trade.waits_for, getattr(trade, _BY[trade.waits_for], None))


def acts_of(whole: Whole, asker: Asker, principals: Iterable[str]) -> tuple[Act, ...]:
    """What this party may sign about an order, the next thing first; whether it may, the rules decide when it does.

    `principals` are the sellers that have delegated it to declare.
    """
    trade, next_one = whole.trade, next_of(whole.trade)
    waits = "" if next_one is None else next_one.words
    found = [
        *_declaring(whole, asker, set(principals), waits),
        *_carrying(whole, asker, waits),
        *_paying(whole, asker, waits),
    ]
    if trade.platform == asker.party and "platform" in asker.roles and trade.cancelled != 2 and trade.placed_at_ms:
        found.append(_act(trade, "cancel", "orders.cancel"))
    if "customs" in asker.roles and waits == "customs":
        named = {"subject": f"{trade.direction}_list", "broker": trade.broker, "list_no": trade.list_no}
        found.append(Act("decide", f"{ROOT}/customs/list?{urlencode(named)}", True))
    return tuple(sorted(found, key=lambda one: not one.is_next))


def _declaring(whole: Whole, asker: Asker, principals: set[str], waits: str) -> list[Act]:
    trade = whole.trade
    is_broker = "broker" in asker.roles and trade.seller in principals
    declares_itself = "seller" in asker.roles and trade.seller == asker.party
    if waits not in ("list", "list_again") or CHINA not in (trade.ship_from, trade.ship_to):
        return []
    if not is_broker and not declares_itself:
        return []
    tag = "customs.declare_import" if trade.ship_to == CHINA else "customs.declare_export"
    # A seller may declare for itself; it is shown as its turn when nobody else was the broker.
    is_next = is_broker or trade.broker == asker.party
    return [_act(trade, "again" if waits == "list_again" else "declare", tag, is_next)]


def _carrying(whole: Whole, asker: Asker, waits: str) -> list[Act]:
    if "carrier" not in asker.roles:
        return []
    parcels = [one.fields for one in whole.parts if one.record[0] == "logistics.waybill"]
    own = [one for one in parcels if one["carrier"] == asker.party and one["status"] not in ENDED]
    if own:
        return [_act(whole.trade, "report", "logistics.report_status", waits == "delivery")]
    may_issue = not parcels and whole.trade.placed_at_ms is not None and whole.trade.cancelled != 2
    return [_act(whole.trade, "waybill", "logistics.issue_waybill", True)] if may_issue else []


def _paying(whole: Whole, asker: Asker, waits: str) -> list[Act]:
    trade = whole.trade
    if "payment_institution" not in asker.roles:
        return []
    own: list[Part] = [one for one in whole.parts if one.record[:2] == (PAYMENTS.name, asker.party)]
    if not own and trade.institution == asker.party and trade.cancelled != 2:
        return [_act(trade, "attest", "payments.attest", True)]
    owed = bool(own) and bool(trade.cancelled) and not trade.refunded_minor
    return [_act(trade, "refund", "payments.refund", True)] if owed else []


def _act(trade: Trade, words: str, tag: str, is_next: bool = False) -> Act:
    named: dict[str, Any] = {"platform": trade.platform, "order": trade.order}
    return Act(words, f"{ROOT}/actions/{tag.replace('.', '/')}?{urlencode(named)}", is_next)
