"""Evidence: everything that a stranger needs to check a trade offline, in one JSON file, beside what he trusts.

Each check has a name and stands alone. Nothing is believed that does not follow from the network's public key, or from
a trusted header of a network of organisations: the checkpoint is signed by the key, or stands in a header that the
validators signed; receipts are leaves of the checkpoint's log (RFC 6962); records and keys stand in the checkpoint's
state tree (ICS-23), or a key is the one that its party is named after; signatures are the parties' own (JWS, Ed25519).
Read-only, no network, no clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from sogdia.client.light.blocks import LightBlock, LightBlockRefused
from sogdia.client.light.chain import Signed, follow
from sogdia.client.light.trusted import Trusted
from sogdia.client.newcomers import newcomers_keys
from sogdia.core import keys, log, note, tree
from sogdia.core.codec import from_base64url, json_bytes
from sogdia.core.module import KeyOnRecord
from sogdia.core.receipt import ACCEPTED, Receipt, decode_receipt
from sogdia.core.transaction import Envelope, Header
from sogdia.core.values import CLOCK_TOLERANCE_MS

FORMAT = "sogdia-evidence/1"
SIZE_LIMIT_BYTES = 64 * 1024 * 1024
MAX_LIGHT_BLOCKS: Final = 1000
_DAY_MS: Final = 86_400_000


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


LightProof = Annotated[tuple[LightBlock, ...], Meta(max_length=MAX_LIGHT_BLOCKS)]
"""Blocks in ascending height; the app hash of the last header is the SHA-256 of the checkpoint's text."""


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
    light: LightProof = ()


class Check(msgspec.Struct, frozen=True):
    """One check: its name, whether it holds, and what it found."""

    name: str
    holds: bool
    detail: str


class _Sealed(msgspec.Struct, frozen=True):
    """What a checkpoint says: the log's size and root, the state root, height and time; and its text's SHA-256."""

    checkpoint: note.Checkpoint
    height: int
    time_ms: int
    state_root: bytes
    digest: bytes


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


def verify(
    evidence: Evidence,
    network_key: str | None = None,
    fields: Mapping[str, Sequence[str]] | None = None,
    *,
    trusted: Trusted | None = None,
    now_ms: int | None = None,
    trusting_period_ms: int | None = None,
) -> list[Check]:
    """Every check by name; evidence holds when all of them do. Takes the network's key or a trusted header, not both.

    `fields` are the field names of each table, so that a record cannot be shown under other names than its own. With a
    trusting period (milliseconds), a trusted header that is older at `now_ms` (UTC) is not believed. What a file holds
    is proved; that it holds everything is not: whoever made it may have left things out. ValueError when what to trust
    is not said, or said twice.
    """
    if (network_key is None) == (trusted is None) or (now_ms is None) != (trusting_period_ms is None):
        raise ValueError("verify takes a network key or a trusted header, and a trusting period only with the time")
    checks = list(_vouched(evidence, trusted, now_ms, trusting_period_ms)) if trusted else []
    if not all(check.holds for check in checks):
        return [*checks, Check("checkpoint", False, "no header that holds carries it")]
    open_text = _of_origin(trusted.origin) if trusted else _of_key(network_key or "")
    sealed = _checkpoint(evidence.checkpoint, open_text)
    if isinstance(sealed, str):
        return [*checks, Check("checkpoint", False, sealed)]
    checks.append(_stands(evidence, sealed, trusted))
    if not checks[-1].holds:
        return checks
    checks += [_history(evidence, sealed, open_text, trusted is not None), _subject(evidence)]
    keys_on_record = _proved_keys(evidence, sealed)
    checks += [_guarded("record", partial(_record, record, sealed, fields)) for record in evidence.records]
    checks += [_guarded("absence", partial(_absence, absence, sealed)) for absence in evidence.absences]
    newcomers = newcomers_keys(one.envelope for one in evidence.transactions)
    for one in evidence.transactions:
        checks += _transaction(one, evidence.network, sealed, keys_on_record, newcomers)
    if not evidence.transactions and not evidence.records and not evidence.absences:
        checks.append(Check("content", False, "the file proves nothing: no transaction, no record, no absence"))
    return checks


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """A check on hostile input may meet anything; whatever it is, the check does not hold."""
    try:
        return check()
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as wrong:
        return Check(name, False, f"cannot be read: {wrong}")


# --- who stands for the checkpoint ----------------------------------------------------------------------------------


def _of_key(network_key: str) -> Callable[[str], str]:
    return lambda signed: note.open_note(signed.encode(), network_key)


def _of_origin(origin: str) -> Callable[[str], str]:
    """The text of a note, or a bare text; nobody's signature on it counts, only what the header says."""

    def text_of(given: str) -> str:
        text = note.split(given.encode())[0] if "\n\n" in given else given
        if not text.startswith(f"{origin}\n"):
            raise ValueError(f"its origin is not {origin}")
        return text

    return text_of


def _checkpoint(given: str, open_text: Callable[[str], str]) -> _Sealed | str:
    try:
        text = open_text(given)
        found = note.Checkpoint.parse(text)
        lines = dict(line.split(" ", 1) for line in found.extensions)
        digest = sha256(text.encode()).digest()
        return _Sealed(found, int(lines["height"]), int(lines["time_ms"]), bytes.fromhex(lines["state"]), digest)
    except (ValueError, KeyError) as wrong:
        return f"the checkpoint does not hold: {wrong}"


