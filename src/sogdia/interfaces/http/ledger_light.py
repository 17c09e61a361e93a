"""What a newcomer and a light client need of a member's node: who the network is, how it began, its signed headers.

CometBFT's own RPC stays on a Unix socket. Three of its read-only methods are passed on here, as JSON-RPC, which is all
that state sync and light clients call; what they answer is signed by the validators and checked by whoever asks.
"""

from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from sogdia.app.network_node import NetworkNode
from sogdia.app.organisation import Home, Organisation
from sogdia.engines.cometbft.rpc import RpcError, RpcRefused
from sogdia.interfaces.http.description import about
from sogdia.interfaces.http.desk import JSON, Desk, aside, desk_of, json_answer
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy

PASSED_ON: Final = {
    "commit": frozenset({"height"}),
    "validators": frozenset({"height", "page", "per_page"}),
    "consensus_params": frozenset({"height"}),
}
"""Methods of CometBFT's RPC that anybody may call here, and the parameters that each takes."""
QUESTION_BYTES: Final = 4096
AT_ONCE: Final = 4
"""Questions that are passed on side by side; more are told to come again."""
_NO_METHOD: Final = -32601
_BAD_PARAMETERS: Final = -32602
_INTERNAL: Final = -32603
_room = BoundedSemaphore(AT_ONCE)


class MemberNode(msgspec.Struct, frozen=True, kw_only=True):
    """A member's node as others reach it. `did` and `validator` are known of the node that is asked, no other."""

    name: str
    node_id: str
    host: str
    port: int
    """Where its CometBFT listens for others."""
    url: str
    did: str = ""
    validator: str = ""


class NetworkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the network is called, what it began with, and who is in it as this member knows them."""

    network: str
    code: str
    origin: str
    chain: str
    genesis_sha256: str
    snapshots: tuple[int, ...]
    """Heights, in CometBFT's count, of the snapshots that this node gives."""
    own: MemberNode
    peers: tuple[MemberNode, ...]


class Question(msgspec.Struct, frozen=True):
    """A call of JSON-RPC 2.0."""

    method: str
    params: dict[str, str | int] = {}
    id: int | str | None = None


@get("/network", opt=about(answers={JSON: "NetworkAnswer"}))
async def network(request: AnyRequest) -> Response[bytes]:
    """What the network is called, the digest of its genesis file, and how its members' nodes are reached."""
    node = _networked(desk_of(request))
    return json_answer(await aside(_described, Home(node.folder)))


@get("/network/genesis", opt=about())
async def genesis(request: AnyRequest) -> Response[bytes]:
    """The genesis file as every member has it, byte for byte."""
    node = _networked(desk_of(request))
    return Response(await aside((Home(node.folder).config / "genesis.json").read_bytes), media_type=JSON)


@post("/network/rpc", status_code=200, opt=about(takes={JSON: "Question"}))
async def rpc(request: AnyRequest) -> Response[bytes]:
    """CometBFT's `commit`, `validators` and `consensus_params` as JSON-RPC: signed headers for light clients."""
    desk = desk_of(request)
    node = _networked(desk)
    async with desk.body(request, QUESTION_BYTES) as body:
        try:
            asked = msgspec.json.decode(body, type=Question)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
            raise Problem(400, "json_wrong", reason=str(wrong)[:200]) from None
    if not _room.acquire(blocking=False):
        raise busy()
    try:
        return json_answer({"jsonrpc": "2.0", "id": asked.id} | await aside(_answered, node, asked))
    finally:
        _room.release()


def _networked(desk: Desk) -> NetworkNode:
    if not isinstance(desk.node, NetworkNode):
        raise Problem(404, "no_network")
    return desk.node


def _described(home: Home) -> NetworkAnswer:
    own = home.read()
    return NetworkAnswer(
        network=own.network,
        code=own.code,
        origin=own.origin,
        chain=own.chain,
        genesis_sha256=sha256((home.config / "genesis.json").read_bytes()).hexdigest(),
        snapshots=_snapshots(home),
        own=_own(own),
        peers=tuple(MemberNode(name=p.name, node_id=p.node_id, host=p.host, port=p.port, url=p.url) for p in own.peers),
    )


def _snapshots(home: Home) -> tuple[int, ...]:
    # By the names of their folders: one under any other name is still being written.
    found = (path.name for path in (home.folder / "snapshots").glob("*"))
    return tuple(sorted(int(name) for name in found if name.isdigit()))


def _own(own: Organisation) -> MemberNode:
    return MemberNode(
        name=own.name,
        node_id=own.node_id,
        host=own.host,
        port=own.ports.p2p,
        url=own.address,
        did=own.did,
        validator=own.validator,
    )


def _answered(node: NetworkNode, asked: Question) -> dict[str, Any]:
    known = PASSED_ON.get(asked.method)
    if known is None:
        return _error(_NO_METHOD, "Method not found", f"passed on are {', '.join(PASSED_ON)}")
    if not asked.params.keys() <= known or not all(_is_number(value) for value in asked.params.values()):
        return _error(_BAD_PARAMETERS, "Invalid params", f"{asked.method} takes whole numbers: {', '.join(known)}")
    try:
        return {"result": node.rpc.call(asked.method, **asked.params)}
    except RpcRefused as refused:
        return _error(_INTERNAL, "Internal error", refused.what)  # in CometBFT's words: its light client reads them
    except (OSError, RpcError):
        raise busy("no_headers") from None


def _is_number(value: str | int) -> bool:
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) <= 18


def _error(code: int, message: str, data: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "data": data}}
