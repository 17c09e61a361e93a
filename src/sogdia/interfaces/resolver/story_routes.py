"""The public pages: the story of an item, and the evidence of an event that everyone may read."""

from typing import Any, Final
from urllib.parse import unquote

import msgspec
from litestar import Response, get

from sogdia.client.evidence import Evidence
from sogdia.core.codec import from_base64url
from sogdia.core.query import Asker
from sogdia.domains.trace.state import EVENTS, TraceEvent
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import JSON, Desk, aside, desk_of, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem, language
from sogdia.interfaces.resolver.page import page, policy
from sogdia.interfaces.resolver.resolving import STORY, Resolver
from sogdia.interfaces.resolver.story import story_of
from sogdia.interfaces.resolver.tags import AI as TAG_AI
from sogdia.interfaces.words import LANGUAGES
from sogdia.standards.gs1 import digital_link
from sogdia.standards.gs1.application_identifiers import keys
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical

_PUBLIC_MESSAGES: Final = frozenset(("trace.capture", "trace.describe"))
_HTML: Final = "text/html"


@get(
    "/story/{thing:path}",
    opt=about(
        Parameter("thing", "the path of a GS1 Digital Link, or any identifier percent-encoded", place="path"),
        Parameter("lang", "en or zh; as Accept-Language says unless given", required=False),
        answers={"text/html": ""},
        codes={404: "nothing is on record that everyone may read; the page says so"},
    ),
)
async def story(request: AnyRequest) -> Response[bytes]:
    """The story of a thing for anyone who scans it: what is public, who signed it, and where the proof is."""
    resolver: Resolver = request.app.state.resolver
    path = request.scope["raw_path"].decode("latin-1").removeprefix(STORY)
    await resolver.refreshed()
    return await story_answer(request, resolver, _identifier(path), 200)


async def story_answer(request: AnyRequest, resolver: Resolver, uri: str, status: int) -> Response[bytes]:
    """The page for a canonical URI; 404 when there is nothing to tell."""
    tongue = one_parameter(request, "lang", "") or language(request)
    if tongue not in LANGUAGES:
        raise Problem(400, "parameter_bad", parameter="lang", expected=", ".join(LANGUAGES))
    found = await aside(story_of, resolver, uri, one_parameter(request, TAG_AI, ""))
    headers = {
        "content-security-policy": policy(found.picture),
        "content-language": tongue,
        "vary": "accept-language",
    }
    body = await aside(page, found, tongue)
    return Response(body, status_code=status if found.is_told else 404, media_type=_HTML, headers=headers)


def _identifier(path: str) -> str:
    try:
        if path.partition("/")[0] in keys():
            return digital_link.parse(f"https://resolver.invalid/{path}").uri
        return canonical(unquote(path, errors="strict"))
    except (BadIdentifier, UnicodeDecodeError) as wrong:
        raise Problem(400, "digital_link_wrong", reason=str(wrong)) from None


@get(
    "/story/evidence",
    opt=about(
        Parameter("party", "DID of the party that signed"),
        Parameter("event", "the event's ID"),
        Parameter("declared", "time of its error declaration", required=False),
        answers={JSON: "Evidence"},
        codes={409: "the transaction holds what is not for everyone"},
    ),
)
async def public_evidence(request: AnyRequest) -> Response[bytes]:
    """Evidence of an event that everyone may read, for `sogdia verify`.

    Evidence holds whole transactions, as they were signed. Where one of them says more than everyone may read, it is
    not given here; the party that signed can give it.
    """
    desk = desk_of(request)
    given = [one_parameter(request, "party"), one_parameter(request, "event"), one_parameter(request, "declared", "")]
    found = await aside(_evidence, desk, given)
    return Response(found, media_type=JSON, headers={"content-disposition": 'attachment; filename="evidence.json"'})


def _evidence(desk: Desk, key: list[str]) -> bytes:
    record: TraceEvent | None = desk.node.record(EVENTS.name, *key)
    if record is None or record.audience != "everyone":
        raise Problem(404, "not_found")
    found = desk.node.evidence({"table": EVENTS.name, "key": " ".join(key)}, [(EVENTS.name, *key)], Asker(record.party))
    read = msgspec.json.decode(found, type=Evidence)
    if not all(_is_public(one.envelope) for one in read.transactions):
        raise Problem(409, "evidence_not_public", party=record.party)
    return found


class _Envelope(msgspec.Struct):
    payload: str


class _Message(msgspec.Struct):
    type: str
    audience: str = ""


class _Payload(msgspec.Struct):
    messages: list[_Message]


def _is_public(envelope: str) -> bool:
    """Whether a signed transaction says nothing but what everyone may read."""
    payload: Any = from_base64url(msgspec.json.decode(envelope, type=_Envelope).payload)
    messages = msgspec.json.decode(payload, type=_Payload).messages
    return all(one.type in _PUBLIC_MESSAGES and one.audience == "everyone" for one in messages)
