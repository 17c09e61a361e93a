"""The control tower: who has what where, what is late, what is at risk. Exceptions first, then how much and how fast.

Which kinds of exceptions come first follows from what the asker's roles can do something about (`FIRST`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.figures import Volumes, release_figures, volumes_by_day
from sogdia.insight.items import Item, Items, Listed, Selected, Source
from sogdia.insight.measures import Lane, Spread, release_times
from sogdia.insight.moment import Moment, Patience
from sogdia.insight.orders import Filter
from sogdia.insight.picture import Pictured
from sogdia.insight.risks import (
    delegations_ending,
    quotas_near,
    refused_documents,
    refused_transactions,
    rows_ending,
    rows_unchecked,
)
from sogdia.insight.sight import Sight
from sogdia.insight.troubles import TROUBLES, Severity, Trouble

SHOWN: Final = (
    "seller", "carrier", "waybill", "parcel", "institution", "broker", "list_no", "direction", "phase", "code",
    "declared_minor", "declared_currency", "currency", "paid_minor", "issued_at_ms", "declared_at_ms",
)  # fmt: skip
"""What a sentence about a trade in trouble may say, so far as the asker sees it."""


def _of_trades(kind: str, one: Trouble) -> Selected:
    def build(picture: Pictured, asker: Asker, moment: Moment) -> Any:
        sight = Sight(picture, asker)
        made = sight.table.c
        lane = (sight.ship_from.label("ship_from"), sight.ship_to.label("ship_to"))
        wanted = sql.select(*lane, *(sight[name].label(name) for name in SHOWN))
        return wanted.where(one.condition(sight, moment)), made[one.since], [made.platform, made.order]

    return Selected(kind, one.severity, "orders.order", build)


SOURCES: Final[dict[str, Source]] = {
    **{kind: _of_trades(kind, one) for kind, one in TROUBLES.items()},
    "document_refused": Selected("document_refused", "high", "customs.standing", refused_documents),
    "transaction_refused": Selected("transaction_refused", "medium", "transactions", refused_transactions),
    "quota_near": Listed("quota_near", "medium", quotas_near),
    "row_ends": Listed("row_ends", "high", rows_ending),
    "row_unchecked": Listed("row_unchecked", "low", rows_unchecked),
    "delegation_ends": Selected("delegation_ends", "medium", "identity.delegation", delegations_ending),
}
"""Every kind of exception, and where it comes from."""

FIRST: Final[dict[str, tuple[str, ...]]] = {
    "customs": ("unanswered", "unreleased", "document_refused", "transaction_refused", "row_ends",
                "quota_near", "limit_near", "list_returned", "row_unchecked"),
    "tax_authority": ("row_ends", "row_unchecked", "transaction_refused"),
    "carrier": ("late_parcel", "unreleased", "transaction_refused", "document_refused", "unshipped", "list_returned"),
    "broker": ("list_refused", "unreleased", "unanswered", "undeclared", "transaction_refused", "delegation_ends",
               "list_returned", "limit_near"),
    "seller": ("list_refused", "unreleased", "undeclared", "list_returned", "delegation_ends", "unanswered",
               "transaction_refused", "late_parcel"),
    "platform": ("late_parcel", "list_refused", "unreleased", "unpaid", "unshipped", "undeclared", "document_refused",
                 "list_returned", "transaction_refused"),
    "payment_institution": ("document_refused", "unpaid", "transaction_refused"),
    "registrar": ("delegation_ends", "row_ends", "row_unchecked"),
    "operator": ("row_ends", "row_unchecked"),
}  # fmt: skip
"""The kinds that each role can do something about, in its order; urgent ones stand before those that are due soon."""
PUBLISHED: Final = ("row_unchecked",)
"""Kinds that only those see here who can do something about them, for they are many and there for all in the books."""
_GRAVE: Final = ("high", "medium", "low")


class Kind(msgspec.Struct, frozen=True):
    """One kind of exception: how many, and the first of them. `severity` is the kind's own.

    `own` says whether one of the asker's roles can do something about it, or whether it is for others to act.
    """

    kind: str
    severity: Severity
    count: int
    first: tuple[Item, ...]
    own: bool = True


class How(msgspec.Struct, frozen=True):
    """How the exceptions were told: the bounds, and after how many hours a parcel is late on each lane."""

    patience: Patience
    late_after_hours: dict[str, int]
    late_otherwise_hours: int


class Tower(msgspec.Struct, frozen=True):
    """The whole page: exceptions, volumes by day and currency, release times by lane in minutes."""

    kinds: tuple[Kind, ...]
    how: How
    volumes: Volumes
    releases: tuple["Releases", ...]


class Releases(msgspec.Struct, frozen=True):
    """How long lists of a lane took from declaration to release, and the filter that shows them."""

    ship_from: str
    ship_to: str
    minutes: Spread
    behind: Filter


def tower(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    days: int = 14,
    first: int = 5,
    released: Mapping[Lane, Spread] | None = None,
) -> Tower:
    """Everything that the first page shows; `released` are release times measured before."""
    times = release_times(picture, asker) if released is None else released
    return Tower(
        kinds=tuple(_kind(picture, asker, moment, kind, first) for kind in kinds_for(asker.roles)),
        how=_how(moment),
        volumes=volumes_by_day(picture, asker, moment.now_ms, days),
        releases=tuple(
            Releases(*lane, spread, Filter(ship_from=lane[0], ship_to=lane[1], reached="released"))
            for lane, spread in release_figures(times)
        ),
    )


def exceptions(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    kind: str,
    after: str = "",
    limit: int = 50,
) -> Items:
    """A page of one kind of exception, at most `limit` (1-500), oldest first; KeyError for a kind that is none."""
    return SOURCES[kind].page(picture, asker, moment, after, limit)


def kinds_for(roles: Iterable[str]) -> tuple[str, ...]:
    """The kinds that these roles can do something about, the gravest first; then the rest, the gravest first.

    What a party of no role in `FIRST` sees is all, by gravity.
    """
    wanted = own_kinds(roles)
    rest = [kind for kind in SOURCES if kind not in wanted and not (wanted and kind in PUBLISHED)]
    return (*_by_gravity(wanted), *_by_gravity(rest))


def own_kinds(roles: Iterable[str]) -> tuple[str, ...]:
    """The kinds that one of these roles can do something about."""
    return tuple(dict.fromkeys(kind for role in roles for kind in FIRST.get(role, ())))


def _by_gravity(kinds: Iterable[str]) -> list[str]:
    return sorted(kinds, key=lambda kind: _GRAVE.index(SOURCES[kind].severity))


def _kind(picture: Pictured, asker: Asker, moment: Moment, kind: str, first: int) -> Kind:
    source = SOURCES[kind]
    shown = source.page(picture, asker, moment, "", first)
    counted = len(shown.rows) if not shown.after else source.count(picture, asker, moment)
    mine = own_kinds(asker.roles)
    return Kind(kind, source.severity, counted, shown.rows, not mine or kind in mine)


def _how(moment: Moment) -> How:
    hours = {f"{lane[0]}>{lane[1]}": after // 3_600_000 for lane, after in moment.late_after_ms.items()}
    return How(moment.patience, hours, moment.late_otherwise_ms // 3_600_000)
