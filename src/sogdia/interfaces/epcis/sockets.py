"""Events of a named query over a WebSocket: `GET /queries/{name}/events?stream=true`, or with a schedule, and Upgrade.

Each message is an EPCISQueryDocument. Nothing is kept for a listener: what is new is read for it as fast as it takes
it, so a slow one costs others nothing; one that takes nothing is let go of (`interfaces.http.websocket`). Who may
listen, the query, and what its party may read are looked at anew before each message and four times a minute.

Codes at the end: 1003 for who sends messages, 1008 when it may no longer listen or is too slow, 1011 for a mistake of
ours, 1012 when the node stops.
"""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from litestar import Request, Response, WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from sogdia.interfaces.epcis.answers import document
from sogdia.interfaces.epcis.call import Call
from sogdia.interfaces.epcis.capabilities import SPOKEN
from sogdia.interfaces.epcis.finding import Row, latest
from sogdia.interfaces.epcis.forms import shape_of
from sogdia.interfaces.epcis.instants import instant
from sogdia.interfaces.epcis.listening import Ended, Listener, wanted_of
from sogdia.interfaces.epcis.paths import path_of
from sogdia.interfaces.epcis.problems import EpcisProblem, answer
from sogdia.interfaces.epcis.query_resources import named
from sogdia.interfaces.epcis.refusing import problem_of
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http.desk import Desk, aside
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy

MESSAGE_BYTES: Final = 1024 * 1024
"""A message is cut in two above this, down to one event."""
REASON_BYTES: Final = 120
_GONE: Final = (OSError, WebSocketDisconnect)
_SCHEMES: Final = {"ws": "http", "wss": "https"}
AnySocket = WebSocket[Any, Any, Any]


@websocket("/{place:path}")
async def query_socket(socket: AnySocket) -> None:
    """What is new for a named query, for as long as its party listens."""
    station: Station = socket.app.state.epcis
    request = _as_request(socket)
    try:
        listener = await _admitted(Call(station, request, path_of(request)))
        with _room(station.desk, listener.party):
            await socket.accept(headers=_headers(listener))
            await _converse(socket, listener)
    except _GONE:
        return
    except Exception as error:
        await _refuse(socket, answer(request, problem_of(error, "GET", station.settings)))


async def _admitted(call: Call) -> Listener:
    """Whoever may listen, with what it asks for. EpcisProblem, Problem and QueryRefused say why not."""
    if len(call.path) != 3 or (call.path[0], call.path[2]) != ("queries", "events"):
        raise EpcisProblem(404, "no_resource", path=call.request.scope["raw_path"].decode("latin-1")[:200])
    shape, found = shape_of(call.request, "json", "xml"), await named(call)
    wanted = wanted_of(call.parameters, call.station.settings.per_page)
    seq = await aside(latest, call.station.picture) if wanted.initial_record_ms is None else 0
    return Listener(call.station, call.request, call.member(), found.name, wanted, shape, seq)


@contextmanager
def _room(desk: Desk, party: str) -> Iterator[None]:
    """A place among the streams that are open, which are bounded for each party and for all."""
    if sum(desk.listening.values()) >= desk.limits.streams:
        raise busy("too_many_streams", most=desk.limits.streams)
    if desk.listening[party] >= desk.limits.streams_per_party:
        raise Problem(429, "too_many_streams", most=desk.limits.streams_per_party)
    desk.listening[party] += 1
    try:
        yield
    finally:
        desk.listening[party] -= 1
        desk.listening += {}  # drops those that are at zero


async def _converse(socket: AnySocket, listener: Listener) -> None:
    """Tell until there is a reason to end, then say it, unless the peer ended it."""
    tasks = [asyncio.create_task(_silence(socket)), asyncio.create_task(_telling(socket, listener))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if ended is not None:
        with suppress(*_GONE):
            await socket.close(ended.code, ended.reason.encode()[:REASON_BYTES].decode(errors="ignore"))


async def _silence(socket: AnySocket) -> Ended | None:
    """Wait for what ends the peer's silence: it goes, or it says something."""
    message = await socket.receive()
    return None if message["type"] == "websocket.disconnect" else Ended(1003, "send nothing here: this only tells")


async def _telling(socket: AnySocket, listener: Listener) -> Ended:
    station, shape, subscription = listener.station, listener.shape, str(uuid.uuid4())

    async def tell(rows: tuple[Row, ...]) -> None:
        content = (await aside(document, station, rows, shape, listener.name, subscription)).content
        if len(content) > MESSAGE_BYTES and len(rows) > 1:
            await tell(rows[: len(rows) // 2])
            await tell(rows[len(rows) // 2 :])
        else:
            await socket.send_text(content.decode())

    station.watch.join()
    try:
        return await listener.listen(tell)
    except _GONE:
        raise
    except Exception as error:
        problem = problem_of(error, "GET", station.settings)
        code = 1011 if problem.status >= 500 else 1008
        return Ended(code, problem.body("en")["detail"])
    finally:
        station.watch.leave()


def _headers(listener: Listener) -> dict[str, Any]:
    return {**SPOKEN, "gs1-query-min-record-time": instant(listener.since_ms)}


def _as_request(socket: AnySocket) -> AnyRequest:
    """The request that wishes to become a socket, as it was sent and signed."""
    scope: Any = {**socket.scope, "type": "http", "method": "GET", "scheme": _SCHEMES[str(socket.scope["scheme"])]}
    return Request(scope)


async def _refuse(socket: AnySocket, said: Response[bytes]) -> None:
    """An answer of HTTP instead of a socket."""
    headers = {**SPOKEN, **said.headers, "content-type": str(said.media_type), "cache-control": "no-store"}
    raw = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(said.content)).encode()))
    start: Any = {"type": "websocket.http.response.start", "status": said.status_code, "headers": raw}
    body: Any = {"type": "websocket.http.response.body", "body": said.content}
    with suppress(*_GONE):
        await socket.send(start)
        await socket.send(body)
