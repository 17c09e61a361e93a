"""The application that CometBFT drives: its blocks become blocks of the machine, ADR 0017 says how.

Requests of consensus (InitChain, proposals, FinalizeBlock, Commit) come from one thread and alone touch the machine's
next block. Checks come from another thread and use only what is sealed. Nothing is kept before Commit.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, Protocol

import msgspec

from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.machine import Checked
from sogdia.core.receipt import Receipt, Seal
from sogdia.core.refusal import Refusal
from sogdia.core.transaction import Message
from sogdia.engines.cometbft.bundle import BrokenBundle, is_bundle, packed, unpacked
from sogdia.engines.cometbft.candidates import BLOCK_LIMIT, Candidate, Candidates
from sogdia.engines.cometbft.checks import Checks, digests_of
from sogdia.engines.cometbft.wire import CheckTxType, MisbehaviorType, ProposalStatus, VerifyStatus, abci, time_ms
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.kept import ORDERED_KEY, KeptLedger, ordered_in

APP_VERSION = 1
STALE_MS = 3_000
OWN_LIMIT = 2_000
"""Transactions that this node took in itself: the rest of its block is for what others have gossiped, if they have."""
_log = logging.getLogger(__name__)


class OtherGenesis(Exception):
    """The genesis file does not found this ledger, or is none; the message says which."""


class Genesis(msgspec.Struct, frozen=True):
    """The `app_state` of a genesis file: the founding agreement."""

    founding: msgspec.Raw


class Constitution(Protocol):
    """What a domain knows about validators, given by whoever wires the node; pure functions."""

    def misbehaved(self, kind: str, address: str, power: int, height: int, time_ms: int) -> Message:
        """The message that puts a validator's misbehaviour on record; the address is lower-case hexadecimal."""
        ...

    def validator_updates(self, changes: Mapping[bytes, Any]) -> list[tuple[str, int]]:
        """Public keys and powers that the changed records of a block set, ascending by key."""
        ...

    def block_bytes(self, changes: Mapping[bytes, Any]) -> int | None:
        """How large blocks may be from now on, if the changed records say so."""
        ...


class Snapshots(Protocol):
    """What answers the requests of state sync; `oldest` is the height of the oldest snapshot kept, 0 for none."""

    @property
    def oldest(self) -> int: ...
    def close(self) -> None: ...
    def list_snapshots(self, request: Wire) -> Wire: ...
    def offer_snapshot(self, request: Wire) -> Wire: ...
    def load_snapshot_chunk(self, request: Wire) -> Wire: ...
    def apply_snapshot_chunk(self, request: Wire) -> Wire: ...


class Heard(Protocol):
    """Whose transactions wait at this node, and who is told what became of them."""

    def mine(self, limit: int, limit_bytes: int) -> list[bytes]:
        """What waits here, oldest first."""
        ...

    def decided(self, pairs: Sequence[tuple[bytes, Receipt]]) -> None:
        """These bytes went on record with these receipts."""
        ...

    def dropped(self, raw: bytes, no: Refusal, transaction: str | None) -> None:
        """The mempool has let go of these bytes, or did not take them; None without a readable id."""
        ...


Asked = Callable[[bytes, str, bool], tuple[int, bytes, list[tuple[str, bytes, bytes]]]]
"""Answers a query (data, path, whether to prove): code, value, proof operations."""


