"""What is said of numbers in a row: what hundreds of thousands of things share is worked out once for each stretch."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from sogdia.mirror.trace.stretches import Stretch

Said = TypeVar("Said")


class Passing(Generic[Said]):
    """What holds of a number, for one who goes through the numbers ascending.

    It changes at `places` alone. The same is never said twice of one number.
    """

    def __init__(self, pieces: Iterable[tuple[Stretch, Said]]) -> None:
        self.holds: set[Said] = set()
        self._begin: dict[int, list[Said]] = {}
        self._end: dict[int, list[Said]] = {}
        for (first, last), said in pieces:
            self._begin.setdefault(first, []).append(said)
            self._end.setdefault(last + 1, []).append(said)
        self.places = self._begin.keys() | self._end.keys()

    def pass_to(self, place: int) -> None:
        """Go on to the next place, or to one at which nothing changes here."""
        if place in self.places:
            self.holds.difference_update(self._end.get(place, ()))
            self.holds.update(self._begin.get(place, ()))
