"""The owner's queue: items of one's products that show signs of being copied, with the reasons."""

from typing import Any

from litestar import Response, get

from sogdia.core.query import Asker
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import aside, desk_of, json_answer, one_parameter, whole_number
from sogdia.interfaces.http.problems import AnyRequest, Problem, language
from sogdia.interfaces.resolver.clones import Sign, signs, together
from sogdia.interfaces.resolver.observed import case_of
from sogdia.interfaces.resolver.owners import gtin_of
from sogdia.interfaces.resolver.page import sign_text
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.trace.histories import history
from sogdia.mirror.trace.view import View, viewed
from sogdia.standards.epcis.moments import written
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical, identity, kind_of

ITEMS_LIMIT = 200
EVENTS_LIMIT = 500


@get(
    "/clones",
    opt=about(
        Parameter("thing", "one item; the products' last scanned ones unless given", required=False),
        Parameter("least", "leave out what is less likely, in per cent", required=False, schema={"type": "integer"}),
        Parameter("limit", "items looked at, at most 200", required=False, schema={"type": "integer"}),
        signed_in=True,
    ),
)
async def clones(request: AnyRequest) -> Response[bytes]:
    """Items of the asker's products that show signs of copies, the likeliest first. Likelihoods, not verdicts.

    Looked at are the items scanned last, or the one that is named. Whose a product is: `docs/resolver.md`.
    """
    resolver: Resolver = request.app.state.resolver
    asker = desk_of(request).gate.member(request)
    thing, limit = one_parameter(request, "thing", ""), whole_number(request, "limit", ITEMS_LIMIT)
    least = whole_number(request, "least", 0)
    await resolver.refreshed()
    found = await aside(_queue, resolver, asker, thing, min(limit, ITEMS_LIMIT), language(request))
    return json_answer({"items": [one for one in found if one["percent"] >= least]})


def _queue(resolver: Resolver, asker: Asker, thing: str, limit: int, tongue: str) -> list[dict[str, Any]]:
    assert asker.party is not None
    items = [_named(resolver, asker.party, thing)] if thing else _scanned(resolver, asker.party, limit)
    with viewed(resolver.picture, asker) as view:
        judged = [(one, _signs(resolver, view, asker.party, one)) for one in items]
    listed = [_item(one, found, tongue) for one, found in judged if found]
    return sorted(listed, key=lambda one: (-one["percent"], one["thing"]))


def _named(resolver: Resolver, party: str, thing: str) -> str:
    try:
        uri = identity(canonical(thing))
    except BadIdentifier as wrong:
        raise Problem(400, "digital_link_wrong", reason=str(wrong)) from None
    if kind_of(uri) != "instance" or resolver.owners.of(uri, resolver.picture) != party:
        raise Problem(404, "not_found")
    return uri


def _scanned(resolver: Resolver, party: str, limit: int) -> list[str]:
    """The items scanned last of products that are this party's."""
    owners, picture = resolver.owners, resolver.picture
    own = [one for one in resolver.scans.products() if one and owners.of(f"{CANONICAL}01/{one}", picture) == party]
    return resolver.scans.scanned(own, limit)


def _signs(resolver: Resolver, view: View, party: str, uri: str) -> tuple[Sign, ...]:
    found = history(view, uri, limit=EVENTS_LIMIT)
    scans, markets = resolver.scans.of(uri), _markets(resolver, party, gtin_of(uri))
    return signs(case_of(view, uri, found, scans, resolver.book, resolver.settings, markets))


def _markets(resolver: Resolver, party: str, gtin: str) -> set[str]:
    """The countries in which the owner offers a product; none when any of its listings is for everywhere."""
    table = resolver.picture.table(PRODUCTS)
    rows = resolver.picture.rows(table.select().where(table.c.seller == party))
    its = [row["markets"] for row in rows if row["gtin"] and row["gtin"].zfill(14) == gtin and row["on_sale"]]
    return {country for markets in its for country in markets} if its and all(its) else set()


def _item(uri: str, found: tuple[Sign, ...], tongue: str) -> dict[str, Any]:
    return {"thing": uri, "percent": together(found), "signs": [_shown(one, tongue) for one in found]}


def _shown(sign: Sign, tongue: str) -> dict[str, Any]:
    time = {"time": written(sign.time_us, 0)} if sign.time_us else {}
    reason = sign_text(sign, tongue)
    return {"rule": sign.rule, "percent": sign.percent, "reason": reason, **time, "said": sign.said}
