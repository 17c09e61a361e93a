"""The mass balance of lots: how much of each came into being, and how much of it was used up."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.view import View, parts
from sogdia.mirror.trace.walk import Fan
from sogdia.mirror.trace.words import Link, Role, Standing

_MEMBER: Final = int(Link.MEMBER)


class Balance(msgspec.Struct, frozen=True):
    """How much of a lot or class, in one unit (empty: pieces), was made and used; `serials` are its items on record.

    Made is what transformations put out, and where none did, what was commissioned by quantity (ObjectEvent, ADD). Used
    is what transformations took in, and what was taken out of the world by quantity (ObjectEvent, DELETE).
    """

    thing: str
    uom: str
    made: Decimal
    used: Decimal
    serials: int


def balances(view: View, classes: Mapping[int, str], fans: Iterable[Fan]) -> tuple[Balance, ...]:
    """The balances of these lots and product classes, numbers and URIs, by the events that the asker may read."""
    serials: dict[int, set[int]] = {}
    for fan in fans:
        if fan.kind == _MEMBER:
            serials.setdefault(fan.near, set()).update(fan.far)
    sums: dict[tuple[int, str], dict[str, Decimal]] = {(one, ""): {} for one in classes if one in serials}
    for part in parts(list(classes)):
        for row in _quantities(view, part):
            side = _side(row.role, row.type, row.action)
            if side and view.sees(row):
                sides = sums.setdefault((row.thing, row.uom or ""), {})
                sides[side] = sides.get(side, Decimal(0)) + Decimal(row.quantity)
    return tuple(_balance(classes[one], uom, sides, serials.get(one, ())) for (one, uom), sides in sums.items())


def _balance(thing: str, uom: str, sides: Mapping[str, Decimal], serials: Iterable[int]) -> Balance:
    nothing = Decimal(0)
    made = sides.get("output", sides.get("commissioned", nothing))
    return Balance(thing, uom, made, sides.get("used", nothing), len(list(serials)))


def _side(role: int, kind: str, action: str | None) -> str:
    if role == Role.OUTPUT_CLASS:
        return "output"
    if role == Role.INPUT_CLASS:
        return "used"
    if role == Role.CLASS and kind == "ObjectEvent":
        return {"ADD": "commissioned", "DELETE": "used"}.get(action or "", "")
    return ""


def _quantities(view: View, part: Iterable[int]) -> Iterable[Any]:
    postings, entries, given = view.tables.postings, view.tables.entries, listed(view.connection, part)
    measured = sql.and_(postings.c.thing == given.c.value, postings.c.quantity.is_not(None))
    counting = sql.and_(entries.c.seq == postings.c.seq, entries.c.standing == int(Standing.COUNTS))
    wanted = sql.select(postings.c.thing, postings.c.role, postings.c.quantity, postings.c.uom, entries)
    return view.connection.execute(wanted.join_from(given, postings, measured).join(entries, counting)).all()
