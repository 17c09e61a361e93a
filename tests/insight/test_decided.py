"""What customs has decided: the newest answer first, page by page, each list once, with code and numbers."""

from collections.abc import Iterator

import pytest

from bench.pages import fill
from sogdia.app.modules import TABLES
from sogdia.domains.customs.state import STANDINGS
from sogdia.insight.decided import DECIDED, Decided, decided_lists
from sogdia.insight.picture import Pictured
from sogdia.mirror.picture import SqlPicture
from tests.insight.conftest import EVERYONE

CUSTOMS = EVERYONE["customs"]
MANY = 700


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    url = str(tmp_path_factory.mktemp("decided") / "mirror.sqlite")
    fill(url, MANY)
    picture = SqlPicture(url, TABLES)
    yield picture
    picture.close()


def whole(world: Pictured, limit: int, **how: str) -> list[Decided]:
    """All that was decided, turned through in pages."""
    found, after = list[Decided](), ""
    while True:
        rows, after = decided_lists(world, CUSTOMS, after=after, limit=limit, **how)
        found += rows
        if not after:
            return found


def test_every_decided_list_is_shown_once_the_newest_answer_first(world: Pictured) -> None:
    found = whole(world, 37)
    assert found == whole(world, 500)
    times = [one.answered_at_ms for one in found]
    assert times == sorted(times, reverse=True)
    made = world.table(STANDINGS).c
    stands = {
        (row["subject"], row["party"], row["number"]): (row["code"], row["phase"], row["note"], row["invt_no"])
        for row in world.rows(world.table(STANDINGS).select().where(made.phase.in_(DECIDED)))
        if row["subject"].endswith("_list")
    }
    assert {(one.subject, one.broker, one.list_no): (one.code, one.phase, one.note, one.invt_no) for one in found} == (
        stands
    )
    assert len(found) == len(stands) > 100


@pytest.mark.parametrize("phase", DECIDED)
def test_of_one_phase_alone(world: Pictured, phase: str) -> None:
    assert whole(world, 20, phase=phase) == [one for one in whole(world, 500) if one.phase == phase]


def test_by_the_beginning_of_a_number(world: Pictured) -> None:
    everything = whole(world, 500)
    begin = everything[3].list_no[:-1]
    assert whole(world, 5, list_no=begin) == [one for one in everything if one.list_no.startswith(begin)] != []


def test_nobody_sees_lists_that_are_not_theirs(world: Pictured) -> None:
    broker = EVERYONE["broker"]
    rows, _ = decided_lists(world, broker, limit=500)
    assert {one.broker for one in rows} == {broker.party}
    assert decided_lists(world, CUSTOMS, after="no place")[0] == decided_lists(world, CUSTOMS)[0]
