"""ABCI 2.0 as it stands on the wire: our own table of messages and field numbers, and how messages are framed.

The numbers are those of CometBFT 0.38 (proto/tendermint/abci/types.proto and what it imports), with what 0.39 and 0.40
added: `insert_tx`, `reap_txs`, three kinds of keys, `authority`. One codec therefore serves all three lines. Names of
packages and messages are not on the wire; here all stand in one package. protobuf (upb) does the bytes.
"""

from enum import IntEnum
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

MESSAGE_LIMIT_BYTES: Final = 64 * 1024 * 1024
LENGTH_LIMIT_BYTES: Final = 10
"""A varint of 64 bits has at most ten bytes."""

Message: TypeAlias = Any
"""A message of the table. protobuf makes the classes at run time, so a type checker cannot see their fields; a wrong
name raises when the message is made or read."""


class WireDamaged(Exception):
    """Bytes that are no ABCI message, or a length beyond the limit; the message says which."""


class CheckTxType(IntEnum):
    """Why a transaction is checked: it is new, or a block has passed since it was."""

    NEW = 0
    RECHECK = 1


class OfferSnapshotResult(IntEnum):
    """What becomes of a snapshot that was offered."""

    UNKNOWN = 0
    ACCEPT = 1
    ABORT = 2
    REJECT = 3
    REJECT_FORMAT = 4
    REJECT_SENDER = 5


class ApplySnapshotChunkResult(IntEnum):
    """What becomes of a chunk of a snapshot."""

    UNKNOWN = 0
    ACCEPT = 1
    ABORT = 2
    RETRY = 3
    RETRY_SNAPSHOT = 4
    REJECT_SNAPSHOT = 5


class ProposalStatus(IntEnum):
    """The verdict on a proposed block."""

    UNKNOWN = 0
    ACCEPT = 1
    REJECT = 2


class VerifyStatus(IntEnum):
    """The verdict on another validator's vote extension."""

    UNKNOWN = 0
    ACCEPT = 1
    REJECT = 2


class BlockIDFlag(IntEnum):
    """What a validator's vote was for: nothing came, the block, or no block."""

    BLOCK_ID_FLAG_UNKNOWN = 0
    BLOCK_ID_FLAG_ABSENT = 1
    BLOCK_ID_FLAG_COMMIT = 2
    BLOCK_ID_FLAG_NIL = 3


class MisbehaviorType(IntEnum):
    """How a validator broke the protocol."""

    UNKNOWN = 0
    DUPLICATE_VOTE = 1
    LIGHT_CLIENT_ATTACK = 2


ENUMS: Final = {
    kind.__name__: kind
    for kind in (
        CheckTxType,
        OfferSnapshotResult,
        ApplySnapshotChunkResult,
        ProposalStatus,
        VerifyStatus,
        BlockIDFlag,
        MisbehaviorType,
    )
}

