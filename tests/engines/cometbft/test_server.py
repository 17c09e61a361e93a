"""The server answers in order, hands over what came together, ends loudly on a bug, and leaves nothing behind."""

import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, active_count
from typing import Any

import pytest

from sogdia.engines.cometbft.server import CONNECTIONS_LIMIT, AddressUnusable, Server, listen
from sogdia.engines.cometbft.wire import CheckTxType, Message, abci, frame, take_messages
from tests.engines.cometbft.fake import QUERY, FakeCometBFT, Stopped
from tests.engines.cometbft.kv import KeyValue

TIME_MS = 1_790_000_000_000


class Running:
    """A server over an application, with what it failed with."""

    def __init__(self, address: str, application: KeyValue, **options: Any) -> None:
        self.application = application
        self.failures: list[BaseException] = []
        self.failed = Event()
        self.server = Server(address, application, self.note, **options)
        self.server.start()
        self.fake = FakeCometBFT(self.server.address, time_ms=TIME_MS)

    def note(self, failure: BaseException) -> None:
        self.failures.append(failure)
        self.failed.set()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a server over an application at a socket of the test's own."""
    started: list[Running] = []

    def start(application: KeyValue | None = None, **options: Any) -> Running:
        address = f"unix://{tmp_path}/abci{len(started)}.sock"
        started.append(Running(address, application or KeyValue(), **options))
        return started[-1]

    yield start
    for running in started:
        running.fake.disconnect()
        running.server.close()


def raw_connection(server: Server) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(server.address.removeprefix("unix://"))
    connection.settimeout(10)
    return connection


def answers_until_closed(connection: socket.socket) -> list[Message]:
    buffer = bytearray()
    with connection:
        while read := connection.recv(65536):
            buffer += read
    return take_messages(buffer, abci.Response)


# --- heights ---------------------------------------------------------------------------------------------------------


def test_a_chain_is_founded_and_goes_on_height_by_height(run: Callable[..., Running]) -> None:
    running = run()
    fake, application = running.fake, running.application
    fake.handshake()
    founded = fake.app_hash
    first = fake.decide([b"a=1", b"no transaction", b"b=2"], TIME_MS + 1000)
    second = fake.decide([b"a=3"], TIME_MS + 2000, proposes=False)
    assert [(one.height, one.txs) for one in (first, second)] == [(1, (b"a=1", b"b=2")), (2, (b"a=3",))]
    assert len({founded, first.app_hash, second.app_hash}) == 3
    assert application.values == {b"a": b"3", b"b": b"2"}
    assert fake.query("key", b"a").value == b"3"


def test_a_proposal_of_another_that_is_no_good_is_rejected(run: Callable[..., Running]) -> None:
    fake = run().fake
    fake.handshake()
    assert fake.process([b"a=1"], TIME_MS)
    assert not fake.process([b"a=1", b"no transaction"], TIME_MS)
    with pytest.raises(Stopped, match="height 1 was rejected"):
        fake.decide([b"no transaction"], TIME_MS, proposes=False)


def test_an_application_that_lost_its_last_heights_gets_them_again(run: Callable[..., Running]) -> None:
    before = run()
    before.fake.handshake()
    for height in range(1, 6):
        before.fake.decide([b"k%d=%d" % (height, height)], TIME_MS + height)
    after = run()
    after.fake.blocks = before.fake.blocks
    after.fake.handshake()
    assert after.application.values == before.application.values
    assert after.fake.app_hash == before.fake.app_hash
    after.fake.blocks = after.fake.blocks[:3]
    with pytest.raises(Stopped, match="app block height 5 is higher than core 3"):
        after.fake.handshake()


def test_consensus_stays_in_one_thread_and_checks_in_another(run: Callable[..., Running]) -> None:
    running = run()
    running.fake.handshake()
    running.fake.check([b"a=1"])
    running.fake.decide([b"a=1"], TIME_MS)
    running.fake.decide([], TIME_MS + 1)
    seen = running.application.seen
    consensus = set().union(
        *(seen[kind] for kind in "init_chain prepare_proposal process_proposal finalize_block commit".split())
    )
    assert len(consensus) == 1
    assert len(seen["check_tx"]) == len(seen["info"]) == 1
    assert len(consensus | seen["check_tx"] | seen["info"]) == 3


# --- what came together ----------------------------------------------------------------------------------------------


def test_checks_that_arrive_together_are_handed_over_together(run: Callable[..., Running]) -> None:
    running = run()
    running.fake.connect()
    verdicts = running.fake.check([b"a=1", b"wrong", b"b=2"])
    assert [(one.code, one.log) for one in verdicts] == [(0, ""), (7, "a transaction is key=value"), (0, "")]
    assert [one.code for one in running.fake.check([b"%d" % n for n in range(1200)])] == [7] * 1200
    assert sum(running.application.groups) == 1203
    assert max(running.application.groups) > 1
    running.fake.check([b"a=1"] * 4, CheckTxType.RECHECK)
    assert running.application.rechecked == 4


