"""Waybills on record, the life-cycle of a parcel, and the only functions that write them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from sogdia.core.codec import json_bytes
from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table
from sogdia.domains.logistics.messages import IssueWaybill, Refused, ReportStatus
from sogdia.domains.trace.state import event_id, put_observed, quoted, utc

# A parcel has four phases, and time only runs forward through them:
#
#   issued  ->  on its way out  ->  on its way home  ->  ended
#
# Carriers report what they scan, so inside "on its way out" anything may follow anything, itself included (the next
# depot, the second attempt), and any step may be missing. What cannot be is a step back into an earlier phase: a parcel
# that has turned home is not delivered after all, one that was picked up is no longer cancelled but returned, and after
# delivered, returned or cancelled there is nothing. Picked up happens once.

_OUT = ("in_transit", "on_hold", "out_for_delivery", "delivery_failed", "delivered", "return_to_sender")
_HOME = ("return_to_sender", "returned")

MAY_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "issued": ("picked_up", *_OUT, "cancelled"),
    "picked_up": _OUT,
    "in_transit": _OUT,
    "on_hold": _OUT,
    "out_for_delivery": _OUT,
    "delivery_failed": _OUT,
    "return_to_sender": _HOME,
    "delivered": (),
    "returned": (),
    "cancelled": (),
}
"""What may follow each status; `issued` is where every waybill begins."""

ENDED: Final = tuple(status for status, following in MAY_FOLLOW.items() if not following)

REPORTS_KEPT: Final = 100
"""A waybill keeps its newest reports; all of them stand in the log."""


class Report(msgspec.Struct, frozen=True):
    """What a carrier said of a parcel: status, when by the carrier's clock, where."""

    status: str
    reported_at_ms: int
    place: str


class Waybill(Record, frozen=True, array_like=True):
    """A parcel in a carrier's charge; `status` is the newest report's, and `reports` are oldest first."""

    carrier: str
    waybill: str
    platform: str
    order: str
    issued_at_ms: int
    ship_to: str
    gross_weight_grams: int
    packages: int
    goods: str
    freight_minor: int
    insured_minor: int
    currency: str
    consignee: str | None
    consignee_telephone: str | None
    consignee_address: str | None
    shared_with: tuple[str, ...]
    status: str
    status_at_ms: int
    reports: tuple[Report, ...] = ()


class Contents(Record, frozen=True, array_like=True):
    """What a waybill's parcel holds, as the things are traced."""

    carrier: str
    waybill: str
    platform: str
    shared_with: tuple[str, ...]
    things: tuple[str, ...]


class Parcels(Record, frozen=True, array_like=True):
    """Which waybills name an order, as (carrier, waybill), the first hundred: where to look for its parcels."""

    platform: str
    order: str
    waybills: tuple[tuple[str, str], ...]


WAYBILLS = Table(
    "logistics.waybill",
    Waybill,
    key=("carrier", "waybill"),
    seen_by=("carrier", "platform", "shared_with"),
    roles=("customs",),
)


CONTENTS = Table(
    "logistics.contents",
    Contents,
    key=("carrier", "waybill"),
    seen_by=("carrier", "platform", "shared_with"),
    roles=("customs",),
)

PARCELS_LIMIT = 100
PARCELS = Table(
    "logistics.parcels",
    Parcels,
    key=("platform", "order"),
    proved=False,
    seen_by=("platform",),
    roles=("customs",),
)


def waybill_on_record(ledger: Ledger, carrier: str, waybill: str) -> Waybill:
    """The waybill, or refusal WAYBILL_UNKNOWN."""
    found = WAYBILLS.get(ledger.state, carrier, waybill)
    if found is None:
        raise Refusal(Refused.WAYBILL_UNKNOWN, carrier=carrier, waybill=waybill)
    return found


def put_waybill(ledger: Ledger, asked: IssueWaybill) -> Waybill:
    """Put a waybill on record as it was asked."""
    waybill = Waybill(
        asked.carrier,
        asked.waybill,
        asked.platform,
        asked.order,
        asked.issued_at_ms,
        asked.ship_to,
        asked.gross_weight_grams,
        asked.packages,
        asked.goods,
        asked.freight_minor,
        asked.insured_minor,
        asked.currency,
        asked.consignee,
        asked.consignee_telephone,
        asked.consignee_address,
        asked.shared_with,
        "issued",
        asked.issued_at_ms,
    )
    WAYBILLS.put(ledger.state, waybill)
    if asked.contents:
        CONTENTS.put(
            ledger.state,
            Contents(asked.carrier, asked.waybill, asked.platform, asked.shared_with, asked.contents),
        )
    known = PARCELS.get(ledger.state, asked.platform, asked.order)
    waybills = known.waybills if known else ()
    if len(waybills) < PARCELS_LIMIT:
        parcels = Parcels(asked.platform, asked.order, (*waybills, (asked.carrier, asked.waybill)))
        PARCELS.put(ledger.state, parcels)
    return waybill


