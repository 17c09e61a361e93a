"""A ledger that is kept: a machine with its journal, whoever puts the blocks in order.

A block goes into the journal and to the disk, then into the store; the store may lag and is brought forward when the
ledger is opened. Engines add where transactions come from.
"""

from collections.abc import Callable, Sequence
from threading import Condition, RLock

from sogdia.core.codec import record_bytes
from sogdia.core.machine import Block, Checked, Machine
from sogdia.core.once import Placed, keys_digest, places_of
from sogdia.core.receipt import Receipt, Seal, decode_outcome, decode_receipt
from sogdia.core.refusal import Refusal
from sogdia.engines.journal import Journal, JournalBlock, JournalDamaged, Place, decode_place

ORDERED_KEY = b"N"
"""Store key: the last height in the count of the engine that orders."""


class EngineStopped(Exception):
    """The engine takes no more transactions; the message says why."""


class SealMismatch(Exception):
    """Executing a block again gave another seal than the journal holds: different code, or damaged data."""


class Busy(Exception):
    """More transactions wait than the engine will hold; send them again later."""


class KeptLedger:
    """What every engine offers to readers, and how it makes a block durable.

    `checkpoint` turns a seal into a signed note.
    """

    def __init__(self, machine: Machine, journal: Journal, checkpoint: Callable[[Seal], bytes]) -> None:
        self.machine = machine
        self.journal = journal
        self.sealed = RLock()
        self.failure: BaseException | None = None
        self._checkpoint = checkpoint
        self._advanced = Condition()
        self._closing = False
        _catch_up(machine, journal, self._commit)

    # -- reading -------------------------------------------------------------------------------------------------

    def place_of(self, transaction: str) -> tuple[int, int, int] | None:
        """Height, index in the block, and leaf in the log of a transaction: where it was accepted, or refused last."""
        places = places_of(self.machine.store, transaction)
        return (places[-1].height, places[-1].index, places[-1].leaf) if places else None

    def receipt(self, transaction: str) -> Receipt | None:
        """The receipt of a transaction on record, as `place_of` finds it."""
        places = places_of(self.machine.store, transaction)
        return self._receipt_at(places[-1]) if places else None

    def block_at(self, height: int) -> JournalBlock | None:
        """A block as it was ordered; None where there is none, or none any more."""
        place = self.machine.store.get(b"J%016x" % height)
        return None if place is None else self.journal.read(decode_place(place))

    def checkpoint_at(self, height: int) -> bytes | None:
        """The signed note on the seal of a height."""
        return self.machine.store.get(b"C%016x" % height)

    def outcomes(self, after_height: int, limit: int = 100) -> list[bytes]:
        """Outcomes of the blocks above a height, in order."""
        found = []
        for height in range(after_height + 1, min(after_height + limit, self.machine.seal.height) + 1):
            outcome = self.machine.store.get(b"O%016x" % height)
            assert outcome is not None, f"no outcome of height {height}"
            found.append(outcome)
        return found

    def wait(self, after_height: int, timeout_seconds: float) -> None:
        """Return when there is a block above this height, when the engine ends, or when the time is up."""
        with self._advanced:
            self._advanced.wait_for(
                lambda: self.machine.seal.height > after_height or self._closing or self.failure is not None,
                timeout_seconds,
            )

    def first_receipt(self, one: Checked) -> Receipt | None:
        """The receipt that this transaction was given before, under any keys if accepted, else under these."""
        keys = keys_digest(one.transaction)
        for placed in places_of(self.machine.store, one.transaction.id):
            if placed.accepted or placed.keys == keys:
                return self._receipt_at(placed)
        return None

    def _receipt_at(self, placed: Placed) -> Receipt:
        outcome = decode_outcome(self.outcomes(placed.height - 1, 1)[0])
        return decode_receipt(outcome.done[placed.index].receipt)

    # -- writing -------------------------------------------------------------------------------------------------

    def keep(self, block: Block, raws: Sequence[bytes], told: bytes = b"", ordered: int = 0) -> None:
        """Make an executed block durable, then the state of the machine; `raws` are those that go on record."""
        frame = JournalBlock(block.seal.height, block.seal.time_ms, tuple(raws), block.seal, told, ordered)
        self._commit(block, self.journal.append(frame), ordered)

    def _commit(self, block: Block, place: Place, ordered: int) -> None:
        height = block.seal.height
        block.puts[b"J%016x" % height] = record_bytes(place)
        block.puts[b"C%016x" % height] = self._checkpoint(block.seal)
        if ordered:
            block.puts[ORDERED_KEY] = record_bytes(ordered)
        with self.sealed:
            self.machine.commit(block)
        self.tell()

    def tell(self) -> None:
        """Wake those who wait for a block or for the end."""
        with self._advanced:
            self._advanced.notify_all()


def _catch_up(machine: Machine, journal: Journal, commit: Callable[[Block, Place, int], None]) -> None:
    """Execute again what the journal has and the store lost; every seal must come out the same."""
    if journal.height < machine.seal.height:
        raise SealMismatch(f"the store stands at height {machine.seal.height}, the journal ends at {journal.height}")
    standing = machine.store.get(b"J%016x" % machine.seal.height)
    if standing is not None and _sealed_there(journal, decode_place(standing)) != machine.seal:
        raise SealMismatch(f"the store and the journal disagree at height {machine.seal.height}: not of one ledger")
    for place, frame in journal.blocks(after_height=machine.seal.height):
        commit(replayed(machine, frame), place, frame.ordered)


def _sealed_there(journal: Journal, place: Place) -> Seal | None:
    try:
        return journal.read(place).seal
    except (OSError, JournalDamaged):
        return None


def replayed(machine: Machine, frame: JournalBlock) -> Block:
    """Execute a journal's block; SealMismatch when it does not end in the seal that the journal holds."""
    if frame.height != machine.seal.height + 1:
        raise SealMismatch(f"the journal goes on at height {frame.height}, the machine stands at {machine.seal.height}")
    told = machine.codec.messages(frame.told) if frame.told else ()
    if frame.height == 1:
        block = machine.found(frame.time_ms, told)
    else:
        block = machine.execute(frame.time_ms, [_checked(machine, raw) for raw in frame.transactions], told)
    if block.seal != frame.seal:
        raise SealMismatch(
            f"height {frame.height}: state root {block.seal.state_root.hex()} log root {block.seal.log_root.hex()}, "
            f"but the journal holds {frame.seal.state_root.hex()} and {frame.seal.log_root.hex()}"
        )
    return block


def _checked(machine: Machine, raw: bytes) -> Checked:
    """As it was ordered: a signature that does not hold is the machine's to refuse again, in order."""
    try:
        return machine.check(raw)
    except Refusal:
        return Checked(machine.codec.parse(raw), frozenset())
