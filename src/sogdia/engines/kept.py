"""A ledger that is kept: a machine with its journal, whoever puts the blocks in order.

A block goes into the journal and to the disk, then into the store; the store may lag and is brought forward when the
ledger is opened. Engines add where transactions come from. A ledger that was restored from a snapshot has no history up
to its base: no journal, receipts or envelopes, and outcomes that hold the records alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from threading import Condition, RLock
from typing import Final

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.machine import SEAL_KEY, Block, Checked, Machine
from sogdia.core.once import Placed, places_of, taken_at
from sogdia.core.receipt import Receipt, Seal, decode_outcome, decode_receipt
from sogdia.core.refusal import Refusal
from sogdia.core.store import Reader
from sogdia.engines.journal import Journal, JournalBlock, JournalDamaged, Place, decode_place

ORDERED_KEY = b"N"
"""Store key: the last height in the count of the engine that orders."""
BASE_KEY = b"Mbase"
"""Store key: where a snapshot was restored."""
RESTORING_KEY = b"Mrestoring"
"""Store key: stands while a snapshot is being restored; what is found under it at the start is worthless."""
_WIPE_KEYS: Final = 50_000


class EngineStopped(Exception):
    """The engine takes no more transactions; the message says why."""


class SealMismatch(Exception):
    """Executing a block again gave another seal than the journal holds: different code, or damaged data."""


class Busy(Exception):
    """More transactions wait than the engine will hold; send them again later."""


class BeforeBase(Exception):
    """Asked for history from before the snapshot that this node was restored from."""

    def __init__(self, base: int) -> None:
        super().__init__(
            f"this node joined by a snapshot at height {base} and holds no history up to it; ask another node"
        )
        self.base = base


class Base(msgspec.Struct, frozen=True, array_like=True):
    """Where a snapshot was restored: its height, and the first height whose outcome holds a part of its records."""

    height: int = 0
    first: int = 1


_decode_base = msgspec.msgpack.Decoder(Base).decode
_decode_ordered = msgspec.msgpack.Decoder(int).decode


class KeptLedger(ABC):
    """What every engine offers to readers, and how it makes a block durable.

    `checkpoint` turns a seal into a signed note. `sealed_at` is the last block's height in the count of the engine that
    orders, 0 where that counts none; the blocks of its own that have come since are empty.
    """

    def __init__(self, machine: Machine, journal: Journal, checkpoint: Callable[[Seal], bytes]) -> None:
        self.machine = machine
        self.journal = journal
        self.sealed = RLock()
        self.failure: BaseException | None = None
        self.on_kept: Callable[[Seal, int], None] = _nothing
        self._checkpoint = checkpoint
        self._advanced = Condition()
        self._closing = False
        if machine.store.get(RESTORING_KEY) is not None:
            wipe(machine)
        self.base = _base_of(machine)
        self.sealed_at = _sealed_at(machine, journal, self.base)
        for place, frame in journal.blocks(after_height=machine.seal.height):
            self._commit(replayed(machine, frame), place, frame.ordered)

    # -- transactions --------------------------------------------------------------------------------------------

    def submit(self, raw: bytes) -> "Future[Receipt]":
        """Hand in one transaction; the future holds its receipt, or the Refusal that kept it out of the order."""
        return self.submit_all((raw,))[0]

    @abstractmethod
    def submit_all(self, raws: Iterable[bytes]) -> "list[Future[Receipt]]":
        """Hand in transactions, to be taken in this order. EngineStopped when it has ended, Busy when it is full."""

    def _require_open(self) -> None:
        if self.failure is not None or self._closing:
            raise EngineStopped(f"the engine has stopped: {self.failure or 'it is closing'}")

    # -- reading -------------------------------------------------------------------------------------------------

    def place_of(self, transaction: str) -> tuple[int, int, int] | None:
        """Height, index in the block, and leaf in the log of a transaction: where it was accepted, or refused last."""
        places = places_of(self.machine.store, transaction)
        return (places[-1].height, places[-1].index, places[-1].leaf) if places else None

    def receipt(self, transaction: str) -> Receipt | None:
        """The receipt of a transaction on record, as `place_of` finds it. BeforeBase when this node joined after it."""
        places = places_of(self.machine.store, transaction)
        return self._receipt_at(places[-1]) if places else None

    def block_at(self, height: int) -> JournalBlock | None:
        """A block as it was ordered; None where there is none, or none here."""
        place = self.machine.store.get(b"J%016x" % height)
        return None if place is None else self.journal.read(decode_place(place))

    def checkpoint_at(self, height: int) -> bytes | None:
        """The signed note on the seal of a height."""
        return self.machine.store.get(b"C%016x" % height)

    def outcome_at(self, height: int) -> bytes:
        """The outcome of one block. BeforeBase when this node joined after it; KeyError when there is no such block."""
        if 0 < height <= self.base.height:
            raise BeforeBase(self.base.height)
        outcome = self.machine.store.get(b"O%016x" % height)
        if outcome is None:
            raise KeyError(height)
        return outcome

    def stood_at_base(self, key: bytes) -> bool:
        """Whether a record stood under this key in the snapshot: then not all that wrote it is known here."""
        low, high = self.base.first, self.base.height + 1
        while low < high:
            middle = (low + high) // 2
            keys = [one for one, _ in decode_outcome(self.outcomes(middle - 1, 1)[0]).changes]
            if keys and keys[0] <= key <= keys[-1]:
                return key in keys
            low, high = (middle + 1, high) if keys and keys[-1] < key else (low, middle)
        return False

    def outcomes(self, after_height: int, limit: int = 100) -> list[bytes]:
        """Outcomes of the blocks above a height, in order.

        After a snapshot was restored they begin with some that have no transactions and hold its records.
        """
        found = []
        after_height = max(after_height, self.base.first - 1)
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
        """The receipt that this transaction was given before, under any keys if accepted, else under these.

        BeforeBase when it was given before this node joined.
        """
        placed = taken_at(places_of(self.machine.store, one.transaction.id), one.transaction)
        return None if placed is None else self._receipt_at(placed)

    def _receipt_at(self, placed: Placed) -> Receipt:
        outcome = decode_outcome(self.outcome_at(placed.height))
        return decode_receipt(outcome.done[placed.index].receipt)

    # -- writing -------------------------------------------------------------------------------------------------

    def keep(self, block: Block, raws: Sequence[bytes], told: bytes = b"", ordered: int = 0) -> None:
        """Make an executed block durable, then the state of the machine; `raws` are those that go on record."""
        frame = JournalBlock(block.seal.height, block.seal.time_ms, tuple(raws), block.seal, told, ordered)
        self._commit(block, self.journal.append(frame), ordered)
        self.on_kept(block.seal, ordered)

    def adopt(self, seal: Seal, ordered: int, first: int, puts: Mapping[bytes, bytes]) -> None:
        """Stand where a snapshot was restored: its records are in the store, what is given here makes it whole."""
        whole: dict[bytes, bytes | None] = {
            **puts,
            b"C%016x" % seal.height: self._checkpoint(seal),
            SEAL_KEY: record_bytes(seal),
            ORDERED_KEY: record_bytes(ordered),
            BASE_KEY: record_bytes(Base(seal.height, first)),
            RESTORING_KEY: None,
        }
        with self.sealed:
            self.machine.store.write(whole)
            self.base = _base_of(self.machine)
            self.sealed_at = ordered
            self.machine.restored()
        self.tell()

    def _commit(self, block: Block, place: Place, ordered: int) -> None:
        height = block.seal.height
        block.puts[b"J%016x" % height] = record_bytes(place)
        block.puts[b"C%016x" % height] = self._checkpoint(block.seal)
        if ordered:
            block.puts[ORDERED_KEY] = record_bytes(ordered)
        with self.sealed:
            self.machine.commit(block)
            self.sealed_at = ordered
        self.tell()

    def tell(self) -> None:
        """Wake those who wait for a block or for the end."""
        with self._advanced:
            self._advanced.notify_all()


def wipe(machine: Machine) -> None:
    """Empty the store of a machine whose snapshot was not restored; cut off, it goes on at the next start."""
    store = machine.store
    store.write({RESTORING_KEY: b""})
    gone: dict[bytes, bytes | None] = {}
    for key, _ in store.scan(b""):
        if key != RESTORING_KEY:
            gone[key] = None
        if len(gone) >= _WIPE_KEYS:
            store.write(gone)
            gone = {}
    store.write(gone)
    store.write({RESTORING_KEY: None})
    machine.restored()


def _nothing(seal: Seal, ordered: int) -> None:
    pass


def ordered_in(store: Reader) -> int:
    """The last height in the count of the engine that orders, its empty blocks too; 0 for none."""
    raw = store.get(ORDERED_KEY)
    return 0 if raw is None else _decode_ordered(raw)


def _base_of(machine: Machine) -> Base:
    raw = machine.store.get(BASE_KEY)
    return Base() if raw is None else _decode_base(raw)


def _sealed_at(machine: Machine, journal: Journal, base: Base) -> int:
    """Where the engine that orders had come with the store's last block; SealMismatch unless the journal has it too.

    After a snapshot was restored, and no block since: where that engine stands now.
    """
    if (journal.height or base.height) < machine.seal.height:
        raise SealMismatch(f"the store stands at height {machine.seal.height}, the journal ends at {journal.height}")
    standing = machine.store.get(b"J%016x" % machine.seal.height)
    if standing is None:
        return ordered_in(machine.store)
    frame = _frame_at(journal, decode_place(standing))
    if frame is None or frame.seal != machine.seal:
        raise SealMismatch(f"the store and the journal disagree at height {machine.seal.height}: not of one ledger")
    return frame.ordered


def _frame_at(journal: Journal, place: Place) -> JournalBlock | None:
    try:
        return journal.read(place)
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
