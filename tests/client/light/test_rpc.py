"""What CometBFT's RPC says becomes a light block, or is refused with what is wrong in it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from sogdia.client.light.blocks import LightBlockRefused, Timestamp
from sogdia.client.light.chain import check_itself
from sogdia.client.light.rpc import from_rpc, parse_time

TOLD: list[Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())[8]
HEADER, COMMIT = ("signed_header", "header"), ("signed_header", "commit")


def changed(which: int, path: tuple[Any, ...], value: Any) -> list[Any]:
    told = copy.deepcopy(TOLD)
    place = told[which]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return told


@pytest.mark.parametrize(
    ("which", "path", "value", "said"),
    [
        (0, HEADER, {}, "'version' is missing"),
        (0, HEADER, None, "not an answer"),
        (0, (*HEADER, "height"), 9, "9 is no number"),
        (0, (*HEADER, "height"), "09", "'09' is no number"),
        (0, (*HEADER, "height"), "9" * 40, "is no number"),
        (0, (*HEADER, "height"), "0", "votes are not for the header|height 9"),
        (0, (*HEADER, "time"), "yesterday", "is no time"),
        (0, (*HEADER, "time"), "2026-13-01T00:00:00Z", "not an answer"),
        (0, (*HEADER, "app_hash"), "xyz", "not an answer"),
        (0, (*HEADER, "chain_id"), "another", "votes are not for the header"),
        (0, (*COMMIT, "height"), "8", "votes are not for the header"),
        (0, (*COMMIT, "block_id", "hash"), "00" * 32, "votes are not for the header"),
        (0, (*COMMIT, "block_id", "parts", "total"), 2**40, "not an answer"),
        (0, (*COMMIT, "round"), -1, "not an answer"),
        (0, (*COMMIT, "signatures"), [], "0 votes for 3 validators"),
        (0, (*COMMIT, "signatures", 0, "block_id_flag"), 4, "a vote of kind 4"),
        (0, (*COMMIT, "signatures", 0, "validator_address"), "00" * 20, "place of another validator"),
        (0, (*COMMIT, "signatures", 0, "signature"), "!", "not an answer"),
        (0, (*COMMIT, "signatures", 0, "signature"), "AAAA", "not an answer"),
        (0, (*COMMIT, "signatures", 0, "signature"), None, "not an answer"),
        (1, ("block_height",), "8", "validators are those of height 8"),
        (1, ("total",), "4", "3 of 4 validators; join the pages"),
        (1, ("validators", 0, "address"), "00" * 20, "not that of the key"),
        (1, ("validators", 0, "voting_power"), "-1", "'-1' is no number"),
        (1, ("validators", 0, "voting_power"), "0", "not an answer"),
        (1, ("validators", 0, "pub_key", "value"), "AAAA", "not that of the key"),
        (1, ("validators", 0, "pub_key", "type"), "tendermint/PubKeySecp256k1", "key of type tendermint/PubKeySecp256"),
        (1, ("validators",), None, "not an answer"),
    ],
)
def test_a_false_answer_is_refused_with_what_is_wrong(which: int, path: Any, value: Any, said: str) -> None:
    with pytest.raises(LightBlockRefused, match=said):
        from_rpc(*changed(which, path, value))


def test_a_vote_for_nil_does_not_count() -> None:
    voted = [one["block_id_flag"] for one in TOLD[0]["signed_header"]["commit"]["signatures"]]
    place = voted.index(2)
    block = from_rpc(*changed(0, (*COMMIT, "signatures", place, "block_id_flag"), 3))
    assert block.commit.votes[place] is None
    with pytest.raises(LightBlockRefused, match="signed by 10 of 21"):
        check_itself(block)


def test_a_vote_whose_signature_does_not_hold_is_left_out() -> None:
    assert check_itself(from_rpc(*TOLD)).power == 20
    false = "A" * 86 + "=="
    block = from_rpc(*changed(0, (*COMMIT, "signatures", 0, "signature"), false))
    assert block.commit.votes[0] is None


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0),  # Go's zero time
        ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
        ("2026-11-22T16:55:01.000000001Z", 1_795_366_501, 1),
        ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, seconds: int, nanos: int) -> None:
    assert parse_time(text) == Timestamp(seconds, nanos)


@pytest.mark.parametrize("text", ["", "2026-11-22T16:55:01", "2026-11-22T16:55:01+08:00", "2026-11-22T16:55:01.Z"])
def test_a_time_that_is_not_of_utc_is_refused(text: str) -> None:
    with pytest.raises(LightBlockRefused, match="is no time"):
        parse_time(text)