def test_answers_come_in_the_order_of_the_requests(run: Callable[..., Running]) -> None:
    server = run().server
    kinds = ["check_tx", "check_tx", "echo", "check_tx", "info", "flush", "flush", "query", "check_tx", "flush"]
    requests = [abci.Request(**{kind: {}}) for kind in kinds]
    connection = raw_connection(server)
    connection.sendall(b"".join(map(frame, requests)))
    connection.shutdown(socket.SHUT_WR)
    assert [answer.WhichOneof("value") for answer in answers_until_closed(connection)] == kinds


def test_a_message_that_comes_in_pieces_is_answered_once(run: Callable[..., Running]) -> None:
    connection = raw_connection(run().server)
    for byte in frame(abci.Request(echo={"message": "x" * 200})) + frame(abci.Request(flush={})):
        connection.sendall(bytes([byte]))
    connection.shutdown(socket.SHUT_WR)
    echo, flush = answers_until_closed(connection)
    assert echo.echo.message == "x" * 200
    assert flush.WhichOneof("value") == "flush"


def test_a_block_of_several_mebibytes_goes_through(run: Callable[..., Running]) -> None:
    running = run()
    running.fake.handshake()
    txs = [b"%d=" % n + bytes(200_000) for n in range(40)]
    decided = running.fake.decide(txs, TIME_MS, proposes=False)
    assert decided.txs == tuple(txs)
    assert len(running.application.values) == 40


def test_requests_and_time_are_counted_by_kind(run: Callable[..., Running]) -> None:
    running = run()
    running.fake.handshake()
    running.fake.check([b"a=1"] * 700)
    running.fake.decide([b"a=1"], TIME_MS)
    totals = running.server.totals()
    counted = {kind: spent.requests for kind, spent in totals.items()}
    assert counted.pop("flush") == 8
    assert counted == {
        "info": 1,
        "init_chain": 1,
        "check_tx": 700,
        "prepare_proposal": 1,
        "process_proposal": 1,
        "finalize_block": 1,
        "commit": 1,
    }
    assert all(spent.nanoseconds > 0 for kind, spent in totals.items() if kind != "flush")


# --- what goes wrong -------------------------------------------------------------------------------------------------


class Buggy(KeyValue):
    """Falls over one transaction, and gives what is no answer to another."""

    def finalize_block(self, request: Message) -> Message:
        if b"bug=1" in request.txs:
            raise ZeroDivisionError("a rule divided by zero " * 100)
        return super().finalize_block(request)

    def check_txs(self, requests: Sequence[Message]) -> list[Message]:
        return super().check_txs([one for one in requests if one.tx != b"lost=1"])

    def query(self, request: Message) -> Message:
        return None if request.path == "nothing" else abci.ResponseCommit()


def test_a_bug_in_the_application_stops_the_node_loudly(
    run: Callable[..., Running], caplog: pytest.LogCaptureFixture
) -> None:
    running = run(Buggy())
    fake = running.fake
    fake.handshake()
    with pytest.raises(Stopped, match=r"^ZeroDivisionError: a rule divided by zero [a-z ]{400,500}$"):
        fake.decide([b"bug=1"], TIME_MS)
    for connection in range(4):
        with pytest.raises((Stopped, OSError)):
            fake.call(connection, "info")
    running.server.close()
    assert [type(failure) for failure in running.failures] == [ZeroDivisionError]
    assert running.server.failure is running.failures[0]
    assert "the application failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "kind, fields, complaint",
    [
        ("check_tx", {"tx": b"lost=1"}, "0 verdicts on 1 transactions"),
        ("query", {"path": "nothing"}, "gave None as the answer to query"),
        ("query", {"path": "other"}, "TypeError"),
    ],
)
def test_what_is_no_answer_counts_as_a_bug(
    run: Callable[..., Running], kind: str, fields: dict[str, Any], complaint: str
) -> None:
    running = run(Buggy())
    running.fake.connect()
    with pytest.raises(Stopped, match=complaint):
        running.fake.call(QUERY, kind, **fields)
    running.server.close()
    assert len(running.failures) == 1


def test_a_bug_is_told_even_when_cometbft_is_gone(tmp_path: Path) -> None:
    begun, gone = Event(), Event()

    class Late(Buggy):
        def query(self, request: Message) -> Message:
            begun.set()
            assert gone.wait(10)
            raise KeyboardInterrupt

    running = Running(f"unix://{tmp_path}/abci.sock", Late())
    connection = raw_connection(running.server)
    connection.sendall(frame(abci.Request(query={})))
    assert begun.wait(10)
    connection.close()
    gone.set()
    assert running.failed.wait(10)
    assert isinstance(running.server.failure, KeyboardInterrupt)
    running.server.close()


