"""The brand's part after the border: its events onto the record, one item traced, one grove's olives recalled."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from sogdia.app import milliseconds
from sogdia.client.connection import signed
from sogdia.client.http import HttpConnection
from sogdia.domains.trace.messages import Audience, Capture
from sogdia.interfaces.demo.goods import GROVES, Event, Parcel, made_events, olives, parcel_of
from sogdia.interfaces.demo.naming import described
from sogdia.interfaces.intake.pipeline import BoundKey
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.writing import normal
from sogdia.standards.orders import DraftOrder

TOGETHER: Final = 200
"""Events in one transaction: about 150 KB."""
RECALLED: Final = GROVES[1]


def parcels_of(drafts: Iterable[DraftOrder]) -> list[Parcel]:
    """The parcels of these orders in which something is traced."""
    return [parcel for draft in drafts if (parcel := parcel_of(draft))]


def capture(
    connection: HttpConnection, brand: BoundKey, platform: str, parcels: Sequence[Parcel], start_ms: int
) -> None:
    """Put what the brand says of these parcels on record where it is not yet."""
    told, public = made_events(parcels, platform, start_ms) if parcels else ([], [])
    raws = [*_names(connection, brand)] if parcels else []
    raws += [*_missing(connection, brand, told, (platform,), "named"), *_missing(connection, brand, public)]
    refused = [reply for reply in connection.submit(raws) if not reply.accepted]
    assert not refused, f"the rules refuse the rehearsal's own events: {refused[0]}"


def _names(connection: HttpConnection, brand: BoundKey) -> Iterator[bytes]:
    """Signed transactions with what the goods and places are called, where nothing is said of them yet."""
    for said in described(brand.did):
        keys = [("trace.description", brand.did, said.vocabulary, one.id) for one in said.elements]
        if None in connection.lookup(keys):
            yield signed(connection.network, milliseconds(), secrets.token_hex(8), [said], [brand])


def _missing(
    connection: HttpConnection,
    brand: BoundKey,
    events: Sequence[Event],
    shared_with: tuple[str, ...] = (),
    audience: Audience = "everyone",
) -> Iterator[bytes]:
    """Signed transactions with those of the events that are on no record."""
    found = connection.lookup([("trace.event", brand.did, one["eventID"], "") for one in events])
    missing = [one for one, record in zip(events, found, strict=True) if record is None]
    for start in range(0, len(missing), TOGETHER):
        texts = tuple(msgspec.Raw(normal(read_event(msgspec.json.encode(one)))) for one in missing[start:][:TOGETHER])
        message = Capture(party=brand.did, events=texts, shared_with=shared_with, audience=audience)
        yield signed(connection.network, milliseconds(), secrets.token_hex(8), [message], [brand])


def ask(connection: HttpConnection, platform: str, parcels: Sequence[Parcel], start_ms: int) -> dict[str, Any]:
    """Trace one item of the grove in question and recall its olives: `goods`, and in `goods_ms` how long each took."""
    parcel = next((one for one in parcels if one.grove == RECALLED), None)
    if parcel is None:
        return {"goods": {}, "goods_ms": {}}
    thing = next(iter(parcel.things.values()))[0]
    origin, traced_ms = _timed(lambda: connection.trace(thing, "up"))
    story = connection.history(thing)
    found, recalled_ms = _timed(lambda: connection.recall(things=[olives(RECALLED)]))
    carried = [one for order in found["orders"] for one in order["parcels"]]
    steps = [one["event"].get("biz_step") for one in story["passages"]]
    goods = {
        "events": sum(map(len, made_events(parcels, platform, start_ms))),
        "item": thing,
        "origin": [one["uri"] for one in origin["up"]["nodes"] if one["kind"] == "lot_class"],
        "events_of_item": len(story["passages"]),
        "events_of_carrier": sum(step in ("shipping", "receiving") for step in steps),
        "recalled": olives(RECALLED),
        "items": sum(one["kind"] == "instance" for one in found["affected"]),
        "orders": len(found["orders"]),
        "delivered": sum(one["status"] == "delivered" for one in carried),
        "is_complete": not found["confidence"]["imprecise"] and not found["confidence"]["is_cut"],
    }
    return {"goods": goods, "goods_ms": {"trace": traced_ms, "recall": recalled_ms}}


def _timed(work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    found = work()
    return found, round((time.monotonic() - began) * 1_000, 1)
