"""Settings that an operator writes into a node's folder, each kind in a JSON file of its own."""

from pathlib import Path
from typing import TypeVar

import msgspec

from sogdia.app.organisation import NetworkError

S = TypeVar("S", bound=msgspec.Struct)


def read_settings(path: Path, kind: type[S]) -> S:
    """What stands in this file, or the defaults where there is none; NetworkError says what is wrong with it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()
    except (OSError, ValueError) as wrong:
        raise NetworkError(f"{path} cannot be used: {wrong}. Correct it, or remove it for the defaults.") from None