class Application:
    """ABCI over a kept ledger.

    `checkpoint_text` is the text whose SHA-256 is the app hash; `clock` gives milliseconds of UTC, for the mempool and
    for proposals, never for a decision.
    """

    def __init__(
        self,
        ledger: KeptLedger,
        *,
        chain: str,
        clock: Callable[[], int],
        checkpoint_text: Callable[[Seal], str],
        constitution: Constitution,
        heard: Heard,
        snapshots: Snapshots,
        query: Asked,
        keep_blocks: int = 0,
        version: str = "",
    ) -> None:
        self.ledger = ledger
        self.machine = ledger.machine
        self.checks = Checks(ledger.machine, clock)
        self.candidates = Candidates(ledger.machine, self.checks)
        self.ordered = ordered_in(ledger.machine.store)
        self._chain = chain
        self._clock = clock
        self._was_empty = False
        self._text = checkpoint_text
        self._constitution = constitution
        self._heard = heard
        self._snapshots = snapshots
        self._query = query
        self._keep_blocks = keep_blocks
        self._version = version
        self._finalized: tuple[int, Candidate] | None = None

    def app_hash(self, seal: Seal | None = None) -> bytes:
        """SHA-256 of the checkpoint's text on a seal, the latest unless given: what headers carry."""
        return sha256(self._text(seal or self.machine.seal).encode()).digest()

    # -- handshake -----------------------------------------------------------------------------------------------

    def info(self, request: Wire) -> Wire:
        """The last height that is kept here, in CometBFT's count."""
        return abci.ResponseInfo(
            data="sogdia",
            version=self._version,
            app_version=APP_VERSION,
            last_block_height=self.ordered,
            last_block_app_hash=self.app_hash() if self.ordered else b"",
        )

    def init_chain(self, request: Wire) -> Wire:
        """Found the ledger; when it is founded already (CometBFT crashed before its first block) say the same again."""
        if request.chain_id != self._chain:
            raise OtherGenesis(f"the genesis file is of chain {request.chain_id}, this node's is {self._chain}")
        try:
            founding = bytes(msgspec.json.decode(request.app_state_bytes, type=Genesis).founding)
            messages = self.machine.codec.messages(founding)
        except msgspec.MsgspecError as wrong:
            raise OtherGenesis(f"the genesis file's app_state holds no founding agreement: {wrong}") from None
        if not self.machine.seal.height:
            block = self.machine.found(time_ms(request.time), messages)
            self._check_seats(request.validators, block.records)
            self.ledger.keep(block, (), json_bytes(messages))
        standing = self.ledger.block_at(1)
        if standing is None or standing.told != json_bytes(messages):
            raise OtherGenesis("this folder holds a ledger with another founding agreement; use an empty folder")
        return abci.ResponseInitChain(app_hash=self.app_hash())

    def _check_seats(self, validators: Sequence[Wire], records: Mapping[bytes, Any]) -> None:
        """The validators of the genesis file are those that the founding agreement seats."""
        given = sorted((one.pub_key.ed25519.hex(), one.power) for one in validators)
        agreed = self._constitution.validator_updates(records)
        if given != agreed:
            raise OtherGenesis(f"the genesis file seats {given}, the founding agreement {agreed}")

    # -- the mempool ---------------------------------------------------------------------------------------------

    def check_txs(self, requests: Sequence[Wire]) -> list[Wire]:
        """Admit to the mempool what could go on record; after each block, look again at what waits there."""
        raws = [request.tx for request in requests]
        digests = digests_of(raws)
        verdicts = self.checks.verdicts(raws, digests)
        answers = []
        for request, digest, verdict in zip(requests, digests, verdicts, strict=True):
            no = verdict if isinstance(verdict, Refusal) else self._no_longer(digest, verdict)
            if no is not None:
                if request.type == CheckTxType.RECHECK:
                    self.checks.drop(digest)
                self._heard.dropped(request.tx, no, verdict.transaction.id if isinstance(verdict, Checked) else None)
            answers.append(abci.ResponseCheckTx() if no is None else _said_no(no))
        return answers

    def _no_longer(self, digest: bytes, one: Checked) -> Refusal | None:
        return self.checks.standing(one) or self.checks.unknown_key(one) or self.checks.hold(digest, one, self.ordered)

    # -- consensus -----------------------------------------------------------------------------------------------

    def prepare_proposal(self, request: Wire) -> Wire:
        """Propose what goes on record: what waits at this node, in its order, and what others have gossiped.

        A block's time is that of the votes before it. After a rest it is long past, and what parties say of today would
        lie in its future: then an empty block comes first and brings the time up to date.
        """
        if not self._was_empty and self._clock() - time_ms(request.time) > STALE_MS:
            return abci.ResponsePrepareProposal()
        # What waits here has been gossiped in part, and the mempool may have taken a later one before an earlier one.
        mine = dict.fromkeys(self._heard.mine(BLOCK_LIMIT, request.max_tx_bytes))
        gossiped = set(request.txs)
        others = [raw for raw in request.txs if raw not in mine]
        own = _fitting(
            mine, max(BLOCK_LIMIT - len(others), OWN_LIMIT), request.max_tx_bytes * 2 // 3 if others else None
        )
        raws = _fitting((*own, *others), BLOCK_LIMIT, request.max_tx_bytes)
        chosen = self.candidates.choose(time_ms(request.time), raws, self._told(request.misbehavior))
        return abci.ResponsePrepareProposal(txs=packed(chosen, gossiped))

    def process_proposal(self, request: Wire) -> Wire:
        """Accept a block all of whose transactions go on record."""
        try:
            raws, told = unpacked(request.txs), self._told(request.misbehavior)
            no = self.candidates.objection(time_ms(request.time), raws, told, request.hash)
        except BrokenBundle as broken:
            no = str(broken)
        if no:
            said = {"ordered": request.height, "proposer": request.proposer_address.hex(), "reason": no}
            _log.warning("refused a proposal", extra={"said": said})
        return abci.ResponseProcessProposal(status=ProposalStatus.REJECT if no else ProposalStatus.ACCEPT)

    def extend_vote(self, request: Wire) -> Wire:
        """Nothing is added to votes."""
        return abci.ResponseExtendVote()

    def verify_vote_extension(self, request: Wire) -> Wire:
        """Only the empty extension is ours."""
        fine = not request.vote_extension
        return abci.ResponseVerifyVoteExtension(status=VerifyStatus.ACCEPT if fine else VerifyStatus.REJECT)

    def finalize_block(self, request: Wire) -> Wire:
        """Execute the block that was decided, unless its proposal has been; keep nothing yet."""
        told = self._told(request.misbehavior)
        candidate = self.candidates.decided(time_ms(request.time), lambda: _taken(request.txs), told, request.hash)
        self._finalized = request.height, candidate
        block = candidate.block
        changes = block.records if block is not None else {}
        return abci.ResponseFinalizeBlock(
            tx_results=[abci.ExecTxResult(code=code) for code in _results(request.txs, candidate.codes)],
            validator_updates=[
                abci.ValidatorUpdate(pub_key=abci.PublicKey(ed25519=bytes.fromhex(public)), power=power)
                for public, power in self._constitution.validator_updates(changes)
            ],
            consensus_param_updates=_block_params(self._constitution.block_bytes(changes)),
            app_hash=self.app_hash(block.seal if block is not None else None),
        )

    def commit(self, request: Wire) -> Wire:
        """Make the block durable, answer those who wait, and say what CometBFT may prune."""
        assert self._finalized is not None, "Commit without FinalizeBlock"
        (self.ordered, candidate), self._finalized = self._finalized, None
        self._was_empty = candidate.block is None
        if candidate.block is None:
            self.machine.store.write({ORDERED_KEY: record_bytes(self.ordered)})
        else:
            self.ledger.keep(candidate.block, candidate.raws, candidate.told, self.ordered)
            on_record = candidate.block.logged[len(candidate.block.logged) - len(candidate.raws) :]
            self._heard.decided(list(zip(candidate.raws, on_record, strict=True)))
        self.candidates.clear()
        self.checks.settle(candidate.digests, self.ordered)
        retain = self.ordered - self._keep_blocks if self._keep_blocks else 0
        if self._snapshots.oldest:
            retain = min(retain, self._snapshots.oldest)
        return abci.ResponseCommit(retain_height=max(0, retain))

    def _told(self, misbehavior: Sequence[Wire]) -> list[Message]:
        return [
            self._constitution.misbehaved(
                "double_sign" if one.type == MisbehaviorType.DUPLICATE_VOTE else "light_client_attack",
                one.validator.address.hex(),
                one.validator.power,
                one.height,
                time_ms(one.time),
            )
            for one in misbehavior
        ]

    # -- reading and state sync ----------------------------------------------------------------------------------

    def query(self, request: Wire) -> Wire:
        """A record with its proof, for light clients of others."""
        code, value, proof = self._query(request.data, request.path, request.prove)
        operations = [abci.ProofOp(type=kind, key=key, data=data) for kind, key, data in proof]
        return abci.ResponseQuery(
            code=code,
            key=request.data,
            value=value,
            height=self.ordered,
            proof_ops=abci.ProofOps(ops=operations) if operations else None,
        )

    def list_snapshots(self, request: Wire) -> Wire:
        """The snapshots that this node can give."""
        return self._snapshots.list_snapshots(request)

    def offer_snapshot(self, request: Wire) -> Wire:
        """Whether to restore what is offered."""
        return self._snapshots.offer_snapshot(request)

    def load_snapshot_chunk(self, request: Wire) -> Wire:
        """A piece of a snapshot of ours."""
        return self._snapshots.load_snapshot_chunk(request)

    def apply_snapshot_chunk(self, request: Wire) -> Wire:
        """Take a piece of the snapshot that is being restored."""
        return self._snapshots.apply_snapshot_chunk(request)

    def restored(self, ordered: int) -> None:
        """A snapshot was restored: go on from there."""
        self.ordered = ordered