def is_late_news(waybill: Waybill, reported_at_ms: int) -> bool:
    """Whether a report is older than the newest one; the first report never is."""
    return bool(waybill.reports) and reported_at_ms < waybill.status_at_ms


def put_report(ledger: Ledger, waybill: Waybill, asked: ReportStatus) -> None:
    """Put a report in its place in time; the newest one is the parcel's status."""
    said = Report(asked.status, asked.reported_at_ms, asked.place)
    reports = sorted((*waybill.reports, said), key=lambda report: report.reported_at_ms)
    newest = reports[-1]
    kept = tuple(reports[-REPORTS_KEPT:])
    WAYBILLS.put(
        ledger.state,
        replace(waybill, status=newest.status, status_at_ms=newest.reported_at_ms, reports=kept),
    )


# What is in a parcel is traced. Its waybill ties the things to their order, and each hand-over is an event of theirs.

HANDED_OVER: Final[Mapping[str, str]] = {"picked_up": "shipping", "delivered": "receiving", "returned": "receiving"}
"""Reports that are a hand-over, and the business step that they are in the trace (CBV 2.0)."""
TAKEN_BY: Final[Mapping[str, str]] = {"delivered": "consignee", "returned": "sender"}
"""Who has a parcel after the carrier had it. They are persons or unknown here, so they are named by the order."""
PORTION_BYTES: Final = 40_000
"""Things in one event; an event has at most 64 KiB."""


def put_tie(ledger: Ledger, waybill: Waybill) -> None:
    """Put on record that these things are of this order and in this parcel; nothing for parcels without contents."""
    said = {"type": "TransactionEvent", "action": "ADD"}
    _put_events(ledger, waybill, said, waybill.issued_at_ms, "issued")


def put_hand_over(ledger: Ledger, waybill: Waybill, asked: ReportStatus) -> None:
    """Put the trace event of a hand-over on record; nothing for other reports and for parcels without contents."""
    step = HANDED_OVER.get(asked.status)
    if step is None:
        return
    said = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": step,
        "disposition": "in_transit" if step == "shipping" else "in_progress",
        **_custody(waybill, TAKEN_BY.get(asked.status)),
    }
    _put_events(ledger, waybill, said, asked.reported_at_ms, asked.status)


def _put_events(ledger: Ledger, waybill: Waybill, said: Mapping[str, Any], at_ms: int, why: str) -> None:
    contents = CONTENTS.get(ledger.state, waybill.carrier, waybill.waybill)
    if contents is None:
        return
    bill = "/".join((waybill.carrier, quoted(waybill.waybill)))
    readers = tuple(dict.fromkeys((waybill.platform, *waybill.shared_with)))
    for number, things in enumerate(_portions(contents.things), 1):
        event = {
            **said,
            "eventID": event_id(waybill.carrier, waybill.waybill, why, str(at_ms), str(number)),
            "eventTime": utc(at_ms),
            "eventTimeZoneOffset": "+00:00",
            "epcList": things,
            "bizTransactionList": [
                {"type": "po", "bizTransaction": f"urn:sogdia:order:{_order(waybill)}"},
                {"type": "bol", "bizTransaction": f"urn:sogdia:waybill:{bill}"},
            ],
        }
        put_observed(ledger, waybill.carrier, readers, json_bytes(event))


def _portions(things: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    left = PORTION_BYTES
    for thing in things:
        size = len(thing.encode()) + 3
        if size > left and portion:
            yield portion
            portion, left = [], PORTION_BYTES
        portion.append(thing)
        left -= size
    yield portion


def _custody(waybill: Waybill, taker: str | None) -> dict[str, Any]:
    """The carrier takes things over, or hands them to somebody."""
    if taker is None:
        return {"destinationList": [{"type": "possessing_party", "destination": waybill.carrier}]}
    took = f"urn:sogdia:{taker}:{_order(waybill)}"
    return {
        "sourceList": [{"type": "possessing_party", "source": waybill.carrier}],
        "destinationList": [{"type": "possessing_party", "destination": took}],
    }


def _order(waybill: Waybill) -> str:
    return "/".join((waybill.platform, quoted(waybill.order)))
