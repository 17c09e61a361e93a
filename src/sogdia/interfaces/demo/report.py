"""What a rehearsal came to: counted on the record and in the notes beside it, so that a second run says the same."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from sogdia.client.connection import Connection
from sogdia.interfaces.demo.stands import Stand
from sogdia.interfaces.intake.notes import Lines, counts


def figures(connection: Connection) -> dict[str, Any]:
    """What stands on the record, by the queries that anyone with the platform's rights may ask."""
    phases = connection.query("customs/counts_by_phase")
    money = connection.query("payments/totals_by_currency")
    destinations = connection.query("orders/totals_by_destination")
    status = connection.status()
    return {
        "placed": sum(row["orders"] for row in destinations),
        "declared": sum(row["lists"] for row in phases),
        "released": sum(row["lists"] for row in phases if row["phase"] in ("released", "closed")),
        "lists": {f"{row['subject']} {row['phase']}": row["lists"] for row in phases},
        "money": money,
        "tax": connection.query("tax/totals_by_kind"),
        "destinations": destinations,
        "log_size": status["log_size"],
        "state_root": status["state_root"],
        "height": status["height"],
    }


def wait_for_mirror(connection: Connection, processes: Stand) -> None:
    """Return when the picture has caught up with the record; `DidNotStart` when a process has ended meanwhile."""
    while (status := connection.status())["mirror_height"] < status["height"]:
        processes.check()
        time.sleep(0.05)


def write(path: Path, report: dict[str, Any], aside: Lines, refused: Lines, waiting: Lines) -> None:
    """Write report.json: the figures, then the lists, streamed so that a large one does not fill the memory."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        head = msgspec.json.format(msgspec.json.encode({**report, "refused": counts(refused)}), indent=2)
        file.write(head[:-2])
        for name, lines in (("set_aside", aside), ("refused_parts", refused), ("waiting", waiting)):
            file.write(b',\n  "%b": [' % name.encode())
            for piece in _joined(lines):
                file.write(piece)
            file.write(b"\n  ]")
        file.write(b"\n}\n")
    fresh.rename(path)


def _joined(lines: Lines) -> Iterator[bytes]:
    comma = b"\n    "
    for item in lines:
        yield comma + msgspec.json.encode(item)
        comma = b",\n    "
