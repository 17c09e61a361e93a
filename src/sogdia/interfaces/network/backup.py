"""A consistent copy of one organisation's folder, taken while it runs.

Order matters. What the node notes beside the record is copied first (`side_files`), then our own record, and CometBFT's
blocks last, so that in the copy CometBFT is never behind us: it hands us again what we lack, and refuses to start when
we have what it lacks. The journal alone rebuilds our state; a node that joined by snapshot has no journal from the
beginning, so its state is copied too, before the journal.
Left out are the mirror and snapshots, which are made again, and CometBFT's write-ahead log: what it holds are votes of
an unfinished block, and `votes` sees to those.

The folder that is made holds keys: whoever has it can act as the organisation. Encrypted keys stay encrypted.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Final, Literal

import msgspec

from sogdia.app import milliseconds
from sogdia.app.organisation import Home, NetworkError
from sogdia.app.sockets import asked
from sogdia.core.machine import SEAL_KEY
from sogdia.core.receipt import Seal
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.engines.journal import Journal, JournalBlock
from sogdia.engines.kept import ORDERED_KEY
from sogdia.engines.store import RocksStore
from sogdia.interfaces.http.measures import BACKUP_FILE, LastBackup
from sogdia.interfaces.network.side_files import copy_side_files
from sogdia.interfaces.network.store_copy import copy_leveldbs, copy_rocks
from sogdia.interfaces.network.votes import FILE as LAST_VOTE

FORMAT: Final = "sogdia-backup/1"
MANIFEST: Final = "manifest.json"
FILES: Final = ("organisation.json", "network.json", "organisation.key", "organisation.vkey", "sealed.key")
STORES: Final = ("sealed", "courier")
CONFIG: Final = ("genesis.json", "node_key.json", "priv_validator_key*.json")
"""Also a key that is on its way to take the place of another."""
DATABASES: Final = ("state.db", "evidence.db", "blockstore.db")
"""CometBFT's; the blocks last, so that its state is never ahead of them."""
_PART: Final = ".part"
_decode_seal = msgspec.msgpack.Decoder(Seal).decode


class Digest(msgspec.Struct, frozen=True):
    """One file of a backup."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: where its record stands, and every file with its digest."""

    format: Literal["sogdia-backup/1"] = FORMAT
    organisation: str
    did: str
    chain: str
    made_ms: int
    height: int
    """Last block of the record."""
    ordered: int
    """The same block in CometBFT's count; its own databases may be further on."""
    cometbft_height: int
    """Highest of CometBFT's blocks that is in the copy."""
    state_root: str
    log_root: str
    log_size: int
    files: dict[str, Digest]


