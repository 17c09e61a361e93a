"""What one asker may know of an item, as the rules of `clones` take it: its events, its containers, its scans."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sql

from sogdia.interfaces.resolver.book import Book, Said
from sogdia.interfaces.resolver.clones import Case, Seen, Stay
from sogdia.interfaces.resolver.geography import Point, point_of, written_point
from sogdia.interfaces.resolver.scans import Scan
from sogdia.interfaces.resolver.settings import Settings
from sogdia.mirror.trace.histories import History, Passage
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Kind, Link, Role, Standing
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2

_GEO: Final = re.compile(r"geo:(-?[0-9]{1,2}(?:\.[0-9]+)?),(-?[0-9]{1,3}(?:\.[0-9]+)?)(?:[,;].*)?")


def case_of(
    view: View, uri: str, history: History | None, scans: Sequence[Scan], book: Book, settings: Settings,
    destinations: Iterable[str] = (),
) -> Case:  # fmt: skip
    """The case of an item; `history` is what this view gives of it, `destinations` where it may be sold."""
    passages = [] if history is None else [one for one in history.passages if counts(one)]
    return Case(
        is_known=history is not None,
        product_has_serials=history is not None or _has_siblings(view, uri),
        seen=(*(_seen(one, book) for one in passages), *map(_scanned, scans)),
        stays=tuple(_stays(view, uri)),
        of_containers=tuple((one.through[0], _seen(one, book)) for one in passages if one.through),
        destinations=frozenset(one for one in destinations if one in COUNTRIES_ALPHA2),
        crowd_scanners=settings.crowd_scanners,
        crowd_days=settings.crowd_days,
    )


def counts(passage: Passage) -> bool:
    """Whether an event may be read and says something of the item."""
    return not passage.event.is_redacted and passage.event.standing is Standing.COUNTS


def _seen(passage: Passage, book: Book) -> Seen:
    event = passage.event
    place = event.read_point or event.location or ""
    told = book.place(place, event.party) if place else None
    return Seen(
        time_us=event.time_us,
        is_own=bool(passage.roles),
        words=tuple(word for word in (event.biz_step, event.disposition) if word),
        consumes=Role.INPUT in passage.roles,
        party=event.party,
        place=place,
        point=point_at(place, told),
        country=told.word(("countryCode",)) if told else "",
    )


def _scanned(scan: Scan) -> Seen:
    return Seen(
        time_us=scan.time_ms * 1_000,
        is_scan=True,
        point=point_of(scan.geohash) if scan.geohash else None,
        country=scan.country,
        scanner=scan.scanner,
        tag=scan.tag,
    )


def point_at(place: str, told: Said | None) -> Point | None:
    """Where a place is: by its geo URI (RFC 5870), or as its master data say."""
    found = _GEO.fullmatch(place)
    if found is not None:
        return written_point(found[1], found[2])
    return written_point(told.word(("latitude",)), told.word(("longitude",))) if told else None


def _stays(view: View, uri: str) -> Iterable[Stay]:
    """The containers that an item was put into directly, by events that may be read."""
    number = view.number_of(uri)
    if number is None:
        return []
    table = view.tables.rev
    wanted = sql.select(table.c.src, table.c.t0, table.c.t1, table.c.seq)
    held = wanted.where(table.c.dst == number, table.c.kind == int(Link.HOLDS)).limit(1_000)
    rows = view.connection.execute(held).all()
    entries = view.entries(row.seq for row in rows if row.seq)
    names = view.names(row.src for row in rows)
    seen = [row for row in rows if row.seq in entries and view.sees(entries[row.seq])]
    return [Stay(names[row.src].uri, row.t0, row.t1) for row in seen]


def _has_siblings(view: View, uri: str) -> bool:
    """Whether other items of the same product are on record by serial."""
    key, value = uri.removeprefix(CANONICAL).split("/")[:2] if uri.startswith(CANONICAL) else ("", "")
    if key != "01":
        return False
    begins = f"{CANONICAL}01/{value}/21/"
    things = view.tables.things
    wanted = sql.select(things.c.id).where(things.c.uri > begins, things.c.uri < begins[:-1] + "0")
    return view.connection.execute(wanted.where(things.c.kind == int(Kind.INSTANCE)).limit(1)).first() is not None
