"""What every route works with: the node, its picture, the gate, the shelf of envelopes, and the room for bodies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from litestar import Response

from sogdia.core.query import Picture, Queries
from sogdia.core.state import Table
from sogdia.interfaces.http.gate import Gate
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.measures import Meter
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy
from sogdia.interfaces.http.proxies import Proxies
from sogdia.interfaces.http.pulse import Pulse
from sogdia.interfaces.http.sealed_shelf import SealedShelf

if TYPE_CHECKING:
    from sogdia.app import Node

T = TypeVar("T")

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
json_bytes = msgspec.json.Encoder().encode
"""Answers, with the fields of records in their declared order."""


class Desk:
    """One node's side of the interface."""

    def __init__(
        self,
        node: "Node",
        picture: Picture | None,
        queries: Sequence[Queries],
        gate: Gate,
        shelf: SealedShelf,
        limits: Limits,
        proxies: Proxies | None = None,
    ) -> None:
        self.node = node
        self.picture = picture
        self.queries = {f"{one.domain}/{name}": answer for one in queries for name, answer in one.answers.items()}
        self.gate = gate
        self.shelf = shelf
        self.limits = limits
        self.proxies = proxies or Proxies()
        self.pulse = Pulse(node)
        self.listening: Counter[str] = Counter()
        """Event streams open now, by party."""
        self.tables: dict[str, Table[Any]] = {table.name: table for table in node.machine.tables.values()}
        self.documents: dict[str, bytes] = {}
        """Answers that stay the same while the node runs, by route."""
        self.meter = Meter(node, picture, shelf, self.pulse)
        self._in_flight_bytes = 0

    def table(self, name: str) -> Table[Any]:
        """The table of this name; `Problem` 404 when there is none."""
        found = self.tables.get(name)
        if found is None:
            raise Problem(404, "table_unknown", table=name[:100])
        return found

    @asynccontextmanager
    async def body(self, request: AnyRequest, limit_bytes: int) -> AsyncIterator[bytes]:
        """The request's body, as long as its bytes have room among those of all other requests."""
        held, chunks = 0, []
        try:
            try:
                async with asyncio.timeout(self.limits.body_seconds):
                    async for chunk in request.stream():
                        held += len(chunk)
                        self._in_flight_bytes += len(chunk)
                        self._check_room(held, limit_bytes)
                        chunks.append(chunk)
            except TimeoutError:
                raise Problem(408, "body_too_slow", seconds=int(self.limits.body_seconds)) from None
            yield b"".join(chunks)
        finally:
            self._in_flight_bytes -= held

    def _check_room(self, held: int, limit_bytes: int) -> None:
        if held > limit_bytes:
            raise Problem(413, "body_too_large", limit_bytes=limit_bytes)
        if self._in_flight_bytes > self.limits.in_flight_bytes:
            raise busy()


def desk_of(request: AnyRequest) -> Desk:
    """The desk that this request came to."""
    found: Desk = request.app.state.desk
    return found


async def aside(work: Callable[..., T], *given: Any) -> T:
    """Do this in a thread, so that reading a disk or a database holds up nobody else."""
    return await asyncio.to_thread(work, *given)


def lines_of(body: bytes, limit: int) -> list[bytes]:
    """The lines of NDJSON that hold something, in order."""
    lines = [line.removesuffix(b"\r") for line in body.split(b"\n") if line and line != b"\r"]
    if len(lines) > limit:
        raise Problem(413, "too_many_lines", lines=len(lines), limit=limit)
    if not lines:
        raise Problem(400, "body_empty")
    return lines


def media_type(request: AnyRequest) -> str:
    """The body's media type, lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(request: AnyRequest, *fine: str) -> str:
    """The body's media type when it is among these; `Problem` 415 names them."""
    found = media_type(request)
    if found not in fine:
        raise Problem(415, "media_type", found=found[:100] or "-", expected=", ".join(fine))
    return found


def part(request: AnyRequest, name: str) -> str:
    """A part of the path, by its name in the route."""
    return str(request.path_params[name])


def one_parameter(request: AnyRequest, name: str, default: str | None = None) -> str:
    """The one value of a query parameter; `Problem` 400 when it is missing, doubled or too long."""
    values = request.query_params.getall(name, [])
    if not values and default is not None:
        return default
    if len(values) != 1:
        raise Problem(400, "parameter_missing" if not values else "parameter_doubled", parameter=name)
    return _fit(request, name, values[0])


def all_parameters(request: AnyRequest, name: str) -> list[str]:
    """Every value of a query parameter, in order; `Problem` 400 when there is none."""
    values = request.query_params.getall(name, [])
    if not values:
        raise Problem(400, "parameter_missing", parameter=name)
    return [_fit(request, name, value) for value in values]


def whole_number(request: AnyRequest, name: str, default: int | None = None) -> int:
    """A query parameter that is a whole number, not negative."""
    text = one_parameter(request, name, None if default is None else str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Problem(400, "parameter_bad", parameter=name, expected="0, 1, 2, ...")
    return int(text)


def yes_or_no(request: AnyRequest, name: str) -> bool:
    """A query parameter that is true or false; absent is false."""
    text = one_parameter(request, name, "false")
    if text not in ("true", "false"):
        raise Problem(400, "parameter_bad", parameter=name, expected="true, false")
    return text == "true"


def _fit(request: AnyRequest, name: str, value: str) -> str:
    most = desk_of(request).limits.parameter_chars
    if len(value) > most or "\0" in value or not _is_text(value):
        raise Problem(400, "parameter_bad", parameter=name, expected=f"text, 0-{most}")
    return value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_answer(found: Any, status: int = 200) -> Response[bytes]:
    """An answer in JSON."""
    return Response(json_bytes(found), status_code=status, media_type=JSON)
