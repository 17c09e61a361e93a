"""The first page after signing in: who one is on record, and where the record stands."""

from litestar import Response, get

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.http.problems import AnyRequest

ENTRY = Entry("home", "/")


@get("/")
async def home(request: AnyRequest) -> Response[bytes]:
    """The party and its roles as the record has them now, and the last checkpoint."""
    page = entered(request)
    return render(request, "home.html", party=page.party, seal=page.seal)


ROUTES = (home,)
