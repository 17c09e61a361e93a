"""Sealed envelopes: left by a recipient, read by recipients, erased by the platform of the trade.

In a network they travel: a member's node asks for those that are addressed to parties that it serves, and for the
receipts of erasures.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post

from sogdia.app import milliseconds
from sogdia.core.query import Asker, may_see
from sogdia.core.state import Committed
from sogdia.domains.orders.state import ERASURES, ORDERS
from sogdia.interfaces.courier.serving import Serving
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import (
    JSON,
    NDJSON,
    Desk,
    aside,
    desk_of,
    json_answer,
    json_bytes,
    lines_of,
    one_parameter,
    require_media_type,
)
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.http.sealed_shelf import Confirmation, NotGiven, Pair, platform_of
from sogdia.primitives.sealed.envelope import Envelope, from_bytes, to_bytes
from sogdia.primitives.sealed.errors import BrokenEnvelope, Erased, UnfitValue
from sogdia.primitives.sealed.vault import MAX_REASON_CHARS, ErasureReceipt

LOOKUP_LIMIT: Final = 500
FETCH_LIMIT: Final = 200
ANSWER_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""About how much of envelopes one answer holds; what is beyond is to be asked for again."""
_read_pairs = msgspec.json.Decoder(list[Pair]).decode

_TRADE = Parameter("trade", "the trade: `<platform>/<order>`")
_ENVELOPE = Parameter("envelope", "id of one envelope, 64 hexadecimal digits", required=False)


@post("/sealed", status_code=200, opt=about(takes={NDJSON: "SealedEnvelope"}, signed_in=True))
async def put(request: AnyRequest) -> Response[bytes]:
    """Leave sealed envelopes, one to a line in their canonical bytes; durable when this answers.

    Whoever leaves one is among its recipients, and is the platform of the trade or a party that may read its order.
    All are looked at before the first is kept. The same one twice is kept once.
    """
    desk = desk_of(request)
    require_media_type(request, NDJSON)
    async with desk.body(request, desk.limits.body_bytes) as body:
        asker = desk.gate.member(request, body)
        kept = await aside(_put, desk, asker, lines_of(body, desk.limits.lines))
    return json_answer({"kept": kept})


@get(
    "/sealed",
    opt=about(_TRADE, _ENVELOPE, answers={NDJSON: "SealedEnvelope"}, codes={410: "they were erased"}, signed_in=True),
)
async def sealed(request: AnyRequest) -> Response[bytes]:
    """The envelopes of a trade that were sealed for the asker, one to a line, those of its platform first."""
    desk = desk_of(request)
    asker = desk.gate.member(request)
    trade, wanted = one_parameter(request, "trade"), one_parameter(request, "envelope", "")
    try:
        found = await aside(_left_for, desk, asker, trade, wanted)
    except Erased:
        raise Problem(410, "erased") from None
    if not found:
        raise Problem(404, "not_found")
    return Response(b"\n".join(found) + b"\n", status_code=200, media_type=NDJSON)


@delete(
    "/sealed",
    status_code=200,
    opt=about(
        _TRADE,
        Parameter("reason", "the ground, such as a request or the end of a period; never a person", required=False),
        answers={JSON: "ErasureReceipt"},
        signed_in=True,
    ),
)
async def erase(request: AnyRequest) -> Response[bytes]:
    """Erase the sealed values of a trade from this node, by its platform; answers the receipt of the erasure.

    The key of the trade is destroyed. Every other recipient erases in a vault of its own. On a network,
    `orders.erase_sealed` erases on every node.
    """
    desk = desk_of(request)
    asker = desk.gate.member(request)
    trade, reason = one_parameter(request, "trade"), one_parameter(request, "reason", "")
    if platform_of(trade) != asker.party:
        raise Problem(403, "not_the_platform")
    if len(reason) > MAX_REASON_CHARS:
        raise Problem(400, "parameter_bad", parameter="reason", expected=f"text, 0-{MAX_REASON_CHARS}")
    receipt: ErasureReceipt = await aside(desk.shelf.erase, trade, milliseconds(), reason)
    return json_answer(receipt)


@post("/sealed/lookup", status_code=200, opt=about(takes={JSON: ""}, answers={NDJSON: ""}, signed_in=True))
async def lookup(request: AnyRequest) -> Response[bytes]:
    """Many envelopes at once: a list of `{trade, envelope}`, at most 500, answered one to a line in any order.

    What is absent or not for the asker comes as `{"type": "sogdia.not_given.1", envelope, reason}`: `not_found`,
    `erased`, or `later` where the answer grew too long.
    """
    desk = desk_of(request)
    require_media_type(request, JSON)
    async with desk.body(request, desk.limits.small_body_bytes) as body:
        asker = desk.gate.member(request, body)
        return await aside(_answered, _pairs(body, LOOKUP_LIMIT), lambda one: _for_party(desk, asker, one))


