"""`/verify`, for everyone: evidence is checked in the visitor's own browser, and nothing of it comes here.

The page carries what its scripts need, so that they ask for nothing later: the field names of every table, and the
words. The node's own key may be taken over with one click; whether the node is believed is for the visitor to say.
"""

from functools import cache
from typing import Final

from litestar import Response, get

from sogdia.app import FIELDS
from sogdia.app.network_node import NetworkNode
from sogdia.client.evidence import SIZE_LIMIT_BYTES
from sogdia.interfaces.console import refusing
from sogdia.interfaces.console.arriving import arrive, page_of
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import catalogue

PATH: Final = "/verify"
_MIB: Final = 1024 * 1024
_PREFIXES: Final = (("sign_field.", "field."), ("sign_name.", "act."), ("customs_code.", "code."), ("verify_", ""))
"""Whose words the scripts take, and as what; of two with the same name the later counts."""


@get(PATH, before_request=arrive, exception_handlers={Problem: refusing.on_problem, Exception: refusing.on_bug})
async def verify(request: AnyRequest) -> Response[bytes]:
    """The page; `?evidence=` names a file of this site that it opens."""
    page = page_of(request)
    page.visit = page.visit or "none"  # no form of this page is sent, so it sets no cookie beside that of a sign-in
    node = page.console.desk.node
    return render(
        request,
        "verify.html",
        tables=FIELDS,
        words=words(page.language),
        node_key="" if isinstance(node, NetworkNode) else node.verifier_key,
        most=SIZE_LIMIT_BYTES // _MIB,
    )


@cache
def words(language: str) -> dict[str, str]:
    """What the scripts say: names of tables, fields and messages as well as their own sentences."""
    found = catalogue(language)
    return {
        own + key.removeprefix(prefix): sentence
        for prefix, own in _PREFIXES
        for key, sentence in found.items()
        if key.startswith(prefix)
    }


ROUTES: Final = ()
OUTSIDE: Final = (verify,)
