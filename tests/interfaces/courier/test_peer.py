"""What another member's node may answer: anything. None of it costs more than its own errands."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from sogdia.interfaces.courier.errands import Errand
from sogdia.interfaces.courier.peer import Peer, PeerFailed
from sogdia.primitives.sealed import envelope as envelopes
from tests.interfaces.courier.league import BETA, quick
from tests.interfaces.http.town import CARRIER, PLATFORM, envelope

TRADE = f"{PLATFORM.did}/2026-1"
GOOD = envelope(TRADE, PLATFORM, CARRIER)
WANTED = Errand(TRADE, envelopes.from_bytes(GOOD).id, 1, 2)


class Stage:
    """A server that answers every request with the same status and body."""

    def __init__(self) -> None:
        self.status, self.body, self.headers, self.pause_seconds = 200, b"", dict[str, str](), 0.0
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(stage.status)
                for name, value in stage.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(stage.body)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def peer(stage: Stage) -> Iterator[Peer]:
    made = Peer(f"http://127.0.0.1:{stage.server.server_port}", quick(BETA, answer_limit_bytes=10_000))
    yield made
    made.close()


def test_an_envelope_is_known_by_its_digest_whatever_else_comes(stage: Stage, peer: Peer) -> None:
    other = envelope(TRADE, PLATFORM, CARRIER)
    unasked = b'{"type":"sogdia.not_given.1","envelope":"%s","reason":"not_here"}' % (b"1" * 64)
    stage.body = b"\n".join([other, b"nonsense", unasked, GOOD, b""])
    answer = peer.fetch([WANTED])
    assert answer.given == {WANTED.envelope: GOOD}
    assert (answer.withheld, answer.forged) == ({}, 2)


def test_a_word_on_what_was_asked_for_is_heard(stage: Stage, peer: Peer) -> None:
    stage.body = b'{"type":"sogdia.not_given.1","envelope":"%s","reason":"not_here"}\n' % WANTED.envelope.encode()
    assert peer.fetch([WANTED]).withheld == {WANTED.envelope: "not_here"}


def test_an_answer_without_end_is_cut_off(stage: Stage, peer: Peer) -> None:
    stage.body = b"x" * 10_001
    with pytest.raises(PeerFailed, match="too much"):
        peer.fetch([WANTED])


def test_a_compressed_answer_is_not_unpacked(stage: Stage, peer: Peer) -> None:
    stage.headers, stage.body = {"content-encoding": "gzip"}, b"\x1f\x8b compressed"
    assert peer.fetch([WANTED]).forged == 1


@pytest.mark.parametrize("status", [301, 403, 500])
def test_any_other_status_is_a_failure_with_its_number(stage: Stage, peer: Peer, status: int) -> None:
    stage.status, stage.headers = status, {"location": "http://127.0.0.1:1/"}
    with pytest.raises(PeerFailed, match=f"status {status}"):
        peer.fetch([WANTED])


def test_receipts_that_cannot_be_read_are_a_failure(stage: Stage, peer: Peer) -> None:
    stage.body = b'{"member": 1}'
    with pytest.raises(PeerFailed, match="unreadable"):
        peer.confirmation(TRADE, BETA.did)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1", "http://[", "nothing"])
def test_an_address_that_is_none_is_a_failure(url: str) -> None:
    peer = Peer(url, quick(BETA))
    with pytest.raises(PeerFailed, match="no address"):
        peer.fetch([WANTED])
    peer.close()
