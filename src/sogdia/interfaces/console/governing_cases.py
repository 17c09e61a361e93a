"""Cases of governance as a page tells them: how the votes stand, what is needed, what silence means."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import msgspec

from sogdia.core.state import View
from sogdia.domains.governance.messages import Proposed
from sogdia.domains.governance.state import (
    ADMISSION,
    APPLICATIONS,
    CASES,
    DOCKET,
    PROPOSALS,
    SCOPE,
    TERMS,
    Application,
    Member,
    active_members,
)
from sogdia.primitives import cases
from sogdia.primitives.cases import Case

_INSTANTS: Final = frozenset({"until_ms"})
_DURATION: Final = "_ms"
_BYTES: Final = "_bytes"


class CaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A case at an instant, counted with those who may vote now. `needed` votes of yes pass it."""

    case: Case
    standing: cases.Status
    yes: int
    no: int
    entitled: int
    needed: int
    own: str
    """How the asker has voted; nothing when it has not."""
    may_vote: bool

    @property
    def waits_for_asker(self) -> bool:
        """Whether it is open and the asker may vote and has not."""
        return self.may_vote and not self.own


class Voter(msgspec.Struct, frozen=True):
    """A member's vote: yes, no, or nothing yet; a ballot of one who may not vote any more does not count."""

    party: str
    choice: str
    counts: bool


class Field(msgspec.Struct, frozen=True):
    """A field of a proposal; `kind` is text, party, instant (ms), duration (ms), bytes, share or number."""

    name: str
    kind: str
    value: Any


class CaseInFull(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what it does when it passes: the fields of an action, or an application with its reviews."""

    told: CaseShown
    fields: tuple[Field, ...]
    application: Application | None
    voters: tuple[Voter, ...]
    reviews_needed: int
    reviews_in_order: int


def case_shown(case: Case, now_ms: int, members: Collection[str], asker: str | None) -> CaseShown:
    """The case with its votes as they count now."""
    standing = cases.standing(case, now_ms)
    counted = cases.tally(case, members)
    share = case.needed
    return CaseShown(
        case=case,
        standing=standing,
        yes=counted.yes,
        no=counted.no,
        entitled=counted.entitled,
        needed=share.numerator * counted.entitled // share.denominator + 1,
        own=next((one.choice for one in case.ballots if one.voter == asker), ""),
        may_vote=standing == "open" and asker in members,
    )


def open_cases(view: View, now_ms: int, asker: str | None) -> list[CaseShown]:
    """The cases that wait for votes, nearest deadline first."""
    docket, members = DOCKET.get(view, SCOPE), active_members(view)
    found = (CASES.get(view, number) for number in (docket.waiting if docket else ()))
    told = [case_shown(case, now_ms, members, asker) for case in found if case is not None]
    return sorted((one for one in told if one.standing == "open"), key=lambda one: one.case.deadline_ms)


def past_cases(view: View, now_ms: int, asker: str | None, before: int, rows: int) -> tuple[list[CaseShown], int]:
    """The newest cases with lower numbers that are over, and where older ones begin; 0 when there are none."""
    docket, members = DOCKET.get(view, SCOPE), active_members(view)
    last = docket.last if docket else 0
    found = list[CaseShown]()
    for case in _down_from(view, min(before - 1, last) if before else last):
        told = case_shown(case, now_ms, members, asker)
        if told.standing != "open":
            found.append(told)
        if len(found) > rows:
            return found[:rows], int(found[rows - 1].case.case_no)
    return found, 0


def case_in_full(view: View, case_no: str, now_ms: int, asker: str | None) -> CaseInFull | None:
    """One case; None when there is none of this number."""
    case = CASES.get(view, case_no)
    if case is None:
        return None
    members = active_members(view)
    proposal, application = PROPOSALS.get(view, case_no), APPLICATIONS.get(view, case_no)
    terms = TERMS.get(view, SCOPE)
    reviews = application.reviews if application is not None else ()
    return CaseInFull(
        told=case_shown(case, now_ms, members, asker),
        fields=tuple(fields_of(proposal.what)) if proposal is not None else (),
        application=application,
        voters=_voters(case, members),
        reviews_needed=terms.parameters.reviews_needed if terms is not None else 0,
        reviews_in_order=sum(one.finding == "in_order" and one.member in members for one in reviews),
    )


def fields_of(said: Proposed | Any) -> Iterator[Field]:
    """The fields of an action that say something, in their declared order."""
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if value is not None and not (name in _INSTANTS and value == 0):
            yield Field(name, _kind(name, value), value)


def applicants(view: View, told: Iterable[CaseShown]) -> dict[str, str]:
    """Names of applicants, who are mostly not on record yet, as their applications give them."""
    found = {}
    for one in told:
        application = APPLICATIONS.get(view, one.case.case_no) if one.case.kind == ADMISSION else None
        if application is not None and application.organisation is not None:
            found[application.party] = application.organisation.name
    return found


def may_withdraw(told: CaseShown, asker: str | None) -> bool:
    """Whether the asker opened the case and may take it back."""
    return told.standing == "open" and asker is not None and told.case.opened_by == asker


def is_seated(member: Member) -> bool:
    """Whether a member has a seat among the validators."""
    return bool(member.validator) and member.standing == "active"


def _down_from(view: View, number: int) -> Iterator[Case]:
    for one in range(number, 0, -1):
        case = CASES.get(view, f"{one:06}")
        if case is not None:
            yield case


def _voters(case: Case, members: Collection[str]) -> tuple[Voter, ...]:
    said = {one.voter: one.choice for one in case.ballots}
    gone = [Voter(party, choice, False) for party, choice in said.items() if party not in members]
    return (*(Voter(party, said.get(party, ""), True) for party in sorted(members)), *gone)


def _kind(name: str, value: Any) -> str:
    if name in _INSTANTS:
        return "instant"
    if isinstance(value, cases.Share):
        return "share"
    if isinstance(value, str):
        return "party" if value.startswith("did:") else "text"
    if name.endswith(_DURATION):
        return "duration"
    return "bytes" if name.endswith(_BYTES) else "number"
