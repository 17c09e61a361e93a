"""Capture of EPCIS events over HTTP, end to end, and traces over HTTP: a node of its own, as an operator runs it.

The node and its mirror are processes of their own and share this machine with the client. An event counts when a query
has found it: read, checked, signed, durable in the journal, indexed. Events have ten identifiers, but for eight in a
pallet's 87. Each client keeps one connection and one session.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec.structs import replace

from bench import goods as world
from bench.figures import Figure
from bench.goods import EVENTS_OF_PALLET, PER_PALLET, Goods, event_id, item_uri
from sogdia.client.keyring import Keyring
from sogdia.client.request_signing import sign_request
from sogdia.core.codec import base64url
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.cli.lock import holder_of
from sogdia.standards.epcis import xml
from sogdia.standards.epcis.documents import read_document

NETWORK: Final = "sogdia-bench"
PARTY: Final = "registrar"
"""The founding party that captures for itself; the node holds its key."""
PALLETS_PER_DOCUMENT: Final = 12
DOCUMENTS: Final = 16
QUICK_DOCUMENTS: Final = 2
CLIENTS: Final = 2
SINGLES: Final = 100
TRACES: Final = 400
QUICK_ROUNDS: Final = 20
QU4RTET_PER_SECOND: Final = (36, 43)
"""A Django server of EPCIS 1.2 with SQLite, measured on such a machine: 1,000 events of ten identifiers."""
_START_SECONDS: Final = 60.0
_DONE_SECONDS: Final = 120.0
_HEAD: Final = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-01-01T00:00:00Z",
}


def measure(ceiling: float) -> list[Figure]:
    """Rates of reading, capture end to end, and how long single events and traces take."""
    return _measured(DOCUMENTS, SINGLES, TRACES)


def measure_quick(ceiling: float) -> list[Figure]:
    """The same with few events, to see that it runs."""
    return _measured(QUICK_DOCUMENTS, QUICK_ROUNDS, QUICK_ROUNDS)


def _measured(documents: int, singles: int, traces: int) -> list[Figure]:
    given = documents_of(documents)
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name, running(Path(name) / "node") as node:
        captured = _captured(node, given)
        found = _found_after(node, singles)
        traced, proved = _traced(node, documents, traces)
    notes = {"events_on_record": documents * PALLETS_PER_DOCUMENT * EVENTS_OF_PALLET + singles}
    return [
        *_read(given[: max(1, documents // 4)]),
        captured,
        _p99("one event, from its 202 until a query finds it", found, 1_000),
        _p99("trace of an item over HTTP, with rights", traced, 50, **notes),
        _p99("the same, and the evidence of one of its events", proved, 50, **notes),
    ]


def _p99(name: str, took: Sequence[float], target: float, **notes: int) -> Figure:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    said = {"p50_ms": round(cuts[49], 2), "runs": len(took), **notes}
    return Figure(f"{name}, p99", cuts[98], "ms", target, higher_is_better=False, notes=said)


# --- the node --------------------------------------------------------------------------------------------------------


class RunningNode(NamedTuple):
    """A node that answers: its folder, its address, its process, and the party that captures."""

    folder: Path
    url: str
    pid: int
    pen: Pen


@contextmanager
def running(folder: Path, **files: Any) -> Iterator[RunningNode]:
    """A new node, run as `sogdia up` runs it; `files` are settings by name, such as resolver={...}."""
    command = [sys.executable, "-m", "sogdia.interfaces.cli"]
    made = ["init", str(folder), "--network", NETWORK, "--code", "benc", "--no-rulebooks"]
    subprocess.run([*command, *made], check=True, capture_output=True)
    for name, said in files.items():
        (folder / f"{name}.json").write_text(json.dumps(said))
    log = folder / "up.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "up", str(folder), "--port", "0", "--capture-as", PARTY], stdout=file, stderr=file
        )
    try:
        keys = Keyring(folder / "keys").load(PARTY)
        yield RunningNode(folder, _url(folder, process), process.pid, Pen(keys.kid, keys.identity.did, keys.signer))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _url(folder: Path, process: "subprocess.Popen[bytes]") -> str:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        holder = holder_of(folder)
        if holder is not None and holder.url:
            return holder.url
        time.sleep(0.05)
    raise AssertionError(f"the node did not start: {(folder / 'up.log').read_text()[-2_000:]}")


class Client:
    """One connection with a session of the party."""

    def __init__(self, node: RunningNode) -> None:
        self._connection = HTTPConnection(urlsplit(node.url).netloc, timeout=60)
        nonce = base64url(random.randbytes(18))
        signed = sign_request("POST", f"{node.url}/session", b"", node.pen, int(time.time()), nonce)
        status, _, body = self.ask("POST", "/session", b"", signed)
        assert status == 201, body
        self._fields = {"authorization": f"Bearer {json.loads(body)['token']}"}

    def ask(
        self, method: str, path: str, body: bytes = b"", fields: dict[str, str] | None = None
    ) -> tuple[int, Any, bytes]:
        """Status, fields and body of the answer."""
        self._connection.request(method, path, body or None, fields or self._fields)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def capture(self, document: bytes) -> str:
        """Send a document; where its job is."""
        status, headers, body = self.ask(
            "POST", "/epcis/capture", document, self._fields | {"content-type": "application/json"}
        )
        assert status == 202, body
        return str(headers["location"])

    def json(self, path: str) -> Any:
        """An answer in JSON."""
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def has(self, event: str) -> bool:
        """Whether a query finds an event by its ID."""
        found = self.json(f"/epcis/events?EQ_eventID={quote(event, safe='')}")
        return bool(found["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


# --- capture ---------------------------------------------------------------------------------------------------------


def documents_of(count: int) -> list[bytes]:
    """Documents with the events of a few pallets each."""
    pallets = count * PALLETS_PER_DOCUMENT
    made = Goods(pallets * PER_PALLET)
    return [
        document(world.events(made, range(start, start + PALLETS_PER_DOCUMENT)))
        for start in range(0, pallets, PALLETS_PER_DOCUMENT)
    ]


def document(events: Iterator[dict[str, Any]]) -> bytes:
    """An EPCIS document of these events."""
    return msgspec.json.encode(_HEAD | {"epcisBody": {"eventList": list(events)}})


def _read(given: Sequence[bytes]) -> list[Figure]:
    """Documents decoded and checked in this process, as capture does before it signs; by processor time."""
    readings = [read_document(one) for one in given]
    written = [xml.write(replace(one.document, events=tuple(event for _, event in one.events))).xml for one in readings]
    return [
        _read_figure("JSON", lambda one: read_document(one), given),
        _read_figure("XML", lambda one: xml.read(one), written),
    ]


def _read_figure(form: str, read: Callable[[bytes], Any], given: Sequence[bytes]) -> Figure:
    began, count = time.process_time(), 0
    for one in given:
        reading = read(one)
        assert not reading.faults, reading.faults[0]
        count += reading.count
    seconds = time.process_time() - began
    return Figure(f"events decoded and checked, {form}, one core", count / seconds, "events/s", 10_000, rate=True)


def _captured(node: RunningNode, given: Sequence[bytes]) -> Figure:
    """All documents sent, from the first byte until each job is done and its last event found by a query."""
    clients = [Client(node) for _ in range(CLIENTS)]
    lasts = [event_id((number + 1) * PALLETS_PER_DOCUMENT * EVENTS_OF_PALLET) for number in range(len(given))]
    work = list(zip(given, lasts, strict=True))
    before, began = cpu_seconds(node.pid), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as senders:
        sent = list(senders.map(_send, clients, [work[place::CLIENTS] for place in range(CLIENTS)]))
    seconds = time.perf_counter() - began
    cpu = cpu_seconds(node.pid) - before
    count = len(given) * PALLETS_PER_DOCUMENT * EVENTS_OF_PALLET
    assert _count(clients[0]) == count
    notes = {
        "events": count,
        "accepted_per_second": round(count / (max(sent) - began)),
        "node_cpu_seconds": round(cpu, 1),
        "bytes_per_event": round(sum(map(len, given)) / count),
        "qu4rtet_per_second": "-".join(map(str, QU4RTET_PER_SECOND)),
    }
    return Figure("events captured over HTTP until found", count / seconds, "events/s", 3_000, rate=True, notes=notes)


def _send(client: Client, given: Sequence[tuple[bytes, str]]) -> float:
    """Send documents one after another, then wait for all; the moment at which the last was accepted."""
    jobs = [client.capture(body) for body, _ in given]
    accepted = time.perf_counter()
    until = time.monotonic() + _DONE_SECONDS
    for job, (_, last) in zip(jobs, given, strict=True):
        while (told := client.json(job))["running"]:
            assert time.monotonic() < until, f"not done in time: {told}"
            time.sleep(0.05)
        assert told["success"], told["errors"][:1]
        assert client.has(last)
    return accepted


def _count(client: Client) -> int:
    """How many different events queries give, page by page."""
    found, path = set[str](), "/epcis/events?perPage=1000"
    while path:
        status, headers, body = client.ask("GET", path)
        assert status == 200, body
        listed = json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        found.update(one["eventID"] for one in listed)
        following = headers.get("link", "")
        path = following.partition("<")[2].partition(">")[0] if 'rel="next"' in following else ""
        path = path[path.index("/epcis") :] if path else ""
    return len(found)


def cpu_seconds(pid: int) -> float:
    """Processor time of the node's own process; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


