"""C2SP tlog-tiles: what the public reads of the log, as paths and bytes that any web server can hand out.

`/checkpoint`; `/tile/<level>/<n>` with 256 hashes or `/tile/<level>/<n>.p/<width>` with fewer; `/tile/entries/<n>` with
the entries themselves. The number n is cut into groups of three digits, all but the last after an x: x001/x234/067.
Full tiles never change and may be kept by caches for ever. Pure; source: github.com/C2SP/C2SP, tlog-tiles v0.1.0.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sogdia.core.keys import SigningKey
from sogdia.core.log import TILE_WIDTH, Log
from sogdia.core.note import Checkpoint, sign

CHECKPOINT_PATH: Final = "checkpoint"
MAX_ENTRY_BYTES: Final = 65_535
"""Longest entry that fits an entry bundle, whose lengths are two bytes."""
MAX_LEVEL: Final = 63

_HASH_BYTES: Final = 32
_PATH: Final = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class MalformedTile(ValueError):
    """The path is not that of a tile, or the bytes are not an entry bundle."""


class Tile(msgspec.Struct, frozen=True):
    """A place in the published log."""

    level: int | None
    """Level of the hashes, 0 for those of the entries; None for the bundle of the entries themselves."""
    index: int
    width: int = TILE_WIDTH
    """Hashes or entries in it, 1 to 256; below 256 it is partial."""

    @property
    def path(self) -> str:
        """Where it is published, without a leading slash."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_digits(self.index)}{partial}"


def _digits(index: int) -> str:
    text = f"{index:03}"
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[at : at + 3] for at in range(0, len(text), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def parse_path(path: str) -> Tile:
    """The tile or bundle behind a path; every place has one spelling."""
    found = _PATH.fullmatch(path)
    if not found:
        raise MalformedTile("a tile's path is tile/<level or entries>/<n as x001/234>[.p/<width>]")
    level = None if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("/", "").replace("x", "")), int(found[3] or TILE_WIDTH))
    if tile.path != path or (level or 0) > MAX_LEVEL:
        raise MalformedTile(f"no tile has this path; the nearest is {tile.path}")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of hashes that a log of this many entries has, level by level; the last of a level may be partial."""
    level = 0
    while size:
        size, width = divmod(size, TILE_WIDTH)
        yield from (Tile(level, index) for index in range(size))
        if width:
            yield Tile(level, size, width)
        level += 1


def read_tile(log: Log, tile: Tile) -> bytes | None:
    """The bytes of a tile of hashes, 32 per hash; None when the log does not reach so far.

    A partial tile stays readable after it has grown: hashes in it never change.
    """
    if tile.level is None:
        raise MalformedTile("the log keeps the hashes of entries; the entries are with whoever runs it")
    found = log.tile(tile.level, tile.index) or b""
    wanted = tile.width * _HASH_BYTES
    return found[:wanted] if len(found) >= wanted else None


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: 1 to 256 entries in order, each after its length in two bytes, big-endian."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedTile(f"a bundle has 1 to {TILE_WIDTH} entries, got {len(entries)}")
    for at, entry in enumerate(entries):
        if len(entry) > MAX_ENTRY_BYTES:
            raise MalformedTile(f"entry {at} has {len(entry)} bytes, a bundle takes at most {MAX_ENTRY_BYTES}")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        entries.append(bundle[start:at])
    if at != len(bundle) or not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedTile(f"an entry bundle holds 1 to {TILE_WIDTH} whole entries and nothing else")
    return entries


def checkpoint(log: Log, origin: str, signing_key: SigningKey, extensions: tuple[str, ...] = ()) -> bytes:
    """The signed checkpoint of the log as committed; the origin is also the name of the key."""
    return sign(Checkpoint(origin, log.size, log.root, extensions).text(), origin, signing_key)
