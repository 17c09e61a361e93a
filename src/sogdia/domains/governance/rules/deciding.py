"""Votes, and what follows when they suffice: a case takes effect in the transaction of the last vote that it needed."""

from sogdia.core.module import Ledger
from sogdia.domains.governance.messages import Propose, Vote, Voted, Withdraw
from sogdia.domains.governance.rules.docket import close_case, open_case, require_room
from sogdia.domains.governance.rules.effects import admit, carry_out, check
from sogdia.domains.governance.state import (
    ADMISSION,
    APPLICATIONS,
    CASES,
    PROPOSALS,
    Application,
    Proposal,
    active_members,
    announce,
    require_member,
    require_signed,
    subject_of,
    terms_on_record,
)
from sogdia.primitives import cases
from sogdia.primitives.cases import Case, Choice


def propose(ledger: Ledger, asked: Propose) -> None:
    """A member opens a case and votes for it; an action that could not be taken today is refused today."""
    require_member(ledger, asked.member, "governance.propose")
    check(ledger, asked.what)
    require_room(ledger, asked.member)
    kind = str(asked.what.__struct_config__.tag)
    case = open_case(ledger, kind, subject_of(asked.what), asked.member)
    PROPOSALS.put(ledger.state, Proposal(case.case_no, asked.what))
    _cast(ledger, case, asked.member, "yes")


def vote(ledger: Ledger, asked: Vote) -> None:
    """A member votes, or votes anew, while the case is open; the ballots are counted at once."""
    require_member(ledger, asked.member, "governance.vote")
    case = cases.case_on_record(ledger.state, CASES, asked.case_no)
    _cast(ledger, case, asked.member, asked.choice)


def withdraw(ledger: Ledger, asked: Withdraw) -> None:
    """Whoever opened a case takes it back."""
    require_signed(ledger, asked.party, "governance.withdraw")
    case = cases.case_on_record(ledger.state, CASES, asked.case_no)
    cases.withdrawn(case, asked.party, ledger.time_ms)
    close_case(ledger, case, "withdrawn")


def count(ledger: Ledger, case: Case) -> None:
    """Close the case if the ballots of those who are members now decide it, and do what it asks for if it passed."""
    verdict = cases.verdict(case, active_members(ledger.state))
    application = APPLICATIONS.get(ledger.state, case.case_no) if case.kind == ADMISSION else None
    if verdict == "passed" and application is not None and not _is_reviewed(ledger, application):
        return
    if verdict == "open":
        return
    close_case(ledger, case, verdict)
    if verdict == "passed":
        _take_effect(ledger, case, application)


def _cast(ledger: Ledger, case: Case, member: str, choice: Choice) -> None:
    case = cases.voted(case, member, choice, ledger.time_ms)
    CASES.put(ledger.state, case)
    announce(ledger, Voted, case.subject, case_no=case.case_no, member=member, choice=choice)
    count(ledger, case)


def _is_reviewed(ledger: Ledger, application: Application) -> bool:
    """Whether enough of those who are members now have found the credentials in order."""
    members = active_members(ledger.state)
    good = sum(one.finding == "in_order" and one.member in members for one in application.reviews)
    return good >= terms_on_record(ledger).parameters.reviews_needed


def _take_effect(ledger: Ledger, case: Case, application: Application | None) -> None:
    if application is not None:
        admit(ledger, application)
        return
    proposal = PROPOSALS.get(ledger.state, case.case_no)
    assert proposal is not None, f"case {case.case_no} has nothing to do"
    carry_out(ledger, proposal)
