"""A real CometBFT over our ABCI server makes blocks, takes transactions by RPC, answers, and stops on a bug."""

import json
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest

from sogdia.engines.cometbft.answers import Header, read_answer
from sogdia.engines.cometbft.rpc import Broadcast, Rpc, RpcError, RpcRefused, RpcUnreachable
from sogdia.engines.cometbft.server import Server
from sogdia.engines.cometbft.wire import BlockIDFlag, Message
from tests.cometbft_binary import cometbft
from tests.engines.cometbft.kv import KeyValue
from tests.engines.cometbft.real_node import RealNode, real_node

ABSENT = 120


@contextmanager
def served(folder: Path, application: KeyValue) -> Iterator[Server]:
    server = Server(f"unix://{folder}/abci.sock", application, lambda error: None)
    server.start()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="abci") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def chain() -> Iterator[tuple[RealNode, KeyValue, Server]]:
    """One chain for all questions, with more validators than stand on a page."""
    program, application = cometbft(), KeyValue()
    with tempfile.TemporaryDirectory(prefix="abci") as folder, served(Path(folder), application) as server:
        with real_node(program, Path(folder), server.address, ABSENT) as node:
            yield node, application, server


def wait_until(what: str, is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail(f"waited in vain for {what}")


def wait_for_height(rpc: Rpc, height: int) -> None:
    wait_until(f"height {height}", lambda: rpc.status().sync_info.latest_block_height >= height)


def wait_for_values(rpc: Rpc, application: KeyValue, *keys: bytes) -> None:
    wait_until(f"{len(keys)} values", lambda: application.values.keys() >= set(keys))
    wait_for_height(rpc, application.height)


# --- transactions ----------------------------------------------------------------------------------------------------


def test_what_is_broadcast_is_committed(chain: tuple[RealNode, KeyValue, Server]) -> None:
    (rpc, _, _), application, server = chain
    raws = [b"many%d=%d" % (number, number) for number in range(500)]
    answers = rpc.broadcast(raws)
    assert [answer.hash for answer in answers] == [sha256(raw).digest() for raw in raws]
    assert not any(answer.code or answer.not_taken for answer in answers)
    wait_for_values(rpc, application, *(b"many%d" % number for number in range(500)))
    assert application.values[b"many499"] == b"499"
    blocks = [rpc.block(height) for height in range(1, application.height + 1)]
    assert [raw for block in blocks for raw in block.data.txs if raw.startswith(b"many")] == raws
    assert server.totals()["check_tx"].requests >= 500
    assert max(application.groups) > 1


def test_who_waits_is_told_the_verdict_of_the_check(chain: tuple[RealNode, KeyValue, Server]) -> None:
    (rpc, _, _), application, _ = chain
    good, bad, again = rpc.broadcast([b"waited=1", b"no transaction", b"waited=1"], wait=True)
    assert (good.code, good.log, good.not_taken) == (0, "", "")
    assert (bad.code, bad.log, bad.fields) == (7, "a transaction is key=value", {})
    assert again.is_known
    assert not again.is_full
    wait_for_values(rpc, application, b"waited")
    assert rpc.broadcast([b"waited=1"])[0].is_known
    assert rpc.broadcast([b"one=1"], wait=True)[0].code == 0
    assert rpc.broadcast([]) == []


def test_a_batch_that_is_too_large_is_refused_whole(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc = chain[0].rpc
    with pytest.raises(RpcRefused, match=r"broadcast_tx_async: batch request exceeds maximum \(1000\)"):
        rpc.broadcast([b"over%d=1" % number for number in range(1001)])
    with pytest.raises(RpcError, match=r"broadcast_tx_async: .*request body too large"):
        rpc.broadcast([b"large%d=" % number + bytes(900_000) for number in range(20)])
    (answer,) = rpc.broadcast([b"large=" + bytes(1_100_000)])
    assert answer.not_taken == "Tx too large. Max size is 1048576, but got 1100006"


def test_a_refusal_carries_its_fields_and_a_full_mempool_is_told() -> None:
    assert Broadcast(code=3001, log='{"order":"A-1","minor":5}').fields == {"order": "A-1", "minor": 5}
    assert Broadcast(code=3001, log='{"order":"A-').fields == {}
    assert Broadcast(not_taken="mempool is full: number of txs 20000 (max: 20000), total txs bytes 1 (max: 2)").is_full
    assert not Broadcast().is_full


# --- questions -------------------------------------------------------------------------------------------------------


def test_the_node_says_where_it_stands(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc, application = chain[0].rpc, chain[1]
    status = rpc.status()
    assert status.node_info.version.startswith("0.")
    assert status.sync_info.latest_block_height >= 1
    assert not status.sync_info.catching_up
    assert status.validator_info.voting_power == 100_000
    assert status.validator_info.address == sha256(status.validator_info.pub_key.value).digest()[:20]
    assert status.sync_info.latest_block_time == rpc.commit(status.sync_info.latest_block_height).header.time
    assert rpc.net_info().n_peers == 0
    params = rpc.consensus_params(status.sync_info.latest_block_height)
    assert (params.block.max_bytes, params.block.max_gas) == (22_020_096, -1)
    assert params.evidence.max_age_duration == 48 * 3600 * 10**9
    assert application.height >= status.sync_info.latest_block_height - 1


def test_all_validators_come_page_by_page(chain: tuple[RealNode, KeyValue, Server]) -> None:
    validators = chain[0].rpc.validators(1)
    assert len(validators) == len({one.address for one in validators}) == ABSENT + 1
    assert [one.voting_power for one in validators] == [100_000] + [1] * ABSENT
    assert all(one.address == sha256(one.pub_key.value).digest()[:20] for one in validators)


def test_a_header_comes_with_the_votes_for_it(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc, application = chain[0].rpc, chain[1]
    wait_for_height(rpc, 3)
    signed = rpc.commit(2)
    header, commit = signed.header, signed.commit
    assert header == rpc.block(2).header
    assert header.last_block_id == rpc.commit(1).commit.block_id
    assert rpc.block(3).last_commit == commit
    assert len(header.time.to_bytes(8)) == 8
    flags = [vote.block_id_flag for vote in commit.signatures]
    assert flags == [BlockIDFlag.BLOCK_ID_FLAG_COMMIT] + [BlockIDFlag.BLOCK_ID_FLAG_ABSENT] * ABSENT
    vote, absent = commit.signatures[0], commit.signatures[1]
    assert (len(vote.signature or b""), absent.signature, absent.validator_address) == (64, None, b"")
    assert vote.timestamp > header.time > absent.timestamp
    assert vote.validator_address == rpc.validators(2)[0].address
    assert len(application.app_hash) == len(header.app_hash) == 32


def test_the_app_hash_of_a_block_stands_in_the_next_header(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc, application = chain[0].rpc, chain[1]
    rpc.broadcast([b"hashed=1"], wait=True)
    wait_for_values(rpc, application, b"hashed")
    height = next(h for h in range(application.height, 0, -1) if b"hashed=1" in rpc.block(h).data.txs)
    wait_for_height(rpc, height + 1)
    before, after = rpc.commit(height).header.app_hash, rpc.commit(height + 1).header.app_hash
    assert after == sha256(before + b"".join(rpc.block(height).data.txs)).digest()


def test_a_question_without_an_answer_names_what_was_asked(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc = chain[0].rpc
    with pytest.raises(RpcRefused, match=r"^CometBFT, commit: height 1000000 must be less than or equal"):
        rpc.commit(1_000_000)
    with pytest.raises(RpcRefused, match=r"^CometBFT, block: height must be greater than 0"):
        rpc.block(0)
    with pytest.raises(RpcRefused, match=r"^CometBFT, no_such: Method not found \(-32601\)"):
        rpc.call("no_such")
    assert rpc.call("abci_query", path="key", data=b"".hex(), height=0, prove=False)["response"]["code"] == 0


def test_an_answer_over_the_limit_is_not_read(chain: tuple[RealNode, KeyValue, Server]) -> None:
    small = Rpc(chain[0].rpc.address, answer_limit_bytes=100)
    for _ in range(2):
        with pytest.raises(RpcError, match="CometBFT, status: an answer of more than 100 bytes"):
            small.status()
    small.close()


def test_threads_ask_side_by_side(chain: tuple[RealNode, KeyValue, Server]) -> None:
    rpc, found = chain[0].rpc, list[int]()
    threads = [Thread(target=lambda: found.append(rpc.commit(1).header.height)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


# --- the life of a node ----------------------------------------------------------------------------------------------


def test_a_chain_goes_on_after_both_were_stopped_and_is_replayed_to_who_lost_it(short_path: Path) -> None:
    program, application, newcomer = cometbft(), KeyValue(), KeyValue()
    with served(short_path, application) as server, real_node(program, short_path, server.address) as (rpc, _, _):
        rpc.broadcast([b"kept=1"], wait=True)
        wait_for_values(rpc, application, b"kept")
    with served(short_path, newcomer) as server, real_node(program, short_path, server.address) as (rpc, _, _):
        rpc.broadcast([b"more=2"], wait=True)
        wait_for_values(rpc, newcomer, b"more")
    assert newcomer.values == {b"kept": b"1", b"more": b"2"}
    assert newcomer.height > application.height


class Buggy(KeyValue):
    """Falls over one transaction when it is executed."""

    def finalize_block(self, request: Message) -> Message:
        if b"bug=1" in request.txs:
            raise ZeroDivisionError("a rule divided by zero")
        return super().finalize_block(request)


def test_a_bug_stops_the_real_cometbft(short_path: Path) -> None:
    program = cometbft()
    with served(short_path, Buggy()) as server, real_node(program, short_path, server.address) as (rpc, process, log):
        rpc.broadcast([b"bug=1"])
        process.wait(20)  # with code 0, mind: whoever supervises it must not take that for a wish to stop
        assert "a rule divided by zero" in log.read_text()
        assert isinstance(server.failure, ZeroDivisionError)
        with pytest.raises(RpcUnreachable, match=r"^CometBFT, status: .* at unix://"):
            rpc.status()


# --- a connection that does not hold ---------------------------------------------------------------------------------


def answer_once_each(listener: socket.socket, bodies: list[bytes]) -> None:
    """Answer one request on each connection, then close it without a word, as CometBFT does with idle ones."""
    for body in bodies:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.fixture
def flaky() -> Iterator[tuple[socket.socket, Rpc]]:
    """A listener for a test to answer from, and a client of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        rpc = Rpc(f"tcp://127.0.0.1:{listener.getsockname()[1]}", timeout_seconds=5)
        yield listener, rpc
        rpc.close()


def test_a_kept_connection_that_was_closed_is_opened_again(flaky: tuple[socket.socket, Rpc]) -> None:
    listener, rpc = flaky
    bodies = [json.dumps({"jsonrpc": "2.0", "id": 0, "result": number}).encode() for number in range(3)]
    thread = Thread(target=answer_once_each, args=(listener, bodies))
    thread.start()
    assert [rpc.call("health") for _ in range(3)] == [0, 1, 2]
    thread.join()


@pytest.mark.parametrize(
    "body, complaint",
    [
        (b"<html>", "health: HTTP 200, .*<html>"),
        (b'{"id":0,"error":{"code":-32603,"message":"Internal error","data":"no"}}', "^CometBFT, health: no$"),
        (b'[{"id":0,"result":1},{"id":1,"result":1}]', "health: 2 answers to one question"),
    ],
)
def test_what_is_no_answer_is_told_with_its_beginning(
    flaky: tuple[socket.socket, Rpc], body: bytes, complaint: str
) -> None:
    listener, rpc = flaky
    thread = Thread(target=answer_once_each, args=(listener, [body]))
    thread.start()
    with pytest.raises(RpcError, match=complaint):
        rpc.call("health")
    thread.join()


def test_answers_to_a_batch_must_be_as_many_and_in_order(flaky: tuple[socket.socket, Rpc]) -> None:
    listener, rpc = flaky
    swapped = b'[{"id":1,"result":{"hash":""}},{"id":0,"result":{"hash":""}}]'
    thread = Thread(target=answer_once_each, args=(listener, [swapped]))
    thread.start()
    with pytest.raises(RpcRefused, match="2 answers to 2"):
        rpc.broadcast([b"a", b"b"])
    thread.join()


def test_nobody_there_is_told_with_the_address(tmp_path: Path) -> None:
    with pytest.raises(RpcUnreachable, match=f"FileNotFoundError at unix://{tmp_path}/rpc.sock"):
        Rpc(f"unix://{tmp_path}/rpc.sock").status()
    with pytest.raises(ValueError, match="give unix:///path or tcp"):
        Rpc("http://127.0.0.1").status()


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, nanoseconds",
    [
        ("1970-01-01T00:00:01Z", 1_000_000_000),
        ("2026-11-22T17:11:43.114636172Z", 1_795_367_503_114_636_172),
        ("2026-11-22T17:11:43.1Z", 1_795_367_503_100_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000_000),
    ],
)
def test_times_keep_their_nanoseconds(text: str, nanoseconds: int) -> None:
    header = json.loads(HEADER)
    header["time"] = text
    assert read_answer(json.dumps(header).encode(), Header).time == nanoseconds


def test_a_time_in_another_zone_is_refused() -> None:
    header = json.loads(HEADER)
    header["time"] = "2026-11-22T17:11:43+08:00"
    with pytest.raises(ValueError):
        read_answer(json.dumps(header).encode(), Header)


HEADER = """{"version": {"block": "11"}, "chain_id": "test", "height": "7", "time": "",
 "last_block_id": {"hash": "", "parts": {"total": 0, "hash": ""}}, "last_commit_hash": "E3B0", "data_hash": "",
 "validators_hash": "", "next_validators_hash": "", "consensus_hash": "", "app_hash": "", "last_results_hash": "",
 "evidence_hash": "", "proposer_address": ""}"""
