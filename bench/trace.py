"""The trace index at ten million items: tracing, recall, look-ups, writing beside what is there, and reading documents.

The index is filled at once (`goods_rows`) and asked in this process, as a node asks its mirror. Rates are of one core.
"""

import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import goods as world
from bench.figures import Figure, peak_memory_mb
from bench.goods import PER_PALLET, PLANT, Goods, item_uri, lot_uri, raw_uri
from bench.goods_rows import fill, recorded_ms
from sogdia.core.codec import record_bytes
from sogdia.core.query import Asker
from sogdia.core.receipt import Outcome, Seal
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, JOBS, TraceEvent
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.beginnings import Wanted
from sogdia.mirror.trace.histories import history
from sogdia.mirror.trace.recall import recall
from sogdia.mirror.trace.tracing import trace
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.writer import Writer
from sogdia.standards.epcis.documents import read_document

TABLES: Final = (EVENTS, JOBS, DESCRIPTIONS)
ITEMS: Final = 10_000_000
QUICK_ITEMS: Final = 200_000
CUSTOMS: Final = Asker("did:bid:sogd:efCustoms", ("customs",))
WRITTEN_PALLETS: Final = 140
EVENTS_PER_BLOCK: Final = 500
BLOCKS_PER_BATCH: Final = 4
DOCUMENTS: Final = 40
EVENTS_PER_DOCUMENT: Final = 250
_EVENTS: Final = "events/s"


class Blocks:
    """Outcomes of blocks with records of events, as the engine gives them to the mirror; without transactions."""

    def __init__(self) -> None:
        self.outcomes: list[bytes] = []

    def add(self, events: Sequence[dict[str, Any]], first: int) -> None:
        """A block with these events, the first of which is the one of that number."""
        changes = []
        for seq, said in enumerate(events, first):
            text = msgspec.json.encode(said).decode()
            record = TraceEvent(PLANT, said["eventID"], "", "", (), "named", recorded_ms(seq), text)
            changes.append((EVENTS.path_of(record), record_bytes(record)))
        height = len(self.outcomes) + 1
        seal = Seal(height, recorded_ms(first), bytes(32), 0, bytes(32))
        self.outcomes.append(record_bytes(Outcome(seal, (), tuple(changes))))


