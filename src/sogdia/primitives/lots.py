"""A quantity cut into intervals, each with one holder and one state, so that nothing of it is used twice.

A lot of size n is the whole numbers [0, n). Its pieces lie end to end and cover it exactly; every change cuts pieces
along an interval and gives the cuttings a new holder or state, so no change can lose, add or share a unit. One record
holds the whole lot: one proof shows all of it, what is free and what is not.

    free --reserve--> reserved --commit--> consumed        free --pledge--> pledged --unpledge--> free
    reserved --release, or its instant passes--> free      free --consume--> consumed    free --transfer--> free

What is reserved, pledged or consumed carries a purpose: the reference of what it is for. A purpose stands once in a
lot, so that the same list, financing or claim can neither draw twice nor draw again after it was served. A reservation
ends after its instant, by the block's time: whoever touches the lot next finds it free.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table

State = Literal["free", "reserved", "pledged", "consumed"]

PIECES_LIMIT = 1000
SIZE_LIMIT = 10**18
OPEN_END_MS = 253_402_300_799_999
"""The instant of a reservation that only commit or release ends: the last one that the ledger knows."""


class Refused(IntEnum):
    """Refusals of lots, 200-299."""

    LOT_EXISTS = 201
    LOT_UNKNOWN = 202
    SIZE_WRONG = 203
    AMOUNT_WRONG = 204
    INTERVAL_WRONG = 205
    NOT_ENOUGH_FREE = 206
    NOT_HOLDER = 207
    OVERLAPS = 208
    TOO_MANY_PIECES = 209
    PURPOSE_TAKEN = 210
    RESERVATION_UNKNOWN = 211
    RESERVATION_EXPIRED = 212
    UNTIL_PAST = 213
    PLEDGE_UNKNOWN = 214
    SAME_HOLDER = 215
    PURPOSE_MISSING = 216


class Interval(msgspec.Struct, frozen=True, array_like=True):
    """The units from `start` up to, not including, `end`."""

    start: int
    end: int


Part = int | Interval
"""So many units, the lowest free ones of the holder; or exactly these."""

Key = tuple[str, str]
"""Series and number of a lot."""


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """One interval with its holder and state; `until_ms` only while reserved, `purpose` unless free."""

    start: int
    end: int
    holder: str
    state: State = "free"
    purpose: str = ""
    until_ms: int = 0


class Lot(Record, frozen=True, array_like=True):
    """A quantity in one unit, whole: its pieces in order. `holders` are those of its pieces, each once."""

    series: str
    number: str
    unit: str
    size: int
    pieces: tuple[Piece, ...]
    holders: tuple[str, ...]


def table(name: str, *, roles: tuple[str, ...] = ()) -> Table[Lot]:
    """A domain's table of lots; its holders and these roles may read a lot."""
    return Table(name, Lot, key=("series", "number"), seen_by=("holders",), roles=roles)


def create(ledger: Ledger, table: Table[Lot], key: Key, unit: str, size: int, holder: str) -> None:
    """Put a new lot on record, all of it free and with one holder."""
    series, number = key
    if table.get(ledger.state, series, number) is not None:
        raise Refusal(Refused.LOT_EXISTS, series=series, number=number)
    if not 0 < size <= SIZE_LIMIT:
        raise Refusal(Refused.SIZE_WRONG, series=series, number=number, size=size, limit=SIZE_LIMIT)
    table.put(ledger.state, Lot(series, number, unit, size, (Piece(0, size, holder),), (holder,)))


def lot_on_record(ledger: Ledger, table: Table[Lot], key: Key) -> Lot:
    """The lot as it stands now, or refusal LOT_UNKNOWN."""
    return current(_raw(ledger, table, key), ledger.time_ms)


def transfer(ledger: Ledger, table: Table[Lot], key: Key, holder: str, to: str, part: Part) -> None:
    """Free units go from one holder to another."""
    lot = lot_on_record(ledger, table, key)
    if holder == to:
        raise _refusal(Refused.SAME_HOLDER, lot, holder=holder)
    _recut(ledger, table, lot, _taken(lot, holder, part), lambda piece: replace(piece, holder=to))


