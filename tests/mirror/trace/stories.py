"""Small histories for the tests of the trace index: events as they are signed, their records, a mirror of these."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sogdia.core.query import Asker
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, JOBS, Job, TraceEvent, head_of
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.writer import Writer
from sogdia.standards.gs1.check_digits import check_digit
from tests.mirror.ledger import Change, Ledger

FARM, MILL, BAKERY, SHOP = (f"did:bid:sogd:ef{name}" for name in ("Farm", "Mill", "Bakery", "Shop"))
CUSTOMS = Asker("did:bid:sogd:efCustoms", ("customs",))
TRACE_TABLES = (EVENTS, JOBS, DESCRIPTIONS)
WHEAT, FLOUR, BREAD = "09506000134352", "09506000134369", "09506000134376"
JSON = dict[str, Any]


def product(gtin: str) -> str:
    return f"https://id.gs1.org/01/{gtin}"


def lot(gtin: str, number: str) -> str:
    return f"https://id.gs1.org/01/{gtin}/10/{number}"


def item(number: int | str, gtin: str = BREAD) -> str:
    return f"https://id.gs1.org/01/{gtin}/21/{number}"


def case(number: int) -> str:
    body = f"0950600013{number:07}"
    return f"https://id.gs1.org/00/{body}{check_digit(body)}"


def at(minute: int) -> str:
    """A time that many minutes into 2026-03-02."""
    return f"2026-03-02T{minute // 60:02}:{minute % 60:02}:00.000Z"


def at_us(minute: int) -> int:
    return 1_772_409_600_000_000 + minute * 60_000_000


def event(kind: str, name: str, minute: int, **said: Any) -> JSON:
    """An event of EPCIS with what is said of it; names of fields as in JSON."""
    head = {"type": kind, "eventID": f"urn:uuid:{name}", "eventTime": at(minute), "eventTimeZoneOffset": "+00:00"}
    return head | {field: value for field, value in said.items() if value is not None}


def seen(name: str, minute: int, *things: str, action: str = "OBSERVE", **said: Any) -> JSON:
    return event("ObjectEvent", name, minute, action=action, epcList=list(things), **said)


def born(name: str, minute: int, lot_number: str | None, *things: str, **said: Any) -> JSON:
    ilmd = None if lot_number is None else {"cbvmda:lotNumber": lot_number}
    return seen(name, minute, *things, action="ADD", bizStep="commissioning", ilmd=ilmd, **said)


def packed(name: str, minute: int, parent: str | None, *things: str, action: str = "ADD", **said: Any) -> JSON:
    children = {"childEPCs": list(things)} if things else {}
    return event("AggregationEvent", name, minute, action=action, parentID=parent, **children, **said)


def unpacked(name: str, minute: int, parent: str | None, *things: str, **said: Any) -> JSON:
    return packed(name, minute, parent, *things, action="DELETE", **said)


def bound(name: str, minute: int, parent: str, *things: str, action: str = "ADD") -> JSON:
    return event("AssociationEvent", name, minute, action=action, parentID=parent, childEPCs=list(things))


def turned(
    name: str, minute: int, used: Iterable[Any], made: Iterable[Any], run: str | None = None, **more: Any
) -> JSON:
    """A transformation; a thing is an item, or a pair of class and kilograms."""
    said: JSON = {"transformationID": run} | more
    for side, things in (("input", list(used)), ("output", list(made))):
        said[f"{side}EPCList"] = [one for one in things if isinstance(one, str)] or None
        said[f"{side}QuantityList"] = [quantity(*one) for one in things if not isinstance(one, str)] or None
    return event("TransformationEvent", name, minute, **said)


def quantity(thing: str, kilograms: float) -> JSON:
    return {"epcClass": thing, "quantity": kilograms, "uom": "KGM"}


def wrong(said: JSON, minute: int, *corrective: str) -> JSON:
    """The declaration that an event was wrong."""
    declaration = {"declarationTime": at(minute), "reason": "incorrect_data", "correctiveEventIDs": list(corrective)}
    return said | {"errorDeclaration": declaration}


def place(number: int) -> JSON:
    body = f"09506000{number:04}"
    return {"id": f"https://id.gs1.org/414/{body}{check_digit(body)}"}


class Records(Ledger):
    """Blocks of events as the rules of trace put them on record."""

    def capture(
        self, *events: JSON | bytes, party: str = FARM, shared_with: tuple[str, ...] = (), audience: str = "named",
        job: Job | None = None,
    ) -> int:  # fmt: skip
        """A block with these events; with a job, the job as it stands after it."""
        name = "" if job is None else job.job
        changes: list[Change] = []
        for said in events:
            text = said if isinstance(said, bytes) else msgspec.json.encode(said)
            head = head_of(text, 1)
            time_ms = 1_000 * (self.height + 1)
            record = TraceEvent(party, head.event, head.declared, name, shared_with, audience, time_ms, text.decode())
            changes.append((EVENTS, record))
        if job is not None:
            changes.append((JOBS, job))
        return self.block(changes)


def mirrored(url: str, ledger: Ledger, *groups: int, anew: bool = False) -> None:
    """Write all blocks, in batches of these sizes and the rest at once."""
    writer = Writer(url, TRACE_TABLES)
    try:
        if anew:
            writer.rebuild("for the next example")
        for size in (*groups, ledger.height):
            if writer.place.height < ledger.height and size:
                writer.apply(ledger.outcomes(writer.place.height, size))
    finally:
        writer.close()


@contextmanager
def view_of(url: str, asker: Asker = CUSTOMS) -> Iterator[View]:
    picture = SqlPicture(url, TRACE_TABLES)
    try:
        with viewed(picture, asker) as view:
            yield view
    finally:
        picture.close()


def told(url: str, *blocks: Iterable[JSON], asker: Asker = CUSTOMS) -> Callable[[], Any]:
    """Put these on record, a block each, and open a view of them."""
    ledger = Records()
    for events in blocks:
        ledger.capture(*events)
    mirrored(url, ledger)
    return lambda: view_of(url, asker)
