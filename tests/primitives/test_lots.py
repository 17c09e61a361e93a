"""A lot is always whole: its pieces cover it exactly, and nothing of it is used twice.

The example is a receivable of 1,000 cents: pledged to a bank, drawn on, transferred. The model beside it knows nothing
of intervals: it keeps one cell for each unit.
"""

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay
from sogdia.core.store import MemoryStore
from sogdia.primitives import lots
from sogdia.primitives.lots import OPEN_END_MS, PIECES_LIMIT, Interval, Refused

CLAIMS = lots.table("test.claim", roles=("customs",))
KEY = ("did:bid:sogd:debtor", "INV-1")
A, B = "did:bid:sogd:a", "did:bid:sogd:b"


def new_ledger(time_ms=1_000):
    return Ledger(Overlay(Committed(MemoryStore())), network="sogd", height=1, time_ms=time_ms)


@pytest.fixture
def ledger():
    """A claim of 1,000 cents, all of it A's and free."""
    ledger = new_ledger()
    lots.create(ledger, CLAIMS, KEY, "cent EUR", 1_000, A)
    return ledger


def pieces(ledger):
    found = CLAIMS.get(ledger.state, *KEY)
    return [(piece.start, piece.end, piece.holder, piece.state, piece.purpose) for piece in found.pieces]


def refuses(code, act, **fields):
    with pytest.raises(Refusal) as no:
        act()
    assert no.value.code == code, f"expected {code!r}, got {no.value}"
    assert {name: no.value.fields.get(name) for name in fields} == fields


class TestOneHolderAndOneState:
    def test_a_new_lot_is_whole_free_and_one_holders(self, ledger):
        assert pieces(ledger) == [(0, 1_000, A, "free", "")]

    def test_part_of_it_goes_to_another_holder(self, ledger):
        lots.transfer(ledger, CLAIMS, KEY, A, B, 300)
        lots.transfer(ledger, CLAIMS, KEY, A, B, Interval(900, 1_000))
        assert pieces(ledger) == [(0, 300, B, "free", ""), (300, 900, A, "free", ""), (900, 1_000, B, "free", "")]
        assert CLAIMS.get(ledger.state, *KEY).holders == (A, B)

    def test_an_amount_is_taken_from_the_lowest_free_units_over_gaps(self, ledger):
        lots.pledge(ledger, CLAIMS, KEY, A, Interval(100, 200), purpose="loan 1")
        lots.reserve(ledger, CLAIMS, KEY, A, 150, purpose="list 1")
        assert pieces(ledger) == [
            (0, 100, A, "reserved", "list 1"),
            (100, 200, A, "pledged", "loan 1"),
            (200, 250, A, "reserved", "list 1"),
            (250, 1_000, A, "free", ""),
        ]

    def test_equal_neighbours_become_one_piece_again(self, ledger):
        for start in (0, 200, 100):
            lots.transfer(ledger, CLAIMS, KEY, A, B, Interval(start, start + 100))
        assert pieces(ledger) == [(0, 300, B, "free", ""), (300, 1_000, A, "free", "")]

    def test_reserved_is_used_up_by_commit_and_keeps_what_for(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 400, purpose="list 1", until_ms=5_000)
        lots.commit(ledger, CLAIMS, KEY, purpose="list 1")
        assert pieces(ledger) == [(0, 400, A, "consumed", "list 1"), (400, 1_000, A, "free", "")]

    def test_reserved_is_free_again_by_release(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 400, purpose="list 1")
        lots.release(ledger, CLAIMS, KEY, purpose="list 1")
        assert pieces(ledger) == [(0, 1_000, A, "free", "")]

    def test_pledged_stays_with_its_holder_until_unpledged(self, ledger):
        lots.pledge(ledger, CLAIMS, KEY, A, 1_000, purpose="loan 1")
        refuses(Refused.NOT_ENOUGH_FREE, lambda: lots.transfer(ledger, CLAIMS, KEY, A, B, 1), asked=1, free=0)
        lots.unpledge(ledger, CLAIMS, KEY, purpose="loan 1")
        lots.transfer(ledger, CLAIMS, KEY, A, B, 1)

    def test_a_reservation_holds_at_its_instant_and_is_free_after_it(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 400, purpose="list 1", until_ms=5_000)
        ledger.time_ms = 5_000
        lots.expire(ledger, CLAIMS, KEY)
        assert pieces(ledger)[0] == (0, 400, A, "reserved", "list 1")
        ledger.time_ms = 5_001
        assert lots.total(lots.lot_on_record(ledger, CLAIMS, KEY), "free", A) == 1_000
        lots.reserve(ledger, CLAIMS, KEY, A, 1_000, purpose="list 2")
        assert pieces(ledger) == [(0, 1_000, A, "reserved", "list 2")]

    def test_expiry_can_be_put_on_record_by_anyone_who_touches_the_lot(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 400, purpose="list 1", until_ms=5_000)
        ledger.time_ms = 6_000
        lots.expire(ledger, CLAIMS, KEY)
        assert pieces(ledger) == [(0, 1_000, A, "free", "")]

    def test_totals_are_told_by_state_and_holder(self, ledger):
        lots.transfer(ledger, CLAIMS, KEY, A, B, 300)
        lots.consume(ledger, CLAIMS, KEY, B, 100, purpose="paid")
        lot = lots.lot_on_record(ledger, CLAIMS, KEY)
        assert (lots.total(lot, "free"), lots.total(lot, "free", B), lots.total(lot, "consumed")) == (900, 200, 100)