@post("/sealed/fetch", status_code=200, opt=about(takes={JSON: ""}, answers={NDJSON: ""}, signed_in=True))
async def fetch(request: AnyRequest) -> Response[bytes]:
    """Envelopes for another member's node: a list of `{trade, envelope}`, at most 200, answered one to a line.

    An envelope is given to a member in good standing that serves one of its recipients on record. What is not given
    comes as at `/sealed/lookup`; only the node that serves the platform of the trade tells `not_for_you` from
    `not_here`, for it is known to hold the envelope anyway.
    """
    desk = desk_of(request)
    require_media_type(request, JSON)
    async with desk.body(request, desk.limits.small_body_bytes) as body:
        asker = desk.gate.member(request, body)
        wanted = _pairs(body, FETCH_LIMIT)
        serving = Serving(desk.node.store)
        if not await aside(serving.is_active, str(asker.party)):
            raise Problem(403, "not_a_member")
        return await aside(_answered, wanted, lambda one: _for_member(desk, serving, str(asker.party), one))


@get("/sealed/receipts", opt=about(_TRADE, answers={JSON: ""}, signed_in=True))
async def receipts(request: AnyRequest) -> Response[bytes]:
    """Who has erased a trade: by member its signed receipt (a JWS), or none yet and since when it is due.

    The platform of the trade is told what this node knows of all members; a party to the order, and the member that
    serves the platform, what this node itself has done.
    """
    desk = desk_of(request)
    asker = desk.gate.member(request)
    found = await aside(_confirmations, desk, asker, one_parameter(request, "trade"))
    if not found:
        raise Problem(404, "not_found")
    return json_answer(found)


def _put(desk: Desk, asker: Asker, lines: list[bytes]) -> int:
    envelopes = [_read(desk, asker, number, line) for number, line in enumerate(lines, 1)]
    if any(_is_erased(desk, envelope.trade) for envelope in envelopes):
        raise Problem(410, "erased")
    try:
        desk.shelf.put_all(str(asker.party), envelopes)
    except Erased:
        raise Problem(410, "erased") from None
    except UnfitValue as unfit:
        raise Problem(422, "envelope_unfit", reason=str(unfit)) from None
    return len(envelopes)


def _read(desk: Desk, asker: Asker, number: int, line: bytes) -> Envelope:
    try:
        envelope = from_bytes(line)
        envelope.trade.encode()
    except (BrokenEnvelope, UnicodeEncodeError) as broken:
        raise Problem(400, "envelope_broken", number=number, reason=str(broken)) from None
    if asker.party not in envelope.keys:
        raise Problem(403, "not_a_recipient", number=number)
    if not _takes_part(desk, asker, envelope.trade):
        raise Problem(403, "not_of_the_trade", number=number)
    return envelope


def _takes_part(desk: Desk, asker: Asker, trade: str) -> bool:
    platform, slash, order = trade.partition("/")
    if not slash or not order or "\0" in trade:
        return False
    if platform == asker.party:
        return True
    found: Any = desk.node.record(ORDERS.name, platform, order)
    return found is not None and may_see(ORDERS, found, asker)


def _is_erased(desk: Desk, trade: str) -> bool:
    """Whether the platform's word that the trade is erased stands on record; the shelf may be about to follow it."""
    platform, slash, order = trade.partition("/")
    view = Committed(desk.node.store, cached=0)
    return bool(slash) and "\0" not in trade and ERASURES.get(view, platform, order) is not None


def _left_for(desk: Desk, asker: Asker, trade: str, wanted: str) -> list[bytes]:
    if _is_erased(desk, trade):
        raise Erased(trade)
    return desk.shelf.get(trade, str(asker.party), wanted)


# --- many at once ---------------------------------------------------------------------------------------------------


def _pairs(body: bytes, limit: int) -> list[Pair]:
    try:
        wanted = _read_pairs(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Problem(400, "json_wrong", reason=str(wrong)[:200]) from None
    if len(wanted) > limit:
        raise Problem(413, "too_many_lines", lines=len(wanted), limit=limit)
    return wanted


def _answered(wanted: Sequence[Pair], find: Callable[[Pair], bytes | str]) -> Response[bytes]:
    """One line for each pair: the envelope, or the word that stands for it."""
    lines, size = list[bytes](), 0
    for one in wanted:
        found = find(one) if size < ANSWER_LIMIT_BYTES else "later"
        size += len(found)
        lines.append(found if isinstance(found, bytes) else json_bytes(NotGiven(one.envelope, found)))
    return Response(b"".join(line + b"\n" for line in lines), status_code=200, media_type=NDJSON)


def _for_party(desk: Desk, asker: Asker, one: Pair) -> bytes | str:
    try:
        found = _left_for(desk, asker, one.trade, one.envelope)
    except Erased:
        return "erased"
    return found[0] if found else "not_found"


def _for_member(desk: Desk, serving: Serving, asker: str, one: Pair) -> bytes | str:
    if _is_erased(desk, one.trade):
        return "erased"
    own = desk.shelf.organisation
    is_home = bool(own) and serving.home_of(platform_of(one.trade)) == own
    try:
        found = desk.shelf.find(one.trade, one.envelope)
    except Erased:
        return "erased" if is_home else "not_here"
    if found is not None and serving.serves_any(asker, found.keys):
        return to_bytes(found)
    return "not_for_you" if is_home and found is not None else "not_here"


def _confirmations(desk: Desk, asker: Asker, trade: str) -> list[Confirmation]:
    own = desk.shelf.organisation
    if platform_of(trade) == asker.party:
        return desk.shelf.confirmations(trade)
    collects = Serving(desk.node.store).home_of(platform_of(trade)) == asker.party
    if not collects and not _takes_part(desk, asker, trade):
        return []
    return [one for one in desk.shelf.confirmations(trade) if one.member == own]
