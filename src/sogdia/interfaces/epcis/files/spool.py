"""Texts of events that wait to be sent, in a file without a name: memory holds their places, not the texts."""

from array import array
from typing import IO


class Spool:
    """Texts of events in a file without a name, by place from 0, with their numbers in the document."""

    def __init__(self, out: IO[bytes]) -> None:
        """Nothing is in it yet."""
        self._out = out
        self.numbers = array("Q")
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self.numbers)

    def put(self, number: int, text: bytes) -> None:
        """Add a text."""
        self._out.seek(self._ends[-1])
        self._out.write(text)
        self.numbers.append(number)
        self._ends.append(self._ends[-1] + len(text))

    def text(self, place: int) -> bytes:
        """The text at a place."""
        self._out.seek(self._ends[place])
        return self._out.read(self.size(place))

    def event(self, place: int) -> tuple[int, bytes]:
        """Number and text at a place."""
        return self.numbers[place], self.text(place)

    def size(self, place: int) -> int:
        """Bytes of the text at a place."""
        return self._ends[place + 1] - self._ends[place]
