"""A case is decided by those who are entitled when it is counted, once, and by silence after its deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay
from sogdia.core.store import MemoryStore
from sogdia.primitives import cases
from sogdia.primitives.cases import FOLLOWS, Ballot, Case, Refused, Share, Tally

OPENED_MS, DEADLINE_MS = 1_000, 9_000
TWO_THIRDS = Share(2, 3)
SIX = ("a", "b", "c", "d", "e", "f")


def case(**other):
    """A question that a has put to six."""
    asked = {
        "case_no": "000001",
        "kind": "dispute",
        "subject": "order 1",
        "opened_by": "a",
        "opened_ms": OPENED_MS,
        "deadline_ms": DEADLINE_MS,
        "needed": TWO_THIRDS,
    }
    return Case(**asked | other)


def ballots(yes="", no="", **other):
    """The question with these ballots."""
    asked = case(**other)
    for voter in yes:
        asked = cases.voted(asked, voter, "yes", OPENED_MS)
    for voter in no:
        asked = cases.voted(asked, voter, "no", OPENED_MS)
    return asked


def refuses(code, function, *given):
    with pytest.raises(Refusal) as no:
        function(*given)
    assert no.value.code == code
    return no.value.fields


class TestOpening:
    def test_a_case_has_time_and_can_be_won(self):
        assert cases.checked(case()) == case()

    def test_a_case_that_is_over_at_once_is_none(self):
        refuses(Refused.DEADLINE_PAST, cases.checked, case(deadline_ms=OPENED_MS))

    @pytest.mark.parametrize("share", [Share(1, 1), Share(3, 2)])
    def test_more_than_all_can_never_agree(self, share):
        refuses(Refused.SHARE_WRONG, cases.checked, case(needed=share))

    def test_a_case_is_found_by_its_number(self):
        state, table = Overlay(Committed(MemoryStore())), cases.table("disputes.case")
        refuses(Refused.CASE_UNKNOWN, cases.case_on_record, state, table, "000001")
        table.put(state, case())
        assert cases.case_on_record(state, table, "000001") == case()


class TestVoting:
    def test_whoever_votes_again_has_one_vote(self):
        asked = cases.voted(ballots(yes="ba"), "b", "no", OPENED_MS)
        assert asked.ballots == (Ballot("a", "yes"), Ballot("b", "no"))

    def test_more_than_the_share_must_agree_not_just_as_many(self):
        assert cases.verdict(ballots(yes="abcd"), SIX) == "open"
        assert cases.verdict(ballots(yes="abcde"), SIX) == "passed"

    def test_it_is_rejected_when_too_few_are_left_who_could_agree(self):
        assert cases.verdict(ballots(no="a"), SIX) == "open"
        assert cases.verdict(ballots(no="ab"), SIX) == "rejected"

    def test_who_has_lost_the_right_counts_neither_here_nor_there(self):
        asked = ballots(yes="abcd")
        assert cases.verdict(asked, SIX[:5]) == "passed", "four of five"
        assert cases.verdict(asked, SIX[1:]) == "open", "three of five, a is gone with its vote"
        assert cases.tally(asked, SIX[1:]) == Tally(3, 0, 5)

    def test_without_anybody_entitled_nothing_passes(self):
        assert cases.verdict(ballots(yes="abcdef"), ()) == "rejected"

    @given(st.integers(1, 9), st.integers(1, 9), st.lists(st.sampled_from(["yes", "no", None]), max_size=12))
    def test_a_verdict_says_what_the_fraction_says(self, upper, more, choices):
        share = Share(upper, upper + more)
        voters = [f"v{number:02}" for number in range(len(choices))]
        given_by = tuple(Ballot(v, c) for v, c in zip(voters, choices, strict=True) if c)
        verdict = cases.verdict(case(needed=share, ballots=given_by), voters)
        agreed, against = choices.count("yes"), choices.count("no")
        assert (verdict == "passed") == (agreed * (upper + more) > upper * len(voters))
        if verdict == "rejected":
            assert (len(voters) - against) * (upper + more) <= upper * len(voters)


class TestSilence:
    def test_the_deadline_itself_is_the_last_instant(self):
        assert cases.standing(case(), DEADLINE_MS) == "open"
        assert cases.standing(case(), DEADLINE_MS + 1) == "lapsed"

    @pytest.mark.parametrize("silent", ["passed", "rejected", "lapsed"])
    def test_silence_means_what_the_case_says(self, silent):
        asked = case(silent=silent)
        assert cases.standing(asked, DEADLINE_MS + 1) == silent
        settled = cases.settled(asked, DEADLINE_MS + 500)
        assert (settled.status, settled.closed_ms) == (silent, DEADLINE_MS)

    def test_nothing_is_settled_before(self):
        assert cases.settled(case(), DEADLINE_MS) == case()

    def test_nobody_votes_after_it(self):
        fields = refuses(Refused.CASE_CLOSED, cases.voted, case(), "a", "yes", DEADLINE_MS + 1)
        assert fields["standing"] == "lapsed"


class TestClosing:
    def test_a_case_closes_once(self):
        over = cases.closed(case(), "passed", 5_000)
        assert (over.status, over.closed_ms) == ("passed", 5_000)
        refuses(Refused.CASE_CLOSED, cases.closed, over, "rejected", 5_001)
        refuses(Refused.CASE_CLOSED, cases.voted, over, "a", "no", 5_001)
        refuses(Refused.CASE_CLOSED, cases.closed, case(), "passed", DEADLINE_MS + 1)

    def test_what_is_closed_leads_nowhere(self):
        assert set(FOLLOWS) == {"open", *FOLLOWS["open"]}
        assert [status for status, after in FOLLOWS.items() if after] == ["open"]

    def test_whoever_asked_takes_it_back(self):
        assert cases.withdrawn(case(), "a", 5_000).status == "withdrawn"
        refuses(Refused.NOT_THE_OPENER, cases.withdrawn, case(), "b", 5_000)
        refuses(Refused.CASE_CLOSED, cases.withdrawn, replace(case(), status="rejected"), "a", 5_000)
