"""Evidence: everything that a stranger needs to check a trade offline, in one JSON file, beside the network's key.

Each check has a name and stands alone. Nothing is believed that does not follow from the network's public key: the
checkpoint is signed by it; receipts are leaves of the checkpoint's log (RFC 6962); records and keys stand in the
checkpoint's state tree (ICS-23); signatures are the parties' own (JWS, Ed25519). Read-only, no network, no clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from sogdia.core import keys, log, note, tree
from sogdia.core.codec import from_base64url, json_bytes
from sogdia.core.module import KeyOnRecord
from sogdia.core.receipt import ACCEPTED, Receipt, decode_receipt
from sogdia.core.transaction import Envelope, Header

FORMAT = "sogdia-evidence/1"
SIZE_LIMIT_BYTES = 64 * 1024 * 1024


class EvidenceUnreadable(ValueError):
    """The file is no evidence; the message says what was expected where."""


class LoggedTransaction(msgspec.Struct, frozen=True):
    """A transaction as it was received, its receipt's bytes, and their place in the log."""

    envelope: str
    receipt: str
    leaf: int
    inclusion: tuple[bytes, ...]


class ProvedRecord(msgspec.Struct, frozen=True):
    """A record of a table as its key, its value and the way to the state root; `shown` is the value for people."""

    table: str
    shown: Any
    proof: tree.Membership


class ProvedAbsence(msgspec.Struct, frozen=True):
    """A key under which nothing stands."""

    table: str
    key: bytes
    proof: tree.Absence


class EarlierCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint that the later one extends, with the proof that nothing was rewritten since."""

    checkpoint: str
    consistency: tuple[bytes, ...]


class Evidence(msgspec.Struct, frozen=True):
    """One evidence file. Byte values are base64 in JSON."""

    format: str
    network: str
    subject: dict[str, str]
    checkpoint: str
    earlier: EarlierCheckpoint | None
    transactions: tuple[LoggedTransaction, ...]
    records: tuple[ProvedRecord, ...]
    absences: tuple[ProvedAbsence, ...] = ()


class Check(msgspec.Struct, frozen=True):
    """One check: its name, whether it holds, and what it found."""

    name: str
    holds: bool
    detail: str


class _Sealed(msgspec.Struct, frozen=True):
    """What a checkpoint says: the log's size and root, the state root, height and time."""

    checkpoint: note.Checkpoint
    height: int
    time_ms: int
    state_root: bytes


_evidence = msgspec.json.Decoder(Evidence).decode
_key = msgspec.msgpack.Decoder(KeyOnRecord).decode
_envelope = msgspec.json.Decoder(Envelope).decode
_header = msgspec.json.Decoder(Header).decode


def checkpoint_text(origin: str, size: int, root: bytes, height: int, time_ms: int, state_root: bytes) -> str:
    """The text that a network signs: a C2SP checkpoint with three lines of its own behind it."""
    own = (f"height {height}", f"time_ms {time_ms}", f"state {state_root.hex()}")
    return note.Checkpoint(origin, size, root, own).text()


def read(raw: bytes) -> Evidence:
    """The evidence in these bytes; EvidenceUnreadable says what is wrong with them."""
    if len(raw) > SIZE_LIMIT_BYTES:
        raise EvidenceUnreadable(f"{len(raw)} bytes; evidence has at most {SIZE_LIMIT_BYTES}")
    try:
        found = _evidence(raw)
    except (ValueError, RecursionError) as wrong:
        raise EvidenceUnreadable(f"not an evidence file: {wrong}") from None
    if found.format != FORMAT:
        raise EvidenceUnreadable(f"format {found.format!r}; this verifier reads {FORMAT}")
    return found


