"""What an asker sees of the trade table: each column belongs to a part of the trade and is nothing without sight of it.

Whoever sees every part (customs by its role) is asked for nothing more, so that its figures are plain columns. A trade
waits for a payment or a parcel in the eyes of its platform alone (and of customs): only they would see it if it were
there. The institution that an order names would see its own payment, and knows of it too if it sees the order. That it
waits for a list, its seller knows as well, if it sees the parcel; and so does the broker whom the seller delegated to
declare, if order and parcel are its to see. A delegation that has ended still tells that much.
"""

from functools import cached_property
from typing import Any, Final, Literal

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.customs.state import IMPORT_LISTS
from sogdia.domains.identity.state import DELEGATIONS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.insight.picture import Pictured

Part = Literal["order", "payment", "waybill", "list"]
PARTS: Final[dict[Part, Table[Any]]] = {
    "order": ORDERS, "payment": PAYMENTS, "waybill": WAYBILLS, "list": IMPORT_LISTS,
}  # fmt: skip
"""The parts, each with the table that says who may read it; export lists are read as import lists are."""

COLUMNS: Final[dict[Part, tuple[str, ...]]] = {
    "order": (
        "seller", "institution", "placed_at_ms", "ship_from", "currency", "paid_minor", "cancelled",
    ),
    "payment": ("payment", "paid_at_ms", "refunded_minor"),
    "waybill": (
        "carrier", "waybill", "parcel", "parcels", "issued_at_ms", "picked_up_at_ms", "status_at_ms", "open_since_ms",
        "delivery_minutes",
    ),
    "list": (
        "direction", "broker", "list_no", "declared_at_ms", "declared_minor", "declared_currency", "phase", "code",
        "answered_at_ms", "released_at_ms", "release_minutes",
    ),
}  # fmt: skip
"""Which columns each part shows."""
STATES: Final = ("placed", "paid", "shipped", "declared", "released", "delivered", "returned", "cancelled")
DECLARING: Final = frozenset({"customs.declare_import", "customs.declare_export"})
"""What a broker is delegated for, one of the two or both."""
REACHED: Final = {
    "paid": "paid_at_ms", "shipped": "issued_at_ms", "declared": "declared_at_ms", "released": "released_at_ms",
}  # fmt: skip
TOLD_BY: Final[dict[str, Part]] = {
    "placed": "order", "paid": "payment", "shipped": "waybill", "declared": "list", "released": "list",
    "delivered": "waybill",
}  # fmt: skip
"""The part of a trade that tells that it came to each stage."""


