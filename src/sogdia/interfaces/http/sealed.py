"""Sealed envelopes: left by a recipient, read by recipients, erased by the platform of the trade."""

from typing import Any

from litestar import Response, delete, get, post

from sogdia.app import milliseconds
from sogdia.core.query import Asker, may_see
from sogdia.domains.orders.state import ORDERS
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import (
    JSON,
    NDJSON,
    Desk,
    aside,
    desk_of,
    json_answer,
    lines_of,
    one_parameter,
    require_media_type,
)
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.http.sealed_shelf import platform_of
from sogdia.primitives.sealed.envelope import Envelope, from_bytes
from sogdia.primitives.sealed.errors import BrokenEnvelope, Erased, UnfitValue
from sogdia.primitives.sealed.vault import MAX_REASON_CHARS, ErasureReceipt

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
        found = await aside(desk.shelf.get, trade, str(asker.party), wanted)
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

    The key of the trade is destroyed. Every other recipient erases in a vault of its own.
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


def _put(desk: Desk, asker: Asker, lines: list[bytes]) -> int:
    envelopes = [_read(desk, asker, number, line) for number, line in enumerate(lines, 1)]
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