def backup(home: Home, to: Path) -> tuple[Path, Manifest]:
    """Copy an organisation into a new folder below `to`; gives the folder, which is there whole or not at all."""
    own, made_ms = home.read(), milliseconds()
    place = to / own.name / f"{made_ms:015d}"
    part = place.with_name(place.name + _PART)
    part.mkdir(mode=0o700, parents=True)
    try:
        copy_side_files(home.folder, part)
        _copy_record(home, part)
        height = _copy_cometbft(home, part)
        last = last_block(part)
        manifest = Manifest(
            organisation=own.name,
            did=own.did,
            chain=own.chain,
            made_ms=made_ms,
            height=last.height,
            ordered=last.ordered,
            cometbft_height=max(height, last.ordered),
            state_root=last.seal.state_root.hex(),
            log_root=last.seal.log_root.hex(),
            log_size=last.seal.log_size,
            files=digests(part),
        )
        (part / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
        _settle(part)
        part.rename(place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    noted = LastBackup(str(place.resolve()), manifest.height, made_ms)
    (home.folder / BACKUP_FILE).write_bytes(msgspec.json.encode(noted))
    return place, manifest


def _copy_record(home: Home, part: Path) -> None:
    for name in FILES:
        with suppress(FileNotFoundError):
            shutil.copy(home.folder / name, part / name)
    shutil.copytree(home.keys, part / "keys")
    (part / "keys").chmod(0o700)
    for name in STORES:
        if (home.folder / name / "CURRENT").exists():
            copy_rocks(home.folder / name, part / name)
    segments = sorted((home.folder / "journal").glob("*.blocks"))
    if not segments or int(segments[0].name.partition(".")[0]) > 1:
        copy_rocks(home.folder / "state", part / "state")
    (part / "journal").mkdir()
    for segment in sorted((home.folder / "journal").glob("*.blocks")):
        shutil.copy(segment, part / "journal" / segment.name)


def _copy_cometbft(home: Home, part: Path) -> int:
    """CometBFT's part; gives the height of its copy, 0 when it does not run to tell."""
    config, data = part / "cometbft" / "config", part / "cometbft" / "data"
    config.mkdir(mode=0o700, parents=True)
    for pattern in CONFIG:
        for path in home.config.glob(pattern):
            shutil.copy(path, config / path.name)

    def height() -> int | None:
        try:
            with asked(home.folder) as rpc:
                return rpc.status().sync_info.latest_block_height
        except (OSError, RpcError):
            return None

    staged = home.cometbft / f".backup-{os.getpid()}"  # on the same disk, so that tables can be linked
    try:
        copied = copy_leveldbs(home.data, staged, DATABASES, height)
        shutil.copytree(staged, data)
        shutil.copy(home.data / LAST_VOTE, data / LAST_VOTE)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return copied or 0


def last_block(folder: Path) -> JournalBlock:
    """The last block that a backup holds: where its journal ends, or its state where there is no journal."""
    if any((folder / "journal").glob("*.blocks")):
        journal = Journal(folder / "journal")
        if journal.height:
            *_, (_, block) = journal.blocks(after_height=journal.height - 1)
            return block
    store = RocksStore(folder / "state")
    try:
        seal, ordered = store.get(SEAL_KEY), store.get(ORDERED_KEY)
    finally:
        store.close()
    if seal is None or ordered is None:
        raise NetworkError("there is no block yet, so there is nothing to back up. Start the organisation first")
    stood = _decode_seal(seal)
    return JournalBlock(stood.height, stood.time_ms, (), stood, b"", msgspec.msgpack.decode(ordered, type=int))


# --- files -----------------------------------------------------------------------------------------------------------


def digests(folder: Path) -> dict[str, Digest]:
    """SHA-256 and size of every file in a folder but the manifest, by its path in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = Digest(file_digest(file, "sha256").hexdigest(), path.stat().st_size)
    return found


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup; NetworkError when there is none."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise NetworkError(f"{folder} holds no backup: there is no {MANIFEST} in it") from None
    except msgspec.MsgspecError as wrong:
        raise NetworkError(f"{folder / MANIFEST} is not as it must be: {wrong}") from None


def check_files(folder: Path, manifest: Manifest) -> None:
    """Hold every file against the manifest; NetworkError names those that differ."""
    found = digests(folder)
    wrong = [name for name, digest in manifest.files.items() if found.get(name) != digest]
    wrong += [name for name in found if name not in manifest.files]
    if wrong:
        raise NetworkError(f"the backup in {folder} is damaged: {', '.join(wrong[:5])}. Take an older one")


def newest(folder: Path, name: str = "") -> Path:
    """The newest backup below a folder, or the folder itself when it is one."""
    if (folder / MANIFEST).is_file():
        return folder
    found = sorted(_below(folder / name if name and (folder / name).is_dir() else folder), key=lambda path: path.name)
    if not found:
        raise NetworkError(f"there is no backup in {folder}. Make one: sogdia network backup DIR --to {folder}")
    return found[-1]


def _below(folder: Path) -> Iterator[Path]:
    for pattern in (f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
        yield from (path.parent for path in folder.glob(pattern) if not path.parent.name.endswith(_PART))


def _settle(folder: Path) -> None:
    """Wait until every file is on the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
