"""`sogdia prove`: evidence for a record, or for the whole trade of an order, as a file for `sogdia verify`."""

import os
from collections.abc import Sequence
from pathlib import Path

from sogdia.interfaces.cli import folders, keyrings, places, registry
from sogdia.interfaces.cli.terminal import Failure, tell

ORDERS = "orders.order"


def prove(
    to: str, wanted: Sequence[str], output: Path, *, key: str = "", keys: Path | None = None, party: str = ""
) -> None:
    """Write evidence for `TABLE KEY...`; Failure when the record is not there or not the asker's to see.

    In a folder the operator asks as the first party that the key names, unless told otherwise.
    """
    table, parts = _checked(wanted)
    pens = keyrings.pens([key] if key else [], keys or folders.keys_beside(to))
    asker = party or (pens[0].did if pens else _named(parts))
    with places.opened(to, pens[0] if pens else None, asker) as place:
        raw = place.evidence(table, *parts)
    if raw is None:
        raise Failure("nothing_to_prove", table=table, key=" ".join(parts))
    _write(output, raw)
    tell("proved", file=output, bytes=len(raw), table=table, key=" ".join(parts))


def _checked(wanted: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Table and key, as many parts as the table's key has."""
    tables = registry.tables()
    if not wanted or wanted[0] not in tables:
        raise Failure("table_unknown", table=wanted[0] if wanted else "-")
    table, parts = tables[wanted[0]], tuple(wanted[1:])
    if len(parts) != len(table.key):
        raise Failure("key_parts", table=wanted[0], expected=list(table.key), given=len(parts))
    return wanted[0], parts


def _named(parts: Sequence[str]) -> str:
    return next((part for part in parts if part.startswith("did:")), "")


def _write(path: Path, raw: bytes) -> None:
    """The file under its name is whole or not there."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
