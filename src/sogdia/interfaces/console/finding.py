"""The search in the head of every page: it leads to what a number is of, or to a list of what it may be of.

An order, payment, parcel, list or SKU by its beginning or end; a party by its identifier, a transaction by its id; and
what no trade has is looked for among traced things.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

from litestar import Response, get

from sogdia.insight.orders import Filter, search
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.order_looking import looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.paths import order_page
from sogdia.interfaces.console.rendering import see_other
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest

_TEXT_LIMIT: Final = 200
_TRANSACTION: Final = re.compile("[0-9a-f]{64}")
_DID: Final = re.compile("did:[a-zA-Z0-9:._-]+")
_THING: Final = re.compile(r"(?i)(https?://|urn:|\()")


@get("/find")
async def find(request: AnyRequest) -> Response[bytes]:
    """Lead on to what was looked for."""
    page = entered(request)
    text = dict(page.query).get("q", "").strip()[:_TEXT_LIMIT]
    return see_other(await aside(place_of, page, text))


def place_of(page: Page, text: str) -> str:
    """The address of what this text means, so far as the asker may see it."""
    if not text:
        return f"{ROOT}/orders"
    if _DID.fullmatch(text):
        return f"{ROOT}/parties/{quote(text, safe='')}"
    if _TRANSACTION.fullmatch(text.lower()) and page.console.desk.node.engine.place_of(text.lower()) is not None:
        return f"{ROOT}/network/log/transaction/{text.lower()}"
    if _THING.match(text):
        return f"{ROOT}/trace?{urlencode({'q': text})}"
    look = looking(page)
    found = search(*look, Filter(text=text), limit=2).rows
    if len(found) == 1:
        return order_page(found[0].platform, found[0].order)
    return f"{ROOT}/orders?{urlencode({'text': text})}" if found else f"{ROOT}/trace?{urlencode({'q': text})}"


ROUTES: Final = (find,)
