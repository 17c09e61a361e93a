"""`sogdia query`: a domain's answer as JSON, from a running node or from a folder's mirror."""

from collections.abc import Sequence
from pathlib import Path

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import emit_json, pairs


def query(domain: str, name: str, given: Sequence[str], to: str, key: str, keys: Path | None, party: str) -> None:
    """Ask and print the answer."""
    pens = keyrings.pens([key] if key else [], keys or folders.keys_beside(to))
    parameters = pairs(given, "--param")
    with places.opened(to, pens[0] if pens else None, party) as place:
        emit_json(place.query(f"{domain}/{name}", **parameters))
