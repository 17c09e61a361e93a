"""Places in a list that is turned through: a row is named by the values it is sorted by, never by its number.

A place travels in an address, as a JSON array; what stands there may be anything.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec


class Placed(Protocol):
    """A row that a next page can begin after."""

    @property
    def place(self) -> str:
        """How the next page names this row."""
        ...


K = TypeVar("K")
R = TypeVar("R", bound=Placed)


def place_of(*key: int | str) -> str:
    """The place of the row with this key."""
    return msgspec.json.encode(key).decode()


def key_at(place: str, kind: type[K]) -> K | None:
    """The key that a place names; None for the beginning and for what is no place of this kind."""
    try:
        return msgspec.json.decode(place, type=kind) if place else None
    except msgspec.MsgspecError:
        return None


def cut(found: Sequence[R], limit: int) -> tuple[list[R], str]:
    """The first `limit` of rows that were looked up with one more, and the place to go on from, empty at the end."""
    rows = list(found[:limit])
    return rows, rows[-1].place if len(found) > limit else ""
