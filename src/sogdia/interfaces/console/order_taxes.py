"""Taxes billed: what was collected on released imports, in sums and bill by bill, each with its evidence."""

from datetime import date
from typing import Any, Final, cast
from urllib.parse import urlencode

from litestar import Response, get

from sogdia.core.query import may_see
from sogdia.domains.tax.queries import totals_by_kind
from sogdia.domains.tax.state import BILLS
from sogdia.insight.bills import Billed, bills
from sogdia.insight.names import names_of
from sogdia.insight.picture import Pictured
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS, render
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.http.desk import aside, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem

ROLES: Final = ("tax_authority", "customs", "platform", "broker", "seller")
"""Those whose bills they are, and those who collect."""
ENTRY: Final = Entry("taxes", "/taxes", roles=("tax_authority",))
PATH: Final = f"{ROOT}/taxes"
_ROWS: Final = 50
_LAST_DAY: Final = "9999-12-31"


@get("/taxes")
async def taxes(request: AnyRequest) -> Response[bytes]:
    """The bills that the user's party may see, of the days that the address asks for."""
    page = entered(request, *ROLES)
    return render(request, "orders/order_taxes.html", **await aside(_taxes, page))


@get("/taxes/evidence")
async def evidence(request: AnyRequest) -> Response[bytes]:
    """Evidence of one bill as a file: what a stranger needs to check it offline."""
    page = entered(request, *ROLES)
    key = one_parameter(request, "broker"), one_parameter(request, "list_no")
    found = await aside(_evidence, page, *key)
    headers = {**HEADERS, "content-disposition": 'attachment; filename="evidence.json"'}
    return Response(found, media_type="application/json", headers=headers)


def _taxes(page: Page) -> dict[str, Any]:
    given = dict(page.query)
    fields = {name: given.get(name, "").strip()[:10] for name in ("day_from", "day_to")}
    wrong = [name for name, text in fields.items() if text and not _is_day(text)]
    day_from, day_to = ("" if name in wrong else text for name, text in fields.items())
    picture = cast(Pictured, page.picture)
    rows, after = bills(picture, page.asker, day_from, day_to, given.get("after", ""), _ROWS)
    return {
        "rows": [(one, *_ways(one)) for one in rows],
        "sums": totals_by_kind(picture, page.asker, day_from, day_to or _LAST_DAY),
        "names": names_of(picture, page.asker, (one.payer for one in rows)),
        "next": page.here(after=after) if after else "",
        "is_further": bool(given.get("after")),
        "fields": fields,
        "wrong": wrong,
        "path": PATH,
    }


def _ways(one: Billed) -> tuple[str, str]:
    """Where the evidence of a bill is, and where it is verified."""
    file = f"{PATH}/evidence?{urlencode({'broker': one.broker, 'list_no': one.list_no})}"
    return file, f"/verify?{urlencode({'evidence': file})}"


def _evidence(page: Page, broker: str, list_no: str) -> bytes:
    node = page.console.desk.node
    bill = node.record(BILLS.name, broker, list_no)
    if bill is None or not may_see(BILLS, bill, page.asker):
        raise Problem(404, "no_route", method="GET", path=f"{PATH}/evidence")
    about = {"table": BILLS.name, "key": f"{broker} {list_no}"}
    return node.evidence(about, [(BILLS.name, broker, list_no)], page.asker)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


ROUTES: Final = (taxes, evidence)
