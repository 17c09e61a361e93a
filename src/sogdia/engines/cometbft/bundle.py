"""A block's transactions as CometBFT carries them: packed, because what it does costs by the byte.

Envelopes are base64 over JSON of few shapes: packed they are four to six times smaller, and so are the parts that are
gossiped, the logs that are written and the hashes that are computed, on every node. What is signed, decided and kept
are the envelopes as received; a bundle is only how they travel. zlib's output may differ from version to version: what
counts is what comes out. What CometBFT's mempool holds stands plain beside it, or the mempool would not let go of it.
"""

import zlib
from collections.abc import Container, Iterable, Iterator
from itertools import groupby
from struct import Struct
from typing import Final

MARK: Final = b"\x00sogdia1"
"""No envelope begins so: those are JSON."""
UNPACKED_LIMIT_BYTES: Final = 32 * 1024 * 1024
"""Most that a bundle may hold."""
_LENGTH: Final = Struct(">I")
_LEVEL: Final = 1


class BrokenBundle(ValueError):
    """Bytes that begin like a bundle and are none, or one that holds too much."""


def packed(raws: Iterable[bytes], plain: Container[bytes]) -> list[bytes]:
    """The transactions of a block, in order: those in `plain` as they are, what stands between them in bundles."""
    found: list[bytes] = []
    for is_plain, group in groupby(raws, key=lambda raw: raw in plain):
        run = list(group)
        found += run if is_plain else [_bundle(run)]
    return found


def unpacked(txs: Iterable[bytes]) -> list[bytes]:
    """What a block holds, in order. Raises BrokenBundle."""
    return [raw for tx in txs for raw in (_opened(tx) if is_bundle(tx) else (tx,))]


def is_bundle(tx: bytes) -> bool:
    """Whether these bytes claim to be one."""
    return tx.startswith(MARK)


def _bundle(raws: Iterable[bytes]) -> bytes:
    return MARK + zlib.compress(b"".join([_LENGTH.pack(len(raw)) + raw for raw in raws]), _LEVEL)


def _opened(bundle: bytes) -> Iterator[bytes]:
    opener = zlib.decompressobj()
    try:
        whole = opener.decompress(bundle[len(MARK) :], UNPACKED_LIMIT_BYTES)
    except zlib.error as wrong:
        raise BrokenBundle(f"a bundle that cannot be unpacked: {wrong}") from None
    if not opener.eof or opener.unused_data:
        raise BrokenBundle(f"a bundle that goes on, or holds more than {UNPACKED_LIMIT_BYTES} bytes")
    at = 0
    while at < len(whole):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(whole, at)[0] if start <= len(whole) else len(whole) + 1
        if at > len(whole):
            raise BrokenBundle("a bundle that ends within a transaction")
        yield whole[start:at]
