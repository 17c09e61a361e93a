"""CometBFT's side of ABCI, played exactly: four connections, a Flush after each call, height after height.

There is one validator set and no vote: every block that is proposed and accepted is decided. What CometBFT would stop
for, this stops for. It keeps its blocks, so after `disconnect` a `handshake` with an application that has lost its last
heights executes them again, as CometBFT does.
"""

import socket
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sogdia.engines.cometbft.wire import (
    BlockIDFlag,
    CheckTxType,
    Message,
    ProposalStatus,
    abci,
    frame,
    take_messages,
    timestamp,
)

CONSENSUS, MEMPOOL, QUERY, SNAPSHOT = range(4)
PIPELINE: Final = 500
TIMEOUT_SECONDS: Final = 30
MAX_TX_BYTES: Final = 2_000_000


class Stopped(Exception):
    """What the application did here ends a real CometBFT."""


class Decided(NamedTuple):
    """A block as it was decided, and what the application made of it."""

    height: int
    time_ms: int
    txs: tuple[bytes, ...]
    results: tuple[Message, ...]
    app_hash: bytes
    validator_updates: tuple[Message, ...]
    retain_height: int


class FakeCometBFT:
    """A node of one chain; `handshake` first, then `decide` height by height."""

    def __init__(self, address: str, *, chain_id: str = "test", app_state: bytes = b"{}", time_ms: int = 0) -> None:
        self.address = address
        self.chain_id = chain_id
        self.app_state = app_state
        self.genesis_time_ms = time_ms
        self.validators: tuple[tuple[bytes, int], ...] = ((sha256(b"validator").digest(), 10),)
        """Public key and power of each validator."""
        self.blocks: list[tuple[tuple[bytes, ...], int, tuple[Message, ...]]] = []
        """Transactions, time and misbehaviour of each decided block; the first has height 1."""
        self.app_hash = b""
        self._connections: list[_Connection] = []

    @property
    def height(self) -> int:
        """The last decided height."""
        return len(self.blocks)

    def connect(self) -> None:
        """Open the four connections."""
        self._connections = [_Connection(self.address) for _ in range(4)]

    def disconnect(self) -> None:
        """Close them."""
        for connection in self._connections:
            connection.close()
        self._connections = []

    def call(self, connection: int, kind: str, **fields: Any) -> Message:
        """One request with its Flush; the answer's own message."""
        return self._connections[connection].call([_request(kind, **fields)])[0]

    # -- the four connections ------------------------------------------------------------------------------------

    def handshake(self) -> Message:
        """Info, then InitChain when the application is at 0, then every block that the application lacks."""
        if not self._connections:
            self.connect()
        info = self.call(QUERY, "info", version="0.38.25", block_version=11, p2p_version=8, abci_version="2.0.0")
        if info.last_block_height > self.height:
            raise Stopped(f"app block height {info.last_block_height} is higher than core {self.height}")
        if info.last_block_height == 0:
            self.init_chain()
        for height in range(info.last_block_height + 1, self.height + 1):
            self._apply(height)
        return info

    def init_chain(self) -> Message:
        """InitChain with one Ed25519 key for each validator."""
        updates = [abci.ValidatorUpdate(pub_key={"ed25519": key}, power=power) for key, power in self.validators]
        answer = self.call(
            CONSENSUS,
            "init_chain",
            time=timestamp(self.genesis_time_ms * 1_000_000),
            chain_id=self.chain_id,
            validators=updates,
            app_state_bytes=self.app_state,
            initial_height=1,
        )
        if not self.blocks:
            self.app_hash = answer.app_hash
        return answer

    def check(self, txs: Sequence[bytes], kind: CheckTxType = CheckTxType.NEW) -> list[Message]:
        """CheckTx for each, pipelined."""
        answers: list[Message] = []
        for start in range(0, len(txs), PIPELINE):
            requests = [_request("check_tx", tx=tx, type=kind) for tx in txs[start : start + PIPELINE]]
            answers += self._connections[MEMPOOL].call(requests)
        return answers

    def query(self, path: str, data: bytes = b"", *, height: int = 0, prove: bool = False) -> Message:
        """A question from outside."""
        return self.call(QUERY, "query", path=path, data=data, height=height, prove=prove)

    def prepare(self, txs: Sequence[bytes], time_ms: int, misbehavior: Sequence[Message] = ()) -> tuple[bytes, ...]:
        """The transactions that the application proposes for the next height out of these candidates."""
        height = self.height + 1
        votes = [_vote(abci.ExtendedVoteInfo, *voted) for voted in self._voted(height)]
        answer = self.call(
            CONSENSUS,
            "prepare_proposal",
            max_tx_bytes=MAX_TX_BYTES,
            txs=txs,
            local_last_commit=abci.ExtendedCommitInfo(votes=votes),
            **self._common(height, time_ms, misbehavior),
        )
        if sum(map(len, answer.txs)) > MAX_TX_BYTES:
            raise Stopped("transactions in the proposal exceed max_tx_bytes")
        return tuple(answer.txs)

    def process(self, txs: Sequence[bytes], time_ms: int, misbehavior: Sequence[Message] = ()) -> bool:
        """Whether the application accepts these transactions as the next block."""
        height = self.height + 1
        answer = self.call(
            CONSENSUS,
            "process_proposal",
            txs=txs,
            hash=_block_hash(height, txs),
            proposed_last_commit=self._last_commit(height),
            **self._common(height, time_ms, misbehavior),
        )
        if answer.status not in (ProposalStatus.ACCEPT, ProposalStatus.REJECT):
            raise Stopped(f"ProcessProposal answered with status {answer.status}")
        return bool(answer.status == ProposalStatus.ACCEPT)

    def decide(
        self, txs: Sequence[bytes], time_ms: int, *, proposes: bool = True, misbehavior: Sequence[Message] = ()
    ) -> Decided:
        """A whole height. Without `proposes` the block came from another node and holds exactly these transactions."""
        block = self.prepare(txs, time_ms, misbehavior) if proposes else tuple(txs)
        if not self.process(block, time_ms, misbehavior):
            raise Stopped(f"the proposal for height {self.height + 1} was rejected")
        self.blocks.append((block, time_ms, tuple(misbehavior)))
        return self._apply(self.height)

    def finalize(self, height: int) -> Message:
        """FinalizeBlock for a block that was decided; a crash may lie between this and `commit`."""
        txs, time_ms, misbehavior = self.blocks[height - 1]
        answer = self.call(
            CONSENSUS,
            "finalize_block",
            txs=txs,
            hash=_block_hash(height, txs),
            decided_last_commit=self._last_commit(height),
            **self._common(height, time_ms, misbehavior),
        )
        if len(answer.tx_results) != len(txs):
            raise Stopped(f"expected tx results length to match size of transactions in block: {len(txs)}")
        return answer

    def commit(self) -> Message:
        """Commit of the block that was finalized last."""
        return self.call(CONSENSUS, "commit")

    def _apply(self, height: int) -> Decided:
        txs, time_ms, _ = self.blocks[height - 1]
        done = self.finalize(height)
        retain_height = self.commit().retain_height
        self.app_hash = done.app_hash
        updates = tuple(done.validator_updates)
        return Decided(height, time_ms, txs, tuple(done.tx_results), done.app_hash, updates, retain_height)

    def _common(self, height: int, time_ms: int, misbehavior: Sequence[Message]) -> dict[str, Any]:
        return {
            "height": height,
            "time": timestamp(time_ms * 1_000_000),
            "misbehavior": misbehavior,
            "next_validators_hash": sha256(repr(self.validators).encode()).digest(),
            "proposer_address": _address(self.validators[0][0]),
        }

    def _voted(self, height: int) -> tuple[tuple[bytes, int], ...]:
        return self.validators if height > 1 else ()

    def _last_commit(self, height: int) -> Message:
        return abci.CommitInfo(votes=[_vote(abci.VoteInfo, *voted) for voted in self._voted(height)])


