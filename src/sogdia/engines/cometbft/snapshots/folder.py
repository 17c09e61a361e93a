"""Where a node keeps the snapshots that it can give: a folder for each, under a temporary name until it is whole."""

import logging
import os
import shutil
from pathlib import Path
from typing import Final

import msgspec

from sogdia.engines.cometbft.snapshots.form import FORMAT, Metadata, decode_metadata

KEPT: Final = 2
"""How many; a node that joins needs the newest, and the one before while it is fetching that."""
_METADATA: Final = "metadata"
_NAMES: Final = "[0-9]" * 16
_log = logging.getLogger(__name__)


class SnapshotFolder:
    """The snapshots in a folder, each under its height in CometBFT's count. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for rest in folder.glob("*.part"):
            shutil.rmtree(rest)
        self._held = tuple(found for path in sorted(folder.glob(_NAMES)) if (found := _read(path)) is not None)

    @property
    def held(self) -> tuple[Metadata, ...]:
        """Those that are whole, the oldest first."""
        return self._held

    def chunk(self, ordered: int, index: int) -> bytes:
        """A chunk as it is sent; empty when there is none."""
        try:
            return (self._folder / _name(ordered) / f"{index:06}").read_bytes()
        except FileNotFoundError:
            return b""

    def begin(self, ordered: int) -> Path:
        """An empty folder to write a snapshot into."""
        part = self._folder / (_name(ordered) + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        return part

    def add(self, part: Path, metadata: Metadata, raw: bytes) -> None:
        """Put a snapshot whose chunks are written among the others, and take down what is too old."""
        write_durably(part / _METADATA, raw)
        whole = self._folder / _name(metadata.ordered)
        shutil.rmtree(whole, ignore_errors=True)
        part.rename(whole)
        standing = [one for one in self._held if one.ordered != metadata.ordered]
        self._held = tuple(sorted([*standing, metadata], key=lambda one: one.ordered)[-KEPT:])
        kept = {_name(one.ordered) for one in self._held}
        for path in self._folder.glob(_NAMES):
            if path.name not in kept:
                shutil.rmtree(path)


def write_durably(path: Path, raw: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _name(ordered: int) -> str:
    return f"{ordered:016}"


def _read(path: Path) -> Metadata | None:
    try:
        found = decode_metadata((path / _METADATA).read_bytes())
    except (OSError, msgspec.MsgspecError) as wrong:
        _log.warning("%s holds no snapshot: %s", path, wrong)
        return None
    return found if found.format == FORMAT else None
