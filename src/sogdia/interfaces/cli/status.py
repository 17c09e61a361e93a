"""`sogdia status`: where a node stands, asked of a running one or read from its folder."""

from pathlib import Path
from typing import Any

from sogdia.interfaces.cli import folders, places
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.cli.terminal import emit_json, language, tell
from sogdia.interfaces.words import say, shown


def print_status(where: str, as_json: bool) -> None:
    """Print network, height, roots and who works on the folder."""
    running = None if folders.is_url(where) else holder_of(folders.existing(Path(where)))
    with places.opened(where) as place:
        found = place.status()
    if as_json:
        emit_json(found)
        return
    if not folders.is_url(where):
        tell("status_running" if running else "status_stopped", folder=where, **(running._asdict() if running else {}))
    _print(found)


def _print(found: dict[str, Any], indent: str = "") -> None:
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _print(value, indent + "  ")
        elif name.endswith("time_ms") and isinstance(value, int):
            print(f"{indent}{name:<14}{say('cli.instant', language(), time_ms=value)}")
        else:
            print(f"{indent}{name:<14}{shown(value)}")
