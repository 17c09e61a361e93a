"""Refused transactions: which orders they are about, and which were refused for the same reason.

A refused transaction leaves neither records nor events. What it was about stands in its signed bytes alone, which the
node reads (`Read`); who may see it is whoever signed it. What the messages of one name never changes, so it is read
once and remembered, of the newest 10,000.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from threading import Lock
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.insight.measures import A_DAY_MS
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import Sight

Read = Callable[[int, Sequence[int]], Mapping[int, Sequence[Mapping[str, Any]]]]
"""The messages of some transactions of a block, as they were signed: height and indexes in, messages by index out."""
Reference = tuple[str, str, str]
"""What is named (order, payment, waybill, import_list, export_list), by whom, under which number."""
Order = tuple[str, str]
"""Platform and number."""
REFUSED_LIMIT: Final = 10_000
SHOWN_LIMIT: Final = 100
_TABLES: Final[Mapping[str, Table[Any]]] = {
    "payment": PAYMENTS, "waybill": WAYBILLS, "import_list": IMPORT_LISTS, "export_list": EXPORT_LISTS,
}  # fmt: skip
_SUBJECTS: Final = {"delivery": "waybill"}
_NAMED_BY: Final = (
    ("order", "platform", "order"), ("payment", "institution", "payment"), ("waybill", "carrier", "waybill"),
    ("import_list", "broker", "list_no"), ("export_list", "broker", "list_no"),
)  # fmt: skip
_OF_ONE: Final = frozenset({"order", "list_no", "number", "waybill", "payment", "day", "thing", "person", "platform"})
"""Fields of a refusal that tell one case from the next and not what was wrong."""
_LONGEST_CAUSE: Final = 40


class Refusal(msgspec.Struct, frozen=True):
    """One refused transaction: `fields` fill the words of its `code`, `tags` are its messages' types.

    `orders` are those that it is about, as far as the asker may see what it names.
    """

    transaction: str
    log_index: int
    height: int
    time_ms: int
    code: int
    fields: dict[str, Any]
    tags: tuple[str, ...]
    signers: tuple[str, ...]
    orders: tuple[Order, ...] = ()


class Alike(msgspec.Struct, frozen=True):
    """Transactions refused for the same reason: how many, since when, the newest of them first.

    `key` names the reason in an address. `refusals` are at most those that were asked for.
    """

    key: str
    count: int
    first_ms: int
    refusals: tuple[Refusal, ...]


class Refusals:
    """What the refused transactions of one node's record name; for any number of threads."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = Lock()
        self._named: dict[int, tuple[Reference, ...]] = {}
        self._about: dict[Reference, set[int]] = {}
        self._until = (-1, -1)

    def of_order(
        self, picture: Pictured, asker: Asker, platform: str, order: str, parts: Iterable[tuple[str, ...]] = ()
    ) -> tuple[Refusal, ...]:
        """The refused transactions about one order that the asker may see, the newest first, at most 100.

        `parts` are tables and keys of what is on record of it: who refers to its list by number is found by that.
        """
        wanted = [("order", platform, order)]
        wanted += [(one[0].partition(".")[2], one[1], one[2]) for one in parts if len(one) == 3]
        with self._lock:
            self._learn(picture)
            places = sorted({place for one in wanted for place in self._about.get(one, ())}, reverse=True)
        rows = _rows(picture, asker, picture.transactions.c.log_index.in_(places[:REFUSED_LIMIT])) if places else []
        return tuple(msgspec.structs.replace(one, orders=((platform, order),)) for one in rows[:SHOWN_LIMIT])

    def with_orders(self, picture: Pictured, asker: Asker, some: Iterable[Refusal]) -> tuple[Refusal, ...]:
        """The same with the orders that they are about, as far as the asker may see what they name."""
        some = tuple(some)
        with self._lock:
            self._learn(picture)
            named = {one.log_index: self._named.get(one.log_index, ()) for one in some}
        known = orders_of(picture, asker, {reference for found in named.values() for reference in found})
        return tuple(
            msgspec.structs.replace(
                one, orders=tuple(dict.fromkeys(known[it] for it in named[one.log_index] if it in known))
            )
            for one in some
        )

    def _learn(self, picture: Pictured) -> None:
        """Read what was refused since it was last asked."""
        made = picture.transactions
        # Refusals are few and have an index of their own, which knows them by these very words.
        wanted = (
            sql.select(made.c.time_ms, made.c.log_index, made.c.height, made.c.index)
            .where(made.c.code != sql.literal_column("0"), made.c.time_ms >= self._until[0])
            .where(made.c.log_index > self._until[1])
            .order_by(made.c.time_ms.desc(), made.c.log_index.desc())
            .limit(REFUSED_LIMIT)
        )
        rows = picture.rows(wanted)[::-1]
        for height, some in groupby(rows, key=lambda row: int(row["height"])):
            placed = {int(row["index"]): int(row["log_index"]) for row in some}
            for index, messages in self._read(height, list(placed)).items():
                self._remember(placed[index], references_of(messages))
        if rows:
            self._until = (int(rows[-1]["time_ms"]), int(rows[-1]["log_index"]))

    def _remember(self, place: int, named: tuple[Reference, ...]) -> None:
        self._named[place] = named
        for one in named:
            self._about.setdefault(one, set()).add(place)
        while len(self._named) > REFUSED_LIMIT:
            oldest = next(iter(self._named))
            for one in self._named.pop(oldest):
                self._about[one].discard(oldest)
                if not self._about[one]:
                    del self._about[one]


