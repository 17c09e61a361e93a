"""Events as a stream (server-sent events), resumable, in order, each party its own.

An id is `<height>-<index>-<position>`: block, transaction in it, event of that. A height alone stands behind all of its
block; heartbeats carry one, so that a party to whom nothing was said for long does not start far back. Nothing is kept
for a listener: it reads the blocks' outcomes from the store as fast as it takes them.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import get
from litestar.response import Stream

from sogdia.core.query import Asker
from sogdia.core.receipt import Outcome, decode_outcome, decode_receipt
from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import Desk, aside, desk_of, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy
from sogdia.interfaces.http.transactions import may_hear

EVENT_STREAM: Final = "text/event-stream"
_CURSOR: Final = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,9})-([0-9]{1,9}))?")
_END: Final = 10**9
"""Behind every transaction of a block."""


class Cursor(msgspec.Struct, frozen=True, order=True):
    """The last place that was heard."""

    height: int
    index: int = _END
    position: int = _END


class Told(msgspec.Struct, frozen=True):
    """The data of one event."""

    transaction: str
    height: int
    time_ms: int
    event: msgspec.Raw


_encode = msgspec.json.Encoder().encode


@get(
    "/events",
    opt=about(
        Parameter("after", "go on after this id; `now` for what is to come, absent for everything", required=False),
        Parameter("Last-Event-ID", "as `after`, and before it", place="header", required=False),
        answers={EVENT_STREAM: "Told"},
        codes={410: "the place lies before this node's history; the problem says where that begins"},
        signed_in=True,
    ),
)
async def events(request: AnyRequest) -> Stream:
    """Every event that the asker may hear, in order, from a place on; a comment when there is nothing for a while.

    At least once: after a break the client goes on after the last id that it has worked off. A node that joined by a
    snapshot has no events up to there; it says so instead of leaving them out.
    """
    desk = desk_of(request)
    asker = desk.gate.member(request)
    cursor = _cursor(desk, request.headers.get("last-event-id") or one_parameter(request, "after", ""))
    if _before_history(desk, cursor):
        raise BeforeBase(desk.node.engine.base.height)
    if desk.pulse.listeners >= desk.limits.streams:
        raise busy("too_many_streams", most=desk.limits.streams)
    if desk.listening[str(asker.party)] >= desk.limits.streams_per_party:
        raise Problem(429, "too_many_streams", most=desk.limits.streams_per_party)
    return Stream(_told(desk, request, str(asker.party), cursor), media_type=EVENT_STREAM)


def _cursor(desk: Desk, text: str) -> Cursor:
    if text == "now":
        return Cursor(desk.pulse.height)
    found = _CURSOR.fullmatch(text or "0")
    if found is None:
        raise Problem(400, "parameter_bad", parameter="after", expected="<height>-<index>-<position>, <height>, now")
    height, index, position = found.groups()
    return Cursor(int(height)) if index is None else Cursor(int(height), int(index), int(position))


async def _told(desk: Desk, request: AnyRequest, party: str, cursor: Cursor) -> AsyncIterator[bytes]:
    until = asyncio.get_running_loop().time() + desk.limits.stream_seconds
    desk.pulse.join()
    desk.listening[party] += 1
    try:
        yield b"retry: 1000\n\n"
        while asyncio.get_running_loop().time() < until and not desk.pulse.ended:
            asker = _still(desk, request, party)
            if asker is None or _before_history(desk, cursor):  # it may be restored from a snapshot meanwhile
                return
            if _behind(desk, cursor):
                said, cursor = await aside(_read, desk, asker, cursor)
                if said:
                    yield said
            elif not await desk.pulse.above(cursor.height, desk.limits.heartbeat_seconds):
                yield b": nothing new\nid: %d\n\n" % cursor.height
    finally:
        desk.pulse.leave()
        desk.listening[party] -= 1
        desk.listening += {}  # drops those that are at zero


def _still(desk: Desk, request: AnyRequest, party: str) -> Asker | None:
    """The asker as it stands now; None when its session has ended or it was suspended."""
    try:
        asker = desk.gate.asker(request) if "authorization" in request.headers else desk.node.asker(party)
    except Problem:
        return None
    return asker if asker.party == party else None


def _before_history(desk: Desk, cursor: Cursor) -> bool:
    """Whether something behind this place was decided before the snapshot that the node was restored from."""
    base = desk.node.engine.base.height
    return base > 0 and cursor < Cursor(base)


def _behind(desk: Desk, cursor: Cursor) -> bool:
    return cursor.height < desk.pulse.height or (cursor.index < _END and cursor.height == desk.pulse.height)


def _read(desk: Desk, asker: Asker, cursor: Cursor) -> tuple[bytes, Cursor]:
    """The events of the next blocks, up to the first block that says something."""
    after = cursor.height if cursor.index == _END else cursor.height - 1
    for raw in desk.node.engine.outcomes(after, desk.limits.blocks_per_read):
        outcome = decode_outcome(raw)
        said = _said(outcome, asker, cursor)
        cursor = Cursor(outcome.seal.height)
        if said:
            return said, cursor
    return b"", cursor


def _said(outcome: Outcome, asker: Asker, cursor: Cursor) -> bytes:
    lines, height = [], outcome.seal.height
    for index, done in enumerate(outcome.done):
        transaction = ""
        for position, event in enumerate(done.events):
            if not may_hear(event.parties, event.roles, asker) or Cursor(height, index, position) <= cursor:
                continue
            transaction = transaction or decode_receipt(done.receipt).transaction
            data = _encode(Told(transaction, height, outcome.seal.time_ms, msgspec.Raw(event.json)))
            lines.append(b"id: %d-%d-%d\nevent: %b\ndata: %b\n\n" % (height, index, position, event.tag.encode(), data))
    return b"".join(lines)
