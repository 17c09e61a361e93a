"""What a courier still has to do, on disk: its place in the record, and errands waiting in lanes.

A lane belongs to one member that is to be asked, so that nobody waits behind a member that does not answer. An errand
stands in one lane at a time, under the instant when it is due, and moves in one atomic write. Adding what is known
already changes nothing, so reading a block a second time does no harm.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Final

import msgspec

from sogdia.engines.store import RocksStore
from sogdia.interfaces.courier.settings import Forged

PASSED: Final = "passed"
"""The lane of envelopes that are for nobody here, kept in case one of their recipients moves here."""
FETCH: Final = "fetch "
SIGN: Final = "sign "
"""Lanes are called `fetch <member>` and `sign <member>`; `fetch ` alone is for what nobody can be asked for."""
_CURSOR: Final = b"cursor"
_LANE: Final = b"lane/"
_PLACE: Final = b"place/"
_COUNT: Final = b"count/"
_FORGED: Final = b"forged/"


class Errand(msgspec.Struct, frozen=True, array_like=True):
    """An envelope to fetch, or a receipt of erasure to get from `member`. Instants in milliseconds.

    `asked` are the members that did not give it in this round, `rounds` the rounds that are over.
    """

    trade: str
    envelope: str
    since_ms: int
    until_ms: int
    member: str = ""
    rounds: int = 0
    asked: tuple[str, ...] = ()
    why: str = ""
    failing_since_ms: int = 0

    @property
    def id(self) -> bytes:
        """One for each envelope of a trade, and one for each receipt."""
        return sha256(f"{self.member}\0{self.trade}".encode()).digest()


class Errands:
    """The errands of one node, in a store of their own. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._store = RocksStore(folder)
        self._lock = RLock()
        self.waiting: Counter[str] = Counter(_lane_of(place) for place, _ in self._store.scan(_LANE))
        """How many errands stand in each lane."""

    def close(self) -> None:
        """Let go of the folder."""
        with self._lock:
            self._store.close()

    # -- the place in the record ---------------------------------------------------------------------------------

    @property
    def height(self) -> int | None:
        """The last block that was read; None before the first start is over."""
        raw = self._store.get(_CURSOR)
        return None if raw is None else int(raw)

    def read_to(self, height: int) -> None:
        """Note that the record was read to this height; every errand of it stands here already."""
        self._store.write({_CURSOR: b"%d" % height})

    # -- errands -------------------------------------------------------------------------------------------------

    def add(self, errand: Errand, lane: str, due_ms: int) -> bool:
        """Put a new errand into a lane; False when it is known."""
        with self._lock:
            if self.has(errand):
                return False
            self._put(errand, lane, due_ms, {})
            return True

    def has(self, errand: Errand) -> bool:
        """Whether this errand stands in some lane."""
        return self._store.get(_PLACE + errand.id) is not None

    def move(self, errand: Errand, lane: str, due_ms: int) -> bool:
        """Put an errand, as it now is, into a lane; False when it is done or was called off."""
        with self._lock:
            changes = self._taken(errand.id)
            if changes:
                self._put(errand, lane, due_ms, changes)
            return bool(changes)

    def drop(self, errand: Errand, counted: str = "") -> bool:
        """Take an errand out of its lane, and count it under this name; False when it was not there."""
        with self._lock:
            changes = self._taken(errand.id)
            if changes:
                if counted:
                    changes |= self._counted(counted)
                self._store.write(changes)
            return bool(changes)

    def due(self, lane: str, now_ms: int, limit: int) -> list[Errand]:
        """Errands of a lane that are due, the longest due first, at most so many."""
        return list(islice(self._until(lane, now_ms), limit))

    def all(self, lane: str) -> Iterator[Errand]:
        """Every errand of a lane, due or not, as they stand when this begins."""
        return (_read(raw) for _, raw in self._store.scan(_prefix(lane)))

    def failing(self, limit: int) -> Iterator[Errand]:
        """Envelopes that were asked for in vain, of the first so many that are looked for."""
        looked_for = islice(self._store.scan(_LANE + FETCH.encode()), limit)
        return (errand for errand in (_read(raw) for _, raw in looked_for) if errand.failing_since_ms)

    def tally(self, name: str) -> None:
        """Count one more under this name."""
        with self._lock:
            self._store.write(self._counted(name))

    def count(self, name: str) -> int:
        """How many errands were dropped under this name since the store was new."""
        return int(self._store.get(_COUNT + name.encode()) or b"0")

    def _counted(self, name: str) -> dict[bytes, bytes | None]:
        return {_COUNT + name.encode(): b"%d" % (self.count(name) + 1)}

    def _until(self, lane: str, now_ms: int) -> Iterator[Errand]:
        for place, raw in self._store.scan(_prefix(lane)):
            if int(place[-48:-32], 16) > now_ms:
                return
            yield _read(raw)

    def _put(self, errand: Errand, lane: str, due_ms: int, changes: dict[bytes, bytes | None]) -> None:
        place = _prefix(lane) + b"%016x" % due_ms + errand.id
        changes |= {place: _write(errand), _PLACE + errand.id: place}
        self._store.write(changes)
        self.waiting[lane] += 1

    def _taken(self, id_: bytes) -> dict[bytes, bytes | None]:
        """What to write so that the errand stands nowhere; empty when it does not stand anywhere."""
        place = self._store.get(_PLACE + id_)
        if place is None:
            return {}
        self.waiting[_lane_of(place)] -= 1
        return {place: None, _PLACE + id_: None}

    # -- forgeries -----------------------------------------------------------------------------------------------

    def note_forged(self, member: str, now_ms: int) -> None:
        """Remember that this member gave something else than what the record names."""
        with self._lock:
            before = self._store.get(_FORGED + member.encode())
            times = 1 if before is None else _read_forged(before).times + 1
            self._store.write({_FORGED + member.encode(): msgspec.json.encode(Forged(member, times, now_ms))})

    def forged(self) -> tuple[Forged, ...]:
        """Who did that, how often and when last."""
        return tuple(_read_forged(raw) for _, raw in self._store.scan(_FORGED))


_read = msgspec.msgpack.Decoder(Errand).decode
_write = msgspec.msgpack.Encoder().encode
_read_forged = msgspec.json.Decoder(Forged).decode


def _prefix(lane: str) -> bytes:
    return _LANE + lane.encode() + b"\0"


def _lane_of(place: bytes) -> str:
    return place[len(_LANE) : -49].decode()
