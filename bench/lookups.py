"""Look-ups of the GS1 resolver in a world of 100,000 described things: held ones, and ones asked for the first time.

Over HTTP a node of its own answers a client with several connections; both share this machine, so the rate is put to
the processor time of the node's process. In process the application is called without a socket: what the resolver and
the framework cost without HTTP.
"""

import asyncio
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.capture import NETWORK, RunningNode, cpu_seconds, running
from bench.figures import Figure
from sogdia.app import TABLES, Node, milliseconds
from sogdia.client.connection import signed
from sogdia.client.http import HttpConnection
from sogdia.domains.trace.messages import Attribute, Describe, Element
from sogdia.interfaces.cli.mirroring import default_url
from sogdia.interfaces.http.server import configure
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.gs1.check_digits import check_digit

PRODUCTS: Final = 1_000
SERIALS: Final = 99
QUICK_PRODUCTS: Final = 20
ASKED: Final = 6_000
QUICK_ASKED: Final = 500
CONNECTIONS: Final = 8
PER_MESSAGE: Final = 500
BATCH: Final = 20
TARGET: Final = 3_000
_CLASSES: Final = "urn:epcglobal:epcis:vtype:EPCClass"
_UNIT: Final = "look-ups/s"
_READY_SECONDS: Final = 120.0


def measure(ceiling: float) -> list[Figure]:
    """Look-ups a second of one core."""
    return _measured(PRODUCTS, ASKED)


def measure_quick(ceiling: float) -> list[Figure]:
    """The same with few things, to see that it runs."""
    return _measured(QUICK_PRODUCTS, QUICK_ASKED)


def _measured(products: int, asked: int) -> list[Figure]:
    choose = random.Random(5)
    some = [
        path_of(*divmod(one, SERIALS)) for one in choose.sample(range(products * SERIALS), min(asked, products * 99))
    ]
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        folder = Path(name) / "node"
        with running(folder) as node:
            _describe(node, products)
            first, held = (_over_http(node, some) for _ in range(2))
        found = _in_process(folder, some)
    notes = {"described": products * (SERIALS + 1)}
    return [
        Figure("resolver over HTTP, things held, per core of the node", held[0], _UNIT, TARGET, notes=held[1]),
        Figure("resolver over HTTP, first look-ups, per core of the node", first[0], _UNIT, TARGET, notes=first[1]),
        Figure("resolver without HTTP, things held", found["held"], _UNIT, TARGET, notes=notes),
        Figure("resolver without HTTP, first look-ups", found["first"], _UNIT, TARGET, notes=notes),
        Figure("resolver, finding a thing's links anew", found["find"], _UNIT, TARGET, notes=notes),
        Figure("resolver, reading what is described", found["read"], "s", notes=notes),
    ]  # fmt: skip


# --- the world -------------------------------------------------------------------------------------------------------


def gtin_of(product: int) -> str:
    """The GTIN of a product."""
    body = f"0950600{product:06}"
    return body + check_digit(body)


def path_of(product: int, serial: int) -> str:
    """The path of an item's code."""
    return f"/01/{gtin_of(product)}/21/S{serial:07}"


def _elements(products: int) -> Iterator[Element]:
    for product in range(products):
        uri = f"https://id.gs1.org/01/{gtin_of(product)}"
        yield Element(uri, _said(f"Lantern no. {product}", f"https://brand.example/p/{product}"))
        for serial in range(SERIALS):
            target = f"https://brand.example/i/{product}/{serial}"
            yield Element(f"https://id.gs1.org{path_of(product, serial)}", _said("", target))


def _said(name: str, target: str) -> tuple[Attribute, ...]:
    named = (Attribute("urn:epcglobal:cbv:mda#descriptionShort", name),) if name else ()
    return (*named, Attribute("gs1:pip", target))


