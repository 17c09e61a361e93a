"""The owner's queue: items of one's products that show signs of being copied, with the reasons."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql
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
    markets = _markets(resolver, asker.party, {gtin_of(one) for one in items})
    with viewed(resolver.picture, asker) as view:  # nothing here may ask for a second connection: they are few
        judged = [(one, _signs(resolver, view, one, markets.get(gtin_of(one), set()))) for one in items]
    listed = [_item(one, found, tongue) for one, found in judged if found]
    return sorted(listed, key=lambda one: (-one["percent"], one["thing"]))


def _named(resolver: Resolver, party: str, thing: str) -> str:
    try:
        uri = identity(canonical(thing))
    except BadIdentifier as wrong:
        raise Problem(400, "digital_link_wrong", reason=str(wrong)) from None
    if kind_of(uri) != "instance" or resolver.owners.of(uri) != party:
        raise Problem(404, "not_found")
    return uri


def _scanned(resolver: Resolver, party: str, limit: int) -> list[str]:
    """The items scanned last of products that are this party's."""
    owners = resolver.owners
    own = [one for one in resolver.scans.products() if one and owners.of(f"{CANONICAL}01/{one}") == party]
    return resolver.scans.scanned(own, limit)


def _signs(resolver: Resolver, view: View, uri: str, markets: set[str]) -> tuple[Sign, ...]:
    found = history(view, uri, limit=EVENTS_LIMIT)
    return signs(case_of(view, uri, found, resolver.scans.of(uri), resolver.book, resolver.settings, markets))


def _markets(resolver: Resolver, party: str, gtins: set[str]) -> dict[str, set[str]]:
    """The countries in which the owner offers products, by GTIN; none when any listing of one is for everywhere."""
    table = resolver.picture.table(PRODUCTS)
    wanted = sql.select(table.c.gtin, table.c.markets).where(
        table.c.seller == party, table.c.gtin.is_not(None), table.c.on_sale
    )
    found: dict[str, list[Sequence[str]]] = {}
    for row in resolver.picture.rows(wanted):
        gtin = row["gtin"].zfill(14)
        if gtin in gtins:
            found.setdefault(gtin, []).append(row["markets"])
    return {gtin: {one for some in its for one in some} if all(its) else set() for gtin, its in found.items()}


def _item(uri: str, found: tuple[Sign, ...], tongue: str) -> dict[str, Any]:
    return {"thing": uri, "percent": together(found), "signs": [_shown(one, tongue) for one in found]}


def _shown(sign: Sign, tongue: str) -> dict[str, Any]:
    time = {"time": written(sign.time_us, 0)} if sign.time_us else {}
    reason = sign_text(sign, tongue)
    return {"rule": sign.rule, "percent": sign.percent, "reason": reason, **time, "said": sign.said}