class _Connection:
    def __init__(self, address: str) -> None:
        scheme, _, rest = address.partition("://")
        if scheme == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(rest)
        else:
            host, _, port = rest.rpartition(":")
            self._socket = socket.create_connection((host, int(port)))
        self._socket.settimeout(TIMEOUT_SECONDS)
        self._buffer = bytearray()
        self._arrived: list[Message] = []

    def call(self, requests: Sequence[Message]) -> list[Message]:
        self._socket.sendall(b"".join(map(frame, [*requests, _request("flush")])))
        answers = [self._answer(request) for request in requests]
        self._answer(_request("flush"))
        return answers

    def _answer(self, request: Message) -> Message:
        while not self._arrived:
            read = self._socket.recv(1024 * 1024)
            if not read:
                raise Stopped("the application closed the connection")
            self._buffer += read
            self._arrived = take_messages(self._buffer, abci.Response)
        response, wanted = self._arrived.pop(0), request.WhichOneof("value")
        kind = response.WhichOneof("value")
        if kind == "exception":
            raise Stopped(response.exception.error)
        if kind != wanted:
            raise Stopped(f"unexpected response {kind} to the request {wanted}")
        return getattr(response, kind)

    def close(self) -> None:
        self._socket.close()


def _request(kind: str, **fields: Any) -> Message:
    inner = abci.Request.DESCRIPTOR.fields_by_name[kind].message_type.name
    return abci.Request(**{kind: getattr(abci, inner)(**fields)})


def _vote(kind: Any, key: bytes, power: int) -> Message:
    validator = abci.Validator(address=_address(key), power=power)
    return kind(validator=validator, block_id_flag=BlockIDFlag.BLOCK_ID_FLAG_COMMIT)


def _address(key: bytes) -> bytes:
    return sha256(key).digest()[:20]


def _block_hash(height: int, txs: Sequence[bytes]) -> bytes:
    return sha256(b"%d" % height + b"".join(sha256(tx).digest() for tx in txs)).digest()
