"""What a recall begins with: things, serials in a row, all that came from somebody, or what a sensor found amiss."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.mirror.text import TEXT, kept
from sogdia.mirror.trace.facts import facts_of
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.spans import Span, around, within
from sogdia.mirror.trace.things import spelled
from sogdia.mirror.trace.view import ALWAYS, NEVER, View
from sogdia.mirror.trace.words import Kind, Link, Standing
from sogdia.standards.epcis.reading import read_event

_SOURCE_PATHS: Final = ("source_possessing_party", "source_owning_party", "source_location")
_AFTER_SLASH: Final = "0"
_SERIAL_DIGITS: Final = 20  # as many as GS1 gives a serial
"""The character after `/`: all that begins with `x/` lies from `x/` up to `x0`, in the order of code points."""


class Serials(msgspec.Struct, frozen=True):
    """Serials of a product class from first to last, both included: by number if all are digits, else as text."""

    product: str
    first: str
    last: str


class Excursion(msgspec.Struct, frozen=True):
    """Readings under a path of `standards.epcis.query.paths`, in its base unit, above or below a limit."""

    path: str
    uom: str = ""
    above: float | None = None
    below: float | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is recalled; everything that is named here, together.

    `things` are items, lots, containers with what was in them, or product classes with all of their lots and items.
    `supplier` is a party's identifier or a place: things in events that it signed or that speak of this place or party
    as read point, location or source. `events` are event IDs. Supplier, events and excursion look at
    events from `since_us` until `until_us`; containers named there stand for what was in them at that time, and a
    sensor for what it was bound to.
    """

    things: tuple[str, ...] = ()
    serials: Serials | None = None
    supplier: str = ""
    events: tuple[str, ...] = ()
    excursion: Excursion | None = None
    since_us: int = ALWAYS
    until_us: int = NEVER


def beginnings(view: View, wanted: Wanted) -> dict[int, int]:
    """The things that a recall begins with, and since when they matter, in microseconds."""
    spans = [Span(one, ALWAYS, NEVER) for one in _named(view, wanted)]
    spans += _in_events(view, wanted)
    found: dict[int, int] = {}
    for span in within(view, spans):
        found[span.thing] = min(span.begin, found.get(span.thing, span.begin))
    return found


def _named(view: View, wanted: Wanted) -> set[int]:
    numbers = set(view.numbers_of(wanted.things).values())
    for named in view.names(numbers).values():
        if named.kind is Kind.PRODUCT_CLASS:
            numbers.update(_below(view, f"{named.uri}/"))
    if wanted.serials is not None:
        numbers.update(_serials(view, wanted.serials))
    return numbers


def _below(view: View, prefix: str) -> dict[int, str]:
    """Things whose identifiers begin so, a `/` at the end; those that no event names are not there."""
    things = view.tables.things
    begin, end = prefix, prefix[:-1] + _AFTER_SLASH
    wanted = sql.select(things.c.id, things.c.uri).where(things.c.uri >= begin, things.c.uri < end)
    return dict(view.connection.execute(wanted).all())


def _is_whole(serial: str) -> bool:
    return serial.isascii() and serial.isdecimal() and len(serial) <= _SERIAL_DIGITS


def _serials(view: View, wanted: Serials) -> set[int]:
    prefix = f"{wanted.product.rstrip('/')}/21/"
    is_number = _is_whole(wanted.first) and _is_whole(wanted.last)
    found = set()
    for number, uri in _below(view, prefix).items():
        serial = uri.removeprefix(prefix)
        if is_number:
            inside = _is_whole(serial) and int(wanted.first) <= int(serial) <= int(wanted.last)
        else:
            inside = wanted.first <= serial <= wanted.last
        if inside:
            found.add(number)
    return found


def _in_events(view: View, wanted: Wanted) -> list[Span]:
    """What the events in question name, at their times, and what sensors in them were bound to.

    Only events that the asker may read: the things in others are not given away.
    """
    entries = view.tables.entries
    counts = (
        entries.c.standing == int(Standing.COUNTS),
        entries.c.time_us >= wanted.since_us,
        entries.c.time_us < wanted.until_us,
    )
    numbers: set[int] = set()
    for source in _sources(view, wanted):
        found = view.connection.execute(sql.select(entries.c.seq).where(entries.c.seq.in_(source), *counts))
        numbers.update(found.scalars())
    rows = [row for row in view.entries(numbers).values() if view.sees(row)]
    named = [(row.time_us, list(_things_in(text))) for row, text in zip(rows, view.texts(rows), strict=True)]
    known = view.numbers_of(thing for _, things in named for thing in things)
    spans = [
        Span(known[thing], time_us, time_us + 1) for time_us, things in named for thing in things if thing in known
    ]
    return list(around(view, spans, (Link.BOUND,)))


def _sources(view: View, wanted: Wanted) -> Iterator[Any]:
    """Selects of the numbers of events."""
    entries = view.tables.entries
    if wanted.events:
        given = listed(view.connection, wanted.events, TEXT)
        yield sql.select(entries.c.seq).where(entries.c.event.in_(sql.select(given.c.value)))
    if wanted.excursion is not None:
        yield _beyond(view, wanted.excursion)
    if wanted.supplier:
        yield sql.select(entries.c.seq).where(entries.c.party == wanted.supplier)
        number = view.number_of(wanted.supplier)
        for name in ("read_point", "location") if number is not None else ():
            yield sql.select(entries.c.seq).where(entries.c[name] == number)
        values, uri = view.tables.values, kept(spelled(wanted.supplier).uri)
        yield sql.select(values.c.seq).where(values.c.path.in_(_SOURCE_PATHS), values.c.text == uri)


def _beyond(view: View, wanted: Excursion) -> Any:
    values = view.tables.values
    limits = []
    if wanted.above is not None:
        limits.append(values.c.number > wanted.above)
    if wanted.below is not None:
        limits.append(values.c.number < wanted.below)
    if not limits:
        raise ValueError("an excursion needs a limit; give above, below or both")
    return sql.select(values.c.seq).where(values.c.path == wanted.path, values.c.uom == wanted.uom, sql.or_(*limits))


def _things_in(text: str) -> Iterator[str]:
    """Every thing that an event names, and the devices that speak in it."""
    event = read_event(text.encode())
    for mention in facts_of(event).mentions:
        yield mention.thing
    for element in event.sensor_element_list:
        for part in (element.sensor_metadata, *element.sensor_report):
            if part is not None and part.device_id is not None:
                yield part.device_id
