"""Links of a GS1-conformant resolver: what they are called, which one answers a request, and linksets (RFC 9264).

Source: GS1-Conformant Resolver Standard; RFC 9264 (linksets), RFC 9110, section 12 (choice by language and media type).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote_plus

import msgspec

VOCABULARY: Final = "https://ref.gs1.org/voc/"
"""Where GS1 keeps its types of links."""
DEFAULT: Final = VOCABULARY + "defaultLink"
DEFAULT_MULTI: Final = VOCABULARY + "defaultLinkMulti"
PRODUCT_PAGE: Final = VOCABULARY + "pip"
TRACEABILITY: Final = VOCABULARY + "traceability"
MEDIA_TYPE: Final = "application/linkset+json"
CONTEXT: Final = "https://ref.gs1.org/standards/resolver/linkset-context"
"""The JSON-LD context that makes RDF of a linkset."""
LINKS_LIMIT: Final = 200
"""Links of one thing that are read."""
OWN_PARAMETERS: Final = frozenset(("linktype", "lang", "scan-country", "scan-geohash", "scan-device"))
"""Names in a query that are meant for the resolver and go no further, in small letters."""

_SPELLED: Final = re.compile(r"(?:gs1:|https?://(?:ref\.|www\.)?gs1\.org/voc/)?([A-Za-z][A-Za-z0-9]{0,63})")
_OF_GS1: Final = re.compile(r"(?:gs1:|https?://(?:ref\.|www\.)?gs1\.org/voc/)[A-Za-z]")
_TARGET: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")
_WRITTEN: Final = re.compile(r"(https?://)([^/?#\s@\\:\[\]]+)((?::[0-9]{1,5})?(?:[/?#].*)?)")
_AMBIGUOUS: Final = frozenset("ßς\u200c\u200d")
"""In a host these mean one place by IDNA 2003 and another by IDNA 2008."""
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TARGET_CHARS: Final = 2_000
_TITLE_CHARS: Final = 200
_SAFE: Final = "!$%&'()*+,-./:;=?@_~"
_THOUSAND: Final = 1_000


class Link(msgspec.Struct, frozen=True):
    """One link. `relation` is its type as a whole URI; `type` a media type, `hreflang` tags of languages (BCP 47)."""

    relation: str
    href: str
    title: str
    type: str = "text/html"
    hreflang: tuple[str, ...] = ()


class _Target(msgspec.Struct):
    href: str
    title: str = ""
    type: str = "text/html"
    hreflang: tuple[str, ...] | str = ()


_targets = msgspec.json.Decoder(list[_Target] | _Target).decode


# --- what is said of a thing -----------------------------------------------------------------------------------------


def relation_of(text: str) -> str | None:
    """The whole URI of a link type, for `gs1:pip`, `pip` or any URI that is one; None for other text."""
    found = _SPELLED.fullmatch(text)
    if found is not None:
        return VOCABULARY + found[1]
    return text if _TARGET.fullmatch(text) else None


def links_in(attributes: Iterable[tuple[str, str]]) -> tuple[Link, ...]:
    """The links among attributes of master data: names are GS1's link types, values a URL or JSON with parts.

    The JSON is `{"href", "title", "type", "hreflang"}` or a list of these. Other attributes, and targets that are not
    on the web, are passed over. The same target stands once for each type.
    """
    found: dict[tuple[str, str, tuple[str, ...], str], Link] = {}
    for name, value in attributes:
        relation = relation_of(name) if _OF_GS1.match(name) else None
        for target in _read(value) if relation is not None else ():
            link = _link(relation or "", target)
            found.setdefault((link.relation, link.href, link.hreflang, link.type), link)
    return tuple(found.values())[:LINKS_LIMIT]


def is_target(text: str) -> bool:
    """Whether a link may lead there: http or https, no user before the host, at most 2,000 visible characters."""
    return len(text) <= _TARGET_CHARS and _TARGET.fullmatch(text) is not None


def target_of(text: str) -> str | None:
    """A target as it travels in a header: a host in letters of any script as its A-label (IDNA), what is not ASCII
    behind it percent-encoded (RFC 3987, section 3.1); None where no link may lead.
    """
    found = None if text.isascii() else _WRITTEN.fullmatch(text)
    if found is not None and _AMBIGUOUS.isdisjoint(found[2]):
        try:
            text = found[1] + found[2].encode("idna").decode("ascii") + quote(found[3], safe=_SAFE + "#%")
        except UnicodeError:
            return None
    return text if is_target(text) else None


def _read(value: str) -> list[_Target]:
    if not value.lstrip().startswith(("{", "[")):
        given = [_Target(value)]
    else:
        try:
            read = _targets(value)
        except (ValueError, RecursionError):
            return []
        given = read if isinstance(read, list) else [read]
    told = [(one, target_of(one.href)) for one in given]
    return [msgspec.structs.replace(one, href=href) for one, href in told if href is not None]


def _link(relation: str, target: _Target) -> Link:
    given = (target.hreflang,) if isinstance(target.hreflang, str) else target.hreflang
    tags = tuple(tag for tag in given if _TAG.fullmatch(tag))
    kind = target.type if re.fullmatch(r"[\w.+-]+/[\w.+-]+", target.type, re.ASCII) else "text/html"
    title = _UNSEEN.sub("", target.title).strip()[:_TITLE_CHARS]
    return Link(relation, target.href, title or title_of(relation), kind, tags)


def title_of(relation: str) -> str:
    """A title out of the name of a link type: `defaultLink` is "default link"."""
    return _HUMP.sub(" ", re.split("[/#]", relation.rstrip("/#"))[-1]).lower()


def with_one_default(links: Sequence[Link], own: Link | None = None) -> tuple[Link, ...]:
    """The links with exactly one default link in front: the first that is said to be it, else `own`, else a product
    page, else the first of all. Further ones said to be it become alternatives by language and media type.
    """
    said = [one for one in links if one.relation == DEFAULT]
    others = [one for one in links if one.relation != DEFAULT]
    others += [] if own is None or own in others else [own]
    rest = [msgspec.structs.replace(one, relation=DEFAULT_MULTI) for one in said[1:]] + others
    pages = [one for one in others if one.relation == PRODUCT_PAGE]
    first = next(iter([*said[:1], *([] if own is None else [own]), *pages, *others]), None)
    return () if first is None else (msgspec.structs.replace(first, relation=DEFAULT), *rest)


# --- the choice ------------------------------------------------------------------------------------------------------


def chosen(links: Sequence[Link], relation: str, languages: str = "", media: str = "") -> tuple[Link, ...]:
    """The links of a type that suit a request equally well; none when there is no link of this type.

    `languages` and `media` are the fields Accept-Language and Accept. Language weighs before media type; a wish that
    no link fulfils is passed over. Of the default link and its alternatives it is always one.
    """
    if relation == DEFAULT:
        pool = [one for one in links if one.relation == DEFAULT] + [
            one for one in links if one.relation == DEFAULT_MULTI
        ]
        return _best(pool, languages, media)[:1]
    return _best([one for one in links if one.relation == relation], languages, media)


def _best(links: Sequence[Link], languages: str, media: str) -> tuple[Link, ...]:
    spoken = _top(links, [_language(one, languages) for one in links])
    return tuple(_top(spoken, [_media(one, media) for one in spoken]))


def _top(links: Sequence[Link], marks: Sequence[int]) -> list[Link]:
    best = max(marks, default=0)
    return [one for one, mark in zip(links, marks, strict=True) if mark == best]


def _language(link: Link, wanted: str) -> int:
    """Thousandths of the wish that a link fulfils; 1 for a link of no language, 0 for one of others."""
    if not wanted or not link.hreflang:
        return 1
    marks = [0]
    for tag in link.hreflang:
        low = tag.lower()
        fits = [
            (len(name), mark)
            for name, mark in _weighted(wanted)
            if name == "*" or low == name or low.startswith(name + "-") or name.startswith(low + "-")
        ]
        marks.append(max(fits)[1] * 2 if fits else 0)  # the closest name decides; above 1 as soon as it is wished
    return max(marks)


def _media(link: Link, wanted: str) -> int:
    kind = link.type.lower()
    group = kind.partition("/")[0]
    fits = [
        (name != "*/*", name == kind, mark) for name, mark in _weighted(wanted) if name in (kind, f"{group}/*", "*/*")
    ]
    return max(fits)[2] if fits else (0 if wanted else 1)


@lru_cache(maxsize=512)  # browsers of one kind send the same fields
def _weighted(field: str) -> tuple[tuple[str, int], ...]:
    """Names of a field with their weights in thousandths; what has no readable weight counts in full."""
    found = []
    for part in field[:2_000].split(","):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        fits = re.fullmatch(r"(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", weight)
        whole, _, part_text = (weight if fits else "1").partition(".")
        if name:
            found.append((name, int(whole) * _THOUSAND + int(part_text.ljust(3, "0") or "0")))
    return tuple(found)


def prefers(accept: str, kind: str) -> bool:
    """Whether a field Accept names a media type, at more than weight 0 and not only by `*/*`."""
    return any(name == kind and mark for name, mark in _weighted(accept))


# --- what is written -------------------------------------------------------------------------------------------------


def linkset(levels: Iterable[tuple[str, str, Sequence[Link]]]) -> dict[str, Any]:
    """The linkset of a thing and the classes above it: anchor, description and links of each, the thing first."""
    return {"linkset": [_level(*one) for one in levels]}


def _level(anchor: str, description: str, links: Sequence[Link]) -> dict[str, Any]:
    found: dict[str, Any] = {"anchor": anchor, **({"itemDescription": description} if description else {})}
    for link in links:
        target: dict[str, Any] = {"href": link.href, "title": link.title, "type": link.type}
        if link.hreflang:
            target["hreflang"] = list(link.hreflang)
        found.setdefault(link.relation, []).append(target)
    return found


def with_query(href: str, query: str) -> str:
    """A target with the query of the request behind its own, before a fragment; the resolver's own names left out."""
    passed = "&".join(part for part in query.split("&") if part and not _is_own(part))
    if not passed:
        return href
    page, mark, fragment = href.partition("#")
    joint = "" if page.endswith(("?", "&")) else "&" if "?" in page else "?"
    return f"{page}{joint}{quote(passed, safe=_SAFE)}{mark}{fragment}"


def _is_own(part: str) -> bool:
    return unquote_plus(part.partition("=")[0]).lower() in OWN_PARAMETERS


def link_field(anchor: str, canonical: str) -> str:
    """The field Link (RFC 8288) that an answer carries: where the linkset is, and the thing's canonical URI."""
    place = f'<{anchor}?linkType=linkset>; rel="linkset"; type="{MEDIA_TYPE}"; title="All links"'
    return f'{place}, <{canonical}>; rel="owl:sameAs"'


def context_field() -> str:
    """The field Link of a linkset itself: how to read it as JSON-LD."""
    return f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