def _describe(node: RunningNode, products: int) -> None:
    """Put what is said of all of them on record, and wait until the resolver knows."""
    elements = list(_elements(products))
    raws = []
    for start in range(0, len(elements), PER_MESSAGE):
        part = tuple(elements[start : start + PER_MESSAGE])
        message = Describe(party=node.pen.did, vocabulary=_CLASSES, elements=part, audience="everyone")
        raws.append(signed(NETWORK, milliseconds(), f"described-{start}", [message], [node.pen], valid_ms=3_600_000))
    with HttpConnection(node.url, NETWORK) as connection:
        for start in range(0, len(raws), BATCH):
            refused = [one for one in connection.submit(raws[start : start + BATCH]) if not one.accepted]
            assert not refused, refused[0]
    until = time.monotonic() + _READY_SECONDS
    last = path_of(products - 1, SERIALS - 1)
    while _asked(node.url, [last]) != [b"307"]:
        assert time.monotonic() < until, "the resolver does not know what was said"
        time.sleep(0.5)
    print(f"lookups: {len(elements):,} things are described", file=sys.stderr)


# --- over HTTP -------------------------------------------------------------------------------------------------------


def _over_http(node: RunningNode, paths: Sequence[str]) -> tuple[float, dict[str, Any]]:
    shares = [paths[place::CONNECTIONS] for place in range(CONNECTIONS)]
    cpu, began = cpu_seconds(node.pid), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        statuses = [one for share in clients.map(_asked, [node.url] * CONNECTIONS, shares) for one in share]
    seconds, cpu = time.perf_counter() - began, cpu_seconds(node.pid) - cpu
    assert set(statuses) == {b"307"}, set(statuses)
    return len(paths) / (cpu or seconds), {"by_the_clock": round(len(paths) / seconds), "connections": CONNECTIONS}


def _asked(url: str, paths: Sequence[str]) -> list[bytes]:
    """The status of each look-up, one after another on one connection."""
    place = urlsplit(url)
    found = []
    with ExitStack() as scope:
        line = scope.enter_context(socket.create_connection((place.hostname or "", place.port or 0), timeout=30))
        reader = scope.enter_context(line.makefile("rb"))
        for path in paths:
            fields = f"host: {place.netloc}\r\naccept: text/html,*/*\r\naccept-language: en\r\nuser-agent: bench"
            line.sendall(f"GET {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
            found.append(reader.readline().split()[1])
            size = 0
            while field := reader.readline().lower().strip():
                size = int(field[15:]) if field.startswith(b"content-length:") else size
            reader.read(size)
    return found


# --- in process ------------------------------------------------------------------------------------------------------


def _in_process(folder: Path, paths: Sequence[str]) -> dict[str, float]:
    node = Node(folder)
    picture = SqlPicture(default_url(folder), TABLES)
    try:
        application = configure(node, picture).application
        resolver: Resolver = application.state.resolver
        read = _rate(resolver.look, [()])
        uris = [f"https://id.gs1.org{path}" for path in paths]
        resolver.find(uris[0])
        find = _rate(resolver.find, [(one,) for one in uris])
        resolver.forget()
        first = asyncio.run(_called(application, paths))
        held = asyncio.run(_called(application, paths))
        resolver.close()
    finally:
        picture.close()
        node.close()
    return {"read": 1 / read, "find": find, "first": first, "held": held}


def _rate(work: Callable[..., Any], given: Sequence[tuple[Any, ...]]) -> float:
    began = time.process_time()
    for one in given:
        work(*one)
    return len(given) / (time.process_time() - began)


async def _called(application: Any, paths: Sequence[str]) -> float:
    """Look-ups per second of processor time, the application called as a server calls it (ASGI), a few at a time."""
    statuses = set()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        statuses.add(message.get("status", 307))

    began = time.process_time()
    for start in range(0, len(paths), CONNECTIONS):
        few = paths[start : start + CONNECTIONS]
        await asyncio.gather(*(application(_scope(path), receive, send) for path in few))
    rate = len(paths) / (time.process_time() - began)
    assert statuses == {307}, statuses
    return rate


def _scope(path: str) -> dict[str, Any]:
    fields = [(b"host", b"resolver.example"), (b"accept", b"text/html,*/*"), (b"accept-language", b"en")]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": fields,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
