"""Transactions come in, and what became of them goes out."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from sogdia.core.codec import from_base64url
from sogdia.core.query import Asker
from sogdia.core.receipt import ACCEPTED, Done, Outcome, Receipt, decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES
from sogdia.engines.embedded import Busy, EngineStopped
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import (
    JSON,
    NDJSON,
    Desk,
    aside,
    desk_of,
    json_answer,
    lines_of,
    part,
    require_media_type,
)
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy, language
from sogdia.interfaces.words import refusal_text

JOSE: Final = "application/jose+json"


class Answer(msgspec.Struct, frozen=True):
    """The node's answer to one transaction; `text` says a refusal in words, `receipt` is there when it is on record."""

    code: int
    fields: dict[str, Any]
    text: str
    receipt: Receipt | None


_encoder = msgspec.json.Encoder(order="deterministic")
"""Sorted like the log's entries, so that a receipt in an answer has the bytes of its leaf."""


@post(
    "/transactions",
    opt=about(
        takes={JOSE: "Envelope", JSON: "Envelope", NDJSON: "Envelope"},
        answers={JSON: "Answer", NDJSON: "Answer"},
        codes={422: "one transaction was sent and refused; the answer says why, `receipt` whether it is on record"},
    ),
)
async def submit(request: AnyRequest) -> Response[bytes]:
    """Take signed transactions and answer when they are durable.

    One as JSON: 200 when accepted, 422 when refused. Several as NDJSON, one to a line, taken in this order: 200 and an
    answer to each, one to a line, in the same order. Needs no sign-in, for every transaction is signed. Sending the
    same one again gives the same receipt.
    """
    desk = desk_of(request)
    kind = require_media_type(request, JOSE, JSON, NDJSON)
    limit = desk.limits.body_bytes if kind == NDJSON else ENVELOPE_LIMIT_BYTES
    async with desk.body(request, limit) as body:
        raws = lines_of(body, desk.limits.lines) if kind == NDJSON else [body]
        futures = await _decided(desk, raws)
    tongue = language(request)
    answers = [_answer(future, tongue) for future in futures]
    if kind == NDJSON:
        return Response(_encoder.encode_lines(answers), status_code=200, media_type=NDJSON)
    code = 200 if answers[0].code == ACCEPTED else 422
    return Response(_encoder.encode(answers[0]), status_code=code, media_type=JSON)


@get(
    "/transactions/{transaction:str}",
    opt=about(Parameter("transaction", "id of a transaction, 64 hexadecimal digits", place="path"), signed_in=True),
)
async def transaction(request: AnyRequest) -> Response[bytes]:
    """The receipt and the envelope of a transaction, for whoever signed it or is named by its events or records."""
    desk = desk_of(request)
    asker, wanted = desk.gate.member(request), part(request, "transaction")
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise Problem(404, "not_found")
    found = await aside(_find, desk, wanted, asker)
    if found is None:
        raise Problem(404, "not_found")
    return json_answer(found)


async def _decided(desk: Desk, raws: Sequence[bytes]) -> "list[Future[Receipt]]":
    """Hand in and wait until all are decided: mostly one wait, for the last is decided last."""
    try:
        futures = desk.node.submit_all(raws)
        async with asyncio.timeout(desk.limits.answer_seconds):
            for future in reversed(futures):
                if not future.done():
                    with suppress(Refusal):
                        await asyncio.wrap_future(future)
    except Busy:
        raise busy("engine_busy") from None
    except EngineStopped:
        raise busy("engine_stopped") from None
    except TimeoutError:
        raise busy("answer_late", seconds=int(desk.limits.answer_seconds)) from None
    return futures


def _answer(future: "Future[Receipt]", tongue: str) -> Answer:
    failed = future.exception()
    if failed is None:
        receipt = future.result()
        text = "" if receipt.code == ACCEPTED else refusal_text(receipt.code, receipt.fields, tongue)
        return Answer(receipt.code, receipt.fields, text, receipt)
    if isinstance(failed, Refusal):
        return Answer(failed.code, failed.fields, refusal_text(failed.code, failed.fields, tongue), None)
    if isinstance(failed, EngineStopped):
        raise busy("engine_stopped")
    raise failed


# --- reading --------------------------------------------------------------------------------------------------------


def _find(desk: Desk, transaction: str, asker: Asker) -> dict[str, Any] | None:
    place = desk.node.engine.place_of(transaction)
    if place is None:
        return None
    height, index, leaf = place
    outcome = decode_outcome(desk.node.engine.outcome_at(height))
    block = desk.node.engine.block_at(height)
    raw = None if block is None else block.envelope(index)
    if raw is None or not _concerns(desk, outcome, index, asker):
        return None
    receipt = msgspec.Raw(outcome.done[index].receipt)
    return {"transaction": transaction, "leaf": leaf, "receipt": receipt, "envelope": raw.decode(), "says": _said(raw)}


def _said(raw: bytes) -> msgspec.Raw:
    return msgspec.Raw(from_base64url(msgspec.json.decode(raw)["payload"]))


def _concerns(desk: Desk, outcome: Outcome, index: int, asker: Asker) -> bool:
    done = outcome.done[index]
    if asker.party in done.signers or any(may_hear(event.parties, event.roles, asker) for event in done.events):
        return True
    return _reads_records(desk, outcome, index, done, asker)


def _reads_records(desk: Desk, outcome: Outcome, index: int, done: Done, asker: Asker) -> bool:
    """Whether the asker is named by a record that this transaction wrote, or has a role that reads its table."""
    height = outcome.seal.height
    for key, value in outcome.changes:
        table = desk.node.machine.tables[key[: key.index(b"\x00") + 1]]
        if value is None or desk.node.store.get(b"H%b\x00%016x%08x" % (key, height, index)) is None:
            continue
        if any(role in table.roles for role in asker.roles) or asker.party in table.readers(table.decode(value)):
            return True
    return False


def may_hear(parties: Sequence[str], roles: Sequence[str], asker: Asker) -> bool:
    """Whether an event for these parties and roles is for the asker's ears."""
    return asker.party in parties or any(role in roles for role in asker.roles)
