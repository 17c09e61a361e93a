"""Whether what is to be recalled is on record: what names nothing is refused, with what is missing or may be meant.

A recall of something misspelt would find nothing and look like an all-clear.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.console.tracing_finding import Thing, found
from sogdia.interfaces.console.tracing_scan import bracketed, thing_of
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.trace.words import Kind
from sogdia.standards.gs1.digital_link import CANONICAL

LOOKED_UP: Final = 20
"""Of the lines that name nothing so many are looked into; the others are counted."""
_GLN_DIGITS: Final = 13
_RECALLED: Final = frozenset((Kind.OTHER, Kind.INSTANCE, Kind.LOT_CLASS, Kind.PRODUCT_CLASS, Kind.LOGISTIC_UNIT))


class Unclear(msgspec.Struct, frozen=True):
    """A line that names nothing that can be recalled: why, as a key of words, and what may be meant by it."""

    typed: str
    key: str
    offered: tuple[Thing, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """The lines of a form: those that name something, those that do not, and how many more of these there are."""

    clear: tuple[str, ...]
    unclear: tuple[Unclear, ...]
    more: int = 0


def checked(picture: SqlPicture, asker: Asker, lines: Sequence[str]) -> Checked:
    """Which of these lines name something that is on record and can be recalled."""
    uris = {line: thing_of(line) for line in lines}
    with viewed(picture, asker) as view:
        numbers = view.numbers_of(uris.values())
        kinds = {number: named.kind for number, named in view.names(numbers.values()).items()}
    known = {line: kinds[numbers[uri]] for line, uri in uris.items() if uri in numbers}
    clear = tuple(line for line in uris if line in known and known[line] in _RECALLED)
    others = [line for line in uris if line not in clear]
    unclear = tuple(_unclear(picture, asker, line, known) for line in others[:LOOKED_UP])
    return Checked(clear, unclear, len(others) - len(unclear))


def _unclear(picture: SqlPicture, asker: Asker, line: str, known: Mapping[str, Kind]) -> Unclear:
    if line in known:
        is_place = known[line] in (Kind.PLACE, Kind.PARTY)
        return Unclear(line, "recall_page.is_place" if is_place else "recall_page.is_no_thing")
    may = found(picture, asker, line)
    offered = [*may.things, *(Thing(uri, kind) for order in may.orders for uri, kind in order.things)]
    said = dict(bracketed(line))
    if "10" in said and "01" not in said:
        key = "recall_page.lot_alone" if offered else "recall_page.lot_unknown"
    else:
        key = "recall_page.number_alone" if offered else "recall_page.not_on_record"
    return Unclear(line, key, tuple(dict.fromkeys(offered)))


def supplier_of(picture: SqlPicture, asker: Asker, text: str) -> str:
    """The party or place that this text means: by its identifier, its GLN, or a party's name; empty when none is."""
    plain = text.strip()
    is_gln = plain.isascii() and plain.isdigit() and len(plain) == _GLN_DIGITS
    uri = thing_of(f"(414){plain}" if is_gln else plain)
    with viewed(picture, asker) as view:
        if uri in view.numbers_of([uri]) or _tells(view, uri):
            return uri
    named = _parties(picture, asker, plain)
    return named[0] if len(named) == 1 else ""


def has_product(picture: SqlPicture, asker: Asker, product: str) -> bool:
    """Whether items of this product are on record."""
    begins = f"{product}/"
    with viewed(picture, asker) as view:
        uri = view.tables.things.c.uri
        wanted = sql.select(uri).where(uri > begins, uri < f"{product}0").limit(1)
        return product.startswith(CANONICAL) and view.connection.execute(wanted).first() is not None


def _tells(view: View, party: str) -> bool:
    entries = view.tables.entries
    wanted = sql.select(entries.c.seq).where(entries.c.party == party).limit(1)
    return view.connection.execute(wanted).first() is not None


def _parties(picture: SqlPicture, asker: Asker, name: str) -> list[str]:
    table = picture.table(PARTIES)
    wanted = sql.select(table.c.did).where(sql.func.lower(table.c.name) == name.lower())
    return [row["did"] for row in picture.rows(wanted.where(picture.visible(PARTIES, asker)).limit(2))]
