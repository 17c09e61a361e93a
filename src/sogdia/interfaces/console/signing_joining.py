"""`/join`, for everyone: a newcomer makes its keys in its own browser and signs its half of a registration.

Nothing of it comes here. The page carries all that its scripts need, so that they ask for nothing later; what they
make leaves the browser as files: the keys, encrypted, for the newcomer to keep, and the request for the registrar.
"""

from typing import Any, Final

import msgspec
from litestar import Response, get

from sogdia.core.state import Committed
from sogdia.domains.identity.messages import Register
from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.console import refusing
from sogdia.interfaces.console.arriving import arrive, page_of
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.signing_preparing import HANDED_VALID_MS, keys_of, plain_key, vocabulary
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest, Problem

PATH: Final = "/join"
LOOKED_AT: Final = 2_000
"""Parties among which registrars are looked for; where the record has more, the newcomer types whom it was told."""


@get(PATH, before_request=arrive, exception_handlers={Problem: refusing.on_problem, Exception: refusing.on_bug})
async def join(request: AnyRequest) -> Response[bytes]:
    """The page, with the network's name and code, its registrars and the words."""
    page = page_of(request)
    page.visit = page.visit or "none"  # no form of this page is sent, so it sets no cookie
    return render(request, "signing/join.html", room=msgspec.to_builtins(await aside(_room, page)))


def _room(page: Page) -> dict[str, Any]:
    """What the signing scripts are told here in place of a user's context."""
    info = page.console.desk.node.info
    registrars = _registrars(page)
    return {
        "language": page.language,
        "network": page.network,
        "code": info.code,
        "origin": page.place.origin,
        "now_ms": page.console.now_ms(),
        "valid_ms": HANDED_VALID_MS,
        "keys": [plain_key(key) for did in registrars for key in keys_of(page, did)],
        "registrars": registrars,
        **vocabulary(page.language, [Register]),
    }


def _registrars(page: Page) -> dict[str, str]:
    """Names of the registrars on record, by identifier."""
    view = Committed(page.console.desk.node.store, cached=0)
    found = {}
    for number, party in enumerate(PARTIES.starting(view, "")):
        if number >= LOOKED_AT:
            break
        if "registrar" in party.roles and not party.suspended:
            found[party.did] = party.name
    return found


ROUTES: Final = ()
OUTSIDE: Final = (join,)
