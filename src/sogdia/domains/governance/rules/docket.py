"""Cases that wait for votes: numbers are given here, and what was closed or has lapsed is taken off the list here."""

from collections.abc import Iterable
from typing import Final

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import CaseClosed, CaseOpened, Refused
from sogdia.domains.governance.state import ADMISSION, CASES, DOCKET, SCOPE, Docket, announce, terms_on_record
from sogdia.primitives import cases
from sogdia.primitives.cases import Case, Status

DAY_MS: Final = 86_400_000


def open_cases(ledger: Ledger) -> list[Case]:
    """The cases that are open now; lapsed ones are written down as what they are."""
    docket = DOCKET.get(ledger.state, SCOPE) or Docket(SCOPE)
    found = [cases.case_on_record(ledger.state, CASES, case_no) for case_no in docket.waiting]
    waiting = [case for case in found if cases.standing(case, ledger.time_ms) == "open"]
    if len(waiting) < len(found):
        for case in found:
            settled = cases.settled(case, ledger.time_ms)
            if settled is not case:
                put_closed(ledger, settled)
        _put_docket(ledger, docket.last, waiting)
    return waiting


def open_case(ledger: Ledger, kind: str, subject: str, opened_by: str) -> Case:
    """A new case under the next number, with the deadline and the share that hold today."""
    waiting = open_cases(ledger)
    docket = DOCKET.get(ledger.state, SCOPE) or Docket(SCOPE)
    parameters = terms_on_record(ledger).parameters
    last = docket.last + 1
    deadline_ms = ledger.time_ms + parameters.case_days * DAY_MS
    case = cases.checked(
        Case(f"{last:06}", kind, subject, opened_by, ledger.time_ms, deadline_ms, parameters.votes_needed)
    )
    CASES.put(ledger.state, case)
    _put_docket(ledger, last, (*waiting, case))
    announce(
        ledger,
        CaseOpened,
        subject,
        case_no=case.case_no,
        kind=kind,
        subject=subject,
        opened_by=opened_by,
        deadline_ms=deadline_ms,
    )
    return case


def close_case(ledger: Ledger, case: Case, status: Status) -> None:
    """The case is over; it makes room for another."""
    put_closed(ledger, cases.closed(case, status, ledger.time_ms))
    docket = DOCKET.get(ledger.state, SCOPE) or Docket(SCOPE)
    waiting = tuple(case_no for case_no in docket.waiting if case_no != case.case_no)
    DOCKET.put(ledger.state, Docket(SCOPE, docket.last, waiting))


def put_closed(ledger: Ledger, case: Case) -> None:
    """Write a case down that is over, and say so."""
    CASES.put(ledger.state, case)
    named = {"case_no": case.case_no, "kind": case.kind, "subject": case.subject}
    announce(ledger, CaseClosed, case.subject, **named, status=case.status)


def require_room(ledger: Ledger, party: str) -> None:
    """Refuse with TOO_MANY_CASES a member that has as many of them open as it may."""
    limit = terms_on_record(ledger).parameters.open_cases_limit
    if sum(case.opened_by == party and case.kind != ADMISSION for case in open_cases(ledger)) >= limit:
        raise Refusal(Refused.TOO_MANY_CASES, party=party, limit=limit)


def require_room_to_apply(ledger: Ledger, party: str) -> None:
    """One application of a party at a time, and not too many in all: anyone may make up a key and apply."""
    waiting = [case for case in open_cases(ledger) if case.kind == ADMISSION]
    for case in waiting:
        if case.subject == party:
            raise Refusal(Refused.APPLIED_ALREADY, party=party, case_no=case.case_no)
    limit = terms_on_record(ledger).parameters.applications_limit
    if len(waiting) >= limit:
        raise Refusal(Refused.TOO_MANY_APPLICATIONS, limit=limit)


def _put_docket(ledger: Ledger, last: int, waiting: Iterable[Case]) -> None:
    DOCKET.put(ledger.state, Docket(SCOPE, last, tuple(case.case_no for case in waiting)))