def alike(picture: Pictured, asker: Asker, moment: Moment, newest: int = 1, key: str = "") -> tuple[Alike, ...]:
    """What was refused in the last days for the same reason each, the most frequent first; of `key` alone if given.

    Of the newest 10,000 that the asker may see. Each brings so many of its newest with it (1-100).
    """
    made = picture.transactions
    since = moment.now_ms - moment.patience.refused_days * A_DAY_MS
    refused = sql.select(made.c.log_index).where(made.c.code != sql.literal_column("0"), made.c.time_ms >= since)
    within = refused.order_by(made.c.time_ms.desc()).limit(REFUSED_LIMIT)
    groups: dict[str, list[Refusal]] = {}
    for one in _rows(picture, asker, made.c.log_index.in_(within)):
        groups.setdefault(reason_of(one), []).append(one)
    newest = max(1, min(newest, SHOWN_LIMIT))
    found = [
        Alike(name, len(some), some[-1].time_ms, tuple(some[:newest]))
        for name, some in groups.items()
        if not key or key == name
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.first_ms, one.key)))


def reason_of(one: Refusal) -> str:
    """A name for why it was refused: the same for all that differ only in numbers, days and amounts."""
    fields = {name: value for name, value in one.fields.items() if name not in _OF_ONE and _is_cause(value)}
    points = one.fields.get("disagreements", ())
    rules = sorted({f"{it.get('rule')} {it.get('field')}" for it in points if isinstance(it, dict)})
    told = [str(one.code), *dict.fromkeys(one.tags), *rules, *(f"{name}={fields[name]}" for name in sorted(fields))]
    return " ".join(told)


def _is_cause(value: Any) -> bool:
    return isinstance(value, str) and len(value) < _LONGEST_CAUSE and not value.startswith("did:")


def _rows(picture: Pictured, asker: Asker, which: "sql.ColumnElement[bool]") -> list[Refusal]:
    made = picture.transactions
    names = ("log_index", "height", "time_ms", "code", "fields", "tags", "signers")
    wanted = sql.select(made.c.id, *(made.c[name] for name in names)).where(which, picture.visible_transactions(asker))
    # They are few; to let the database order them makes it walk all transactions.
    found = [
        Refusal(
            row["id"], int(row["log_index"]), int(row["height"]), int(row["time_ms"]), int(row["code"]),
            row["fields"] or {}, tuple(row["tags"]), tuple(row["signers"]),
        )
        for row in picture.rows(wanted)
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.log_index)


def references_of(messages: Iterable[Mapping[str, Any]]) -> tuple[Reference, ...]:
    """What these messages name, each once; messages as they were signed."""
    found: dict[Reference, None] = {}
    for said in messages:
        for kind, party, number in _NAMED_BY:
            if said.get(party) and said.get(number):
                found[kind, str(said[party]), str(said[number])] = None
        subject = said.get("subject")
        if isinstance(subject, str) and said.get("party") and said.get("number"):
            found[_SUBJECTS.get(subject, subject), str(said["party"]), str(said["number"])] = None
    return tuple(found)


def orders_of(picture: Pictured, asker: Asker, named: Iterable[Reference]) -> dict[Reference, Order]:
    """The order behind each reference, where the asker may see what is referred to."""
    named = {(_SUBJECTS.get(one[0], one[0]), one[1], one[2]) for one in named}
    orders = sorted((platform, order) for kind, platform, order in named if kind == "order")
    found: dict[Reference, Order] = {("order", *one): one for one in _with_a_part(picture, asker, orders)}
    for kind, table in _TABLES.items():
        keys = sorted((party, number) for subject, party, number in named if subject == kind)
        made = picture.table(table)
        by = [made.c[name] for name in table.key]
        for start in range(0, len(keys), SHOWN_LIMIT):
            among = sql.tuple_(*by).in_(keys[start : start + SHOWN_LIMIT])
            wanted = sql.select(*by, made.c.platform, made.c.order).where(among, picture.visible(table, asker))
            for row in picture.rows(wanted):
                found[kind, row[table.key[0]], row[table.key[1]]] = (row["platform"], row["order"])
    return found


def _with_a_part(picture: Pictured, asker: Asker, orders: Sequence[Order]) -> list[Order]:
    """Those of these orders of which something is on record that the asker may see: the others have no page."""
    sight, found = Sight(picture, asker), list[Order]()
    made = sight.table.c
    for start in range(0, len(orders), SHOWN_LIMIT):
        among = sql.tuple_(made.platform, made.order).in_(orders[start : start + SHOWN_LIMIT])
        rows = picture.rows(sql.select(made.platform, made.order).where(among, sight.any_part))
        found += [(row["platform"], row["order"]) for row in rows]
    return found