# Name: number field type, ...   A * after the type: repeated. `oneof` after the name: at most one of the fields is set.
TABLE: Final = """
Request oneof: 1 echo RequestEcho, 2 flush RequestFlush, 3 info RequestInfo, 5 init_chain RequestInitChain,
    6 query RequestQuery, 8 check_tx RequestCheckTx, 11 commit RequestCommit,
    12 list_snapshots RequestListSnapshots, 13 offer_snapshot RequestOfferSnapshot,
    14 load_snapshot_chunk RequestLoadSnapshotChunk, 15 apply_snapshot_chunk RequestApplySnapshotChunk,
    16 prepare_proposal RequestPrepareProposal, 17 process_proposal RequestProcessProposal,
    18 extend_vote RequestExtendVote, 19 verify_vote_extension RequestVerifyVoteExtension,
    20 finalize_block RequestFinalizeBlock, 21 insert_tx RequestInsertTx, 22 reap_txs RequestReapTxs
RequestEcho: 1 message string
RequestFlush:
RequestInfo: 1 version string, 2 block_version uint64, 3 p2p_version uint64, 4 abci_version string
RequestInitChain: 1 time Timestamp, 2 chain_id string, 3 consensus_params ConsensusParams,
    4 validators ValidatorUpdate*, 5 app_state_bytes bytes, 6 initial_height int64
RequestQuery: 1 data bytes, 2 path string, 3 height int64, 4 prove bool
RequestCheckTx: 1 tx bytes, 2 type CheckTxType
RequestCommit:
RequestListSnapshots:
RequestOfferSnapshot: 1 snapshot Snapshot, 2 app_hash bytes
RequestLoadSnapshotChunk: 1 height uint64, 2 format uint32, 3 chunk uint32
RequestApplySnapshotChunk: 1 index uint32, 2 chunk bytes, 3 sender string
RequestPrepareProposal: 1 max_tx_bytes int64, 2 txs bytes*, 3 local_last_commit ExtendedCommitInfo,
    4 misbehavior Misbehavior*, 5 height int64, 6 time Timestamp, 7 next_validators_hash bytes, 8 proposer_address bytes
RequestProcessProposal: 1 txs bytes*, 2 proposed_last_commit CommitInfo, 3 misbehavior Misbehavior*, 4 hash bytes,
    5 height int64, 6 time Timestamp, 7 next_validators_hash bytes, 8 proposer_address bytes
RequestExtendVote: 1 hash bytes, 2 height int64, 3 time Timestamp, 4 txs bytes*, 5 proposed_last_commit CommitInfo,
    6 misbehavior Misbehavior*, 7 next_validators_hash bytes, 8 proposer_address bytes
RequestVerifyVoteExtension: 1 hash bytes, 2 validator_address bytes, 3 height int64, 4 vote_extension bytes
RequestFinalizeBlock: 1 txs bytes*, 2 decided_last_commit CommitInfo, 3 misbehavior Misbehavior*, 4 hash bytes,
    5 height int64, 6 time Timestamp, 7 next_validators_hash bytes, 8 proposer_address bytes
RequestInsertTx: 1 tx bytes
RequestReapTxs: 1 max_bytes uint64, 2 max_gas uint64

Response oneof: 1 exception ResponseException, 2 echo ResponseEcho, 3 flush ResponseFlush, 4 info ResponseInfo,
    6 init_chain ResponseInitChain, 7 query ResponseQuery, 9 check_tx ResponseCheckTx, 12 commit ResponseCommit,
    13 list_snapshots ResponseListSnapshots, 14 offer_snapshot ResponseOfferSnapshot,
    15 load_snapshot_chunk ResponseLoadSnapshotChunk, 16 apply_snapshot_chunk ResponseApplySnapshotChunk,
    17 prepare_proposal ResponsePrepareProposal, 18 process_proposal ResponseProcessProposal,
    19 extend_vote ResponseExtendVote, 20 verify_vote_extension ResponseVerifyVoteExtension,
    21 finalize_block ResponseFinalizeBlock, 22 insert_tx ResponseInsertTx, 23 reap_txs ResponseReapTxs
ResponseException: 1 error string
ResponseEcho: 1 message string
ResponseFlush:
ResponseInfo: 1 data string, 2 version string, 3 app_version uint64, 4 last_block_height int64,
    5 last_block_app_hash bytes
ResponseInitChain: 1 consensus_params ConsensusParams, 2 validators ValidatorUpdate*, 3 app_hash bytes
ResponseQuery: 1 code uint32, 3 log string, 4 info string, 5 index int64, 6 key bytes, 7 value bytes,
    8 proof_ops ProofOps, 9 height int64, 10 codespace string
ResponseCheckTx: 1 code uint32, 2 data bytes, 3 log string, 4 info string, 5 gas_wanted int64, 6 gas_used int64,
    7 events Event*, 8 codespace string
ResponseCommit: 3 retain_height int64
ResponseListSnapshots: 1 snapshots Snapshot*
ResponseOfferSnapshot: 1 result OfferSnapshotResult
ResponseLoadSnapshotChunk: 1 chunk bytes
ResponseApplySnapshotChunk: 1 result ApplySnapshotChunkResult, 2 refetch_chunks uint32*, 3 reject_senders string*
ResponsePrepareProposal: 1 txs bytes*
ResponseProcessProposal: 1 status ProposalStatus
ResponseExtendVote: 1 vote_extension bytes
ResponseVerifyVoteExtension: 1 status VerifyStatus
ResponseFinalizeBlock: 1 events Event*, 2 tx_results ExecTxResult*, 3 validator_updates ValidatorUpdate*,
    4 consensus_param_updates ConsensusParams, 5 app_hash bytes
ResponseInsertTx: 1 code uint32
ResponseReapTxs: 1 txs bytes*

ExecTxResult: 1 code uint32, 2 data bytes, 3 log string, 4 info string, 5 gas_wanted int64, 6 gas_used int64,
    7 events Event*, 8 codespace string
Event: 1 type string, 2 attributes EventAttribute*
EventAttribute: 1 key string, 2 value string, 3 index bool
CommitInfo: 1 round int32, 2 votes VoteInfo*
ExtendedCommitInfo: 1 round int32, 2 votes ExtendedVoteInfo*
VoteInfo: 1 validator Validator, 3 block_id_flag BlockIDFlag
ExtendedVoteInfo: 1 validator Validator, 3 vote_extension bytes, 4 extension_signature bytes,
    5 block_id_flag BlockIDFlag
Validator: 1 address bytes, 3 power int64
ValidatorUpdate: 1 pub_key PublicKey, 2 power int64
Misbehavior: 1 type MisbehaviorType, 2 validator Validator, 3 height int64, 4 time Timestamp,
    5 total_voting_power int64
Snapshot: 1 height uint64, 2 format uint32, 3 chunks uint32, 4 hash bytes, 5 metadata bytes
PublicKey oneof: 1 ed25519 bytes, 2 secp256k1 bytes, 3 bls12381 bytes, 4 mldsa65 bytes, 5 secp256k1eth bytes
ProofOp: 1 type string, 2 key bytes, 3 data bytes
ProofOps: 1 ops ProofOp*
ConsensusParams: 1 block BlockParams, 2 evidence EvidenceParams, 3 validator ValidatorParams, 4 version VersionParams,
    5 abci ABCIParams, 6 authority AuthorityParams
BlockParams: 1 max_bytes int64, 2 max_gas int64
EvidenceParams: 1 max_age_num_blocks int64, 2 max_age_duration Duration, 3 max_bytes int64
ValidatorParams: 1 pub_key_types string*
VersionParams: 1 app uint64
ABCIParams: 1 vote_extensions_enable_height int64
AuthorityParams: 1 authority string
Timestamp: 1 seconds int64, 2 nanos int32
Duration: 1 seconds int64, 2 nanos int32
"""

