"""The refusal of a whole file: when no row of it can be read as what it was said to be."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with a question mark for each character that a terminal could not show."""
    return "".join(char if char.isprintable() else "?" for char in text)


class OrderFileRefused(Exception):
    """A file that is not what was asked for: names the file, the place, what was found and expected, what to do.

    `row` is 0 for the header and None where no row is meant; `column` is a column's name or number as text, or None.
    """

    def __init__(
        self, file: str, found: str, expected: str, remedy: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        self.file = file
        self.row = row
        self.column = None if column is None else printable(column)
        self.found = printable(found)
        self.expected = expected
        self.remedy = remedy
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole refusal as one line for a terminal."""
        place = "" if self.row is None else f", row {self.row}"
        place += "" if self.column is None else f", column {self.column}"
        return f"{self.file}{place}: found {self.found}; expected {self.expected}. {self.remedy}"
