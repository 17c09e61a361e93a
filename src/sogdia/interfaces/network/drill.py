"""A rehearsal: the newest backup is put back into a scratch folder, and the running network is left alone.

The restored record must end in the seal that the manifest names, and its app hash must be the one that the running
network has signed for that height. A mirror is made from it, which must hold as many records as the state does.
"""

import tempfile
import time
from pathlib import Path

import msgspec
import sqlalchemy as sql

from sogdia.app import TABLES
from sogdia.app.organisation import Home, NetworkError
from sogdia.app.sockets import asked
from sogdia.core.state import Committed
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.cli import mirroring
from sogdia.interfaces.http.measures import BACKUP_FILE, LastBackup
from sogdia.interfaces.network.backup import newest, read_manifest
from sogdia.interfaces.network.restoring import Restored, opened, restore_one
from sogdia.interfaces.network.status import network_standing
from sogdia.mirror.picture import SqlPicture


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """What one organisation's backup is worth today."""

    organisation: str
    backup: str
    made_ms: int
    height: int
    restore_seconds: float
    """From the backup to a record whose every block was executed again."""
    mirror_seconds: float
    """From there to a SQL picture."""
    lost_blocks: int | None
    """Blocks of the record since the backup, which other members have; None when the organisation does not run."""
    signed: bool | None
    """Whether the running network has signed what was restored; None when it does not say."""
    records: int
    mirror_differs: tuple[str, ...]
    """Tables of which the mirror holds more or fewer records than the state."""

    @property
    def holds(self) -> bool:
        """Whether the backup is good."""
        return self.signed is not False and not self.mirror_differs


def drill(home: Home, source: Path | None = None) -> Drill:
    """Try the newest backup of an organisation, from `source` or where the last one went."""
    own = home.read()
    place = newest(source, own.name) if source else _last(home)
    manifest = read_manifest(place)
    with tempfile.TemporaryDirectory(prefix="sogdia-drill-") as scratch:
        folder = Path(scratch) / own.name
        restored = restore_one(place, folder, manifest.cometbft_height)
        began = time.monotonic()
        records, differs = _mirrored(folder, Path(scratch) / "mirror.sqlite")
        mirror_seconds = round(time.monotonic() - began, 3)
    now = network_standing(home.folder).organisations[0].machine_height
    return Drill(
        organisation=own.name,
        backup=str(place),
        made_ms=manifest.made_ms,
        height=manifest.height,
        restore_seconds=restored.seconds,
        mirror_seconds=mirror_seconds,
        lost_blocks=None if now is None else now - manifest.height,
        signed=_is_signed(home, restored),
        records=records,
        mirror_differs=differs,
    )


def _last(home: Home) -> Path:
    try:
        return Path(msgspec.json.decode((home.folder / BACKUP_FILE).read_bytes(), type=LastBackup).folder)
    except FileNotFoundError:
        raise NetworkError(f"{home.folder} was never backed up. Do it: sogdia network backup DIR --to FOLDER") from None


def _mirrored(folder: Path, file: Path) -> tuple[int, tuple[str, ...]]:
    """How many records there are, and the tables of which a mirror has another number."""
    node, url = opened(folder), f"sqlite:///{file}"
    try:
        mirroring.catch_up(node, url)
        picture = SqlPicture(url, TABLES)
        try:
            view = Committed(node.store, cached=0)
            stand = {name: sum(1 for _ in table.under(view)) for name, table in TABLES.items()}
            counts = {name: _count(picture, name) for name in TABLES}
        finally:
            picture.close()
    finally:
        node.close()
    return sum(stand.values()), tuple(name for name in TABLES if stand[name] != counts[name])


def _count(picture: SqlPicture, name: str) -> int:
    statement = sql.select(sql.func.count().label("records")).select_from(picture.table(TABLES[name]))
    return int(picture.rows(statement)[0]["records"])


def _is_signed(home: Home, restored: Restored) -> bool | None:
    """Whether a header of the running network carries the app hash; the one after the block does."""
    try:
        with asked(home.folder) as rpc:
            return rpc.commit(restored.ordered + 1).header.app_hash.hex() == restored.app_hash
    except (OSError, RpcError):
        return None