def _found_after(node: RunningNode, count: int) -> list[float]:
    """Milliseconds from the 202 of a document with one event until a query finds the event."""
    client, took = Client(node), []
    for number in range(count):
        event = world.born(number) | {"eventID": f"urn:uuid:00000000-0000-4000-9000-{number:012}"}
        client.capture(document(iter([event])))
        began = time.perf_counter()
        while not client.has(event["eventID"]):
            time.sleep(0.005)
        took.append((time.perf_counter() - began) * 1_000)
    return took


# --- traces ----------------------------------------------------------------------------------------------------------


def _traced(node: RunningNode, documents: int, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of traces alone, and of traces with the evidence of one event, on one connection."""
    client, choose = Client(node), random.Random(11)
    items = documents * PALLETS_PER_DOCUMENT * PER_PALLET
    alone, proved = [], []
    for _ in range(count + 20):
        item = choose.randrange(items)
        began = time.perf_counter()
        graph = client.json(f"/trace/{quote(item_uri(item), safe='')}?direction=up")["up"]
        alone.append((time.perf_counter() - began) * 1_000)
        assert graph["nodes"]
        seq = world.case_seq(item // world.PER_CASE)
        key = [("table", "trace.event"), ("key", node.pen.did), ("key", event_id(seq)), ("key", "")]
        status, _, evidence = client.ask("GET", f"/evidence?{urlencode(key)}")
        assert (status, len(evidence) > 1_000) == (200, True), evidence[:500]
        proved.append((time.perf_counter() - began) * 1_000)
    return alone[20:], proved[20:]
