"""A recall as a file: everything affected, or one holder's or platform's part, with products, lots and the notice."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from sogdia.interfaces.console.orders_export import EXCEL_ROWS, guarded
from sogdia.interfaces.console.recalling_jobs import Notice
from sogdia.interfaces.console.recalling_shown import Plain, Shown
from sogdia.interfaces.console.tracing_story import holder_of
from sogdia.interfaces.words import say

COLUMNS: Final = (
    "thing", "kind", "confidence", "inside", "place", "seen", "holder", "order", "product_name", "gtin", "lot",
    "made_from",
)  # fmt: skip
NOTICE: Final = ("reason", "instruction", "contact", "send_to")
_WIDTH: Final = 24


def heading(language: str) -> list[str]:
    """The names of the columns, and after them those of the notice."""
    return [say(f"recall_page.{name}", language) for name in (*COLUMNS, *NOTICE)]


def rows_of(told: Shown, things: Iterable[Plain], notice: Notice, language: str) -> Iterator[list[str]]:
    """A row for each thing, safe in a spreadsheet."""
    said = [getattr(notice, name) or ("" if name != "instruction" else say("recall_page.please", language))
            for name in NOTICE]  # fmt: skip
    for one in things:
        thing, product = one["thing"], told.product(one["thing"])
        party, order = holder_of(one["custodian"] or "")
        row = (
            thing,
            say(f"trace_kind.{one['kind']}", language),
            say("recall_page.certain" if one["is_certain"] else "recall_page.uncertain", language),
            one["inside"] or "",
            told.names.get(one["place"] or "", one["place"] or ""),
            (one["seen"] or "")[:19],
            told.names.get(party, party),
            order,
            product.name if product else "",
            product.gtin if product else "",
            told.lot(thing),
            "; ".join(told.made_from.get(thing, ())),
            *said,
        )
        yield [guarded(text) for text in row]


def as_csv(told: Shown, things: Sequence[Plain], notice: Notice, language: str) -> bytes:
    """UTF-8 with a mark at the beginning, by which Excel knows it."""
    written = io.StringIO()
    written.write("\ufeff")
    write = csv.writer(written, lineterminator="\r\n")
    write.writerow(heading(language))
    write.writerows(rows_of(told, things, notice, language))
    return written.getvalue().encode("utf-8", "replace")


def as_excel(told: Shown, things: Sequence[Plain], notice: Notice, language: str) -> bytes:
    """A workbook: the things on the first sheet, the holders with how much they have on the second."""
    held = io.BytesIO()
    with Workbook(held, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        rows = rows_of(told, things, notice, language)
        _sheet(book, say("recall_page.affected", language), heading(language), rows)
        columns = [say(f"recall_page.{name}", language) for name in ("holder", "order", "affected", "items")]
        _sheet(book, say("recall_page.holders", language), columns, _holders(told, things))
    return held.getvalue()


def _holders(told: Shown, things: Sequence[Plain]) -> Iterator[list[str]]:
    among = {one["custodian"] or "" for one in things}
    for one in told.holders:
        if one.custodian in among:
            yield [guarded(one.name), guarded(one.order), str(len(one.things)), str(one.items)]


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    for column, text in enumerate(columns):
        sheet.write_string(0, column, text, bold)
    for number, row in enumerate(rows, 1):
        if number <= EXCEL_ROWS:
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
