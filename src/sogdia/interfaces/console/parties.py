"""Who takes part: the directory, and each party with its keys, roles, delegations and host."""

from typing import Any, Final, get_args

import msgspec
from litestar import Response, get

from sogdia.core.query import Asker, Picture
from sogdia.domains.identity import queries as identity
from sogdia.domains.identity.messages import Role
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.parties_shown import shown
from sogdia.interfaces.console.parties_signed import Known
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.http.desk import aside, one_parameter, part
from sogdia.interfaces.http.problems import AnyRequest, Problem

ENTRY = Entry("parties", "/parties")
ROLES: Final = get_args(Role)
STANDINGS: Final = ("active", "suspended")
_ROWS: Final = 50
_AT_ONCE: Final = 500
_STEPS: Final = 20
"""How many times 500 parties one page looks through; the next goes on from there."""


class Asked(msgspec.Struct, frozen=True):
    """What the directory is asked for; empty is everything."""

    text: str = ""
    role: str = ""
    standing: str = ""

    def takes(self, row: dict[str, Any]) -> bool:
        """Whether a party is among what is asked for."""
        named = (row["name"], row["did"], row["registration"], row["country"])
        return (
            any(self.text.casefold() in one.casefold() for one in named)
            and (not self.role or self.role in row["roles"])
            and (not self.standing or (self.standing == "suspended") == bool(row["suspended"]))
        )


@get("/parties")
async def directory(request: AnyRequest) -> Response[bytes]:
    """Parties by identifier, searched by name, number or identifier, role and standing."""
    page = entered(request)
    role, standing = one_parameter(request, "role", ""), one_parameter(request, "standing", "")
    asked = Asked(
        one_parameter(request, "q", "").strip(),
        role if role in ROLES else "",
        standing if standing in STANDINGS else "",
    )
    after = one_parameter(request, "after", "")
    rows, following = await aside(listed, page.picture, page.asker, asked, after)
    return render(
        request, "parties/list.html", rows=rows, following=following, asked=asked, after=after, all_roles=ROLES
    )


@get("/parties/{did:str}")
async def party(request: AnyRequest) -> Response[bytes]:
    """One party: standing, roles, keys with who put them there, delegations, host and membership."""
    page = entered(request)
    node = page.console.desk.node
    found = await aside(shown, node, page.picture, page.asker, part(request, "did"))
    if found is None:
        raise Problem(404, "not_found")
    now_ms = page.console.now_ms()
    return render(request, "parties/party.html", found=found, known=Known(node), now_ms=now_ms)


def listed(picture: Picture, asker: Asker, asked: Asked, after: str) -> tuple[list[dict[str, Any]], str]:
    """One page of parties, and after which one the next page begins; nothing when this is the last."""
    rows = list[dict[str, Any]]()
    for _ in range(_STEPS):
        batch = identity.parties(picture, asker, after, _AT_ONCE)
        rows += [row for row in batch if asked.takes(row)]
        if len(rows) > _ROWS:
            return rows[:_ROWS], rows[_ROWS - 1]["did"]
        if len(batch) < _AT_ONCE:
            return rows, ""
        after = batch[-1]["did"]
    return rows, after


ROUTES = (directory, party)