def reserve(
    ledger: Ledger,
    table: Table[Lot],
    key: Key,
    holder: str,
    part: Part,
    *,
    purpose: str,
    until_ms: int = OPEN_END_MS,
) -> None:
    """Free units are kept for a purpose, up to and including an instant."""
    lot = lot_on_record(ledger, table, key)
    if until_ms < ledger.time_ms:
        raise _refusal(Refused.UNTIL_PAST, lot, until_ms=until_ms, time_ms=ledger.time_ms)
    _dedicate(ledger, table, lot, holder, part, ("reserved", purpose, until_ms))


def commit(ledger: Ledger, table: Table[Lot], key: Key, *, purpose: str) -> None:
    """What was reserved for the purpose is used up."""
    lot, where = _reserved(ledger, table, key, purpose)
    _recut(ledger, table, lot, where, lambda piece: replace(piece, state="consumed", until_ms=0))


def release(ledger: Ledger, table: Table[Lot], key: Key, *, purpose: str) -> None:
    """What was reserved for the purpose is free again."""
    lot, where = _reserved(ledger, table, key, purpose)
    _recut(ledger, table, lot, where, _freed)


def pledge(ledger: Ledger, table: Table[Lot], key: Key, holder: str, part: Part, *, purpose: str) -> None:
    """Free units stand as security for a purpose; they stay with their holder."""
    lot = lot_on_record(ledger, table, key)
    _dedicate(ledger, table, lot, holder, part, ("pledged", purpose, 0))


def unpledge(ledger: Ledger, table: Table[Lot], key: Key, *, purpose: str) -> None:
    """What was pledged for the purpose is free again."""
    lot = lot_on_record(ledger, table, key)
    _recut(ledger, table, lot, _dedicated(lot, "pledged", purpose, Refused.PLEDGE_UNKNOWN), _freed)


def consume(ledger: Ledger, table: Table[Lot], key: Key, holder: str, part: Part, *, purpose: str) -> None:
    """Free units are used up at once."""
    lot = lot_on_record(ledger, table, key)
    _dedicate(ledger, table, lot, holder, part, ("consumed", purpose, 0))


def expire(ledger: Ledger, table: Table[Lot], key: Key) -> None:
    """Put on record that reservations past their instant are free."""
    before = _raw(ledger, table, key)
    now = current(before, ledger.time_ms)
    if now is not before:
        table.put(ledger.state, now)


def current(lot: Lot, time_ms: int) -> Lot:
    """The lot as it stands at an instant: reservations that ended before it are free."""
    if not any(_expired(piece, time_ms) for piece in lot.pieces):
        return lot
    return _with(lot, merged(_freed(piece) if _expired(piece, time_ms) else piece for piece in lot.pieces))


def total(lot: Lot, state: State, holder: str | None = None) -> int:
    """How many units are in a state, of one holder or of all; take `current` first if time may have passed."""
    return sum(
        piece.end - piece.start
        for piece in lot.pieces
        if piece.state == state and (holder is None or piece.holder == holder)
    )


def merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same pieces with neighbours joined that differ in nothing but where they lie."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and _alike(last, piece):
            joined[-1] = replace(last, end=piece.end)
        else:
            joined.append(piece)
    return tuple(joined)


def _raw(ledger: Ledger, table: Table[Lot], key: Key) -> Lot:
    found = table.get(ledger.state, *key)
    if found is None:
        raise Refusal(Refused.LOT_UNKNOWN, series=key[0], number=key[1])
    return found


def _refusal(code: Refused, lot: Lot, **fields: object) -> Refusal:
    return Refusal(code, series=lot.series, number=lot.number, **fields)


def _dedicate(ledger: Ledger, table: Table[Lot], lot: Lot, holder: str, part: Part, to: tuple[State, str, int]) -> None:
    state, purpose, until_ms = to
    if not purpose:
        raise _refusal(Refused.PURPOSE_MISSING, lot, state=state)
    for piece in lot.pieces:
        if piece.purpose == purpose:
            raise _refusal(Refused.PURPOSE_TAKEN, lot, purpose=purpose, state=piece.state)
    where = _taken(lot, holder, part)
    _recut(ledger, table, lot, where, lambda piece: replace(piece, state=state, purpose=purpose, until_ms=until_ms))


