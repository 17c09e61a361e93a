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
from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES, MESSAGES_LIMIT, Message, payload_bytes
from sogdia.core.values import MINOR_DIGITS_EXCEPTIONS
from sogdia.domains.identity.state import KEYS, PARTIES
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_json
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS
from sogdia.interfaces.console.signing_judging import judged
from sogdia.interfaces.console.signing_shapes import SENDERS, shapes
from sogdia.interfaces.http.desk import JSON, aside, json_bytes, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import LANGUAGES, catalogue, refusal_text

VALID_MS: Final = 3_600_000
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
    return _private({
        "token": page.token,
        "language": page.language,
        "network": page.network,
        "origin": page.place.origin,
        "user": page.user.id,
        "party": {"did": page.party.did, "name": page.party.name},
        "keys": [_plain(key) for key in await aside(keys_of, page, page.party.did)],
    })  # fmt: skip


@get("/signing/words/{language:str}")
async def words_of_signing(request: AnyRequest) -> Response[bytes]:
    """The words of one language and the shapes of all messages, by which a browser tells what bytes say."""
    page, language = entered(request), part(request, "language")
    if language not in LANGUAGES:
        raise Problem(404, "not_found")
    said = {key: text for key, text in catalogue(language).items() if key.startswith(SERVED)}
    kinds = [kind for module in page.console.desk.node.machine.modules for kind in module.messages]
    senders = {tag: field for tag, (field, _) in SENDERS.items()}
    return _private({"words": said, "shapes": shapes(kinds), "senders": senders, "digits": MINOR_DIGITS_EXCEPTIONS})


@post("/prepare", status_code=200)
async def prepare(request: AnyRequest) -> Response[bytes]:
    """The bytes to sign for each transaction, what the rules would say of it now, and the names of whom it names.

    `groups` are lists of messages, one transaction each; `kid` is the key that will sign. Nothing is put on record.
    """
    said, page = await read_json(request, BODY_BYTES), entered(request)
    groups = _groups(page, said.get("groups"))
    kid = said.get("kid") or ""
    if kid and kid not in {key.id for key in await aside(keys_of, page, page.asker.party) if not key.retired_height}:
        raise Problem(403, "key_not_yours")
    return _private(await aside(_prepared, page, groups, kid))


@get("/signing/evidence/{transaction:str}")
async def evidence_of(request: AnyRequest) -> Response[bytes]:
    """Evidence of what a transaction of this party wrote: a file that anyone checks offline."""
    page, wanted = entered(request), part(request, "transaction")
    if re.fullmatch("[0-9a-f]{64}", wanted) is None:
        raise Problem(404, "not_found")
    found = await aside(_evidence, page, wanted)
    name = f'attachment; filename="evidence-{wanted[:16]}.json"'
    return Response(found, media_type=JSON, headers={**HEADERS, "content-disposition": name})


def keys_of(page: Page, did: str | None) -> list[KeyOnRecord]:
    """All keys of a party on record, those that are retired too."""
    return [] if did is None else list(KEYS.starting(Committed(page.console.desk.node.store, cached=0), did + "#"))


def _private(found: Any) -> Response[bytes]:
    """An answer in JSON that nobody keeps and no other site reads."""
    return Response(json_bytes(found), status_code=200, media_type=JSON, headers=HEADERS)


def _plain(key: KeyOnRecord) -> dict[str, Any]:
    return {name: getattr(key, name) for name in ("id", "public", "purpose", "since_height", "retired_height")}


def _prepared(page: Page, groups: Sequence[Sequence[Message]], kid: str) -> dict[str, Any]:
    machine, now_ms = page.console.desk.node.machine, page.console.now_ms()
    assert page.asker.party is not None
    verdicts = judged(machine, groups, page.asker.party, kid, now_ms)
    made = [payload_bytes(page.network, now_ms + VALID_MS, secrets.token_urlsafe(18), group) for group in groups]
    told = [_told(payload, verdict, page.language) for payload, verdict in zip(made, verdicts, strict=True)]
    return {"prepared": told, "names": _names(page, made)}


def _told(payload: bytes, verdict: Refusal | None, language: str) -> Mapping[str, Any]:
    encoded = base64url(payload)
    if len(encoded) + _SIGNATURE_ROOM > ENVELOPE_LIMIT_BYTES:
        verdict = Refusal(Refused.TOO_LARGE, bytes=len(encoded) + _SIGNATURE_ROOM, limit_bytes=ENVELOPE_LIMIT_BYTES)
    told = {"payload": encoded, "transaction": sha256(payload).hexdigest()}
    if verdict is None:
        return told
    refusal = {"code": int(verdict.code), "text": refusal_text(verdict.code, verdict.fields, language)}
    return {**told, "refusal": refusal}


def _names(page: Page, payloads: Iterable[bytes]) -> dict[str, str]:
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
