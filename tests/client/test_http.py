"""A node behind HTTP that is not always there: what was sent is sent again, in order, and nothing is skipped."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread
from typing import Any

import pytest

from sogdia.client import http
from sogdia.client.connection import Connection
from sogdia.client.http import HttpConnection, HttpProblem, NodeUnreachable
from sogdia.core.keys import EDDSA, SigningKey
from sogdia.primitives.sealed.errors import Erased

Answer = tuple[int, dict[str, str], bytes]
ACCEPTED = b'{"code":0,"fields":{},"text":"","receipt":null}'


class Pen:
    """A key that signs requests."""

    kid, scheme = "did:bid:sgd1:efexample#key-1", EDDSA

    def sign(self, message: bytes) -> bytes:
        return SigningKey(bytes(32)).sign(message)


class Node:
    """A server that answers what it is told to, in turn; an answer of None breaks the connection."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.otherwise: Callable[[Asked], Answer] = lambda asked: (404, {}, b"{}")
        self.asked: list[Asked] = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                one = Asked(self.command, self.path, dict(self.headers.items()), body)
                node.asked.append(one)
                answer = node.answers.pop(0) if node.answers else node.otherwise(one)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in {"content-length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                if int(headers.get("content-length", 0)) > len(content):
                    self.close_connection = True

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def sent(self, path: str) -> list["Asked"]:
        """The requests for this path."""
        return [one for one in self.asked if one.path.startswith(path)]


class Asked:
    """A request that came."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.body = method, path, body
        self.headers = {name.lower(): value for name, value in headers.items()}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr("sogdia.client.http.time.sleep", lambda seconds: None)
    made = Node()
    yield made
    made.server.shutdown()
    made.server.server_close()


def connected(node: Node, signer: Pen | None = None, attempts: int = 4) -> HttpConnection:
    return HttpConnection(node.url, "test", signer, attempts=attempts, timeout_seconds=5)


def echo(asked: Asked) -> Answer:
    """Accepts every line, and opens sessions."""
    if asked.path == "/session":
        return (
            201,
            {},
            json.dumps({"token": f"token-{asked.headers['signature'][-9:-3]}", "expires_in_seconds": 3_600}).encode(),
        )
    lines = asked.body.split(b"\n")
    return 200, {}, b"\n".join(ACCEPTED for _ in lines) + (b"\n" if len(lines) > 1 else b"")


def problem(status: int, **headers: str) -> Answer:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, fields, json.dumps({"title": "No", "detail": f"because of {status}"}).encode()


def test_it_is_a_connection(node: Node) -> None:
    with connected(node) as connection:
        proto: Connection = connection
        assert proto.network == "test"


# --- sending --------------------------------------------------------------------------------------------------------


def test_several_transactions_travel_together_in_order(node: Node) -> None:
    node.otherwise = echo
    with connected(node) as connection:
        replies = connection.submit([b"one", b"two", b"three"])
    assert [reply.accepted for reply in replies] == [True] * 3
    assert [asked.body for asked in node.asked] == [b"one\ntwo\nthree"]
    assert node.asked[0].headers["content-type"] == "application/x-ndjson"


def test_what_is_too_much_for_one_request_is_cut_in_order(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.otherwise = echo
    monkeypatch.setattr(http, "BATCH_LIMIT_BYTES", 10_000)
    raws = [b"%04d" % number for number in range(4_100)]
    with connected(node) as connection:
        assert len(connection.submit(raws)) == 4_100
    assert b"\n".join(asked.body for asked in node.asked).split(b"\n") == raws
    assert max(len(asked.body) for asked in node.asked) <= 10_000 + 2_000
    assert len(node.asked) >= 3


def test_a_transaction_that_holds_line_feeds_travels_alone_and_unchanged(node: Node) -> None:
    node.otherwise = lambda asked: (200, {}, ACCEPTED) if b"{" in asked.body else echo(asked)
    with connected(node) as connection:
        assert len(connection.submit([b"one", b"two", b'{\n"a": 1\n}', b"three", b"four"])) == 5
    assert [asked.body for asked in node.asked] == [b"one\ntwo", b'{\n"a": 1\n}', b"three\nfour"]
    assert node.asked[1].headers["content-type"] == "application/jose+json"


def test_a_single_refusal_is_a_reply_and_no_error(node: Node) -> None:
    node.answers = [(422, {}, b'{"code":3001,"fields":{"order":"1"},"text":"no","receipt":null}')]
    with connected(node) as connection:
        reply = connection.submit([b"one"])[0]
    assert (reply.code, reply.fields, reply.receipt) == (3001, {"order": "1"}, None)


def test_nothing_to_send_is_not_sent(node: Node) -> None:
    with connected(node) as connection:
        assert connection.submit([]) == []
        assert connection.lookup([]) == []
        connection.put_sealed([])
    assert node.asked == []


@pytest.mark.parametrize(
    "trouble", [None, problem(503), problem(503, retry_after="1")], ids=["broken", "503", "told when"]
)
def test_what_got_no_answer_is_sent_again_as_it_was(node: Node, trouble: Answer | None) -> None:
    node.answers, node.otherwise = [trouble, trouble], echo
    with connected(node) as connection:
        assert len(connection.submit([b"one", b"two"])) == 2
    assert [asked.body for asked in node.asked] == [b"one\ntwo"] * 3


def test_after_some_attempts_it_gives_up_and_says_so(node: Node) -> None:
    node.answers = [None] * 10
    with connected(node, attempts=3) as connection, pytest.raises(NodeUnreachable, match="3 attempts"):
        connection.submit([b"one"])
    assert len(node.asked) == 3


def test_a_node_that_is_not_there_is_unreachable(node: Node) -> None:
    with HttpConnection("http://127.0.0.1:9", "test", attempts=2) as connection, pytest.raises(NodeUnreachable):
        connection.status()


def test_waiting_gets_longer_and_heeds_what_the_node_asks_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("sogdia.client.http.time.sleep", waits.append)
    node.answers = [None, None, problem(503, retry_after="7"), problem(503, retry_after="99999"), None, None]
    with connected(node, attempts=6) as connection, pytest.raises(NodeUnreachable):
        connection.status()
    assert len(waits) == 5
    assert waits[0] < waits[1] < 1
    assert 5 < waits[2] < 9
    assert waits[3] <= http.LONGEST_WAIT_SECONDS * 1.25


@pytest.mark.parametrize("status", [400, 403, 413, 415, 429, 500])
def test_any_other_no_is_raised_with_the_nodes_own_words(node: Node, status: int) -> None:
    node.answers = [problem(status)]
    with connected(node) as connection, pytest.raises(HttpProblem, match=f"No: because of {status}") as caught:
        connection.submit([b"one", b"two"])
    assert caught.value.status == status
    assert len(node.asked) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"\xff", b"[" * 10_000])
def test_a_no_without_words_is_a_problem_too(node: Node, content: bytes) -> None:
    node.answers = [(502, {}, content)]
    with connected(node) as connection, pytest.raises(HttpProblem) as caught:
        connection.status()
    assert caught.value.status == 502


def test_too_few_replies_are_not_taken_for_all(node: Node) -> None:
    node.answers = [(200, {}, ACCEPTED + b"\n")]
    with connected(node) as connection, pytest.raises(HttpProblem, match="1 replies to 2"):
        connection.submit([b"one", b"two"])


# --- sessions -------------------------------------------------------------------------------------------------------


def signed_in(node: Node) -> list[str]:
    """The tokens that came with requests other than for sessions."""
    return [one.headers.get("authorization", "") for one in node.asked if one.path != "/session"]


def test_one_session_serves_many_requests_and_is_given_back(node: Node) -> None:
    node.otherwise = lambda asked: echo(asked) if asked.path == "/session" else (200, {}, b"{}")
    with connected(node, Pen()) as connection:
        connection.status()
        connection.status()
    assert [one.method for one in node.sent("/session")] == ["POST", "DELETE"]
    assert len(set(signed_in(node))) == 1
    assert signed_in(node)[0].startswith("Bearer token-")


def test_an_ended_session_is_opened_anew(node: Node) -> None:
    node.otherwise = lambda asked: echo(asked) if asked.path == "/session" else (200, {}, b"{}")
    with connected(node, Pen()) as connection:
        connection.status()
        node.answers = [problem(401)]
        connection.status()
    assert [one.method for one in node.sent("/session")] == ["POST", "POST", "DELETE"]
    first, refused, second = signed_in(node)
    assert first == refused != second


def test_a_session_is_renewed_before_it_ends(node: Node) -> None:
    short: Answer = (201, {}, b'{"token": "t", "expires_in_seconds": 61}')
    node.otherwise = lambda asked: short if asked.path == "/session" else (200, {}, b"{}")
    clock = [1_000.0]
    with pytest.MonkeyPatch.context() as patch, connected(node, Pen()) as connection:
        patch.setattr("sogdia.client.http.time.monotonic", lambda: clock[0])
        connection.status()
        clock[0] += 2
        connection.status()
    assert [one.method for one in node.sent("/session")] == ["POST", "POST", "DELETE"]


def test_a_sign_in_that_is_refused_is_raised_at_once(node: Node) -> None:
    node.answers = [problem(401)]
    with connected(node, Pen()) as connection, pytest.raises(HttpProblem) as caught:
        connection.status()
    assert caught.value.status == 401
    assert len(node.asked) == 1


@pytest.mark.parametrize("trouble", [None, problem(503)], ids=["broken", "503"])
def test_a_sign_in_that_gets_no_answer_is_tried_again_with_another_nonce(node: Node, trouble: Answer | None) -> None:
    node.answers = [trouble]
    node.otherwise = lambda asked: echo(asked) if asked.path == "/session" else (200, {}, b"{}")
    with connected(node, Pen()) as connection:
        connection.status()
    first, second, _ = node.sent("/session")
    assert first.headers["signature-input"] != second.headers["signature-input"]


def test_a_session_that_ended_while_the_connection_broke_is_opened_anew(node: Node) -> None:
    node.otherwise = lambda asked: echo(asked) if asked.path == "/session" else (200, {}, b"{}")
    with connected(node, Pen()) as connection:
        connection.status()
        node.answers = [None, problem(401)]
        assert connection.status() == {}


def test_the_public_does_not_sign_in_and_transactions_need_no_session(node: Node) -> None:
    node.otherwise = lambda asked: (200, {}, ACCEPTED)
    with connected(node) as public, connected(node, Pen()) as party:
        public.status()
        party.submit([b"one"])
    assert node.sent("/session") == []
    assert signed_in(node) == ["", ""]


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_long_lookup_is_cut_and_put_together_in_order(node: Node) -> None:
    node.otherwise = lambda asked: (200, {}, json.dumps([{"key": one[1]} for one in json.loads(asked.body)]).encode())
    with connected(node) as connection:
        found = connection.lookup([("t", str(number)) for number in range(4_500)])
    assert [one and one["key"] for one in found] == [str(number) for number in range(4_500)]
    assert [len(json.loads(asked.body)) for asked in node.asked] == [2_000, 2_000, 500]


def test_parameters_of_a_query_are_written_as_the_node_reads_them(node: Node) -> None:
    node.otherwise = lambda asked: (200, {}, b"[]")
    with connected(node) as connection:
        connection.query("orders/orders", ship_to="FR", limit=5, late=True, after=None, some=["a", 2])
    assert node.asked[0].path == "/queries/orders/orders?ship_to=FR&limit=5&late=true&some=a&some=2"


def test_absence_is_none_and_any_other_no_is_raised(node: Node) -> None:
    node.answers = [*[problem(404)] * 3, problem(403)]
    with connected(node) as connection:
        assert connection.receipt("0" * 64) is None
        assert connection.evidence("orders.order", "1", "2") is None
        assert connection.get_sealed("p/1", "0" * 64) is None
        with pytest.raises(HttpProblem):
            connection.receipt("0" * 64)


def test_erased_values_are_told_from_absent_ones(node: Node) -> None:
    node.answers = [problem(410)]
    with connected(node) as connection, pytest.raises(Erased):
        connection.get_sealed("p/1", "0" * 64)


# --- events ---------------------------------------------------------------------------------------------------------


def said(height: int, index: int, position: int = 0) -> bytes:
    told = {"transaction": "t", "height": height, "time_ms": 1, "event": {"n": height}}
    return b"id: %d-%d-%d\nevent: orders.placed\ndata: %b\n\n" % (height, index, position, json.dumps(told).encode())


def broken_off(*bodies: bytes) -> list[Answer | None]:
    """Streams that break off: their length promises more than comes."""
    return [(200, {"content-type": "text/event-stream", "content-length": str(len(one) + 9)}, one) for one in bodies]


def heard(node: Node, count: int, after: str = "") -> list[str]:
    """The ids of the next events; every stream ends in a broken connection."""
    with connected(node) as connection:
        return [one.id for one in islice(connection.follow(after), count)]


@pytest.fixture
def breaking(node: Node, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Streams that end without a word."""
    node.otherwise = lambda asked: (200, {"connection": "close"}, b"")
    return node


def ended(*bodies: bytes) -> list[Answer | None]:
    return [(200, {"content-type": "text/event-stream"}, one) for one in bodies]


def test_events_go_on_after_the_last_one_heard(breaking: Node) -> None:
    breaking.answers = ended(said(1, 0) + said(1, 1), said(2, 0), said(3, 0))
    assert heard(breaking, 4) == ["1-0-0", "1-1-0", "2-0-0", "3-0-0"]
    assert [one.headers.get("last-event-id") for one in breaking.asked] == [None, "1-1-0", "2-0-0"]


def test_an_event_that_is_said_twice_is_handed_out_once(breaking: Node) -> None:
    breaking.answers = ended(said(1, 0) + said(1, 1), said(1, 0) + said(1, 1) + said(2, 0))
    assert heard(breaking, 3) == ["1-0-0", "1-1-0", "2-0-0"]


def test_heartbeats_move_the_place_and_are_no_events(breaking: Node) -> None:
    breaking.answers = ended(b"retry: 1000\n\n: nothing new\nid: 41\n\n", said(42, 0))
    assert heard(breaking, 1) == ["42-0-0"]
    assert breaking.asked[1].headers["last-event-id"] == "41"


def test_half_an_event_is_none(breaking: Node) -> None:
    breaking.answers = ended(said(1, 0) + said(1, 1)[:-1], said(1, 1))
    assert heard(breaking, 2) == ["1-0-0", "1-1-0"]


def test_numbers_are_compared_as_numbers(breaking: Node) -> None:
    breaking.answers = ended(said(9, 9) + said(9, 10) + said(10, 0))
    assert heard(breaking, 3) == ["9-9-0", "9-10-0", "10-0-0"]


def test_a_stream_that_breaks_off_is_opened_again(node: Node) -> None:
    node.answers = [*broken_off(said(1, 0)), None, problem(503), *ended(said(2, 0))]
    assert heard(node, 2) == ["1-0-0", "2-0-0"]


def test_a_stream_that_is_refused_says_why(node: Node) -> None:
    node.answers = [problem(400)]
    with pytest.raises(HttpProblem, match="because of 400"):
        heard(node, 1, "x")


def test_a_stream_that_never_comes_back_is_unreachable(node: Node) -> None:
    node.answers = [None] * 10
    with pytest.raises(NodeUnreachable, match="sends no events"):
        heard(node, 1)


def test_a_line_without_end_is_not_held(breaking: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "EVENT_LINE_LIMIT_BYTES", 100)
    breaking.answers = ended(*[b"data: " + b"x" * 200] * 4)
    with pytest.raises(NodeUnreachable):
        heard(breaking, 1)
