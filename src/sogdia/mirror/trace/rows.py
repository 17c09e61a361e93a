"""Events as they are read for the index, and the rows that they leave there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sogdia.mirror.text import kept, without_nul
from sogdia.mirror.trace.arrivals import Arrival
from sogdia.mirror.trace.facts import Facts, facts_of
from sogdia.mirror.trace.things import lot_of, product_of
from sogdia.mirror.trace.words import Standing
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.moments import microseconds
from sogdia.standards.epcis.query.names import expanded
from sogdia.standards.epcis.query.paths import entries
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.vocabulary import Kind as Words
from sogdia.standards.epcis.vocabulary import bare

Row = tuple[Any, ...]
_REASON_CHARS = 500


class Read(NamedTuple):
    """An event with its number in the order; without `event` the `reason` says why it could not be read.

    `lots` are serials with the URIs of the lots that the event puts them in.
    """

    seq: int
    arrival: Arrival
    standing: Standing
    reason: str = ""
    event: AnyEvent | None = None
    facts: Facts | None = None
    lots: Sequence[tuple[str, str]] = ()
    time_us: int = 0
    values: Sequence[Row] = ()

    @property
    def moves(self) -> bool:
        """Whether it makes edges."""
        return self.standing is Standing.COUNTS

    def names(self) -> Iterator[str]:
        """Every identifier in it that needs a number, as it was written."""
        event, facts = self.event, self.facts
        if event is None or facts is None:
            return
        yield from [one.thing for one in facts.mentions]
        yield from [lot for _, lot in self.lots]
        for place in (event.read_point, event.biz_location):
            if place is not None:
                yield place.id
        if facts.custodian is not None:
            yield facts.custodian


def read(seq: int, arrival: Arrival) -> Read:
    """Read an event on record; one that does not fit the standard is kept with the reason."""
    try:
        event = read_event(arrival.text.encode())
        facts = facts_of(event, arrival.party)
        standing = Standing.DECLARES if arrival.declared else Standing.COUNTS
        time_us, values = microseconds(event.event_time), list(_values(event))
        return Read(seq, arrival, standing, "", event, facts, _lots(facts), time_us, values)
    except Exception as wrong:  # whatever somebody signed, and whatever a reader stumbles over, the others go on
        reason = str(wrong) if isinstance(wrong, ValueError) else f"{type(wrong).__name__}: {wrong}"
        return Read(seq, arrival, Standing.UNREADABLE, without_nul(reason)[:_REASON_CHARS])


def _lots(facts: Facts) -> list[tuple[str, str]]:
    pairs = ((serial, product_of(serial), number) for serial, number in facts.lots)
    named = ((serial, lot_of(product, number)) for serial, product, number in pairs if product is not None)
    return [(serial, lot) for serial, lot in named if lot is not None]


def _values(event: AnyEvent) -> Iterator[Row]:
    for place, entry in enumerate(entries(event)):
        text, number = entry.value.text, entry.value.number
        shown = None if text is None else kept(text)
        yield place, kept(entry.path), shown, None if number is None else float(number), entry.value.time_us, entry.uom


def entry_row(one: Read, numbers: Mapping[str, int]) -> Row:
    """The event's own row, in the order of the table's columns."""
    said, event, facts = one.arrival, one.event, one.facts
    head = (
        one.seq, said.party, said.event, said.declared, said.recorded_ms, int(one.standing), one.reason,
        said.audience, said.everyone,
    )  # fmt: skip
    if event is None or facts is None:
        return (*head, *[None] * 9)
    return (
        *head,
        type(event).__struct_config__.tag,
        one.time_us,
        getattr(event, "action", None),
        _word(event, "bizStep", event.biz_step),
        _word(event, "disposition", event.disposition),
        None if event.read_point is None else numbers[event.read_point.id],
        None if event.biz_location is None else numbers[event.biz_location.id],
        None if facts.transformation is None else numbers[facts.transformation],
        None if facts.custodian is None else numbers[facts.custodian],
    )


def posting_rows(one: Read, numbers: Mapping[str, int]) -> Iterator[Row]:
    """What the event names; a thing that stands twice in one list counts once, a quantity of it each time."""
    if one.facts is None:
        return
    seq, time_us = one.seq, one.time_us
    seen = set()
    for role, thing, number, quantity, uom in one.facts.mentions:
        key = numbers[thing], time_us, seq, int(role), number
        while key in seen and quantity is not None:
            key = (*key[:4], key[4] + 1)
        if key not in seen:
            seen.add(key)
            yield (*key, quantity, uom)


def value_rows(one: Read) -> Iterator[Row]:
    """All other values of the event, by path."""
    return ((one.seq, *row) for row in one.values)


def _word(event: AnyEvent, kind: Words, text: str | None) -> str | None:
    return None if text is None else kept(bare(kind, expanded(text, event.context)))
