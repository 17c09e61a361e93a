"""Light blocks from what CometBFT's RPC answers to `/commit` and `/validators`.

Numbers come as decimal text, hashes as hexadecimal, keys and signatures as base64, times as RFC 3339 with up to nine
decimals. `/validators` gives at most 100 a page: whoever asks joins the pages into one list.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from sogdia.client.light.blocks import (
    BlockHeader,
    BlockId,
    Commit,
    LightBlock,
    LightBlockRefused,
    Timestamp,
    Validator,
    Vote,
)
from sogdia.core.keys import EDDSA, verify

_ED25519: Final = "tendermint/PubKeyEd25519"
_VOTED_FOR_IT: Final = 2
_VOTE_FLAGS: Final = frozenset({1, _VOTED_FOR_IT, 3})
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")

Answer = Mapping[str, Any]


def from_rpc(commit_json: Answer, validators_json: Answer) -> LightBlock:
    """The light block in the `result` of `/commit?height=H` and of `/validators?height=H`.

    A vote that is nil, or whose signature does not hold by our rule, is left out: it would not count. Whether what is
    left is enough is for `chain` to say. LightBlockRefused says what is missing, malformed or of an unknown kind.
    """
    try:
        signed = commit_json["signed_header"]
        header = _header(signed["header"])
        validators = _validators(validators_json, header.height)
        commit = _commit(signed["commit"], header, validators)
        raw = msgspec.to_builtins(LightBlock(header, commit, validators), builtin_types=(bytes,))
        return _without_false(msgspec.convert(raw, LightBlock))
    except LightBlockRefused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        what = f"{wrong} is missing" if isinstance(wrong, KeyError) else str(wrong)
        raise LightBlockRefused(f"not an answer of CometBFT's RPC: {what}") from None


def _header(told: Answer) -> BlockHeader:
    return BlockHeader(
        block_protocol=_number(told["version"]["block"]),
        app_version=_number(told["version"].get("app", "0")),
        chain=told["chain_id"],
        height=_number(told["height"]),
        time=parse_time(told["time"]),
        last_block=_block_id(told["last_block_id"]),
        last_commit_hash=_hex(told["last_commit_hash"]),
        data_hash=_hex(told["data_hash"]),
        validators_hash=_hex(told["validators_hash"]),
        next_validators_hash=_hex(told["next_validators_hash"]),
        consensus_hash=_hex(told["consensus_hash"]),
        app_hash=_hex(told["app_hash"]),
        last_results_hash=_hex(told["last_results_hash"]),
        evidence_hash=_hex(told["evidence_hash"]),
        proposer=_hex(told["proposer_address"]),
    )


def _block_id(told: Answer) -> BlockId:
    parts = told["parts"]
    return BlockId(_hex(told["hash"]), int(parts["total"]), _hex(parts["hash"]))


def _validators(told: Answer, height: int) -> tuple[Validator, ...]:
    if _number(told["block_height"]) != height:
        raise LightBlockRefused(f"the validators are those of height {told['block_height']}, the header's is {height}")
    listed = told["validators"]
    if _number(told["total"]) != len(listed):
        raise LightBlockRefused(f"{len(listed)} of {told['total']} validators; join the pages of the answer first")
    return tuple(map(_validator, listed))


def _validator(told: Answer) -> Validator:
    kind = told["pub_key"]["type"]
    if kind != _ED25519:
        raise LightBlockRefused(f"validator {told['address']} has a key of type {kind}; expected is {_ED25519}")
    found = Validator(_base64(told["pub_key"]["value"]), _number(told["voting_power"]))
    if found.address != _hex(told["address"]):
        raise LightBlockRefused(f"the address {told['address']} is not that of the key beside it")
    return found


def _commit(told: Answer, header: BlockHeader, validators: Sequence[Validator]) -> Commit:
    block = _block_id(told["block_id"])
    if _number(told["height"]) != header.height or block.hash != header.hash():
        raise LightBlockRefused(f"the votes are not for the header of height {header.height} beside them")
    votes = told["signatures"]
    if len(votes) != len(validators):
        raise LightBlockRefused(f"{len(votes)} votes for {len(validators)} validators; expected is one place for each")
    found = tuple(_vote(one, validator) for one, validator in zip(votes, validators, strict=True))
    return Commit(int(told["round"]), block.parts, block.parts_hash, found)


def _vote(told: Answer, validator: Validator) -> Vote | None:
    flag = told["block_id_flag"]
    if flag not in _VOTE_FLAGS:
        raise LightBlockRefused(f"a vote of kind {flag}; CometBFT has {', '.join(map(str, sorted(_VOTE_FLAGS)))}")
    if flag != _VOTED_FOR_IT:
        return None
    if _hex(told["validator_address"]) != validator.address:
        raise LightBlockRefused(f"a vote of {told['validator_address']} stands in the place of another validator")
    return Vote(parse_time(told["timestamp"]), _base64(told["signature"]))


def _without_false(block: LightBlock) -> LightBlock:
    held = {
        validator.public_key: vote
        for validator, vote, signed in block.cast()
        if verify(EDDSA, validator.public_key, signed, vote.signature)
    }
    votes = tuple(held.get(validator.public_key) for validator in block.validators)
    return msgspec.structs.replace(block, commit=msgspec.structs.replace(block.commit, votes=votes))


def parse_time(text: str) -> Timestamp:
    """An RFC 3339 time of UTC with at most nine decimals, such as `2026-11-22T08:00:00.123456789Z`."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise LightBlockRefused(f"{text!r} is no time; expected is one of UTC such as 2026-11-22T08:00:00.5Z")
    since = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Timestamp(since.days * 86_400 + since.seconds, int((found[2] or "").ljust(9, "0")))


def _number(told: object) -> int:
    if not isinstance(told, str) or not _NUMBER.fullmatch(told):
        raise LightBlockRefused(f"{told!r} is no number; expected are decimal digits as text")
    return int(told)


def _hex(told: str) -> bytes:
    return bytes.fromhex(told)


def _base64(told: str) -> bytes:
    return b64decode(told, validate=True)