def verify(evidence: Evidence, network_key: str, fields: Mapping[str, Sequence[str]] | None = None) -> list[Check]:
    """Every check by name; evidence holds when all of them do.

    `fields` are the field names of each table, so that a record cannot be shown under other names than its own. What a
    file holds is proved; that it holds everything is not: whoever made it may have left things out.
    """
    sealed = _checkpoint(evidence.checkpoint, network_key)
    if isinstance(sealed, str):
        return [Check("checkpoint", False, sealed)]
    signed = f"signed by {sealed.checkpoint.origin} at height {sealed.height}, {sealed.checkpoint.size} log entries"
    checks = [Check("checkpoint", True, signed), _history(evidence, sealed, network_key), _subject(evidence)]
    keys_on_record = _proved_keys(evidence, sealed)
    checks += [_guarded("record", partial(_record, record, sealed, fields)) for record in evidence.records]
    checks += [_guarded("absence", partial(_absence, absence, sealed)) for absence in evidence.absences]
    for one in evidence.transactions:
        checks += _transaction(one, evidence.network, sealed, keys_on_record)
    if not evidence.transactions and not evidence.records and not evidence.absences:
        checks.append(Check("content", False, "the file proves nothing: no transaction, no record, no absence"))
    return checks


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """A check on hostile input may meet anything; whatever it is, the check does not hold."""
    try:
        return check()
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as wrong:
        return Check(name, False, f"cannot be read: {wrong}")


def _checkpoint(signed: str, network_key: str) -> _Sealed | str:
    try:
        found = note.Checkpoint.parse(note.open_note(signed.encode(), network_key))
        lines = dict(line.split(" ", 1) for line in found.extensions)
        return _Sealed(found, int(lines["height"]), int(lines["time_ms"]), bytes.fromhex(lines["state"]))
    except (ValueError, KeyError) as wrong:
        return f"the checkpoint does not hold: {wrong}"


def _history(evidence: Evidence, sealed: _Sealed, network_key: str) -> Check:
    if evidence.earlier is None:
        return Check("history", True, "no earlier checkpoint was given to compare with")
    earlier = _checkpoint(evidence.earlier.checkpoint, network_key)
    if isinstance(earlier, str):
        return Check("history", False, earlier)
    old, new = earlier.checkpoint, sealed.checkpoint
    holds = log.verify_consistency(old.size, old.root, new.size, new.root, evidence.earlier.consistency)
    grown = f"from {old.size} to {new.size} entries since height {earlier.height}"
    return Check("history", holds, f"only appended to, {grown}" if holds else f"rewritten {grown}")


def _subject(evidence: Evidence) -> Check:
    """The record that the file says it is about is one that it shows."""
    about = f"{evidence.subject.get('table', '')} {evidence.subject.get('key', '')}".strip()
    if not about:
        return Check("subject", True, "the file names no record as its subject")
    keys_shown = [*(one.proof.key for one in evidence.records), *(one.key for one in evidence.absences)]
    holds = any(key.replace(bytes(1), b" ") == about.encode("utf-8", "replace") for key in keys_shown)
    return Check("subject", holds, about if holds else f"{about} is not among what the file shows")


def _proved_keys(evidence: Evidence, sealed: _Sealed) -> dict[str, KeyOnRecord]:
    found = {}
    for record in evidence.records:
        is_key = record.table == "identity.key" and _is_of_table(record.table, record.proof.key)
        if is_key and tree.verify_membership(sealed.state_root, record.proof):
            key = _key(record.proof.value)
            found[key.id] = key
    return found


def _record(record: ProvedRecord, sealed: _Sealed, fields: Mapping[str, Sequence[str]] | None) -> Check:
    name = f"record {record.proof.key.replace(bytes(1), b' ').decode()}"
    if not _is_of_table(record.table, record.proof.key):
        return Check(name, False, f"the key is not of table {record.table}")
    if not tree.verify_membership(sealed.state_root, record.proof):
        return Check(name, False, "does not stand in the checkpoint's state")
    if fields is not None and record.table not in fields:
        return Check(name, False, f"this verifier knows no table {record.table}; a newer one may")
    if not _shows(record, fields[record.table] if fields is not None else None):
        return Check(name, False, "what is shown is not what stands in the state")
    return Check(name, True, f"stands in the state of height {sealed.height}")