def _reserved(ledger: Ledger, table: Table[Lot], key: Key, purpose: str) -> tuple[Lot, list[Interval]]:
    before = _raw(ledger, table, key)
    for piece in before.pieces:
        if piece.purpose == purpose and _expired(piece, ledger.time_ms):
            ended = {"until_ms": piece.until_ms, "time_ms": ledger.time_ms}
            raise _refusal(Refused.RESERVATION_EXPIRED, before, purpose=purpose, **ended)
    lot = current(before, ledger.time_ms)
    return lot, _dedicated(lot, "reserved", purpose, Refused.RESERVATION_UNKNOWN)


def _dedicated(lot: Lot, state: State, purpose: str, unknown: Refused) -> list[Interval]:
    found = [Interval(p.start, p.end) for p in lot.pieces if p.purpose == purpose and p.state == state]
    if not found:
        raise _refusal(unknown, lot, purpose=purpose)
    return found


def _taken(lot: Lot, holder: str, part: Part) -> list[Interval]:
    if holder not in lot.holders:
        raise _refusal(Refused.NOT_HOLDER, lot, holder=holder)
    if isinstance(part, Interval):
        _check_interval(lot, holder, part)
        return [part]
    if part < 1:
        raise _refusal(Refused.AMOUNT_WRONG, lot, asked=part)
    return _lowest_free(lot, holder, part)


def _lowest_free(lot: Lot, holder: str, amount: int) -> list[Interval]:
    taken, missing = [], amount
    for piece in lot.pieces:
        if piece.holder == holder and piece.state == "free":
            end = min(piece.end, piece.start + missing)
            taken.append(Interval(piece.start, end))
            missing -= end - piece.start
            if not missing:
                return taken
    raise _refusal(Refused.NOT_ENOUGH_FREE, lot, holder=holder, asked=amount, free=amount - missing)


def _check_interval(lot: Lot, holder: str, asked: Interval) -> None:
    named = {"start": asked.start, "end": asked.end}
    if not 0 <= asked.start < asked.end <= lot.size:
        raise _refusal(Refused.INTERVAL_WRONG, lot, size=lot.size, **named)
    for piece in lot.pieces:
        if piece.start < asked.end and asked.start < piece.end:
            if piece.holder != holder:
                raise _refusal(Refused.NOT_HOLDER, lot, holder=holder, held_by=piece.holder, **named)
            if piece.state != "free":
                there = {"piece": [piece.start, piece.end], "state": piece.state, "purpose": piece.purpose}
                raise _refusal(Refused.OVERLAPS, lot, **there, **named)


def _recut(
    ledger: Ledger, table: Table[Lot], lot: Lot, where: list[Interval], change: Callable[[Piece], Piece]
) -> None:
    pieces = merged(_cut(lot.pieces, where, change))
    if len(pieces) > PIECES_LIMIT:
        raise _refusal(Refused.TOO_MANY_PIECES, lot, pieces=len(pieces), limit=PIECES_LIMIT)
    table.put(ledger.state, _with(lot, pieces))


def _alike(one: Piece, other: Piece) -> bool:
    return (one.holder, one.state, one.purpose, one.until_ms) == (
        other.holder,
        other.state,
        other.purpose,
        other.until_ms,
    )


def _cut(pieces: Iterable[Piece], along: list[Interval], change: Callable[[Piece], Piece]) -> Iterator[Piece]:
    """Every piece, cut along ascending intervals; what lies inside one of them is changed."""
    waiting = iter(along)
    cut = next(waiting, None)
    for piece in pieces:
        start = piece.start
        while cut is not None and cut.start < piece.end:
            begin, end = max(start, cut.start), min(piece.end, cut.end)
            if start < begin:
                yield replace(piece, start=start, end=begin)
            yield change(replace(piece, start=begin, end=end))
            start = end
            if cut.end > piece.end:
                break
            cut = next(waiting, None)
        if start < piece.end:
            yield replace(piece, start=start)


def _with(lot: Lot, pieces: tuple[Piece, ...]) -> Lot:
    return replace(lot, pieces=pieces, holders=tuple(sorted({piece.holder for piece in pieces})))


def _expired(piece: Piece, time_ms: int) -> bool:
    return piece.state == "reserved" and piece.until_ms < time_ms


def _freed(piece: Piece) -> Piece:
    return Piece(piece.start, piece.end, piece.holder)
