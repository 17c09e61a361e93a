"""Workbooks as sellers send them: what a cell says comes through exactly, or its row is set aside, the cell named."""

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from sogdia.standards.orders import Format, Options, OrderFileRefused, detect_file, read, read_catalogue
from sogdia.standards.orders.examples import encoded, example
from sogdia.standards.orders.workbooks import SheetRead
from sogdia.standards.orders.workbooks.cells import Style, number_text, style_of, value_text
from tests.standards.orders.books_made import numbers, raw, texts, written
from tests.standards.orders.reading import ONLINE_RETAIL, Outcome, every_row_once

TITLES = ONLINE_RETAIL.split(",")
ROW = (
    536365,
    "85123A",
    "WHITE HANGING HEART",
    6,
    datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
    2.55,
    17850,
    "United Kingdom",
)
"""The first row of the published data set, as its .xlsx has it: numbers are numbers, dates are dates."""


def retail(**changes: Any) -> list[Any]:
    """That row with changes, by name of the column."""
    return [changes.get(title, value) for title, value in zip(TITLES, ROW, strict=True)]


def outcome(data: bytes, format: Format = "online-retail", options: Options | None = None) -> Outcome:
    """Read a workbook to its end."""
    *items, report = read(io.BytesIO(data), format, options=options or Options(name="may.xlsx"))
    orders, cancellations, aside = [], [], []
    places: dict[str, list[Any]] = {"DraftOrder": orders, "DraftCancellation": cancellations, "SetAside": aside}
    for item in items:
        places[type(item).__name__].append(item)
    assert report.closes  # type: ignore[union-attr]
    return Outcome(orders, cancellations, aside, report)  # type: ignore[arg-type]


def refusal(data: bytes, format: Format = "online-retail") -> OrderFileRefused:
    """Why a workbook is refused as a whole."""
    with pytest.raises(OrderFileRefused) as no:
        list(read(io.BytesIO(data), format, options=Options(name="may.xlsx")))
    return no.value


# --- the same as text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["online-retail", "amazon", "shopify"])
def test_a_channels_file_gives_the_same_as_a_workbook_as_it_gives_as_text(format: Format) -> None:
    made = example(format, 120, seed=11)
    text = made.text()
    dialect = "excel-tab" if format == "amazon" else "excel"
    rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    good = [row for row in rows if len(row) == len(rows[0])]
    plain = io.StringIO(newline="")
    csv.writer(plain).writerows(good)
    expected = list(read(io.BytesIO(encoded(plain.getvalue())), format))
    data = written({"Sheet1": good})
    found = outcome(data, format)
    assert [one.order for one in found.orders] == [one.order for one in expected if hasattr(one, "buyer")]
    sums, bare = found.report.sums, expected[-1]
    assert sums == bare.sums  # type: ignore[union-attr]
    assert found.report.reasons == bare.reasons  # type: ignore[union-attr]
    assert len(found.orders) > 50
    assert detect_file(io.BytesIO(data)) == format
    numbered = every_row_once(found)
    assert (numbered[0], numbered[-1]) == (2, len(good)), "rows have the sheet's own numbers"


def test_what_the_published_xlsx_of_online_retail_has_reads_like_its_csv() -> None:
    found = outcome(written({"Online Retail": [TITLES, retail(), retail(StockCode=71053, UnitPrice=3.39)]}))
    (order,) = found.orders
    assert (order.order, order.buyer.reference) == ("536365", "17850")
    assert [(line.row, line.sku, line.unit_price, line.total_minor) for line in order.lines] == [
        (2, "85123A", "2.55", 1530),
        (3, "71053", "3.39", 2034),
    ]
    assert order.placed_at_ms == 1_291_191_960_000  # 1 December 2010, 08:26 in London
    assert found.report.sheet == "Online Retail"
    assert found.report.file_sha256 != order.evidence


def test_a_catalogue_may_be_a_workbook() -> None:
    titles = ["sku", "description", "hs_code", "origin", "unit", "net_weight_grams"]
    rows = [titles, [85123, "Lantern", 94055000, "CN", "piece", 250], ["X", "Lamp", "#REF!", "CN", "piece", 1]]
    found = read_catalogue(io.BytesIO(written({"Articles": rows})))
    assert found.items["85123"].hs_code == "94055000"
    (aside,) = found.set_aside
    assert (aside.reason, aside.place) == ("cell_error", "Articles!C3")


