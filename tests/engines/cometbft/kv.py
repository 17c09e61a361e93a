"""The smallest application that a real CometBFT accepts: `key=value` transactions, hashed into an app hash."""

from collections.abc import Sequence
from hashlib import sha256
from threading import Lock, get_ident

from sogdia.engines.cometbft.wire import CheckTxType, Message, OfferSnapshotResult, ProposalStatus, VerifyStatus, abci


class KeyValue:
    """Keeps everything in memory; `seen` holds each kind of request and the threads that it came from."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.height = 0
        self.app_hash = b""
        self.groups: list[int] = []
        self.rechecked = 0
        self.seen: dict[str, set[int]] = {}
        self._lock = Lock()
        self._next: tuple[int, dict[bytes, bytes], bytes] = (0, {}, b"")

    def _note(self, kind: str) -> None:
        with self._lock:
            self.seen.setdefault(kind, set()).add(get_ident())

    def info(self, request: Message) -> Message:
        self._note("info")
        return abci.ResponseInfo(data="kv", last_block_height=self.height, last_block_app_hash=self.app_hash)

    def init_chain(self, request: Message) -> Message:
        self._note("init_chain")
        self.app_hash = sha256(request.app_state_bytes).digest()
        return abci.ResponseInitChain(app_hash=self.app_hash)

    def query(self, request: Message) -> Message:
        self._note("query")
        return abci.ResponseQuery(key=request.data, value=self.values.get(request.data, b""), height=self.height)

    def check_txs(self, requests: Sequence[Message]) -> list[Message]:
        self._note("check_tx")
        self.groups.append(len(requests))
        self.rechecked += sum(one.type == CheckTxType.RECHECK for one in requests)
        return [abci.ResponseCheckTx(code=0 if b"=" in one.tx else 7, log=_reason(one.tx)) for one in requests]

    def prepare_proposal(self, request: Message) -> Message:
        self._note("prepare_proposal")
        return abci.ResponsePrepareProposal(txs=[tx for tx in request.txs if b"=" in tx])

    def process_proposal(self, request: Message) -> Message:
        self._note("process_proposal")
        good = all(b"=" in tx for tx in request.txs)
        return abci.ResponseProcessProposal(status=ProposalStatus.ACCEPT if good else ProposalStatus.REJECT)

    def finalize_block(self, request: Message) -> Message:
        self._note("finalize_block")
        written = dict(tx.split(b"=", 1) for tx in request.txs)
        app_hash = sha256(self.app_hash + b"".join(request.txs)).digest() if request.txs else self.app_hash
        self._next = (request.height, written, app_hash)
        return abci.ResponseFinalizeBlock(tx_results=[abci.ExecTxResult()] * len(request.txs), app_hash=app_hash)

    def commit(self, request: Message) -> Message:
        self._note("commit")
        self.height, written, self.app_hash = self._next
        self.values |= written
        return abci.ResponseCommit()

    def extend_vote(self, request: Message) -> Message:
        return abci.ResponseExtendVote(vote_extension=request.hash)

    def verify_vote_extension(self, request: Message) -> Message:
        return abci.ResponseVerifyVoteExtension(status=VerifyStatus.ACCEPT)

    def list_snapshots(self, request: Message) -> Message:
        self._note("list_snapshots")
        return abci.ResponseListSnapshots()

    def offer_snapshot(self, request: Message) -> Message:
        return abci.ResponseOfferSnapshot(result=OfferSnapshotResult.REJECT)

    def load_snapshot_chunk(self, request: Message) -> Message:
        return abci.ResponseLoadSnapshotChunk()

    def apply_snapshot_chunk(self, request: Message) -> Message:
        return abci.ResponseApplySnapshotChunk()


def _reason(tx: bytes) -> str:
    return "" if b"=" in tx else "a transaction is key=value"