class Sight:
    """The columns of the trade table as one asker sees them."""

    def __init__(self, picture: Pictured, asker: Asker) -> None:
        self.table = picture.trades.trades
        self._picture, self._asker = picture, asker
        self.sees = {
            part: picture.readable(table, self.table.c[f"{part}_audience"], asker) for part, table in PARTS.items()
        }
        self.whole = all(any(role in table.roles for role in asker.roles) for table in PARTS.values())
        self._part_of = {name: part for part, names in COLUMNS.items() for name in names}

    @cached_property
    def any_part(self) -> sql.ColumnElement[bool]:
        """That the asker may see something of the trade."""
        return sql.true() if self.whole else sql.or_(*self.sees.values())

    def masked(self, part: Part, value: sql.ColumnElement[Any]) -> sql.ColumnElement[Any]:
        """The value for those who see this part of the trade, NULL for others."""
        return value if self.whole else sql.case((self.sees[part], value))

    def __getitem__(self, name: str) -> sql.ColumnElement[Any]:
        """A column by its name."""
        column = self.table.c[name]
        return self.masked(self._part_of[name], column) if name in self._part_of else column

    @cached_property
    def ship_to(self) -> sql.ColumnElement[Any]:
        """Where it goes: as the order says, or for those who see only the parcel, as the parcel says."""
        made = self.table.c
        if self.whole:
            return sql.func.coalesce(made.ship_to, made.goes_to)
        return sql.case((self.sees["order"], made.ship_to), (self.sees["waybill"], made.goes_to))

    @cached_property
    def ship_from(self) -> sql.ColumnElement[Any]:
        """Where it comes from; empty for those who do not see the order."""
        return sql.func.coalesce(self["ship_from"], "")

    @cached_property
    def began_at_ms(self) -> sql.ColumnElement[Any]:
        """When the first part that the asker sees was said to happen."""
        first = ("placed_at_ms", "paid_at_ms", "issued_at_ms", "declared_at_ms")
        return self.table.c.began_at_ms if self.whole else sql.func.coalesce(*(self[name] for name in first))

    @cached_property
    def state(self) -> sql.ColumnElement[Any]:
        """How far the trade has come, of `STATES`, as far as the asker sees."""
        return sql.case(
            (self["cancelled"] == 2, "cancelled"),
            (sql.or_(self["parcel"] == "returned", self["phase"] == "returned"), "returned"),
            (self["parcel"] == "delivered", "delivered"),
            (self["released_at_ms"].is_not(None), "released"),
            (self["phase"] != "rejected", "declared"),
            (self["parcel"] != "cancelled", "shipped"),
            (self["paid_at_ms"].is_not(None), "paid"),
            (self["placed_at_ms"].is_not(None), "placed"),
        )

    def reached(self, stage: str) -> sql.ColumnElement[bool]:
        """That the trade has come to this stage (paid, shipped, declared, released, delivered), as far as one sees."""
        if stage == "delivered":
            return self["parcel"] == "delivered"
        column = REACHED.get(stage)
        return sql.false() if column is None else self[column].is_not(None)

    def reached_within(self, stage: str, from_ms: int | None, to_ms: int | None) -> sql.ColumnElement[bool]:
        """That it came to this stage between two instants, the first included; conditions that indexes know."""
        part = TOLD_BY.get(stage, "waybill")
        column = self.table.c[REACHED.get(stage, "status_at_ms")]
        found = [] if self.whole else [self.sees[part]]
        if stage == "delivered":
            found.append(self.table.c.parcel == "delivered")
        found += [column.is_not(None)] if from_ms is None else [column >= from_ms]
        return sql.and_(*found, *([] if to_ms is None else [column < to_ms]))

    def waits_for(self, what: str) -> sql.ColumnElement[bool]:
        """That the trade waits for this next (payment, waybill, list, customs, delivery), and the asker may know."""
        waiting = self.table.c.waits_for == what
        return waiting if self.whole else sql.and_(waiting, self._knows(what))

    @cached_property
    def unreleased(self) -> sql.ColumnElement[bool]:
        """That the parcel was delivered without customs' release, and the asker may know both."""
        made = self.table.c
        without = made.unreleased_since_ms.is_not(None)
        if self.whole:
            return without
        declares = sql.or_(self.sees["list"], sql.and_(made.list_audience.is_(None), self.own))
        return sql.and_(without, self.sees["waybill"], declares)

    @property
    def own(self) -> sql.ColumnElement[bool]:
        """That the asker is the trade's platform or seller, who would see its list if there were one."""
        made, party = self.table.c, self._asker.party
        return sql.false() if party is None else sql.or_(made.platform == party, made.seller == party)

    @cached_property
    def waiting(self) -> sql.ColumnElement[Any]:
        """What the trade waits for, where the asker may know."""
        if self.whole:
            return self.table.c.waits_for
        kinds = ("payment", "waybill", "list", "customs", "delivery")
        return sql.case(*((self.waits_for(what), what) for what in kinds))

    def _knows(self, what: str) -> sql.ColumnElement[bool]:
        made, party = self.table.c, self._asker.party
        if what == "customs":
            return self.sees["list"]
        if what == "delivery":
            return sql.and_(self.sees["waybill"], sql.or_(made.list_audience.is_(None), self.sees["list"]))
        if party is None:
            return sql.false()
        own = made.platform == party
        sells = sql.and_(made.seller == party, self.sees["waybill"])
        if what == "payment":
            return sql.or_(own, sql.and_(made.institution == party, self.sees["order"]))
        if what != "list":
            return own
        declares = sql.and_(made.seller.in_(self.principals), self.sees["order"], self.sees["waybill"])
        return sql.or_(own, sells, declares) if self.principals else sql.or_(own, sells)

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """The sellers that have delegated the asker, a broker, to declare for them. Reads the database."""
        if "broker" not in self._asker.roles:
            return ()
        given = self._picture.table(DELEGATIONS)
        wanted = sql.select(given.c.principal, given.c.actions).where(
            given.c.agent == self._asker.party, self._picture.visible(DELEGATIONS, self._asker)
        )
        return tuple(row["principal"] for row in self._picture.rows(wanted) if DECLARING & set(row["actions"]))
