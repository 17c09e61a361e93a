"""What customs has decided: the newest answer first, page by page, each list once, with code and numbers."""

import pytest

from sogdia.domains.customs.state import STANDINGS
from sogdia.insight.decided import DECIDED, Decided, decided_lists
from sogdia.insight.picture import Pictured
from tests.insight.conftest import EVERYONE

CUSTOMS = EVERYONE["customs"]


def whole(crowd: Pictured, limit: int, **how: str) -> list[Decided]:
    """All that was decided, turned through in pages."""
    found, after = list[Decided](), ""
    while True:
        rows, after = decided_lists(crowd, CUSTOMS, after=after, limit=limit, **how)
        found += rows
        if not after:
            return found


def test_every_decided_list_is_shown_once_the_newest_answer_first(crowd: Pictured) -> None:
    found = whole(crowd, 37)
    assert found == whole(crowd, 500)
    times = [one.answered_at_ms for one in found]
    assert times == sorted(times, reverse=True)
    made = crowd.table(STANDINGS).c
    stands = {
        (row["subject"], row["party"], row["number"]): (row["code"], row["phase"], row["note"], row["invt_no"])
        for row in crowd.rows(crowd.table(STANDINGS).select().where(made.phase.in_(DECIDED)))
        if row["subject"].endswith("_list")
    }
    assert {(one.subject, one.broker, one.list_no): (one.code, one.phase, one.note, one.invt_no) for one in found} == (
        stands
    )
    assert len(found) == len(stands) > 100


@pytest.mark.parametrize("phase", DECIDED)
def test_of_one_phase_alone(crowd: Pictured, phase: str) -> None:
    assert whole(crowd, 20, phase=phase) == [one for one in whole(crowd, 500) if one.phase == phase]


def test_by_the_beginning_of_a_number(crowd: Pictured) -> None:
    everything = whole(crowd, 500)
    begin = everything[3].list_no[:-1]
    assert whole(crowd, 5, list_no=begin) == [one for one in everything if one.list_no.startswith(begin)] != []


def test_nobody_sees_lists_that_are_not_theirs(crowd: Pictured) -> None:
    broker = EVERYONE["broker"]
    rows, _ = decided_lists(crowd, broker, limit=500)
    assert {one.broker for one in rows} == {broker.party}
    assert decided_lists(crowd, CUSTOMS, after="no place")[0] == decided_lists(crowd, CUSTOMS)[0]
