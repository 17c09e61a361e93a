"""A long course of trace messages, the same for a seed: captures, parts of jobs in any order, declarations, nonsense.

`python trace_course.py FOLDER FIRST` is a process to be killed: it opens the ledger of a folder, submits the steps of
the course from FIRST on and prints `step code` for each receipt.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sogdia import app
from sogdia.core import note
from sogdia.core.keys import SigningKey
from sogdia.core.receipt import Seal
from sogdia.core.transaction import Message
from sogdia.domains.trace.messages import Attribute, Capture, Describe, Element, WithdrawJob
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from tests.simulation import world

SEED, PARTS, BATCH = 20261122, 6, 8
DAY_STEPS = 200
"""So many steps, then more than a day passes: the job that is on its way at that moment lapses."""
PARTIES = (*world.SELLERS, *world.CARRIERS)
NONSENSE = (
    b'{"type":"ObjectEvent"}',
    b'{"type":"ObjectEvent","eventID":"","x":1}',
    b'{"type":"ObjectEvent","eventID":"urn:x:\\u0000"}',
    b'{"type":"ObjectEvent","eventID":"urn:x:1","x":"\xff"}',
    b'{"type":"ObjectEvent","eventID":"urn:x:1","\xed\xa0\x80":1}',
    b'{"type":"ObjectEvent","eventID":"urn:x:1","errorDeclaration":{}}',
    b'{"eventID":"urn:x:1"}',
    b"[]",
)


def event(name: str, declared: str = "") -> msgspec.Raw:
    """An event of that name, or the declaration that it was wrong."""
    said = {"type": "ObjectEvent", "eventID": f"urn:x:{name}", "eventTime": "2026-12-27T09:00:00Z", "note": "茶 é"}
    return msgspec.Raw(
        msgspec.json.encode(said | ({"errorDeclaration": {"declarationTime": declared}} if declared else {}))
    )


def message(step: int) -> tuple[Message, world.Actor]:
    """What is said at a step, and by whom. Each six steps in a row hold the parts of a job of each of some parties."""
    chance = random.Random(SEED * 1_000_003 + step)
    group = step // PARTS
    party = random.Random(SEED - group).choice(PARTIES)
    order = random.Random(SEED + group).sample(range(1, PARTS + 1), PARTS)
    kind = chance.choices(
        ("part", "single", "again", "wrong", "withdraw", "describe", "nonsense"), (60, 12, 8, 8, 4, 4, 4)
    )[0]
    job = f"job {group}"
    match kind:
        case "part":
            part = order[(step - (chance.random() < 0.05)) % PARTS]
            events = tuple(event(f"{job}/{part}/{number}") for number in range(chance.randint(1, 3)))
            of = chance.choice((PARTS,) * 30 + (PARTS - 1, PARTS + 1))
            readers = (chance.choice(PARTIES).did,) if chance.random() < 0.3 else ()
            return Capture(party=party.did, events=events, job=job, part=part, of=of, shared_with=readers), party
        case "single":
            return Capture(party=party.did, events=(event(f"single {step}"),), audience="everyone"), party
        case "again":
            name = f"job {chance.randint(0, group)}/{chance.randint(1, PARTS)}/0"
            return Capture(party=party.did, events=(event(f"fresh {step}"), event(name))), party
        case "wrong":
            name = f"job {chance.randint(0, group)}/{chance.randint(1, PARTS)}/0"
            return Capture(party=party.did, events=(event(name, f"2026-12-28T00:00:0{step % 3}Z"),)), party
        case "withdraw":
            return WithdrawJob(party=party.did, job=job if chance.random() < 0.8 else f"job {group + 9_000}"), party
        case "describe":
            said = (Attribute(id="urn:a", value=f"{step}"),) if chance.random() < 0.7 else ()
            return Describe(
                party=party.did, vocabulary="urn:v", elements=(Element(id="urn:e", attributes=said),)
            ), party
    return Capture(party=party.did, events=(event(f"good {step}"), msgspec.Raw(chance.choice(NONSENSE)))), party


def transaction(step: int) -> bytes:
    """The signed bytes of a step, always the same."""
    said, by = message(step)
    return world.signed([said], [by], begins_ms(step), f"step {step:08}")


def begins_ms(step: int) -> int:
    """When the day of a step begins."""
    return world.BEGINS_MS + step // DAY_STEPS * 25 * world.HOUR_MS


class Run:
    """A ledger in a folder; `now_ms` is the next block's time, at least a millisecond after the last one's."""

    def __init__(self, folder: Path) -> None:
        self.store = RocksStore(folder / "state")
        self.machine = app.machine(world.NETWORK, self.store)
        self.now_ms = self.machine.seal.time_ms or world.BEGINS_MS
        self.engine = Embedded(self.machine, Journal(folder / "journal"), clock=self._clock, checkpoint=_checkpoint)
        if not self.machine.seal.height:
            self.engine.found(world.founding())
        self.engine.start()

    def _clock(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def submit(self, steps: range) -> Iterator[tuple[int, int]]:
        """Submit these steps of one day at once; step and code of each, as the receipts come."""
        self.now_ms = max(self.now_ms, begins_ms(steps[0]))
        futures = self.engine.submit_all([transaction(step) for step in steps])
        for step, future in zip(steps, futures, strict=True):
            yield step, future.result(60).code

    def close(self) -> None:
        self.engine.close()
        self.store.close()


def _checkpoint(seal: Seal) -> bytes:
    text = note.Checkpoint(world.ORIGIN, seal.log_size, seal.log_root).text()
    return note.sign(text, world.ORIGIN, SigningKey(bytes(32)))


def main(folder: Path, first: int) -> None:
    """Submit until somebody kills this process."""
    run = Run(folder)
    print("ready", flush=True)
    for start in range(first, first + 100_000, BATCH):
        for step, code in run.submit(range(start, start + BATCH)):
            print(step, code, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