class TestRefusals:
    def test_a_number_is_used_once(self, ledger):
        refuses(Refused.LOT_EXISTS, lambda: lots.create(ledger, CLAIMS, KEY, "cent", 5, B), number="INV-1")

    def test_a_lot_must_be_on_record(self, ledger):
        refuses(Refused.LOT_UNKNOWN, lambda: lots.expire(ledger, CLAIMS, ("x", "y")), series="x", number="y")

    @pytest.mark.parametrize("size", [0, -1, lots.SIZE_LIMIT + 1])
    def test_a_lot_has_a_size(self, ledger, size):
        refuses(Refused.SIZE_WRONG, lambda: lots.create(ledger, CLAIMS, ("x", "y"), "cent", size, A), size=size)

    @pytest.mark.parametrize("amount", [0, -5])
    def test_an_amount_is_at_least_one_unit(self, ledger, amount):
        refuses(Refused.AMOUNT_WRONG, lambda: lots.transfer(ledger, CLAIMS, KEY, A, B, amount), asked=amount)

    @pytest.mark.parametrize("start,end", [(-1, 5), (5, 5), (6, 5), (999, 1_001)])
    def test_an_interval_lies_inside_the_lot(self, ledger, start, end):
        interval = Interval(start, end)
        refuses(Refused.INTERVAL_WRONG, lambda: lots.transfer(ledger, CLAIMS, KEY, A, B, interval), size=1_000)

    def test_no_more_than_is_free(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 400, purpose="list 1")
        act = lambda: lots.consume(ledger, CLAIMS, KEY, A, 601, purpose="list 2")  # noqa: E731
        refuses(Refused.NOT_ENOUGH_FREE, act, asked=601, free=600, holder=A)

    def test_only_what_one_holds(self, ledger):
        refuses(Refused.NOT_HOLDER, lambda: lots.transfer(ledger, CLAIMS, KEY, B, A, 1), holder=B)
        lots.transfer(ledger, CLAIMS, KEY, A, B, 100)
        asked = Interval(50, 150)
        refuses(Refused.NOT_HOLDER, lambda: lots.transfer(ledger, CLAIMS, KEY, A, B, asked), holder=A, held_by=B)

    @pytest.mark.parametrize("asked", [(0, 1), (99, 300), (299, 301), (150, 160), (0, 1_000)])
    def test_an_interval_that_overlaps_what_is_not_free(self, ledger, asked):
        lots.pledge(ledger, CLAIMS, KEY, A, Interval(0, 300), purpose="loan 1")
        act = lambda: lots.pledge(ledger, CLAIMS, KEY, A, Interval(*asked), purpose="loan 2")  # noqa: E731
        refuses(Refused.OVERLAPS, act, piece=[0, 300], state="pledged", purpose="loan 1")

    def test_a_lot_has_so_many_pieces_and_no_more(self):
        ledger = new_ledger()
        lots.create(ledger, CLAIMS, KEY, "cent", 10_000, A)
        for at in range(0, PIECES_LIMIT - 2, 2):
            lots.transfer(ledger, CLAIMS, KEY, A, B, Interval(at + 1, at + 2))
        assert len(pieces(ledger)) == PIECES_LIMIT - 1
        act = lambda: lots.transfer(ledger, CLAIMS, KEY, A, B, Interval(5_000, 5_001))  # noqa: E731
        refuses(Refused.TOO_MANY_PIECES, act, pieces=PIECES_LIMIT + 1, limit=PIECES_LIMIT)

    @pytest.mark.parametrize("use", [lots.reserve, lots.pledge, lots.consume])
    def test_a_purpose_stands_once_even_after_it_was_served(self, ledger, use):
        lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose="list 1")
        act = lambda: use(ledger, CLAIMS, KEY, A, 10, purpose="list 1")  # noqa: E731
        refuses(Refused.PURPOSE_TAKEN, act, purpose="list 1", state="reserved")
        lots.commit(ledger, CLAIMS, KEY, purpose="list 1")
        refuses(Refused.PURPOSE_TAKEN, act, purpose="list 1", state="consumed")

    def test_what_is_set_aside_has_a_purpose(self, ledger):
        refuses(Refused.PURPOSE_MISSING, lambda: lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose=""))

    @pytest.mark.parametrize("act", [lots.commit, lots.release])
    def test_only_a_standing_reservation_is_committed_or_released(self, ledger, act):
        lots.pledge(ledger, CLAIMS, KEY, A, 10, purpose="loan 1")
        refuses(Refused.RESERVATION_UNKNOWN, lambda: act(ledger, CLAIMS, KEY, purpose="loan 1"), purpose="loan 1")
        lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose="list 1")
        act(ledger, CLAIMS, KEY, purpose="list 1")
        refuses(Refused.RESERVATION_UNKNOWN, lambda: act(ledger, CLAIMS, KEY, purpose="list 1"))

    @pytest.mark.parametrize("act", [lots.commit, lots.release])
    def test_a_reservation_past_its_instant_is_neither(self, ledger, act):
        lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose="list 1", until_ms=5_000)
        ledger.time_ms = 5_001
        told = {"until_ms": 5_000, "time_ms": 5_001, "purpose": "list 1"}
        refuses(Refused.RESERVATION_EXPIRED, lambda: act(ledger, CLAIMS, KEY, purpose="list 1"), **told)

    def test_a_reservation_does_not_end_before_it_begins(self, ledger):
        act = lambda: lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose="list 1", until_ms=999)  # noqa: E731
        refuses(Refused.UNTIL_PAST, act, until_ms=999, time_ms=1_000)

    def test_only_a_pledge_is_unpledged(self, ledger):
        lots.reserve(ledger, CLAIMS, KEY, A, 10, purpose="list 1")
        refuses(Refused.PLEDGE_UNKNOWN, lambda: lots.unpledge(ledger, CLAIMS, KEY, purpose="list 1"))

    def test_a_holder_does_not_transfer_to_itself(self, ledger):
        refuses(Refused.SAME_HOLDER, lambda: lots.transfer(ledger, CLAIMS, KEY, A, A, 1), holder=A)

    def test_every_refusal_is_shown_here(self):
        shown = set(re.findall(r"refuses\(\s*Refused\.([A-Z_]+)", Path(__file__).read_text(encoding="utf-8")))
        assert shown == {refusal.name for refusal in Refused}
        assert all(200 <= refusal < 300 for refusal in Refused)


