"""`sogdia status`: where a node stands, asked of a running one or read from its folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sogdia.interfaces.cli import places
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.cli.terminal import emit_json, language, tell
from sogdia.interfaces.words import say, shown

if TYPE_CHECKING:
    from sogdia.app import Node


def print_status(where: str, as_json: bool) -> None:
    """Print network, height, roots and who works on the folder."""
    running = None if places.is_url(where) else holder_of(places.existing(Path(where)))
    with places.opened(where) as place:
        found = place.status()
    if as_json:
        emit_json(found)
        return
    if not places.is_url(where):
        tell("status_running" if running else "status_stopped", folder=where, **(running._asdict() if running else {}))
    _print(found)


def of_node(node: "Node") -> dict[str, Any]:
    """What a node says of itself, as plain data."""
    seal = node.machine.seal
    return {
        "network": node.info.network,
        "code": node.info.code,
        "origin": node.info.origin,
        "verifier_key": node.verifier_key,
        "height": seal.height,
        "time_ms": seal.time_ms,
        "log_size": seal.log_size,
        "log_root": seal.log_root.hex(),
        "state_root": seal.state_root.hex(),
    }


def _print(found: dict[str, Any], indent: str = "") -> None:
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _print(value, indent + "  ")
        elif name.endswith("time_ms") and isinstance(value, int):
            print(f"{indent}{name:<14}{say('cli.instant', language(), time_ms=value)}")
        else:
            print(f"{indent}{name:<14}{shown(value)}")
