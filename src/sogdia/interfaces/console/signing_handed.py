"""What somebody handed to us: a transaction that others have signed already, looked at, signed too, and sent.

The file is the transaction itself, a JWS in General JSON form with fewer signatures than the rules ask for: what
`sogdia <domain> <verb> --sign-only` prints. The browser reads it and checks the signatures; the node is asked for the
keys on record and for what the rules would say.
"""

from typing import Any, Final

from litestar import Response, get, post

from sogdia.core.codec import from_base64url
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import Committed
from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES, Transaction
from sogdia.domains.governance.state import find_key
from sogdia.domains.identity.state import KEYS
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_json
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.signing_judging import Judge, Verdict
from sogdia.interfaces.console.signing_preparing import names_in, plain_key, private, verdict_told
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest

BODY_BYTES: Final = 2 * ENVELOPE_LIMIT_BYTES


@get("/actions/handed")
async def handed(request: AnyRequest) -> Response[bytes]:
    """Where a file or text is opened that somebody handed over."""
    entered(request)
    return render(request, "signing/handed.html")


@post("/signing/handed", status_code=200)
async def looked_at(request: AnyRequest) -> Response[bytes]:
    """What the record knows of a transaction and its signatures, and what the rules would say of it now.

    Answers with `keys`, those of its signatures as they stand on record; `height` when it is on record already;
    `refusal`, or whose signatures it `needs` and what `then`; `spare`, the keys whose signatures nobody asks for.
    """
    said, page = await read_json(request, BODY_BYTES), entered(request)
    return private(await aside(_looked_at, page, str(said.get("envelope", ""))))


def _looked_at(page: Page, envelope: str) -> dict[str, Any]:
    machine, now_ms = page.console.desk.node.machine, page.console.now_ms()
    told: dict[str, Any] = {"now_ms": now_ms}
    try:
        found = machine.codec.parse(envelope.encode("utf-8", "replace"))
        told |= _known(page, found)
        machine.check(found.raw)
        machine.admit(found, machine.ahead(), max(now_ms, machine.seal.time_ms))
        return told | _judged(page, found, now_ms)
    except Refusal as no:
        return told | verdict_told(Verdict(no), page.language)


def _known(page: Page, found: Transaction) -> dict[str, Any]:
    """Its keys as they stand on record, the names of its parties, and the height at which it stands if it does."""
    node = page.console.desk.node
    view = Committed(node.store, cached=0)
    keys = [KEYS.get(view, one.kid) for one in found.signatures]
    place = node.engine.place_of(found.id)
    payload = from_base64url(found.signatures[0].signing_input.decode("ascii").partition(".")[2])
    return {
        "keys": [plain_key(key) for key in keys if key is not None],
        "names": names_in(page, [payload, *(one.kid.encode() for one in found.signatures)]),
        "height": None if place is None else place[0],
    }


def _judged(page: Page, found: Transaction, now_ms: int) -> dict[str, Any]:
    """What the rules would say under the signatures that it has, all of which hold."""
    machine = page.console.desk.node.machine
    assert page.asker.party is not None
    judge, signers = Judge(machine, now_ms), _signers(page, found)
    messages = found.payload.messages
    verdict = judge.missing(messages, signers, page.asker.party)
    return {**verdict_told(verdict, page.language), "spare": judge.spare(messages, signers)}


def _signers(page: Page, found: Transaction) -> dict[str, str]:
    """Party by key id; refusal UNKNOWN_KEY where a key may not sign this."""
    view, signers = Committed(page.console.desk.node.store, cached=0), {}
    for one in found.signatures:
        key = find_key(view, one.kid, found.payload.messages)
        if key is None:
            raise Refusal(Refused.UNKNOWN_KEY, key=one.kid)
        signers[one.kid] = key.party
    return signers


ROUTES = (handed, looked_at)