SIZE = 40
HOLDERS = st.sampled_from([A, B, "did:bid:sogd:c"])
PURPOSES = st.sampled_from([f"purpose {number}" for number in range(8)])
PARTS = st.one_of(st.integers(-1, SIZE + 2), st.builds(Interval, st.integers(-1, SIZE), st.integers(0, SIZE + 1)))


class EveryUnitOnce(RuleBasedStateMachine):
    """The lot beside a list of cells, one for each unit: [holder, state, purpose, until_ms]."""

    @initialize()
    def begin(self):
        self.ledger = new_ledger(0)
        lots.create(self.ledger, CLAIMS, KEY, "unit", SIZE, A)
        self.cells = [[A, "free", "", 0] for _ in range(SIZE)]

    def wanted(self, holder, part):
        """The places of the cells that are asked for, or None where they cannot be had."""
        if isinstance(part, Interval):
            if not 0 <= part.start < part.end <= SIZE:
                return None
            places = list(range(part.start, part.end))
            return places if all(self.cells[at][:2] == [holder, "free"] for at in places) else None
        free = [at for at, cell in enumerate(self.cells) if cell[:2] == [holder, "free"]]
        return free[:part] if 0 < part <= len(free) else None

    def attempt(self, act, places, change):
        """The lot does it when the model says that it can be done, and refuses otherwise."""
        try:
            act()
        except Refusal:
            assert not places
        else:
            assert places
            for at in places:
                change(self.cells[at])

    def settle(self):
        for cell in self.cells:
            if cell[1] == "reserved" and cell[3] < self.ledger.time_ms:
                cell[1:] = ["free", "", 0]

    @rule(holder=HOLDERS, to=HOLDERS, part=PARTS)
    def transfer(self, holder, to, part):
        self.settle()
        places = self.wanted(holder, part) if holder != to else None
        self.attempt(
            lambda: lots.transfer(self.ledger, CLAIMS, KEY, holder, to, part),
            places,
            lambda cell: cell.__setitem__(0, to),
        )

    @rule(holder=HOLDERS, part=PARTS, purpose=PURPOSES, state=st.sampled_from(["reserved", "pledged", "consumed"]),
          lasting=st.one_of(st.integers(-2, 6), st.just(OPEN_END_MS)))  # fmt: skip
    def dedicate(self, holder, part, purpose, state, lasting):
        self.settle()
        taken = any(cell[2] == purpose for cell in self.cells)
        until_ms = min(self.ledger.time_ms + lasting, OPEN_END_MS) if state == "reserved" else 0
        places = None if taken or (state == "reserved" and lasting < 0) else self.wanted(holder, part)
        use = {"reserved": lots.reserve, "pledged": lots.pledge, "consumed": lots.consume}[state]
        more = {"until_ms": until_ms} if state == "reserved" else {}
        self.attempt(
            lambda: use(self.ledger, CLAIMS, KEY, holder, part, purpose=purpose, **more),
            places,
            lambda cell: cell.__setitem__(slice(1, 4), [state, purpose, until_ms]),
        )

    @rule(purpose=PURPOSES, end=st.sampled_from(["commit", "release", "unpledge"]))
    def end(self, purpose, end):
        self.settle()
        state = "pledged" if end == "unpledge" else "reserved"
        places = [at for at, cell in enumerate(self.cells) if cell[1:3] == [state, purpose]]
        after = ["consumed", purpose, 0] if end == "commit" else ["free", "", 0]
        self.attempt(
            lambda: getattr(lots, end)(self.ledger, CLAIMS, KEY, purpose=purpose),
            places,
            lambda cell: cell.__setitem__(slice(1, 4), list(after)),
        )

    @rule(later=st.integers(0, 5), touched=st.booleans())
    def time_passes(self, later, touched):
        self.ledger.time_ms += later
        if touched:
            lots.expire(self.ledger, CLAIMS, KEY)

    @invariant()
    def the_pieces_are_the_cells(self):
        if not hasattr(self, "ledger"):
            return
        self.settle()
        lot = lots.lot_on_record(self.ledger, CLAIMS, KEY)
        bounds = [(piece.start, piece.end) for piece in lot.pieces]
        assert bounds[0][0] == 0
        assert bounds[-1][1] == SIZE == lot.size
        assert all(one[1] == other[0] for one, other in itertools.pairwise(bounds))
        assert all(start < end for start, end in bounds)
        spelled = [[p.holder, p.state, p.purpose, p.until_ms] for p in lot.pieces for _ in range(p.start, p.end)]
        assert spelled == self.cells
        assert lots.merged(lot.pieces) == lot.pieces
        assert lot.holders == tuple(sorted({cell[0] for cell in self.cells}))
        sums = Counter((cell[0], cell[1]) for cell in self.cells)
        assert all(lots.total(lot, state, holder) == count for (holder, state), count in sums.items())


TestEveryUnitOnce = EveryUnitOnce.TestCase
TestEveryUnitOnce.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
