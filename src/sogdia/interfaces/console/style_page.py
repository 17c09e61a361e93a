"""Every part of which pages are made, on one page: what looks right here looks right everywhere."""

from litestar import Response, get

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.http.problems import AnyRequest

_ROWS = (
    ("2026-000412", "CN", "FR", "released", "good", 253_400, "EUR", 1_795_338_000_000),
    ("2026-000413", "CN", "DE", "waiting", "warn", 1_099_90, "EUR", 1_795_341_600_000),
    ("2026-000414", "FR", "CN", "refused", "bad", 68_000, "CNY", 1_795_345_200_000),
    ("2026-000415", "CN", "FR", "declared", "info", 12_000, "EUR", 1_795_348_800_000),
)


@get("/style")
async def style(request: AnyRequest) -> Response[bytes]:
    """The parts, with values that are made up."""
    entered(request)
    return render(request, "style.html", rows=_ROWS)


ROUTES = (style,)
