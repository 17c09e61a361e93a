"""A node in a process of its own: served, stopped, killed in the middle of its work, started again."""

import json
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from sogdia.client.connection import Reply, signed
from sogdia.client.http import HttpConnection, HttpProblem, NodeUnreachable
from tests.interfaces.cli.conftest import NETWORK, Running, Terminal, did, listing, pen, transaction

Start = Callable[..., Running]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_node_takes_transactions_and_stops_when_it_is_told(
    sogdia: Terminal, node: Path, start: Start, number: int
) -> None:
    running = start(node)
    assert sogdia("send", "-", "--to", running.url, typed=transaction(node, listing(node, "A"))).status == 0
    assert running.end(number) == 0
    assert sogdia("status", node, "--json").json["height"] == 3


def test_a_folder_leads_to_the_node_that_runs_on_it(sogdia: Terminal, node: Path, start: Start) -> None:
    running = start(node)
    assert running.url in sogdia("status", node).out
    said = sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "A")))
    assert said.status == 0
    assert sogdia("status", running.url, "--json").json["height"] == 3


def test_a_second_node_on_the_same_folder_is_refused_in_words(sogdia: Terminal, node: Path, start: Start) -> None:
    running = start(node)
    said = sogdia("up", node, "--port", "0")
    assert said.status == 2
    assert f"{node} is in use by process {running.process.pid} ({running.url})" in said.err


def test_a_port_that_is_taken_is_named(sogdia: Terminal, node: Path, start: Start, tmp_path: Path) -> None:
    port = start(node).url.rpartition(":")[2]
    sogdia("init", tmp_path / "other", "--no-rulebooks")
    said = sogdia("up", tmp_path / "other", "--port", port)
    assert said.status == 2
    assert f"Cannot listen at 127.0.0.1:{port}" in said.err


def test_evidence_from_a_running_node_holds(sogdia: Terminal, node: Path, start: Start, tmp_path: Path) -> None:
    running, file = start(node), tmp_path / "evidence.json"
    sogdia("send", "-", "--to", running.url, typed=transaction(node, listing(node, "A")))
    record = ("catalog.product", did(node, "seller"), "A")
    asked = ("prove", running.url, *record, "-o", file, "--key", "seller", "--keys", node / "keys")
    assert sogdia(*asked).status == 0
    checks = sogdia("verify", file, "--network-key", node / "network.vkey", "--json").json["checks"]
    assert [check["name"] for check in checks if not check["holds"]] == []


def test_queries_are_answered_over_http_as_the_signing_party_may_see(
    sogdia: Terminal, node: Path, start: Start
) -> None:
    running = start(node)
    sogdia("send", "-", "--to", running.url, typed=transaction(node, listing(node, "A")))
    asked = ("query", "catalog", "product", "--param", f"seller={did(node, 'seller')}", "--param", "sku=A")
    keys = ("--key", "seller", "--keys", node / "keys")
    seen = _until(lambda: sogdia(*asked, "--to", running.url, *keys).json)
    assert seen["sku"] == "A"
    assert sogdia(*asked, "--to", running.url).json is None


def _until(ask: Callable[[], object], attempts: int = 200) -> dict[str, object]:
    """The mirror follows a moment behind."""
    for _ in range(attempts):
        if isinstance(found := ask(), dict):
            return found
        time.sleep(0.1)
    raise AssertionError("the mirror does not follow")


def test_without_a_mirror_transactions_are_taken_and_queries_are_not(
    sogdia: Terminal, node: Path, start: Start
) -> None:
    running = start(node, "--no-mirror")
    assert sogdia("send", "-", "--to", running.url, typed=transaction(node, listing(node, "A"))).status == 0
    assert sogdia("query", "identity", "parties", "--to", running.url).status == 2
    assert not (node / "mirror.sqlite").exists()


def test_receipts_that_were_given_are_still_there_after_kill_nine(sogdia: Terminal, node: Path, start: Start) -> None:
    """Killed three times in the middle of sends; nothing that was answered is lost, nothing is doubled."""
    given: dict[bytes, Reply] = {}
    for _ in range(3):
        running = start(node)
        _send_until_killed(node, running, given, least=len(given) + 40)
    with HttpConnection(start(node).url, NETWORK) as connection:
        again = connection.submit(list(given))
    assert [reply.receipt for reply in again] == [reply.receipt for reply in given.values()]
    assert len(given) >= 120
    replayed = sogdia("replay", node, "--json").json
    assert replayed["problem"] == ""
    assert replayed["transactions"] >= len(given)


def _send_until_killed(node: Path, running: Running, given: dict[bytes, Reply], least: int) -> None:
    """Send from a thread and kill the node once it has answered so often."""
    enough, seller = Event(), pen(node, "seller")

    def send() -> None:
        with HttpConnection(running.url, NETWORK, attempts=1, timeout_seconds=5.0) as connection:
            while True:
                now_ms = time.time_ns() // 1_000_000
                products = [listing(node, secrets.token_hex(8)) for _ in range(8)]
                raws = [signed(NETWORK, now_ms, secrets.token_hex(8), [one], [seller]) for one in products]
                try:
                    replies = connection.submit(raws)
                except (NodeUnreachable, HttpProblem):
                    return
                given.update(zip(raws, replies, strict=True))
                if len(given) >= least:
                    enough.set()

    thread = Thread(target=send)
    thread.start()
    assert enough.wait(60)
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    thread.join(30)
    assert all(json.loads(raw) and reply.accepted for raw, reply in given.items())
