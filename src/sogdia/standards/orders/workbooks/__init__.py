"""Workbooks (.xlsx, ECMA-376 part 1, SpreadsheetML) read into the separated text that every reader here takes.

A sheet is streamed with the standard library's own zip and XML parsers, and by no library for workbooks: what those
give is no longer what stood in the cell, and a stranger's file can bring one of them down. What was measured, and what
it costs, stands in docs/adr/0021-workbooks-are-read-with-the-standard-library.md.

`package` opens the zip within bounds, `markup` parses, `parts` says which sheets there are, `cells` makes text of a
value, `grid` gives the rows of a sheet, `sheet` chooses one and writes it as text.
"""

from sogdia.standards.orders.workbooks.package import Bounds
from sogdia.standards.orders.workbooks.refusals import WorkbookRefused
from sogdia.standards.orders.workbooks.sheet import SheetRead, is_workbook, sheet_as_text

__all__ = ["Bounds", "SheetRead", "WorkbookRefused", "is_workbook", "sheet_as_text"]
