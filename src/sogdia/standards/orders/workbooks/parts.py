"""Which sheets a workbook has, and what its cells share: formats, texts, the calendar."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from sogdia.standards.orders.workbooks.cells import PLAIN, Style, style_of
from sogdia.standards.orders.workbooks.markup import DEPTH, Markup, elements
from sogdia.standards.orders.workbooks.package import Package
from sogdia.standards.orders.workbooks.refusals import WorkbookRefused

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROOT_RELATIONS = "_rels/.rels"
_WORKBOOK = "xl/workbook.xml"


class SheetPart(NamedTuple):
    """A sheet of cells: its name, whether people see it, and its part."""

    name: str
    is_hidden: bool
    part: str


class Workbook(NamedTuple):
    """What all sheets share. `is_1904`: days are counted from 1904, as Excel for the Macintosh once did."""

    package: Package
    sheets: tuple[SheetPart, ...]
    styles: tuple[Style, ...]
    strings: tuple[str, ...]
    is_1904: bool


def workbook_of(package: Package) -> Workbook:
    """The workbook of a package. WorkbookRefused."""
    book = _book_part(package)
    relations = _relations(package, book)
    sheets: list[SheetPart] = []
    is_1904 = False
    for parent, name, attributes in elements(package, book):
        if name == "workbookPr":
            is_1904 = attributes.get("date1904", "") in ("1", "true", "on")
        elif name == "sheet" and parent == "sheets":
            kind, part = relations.get(_relation(attributes), ("", ""))
            if kind == "worksheet" and part:
                sheets.append(SheetPart(attributes.get("name", ""), attributes.get("state", "") in _UNSEEN, part))
    if len(sheets) > package.bounds.sheets:
        raise WorkbookRefused("many_sheets", most=package.bounds.sheets)
    shared = dict(relations.values())
    styles, strings = shared.get("styles", ""), shared.get("sharedStrings", "")
    return Workbook(
        package,
        tuple(sheets),
        _styles(package, styles) if styles in package else (),
        _strings(package, strings) if strings in package else (),
        is_1904,
    )


_UNSEEN = ("hidden", "veryHidden")


def unescaped(text: str) -> str:
    """Text with the characters that XML cannot hold: `_x000D_` is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _book_part(package: Package) -> str:
    if _ROOT_RELATIONS in package:
        for kind, part in _relations(package, "").values():
            if kind == "officeDocument" and part in package:
                return part
    return _WORKBOOK


def _relation(attributes: Mapping[str, str]) -> str:
    """The `r:id` of a sheet, under whatever prefix."""
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Kind and target of each relation of a part, by its id; what lies outside of the file is no target."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    for _, tag, attributes in elements(package, file):
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))
    return found


def _styles(package: Package, part: str) -> tuple[Style, ...]:
    codes: dict[str, str] = {}
    formats: list[str] = []
    for parent, name, attributes in elements(package, part):
        if name == "numFmt" and parent == "numFmts":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:500]
        elif name == "xf" and parent == "cellXfs":
            formats.append(attributes.get("numFmtId", "0"))
    known = {one: style_of(int(one), codes.get(one)) for one in {*formats} if one.isascii() and one.isdigit()}
    return tuple(known.get(one, PLAIN) for one in formats)


def _strings(package: Package, part: str) -> tuple[str, ...]:
    """The texts that cells share; of a text in several fonts all runs, of one with a reading aid only the text."""
    bounds = package.bounds
    found: list[str] = []
    pieces: list[str] = []
    depth = aside = 0
    takes = False

    def start(tag: str, _: object) -> None:
        nonlocal depth, aside, takes
        depth += 1
        local = tag.rpartition(":")[2]
        if depth > DEPTH or len(found) > bounds.strings:
            raise WorkbookRefused("many_cells", most=bounds.strings)
        if local == "si":
            pieces.clear()
        elif local == "rPh":
            aside = depth
        takes = local == "t" and not aside

    def end(tag: str) -> None:
        nonlocal depth, aside, takes
        takes = False
        if aside == depth:
            aside = 0
        depth -= 1
        if tag.rpartition(":")[2] == "si":
            text = "".join(pieces)
            found.append(unescaped(text[: bounds.cell_chars]))

    def data(text: str) -> None:
        if takes:
            pieces.append(text)

    for _ in Markup(start, end, data).feed(package, part, bounds.strings_bytes):
        pass
    return tuple(found)
