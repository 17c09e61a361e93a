"""What a node keeps beside the record, copied while it runs: notes and settings of EPCIS, resolver, scans and console.

Capture jobs are copied before the record: a job that is unfinished in the copy is handed in again with the same bytes
after a restore, and what stands on the record by then is not done twice. The other way round a job could be finished in
its notes and be on no record.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from sogdia.interfaces.console import notebook as console_notebook
from sogdia.interfaces.epcis import notebook
from sogdia.interfaces.epcis import settings as epcis_settings
from sogdia.interfaces.resolver import scans
from sogdia.interfaces.resolver import settings as resolver_settings

DATABASES: Final = (notebook.FILE, scans.FILE, console_notebook.FILE)
"""Of SQLite. They hold transactions, secrets of subscribers and users, hashes of API keys; of scans no address."""
SETTINGS: Final = (epcis_settings.FILE, resolver_settings.FILE)
_BUSY_SECONDS: Final = 30.0


def copy_side_files(folder: Path, target: Path) -> None:
    """Copy those that are there."""
    for name in DATABASES:
        if (folder / name).is_file():
            copy_sqlite(folder / name, target / name)
    for name in SETTINGS:
        with suppress(FileNotFoundError):
            shutil.copy(folder / name, target / name)


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a database as it stands this instant, with what its log holds, into one new file of mode 600."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode=DELETE")
