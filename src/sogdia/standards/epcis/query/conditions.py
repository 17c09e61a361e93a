"""A query as plain data: a list of conditions that all must hold, an order, and limits.

There are five kinds of conditions. Each speaks of paths (`paths`), of the roles in which things stand in an event, or
of master data. What a condition means is said at its class, and an evaluator needs nothing more.
"""

import hashlib
from decimal import Decimal
from typing import Final, Literal

import msgspec

Op = Literal["EQ", "GT", "GE", "LT", "LE"]
PER_PAGE_DEFAULT: Final = 30
"""Events on a page when nobody says otherwise; the default of the standard's REST binding."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """One value, of an event or of a condition, in each sense that it has.

    `text` is what was written, None for a number of JSON. `number` is exact. `time_us` is microseconds since 1970 UTC.
    A value without any of them says only that a field is there.
    """

    text: str | None = None
    number: Decimal | None = None
    time_us: int | None = None


class Compare(msgspec.Struct, frozen=True, tag=True):
    """Some value that the event has under `path`, in unit `uom`, stands in relation `op` to one of `values`.

    Under EQ two values are the same when their texts are the same character by character, when their times are the
    same instant, or when their numbers are the same and not both are texts: the lot 007 is not the lot 7, and the text
    5.0 is the number 5. The other operators have one value, compare numbers with numbers and times with times, and do
    not hold for a value that is neither. An empty `uom` is a number as it was written; any other is the base unit
    (`units`) that the numbers of both sides were converted to. A unit is never guessed: no unit, no match.
    """

    path: str
    op: Op
    values: tuple[Value, ...]
    uom: str = ""


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """Canonical URIs that begin with `prefix`.

    They have `length` characters, any number if it is None, and after the prefix somewhere `part`, if it is not empty.
    """

    prefix: str
    length: int | None = None
    part: str = ""

    @property
    def is_one(self) -> bool:
        """Whether it is met by one URI only, which is `prefix`."""
        return self.length == len(self.prefix)


class Match(msgspec.Struct, frozen=True, tag=True):
    """Some thing that stands in one of `roles` in the event meets one of `patterns`.

    Roles are the JSON names of the standard's fields (`paths.ROLES`); things are compared by `names.thing`.
    """

    roles: tuple[str, ...]
    patterns: tuple[Pattern, ...]


class Within(msgspec.Struct, frozen=True, tag=True):
    """The place of the event under `path` is one of `places`, or by master data a child of one at any depth."""

    path: str
    places: tuple[str, ...]


class Exists(msgspec.Struct, frozen=True, tag=True):
    """The event has something under `path`, with or without a value of its own."""

    path: str


class Attribute(msgspec.Struct, frozen=True, tag=True):
    """Master data say of some value under `path` an attribute of one of `names`, with one of `values` if any are given.

    Names are those of `names.attribute_name`; attribute values are texts and compared character by character. The
    path `epcClass` stands for the classes in all quantity lists of the event.
    """

    path: str
    names: tuple[str, ...]
    values: tuple[str, ...] = ()


Condition = Compare | Match | Within | Exists | Attribute


class Order(msgspec.Struct, frozen=True):
    """The results come by the values under `path`; events without one come last either way.

    Of several values the least counts when ascending and the greatest when descending. Numbers stand before times,
    times before texts; texts stand in the order of their code points. What is equal stays in the order of the record.
    """

    path: str
    is_descending: bool = True


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for. All `conditions` must hold.

    `event_count_limit` gives the first so many in the order, over all pages together. `max_event_count` refuses the
    query (QueryTooLargeException) when it finds more. `per_page` is an upper bound; `next_page_token` as it was given.
    """

    conditions: tuple[Condition, ...] = ()
    order: Order | None = None
    event_count_limit: int | None = None
    max_event_count: int | None = None
    per_page: int = PER_PAGE_DEFAULT
    next_page_token: str = ""


def fingerprint(query: Query) -> bytes:
    """SHA-256 of what a query asks, 32 bytes; the page that is asked for and its size are not part of it."""
    asked = (query.conditions, query.order, query.event_count_limit, query.max_event_count)
    return hashlib.sha256(msgspec.json.encode(asked)).digest()
