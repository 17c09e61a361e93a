"""One rule per message of logistics: refuse or change."""

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.identity.state import holder_of, require_role
from sogdia.domains.logistics import messages, state
from sogdia.domains.logistics.messages import IssueWaybill, Refused, ReportStatus, StatusReported, WaybillIssued
from sogdia.domains.logistics.state import MAY_FOLLOW, WAYBILLS

module = Module("logistics", 5000, messages, state)


@module.rule
def issue_waybill(ledger: Ledger, asked: IssueWaybill) -> None:
    """A waybill comes on record; the order that it names may follow later and is not compared here.

    Where the parcel's contents are traced, an event ties them to order and waybill.
    """
    require_role(ledger, asked.carrier, "carrier", "logistics.issue_waybill")
    holder_of(ledger, asked.platform, "platform")
    if WAYBILLS.get(ledger.state, asked.carrier, asked.waybill) is not None:
        raise Refusal(Refused.WAYBILL_EXISTS, carrier=asked.carrier, waybill=asked.waybill)
    _require_past(ledger, asked.issued_at_ms)
    state.put_tie(ledger, state.put_waybill(ledger, asked))
    ledger.announce(
        WaybillIssued(
            carrier=asked.carrier,
            waybill=asked.waybill,
            platform=asked.platform,
            order=asked.order,
            parties=(asked.carrier, asked.platform, *asked.shared_with),
        )
    )


@module.rule
def report_status(ledger: Ledger, asked: ReportStatus) -> None:
    """A report joins the history; unless it is late news, it must be able to follow what was said last.

    Where the parcel's contents are traced, a hand-over is their event too.
    """
    require_role(ledger, asked.carrier, "carrier", "logistics.report_status")
    waybill = state.waybill_on_record(ledger, asked.carrier, asked.waybill)
    _require_past(ledger, asked.reported_at_ms)
    if not state.is_late_news(waybill, asked.reported_at_ms) and asked.status not in MAY_FOLLOW[waybill.status]:
        raise Refusal(Refused.STATUS_CANNOT_FOLLOW, waybill=asked.waybill, status=asked.status, follows=waybill.status)
    state.put_report(ledger, waybill, asked)
    state.put_hand_over(ledger, waybill, asked)
    ledger.announce(
        StatusReported(
            carrier=asked.carrier,
            waybill=asked.waybill,
            status=asked.status,
            reported_at_ms=asked.reported_at_ms,
            parties=(asked.carrier, waybill.platform, *waybill.shared_with),
        )
    )


def _require_past(ledger: Ledger, instant_ms: int) -> None:
    if instant_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.REPORTED_IN_FUTURE, reported_at_ms=instant_ms, time_ms=ledger.time_ms)
