"""What organisations have on their disks after a bad day: compared with each other, with receipts, with a replay."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from sogdia.core.codec import from_base64url
from sogdia.core.log import leaf_hash, root_of
from sogdia.core.machine import SEAL_KEY
from sogdia.core.receipt import ACCEPTED, Receipt, Seal, decode_outcome, decode_receipt
from sogdia.engines.journal import Journal, JournalBlock
from sogdia.engines.store import RocksStore


class Record(msgspec.Struct, frozen=True):
    """What one organisation's folder holds: the seal of its store, its journal, the log's entries in order."""

    seal: Seal
    blocks: tuple[JournalBlock, ...]
    entries: tuple[bytes, ...]


def read(folder: Path) -> Record:
    """Read the folder of an organisation that does not run."""
    journal, store = Journal(folder / "journal"), RocksStore(folder / "state")
    assert journal.torn is None, "an unfinished block is overwritten by the next one"
    try:
        seal = msgspec.msgpack.decode(store.get(SEAL_KEY) or b"", type=Seal)
        outcomes = [decode_outcome(store.get(b"O%016x" % height) or b"") for height in range(1, seal.height + 1)]
    finally:
        store.close()
    entries = tuple(done.receipt for outcome in outcomes for done in outcome.done)
    return Record(seal, tuple(block for _, block in journal.blocks()), entries)


def compare(folders: Sequence[Path], given: Mapping[bytes, Receipt]) -> None:
    """All hold the same, which is every receipt that was given and no other, and it replays to the same seal."""
    first, *others = [read(folder) for folder in folders]
    for other in others:
        assert other.seal == first.seal, "one seal: height, time, state root, log root"
        assert other.entries == first.entries, "one log, byte for byte"
        assert other.blocks == first.blocks, "one journal"
    assert first.blocks[-1].seal == first.seal
    assert len(first.entries) == first.seal.log_size
    assert root_of([leaf_hash(entry) for entry in first.entries]) == first.seal.log_root
    _compare_receipts(first, given)
    _replay(folders[0], first.seal)


def _compare_receipts(record: Record, given: Mapping[bytes, Receipt]) -> None:
    told = {block.height for block in record.blocks if block.told}
    receipts = [decode_receipt(entry) for entry in record.entries]
    logged = {r.entry() for r in receipts if not (r.height in told and r.index == 0)}
    assert logged == {receipt.entry() for receipt in given.values()}, "the receipts that were given, and no others"
    accepted = Counter(r.transaction for r in receipts if r.code == ACCEPTED)
    assert set(accepted.values()) == {1}, "no transaction counts twice"
    envelopes = Counter(raw for block in record.blocks for raw in block.transactions)
    assert set(envelopes.values()) <= {1}, "no envelope stands twice"
    assert envelopes.keys() == given.keys()


def _replay(folder: Path, seal: Seal) -> None:
    """The journal on the embedded machine, and once more the log that this exported."""
    exported = folder.parent / "exported.ndjson"
    for arguments in ([str(folder), "--export", str(exported)], ["--from", str(exported)]):
        found = sogdia("replay", *arguments, "--json")
        assert found["problem"] == ""
        assert (found["height"], found["state_root"]) == (seal.height, seal.state_root.hex())
        assert found["log_root"] == seal.log_root.hex()


def sogdia(*arguments: str) -> Any:
    """What `sogdia` prints as JSON."""
    done = subprocess.run([sys.executable, "-m", "sogdia.interfaces.cli", *arguments], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout)


def name_of(raw: bytes) -> str:
    """The id of a transaction."""
    return sha256(from_base64url(msgspec.json.decode(raw)["payload"])).hexdigest()