# --- exactness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("536365", "536365"),
        ("536365.0", "536365"),
        ("5.36365E5", "536365"),
        ("19.989999999999998", "19.99"),
        ("19.99", "19.99"),
        ("-0", "0"),
        ("0.1", "0.1"),
        ("1.1000000000000001", "1.1"),
        ("999999999999999", "999999999999999"),
        ("1000000000000000", "1E+15"),
        ("1234567890123456", "1.234567890123456E+15"),
        ("12345678901234567890", "1.2345678901234567E+19"),
        ("9007199254740993", "9.007199254740992E+15"),
        ("0.30000000000000004", "3.0000000000000004E-01"),
        ("1e-7", "0.0000001"),
        ("nan", "nan"),
        ("1_000", "1_000"),
        ("1E999", "1E999"),
    ],
)
def test_a_number_is_the_shortest_that_stands_for_it_or_shows_that_it_was_rounded(stored: str, told: str) -> None:
    assert number_text(stored) == told


@pytest.mark.parametrize(
    ("stored", "style", "is_1904", "told"),
    [
        ("40513.351388888892", "moment", False, "2010-12-01 08:26:00"),
        ("39051.351388888892", "moment", True, "2010-12-01 08:26:00"),
        ("40513", "date", False, "2010-12-01"),
        ("40513", "moment", False, "2010-12-01 00:00:00"),
        ("40513.5", "date", False, "2010-12-01 12:00:00"),
        ("0.5", "time", False, "12:00:00"),
        ("0.000011574074074", "time", False, "00:00:01"),
        ("59", "date", False, "1900-02-28"),
        ("60", "date", False, "1900-02-29"),
        ("61", "date", False, "1900-03-01"),
        ("2958465", "date", False, "9999-12-31"),
        ("2957003", "date", True, "9999-12-31"),
        ("2958466", "date", False, "2958466"),
        ("-1", "date", False, "-1"),
        ("40513.999999999", "moment", False, "2010-12-02 00:00:00"),
    ],
)
def test_dates_are_iso_text_in_the_workbooks_own_calendar(stored: str, style: Any, is_1904: bool, told: str) -> None:
    assert value_text(stored, Style(style), is_1904) == told


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "number"),
        ("0.00E+00", "number"),
        ('#,##0.00 "days"', "number"),
        ("[Red]0.00", "number"),
        ("[h]:mm", "number"),
        ("yyyy-mm-dd", "date"),
        ("mmm-yy", "date"),
        ("[$-409]d/m/yyyy h:mm AM/PM;@", "moment"),
        ("mm:ss.0", "time"),
        ('yyyy"年"m"月"d"日"', "date"),
        ("@", "number"),
    ],
)
def test_a_format_says_whether_a_number_is_a_date(code: str, kind: str) -> None:
    assert style_of(170, code).kind == kind


