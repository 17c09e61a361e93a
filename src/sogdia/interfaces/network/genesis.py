"""genesis.json: what every validator must have byte for byte in agreement before the first block.

Format as CometBFT 0.38 reads it (types/genesis.go, types/params.go): whole numbers of 64 bits are texts, spans of time
are nanoseconds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from sogdia.app.organisation import NetworkError
from sogdia.interfaces.network.cometbft_keys import address, public_json

CHAIN_LENGTH_LIMIT: Final = 50
BLOCK_BYTES: Final = 4 * 1024 * 1024
EVIDENCE_BLOCKS: Final = 100_000
EVIDENCE_HOURS: Final = 48
EVIDENCE_BYTES: Final = 1024 * 1024
POWER: Final = 10
"""One organisation, one voice; ten, so that a vote can give somebody a part of one."""
_NANOSECONDS_OF_HOUR: Final = 3_600_000_000_000


class Validator(msgspec.Struct, frozen=True):
    """A founding organisation as the genesis file names it."""

    name: str
    public: bytes
    """32 bytes of Ed25519."""


class Genesis(msgspec.Struct, frozen=True, kw_only=True):
    """What a network begins with; `founding` is the JSON list of the founding messages."""

    chain: str
    time_ms: int
    """Milliseconds of UTC."""
    validators: tuple[Validator, ...]
    founding: bytes
    block_bytes: int = BLOCK_BYTES
    """Most bytes of a block."""

    def __post_init__(self) -> None:
        if not 0 < len(self.chain) <= CHAIN_LENGTH_LIMIT:
            raise NetworkError(f"a chain's name has 1 to {CHAIN_LENGTH_LIMIT} characters, got {len(self.chain)}")
        if not self.validators:
            raise NetworkError("a network begins with one organisation at least")

    def document(self) -> bytes:
        """The bytes of genesis.json."""
        whole = {
            "genesis_time": _rfc3339(self.time_ms),
            "chain_id": self.chain,
            "initial_height": "1",
            "consensus_params": _parameters(self.block_bytes),
            "validators": _validators(self.validators),
            "app_hash": "",
            "app_state": {"founding": msgspec.Raw(self.founding)},
        }
        return msgspec.json.encode(whole) + b"\n"


def _parameters(block_bytes: int) -> dict[str, Any]:
    return {
        "block": {"max_bytes": str(block_bytes), "max_gas": "-1"},
        "evidence": {
            "max_age_num_blocks": str(EVIDENCE_BLOCKS),
            "max_age_duration": str(EVIDENCE_HOURS * _NANOSECONDS_OF_HOUR),
            "max_bytes": str(min(EVIDENCE_BYTES, block_bytes)),
        },
        "validator": {"pub_key_types": ["ed25519"]},
        "version": {"app": "0"},
        "abci": {"vote_extensions_enable_height": "0"},
    }


def _validators(validators: Sequence[Validator]) -> list[dict[str, Any]]:
    return [
        {
            "address": address(one.public).hex().upper(),
            "pub_key": public_json(one.public),
            "power": str(POWER),
            "name": one.name,
        }
        for one in validators
    ]


def _rfc3339(time_ms: int) -> str:
    whole = datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{time_ms % 1000:03d}Z"
