"""A question put to those entitled to answer, with a deadline, and with what holds when they stay silent.

    open --enough agree--> passed                   open --too few are left who could agree--> rejected
    open --whoever asked takes it back--> withdrawn open --the deadline passes--> what silence means

Who is entitled is said anew whenever ballots are counted: the ballot of one who has lost the right since then does not
count, and whoever has gained it may vote. Silence is computed from the block's time and needs no timer: whoever touches
a case after its deadline finds it closed. A case keeps the share that it needs; a later change of the rules does not
move the bar under it.

Functions take a case and give the changed one. The domain says who may open and who is entitled, writes the record, and
acts on a case that has passed.
"""

from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View

Status = Literal["open", "passed", "rejected", "withdrawn", "lapsed"]
Silence = Literal["passed", "rejected", "lapsed"]
Choice = Literal["yes", "no"]

FOLLOWS: Final[Mapping[Status, tuple[Status, ...]]] = {
    "open": ("passed", "rejected", "withdrawn", "lapsed"),
    "passed": (),
    "rejected": (),
    "withdrawn": (),
    "lapsed": (),
}
"""What a case may become: it closes once, and what is closed stays so."""


class Refused(IntEnum):
    """Refusals of cases, 300-399."""

    CASE_UNKNOWN = 301
    CASE_CLOSED = 302
    NOT_THE_OPENER = 303
    DEADLINE_PAST = 304
    SHARE_WRONG = 305


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of those entitled that more must agree than: 2 of 3 means more than two thirds."""

    numerator: Annotated[int, Meta(ge=0, le=1000, description="upper number of the fraction, 0 to 1,000")]
    denominator: Annotated[int, Meta(ge=1, le=1000, description="lower number of the fraction, 1 to 1,000")]


class Ballot(msgspec.Struct, frozen=True, array_like=True):
    """What one of those entitled has answered last."""

    voter: str
    choice: Choice


class Case(Record, frozen=True, array_like=True):
    """One question. `status` is the one on record; ask `standing` for the one that holds at an instant.

    `opened_by` is a party, or nothing when nobody asked but the engine. `silent` is what the case becomes when it is
    still open after `deadline_ms`. Ballots stand in the order of their voters.
    """

    case_no: str
    kind: str
    subject: str
    opened_by: str
    opened_ms: int
    deadline_ms: int
    needed: Share
    silent: Silence = "lapsed"
    status: Status = "open"
    closed_ms: int = 0
    ballots: tuple[Ballot, ...] = ()


class Tally(msgspec.Struct, frozen=True):
    """Ballots of those who are entitled now, and how many these are."""

    yes: int
    no: int
    entitled: int


def table(name: str) -> Table[Case]:
    """A domain's table of cases; anyone may read them."""
    return Table(name, Case, key=("case_no",), public=True)


def case_on_record(view: View, table: Table[Case], case_no: str) -> Case:
    """The case as it was written last, or refusal CASE_UNKNOWN."""
    found = table.get(view, case_no)
    if found is None:
        raise Refusal(Refused.CASE_UNKNOWN, case_no=case_no)
    return found


def checked(case: Case) -> Case:
    """The case, fit to be opened. DEADLINE_PAST when it is over at once, SHARE_WRONG when nobody could meet it."""
    if case.deadline_ms <= case.opened_ms:
        raise Refusal(Refused.DEADLINE_PAST, deadline_ms=case.deadline_ms, time_ms=case.opened_ms)
    check_share(case.needed)
    return case


def check_share(share: Share) -> None:
    """Refuse with SHARE_WRONG a part that is the whole or more: more than all can never agree."""
    if share.numerator >= share.denominator:
        raise Refusal(Refused.SHARE_WRONG, numerator=share.numerator, denominator=share.denominator)


def standing(case: Case, time_ms: int) -> Status:
    """What the case is at an instant; the deadline itself is the last instant at which it is open."""
    if case.status == "open" and time_ms > case.deadline_ms:
        return case.silent
    return case.status


def voted(case: Case, voter: str, choice: Choice, time_ms: int) -> Case:
    """The case with this ballot, in the place of an earlier one of the same voter. CASE_CLOSED when it is not open."""
    require_open(case, time_ms)
    others = (one for one in case.ballots if one.voter != voter)
    return replace(case, ballots=tuple(sorted((*others, Ballot(voter, choice)), key=lambda one: one.voter)))


def tally(case: Case, entitled: Collection[str]) -> Tally:
    """The ballots that count when these are entitled."""
    counting = [one.choice for one in case.ballots if one.voter in entitled]
    return Tally(counting.count("yes"), counting.count("no"), len(entitled))


def verdict(case: Case, entitled: Collection[str]) -> Status:
    """What the ballots say: passed, rejected when even all who have not said no would be too few, or open still."""
    counted = tally(case, entitled)
    if _suffices(counted.yes, case.needed, counted.entitled):
        return "passed"
    return "open" if _suffices(counted.entitled - counted.no, case.needed, counted.entitled) else "rejected"


def closed(case: Case, status: Status, time_ms: int) -> Case:
    """The case, closed so at this instant. CASE_CLOSED when it was closed before."""
    if status not in FOLLOWS[standing(case, time_ms)]:
        raise _over(case, time_ms)
    return replace(case, status=status, closed_ms=time_ms)


def withdrawn(case: Case, party: str, time_ms: int) -> Case:
    """The case, taken back by the party that opened it; NOT_THE_OPENER for another, CASE_CLOSED when it is over."""
    if case.opened_by != party:
        raise Refusal(Refused.NOT_THE_OPENER, case_no=case.case_no, party=party, opened_by=case.opened_by)
    return closed(case, "withdrawn", time_ms)


def settled(case: Case, time_ms: int) -> Case:
    """The case with its standing written down: what silence has decided stands at the deadline."""
    now = standing(case, time_ms)
    return case if now == case.status else replace(case, status=now, closed_ms=case.deadline_ms)


def require_open(case: Case, time_ms: int) -> None:
    """Refuse with CASE_CLOSED unless the case is open at this instant."""
    if standing(case, time_ms) != "open":
        raise _over(case, time_ms)


def _over(case: Case, time_ms: int) -> Refusal:
    now = standing(case, time_ms)
    return Refusal(Refused.CASE_CLOSED, case_no=case.case_no, standing=now, deadline_ms=case.deadline_ms)


def _suffices(agreeing: int, needed: Share, entitled: int) -> bool:
    return agreeing * needed.denominator > needed.numerator * entitled
