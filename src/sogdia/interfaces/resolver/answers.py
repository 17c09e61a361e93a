"""Answers of the resolver: redirects, linksets, lists to choose from, problems; all of them open to other sites."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from litestar import Response
from lxml import etree
from lxml.builder import E

from sogdia.interfaces.http.problems import AnyRequest, Problem, problem_answer
from sogdia.interfaces.resolver.resolving import Level, Resolver
from sogdia.interfaces.words import say
from sogdia.standards.gs1 import linkset

OPEN: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Length, Link, Location",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept, accept-language",
}
"""On every answer (Fetch standard, CORS)."""
METHODS: Final = "GET, HEAD, OPTIONS"
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def root_of(request: AnyRequest, resolver: Resolver) -> str:
    """The address of this resolver: as the operator set it, else as the request was sent to."""
    if resolver.settings.root:
        return resolver.settings.root.rstrip("/")
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if _HOST.fullmatch(host) else ""


def absolute(link: linkset.Link, root: str) -> linkset.Link:
    """The link with a whole URL, for our own pages."""
    return msgspec.structs.replace(link, href=root + link.href) if link.href.startswith("/") else link


def redirect(href: str, status: int, link_field: str) -> Response[bytes]:
    """Go there: 307 for the thing itself, 303 for a class above it."""
    return Response(
        b"", status_code=status, media_type="text/plain", headers={**OPEN, "location": href, "link": link_field}
    )


def linkset_answer(levels: Sequence[Level], root: str, link_field: str, status: int = 200) -> Response[bytes]:
    """A linkset (RFC 9264); with 300 the links to choose from."""
    shown = [(one.uri, one.description, [absolute(link, root) for link in one.links]) for one in levels]
    headers = {**OPEN, "link": f"{link_field}, {linkset.context_field()}"}
    body = msgspec.json.encode(linkset.linkset(shown))
    return Response(body, status_code=status, media_type=linkset.MEDIA_TYPE, headers=headers)


def choice_page(links: Sequence[linkset.Link], tongue: str, link_field: str) -> Response[bytes]:
    """The links to choose from as a page, for a browser (300)."""
    title = say("scan.choose", tongue)
    listed = [
        E.li(E.a(f"{one.title} ({', '.join([*one.hreflang, one.type])})", href=one.href, rel="noreferrer"))
        for one in links
    ]
    found = E.html(
        E.head(E.meta(charset="utf-8"), E.meta(name="viewport", content="width=device-width"), E.title(title)),
        E.body(E.main(E.h1(title), E.ul(*listed))),
        lang=tongue,
    )
    body = etree.tostring(found, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    headers = {**OPEN, "link": link_field, "content-language": tongue}
    return Response(body, status_code=300, media_type="text/html", headers=headers)


def preflight() -> Response[bytes]:
    """What a browser asks before a request from another site."""
    allowed = {"allow": METHODS, "access-control-allow-methods": METHODS}
    fields = {
        "access-control-allow-headers": "Accept, Accept-Language, Content-Type",
        "access-control-max-age": "86400",
    }
    return Response(b"", status_code=204, media_type="text/plain", headers={**OPEN, **allowed, **fields})


def refused(request: AnyRequest, problem: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A problem, open to other sites too."""
    found = problem_answer(request, problem)
    found.headers.update({**OPEN, **(headers or {})})
    return found
