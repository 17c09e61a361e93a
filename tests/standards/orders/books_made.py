"""Workbooks for tests: real ones that xlsxwriter writes, and raw ones from parts, for what no program would write."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def written(sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = (), **options: Any) -> bytes:
    """A workbook with these sheets: text stays text, numbers are numbers, datetimes are dates, None is empty."""
    file = io.BytesIO()
    book = Workbook(file, {"strings_to_formulas": False, "remove_timezone": True, **options})
    moment = book.add_format({"num_format": "m/d/yy h:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                _write(sheet, row, column, value, moment)
    if hidden and next(iter(sheets)) in hidden:
        book.get_worksheet_by_name(next(name for name in sheets if name not in hidden)).activate()
    book.close()
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif hasattr(value, "year"):
        sheet.write_datetime(row, column, value, moment)
    else:
        sheet.write(row, column, value)


def raw(rows: str = "", method: int = zipfile.ZIP_DEFLATED, **parts: bytes | str) -> bytes:
    """A workbook of one sheet with this XML in its sheetData; `parts` are put in, or stand instead of others.

    Names of parts have `__` for a slash and `_DOT_` for a dot.
    """
    sheets = '<sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets>'
    found: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")
        ),
        "xl/worksheets/sheet1.xml": sheet_of(rows),
    }
    found |= {name.replace("__", "/").replace("_DOT_", "."): part for name, part in parts.items()}
    return zipped(found, method)


def sheet_of(rows: str) -> str:
    """The part of a sheet around its rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def relations(*given: tuple[str, str, str]) -> str:
    """A part that says what belongs to what."""
    said = "".join(f'<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{to}"/>' for id, kind, to in given)
    return f'<Relationships xmlns="{PACKAGE}">{said}</Relationships>'


def zipped(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return file.getvalue()


def texts(row: int, *cells: str) -> str:
    """A row of cells with text, as XML."""
    said = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{row}">{said}</row>'


def numbers(row: int, *values: str) -> str:
    """A row of cells with numbers, as XML."""
    return f'<row r="{row}">' + "".join(f"<c><v>{value}</v></c>" for value in values) + "</row>"
