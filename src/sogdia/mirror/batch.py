"""Outcomes of blocks in a row, taken apart: what stands where after them, and what was decided and announced."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from sogdia.core.receipt import Done, Outcome, Receipt, Seal, decode_outcome, decode_receipt
from sogdia.mirror.audiences import Named, Numbers, role_members
from sogdia.mirror.errors import MissingBlock, OtherLedger, UnknownTable
from sogdia.mirror.schema import Schema, Shape
from sogdia.mirror.text import json_text, json_without_nul, without_nul

Row = tuple[Any, ...]


class Place(msgspec.Struct, frozen=True):
    """How far a mirror has come: the last block, its time in milliseconds of UTC, and the size of the log after it."""

    height: int = 0
    time_ms: int = 0
    log_size: int = 0


class Changed(msgspec.Struct, frozen=True):
    """One table's part of a batch: field values with the height that wrote them last, and the keys that are gone."""

    shape: Shape
    written: list[tuple[Row, int]]
    gone: list[Row]


class Decided(msgspec.Struct, frozen=True):
    """One transaction, where and when it was decided, who may see it, and who may hear each of its events."""

    place: int
    time_ms: int
    receipt: Receipt
    done: Done
    named: Named
    heard: list[Named]


class Batch(msgspec.Struct, frozen=True):
    """Everything that some blocks in a row leave in the mirror."""

    place: Place
    changed: list[Changed]
    decided: list[Decided]

    def named(self) -> set[Named]:
        """Every set of readers in it, as the records and events name them."""
        found = {one.named for one in self.decided}
        for one in self.decided:
            found.update(one.heard)
        for changed in self.changed:
            readers_of = changed.shape.readers_of
            if readers_of is not None:
                found.update([readers_of(values) for values, _ in changed.written])
        return found


def gather(schema: Schema, outcomes: Sequence[bytes], after: Place) -> Batch:
    """Take apart the outcomes that follow a place; MissingBlock and OtherLedger when they do not follow it."""
    latest: dict[bytes, tuple[bytes | None, int]] = {}
    decided: list[Decided] = []
    for raw in outcomes:
        outcome = decode_outcome(raw)
        after = _next(after, outcome)
        height = after.height
        for key, record in outcome.changes:
            latest[key] = (record, height)
        decided += _decided(outcome)
    return Batch(after, _by_table(schema, latest), decided)


def record_rows(changed: Changed, numbers: Numbers) -> Iterator[Row]:
    """The SQL rows of the records that one table was given; at most one for each key."""
    shape = changed.shape
    texts_of, loose_texts, nested, readers_of = shape.texts_of, shape.loose_texts, shape.nested, shape.readers_of
    for values, height in changed.written:
        row = list(values)
        for place in nested:
            if row[place] is not None:
                row[place] = json_text(row[place])
        if "\0" in "".join(texts_of(values)):
            _scrub(row, shape.texts)
        if loose_texts:
            _scrub(row, loose_texts)
        row.append(height)
        if readers_of is not None:
            row.append(numbers[readers_of(values)])
        yield tuple(row)


def transaction_rows(decided: Sequence[Decided], numbers: Numbers) -> Iterator[Row]:
    """The SQL rows of transactions, in the order of the table's columns."""
    remembered: dict[tuple[str, ...], str] = {}
    for one in decided:
        receipt, done = one.receipt, one.done
        for strings in (done.tags, done.signers):
            if strings not in remembered:
                remembered[strings] = json_text(strings)
        fields = json_text(receipt.fields) if receipt.fields else "{}"
        yield (
            one.place, receipt.transaction, receipt.height, receipt.index, receipt.time_ms, receipt.code,
            remembered[done.tags], remembered[done.signers], receipt.envelope, fields, numbers[one.named],
        )  # fmt: skip


def event_rows(decided: Sequence[Decided], numbers: Numbers) -> Iterator[Row]:
    """The SQL rows of events, in the order of the table's columns."""
    for one in decided:
        receipt = one.receipt
        for position, (event, heard) in enumerate(zip(one.done.events, one.heard, strict=True)):
            said = json_without_nul(event.json)
            yield receipt.height, receipt.index, position, event.tag, said, one.time_ms, numbers[heard]


def _next(after: Place, outcome: Outcome) -> Place:
    seal: Seal = outcome.seal
    if not after.height and not outcome.done:  # a node that joined by snapshot begins with its records, at any height
        return Place(seal.height, seal.time_ms, seal.log_size)
    if seal.height != after.height + 1:
        raise MissingBlock(after.height + 1, seal.height)
    before = seal.log_size - len(outcome.done)
    if before != after.log_size:
        raise OtherLedger(seal.height, after.log_size, before)
    return Place(seal.height, seal.time_ms, seal.log_size)


def _decided(outcome: Outcome) -> list[Decided]:
    first, time_ms = outcome.seal.log_size - len(outcome.done), outcome.seal.time_ms
    return [_one(place, time_ms, done) for place, done in enumerate(outcome.done, first)]


def _one(place: int, time_ms: int, done: Done) -> Decided:
    heard: list[Named] = [(event.parties, role_members(event.roles)) for event in done.events]
    named = (done.signers, *heard[0]) if len(heard) == 1 else (done.signers, *dict.fromkeys(heard))
    return Decided(place, time_ms, decode_receipt(done.receipt), done, named, heard)


def _by_table(schema: Schema, latest: dict[bytes, tuple[bytes | None, int]]) -> list[Changed]:
    found: dict[bytes, Changed] = {}
    doubtful = set()
    for key in sorted(latest):
        raw, height = latest[key]
        prefix = key[: key.index(b"\0") + 1]
        changed = found.get(prefix)
        if changed is None:
            if prefix not in schema.shapes:
                raise UnknownTable(prefix[:-1].decode(), height)
            changed = found[prefix] = Changed(schema.shapes[prefix], [], [])
        if key.count(0) != len(changed.shape.keys):
            doubtful.add(prefix)
        if raw is None:
            changed.gone.append(_key_fields(changed.shape, key, len(prefix)))
        else:
            changed.written.append((astuple(changed.shape.table.decode(raw)), height))
    for prefix in doubtful:
        _keep_one_for_each_key(found[prefix])
    return list(found.values())


def _key_fields(shape: Shape, key: bytes, start: int) -> Row:
    return tuple(map(without_nul, key[start:].decode().split("\0", len(shape.keys) - 1)))


def _scrub(row: list[Any], places: tuple[int, ...]) -> None:
    for place in places:
        if row[place] is not None and "\0" in row[place]:
            row[place] = without_nul(row[place])


def _keep_one_for_each_key(changed: Changed) -> None:
    """Keys that differ only in NUL characters are one key here; the last of their records in key order stays."""
    keys = changed.shape.keys
    kept = {
        tuple([without_nul(values[place]) for place in keys]): (values, height) for values, height in changed.written
    }
    changed.written[:] = kept.values()
