"""The routes of GS1 Digital Links: every key at the root, as printed on goods and read by any phone.

Source: GS1-Conformant Resolver Standard. The default link without a wish; `linkType=linkset` (or `all`, or Accept:
application/linkset+json) gives all links; another link type the link of that type, the nearest level first.
"""

import logging
import sqlite3
from typing import Any, Final
from urllib.parse import unquote

from litestar import Response, get, route

from sogdia.app import milliseconds
from sogdia.interfaces.http.desk import JSON, aside, json_answer
from sogdia.interfaces.http.problems import AnyRequest, Problem, language
from sogdia.interfaces.http.proxies import caller_of
from sogdia.interfaces.resolver import answers
from sogdia.interfaces.resolver.owners import gtin_of
from sogdia.interfaces.resolver.resolving import Entity, Level, Resolver
from sogdia.interfaces.resolver.story_routes import story_answer
from sogdia.interfaces.resolver.tags import AI as TAG_AI
from sogdia.standards.gs1 import digital_link, linkset
from sogdia.standards.gs1.application_identifiers import keys
from sogdia.standards.gs1.digital_link import CANONICAL, DigitalLink
from sogdia.standards.gs1.errors import BadIdentifier

LOG: Final = logging.getLogger("sogdia.resolver")
_ALL: Final = frozenset(("linkset", "all"))
_PATHS: Final = [path for key in keys() for path in (f"/{key}", f"/{key}/{{rest:path}}")]
_ANY_HOST: Final = "https://resolver.invalid"
HTML: Final = "text/html"
TARGET_CHARS: Final = 4_000


@route(_PATHS, http_method=["GET", "HEAD", "OPTIONS"])
async def resolve(request: AnyRequest) -> Response[bytes]:
    """Where a GS1 Digital Link leads."""
    if request.method == "OPTIONS":
        return answers.preflight()
    resolver: Resolver = request.app.state.resolver
    try:
        link = read_target(request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1"))
        entity = await resolver.entity(link)
        if request.method == "GET" and entity.is_instance and entity.is_on_record:
            await aside(note_scan, resolver, request, link, entity)
        if not entity.levels:
            return await _unknown(request, resolver, link)
        return _answered(request, resolver, link, entity)
    except Problem as problem:
        return answers.refused(request, problem)


def read_target(path: str, query: str) -> DigitalLink:
    """The Digital Link of a request; `Problem` 400 says what is wrong with it."""
    segments = path.strip("/").split("/")
    try:
        if len(path) + len(query) > TARGET_CHARS:
            raise BadIdentifier("Digital Link", path, "it is too long", f"at most {TARGET_CHARS} characters are read")
        link = digital_link.parse(f"{_ANY_HOST}{path}?{query}")
        if link.key != segments[0] or unquote(segments[1]).zfill(len(link.value)) != link.value:
            raise BadIdentifier("Digital Link", path, "its path has two keys", "name one thing in one URI")
    except BadIdentifier as wrong:
        raise Problem(400, "digital_link_wrong", reason=str(wrong)) from None
    return link


def _answered(request: AnyRequest, resolver: Resolver, link: DigitalLink, entity: Entity) -> Response[bytes]:
    root = answers.root_of(request, resolver)
    accept = request.headers.get("accept", "")
    field = linkset.link_field(f"{root}/{link.uri.removeprefix(CANONICAL)}", link.uri)
    wanted = _one(request, "linkType", "")
    if wanted in _ALL or (not wanted and linkset.prefers(accept, linkset.MEDIA_TYPE)):
        return answers.linkset_answer(entity.levels, root, field)
    relation = linkset.relation_of(wanted) if wanted else linkset.DEFAULT
    if relation is None:
        raise Problem(400, "link_type_wrong", link_type=wanted[:200])
    tongues = _one(request, "lang", "") or request.headers.get("accept-language", "")
    level, found = _nearest(entity, relation, tongues, accept)
    if len({one.href for one in found}) == 1:
        href = linkset.with_query(found[0].href, request.scope["query_string"].decode("latin-1"))
        return answers.redirect(href, 307 if level.uri == entity.uri else 303, field)
    if linkset.prefers(accept, HTML):
        return answers.choice_page([answers.absolute(one, root) for one in found], language(request), field)
    return answers.linkset_answer([Level(level.uri, level.description, found)], root, field, 300)


def _nearest(entity: Entity, relation: str, tongues: str, accept: str) -> tuple[Level, tuple[linkset.Link, ...]]:
    """The links of a type at the nearest level that has any: serial, lot, product."""
    for level in entity.levels:
        found = linkset.chosen(level.links, relation, tongues, accept)
        if found:
            return level, found
    raise Problem(404, "link_missing", link_type=relation[:200])


async def _unknown(request: AnyRequest, resolver: Resolver, link: DigitalLink) -> Response[bytes]:
    if linkset.prefers(request.headers.get("accept", ""), HTML) and "linkType" not in request.query_params:
        found = await story_answer(request, resolver, link.uri, 404)
        found.headers.update(answers.OPEN)
        return found
    raise Problem(404, "thing_unknown", thing=link.uri[:200])


def _one(request: AnyRequest, name: str, default: str) -> str:
    """The one value of a parameter whose name may be written in any case."""
    if not request.scope["query_string"]:
        return default
    given = [
        one for key, values in request.query_params.dict().items() if key.lower() == name.lower() for one in values
    ]
    if len(given) > 1:
        raise Problem(400, "parameter_doubled", parameter=name)
    return given[0] if given else default


def note_scan(resolver: Resolver, request: AnyRequest, link: DigitalLink, entity: Entity) -> None:
    """Note that an item was scanned, with the little that the scanner tells."""
    gtin, headers = gtin_of(entity.uri), request.headers
    tag = next((value for ai, value in link.attributes if ai == TAG_AI), "")
    given = dict(link.other)
    field = resolver.settings.country_field
    said = {
        name: given.get(f"scan-{name}", "") or str(headers.get(f"scan-{name}", ""))
        for name in ("country", "geohash", "device")
    }
    said["country"] = (headers.get(field, "") if field else "") or said["country"]
    said["agent"] = f"{headers.get('user-agent', '')}|{headers.get('accept-language', '')}"
    said["address"] = caller_of(request)
    verdict = resolver.tag_keys.verdict(entity.uri, gtin, tag)
    try:
        resolver.scans.note(entity.uri, gtin, said, verdict, milliseconds())
    except (OSError, sqlite3.Error) as wrong:  # a full disk must not keep codes from leading anywhere
        LOG.warning("scan_not_noted", extra={"said": {"problem": str(wrong)}})


@get("/.well-known/gs1resolver")
async def description(request: AnyRequest) -> Response[bytes]:
    """What this resolver does (GS1-Conformant Resolver Standard, resolver description file)."""
    resolver: Resolver = request.app.state.resolver
    said: dict[str, Any] = {
        "name": f"Sogdia node of {resolver.desk.node.info.network}",
        "resolverRoot": answers.root_of(request, resolver),
        "supportedPrimaryKeys": ["all"],
        "linkTypeDefaultCanBeLinkset": False,
        "supportedLinkType": [
            {"namespace": linkset.VOCABULARY, "prefix": "gs1:", "profile": "https://www.gs1.org/voc/?show=linktypes"}
        ],
    }
    found = json_answer(said)
    found.headers.update({**answers.OPEN, "content-type": JSON})
    return found
