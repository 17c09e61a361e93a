"""Decisions into messages: what is said of each list, under which numbers, and which lists are set aside.

Numbers go on from the highest on record. Two officers who decide at the same time may be given the same ones: the
record refuses the second answer (6020), which is then prepared anew.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from sogdia.app.answers import CODE_OF, Decision, decisions
from sogdia.core.transaction import Message
from sogdia.core.values import day_of
from sogdia.domains.customs.messages import Answer
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS
from sogdia.insight.queue import QUEUE_LIMIT, Waiting, last_number, waiting_list
from sogdia.interfaces.console.order_looking import Looking

REASONS: Final = (100, -621004, -621005, -621018, -621027, -621028, -621029)
"""The codes with which a list may be refused, the general one first."""
NUMBER_DIGITS: Final = 9
_NOTE_CHARS: Final = 1_000
_PERSON: Final = re.compile("[0-9a-f]{64}")
_DECISIONS: Final = get_args(Decision)


class Wish(msgspec.Struct, frozen=True):
    """What an officer wants: a decision on these lists (subject, broker, number), in which words, for which reason.

    A buyer's yearly pseudonym, 64 digits, is what only customs can compute; accepting an import needs it. `person` is
    that of a single list, `persons` are those of many by broker and list number.
    """

    decision: Decision
    lists: tuple[tuple[str, str, str], ...]
    note: str = ""
    reason: int = REASONS[0]
    person: str = ""
    persons: dict[str, dict[str, str]] = {}

    def person_of(self, found: Waiting) -> str:
        """The pseudonym that was given for the buyer of this list, or nothing."""
        return self.persons.get(found.broker, {}).get(found.list_no, self.person)


class Aside(msgspec.Struct, frozen=True):
    """A list on which the decision cannot be taken, and why: `gone`, `not_next`, `person`."""

    list_no: str
    why: str


class Prepared(msgspec.Struct, frozen=True):
    """Messages, a transaction for each list, and the lists that were set aside."""

    groups: tuple[tuple[dict[str, Any], ...], ...]
    aside: tuple[Aside, ...]


def wish_of(given: Mapping[str, Any]) -> Wish:
    """What a page sent; `ValueError` names what does not fit."""
    try:
        wish = msgspec.convert(given, Wish)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    if not 1 <= len(wish.lists) <= QUEUE_LIMIT:
        raise ValueError(f"lists: 1 to {QUEUE_LIMIT}")
    if len(wish.note) > _NOTE_CHARS:
        raise ValueError(f"note: at most {_NOTE_CHARS} characters")
    if wish.reason not in REASONS:
        raise ValueError("reason")
    given_persons = [one for by_number in wish.persons.values() for one in by_number.values()]
    if wish.person and len(wish.lists) > 1:
        raise ValueError("person: of a single list; those of many are persons")
    if not all(_PERSON.fullmatch(one) for one in (*given_persons, *filter(None, [wish.person]))):
        raise ValueError("person: 64 digits 0-9 a-f")
    return wish


def prepared(look: Looking, wish: Wish) -> Prepared:
    """The messages of this decision, by the lists as they stand now."""
    numbers = Numbers(look)
    groups, aside = [], []
    for name in dict.fromkeys(wish.lists):
        found = waiting_list(*look, *name)
        why = "gone" if found is None else why_not(found, wish)
        if found is None or why:
            aside.append(Aside(name[2], why))
        else:
            said = [_answer(look, found, wish, one, numbers) for one in ways(found, wish.decision)]
            groups.append(tuple(_plain(one) for one in said))
    return Prepared(tuple(groups), tuple(aside))


def why_not(found: Waiting, wish: Wish) -> str:
    """Why this decision cannot be taken on a list now, or nothing."""
    if not ways(found, wish.decision):
        return "not_next"
    return "person" if needs_person(found, wish.decision) and not wish.person_of(found) else ""


def needs_person(found: Waiting, decision: Decision) -> bool:
    """Whether this decision accepts an import, which draws on the quota of its buyer."""
    return found.subject == "import_list" and "accept" in ways(found, decision)


def ways(found: Waiting, decision: Decision) -> tuple[Decision, ...]:
    """The steps to a decision from where a list stands: itself, or for a release the acceptance before it."""
    allowed = decisions(found.subject, found.phase)
    if decision in allowed:
        return (decision,)
    return ("accept", "release") if decision == "release" and "accept" in allowed else ()


class Numbers:
    """Numbers that go on from those on record; each kind is read once."""

    def __init__(self, look: Looking) -> None:
        self._look = look
        self._last: dict[str, int] = {}
        self.day = day_of(look.moment.now_ms, LEGAL_DAY_OFFSET_HOURS)

    def pre_no(self) -> str:
        """The next number of acceptance: B, the day, nine digits (CEB 202205)."""
        return self._next("pre_no", f"B{self.day.replace('-', '')}")

    def invt_no(self, found: Waiting) -> str:
        """The next number of a released list: district, year, I or E, nine digits (CEB 202205)."""
        direction = "I" if found.subject == "import_list" else "E"
        return self._next("invt_no", f"{found.district}{self.day[:4]}{direction}")

    def _next(self, kind: Any, prefix: str) -> str:
        if prefix not in self._last:
            last = last_number(self._look.picture, self._look.asker, kind, prefix)
            digits = last.removeprefix(prefix)[:NUMBER_DIGITS]
            self._last[prefix] = int(digits) if digits.isdigit() else 0
        self._last[prefix] += 1
        return f"{prefix}{self._last[prefix]:0{NUMBER_DIGITS}d}"


def _answer(look: Looking, found: Waiting, wish: Wish, step: Decision, numbers: Numbers) -> Answer:
    assert look.asker.party is not None, "the page is for users of customs"
    is_import = found.subject == "import_list"
    return Answer(
        customs=look.asker.party,
        subject=found.subject,  # type: ignore[arg-type]
        party=found.broker,
        number=found.list_no,
        code=wish.reason if step == "refuse" else CODE_OF[step],
        note=wish.note,
        answered_at_ms=look.moment.now_ms,
        person=wish.person_of(found) or None if step == "accept" and is_import else None,
        pre_no=numbers.pre_no() if step == "accept" else "",
        invt_no=numbers.invt_no(found) if step == "release" else "",
    )


def _plain(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(message)
    return found
