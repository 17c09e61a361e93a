"""What anyone may read: how far the record has come, its tiles of hashes, and proofs of inclusion and consistency."""

from typing import Any

from litestar import Response, get

from sogdia.core import log as core_log
from sogdia.core.receipt import decode_outcome
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import Desk, aside, desk_of, json_answer, one_parameter, part, whole_number
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards import tlog

TEXT = "text/plain; charset=utf-8"
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_SIZE = {"type": "integer", "minimum": 0}


@get("/checkpoint", opt=about(answers={TEXT: ""}))
async def checkpoint(request: AnyRequest) -> Response[str]:
    """The network's signed note on its latest block: size and root of the log, state root, height and time (C2SP)."""
    return Response(
        await aside(desk_of(request).node.checkpoint), media_type=TEXT, headers={"cache-control": "no-cache"}
    )


@get(
    "/tile/{place:path}",
    opt=about(
        Parameter("place", "<level>/<n as x001/x234/067>[.p/<width>]", place="path"),
        answers={"application/octet-stream": ""},
    ),
)
async def tile(request: AnyRequest) -> Response[bytes]:
    """A tile of the log's hashes (C2SP tlog-tiles). Bundles of entries are not public: receipts are the parties'."""
    desk = desk_of(request)
    try:
        wanted = tlog.parse_path(f"tile/{part(request, 'place').removeprefix('/')}")
    except tlog.MalformedTile as wrong:
        raise Problem(404, "tile_unknown", reason=str(wrong)) from None
    if wanted.level is None:
        raise Problem(403, "entries_not_public")
    found = await aside(tlog.read_tile, desk.node.machine.log, wanted)
    if found is None:
        raise Problem(404, "tile_unknown", reason=f"{wanted.path}: {desk.node.machine.log.size}")
    return Response(found, media_type="application/octet-stream", headers=_FOR_EVER)


@get("/proofs/inclusion", opt=about(Parameter("transaction", "id of a transaction, 64 hexadecimal digits")))
async def inclusion(request: AnyRequest) -> Response[bytes]:
    """The proof that a transaction's receipt stands in the log of the latest checkpoint; hashes only."""
    wanted = one_parameter(request, "transaction")
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise Problem(400, "parameter_bad", parameter="transaction", expected="64 x 0-9 a-f")
    return json_answer(await aside(_inclusion, desk_of(request), wanted))


@get(
    "/proofs/consistency",
    opt=about(
        Parameter("old", "size of the older log", schema=_SIZE),
        Parameter("new", "size of the newer log; the latest when left out", required=False, schema=_SIZE),
    ),
)
async def consistency(request: AnyRequest) -> Response[bytes]:
    """The proof that the newer log begins with all entries of the older one; hashes only."""
    log = desk_of(request).node.machine.log
    old, new = whole_number(request, "old"), whole_number(request, "new", log.size)
    if not 0 <= old <= new <= log.size:
        raise Problem(400, "sizes_wrong", old=old, new=new, log_size=log.size)
    path = await aside(log.consistency, old, new)
    return json_answer({"old": old, "new": new, "path": path})


@get("/status", opt=about())
async def status(request: AnyRequest) -> Response[bytes]:
    """Network, height, time and roots; to a party also how far the picture lags and how busy the node is."""
    desk = desk_of(request)
    asker = desk.gate.asker(request)
    return json_answer(await aside(_status, desk, asker.party is not None))


def _inclusion(desk: Desk, transaction: str) -> dict[str, Any]:
    node = desk.node
    with node.engine.sealed:
        place = node.engine.place_of(transaction)
        if place is None:
            raise Problem(404, "transaction_unknown")
        height, index, leaf = place
        path = node.machine.log.inclusion(leaf, node.machine.log.size)
        size, signed = node.machine.log.size, node.checkpoint()
    done = decode_outcome(node.engine.outcome_at(height)).done[index]
    digest = core_log.leaf_hash(done.receipt).hex()
    return {
        "transaction": transaction,
        "leaf": leaf,
        "leaf_hash": digest,
        "size": size,
        "path": path,
        "checkpoint": signed,
    }


def _status(desk: Desk, is_party: bool) -> dict[str, Any]:
    found = desk.node.status()
    if is_party:
        found["taking_transactions"] = desk.node.engine.failure is None
        found["streams"] = desk.pulse.listeners
        found["mirror_height"] = desk.meter.mirror_height()
    return found