def measure(ceiling: float, items: int = ITEMS) -> list[Figure]:
    """Times of questions, rate of writing, size; of so many items or a few less."""
    goods = Goods(max(items // PER_PALLET, 1) * PER_PALLET)
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        url = str(Path(name) / "mirror.sqlite")
        began = time.perf_counter()
        fill(url, TABLES, goods)
        notes = {
            "items": goods.items, "events": goods.events, "filled_in_seconds": round(time.perf_counter() - began, 1),
            "edges": goods.items * 2 + goods.cases + goods.lots,
        }  # fmt: skip
        print(f"trace: {goods.items:,} items are in the index", file=sys.stderr)
        size = Figure("trace index, size", os.path.getsize(url) / 1e9, "GB", notes=notes)
        return [size, *_asked(url, goods), *_written(url, goods), _read()]


def measure_quick(ceiling: float) -> list[Figure]:
    """The same with few items, to see that it runs."""
    return measure(ceiling, QUICK_ITEMS)


def _asked(url: str, goods: Goods) -> list[Figure]:
    choose = random.Random(7)
    some = [choose.randrange(goods.items) for _ in range(1_000)]
    picture = SqlPicture(url, TABLES)
    try:
        with viewed(picture, CUSTOMS) as view:
            up = _times(lambda item: trace(view, item_uri(item), "up"), some)
            down = _times(lambda lot: trace(view, lot_uri(lot), "down"), {item // world.PER_LOT for item in some})
            past = _times(lambda item: history(view, item_uri(item)), some)
            found = [_looked_up(view, some)]
            raws = [choose.randrange(goods.raws) for _ in range(100)]
            narrow, reached = _recalls(view, raws)
            wide, all_reached = _recalls(view, [goods.raws] * 3)
    finally:
        picture.close()
    memory = {"peak_memory_mb": round(peak_memory_mb())}
    return [
        _times_figure("trace of an item back to its raw lots", up, 10),
        _times_figure("trace of a lot forward to its items", down, 10),
        _times_figure("history of an item through case and pallet", past, 10),
        *found,
        _times_figure("recall of a raw lot", narrow, 100, things=reached),
        Figure(
            "recall of the wide raw lot, the slowest of three", max(wide.clock) / 1000, "s", 3, higher_is_better=False,
            notes={"things": all_reached, "cpu_seconds": round(max(wide.cpu) / 1000, 2), **memory},
        ),
    ]  # fmt: skip


class _Times:
    # Milliseconds by the clock, and those of this process alone: others may be on the machine.

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.cpu: list[float] = []

    def of(self, work: Callable[[], Any]) -> Any:
        began, cpu = time.perf_counter(), time.process_time()
        answer = work()
        self.clock.append((time.perf_counter() - began) * 1_000)
        self.cpu.append((time.process_time() - cpu) * 1_000)
        return answer


def _times(work: Callable[[int], Any], numbers: Iterable[int]) -> _Times:
    """Times of each, after a few that warm up."""
    order, took = list(numbers), _Times()
    for number in order[:20]:
        work(number)
    for number in order:
        assert took.of(partial(work, number)) is not None
    return took


def _times_figure(name: str, took: _Times, target: float, **notes: Any) -> Figure:
    cuts, cpu = statistics.quantiles(took.clock, n=100), statistics.quantiles(took.cpu, n=100)
    said = {
        "p50_ms": round(cuts[49], 2), "cpu_p50_ms": round(cpu[49], 2), "cpu_p99_ms": round(cpu[98], 2),
        "runs": len(took.clock), **notes,
    }  # fmt: skip
    return Figure(f"{name}, p99", cuts[98], "ms", target, higher_is_better=False, notes=said)


def _looked_up(view: View, items: Sequence[int]) -> Figure:
    began = time.perf_counter()
    for item in items:
        assert view.number_of(item_uri(item)) is not None
    return Figure("identifiers looked up one by one", len(items) / (time.perf_counter() - began), "identifiers/s")


def _recalls(view: View, raws: Sequence[int]) -> tuple[_Times, int]:
    """Times of each recall, and how many things the largest answer names."""
    took, largest = _Times(), 0
    for raw in raws:
        gc.collect()
        answer = took.of(partial(recall, view, Wanted(things=(raw_uri(raw),))))
        largest = max(largest, len(answer.affected))
        assert answer.affected[-1].custodian
        assert answer.documents
    return took, largest


def _written(url: str, goods: Goods) -> list[Figure]:
    """New goods come beside those that are there: records of events and index, in batches as a follower takes them."""
    pallets = range(goods.pallets, goods.pallets + WRITTEN_PALLETS)
    events = [one for one in world.events(Goods(goods.items * 2), pallets) if one["type"] != "TransformationEvent"]
    blocks = Blocks()
    for start in range(0, len(events), EVENTS_PER_BLOCK):
        blocks.add(events[start : start + EVENTS_PER_BLOCK], goods.events + 1 + start)
    writer = Writer(url, TABLES)
    gc.disable()  # as the mirror's own process does
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(blocks.outcomes), BLOCKS_PER_BATCH):
        writer.apply(blocks.outcomes[start : start + BLOCKS_PER_BATCH])
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    gc.enable()
    writer.close()
    notes = {"events": len(events), "per_cpu_second": round(len(events) / cpu)}
    name = "events of ten identifiers into mirror and index"
    return [Figure(name, len(events) / seconds, _EVENTS, 3_000, rate=True, notes=notes)]


def _read() -> Figure:
    """Documents of events with ten identifiers each, decoded and checked, as capture does before it signs."""
    head = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    given = []
    for number in range(DOCUMENTS):
        cases = range(number * EVENTS_PER_DOCUMENT // 2, (number + 1) * EVENTS_PER_DOCUMENT // 2)
        events = [one for case in cases for one in (world.born(case), world.packed(case))]
        given.append(msgspec.json.encode(head | {"epcisBody": {"eventList": events}}))
    began, count = time.perf_counter(), 0
    for document in given:
        reading = read_document(document)
        assert not reading.faults, reading.faults[0]
        count += len(reading.events)
    seconds = time.perf_counter() - began
    return Figure("events of ten identifiers decoded and checked", count / seconds, _EVENTS, rate=True)
