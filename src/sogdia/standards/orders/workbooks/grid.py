"""The rows of one sheet, as text, in bounded memory: of each row the cells that hold something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sogdia.standards.orders.workbooks.cells import PLAIN, UNCALCULATED, Style, value_text
from sogdia.standards.orders.workbooks.markup import DEPTH, Markup
from sogdia.standards.orders.workbooks.parts import SheetPart, Workbook, unescaped
from sogdia.standards.orders.workbooks.refusals import WorkbookRefused

_LETTERS = 3
_ROWS = 1_048_576


class GridRow(NamedTuple):
    """A row of a sheet: its number there, counted from 1, and the texts by column, counted from 0."""

    number: int
    cells: dict[int, str]


def rows_of_sheet(book: Workbook, sheet: SheetPart) -> Iterator[GridRow]:
    """Rows that hold a value, in order. Hidden rows are rows like others; merged cells hold theirs in the first one."""
    grid = _Grid(book, sheet)
    for _ in Markup(grid.start, grid.end, grid.data).feed(book.package, sheet.part, book.package.bounds.unpacked_bytes):
        yield from grid.rows
        grid.rows.clear()


class _Grid:
    """What the parser tells of a sheet, gathered into rows. Most of the time of a workbook is spent in here."""

    def __init__(self, book: Workbook, sheet: SheetPart) -> None:
        self.rows: list[GridRow] = []
        self._book, self._sheet, self._bounds = book, sheet, book.package.bounds
        self._styles = dict(enumerate(book.styles))
        self._columns: dict[str, int] = {}
        self._left = self._bounds.cells
        self._depth = self._number = self._column = self._aside = 0
        self._cells: dict[int, str] = {}
        self._cell: dict[str, str] = {}
        self._value = ""
        self._takes = self._has_formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if tag == "c":
            self._cell, self._value, self._has_formula = attributes, "", False
        elif tag == "v":
            self._takes = True
        elif tag == "row":
            self._begin_row(attributes)
        elif tag == "t":
            self._takes = not self._aside and self._cell.get("t") == "inlineStr"
        elif tag == "f":
            self._has_formula = True
        elif tag == "rPh":
            self._aside = self._depth
        elif ":" in tag:
            self._depth -= 1
            self.start(tag.rpartition(":")[2], attributes)
        elif self._depth > DEPTH:
            raise self._broken("elements within elements without end")

    def data(self, text: str) -> None:
        """Text of an element."""
        if self._takes:
            self._value += text
            if len(self._value) > self._bounds.cell_chars:
                raise self._broken("a cell of too many letters")

    def end(self, tag: str) -> None:
        """An element ends."""
        self._takes = False
        if tag == "c":
            self._end_cell()
        elif tag == "row":
            if self._cells:
                self.rows.append(GridRow(self._number, self._cells))
                self._cells = {}
        elif ":" in tag:
            self.end(tag.rpartition(":")[2])
            return
        elif self._aside == self._depth:
            self._aside = 0
        self._depth -= 1

    def _begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        number = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else self._number + 1
        if not self._number < number <= _ROWS or self._depth > DEPTH:
            raise self._broken("rows out of order")
        self._number, self._column, self._cells = number, -1, {}

    def _end_cell(self) -> None:
        cell, value = self._cell, self._value
        letters = cell.get("r", "").rstrip("0123456789")
        column = self._columns.get(letters, -1)
        if column < 0:
            column = self._place(letters)
        if column <= self._column or self._depth > DEPTH:
            raise self._broken("cells out of order")
        self._column = column
        kind = cell.get("t", "n")
        if kind == "n" and value:
            style = cell.get("s")
            text = value_text(value, self._style(style) if style else PLAIN, self._book.is_1904)
        else:
            text = self._text(kind, value)
        if text:
            self._left -= 1
            if self._left < 0 or column >= self._bounds.columns:
                raise self._beyond()
            self._cells[column] = text

    def _place(self, letters: str) -> int:
        """The column of a cell, by its letters; without any it is the next one."""
        if not letters:
            return self._column + 1
        if len(letters) > _LETTERS or not (letters.isascii() and letters.isupper()):
            raise self._broken("a cell at no place")
        found = -1
        for letter in letters:
            found = (found + 1) * 26 + ord(letter) - ord("A")
        self._columns[letters] = found
        return found

    def _style(self, said: str) -> Style:
        return self._styles.get(int(said), PLAIN) if said.isascii() and said.isdigit() and len(said) < 7 else PLAIN

    def _text(self, kind: str, value: str) -> str:
        if kind == "s":
            try:
                return self._book.strings[int(value)] if value.isascii() and value.isdigit() else ""
            except (IndexError, ValueError):
                raise self._broken("a text that is missing") from None
        if not value:
            return UNCALCULATED if self._has_formula and kind == "n" else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return unescaped(value)

    def _beyond(self) -> WorkbookRefused:
        if self._left < 0:
            return WorkbookRefused("many_cells", most=self._bounds.cells)
        return WorkbookRefused(
            "many_columns", row=str(self._number), sheet=self._sheet.name[:40], most=self._bounds.columns
        )

    def _broken(self, why: str) -> WorkbookRefused:
        return WorkbookRefused("broken", why=f"{self._sheet.name[:40]}: {why}")
