"""`sogdia network backup`, `restore` and `drill`."""

import shutil
from pathlib import Path

from sogdia.app.organisation import NETWORK_FILE, homes
from sogdia.interfaces.cli.terminal import NO, emit_json, mark, note, stop, tell
from sogdia.interfaces.network.backup import backup as take
from sogdia.interfaces.network.drill import drill as rehearse
from sogdia.interfaces.network.restoring import restore as put_back


def backup(folder: Path, to: Path, only: str) -> None:
    """Copy each organisation of a folder; says where each copy is and what it holds."""
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / NETWORK_FILE).is_file():
        shutil.copy(folder / NETWORK_FILE, to / NETWORK_FILE)
    for home in homes(folder, only):
        place, manifest = take(home, to)
        size = sum(digest.size for digest in manifest.files.values())
        fields = {"height": manifest.height, "files": len(manifest.files), "bytes": size, "folder": place}
        tell("network_backed_up", organisation=manifest.organisation, **fields)
    note("network_backup_secret", folder=to)


def restore(source: Path, folder: Path, whole_network: bool, new_key: bool) -> None:
    """Put organisations back; says where each stands and when it votes again."""
    for one in put_back(source, folder, whole_network=whole_network, new_key=new_key):
        tell("network_restored", organisation=one.organisation, height=one.height, seconds=one.seconds)
        if one.validator:
            tell("network_new_key", organisation=one.organisation, validator=one.validator)
        else:
            tell("network_silent", organisation=one.organisation, height=one.silent_through)
    tell("network_next", folder=folder)


def drill(folder: Path, source: Path | None, only: str, as_json: bool) -> None:
    """Rehearse a recovery; exit status 1 when a backup does not hold."""
    found = [rehearse(home, source) for home in homes(folder, only)]
    if as_json:
        emit_json(found)
    else:
        for one in found:
            lost = "?" if one.lost_blocks is None else one.lost_blocks
            fields = {"height": one.height, "seconds": one.restore_seconds, "records": one.records, "lost": lost}
            print(mark(one.holds), end=" ")
            tell("network_drilled", organisation=one.organisation, mirror_seconds=one.mirror_seconds, **fields)
            if one.signed is not True:
                note("network_drill_unsigned" if one.signed is None else "network_drill_false")
            if one.mirror_differs:
                note("network_drill_mirror", tables=", ".join(one.mirror_differs))
    if not all(one.holds for one in found):
        stop(NO)
