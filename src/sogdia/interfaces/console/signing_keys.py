"""The keys of a party: those on record, and those that this very browser holds and never gives out.

Making a key, taking one in and signing are the browser's work (`assets/signing/`); a node sees public halves alone.
"""

from litestar import Response, get

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.console.signing_preparing import ROUTES as PREPARING
from sogdia.interfaces.console.signing_preparing import keys_of
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest

ENTRY = Entry("keys", "/keys")


@get("/keys")
async def keys(request: AnyRequest) -> Response[bytes]:
    """The party's keys as the record has them now; scripts mark those that are in this browser."""
    page = entered(request)
    found = await aside(keys_of, page, page.asker.party)
    ordered = sorted(found, key=lambda key: (bool(key.retired_height), -key.since_height, key.id))
    return render(request, "signing/keys.html", keys=ordered)


ROUTES = (keys, *PREPARING)
