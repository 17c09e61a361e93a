"""A member's key signs two blocks of one height: it is seen, stands on record everywhere, and the members decide."""

from pathlib import Path

import pytest

from sogdia.core.keys import SigningKey
from sogdia.domains.governance.messages import RemoveMember
from sogdia.engines.cometbft.rpc import RpcRefused
from sogdia.interfaces.network.cometbft_keys import address
from tests.interfaces.network.networks import eventually
from tests.survival import double_vote
from tests.survival.chamber import Chamber
from tests.survival.network import LiveNetwork

pytestmark = pytest.mark.slow
FAITHFUL = ("yiwu", "hangzhou", "lyon")


def test_who_signs_twice_is_seen_and_loses_seat_and_membership_by_vote(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        chamber, accuser = Chamber(live), live.homes["yiwu"]
        key = double_vote.validator_key(live.homes["genoa"])
        with live.traffic("hangzhou") as traffic:
            traffic.flows()
            height = live.ordered("yiwu")
            double_vote.tell(accuser, double_vote.double_vote(accuser, key, height))
            eventually(lambda: bool(double_vote.heights_with_evidence(accuser, height)), "the evidence is in a block")
            offence = (address(key.public).hex(), f"{height:019}-double_sign")
            seen = chamber.everywhere("governance.misbehaviour", *offence)
            assert (seen["party"], seen["power"], seen["kind"]) == (chamber.did("genoa"), 10, "double_sign")

            case = chamber.everywhere("governance.case", seen["case_no"])
            assert (case["status"], case["kind"], case["opened_by"]) == ("open", "suspend_member", "")
            assert chamber.validators("yiwu") == chamber.seats(*live.names)  # nobody is punished without a vote
            chamber.vote(seen["case_no"], *FAITHFUL)
            assert chamber.record("yiwu", "governance.member", chamber.did("genoa"))["standing"] == "suspended"
            chamber.validate(chamber.seats(*FAITHFUL))
            traffic.flows()

            chamber.decide(RemoveMember(party=chamber.did("genoa")), *FAITHFUL)
            traffic.flows()
            assert chamber.everywhere("governance.member", chamber.did("genoa"))["standing"] == "removed"
            assert len(double_vote.heights_with_evidence(accuser, height)) == 1
        live.check()


def test_nobody_can_be_accused_of_votes_that_it_did_not_sign(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        accuser = live.homes["yiwu"]
        true = double_vote.validator_key(live.homes["genoa"])
        with live.traffic("lyon") as traffic:
            traffic.flows()
            evidence = double_vote.double_vote(accuser, true, 1)
            forged = double_vote.double_vote(accuser, SigningKey(b"\x07" * 32), 1)
            with pytest.raises(RpcRefused, match="was not a validator"):
                double_vote.tell(accuser, forged)
            for vote in ("vote_a", "vote_b"):
                forged["value"][vote]["validator_address"] = evidence["value"][vote]["validator_address"]
            forged["value"]["ValidatorPower"] = evidence["value"]["ValidatorPower"]
            with pytest.raises(RpcRefused, match="invalid signature"):
                double_vote.tell(accuser, forged)
            traffic.flows()
        assert double_vote.heights_with_evidence(accuser, 0) == []
        live.check()