def test_zeros_that_a_format_shows_are_kept_and_1904_is_told_by_the_workbook() -> None:
    file = io.BytesIO()
    book = Workbook(file, {"date_1904": True, "remove_timezone": True})
    sheet, zeros = book.add_worksheet("Orders"), book.add_format({"num_format": "000000"})
    sheet.write_row(0, 0, TITLES)
    sheet.write_row(1, 0, retail()[:4])
    sheet.write_number(1, 0, 4711, zeros)
    sheet.write_datetime(1, 4, ROW[4], book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    sheet.write_row(1, 5, retail()[5:])
    book.close()
    (order,) = outcome(file.getvalue()).orders
    assert (order.order, order.placed_at_ms) == ("004711", 1_291_191_960_000)


def test_an_order_number_that_excel_rounded_is_set_aside_with_its_cell_and_what_to_do() -> None:
    rows = [TITLES, retail(InvoiceNo=1234567890123456789), retail(InvoiceNo="1234567890123456789")]
    found = outcome(written({"Orders": rows}))
    (aside,) = found.aside
    assert (aside.reason, aside.place, aside.row) == ("number_rounded", "Orders!A2", 2)
    assert aside.value == "1.234567890123457E+18"
    assert "Format the column as text" in aside.remedy()
    assert aside.sentence().startswith("[Orders!A2] Row 2: InvoiceNo is 1.234567890123457E+18")
    assert [one.order for one in found.orders] == ["1234567890123456789"], "as text it is what it is"


def test_a_number_that_excel_rounded_is_known_in_csv_too() -> None:
    line = "1.23457E+15,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom"
    (aside,) = outcome(f"{ONLINE_RETAIL}\r\n{line}\r\n".encode()).aside
    assert (aside.reason, aside.place) == ("number_rounded", "")


def test_errors_booleans_and_formulas() -> None:
    row = (
        '<row r="3"><c r="A3"><v>536366</v></c><c r="B3" t="str"><f>"A"&amp;1</f><v>A1</v></c>'
        '<c r="C3" t="e"><f>VLOOKUP(1,A:A,2)</f><v>#N/A</v></c><c r="D3"><v>1</v></c>'
        '<c r="E3" t="str"><v>2010-12-01 08:26:00</v></c><c r="F3"><f>1.5*2</f><v>3</v></c>'
        '<c r="G3"/><c r="H3" t="str"><v>France</v></c></row>'
    )
    fine = row.replace("3", "4").replace('t="e"><f>VLOOKUP(1,A:A,2)</f><v>#N/A', 't="b"><v>1').replace("<v>4<", "<v>3<")
    empty = row.replace("3", "5").replace("<v>#N/A</v>", "").replace('t="e"', "").replace("<v>5<", "<v>3<")
    found = outcome(raw(texts(1, *TITLES) + row + fine + empty))
    assert [(one.reason, one.place, one.value) for one in found.aside] == [
        ("cell_error", "Orders!C3", "#N/A"),
        ("cell_error", "Orders!C5", "#UNCALCULATED!"),
    ]
    (order,) = found.orders
    assert [(line.sku, line.description, line.unit_price) for line in order.lines] == [("A1", "TRUE", "3.00")]


def test_texts_in_several_fonts_with_reading_aids_and_escapes_are_one_text() -> None:
    strings = (
        "<sst><si><r><t>WHITE </t></r><r><rPr/><t>HEART</t></r><rPh><t>reading aid</t></rPh></si>"
        '<si><t xml:space="preserve">two_x000D_\nlines, "quoted"</t></si></sst>'
    )
    cells = '<c><v>7</v></c><c t="inlineStr"><is><t>S1</t></is></c><c t="s"><v>{}</v></c><c><v>1</v></c>'
    rest = '<c t="d"><v>2010-12-01T08:26:00</v></c><c><v>1</v></c><c/><c t="inlineStr"><is><t>France</t></is></c>'
    rows = "".join(f'<row r="{at + 2}">{cells.format(at)}{rest}</row>' for at in range(2))
    found = outcome(raw(texts(1, *TITLES) + rows, xl__sharedStrings_DOT_xml=strings))
    assert [line.description for line in found.orders[0].lines] == ["WHITE HEART", 'two\r\nlines, "quoted"']


def test_names_with_a_prefix_gaps_between_rows_and_cells_without_a_place_are_read() -> None:
    rows = texts(3, *TITLES) + numbers(7, "1", "2") + texts(20, *map(str, retail(InvoiceDate="2010-12-01 08:26:00")))
    sheet = f"<sheetData>{rows}</sheetData>".replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    sheet = f'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{sheet}</x:worksheet>'
    found = outcome(raw(xl__worksheets__sheet1_DOT_xml=sheet))
    assert [one.row for one in found.aside] == [7]
    assert found.orders[0].lines[0].row == 20


def test_merged_cells_and_rows_of_nothing_at_the_end_are_no_rows() -> None:
    file = io.BytesIO()
    book = Workbook(file)
    sheet, shade = book.add_worksheet("Orders"), book.add_format({"bg_color": "#eeeeee"})
    sheet.write_row(0, 0, TITLES)
    sheet.write_row(1, 0, retail(InvoiceDate="2010-12-01 08:26:00"))
    sheet.merge_range(2, 0, 2, 7, "")
    for row in range(3, 400):
        sheet.write_blank(row, 12, None, shade)
    book.close()
    found = outcome(file.getvalue())
    assert (found.report.rows_in, len(found.orders)) == (1, 1)


def test_a_row_wider_than_the_heading_falls_apart_like_in_text() -> None:
    (aside,) = outcome(written({"Orders": [TITLES, [*retail(), "a stray note"]]})).aside
    assert (aside.reason, aside.row, aside.place) == ("columns_wrong", 2, "Orders!2")


# --- which sheet ----------------------------------------------------------------------------------------------------


def test_the_sheet_with_the_heading_is_taken_and_the_others_are_named() -> None:
    sheets = {"Notes": [["Hello"]], "May": [TITLES, retail()], "Old": [TITLES, retail(InvoiceNo=1)]}
    report = outcome(written(sheets, hidden=["Old"])).report
    assert (report.sheet, report.sheets_unread, report.rows_in) == ("May", ("Notes", "Old"), 1)


def test_a_hidden_sheet_is_taken_when_no_other_has_the_heading() -> None:
    found = outcome(written({"Notes": [["Hello"]], "Data": [TITLES, retail()]}, hidden=["Data"]))
    assert found.report.sheet == "Data"


def test_two_sheets_with_the_heading_are_a_question() -> None:
    no = refusal(written({"May": [TITLES, retail()], "June": [TITLES, retail()]}))
    assert "several sheets that could be meant: May, June" in no.sentence()
    assert "a workbook of its own" in no.sentence()
    assert "有多张工作表可能是所需的：May, June" in no.sentence("zh")


def test_a_single_sheet_without_the_heading_is_told_what_it_lacks_and_several_are_named() -> None:
    no = refusal(written({"Mine": [["InvoiceNo", "Country"], [1, "France"]], "Empty": []}))
    assert (no.sheet, no.row, no.column) == ("Mine", 0, "StockCode")
    assert "may.xlsx, sheet Mine, row 0, column StockCode" in no.sentence()
    no = refusal(written({"Mine": [["a"]], "Other": [["b"]]}))
    assert "the sheets are: Mine, Other" in no.sentence()
    assert "no heading" not in refusal(written({"Empty": []})).sentence()


def test_a_column_twice_names_the_sheet() -> None:
    no = refusal(written({"Mine": [[*TITLES, "Country"], [*retail(), "x"]]}))
    assert (no.sheet, no.column) == ("Mine", "Country")


def test_places_are_named_as_a_spreadsheet_names_them() -> None:
    titles = tuple(f"c{at}" for at in range(800))
    read = SheetRead("It's May", False, (), titles, 1, ((1, 2), (3, 10)))
    assert [read.row(record) for record in (0, 1, 2, 3, 4)] == [1, 2, 3, 10, 11]
    places = [read.place(7, title) for title in ("c0", "c25", "c26", "c701", "c702", "none")]
    assert places == [f"'It''s May'!{cell}" for cell in ("A7", "Z7", "AA7", "ZZ7", "AAA7", "7")]


# --- on the command line --------------------------------------------------------------------------------------------


def test_the_command_line_knows_the_format_and_refuses_in_one_sentence(tmp_path: Path) -> None:
    from sogdia.interfaces.cli.main_job import detected

    book = tmp_path / "may.xlsx"
    book.write_bytes(written({"Orders": [TITLES, retail()]}))
    assert detected(book) == "online-retail"
    book.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    command = [sys.executable, "-m", "sogdia.interfaces.cli", "import", str(book), "--to", "http://127.0.0.1:9"]
    command += ["--keys", str(tmp_path), "--platform", "p", "--seller", "s", "--home", "CN"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "may.xlsx: found a workbook of Excel 97 to 2003 (.xls)" in told.stderr
    assert "Traceback" not in told.stderr


# --- several sheets -------------------------------------------------------------------------------------------------


def test_of_several_sheets_the_one_that_is_named_is_read() -> None:
    data = written({"May": [TITLES, retail()], "June": [TITLES, retail(), retail()]})
    no = refusal(data)
    assert no.several == ("May", "June")
    assert "--sheet" in no.remedy
    found = list(read(io.BytesIO(data), "online-retail", options=Options(sheet="june ")))
    assert getattr(found[-1], "sheet", "") == "June"
    assert detect_file(io.BytesIO(data), options=Options(sheet="May")) == "online-retail"


@pytest.mark.parametrize(("name", "says"), [("July", "no sheet named July; the sheets are: May"), ("None", "None")])
def test_a_name_that_no_sheet_has_is_refused_with_the_names(name: str, says: str) -> None:
    with pytest.raises(OrderFileRefused, match=says) as no:
        read(io.BytesIO(written({"May": [TITLES, retail()]})), "online-retail", options=Options(sheet=name))
    assert name in no.value.sentence("zh")


def test_a_sheet_named_for_a_file_of_text_is_refused() -> None:
    with pytest.raises(OrderFileRefused, match="without sheets"):
        read(io.BytesIO(b"InvoiceNo,x\n"), "online-retail", options=Options(sheet="May"))