def _vouched(evidence: Evidence, trusted: Trusted, now_ms: int | None, period_ms: int | None) -> Iterator[Check]:
    """The trusted header, and the way from it to the last light block, block by block."""
    header = trusted.header
    told = f"height {header.height} of chain {header.chain}, hash {trusted.fingerprint}"
    mine = evidence.network == trusted.network
    yield Check("trusted header", mine, told if mine else f"it is of network {trusted.network}, the file of another")
    if now_ms is not None and period_ms is not None:
        days, age_ms = period_ms // _DAY_MS, now_ms - header.time.ms
        holds = -CLOCK_TOLERANCE_MS <= age_ms <= period_ms
        yield Check("trusting period", holds, f"the trusted header is {age_ms // _DAY_MS} days old, of {days} at most")
    try:
        for step in follow(trusted.known(), evidence.light):
            yield Check(f"light block {step.height}", True, _who(step))
    except LightBlockRefused as wrong:
        yield Check(f"light block {wrong.height}", False, str(wrong))


def _who(step: Signed) -> str:
    of_all = f"{step.validators} of {step.of_validators} validators, power {step.power} of {step.of_power}"
    if not step.of_trusted_power:
        return f"signed by {of_all}"
    return f"signed by {of_all}; of those trusted before, power {step.trusted_power} of {step.of_trusted_power}"


def _stands(evidence: Evidence, sealed: _Sealed, trusted: Trusted | None) -> Check:
    """The checkpoint's text is the one that the key signed, or that the last header carries."""
    size = f"{sealed.checkpoint.size} log entries"
    if trusted is None:
        return Check("checkpoint", True, f"signed by {sealed.checkpoint.origin} at height {sealed.height}, {size}")
    header = evidence.light[-1].header if evidence.light else trusted.header
    if header.height < trusted.header.height:
        older = f"it stands at height {header.height}, below the trusted {trusted.header.height}"
        return Check("checkpoint", False, f"{older}: ask for newer evidence, or trust an older header")
    if header.app_hash != sealed.digest:
        return Check("checkpoint", False, f"the header of height {header.height} carries another text than this")
    carried = f"in the header of height {header.height} of chain {header.chain}"
    return Check("checkpoint", True, f"{carried}: height {sealed.height} of the record, {size}")


def _history(evidence: Evidence, sealed: _Sealed, open_text: Callable[[str], str], by_log_alone: bool) -> Check:
    if evidence.earlier is None:
        return Check("history", True, "no earlier checkpoint was given to compare with")
    earlier = _checkpoint(evidence.earlier.checkpoint, open_text)
    if isinstance(earlier, str):
        return Check("history", False, earlier)
    old, new = earlier.checkpoint, sealed.checkpoint
    holds = log.verify_consistency(old.size, old.root, new.size, new.root, evidence.earlier.consistency)
    grown = f"from {old.size} to {new.size} entries"
    grown += " (by the log alone: no header was asked for the earlier one)" if by_log_alone else ""
    grown += "" if by_log_alone else f" since height {earlier.height}"
    return Check("history", holds, f"only appended to, {grown}" if holds else f"rewritten {grown}")


def _subject(evidence: Evidence) -> Check:
    """The record that the file says it is about is one that it shows."""
    about = f"{evidence.subject.get('table', '')} {evidence.subject.get('key', '')}".strip()
    if not about:
        return Check("subject", True, "the file names no record as its subject")
    keys_shown = [*(one.proof.key for one in evidence.records), *(one.key for one in evidence.absences)]
    said = about.encode("utf-8", "replace")
    holds = any(key.replace(bytes(1), b" ").strip() == said for key in keys_shown)  # a last field may be empty
    return Check("subject", holds, about if holds else f"{about} is not among what the file shows")


def _proved_keys(evidence: Evidence, sealed: _Sealed) -> dict[str, KeyOnRecord]:
    found = {}
    for record in evidence.records:
        is_key = record.table == "identity.key" and _is_of_table(record.table, record.proof.key)
        if is_key and tree.verify_membership(sealed.state_root, record.proof):
            with suppress(msgspec.DecodeError):  # a state may hold what is no key; it opens nothing
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
    one: LoggedTransaction,
    network: str,
    sealed: _Sealed,
    known: dict[str, KeyOnRecord],
    newcomers: dict[str, KeyOnRecord],
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
    at_hand = newcomers if receipt.code == ACCEPTED else {}
    yield _guarded(f"{name} signed", lambda: _signed(name, envelope, receipt, known, at_hand))


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


def _signed(
    name: str, envelope: Envelope, receipt: Receipt, known: dict[str, KeyOnRecord], newcomers: dict[str, KeyOnRecord]
) -> Check:
    """Each signature holds under a key that was in force, or that names a party which was on no record yet."""
    parties = []
    for one in envelope.signatures:
        header = _header(from_base64url(one.protected))
        key = known.get(header.kid)
        if key is None or receipt.height < key.since_height:
            key = newcomers.get(header.kid, key)
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