def test_answers_given_before_a_bug_still_go_out(run: Callable[..., Running]) -> None:
    running = run(Buggy())
    connection = raw_connection(running.server)
    requests = [{"echo": {}}, {"check_tx": {"tx": b"a=1"}}, {"query": {"path": "nothing"}}, {"echo": {}}]
    connection.sendall(b"".join(frame(abci.Request(**request)) for request in requests))
    answered = [answer.WhichOneof("value") for answer in answers_until_closed(connection)]
    assert answered == ["echo", "check_tx", "exception"]


@pytest.mark.parametrize(
    "sent, complaint",
    [
        (b"\xff" * 20, "more than 10 bytes"),
        (bytes.fromhex("034205ff"), "3 bytes are no Request"),
        (bytes.fromhex("9103"), "a message of 401 bytes; the limit is 400"),
        (frame(abci.Request(insert_tx={"tx": b"x"})), "a request of kind insert_tx"),
        (bytes.fromhex("03ba3e00"), "a request of kind unknown"),
    ],
)
def test_bytes_that_are_no_request_close_that_connection_alone(
    run: Callable[..., Running], caplog: pytest.LogCaptureFixture, sent: bytes, complaint: str
) -> None:
    running = run(message_limit_bytes=400)
    running.fake.handshake()
    connection = raw_connection(running.server)
    connection.sendall(sent)
    assert answers_until_closed(connection) == []
    assert complaint in caplog.text
    assert running.fake.decide([b"a=1"], TIME_MS).height == 1
    assert running.failures == []


def test_more_connections_than_any_cometbft_opens_are_turned_away(
    run: Callable[..., Running], caplog: pytest.LogCaptureFixture
) -> None:
    server = run().server
    kept = [raw_connection(server) for _ in range(CONNECTIONS_LIMIT)]
    for connection in kept:
        connection.sendall(frame(abci.Request(flush={})))
        assert connection.recv(10) == bytes.fromhex("021a00")
    assert answers_until_closed(raw_connection(server)) == []
    assert f"{CONNECTIONS_LIMIT} are open" in caplog.text
    for connection in kept:
        connection.close()


def test_a_cometbft_that_goes_away_may_come_back(run: Callable[..., Running], caplog: pytest.LogCaptureFixture) -> None:
    fake = run().fake
    fake.handshake()
    fake.decide([b"a=1"], TIME_MS)
    fake.disconnect()
    assert fake.handshake().last_block_height == 1
    assert fake.decide([b"a=2"], TIME_MS + 1).height == 2
    assert caplog.record_tuples == []


# --- addresses and the end -------------------------------------------------------------------------------------------


def test_close_ends_the_threads_and_removes_the_socket(tmp_path: Path) -> None:
    before = active_count()
    running = Running(f"unix://{tmp_path}/abci.sock", KeyValue())
    running.fake.handshake()
    assert active_count() == before + 5
    assert (tmp_path / "abci.sock").stat().st_mode & 0o777 == 0o600
    running.server.close()
    running.server.close()
    assert active_count() == before
    assert list(tmp_path.iterdir()) == []
    running.fake.disconnect()


def test_close_waits_for_the_block_that_is_being_executed(tmp_path: Path) -> None:
    begun, go_on = Event(), Event()

    class Slow(KeyValue):
        def commit(self, request: Message) -> Message:
            begun.set()
            assert go_on.wait(10)
            return super().commit(request)

    running = Running(f"unix://{tmp_path}/abci.sock", Slow())
    connection = raw_connection(running.server)
    connection.sendall(frame(abci.Request(finalize_block={"height": 1})) + frame(abci.Request(commit={})))
    assert begun.wait(10)
    go_on.set()
    running.server.close()
    assert running.application.height == 1
    connection.close()


def test_the_loopback_serves_where_there_are_no_unix_sockets() -> None:
    running = Running("tcp://127.0.0.1:0", KeyValue())
    assert running.server.address.rpartition(":")[2] != "0"
    running.fake.handshake()
    assert running.fake.decide([b"a=1"], TIME_MS).height == 1
    running.fake.disconnect()
    running.server.close()


def test_a_socket_that_a_killed_node_left_is_taken_over(tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/abci.sock"
    listen(address).close()
    assert (tmp_path / "abci.sock").exists()
    running = Running(address, KeyValue())
    running.fake.handshake()
    with pytest.raises(AddressUnusable, match="a node listens there already"):
        listen(address)
    running.fake.disconnect()
    running.server.close()


def test_an_address_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    long = tmp_path / ("x" * 120)
    for address, complaint in (
        (f"unix://{long}", "a Unix socket takes 107, use a shorter folder"),
        (f"unix://{tmp_path}/file", "no socket; move it away"),
        (f"unix://{tmp_path}/nowhere/abci.sock", "No such file"),
        ("tcp://0.0.0.0:26658", "must not leave the machine"),
        ("tcp://127.0.0.1:what", "what"),
        ("http://127.0.0.1:26658", "give unix:///path"),
    ):
        with pytest.raises(AddressUnusable, match=complaint):
            listen(address)
    assert (tmp_path / "file").read_text() == "precious"
