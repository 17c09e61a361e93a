"""What CometBFT answers over RPC, read into values: headers, commits, validators, blocks, where a node stands.

Hashes and addresses stand in CometBFT's JSON as hexadecimal, keys and signatures as base64, 64-bit numbers as text,
times with nanoseconds; here they are bytes and integers. Fields that nobody here reads are left out.
"""

from calendar import timegm
from time import strptime
from typing import Any, TypeVar

import msgspec

Found = TypeVar("Found")


class Hex(bytes):
    """Bytes that stand in the JSON as hexadecimal."""


class TimeNs(int):
    """Nanoseconds of UTC since 1970. Go's empty time, 0001-01-01, is negative."""


class PublicKey(msgspec.Struct, frozen=True):
    """A validator's key; type `tendermint/PubKeyEd25519` has 32 bytes."""

    type: str
    value: bytes


class NodeInfo(msgspec.Struct, frozen=True):
    """A node as it presents itself to others."""

    id: str
    network: str
    version: str
    moniker: str
    listen_addr: str


class SyncInfo(msgspec.Struct, frozen=True):
    """Where a node stands."""

    latest_block_hash: Hex
    latest_app_hash: Hex
    latest_block_height: int
    latest_block_time: TimeNs
    earliest_block_height: int
    catching_up: bool


class Validator(msgspec.Struct, frozen=True):
    """A validator and its voting power; a node that is none has power 0."""

    address: Hex
    pub_key: PublicKey
    voting_power: int


class Status(msgspec.Struct, frozen=True):
    """The node itself."""

    node_info: NodeInfo
    sync_info: SyncInfo
    validator_info: Validator


class Peer(msgspec.Struct, frozen=True):
    """Another node that this one is connected with."""

    node_info: NodeInfo
    is_outbound: bool
    remote_ip: str


class NetInfo(msgspec.Struct, frozen=True):
    """Who is connected."""

    listening: bool
    n_peers: int
    peers: tuple[Peer, ...]


class Version(msgspec.Struct, frozen=True):
    """Versions of the block protocol and of the application."""

    block: int
    app: int = 0


class Parts(msgspec.Struct, frozen=True):
    """How a block was cut for gossip."""

    total: int
    hash: Hex


class BlockID(msgspec.Struct, frozen=True):
    """A block by its hash; empty before the first one and in votes for no block."""

    hash: Hex
    parts: Parts


class Header(msgspec.Struct, frozen=True):
    """A block's header; its `app_hash` is what the block before it led to."""

    version: Version
    chain_id: str
    height: int
    time: TimeNs
    last_block_id: BlockID
    last_commit_hash: Hex
    data_hash: Hex
    validators_hash: Hex
    next_validators_hash: Hex
    consensus_hash: Hex
    app_hash: Hex
    last_results_hash: Hex
    evidence_hash: Hex
    proposer_address: Hex


class CommitSignature(msgspec.Struct, frozen=True):
    """One validator's vote; when none came (flag 1), address and signature are empty."""

    block_id_flag: int
    validator_address: Hex
    timestamp: TimeNs
    signature: bytes | None


class Commit(msgspec.Struct, frozen=True):
    """The votes that decided a block, in the order of its validators."""

    height: int
    round: int
    block_id: BlockID
    signatures: tuple[CommitSignature, ...]


class SignedHeader(msgspec.Struct, frozen=True):
    """A header with the votes for it."""

    header: Header
    commit: Commit


class Transactions(msgspec.Struct, frozen=True):
    """What a block holds, as received."""

    txs: tuple[bytes, ...]


class Block(msgspec.Struct, frozen=True):
    """A block with its transactions, and the votes that decided the one before it."""

    header: Header
    data: Transactions
    last_commit: Commit | None


class BlockParams(msgspec.Struct, frozen=True):
    """Limits of a block; -1 gas is no limit."""

    max_bytes: int
    max_gas: int


class EvidenceParams(msgspec.Struct, frozen=True):
    """How long evidence against a validator is taken. `max_age_duration` is in nanoseconds."""

    max_age_num_blocks: int
    max_age_duration: int
    max_bytes: int


class ConsensusParams(msgspec.Struct, frozen=True):
    """What all nodes of the chain agree on."""

    block: BlockParams
    evidence: EvidenceParams


class CommitAnswer(msgspec.Struct, frozen=True):
    """What `commit` answers."""

    signed_header: SignedHeader


class BlockAnswer(msgspec.Struct, frozen=True):
    """What `block` answers; no block when there is none of that height."""

    block: Block | None


class ParamsAnswer(msgspec.Struct, frozen=True):
    """What `consensus_params` answers."""

    consensus_params: ConsensusParams


class ValidatorsPage(msgspec.Struct, frozen=True):
    """What `validators` answers: at most a hundred of them."""

    block_height: int
    validators: tuple[Validator, ...]
    total: int


def read_answer(result: bytes, kind: type[Found]) -> Found:
    """The JSON of an answer as a value. Raises msgspec.MsgspecError when it is another."""
    return msgspec.json.decode(result, type=kind, strict=False, dec_hook=_from_text)


def _from_text(kind: type, text: Any) -> Any:
    if kind is Hex:
        return Hex.fromhex(text)
    if kind is TimeNs:
        return _time_ns(text)
    raise NotImplementedError


def _time_ns(text: str) -> TimeNs:
    """RFC 3339 in UTC with up to nine digits of a second, as Go writes it."""
    seconds, _, fraction = text.partition(".") if "." in text else (text.removesuffix("Z"), "", "Z")
    if not fraction.endswith("Z") or not text.endswith("Z"):
        raise ValueError(f"{text} is no time in UTC")
    whole = timegm(strptime(seconds, "%Y-%m-%dT%H:%M:%S"))
    return TimeNs(whole * 1_000_000_000 + int(fraction[:-1].ljust(9, "0")))
