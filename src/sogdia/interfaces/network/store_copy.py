"""Copies of databases that another process is writing.

RocksDB (ours) is read beside its writer, in one instant. LevelDB (CometBFT's) is copied as files: tables never change
once written, so links to them are enough; the manifest that names them must be the same before and after.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rocksdict import AccessType, Options, Rdict

from sogdia.app.organisation import NetworkError
from sogdia.engines.store import RocksStore

BATCH_KEYS: Final = 20_000
READINGS: Final = 3
ATTEMPTS: Final = 100
_PAUSE_SECONDS: Final = 0.05
_NAMING: Final = ("CURRENT", "MANIFEST-")


def copy_rocks(source: Path, target: Path) -> None:
    """Write a RocksDB as it stands this instant into a new folder, while its node may be writing on.

    Tables that the node merges while they are being read may vanish; then it begins again. NetworkError in the end.
    """
    problem = ""
    for _ in range(READINGS):
        try:
            _read_rocks(source, target)
        except Exception as gone:  # rocksdict has no kinds of its own
            problem = str(gone)
            shutil.rmtree(target, ignore_errors=True)
        else:
            return
    raise NetworkError(f"{source} cannot be read while it is written: {problem}. Try again with less traffic")


def _read_rocks(source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sogdia-copy-") as own:
        reader = Rdict(str(source), Options(raw_mode=True), access_type=AccessType.secondary(own))
        writer = RocksStore(target)
        try:
            batch = dict[bytes, bytes | None]()
            for key, value in reader.items():
                assert isinstance(key, bytes)
                batch[key] = value
                if len(batch) >= BATCH_KEYS:
                    writer.write(batch)
                    batch = {}
            writer.write(batch)
            writer.sync()
        finally:
            writer.close()
            reader.close()


def copy_leveldbs(data: Path, target: Path, names: tuple[str, ...], height: Callable[[], int | None]) -> int | None:
    """Copy CometBFT's databases of these names, in this order, between two of its blocks.

    `height` gives its height, None when it does not run. Gives the height that the copy has. NetworkError when it
    never rests long enough.
    """
    for _ in range(ATTEMPTS):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o700)
        before = height()
        if all(_is_copied(data / name, target / name) for name in names) and height() == before:
            return before
        time.sleep(_PAUSE_SECONDS)
    raise NetworkError(f"{data} changes too fast to be copied. Take the backup when there is less traffic")


def _is_copied(source: Path, target: Path) -> bool:
    """Whether the copy is of one state; False when tables were made or dropped meanwhile."""
    before = _naming(source)
    target.mkdir(mode=0o700)
    try:
        for path in sorted(source.iterdir()):
            if path.suffix in (".ldb", ".sst"):
                _link(path, target / path.name)
            elif path.name.startswith(_NAMING) or path.suffix == ".log":
                shutil.copyfile(path, target / path.name)
    except FileNotFoundError:
        return False
    return _naming(source) == before


def _naming(folder: Path) -> dict[str, tuple[int, int]]:
    """What names the files that belong together, and the files there are."""
    found = {}
    for path in folder.iterdir():
        if path.suffix == ".log" or path.name in ("LOG", "LOG.old", "LOCK"):
            found[path.name] = (0, 0)  # a log grows at its end, which does no harm
            continue
        try:
            told = path.stat()
        except FileNotFoundError:
            return {}
        found[path.name] = (told.st_size, told.st_mtime_ns)
    return found


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