_FRAMING_BYTES = 8
"""What a block's encoding adds to a transaction, at most: a tag and its length."""


def _taken(txs: Sequence[bytes]) -> list[bytes]:
    """What a decided block holds: a bundle that is broken, which no honest third lets pass, is one bad transaction."""
    try:
        return unpacked(txs)
    except BrokenBundle:
        return list(txs)


def _results(txs: Sequence[bytes], codes: Sequence[int]) -> list[int]:
    """A number for each of CometBFT's transactions: the receipt's when all are plain, 0 where there is a bundle."""
    return [0] * len(txs) if any(map(is_bundle, txs)) else list(codes)


def _fitting(raws: Iterable[bytes], limit: int, limit_bytes: int | None) -> list[bytes]:
    """The first of the transactions, as far as number and bytes allow."""
    found, size = list[bytes](), 0
    for raw in islice(raws, limit):
        size += len(raw) + _FRAMING_BYTES
        if limit_bytes is not None and size > limit_bytes:
            break
        found.append(raw)
    return found


def _block_params(block_bytes: int | None) -> Wire | None:
    if block_bytes is None:
        return None
    return abci.ConsensusParams(block=abci.BlockParams(max_bytes=block_bytes, max_gas=-1))


def _said_no(no: Refusal) -> Wire:
    return abci.ResponseCheckTx(code=no.code, codespace="sogdia", log=json_bytes(no.fields).decode())
