"""What the browser asks before it signs: who it is for, the words, the bytes; and afterwards the evidence.

The node prepares, and the browser trusts none of it: it reads the very bytes that it signs, and shows those.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from sogdia.core.codec import base64url
from sogdia.core.module import KeyOnRecord
from sogdia.core.receipt import decode_outcome
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import Committed
from sogdia.core.transaction import (
    ENVELOPE_LIMIT_BYTES,
    MESSAGES_LIMIT,
    VALIDITY_LIMIT_MS,
    Message,
    payload_bytes,
)
from sogdia.core.values import MINOR_DIGITS_EXCEPTIONS
from sogdia.domains.identity.state import KEYS, PARTIES
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_json
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS
from sogdia.interfaces.console.signing_judging import Judge, Verdict
from sogdia.interfaces.console.signing_parts import waiting
from sogdia.interfaces.console.signing_shapes import SENDERS, shapes
from sogdia.interfaces.console.signing_warnings import warnings_of
from sogdia.interfaces.http.desk import JSON, aside, json_bytes, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import LANGUAGES, catalogue, refusal_text

VALID_MS: Final = 3_600_000
HANDED_VALID_MS: Final = VALIDITY_LIMIT_MS - 600_000
"""What others sign too has until nearly the longest that the record takes: their clocks may be behind."""
RECORDS: Final = 200
GROUPS: Final = 1_000
"""Transactions that are prepared at a time; the browser asks again for the rest."""
BODY_BYTES: Final = 8 * 1024 * 1024
SERVED: Final = ("sign_", "console_signing.", "customs_code.", "console_role.")
_SIGNATURE_ROOM: Final = 600
_DID: Final = re.compile(rb"did:bid:[0-9A-Za-z:]{1,56}")


@get("/signing/context")
async def context(request: AnyRequest) -> Response[bytes]:
    """Who signs here: the network, the user, the party with its keys on record; and the token for what is sent."""
    page = entered(request)
    assert page.user is not None
    assert page.party is not None
    return private({
        "token": page.token,
        "language": page.language,
        "network": page.network,
        "origin": page.place.origin,
        "user": page.user.id,
        "party": {"did": page.party.did, "name": page.party.name},
        "keys": [plain_key(key) for key in await aside(keys_of, page, page.party.did)],
    })  # fmt: skip


@get("/signing/words/{language:str}")
async def words_of_signing(request: AnyRequest) -> Response[bytes]:
    """The words of one language and the shapes of all messages, by which a browser tells what bytes say."""
    page, language = entered(request), part(request, "language")
    if language not in LANGUAGES:
        raise Problem(404, "not_found")
    kinds = [kind for module in page.console.desk.node.machine.modules for kind in module.messages]
    return private(vocabulary(language, kinds))


@post("/prepare", status_code=200)
async def prepare(request: AnyRequest) -> Response[bytes]:
    """The bytes to sign for each transaction, what the rules would say of it now, and the names of whom it names.

    `groups` are lists of messages, one transaction each; `kid` is the key that will sign. `more` says that there is a
    further part, which is asked with `after`: the name that comes with this answer. Nothing is put on record.
    """
    said, page = await read_json(request, BODY_BYTES), entered(request)
    groups = _groups(page, said.get("groups"))
    kid = said.get("kid") or ""
    if kid and kid not in {key.id for key in await aside(keys_of, page, page.asker.party) if not key.retired_height}:
        raise Problem(403, "key_not_yours")
    now_ms, kept = page.console.now_ms(), waiting(page.console)
    judge, seen = kept.take(page.binding, str(said.get("after", "")), now_ms) or (_judge(page), 0)
    told = await aside(_prepared, page, judge, groups, kid)
    if said.get("more") is True:
        seen += sum(len(one["payload"]) for one in told["prepared"])
        told["after"] = kept.keep(page.binding, judge, seen, now_ms)
    return private(told)


@get("/signing/evidence/{transaction:str}")
async def evidence_of(request: AnyRequest) -> Response[bytes]:
    """Evidence of what a transaction of this party wrote: a file that anyone checks offline."""
    page, wanted = entered(request), part(request, "transaction")
    if re.fullmatch("[0-9a-f]{64}", wanted) is None:
        raise Problem(404, "not_found")
    found = await aside(_evidence, page, wanted)
    name = f'attachment; filename="evidence-{wanted[:16]}.json"'
    return Response(found, media_type=JSON, headers={**HEADERS, "content-disposition": name})


def vocabulary(language: str, kinds: Iterable[type[Message]]) -> dict[str, Any]:
    """What scripts tell messages of these kinds with: words, shapes, who signs, decimals of currencies."""
    said = {key: text for key, text in catalogue(language).items() if key.startswith(SERVED)}
    senders = {tag: field for tag, (field, _) in SENDERS.items()}
    return {"words": said, "shapes": shapes(kinds), "senders": senders, "digits": MINOR_DIGITS_EXCEPTIONS}


def keys_of(page: Page, did: str | None) -> list[KeyOnRecord]:
    """All keys of a party on record, those that are retired too."""
    return [] if did is None else list(KEYS.starting(Committed(page.console.desk.node.store, cached=0), did + "#"))


def private(found: Any) -> Response[bytes]:
    """An answer in JSON that nobody keeps and no other site reads."""
    return Response(json_bytes(found), status_code=200, media_type=JSON, headers=HEADERS)


def plain_key(key: KeyOnRecord) -> dict[str, Any]:
    """A key on record as scripts read it."""
    return {name: getattr(key, name) for name in ("id", "public", "purpose", "since_height", "retired_height")}


def _judge(page: Page) -> Judge:
    return Judge(page.console.desk.node.machine, page.console.now_ms())


def _prepared(page: Page, judge: Judge, groups: Sequence[Sequence[Message]], kid: str) -> dict[str, Any]:
    assert page.asker.party is not None
    verdicts = judge.each(groups, page.asker.party, kid)
    made = [_payload(page, verdict, group) for verdict, group in zip(verdicts, groups, strict=True)]
    told = [
        {**_told(payload, verdict, page.language), **_warned(page, judge, group)}
        for payload, verdict, group in zip(made, verdicts, groups, strict=True)
    ]
    return {"prepared": told, "names": names_in(page, made)}


def _warned(page: Page, judge: Judge, group: Sequence[Message]) -> dict[str, Any]:
    """What the rules allow and the signer should know, in words."""
    found = warnings_of(judge.state, page.asker, group)
    return {"warnings": [one.text(page.language) for one in found]} if found else {}


def _payload(page: Page, verdict: Verdict, group: Sequence[Message]) -> bytes:
    now_ms = page.console.now_ms()
    until_ms = (now_ms + HANDED_VALID_MS) // 60_000 * 60_000 if verdict.needs else now_ms + VALID_MS
    return payload_bytes(page.network, until_ms, secrets.token_urlsafe(18), group)


def _told(payload: bytes, verdict: Verdict, language: str) -> Mapping[str, Any]:
    encoded = base64url(payload)
    if len(encoded) + _SIGNATURE_ROOM > ENVELOPE_LIMIT_BYTES:
        size = len(encoded) + _SIGNATURE_ROOM
        verdict = Verdict(Refusal(Refused.TOO_LARGE, bytes=size, limit_bytes=ENVELOPE_LIMIT_BYTES))
    return {"payload": encoded, "transaction": sha256(payload).hexdigest(), **verdict_told(verdict, language)}


def verdict_told(verdict: Verdict, language: str) -> dict[str, Any]:
    """A verdict as scripts read it: `refusal` and `then` in words; of what is not so, nothing."""
    told: dict[str, Any] = {
        name: {"code": int(no.code), "text": refusal_text(no.code, no.fields, language)}
        for name, no in (("refusal", verdict.refusal), ("then", verdict.then))
        if no is not None
    }
    if verdict.needs:
        told |= {"needs": verdict.needs, "helps": verdict.helps}
    return told


def names_in(page: Page, payloads: Iterable[bytes]) -> dict[str, str]:
    """Names of all parties on record whose identifiers stand in these bytes."""
    view = Committed(page.console.desk.node.store, cached=0)
    dids = {found.decode() for payload in payloads for found in _DID.findall(payload)}
    parties = [PARTIES.get(view, did) for did in sorted(dids)]
    return {one.did: one.name for one in parties if one is not None}


def _groups(page: Page, given: Any) -> list[list[Message]]:
    if not isinstance(given, list) or not all(isinstance(group, list) for group in given):
        raise Problem(400, "form_unreadable")
    if not 1 <= len(given) <= GROUPS or not all(1 <= len(group) <= MESSAGES_LIMIT for group in given):
        raise Problem(422, "prepare_many", groups=GROUPS, messages=MESSAGES_LIMIT)
    kinds = {tag: kind for kind, tag in page.console.desk.node.machine.tags.items()}
    return [[_message(kinds, one, row) for one in group] for row, group in enumerate(given, 1)]


def _message(kinds: Mapping[str, type[Message]], given: Any, row: int) -> Message:
    tag = given.get("type") if isinstance(given, dict) else None
    kind = kinds.get(tag) if isinstance(tag, str) else None
    if kind is None:
        raise Problem(422, "message_unknown", message=str(tag)[:100])
    try:
        return msgspec.json.decode(msgspec.json.encode(given), type=kind)
    except (msgspec.ValidationError, RecursionError) as wrong:
        reason, _, field = str(wrong).partition(" - at `")
        found = field.rstrip("`").removeprefix("$.") or "-"
        raise Problem(422, "prepare_wrong", row=row, message=tag, field=found, reason=reason) from None


def _evidence(page: Page, transaction: str) -> bytes:
    node = page.console.desk.node
    place = node.engine.place_of(transaction)
    if place is None:
        raise Problem(404, "not_found")
    height, index, _ = place
    outcome = decode_outcome(node.engine.outcome_at(height))
    if page.asker.party not in outcome.done[index].signers:
        raise Problem(404, "not_found")
    at = b"%016x%08x" % (height, index)
    written = [key for key, _ in outcome.changes if node.store.get(b"H%b\x00%b" % (key, at)) is not None]
    records = [_named(page, key) for key in written[:RECORDS]]
    return node.evidence({"transaction": transaction}, records, page.asker)


def _named(page: Page, key: bytes) -> tuple[str, ...]:
    prefix = key[: key.index(b"\x00") + 1]
    table = page.console.desk.node.machine.tables[prefix]
    return (table.name, *key[len(prefix) :].decode().split("\x00"))


ROUTES = (context, words_of_signing, prepare, evidence_of)
