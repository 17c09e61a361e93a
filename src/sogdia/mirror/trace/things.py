"""Numbers for identifiers: each thing, place, party and document has one, however it is written."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

import sqlalchemy as sql

from sogdia.mirror.text import TEXT, kept
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.words import KINDS, Kind
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical, identity, kind_of, parents

if TYPE_CHECKING:
    from sogdia.mirror.loaders import Loader

_REMEMBERED_LIMIT: Final = 300_000
_URI_CHARS: Final = 500
_GTIN: Final = "https://id.gs1.org/01/"
_GTIN_END: Final = len(_GTIN) + 14
_SERIAL: Final = _GTIN_END + len("/21/")
_SERIAL_CHARS: Final = 20
_WITH_CLASS: Final = (Kind.INSTANCE, Kind.LOT_CLASS)


class Spelled(NamedTuple):
    """What an identifier tells by itself: the thing, its product class, and the lot beside a serial."""

    uri: str
    kind: Kind
    product: str | None = None
    lot: str | None = None


def spelled(text: str) -> Spelled:
    """The thing that an identifier names; text that is no well-formed identifier names itself."""
    if _is_plain_item(text):
        return Spelled(text, Kind.INSTANCE, text[:_GTIN_END])
    try:
        whole = canonical(text)
    except BadIdentifier:
        return Spelled(kept(text, _URI_CHARS), Kind.OTHER)
    if whole.startswith(_GTIN) and whole[_GTIN_END:_SERIAL] == "/21/" and "/" not in whole[_SERIAL:]:
        return Spelled(whole, Kind.INSTANCE, whole[:_GTIN_END])  # the usual item; what follows says the same of it
    uri = kept(identity(whole), _URI_CHARS)
    kind = KINDS[kind_of(uri)]
    if kind not in _WITH_CLASS:
        return Spelled(uri, kind)
    above = [identity(one) for one in parents(whole)]
    product = above[-1] if above else None
    lots = [one for one in above if kind is Kind.INSTANCE and kind_of(one) == "lot_class"]
    return Spelled(uri, kind, product, lots[0] if lots else None)


def _is_plain_item(text: str) -> bool:
    """Whether an item is written canonically, in letters and digits: most are, and of few products."""
    serial = text[_SERIAL:]
    return (
        0 < len(serial) <= _SERIAL_CHARS
        and serial.isalnum()
        and serial.isascii()
        and text[_GTIN_END:_SERIAL] == "/21/"
        and _is_canonical(text[:_GTIN_END])
    )


@lru_cache(maxsize=4_096)
def _is_canonical(product: str) -> bool:
    try:
        return product.startswith(_GTIN) and canonical(product) == product
    except BadIdentifier:
        return False


def product_of(text: str) -> str | None:
    """The product class of an item or lot, None for what has none."""
    is_usual = text.startswith(_GTIN) and text[_GTIN_END:_SERIAL] == "/21/" and "/" not in text[_SERIAL:]
    return text[:_GTIN_END] if is_usual else spelled(text).product


@lru_cache(maxsize=4_096)
def lot_of(product: str, lot: str) -> str | None:
    """The lot of a product class by its number, None where no such lot can be named."""
    try:
        return canonical(f"{product}/10/{quote(lot, safe='')}")
    except BadIdentifier:
        return None


class Things:
    """The numbers given out so far, found again in the database when they are not remembered."""

    def __init__(self, table: sql.Table) -> None:
        self._table = table
        self._numbers: dict[str, int] = {}
        self._next = 1

    def open(self, connection: sql.Connection) -> None:
        """Go on after the last number in the database, forgetting what was remembered."""
        self._numbers.clear()
        highest = connection.execute(sql.select(sql.func.max(self._table.c.id))).scalar_one()
        self._next = 1 if highest is None else int(highest) + 1

    def learn(
        self, connection: sql.Connection, loader: "Loader", named: Iterable[str], transformations: Iterable[str] = ()
    ) -> tuple[Mapping[str, int], list[tuple[int, int]]]:
        """Numbers by what was written, new things on record in the transaction at hand, in the order they are named.

        Beside them the pairs of lot and serial that stand in one identifier and may be new.
        """
        if len(self._numbers) > _REMEMBERED_LIMIT:
            self._numbers.clear()
        numbers = self._numbers
        unknown = {text: spelled(text) for text in dict.fromkeys(named) if text not in numbers}
        for text in transformations:
            if text not in numbers:
                unknown[text] = spelled(text)._replace(kind=Kind.TRANSFORMATION)
        if not unknown:
            return numbers, []
        known = self._find(connection, loader, _with_classes(unknown.values()))
        for text, said in unknown.items():
            numbers[text] = known[said.uri]
        return numbers, [(known[one.lot], known[one.uri]) for one in unknown.values() if one.lot is not None]

    def _find(self, connection: sql.Connection, loader: "Loader", wanted: Mapping[str, Spelled]) -> dict[str, int]:
        table, asked = self._table, listed(connection, wanted, TEXT)
        there = sql.select(table.c.uri, table.c.id).join_from(asked, table, table.c.uri == asked.c.value)
        known: dict[str, int] = dict(connection.execute(there).all())
        new = [said for uri, said in wanted.items() if uri not in known]
        known.update((said.uri, number) for number, said in enumerate(new, self._next))
        self._next += len(new)
        rows = ((known[one.uri], one.uri, int(one.kind), known.get(one.product or "")) for one in new)
        if new:
            loader.add(connection, table, rows)
        return known


def _with_classes(said: Iterable[Spelled]) -> dict[str, Spelled]:
    found: dict[str, Spelled] = {}
    for one in said:
        if one.product is not None and one.product not in found:
            found[one.product] = Spelled(one.product, KINDS[kind_of(one.product)])
        if one.lot is not None and one.lot not in found:
            found[one.lot] = Spelled(one.lot, Kind.LOT_CLASS, one.product)
        found.setdefault(one.uri, one)
    return found
