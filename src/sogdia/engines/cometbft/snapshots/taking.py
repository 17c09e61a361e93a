"""Taking a snapshot beside the running node: read from one instant of the store, written chunk by chunk, unhurried."""

import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from sogdia.core.codec import record_bytes
from sogdia.core.receipt import Seal
from sogdia.engines.cometbft.snapshots.folder import SnapshotFolder, write_durably
from sogdia.engines.cometbft.snapshots.form import (
    CHUNK_LIMIT_BYTES,
    FORMAT,
    IDS,
    METADATA_LIMIT_BYTES,
    RECORDS,
    TILES,
    Metadata,
    Scanned,
    SnapshotDamaged,
    bodies,
    packed,
)

RESTS: Final = 3
"""After each chunk the writer rests so many times as long as it worked: at most a quarter of a core is taken."""

Rest = Callable[[float], bool]
"""Waits so many seconds; True when it is time to stop."""


def take(
    store: Scanned, folder: SnapshotFolder, about: tuple[str, Seal, int], rest: Rest, chunk_bytes: int
) -> Metadata | None:
    """Write the snapshot of an instant into the folder; None when it was stopped.

    `about` is the network, the seal of that instant, and its height in CometBFT's count.
    """
    network, seal, ordered = about
    part, hashes, counts = folder.begin(ordered), list[bytes](), Counter[bytes]()
    began = time.monotonic()
    for body in bodies(store, counts, chunk_bytes):
        if len(body) > CHUNK_LIMIT_BYTES:
            raise SnapshotDamaged(f"a record of {len(body)} bytes fits into no chunk; the limit is {CHUNK_LIMIT_BYTES}")
        write_durably(part / f"{len(hashes):06}", packed(body))
        hashes.append(sha256(body).digest())
        if rest(RESTS * (time.monotonic() - began)):
            return None
        began = time.monotonic()
    metadata = Metadata(
        FORMAT, network, seal, ordered, counts[TILES], counts[RECORDS], counts[IDS], tuple(hashes)
    )  # fmt: skip
    raw = record_bytes(metadata)
    if len(raw) > METADATA_LIMIT_BYTES:
        raise SnapshotDamaged(f"metadata of {len(raw)} bytes; the limit is {METADATA_LIMIT_BYTES}")
    folder.add(part, metadata, raw)
    return metadata
