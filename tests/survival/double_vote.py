"""Two votes of one validator for two blocks of one height, and the evidence that CometBFT takes of them.

Form and order as CometBFT 0.38 has them (types/evidence.go, evidence/verify.go): the vote for the lower block comes
first, powers are those of that height, the time is that of the block that was decided there.
"""

from base64 import b64decode, b64encode
from typing import Any

import msgspec

from sogdia.app.organisation import Home
from sogdia.app.sockets import asked
from sogdia.client.light import wire
from sogdia.client.light.rpc import parse_time
from sogdia.core.keys import SEED_BYTES, SigningKey
from sogdia.interfaces.network.cometbft_keys import address

_PRECOMMIT = 2
_PARTS = bytes(range(32))


def validator_key(home: Home) -> SigningKey:
    """The key that an organisation's CometBFT votes with."""
    held = msgspec.json.decode((home.config / "priv_validator_key.json").read_bytes())
    return SigningKey(b64decode(held["priv_key"]["value"])[:SEED_BYTES])


def double_vote(home: Home, key: SigningKey, height: int) -> dict[str, Any]:
    """Evidence that this key voted twice at a height that an organisation's CometBFT has decided."""
    with asked(home.folder) as rpc:
        header = rpc.call("commit", height=height)["signed_header"]["header"]
        powers = {one.address: one.voting_power for one in rpc.validators(height)}
    blocks = (b"\x11" * 32, b"\x22" * 32)
    first, second = [_vote(header["chain_id"], height, block, header["time"], key) for block in blocks]
    return {
        "type": "tendermint/DuplicateVoteEvidence",
        "value": {
            "vote_a": first,
            "vote_b": second,
            "TotalVotingPower": str(sum(powers.values())),
            "ValidatorPower": str(powers.get(address(key.public), 0)),
            "Timestamp": header["time"],
        },
    }


def tell(home: Home, evidence: dict[str, Any]) -> None:
    """Hand evidence to an organisation's CometBFT; RpcRefused when it does not believe it."""
    with asked(home.folder) as rpc:
        rpc.call("broadcast_evidence", evidence=evidence)


def heights_with_evidence(home: Home, after: int) -> list[int]:
    """The blocks above a height, as an organisation's CometBFT has them, that hold evidence."""
    with asked(home.folder) as rpc:
        last = rpc.status().sync_info.latest_block_height
        blocks = {height: rpc.call("block", height=height)["block"] for height in range(after + 1, last + 1)}
    return [height for height, block in blocks.items() if block["evidence"]["evidence"]]


def _vote(chain: str, height: int, block: bytes, time: str, key: SigningKey) -> dict[str, Any]:
    when = parse_time(time)
    signed = wire.precommit(chain, height, 0, wire.block_id(block, 1, _PARTS), wire.timestamp(when.seconds, when.nanos))
    return {
        "type": _PRECOMMIT,
        "height": str(height),
        "round": 0,
        "block_id": {"hash": block.hex().upper(), "parts": {"total": 1, "hash": _PARTS.hex().upper()}},
        "timestamp": time,
        "validator_address": address(key.public).hex().upper(),
        "validator_index": 0,
        "signature": b64encode(key.sign(signed)).decode(),
        "extension": None,
        "extension_signature": None,
    }
