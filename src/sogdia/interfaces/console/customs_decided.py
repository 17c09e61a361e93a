"""The other half of the customs desk: what was decided, when, with which code, reason and numbers."""

from functools import partial
from typing import Any, Final

from litestar import Response, get

from sogdia.insight.decided import DECIDED, decided_lists
from sogdia.insight.names import names_of
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.customs_desk import PATH, ROLE
from sogdia.interfaces.console.order import code_words
from sogdia.interfaces.console.order_looking import PHASES, looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest

_ROWS: Final = 50
_NUMBER_CHARS: Final = 60


@get("/customs/decided")
async def decided(request: AnyRequest) -> Response[bytes]:
    """The lists that customs has decided, the newest answer first."""
    page = entered(request, ROLE)
    return render(request, "customs/decided.html", **await aside(_decided, page))


def _decided(page: Page) -> dict[str, Any]:
    look, given = looking(page), dict(page.query)
    phase = given.get("phase", "") if given.get("phase", "") in DECIDED else ""
    list_no, after = given.get("list_no", "").strip()[:_NUMBER_CHARS], given.get("after", "")
    rows, further = decided_lists(look.picture, look.asker, phase, list_no, after, _ROWS)
    return {
        "rows": rows,
        "names": names_of(look.picture, look.asker, {party for one in rows for party in (one.seller, one.broker)}),
        "next": page.here(after=further) if further else "",
        "first": page.here(after=None) if after else "",
        "phase": phase,
        "list_no": list_no,
        "decided": DECIDED,
        "phases": PHASES,
        "code_words": partial(code_words, page.language),
        "path": PATH,
    }


ROUTES: Final = (decided,)