def _shows(record: ProvedRecord, names: Sequence[str] | None) -> bool:
    """The values shown to people are the record's own, under its own names.

    Compared as JSON, where 1, 1.0 and true are three things.
    """
    if not isinstance(record.shown, dict) or (names is not None and set(record.shown) != set(names)):
        return False
    values = [record.shown[name] for name in names or record.shown]
    return json_bytes(msgspec.msgpack.decode(record.proof.value)) == json_bytes(values)


def _is_of_table(table: str, key: bytes) -> bool:
    return key.partition(b"\x00")[0] == table.encode()


def _absence(absence: ProvedAbsence, sealed: _Sealed) -> Check:
    name = f"absence {absence.key.replace(bytes(1), b' ').decode()}"
    if not _is_of_table(absence.table, absence.key):
        return Check(name, False, f"the key is not of table {absence.table}")
    holds = tree.verify_absence(sealed.state_root, absence.key, absence.proof)
    return Check(name, holds, "nothing stands there" if holds else "absence is not shown")


def _transaction(
    one: LoggedTransaction, network: str, sealed: _Sealed, known: dict[str, KeyOnRecord]
) -> Iterator[Check]:
    try:
        receipt = decode_receipt(one.receipt)
        envelope = _envelope(one.envelope)
        payload = from_base64url(envelope.payload)
    except (ValueError, RecursionError) as wrong:
        yield Check("transaction", False, f"cannot be read: {wrong}")
        return
    name = f"transaction {receipt.transaction[:16]}"
    yield _guarded(f"{name} logged", lambda: _logged(name, one, receipt, sealed))
    yield Check(f"{name} network", receipt.network == network, f"decided on the network {receipt.network}")
    yield _same_bytes(name, one, receipt, payload)
    yield _guarded(f"{name} signed", lambda: _signed(name, envelope, receipt, known))


def _logged(name: str, one: LoggedTransaction, receipt: Receipt, sealed: _Sealed) -> Check:
    leaf, point = log.leaf_hash(one.receipt.encode()), sealed.checkpoint
    holds = log.verify_inclusion(point.root, point.size, one.leaf, leaf, one.inclusion)
    decided = "accepted" if receipt.code == ACCEPTED else f"refused with {receipt.code}"
    found = f"{decided} at height {receipt.height}, entry {one.leaf} of the log"
    return Check(f"{name} logged", holds, found if holds else "the receipt does not stand in the log")


def _same_bytes(name: str, one: LoggedTransaction, receipt: Receipt, payload: bytes) -> Check:
    holds = sha256(one.envelope.encode()).hexdigest() == receipt.envelope
    holds = holds and sha256(payload).hexdigest() == receipt.transaction
    return Check(f"{name} bytes", holds, "as received" if holds else "these are not the bytes that the receipt names")


def _signed(name: str, envelope: Envelope, receipt: Receipt, known: dict[str, KeyOnRecord]) -> Check:
    parties = []
    for one in envelope.signatures:
        header = _header(from_base64url(one.protected))
        key = known.get(header.kid)
        if key is None:
            return Check(f"{name} signed", False, f"no proof that {header.kid} is on record")
        signing_input = f"{one.protected}.{envelope.payload}".encode("ascii")
        good = keys.verify(header.alg, bytes.fromhex(key.public), signing_input, from_base64url(one.signature))
        if not good or header.alg != key.scheme:
            return Check(f"{name} signed", False, f"the signature of {header.kid} does not hold")
        if receipt.height < key.since_height or (key.retired_height and receipt.height > key.retired_height):
            return Check(f"{name} signed", False, f"{header.kid} was not in force at height {receipt.height}")
        parties.append(key.party)
    return Check(f"{name} signed", bool(parties), "by " + ", ".join(parties))


def holds(checks: Sequence[Check]) -> bool:
    """Whether there is evidence at all and every check holds."""
    return bool(checks) and all(check.holds for check in checks)
