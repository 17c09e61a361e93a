"""Governance: members, cases with their votes and deadlines, and the terms by which the network runs."""

from typing import Any, Final

from litestar import Response, get

from sogdia.app import Node
from sogdia.core.query import Asker, Picture
from sogdia.core.state import Committed
from sogdia.domains.governance import queries as governance
from sogdia.domains.governance.state import MEMBERS, SCOPE, TERMS, VALIDATORS, Member
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.governing_cases import (
    applicants,
    case_in_full,
    fields_of,
    is_seated,
    may_withdraw,
    open_cases,
    past_cases,
)
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.parties_signed import Known
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.http.desk import aside, one_parameter, part, whole_number
from sogdia.interfaces.http.problems import AnyRequest, Problem

ENTRY = Entry("governance", "/governance")
TABS: Final = ("cases", "members", "terms")
_PAST_ROWS: Final = 25


@get("/governance")
async def overview(request: AnyRequest) -> Response[bytes]:
    """Open and past cases, the members, or the terms; a page of its own kind on a record without members."""
    page = entered(request)
    node, tab = page.console.desk.node, one_parameter(request, "tab", "cases")
    before = whole_number(request, "before", 0)
    shown = tab if tab in TABS else "cases"
    found = await aside(_overview, page, before)
    told: dict[str, Any] = {"tab": shown, "now_ms": page.console.now_ms(), "before": before}
    names = await aside(applicants, Committed(node.store, cached=0), [*found["waiting"], *found["past"]])
    told["known"] = Known(node, names)
    return render(request, "governance/overview.html", **told, **found)


@get("/governance/{case_no:str}")
async def case(request: AnyRequest) -> Response[bytes]:
    """One case: what it does, who has voted how, until when, and what silence means."""
    page = entered(request)
    node, now_ms = page.console.desk.node, page.console.now_ms()
    view = Committed(node.store, cached=0)
    found = await aside(case_in_full, view, part(request, "case_no"), now_ms, page.asker.party)
    if found is None:
        raise Problem(404, "not_found")
    known = Known(node, await aside(applicants, view, [found.told]))
    is_own = may_withdraw(found.told, page.asker.party)
    return render(request, "governance/case.html", found=found, known=known, now_ms=now_ms, may_withdraw=is_own)


def _overview(page: Page, before: int) -> dict[str, Any]:
    node, now_ms, party = page.console.desk.node, page.console.now_ms(), page.asker.party
    view = Committed(node.store, cached=0)
    waiting = open_cases(view, now_ms, party)
    past, older = past_cases(view, now_ms, party, before, _PAST_ROWS)
    terms = TERMS.get(view, SCOPE)
    return {
        "terms": terms,
        "parameters": list(fields_of(terms.parameters)) if terms is not None else [],
        "halt": terms.halt if terms is not None and terms.halt and terms.halt.until_ms >= now_ms else None,
        "members": _members(node),
        "waiting": waiting,
        "own": sum(one.waits_for_asker for one in waiting),
        "past": past,
        "older": older,
        "offences": _offences(page.console.desk.picture, page.asker),
    }


def _members(node: Node) -> list[tuple[Member, int]]:
    """Members, also former ones, with the power of their seats; those that are active first."""
    view = Committed(node.store, cached=0)
    found = []
    for member in MEMBERS.under(view):
        seat = VALIDATORS.get(view, member.validator) if is_seated(member) else None
        found.append((member, seat.power if seat is not None else 0))
    return sorted(found, key=lambda one: (one[0].standing != "active", one[0].since_height, one[0].party))


def _offences(picture: Picture | None, asker: Asker) -> list[dict[str, Any]]:
    return governance.misbehaviour(picture, asker) if picture is not None else []


ROUTES = (overview, case)
