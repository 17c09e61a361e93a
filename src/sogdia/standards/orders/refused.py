"""The refusal of a whole file: when no row of it can be read as what it was said to be.

The words stand in data/refusals.csv, and for workbooks in data/workbooks.csv, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from sogdia.standards.orders.tables import rows_of


class Words(NamedTuple):
    """What was found and expected, and what to do."""

    found: str
    expected: str
    remedy: str


def words_of(table: str, code: str, facts: Mapping[str, object], language: str) -> Words:
    """The words of one code of a table, in English (`en`) or Chinese (`zh`), filled with facts."""
    told = {name: f"{fact:,}" if isinstance(fact, int) else fact for name, fact in facts.items()}
    return Words(*(part.format(**told) for part in _table(table)[code][language == "zh"]))


@cache
def _table(name: str) -> dict[str, tuple[Words, Words]]:
    return {
        row["code"]: (
            Words(row["found"], row["expected"], row["remedy"]),
            Words(row["found_zh"], row["expected_zh"], row["remedy_zh"]),
        )
        for row in rows_of(name)
    }


def printable(text: str) -> str:
    """The text with a question mark for each character that a terminal could not show."""
    return "".join(char if char.isprintable() else "?" for char in text)


class OrderFileRefused(Exception):
    """A file that is not what was asked for: names the file, the place, what was found and expected, what to do.

    `row` is 0 for the header and None where no row is meant; `column` is a column's name or number as text, or None.
    `sheet` is that of a workbook. `several` are the sheets that could be meant, when that is the question.
    """

    def __init__(
        self,
        file: str,
        found: str,
        expected: str,
        remedy: str,
        *,
        zh: tuple[str, str, str],
        row: int | None = None,
        column: str | None = None,
        sheet: str = "",
        several: tuple[str, ...] = (),
    ) -> None:
        self.file = file
        self.sheet = printable(sheet)
        self.row = row
        self.column = None if column is None else printable(column)
        self.found = printable(found)
        self.expected = expected
        self.remedy = remedy
        self.several = several
        self._zh = tuple(map(printable, zh))
        super().__init__(self.sentence())

    def sentence(self, language: str = "en") -> str:
        """The whole refusal as one line, in English (`en`) or Chinese (`zh`)."""
        if language == "zh":
            found, expected, remedy = self._zh
            place = f"，工作表 {self.sheet}" if self.sheet else ""
            place += "" if self.row is None else f"，第 {self.row} 行" if self.row else "，表头"
            place += "" if self.column is None else f"，列 {self.column}"
            return f"{self.file}{place}：{found}；应为{expected}。{remedy}"
        place = f", sheet {self.sheet}" if self.sheet else ""
        place += "" if self.row is None else f", row {self.row}"
        place += "" if self.column is None else f", column {self.column}"
        return f"{self.file}{place}: found {self.found}; expected {self.expected}. {self.remedy}"