_PACKAGE = "tendermint.abci"
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
    **dict.fromkeys(ENUMS, _Field.TYPE_INT32),  # the same bytes, and a number that we do not know yet can be read
}


def _described(table: str) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="abci.proto", package=_PACKAGE, syntax="proto3")
    for line in table.replace("\n    ", " ").split("\n"):
        if not line:
            continue
        head, _, fields = line.partition(":")
        name, _, oneof = head.partition(" ")
        message = file.message_type.add(name=name)
        if oneof:
            message.oneof_decl.add(name="value")
        for text in filter(None, fields.split(",")):
            _describe(message.field.add(), *text.split())
            if oneof:
                message.field[-1].oneof_index = 0
    return file


def _describe(field: descriptor_pb2.FieldDescriptorProto, number: str, name: str, kind: str) -> None:
    field.number, field.name = int(number), name
    field.label = _Field.LABEL_REPEATED if kind.endswith("*") else _Field.LABEL_OPTIONAL
    kind = kind.rstrip("*")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"


def _classes(file: descriptor_pb2.FileDescriptorProto) -> SimpleNamespace:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {one.name: pool.FindMessageTypeByName(f"{_PACKAGE}.{one.name}") for one in file.message_type}
    return SimpleNamespace(**{name: message_factory.GetMessageClass(kind) for name, kind in found.items()})


abci: Final = _classes(_described(TABLE))
"""The message classes by name: `abci.ResponseCheckTx(code=0)`. The pool is our own, so nobody else's names clash."""

# --- frames ----------------------------------------------------------------------------------------------------------


def frame(message: Message) -> bytes:
    """The message as it is sent: its length as an unsigned varint, then its bytes."""
    body: bytes = message.SerializeToString()
    return _varint(len(body)) + body


def take_messages(buffer: bytearray, kind: Any, limit_bytes: int = MESSAGE_LIMIT_BYTES) -> list[Message]:
    """Take every whole message of a kind (`abci.Request`, `abci.Response`) off the buffer; a part of one stays.

    Raises WireDamaged when a length is over the limit or the bytes are no such message.
    """
    messages: list[Message] = []
    start = 0
    with memoryview(buffer) as view:
        while (body := _next_body(buffer, start, limit_bytes)) is not None:
            begin, start = body
            with view[begin:start] as part:
                messages.append(_decoded(kind, part))
    del buffer[:start]
    return messages


def _decoded(kind: Any, part: memoryview) -> Message:
    try:
        return kind.FromString(part)
    except DecodeError as error:
        raise WireDamaged(f"{len(part)} bytes are no {kind.DESCRIPTOR.name}") from error


def _next_body(buffer: bytearray, start: int, limit_bytes: int) -> tuple[int, int] | None:
    """Where the message whose length stands at `start` begins and ends; None when it is not whole yet."""
    length = shift = 0
    for at in range(start, min(start + LENGTH_LIMIT_BYTES, len(buffer))):
        byte = buffer[at]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            if length > limit_bytes:
                raise WireDamaged(f"a message of {length} bytes; the limit is {limit_bytes}")
            return (at + 1, at + 1 + length) if at + 1 + length <= len(buffer) else None
        shift += 7
    if shift >= 7 * LENGTH_LIMIT_BYTES:
        raise WireDamaged(f"a length of more than {LENGTH_LIMIT_BYTES} bytes")
    return None


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


# --- time ------------------------------------------------------------------------------------------------------------


def timestamp(time_ns: int) -> Message:
    """A point in time, given in nanoseconds of UTC since 1970."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    return abci.Timestamp(seconds=seconds, nanos=nanos)


def stamp_ns(stamp: Message) -> int:
    """Nanoseconds of UTC since 1970."""
    return int(stamp.seconds) * 1_000_000_000 + int(stamp.nanos)


def time_ms(stamp: Message) -> int:
    """Whole milliseconds of UTC since 1970, rounded down: the unit of a block's time."""
    return stamp_ns(stamp) // 1_000_000
