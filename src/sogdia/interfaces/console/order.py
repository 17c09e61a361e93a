"""One order whole: what is next, who signed what and when, the match side by side, documents, money, tax, trace."""

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get

from sogdia.app.match import compared
from sogdia.core.query import Asker, may_see
from sogdia.domains.tax.state import RULEBOOK
from sogdia.insight.names import names_of
from sogdia.insight.sight import Sight
from sogdia.insight.taxes import Rule
from sogdia.insight.timeline import Entry as Signed
from sogdia.insight.trade import Part, Whole, whole_trade
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.order_acts import acts_of, next_of
from sogdia.interfaces.console.order_drawn import PARTIES, compared_of, counts_of, steps_of
from sogdia.interfaces.console.order_looking import MARKS, PHASES, looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.paths import row_page
from sogdia.interfaces.console.rendering import HEADERS, render
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.console.tracing_story import event_link, thing_link
from sogdia.interfaces.http.desk import Desk, aside, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import has_words, refusal_text, say, source_said

PATH: Final = f"{ROOT}/orders/order"
EVIDENCE: Final = f"{ROOT}/orders/evidence"
_BAD: Final = ("delivery_failed", "on_hold", "return_to_sender")
_WARNING: Final = ("orders.cancelled", "payments.refunded", "orders.sealed_erased")
_SUMS: Final = ("goods_minor", "freight_minor", "tax_minor", "discount_minor", "rounding_minor", "paid_minor")


@get("/orders/order")
async def order(request: AnyRequest) -> Response[bytes]:
    """One order, by platform and number, as far as the user's party may see it; `Problem` 404 otherwise."""
    page = entered(request)
    key = one_parameter(request, "platform"), one_parameter(request, "order")
    return render(request, "orders/order.html", **await aside(found_order, page, *key))


@get("/orders/evidence")
async def evidence(request: AnyRequest) -> Response[bytes]:
    """Evidence for the whole trade as a file: what a stranger needs to check it offline."""
    page = entered(request)
    platform, number = one_parameter(request, "platform"), one_parameter(request, "order")
    found = await aside(_evidence, page.console.desk, platform, number, page.asker)
    headers = {**HEADERS, "content-disposition": 'attachment; filename="evidence.json"'}
    return Response(found, media_type="application/json", headers=headers)


def found_order(page: Page, platform: str, number: str) -> dict[str, Any]:
    """Everything that the page shows; `Problem` 404 when there is nothing that the party may see."""
    look = looking(page)
    whole = whole_trade(*look, platform, number, compared)
    if whole is None:
        raise Problem(404, "no_route", method="GET", path=PATH)
    currency = whole.trade.currency or "CNY"
    rows = compared_of(whole.match, whole.names, currency) if whole.match else ()
    query = urlencode({"platform": platform, "order": number})
    refused = page.console.refusals.of_order(
        look.picture, look.asker, platform, number, [p.record for p in whole.parts]
    )
    return {
        "whole": whole,
        "trade": whole.trade,
        "names": whole.names | names_of(look.picture, look.asker, [did for one in refused for did in one.signers]),
        "steps": steps_of(whole, look.moment.now_ms),
        "entries": [(mark_of(one), sentence_of(page, one, whole), one) for one in whole.entries],
        "rows": rows,
        "counts": counts_of(rows),
        "parties": _parties(rows),
        "record": _fields(whole, "orders.order"),
        "payment": _fields(whole, "payments.payment"),
        "sums": _SUMS,
        "now_ms": look.moment.now_ms,
        "marks": MARKS,
        "phases": PHASES,
        "evidence": f"{EVIDENCE}?{query}",
        "verify": f"/verify?{urlencode({'evidence': f'{EVIDENCE}?{query}'})}",
        "code_words": partial(code_words, page.language),
        "next_one": next_of(whole.trade),
        "acts": acts_of(whole, look.asker, Sight(look.picture, look.asker).principals),
        "refused": [(one, refusal_text(one.code, one.fields, page.language)) for one in refused],
        "fallen": _fallen(whole),
        "thing_link": thing_link,
        "event_link": event_link,
        "rule_page": rule_page,
        "source_told": source_said,
    }


def code_words(language: str, code: int | None) -> str:
    """Customs' code as a person reads it."""
    if code is None:
        return ""
    known = f"customs_code.{code}"
    return say(known if has_words(known) else f"customs_code.{'error' if code < 0 else 'unknown'}", language, code=code)


def sentence_of(page: Page, one: Signed, whole: Whole) -> str:
    """What was signed, in words; an event without words of its own is shown by its name."""
    key = f"desks_event.{one.what}"
    if not has_words(key):
        return one.what
    said = {
        name: whole.names.get(value, value) if isinstance(value, str) else value for name, value in one.said.items()
    }
    if one.what == "customs.answered":
        said["code_words"] = code_words(page.language, one.said["code"])
        said["subject_words"] = say(f"desks_document.{one.said['subject']}", page.language)
    if one.what == "logistics.status_reported":
        said["status_words"] = say(f"desks_parcel.{one.said.get('status')}", page.language)
    return say(key, page.language, **said)


def rule_page(one: Rule) -> str:
    """The page of the published row that a tax was made with."""
    return row_page(RULEBOOK.name, one.book, one.key)


def mark_of(one: Signed) -> str:
    """The mark of an entry: good, or what somebody should look at."""
    if one.what == "customs.answered":
        code = one.said["code"]
        return "bad" if code < 0 or code == 100 else "warn" if code in (300, 500, 501, 502, 503, 599, 700) else "good"
    if one.what == "logistics.status_reported" and one.said.get("status") in _BAD:
        return "warn"
    return "warn" if one.what in _WARNING else "good"


def _fallen(whole: Whole) -> list[Part]:
    """What customs rejected and nobody has mended: of the lists only the newest."""
    found = [one for one in whole.parts if one.standing is not None and one.standing["phase"] == "rejected"]
    return [one for one in found if not one.record[0].endswith("_list") or one.record[-1] == whole.trade.list_no]


def _parties(rows: Any) -> list[str]:
    """The columns of the match: parties that say something of anything, and a last one for what customs expects."""
    speaking = [party for party in PARTIES if any(party in one.said for one in rows)]
    return [*speaking, "others"] if any(one.others for one in rows) else speaking


def _fields(whole: Whole, table: str) -> dict[str, Any] | None:
    """The fields of the part of this table that the trade's row names, or of its first."""
    found = [part for part in whole.parts if part.record[0] == table]
    named = [part for part in found if part.record[2] in (whole.trade.order, whole.trade.payment)]
    return (named or found)[0].fields if found else None


def _evidence(desk: Desk, platform: str, number: str, asker: Asker) -> bytes:
    records = desk.node.trade_records(platform, number)
    if not any(_is_seen(desk, name, key, asker) for name, *key in records):
        raise Problem(404, "no_route", method="GET", path=EVIDENCE)
    return desk.node.evidence_of_order(platform, number, asker)


def _is_seen(desk: Desk, name: str, key: list[str], asker: Asker) -> bool:
    """Whether the asker may read this part of the trade; the broker's mandate is none."""
    found = None if name.startswith("identity.") else desk.node.record(name, *key)
    return found is not None and may_see(desk.tables[name], found, asker)


ROUTES: Final = (order, evidence)
