"""Workbooks that lie, explode or are no workbooks: each is refused in words, soon, and in little memory."""

import io
import random
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sogdia.standards.orders import Limits, Options, OrderFileRefused, read
from sogdia.standards.orders.workbooks import Bounds, WorkbookRefused, sheet_as_text
from tests.standards.orders.books_made import MAIN, RELATIONS, numbers, raw, relations, sheet_of, texts, written, zipped
from tests.standards.orders.reading import ONLINE_RETAIL
from tests.standards.orders.test_workbooks import TITLES, refusal, retail

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HEAD = texts(1, *TITLES)
GOOD = written({"Orders": [TITLES, retail()]})
MEGABYTE = 1 << 20


def code(data: bytes, bounds: Bounds | None = None) -> str:
    """Under which code a workbook is refused."""
    with pytest.raises(WorkbookRefused) as no:
        sheet_as_text(io.BytesIO(data), lambda titles: "InvoiceNo" in titles, "orders", bounds or Bounds())[0].close()
    for language in ("en", "zh"):
        assert all(no.value.words(language))
    return no.value.code


# --- no workbooks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (OLD, "Excel 97 to 2003"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}), "OpenDocument"),
        (zipped({"_rels/.rels": "<r/>", "xl/workbook.bin": b"\0"}), ".xlsb"),
        (zipped({"_rels/.rels": "<r/>", "word/document.xml": "<w/>"}), "no workbook"),
        (zipped({"orders.csv": f"{ONLINE_RETAIL}\r\n"}), "no workbook"),
        (GOOD[: len(GOOD) // 2], "does not read to its end"),
        (b"PK\x03\x04", "does not read to its end"),
    ],
)
def test_what_is_no_workbook_is_told_apart_with_what_to_do(data: bytes, says: str) -> None:
    no = refusal(data)
    assert says in no.sentence()
    assert no.remedy.endswith(".")
    assert no.sentence("zh") != no.sentence()


def test_a_workbook_is_no_json() -> None:
    assert "found a workbook; expected the orders as JSON" in refusal(GOOD, "woocommerce").sentence()


def test_a_zip_with_a_password_is_locked() -> None:
    at = GOOD.index(b"PK\x01\x02")
    assert code(GOOD[: at + 8] + bytes([GOOD[at + 8] | 1]) + GOOD[at + 9 :]) == "locked"


# --- bombs ----------------------------------------------------------------------------------------------------------


def test_entities_are_refused_wherever_they_stand() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels", "xl/sharedStrings.xml"):
        name = part.replace("/", "__").replace(".", "_DOT_")
        assert code(raw(HEAD, **{name: f"{laughs}<x>&b;</x>"})) == "entities", part


def test_an_entity_from_a_file_is_not_fetched() -> None:
    outside = '<!DOCTYPE x SYSTEM "file:///etc/hostname"><x/>'
    assert code(raw(xl__worksheets__sheet1_DOT_xml=outside)) == "entities"


def test_a_zip_bomb_is_seen_before_it_is_unpacked() -> None:
    assert code(raw(xl__worksheets__sheet1_DOT_xml=bytes(40 * MEGABYTE))) == "too_dense"


def test_many_parts_that_are_too_large_together_are_seen_before_they_are_unpacked() -> None:
    parts = {f"xl__part{at}_DOT_xml": random.Random(at).randbytes(300_000) for at in range(8)}
    assert code(raw(HEAD, **parts), Bounds(unpacked_bytes=2 * MEGABYTE)) == "too_large"


def test_a_part_that_is_longer_than_its_directory_says_is_broken() -> None:
    data = raw(HEAD + numbers(2, *["1"] * 400) * 1)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = data.replace(size.to_bytes(4, "little"), (600).to_bytes(4, "little"))
    assert lying != data
    assert code(lying) == "broken"


def test_a_directory_of_very_many_parts_is_not_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for at in range(20_000):
            package.writestr(f"xl/{at}", b"")
    assert code(file.getvalue()) == "broken"


def test_the_same_part_twice_is_broken() -> None:
    file = io.BytesIO(GOOD)
    with zipfile.ZipFile(file, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("xl/workbook.xml", "<workbook/>")
    assert code(file.getvalue()) == "broken"


def test_packing_that_excel_does_not_use_is_refused() -> None:
    assert code(zipped({"_rels/.rels": "<r/>", "xl/workbook.xml": "<w/>"}, zipfile.ZIP_LZMA)) == "broken"


# --- sheets that cost -----------------------------------------------------------------------------------------------


def test_two_cells_far_apart_cost_nothing_for_those_between() -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    no = refusal(raw(HEAD + far))
    assert "row 1048576 of the sheet Orders, beyond column 500" in no.sentence()


@pytest.mark.parametrize(
    "rows",
    [
        HEAD + numbers(1, "1"),
        '<row r="9999999"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<row r="1"><c t="s"><v>7</v></c></row>',
        f'<row r="1"><c t="s"><v>{"9" * 5000}</v></c></row>',
        f'<row r="1"><c t="str"><v>{"x" * 50_000}</v></c></row>',
        "<a>" * 500,
        "<c>" * 500,
        "<row>" * 500,
        "<row",
        f"<row {' ' * 3 * MEGABYTE}>",
    ],
)
def test_a_sheet_that_no_program_writes_is_broken(rows: str) -> None:
    assert code(raw(rows, zipfile.ZIP_STORED)) == "broken"


def test_bounds_hold_while_a_sheet_is_read() -> None:
    many = HEAD + "".join(numbers(row, "1", "2", "3") for row in range(2, 400))
    assert code(raw(many), Bounds(cells=500)) == "many_cells"
    long = "<sst><si><t>" + "x" * 30_000 + "</t></si></sst>"
    same = HEAD + "".join(f'<row r="{row}"><c t="s"><v>0</v></c></row>' for row in range(2, 400))
    assert code(raw(same, xl__sharedStrings_DOT_xml=long), Bounds(text_bytes=MEGABYTE)) == "too_large"
    short = "<sst>" + "<si><t>x</t></si>" * 2_000 + "</sst>"
    assert code(raw(HEAD, xl__sharedStrings_DOT_xml=short), Bounds(strings=1_000)) == "many_cells"


def test_too_many_sheets_are_refused() -> None:
    sheets = "".join(f'<sheet name="{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, 300))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'
    assert code(raw(HEAD, xl__workbook_DOT_xml=book)) == "many_sheets"


def test_a_sheet_outside_of_the_file_is_missing() -> None:
    there = relations(("rId1", "worksheet", "../../../../etc/passwd"))
    assert code(raw(HEAD, xl___rels__workbook_DOT_xml_DOT_rels=there)) == "broken"


def test_a_sheet_that_takes_too_long_is_given_up() -> None:
    slow = sheet_of(HEAD + "".join(f"<x{at % 9}/>" for at in range(2_500_000)))
    limits = Limits(workbook_seconds=1)
    data = io.BytesIO(raw("", zipfile.ZIP_STORED, xl__worksheets__sheet1_DOT_xml=slow))
    with pytest.raises(OrderFileRefused, match="takes more than 1 seconds"):
        read(data, "online-retail", options=Options(limits=limits))


_CHILD = """
import sys
from sogdia.standards.orders import OrderFileRefused, read
try:
    for item in read(open(sys.argv[1], "rb"), "online-retail"):
        pass
except OrderFileRefused as no:
    print(no.found)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["strings", "wide text"])
def test_the_worst_that_fits_the_bounds_stays_below_a_gigabyte(tmp_path: Path, kind: str) -> None:
    strings = {
        "strings": "<sst>" + "<si><t>x</t></si>" * 1_000_000 + "</sst>",
        "wide text": "<sst>" + f"<si><t>\N{GRINNING FACE}{'x' * 30_000}</t></si>" * 3_000 + "</sst>",
    }[kind]
    file = tmp_path / "worst.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        with zipfile.ZipFile(io.BytesIO(raw(HEAD))) as good:
            for name in good.namelist():
                package.writestr(name, good.read(name))
        package.writestr("xl/sharedStrings.xml", strings)
        package.writestr("xl/noise.bin", random.Random(1).randbytes(1000))
    command = [sys.executable, "-c", _CHILD, str(file)]
    given = {"capture_output": True, "text": True}
    done = subprocess.run(command, preexec_fn=lambda: _at_most(1 << 30), **given)
    assert (done.returncode, done.stderr) == (0, "")
    small = subprocess.run(command, preexec_fn=lambda: _at_most(1 << 24), **given)
    assert small.returncode != 0, "the limit does hold"


def _at_most(size_bytes: int) -> None:
    """All that this process may have for its data; what a process inherits of its parent's size does not count."""
    resource.setrlimit(resource.RLIMIT_DATA, (size_bytes, size_bytes))


# --- anything -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(120))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    if seed % 2:
        name = chance.choice([one for one in parts if one.startswith(("xl/", "_rels"))])
        parts[name] = _damaged(parts[name], chance)
        data = zipped(parts)
    else:
        data = _damaged(GOOD, chance)
    try:
        items = list(read(io.BytesIO(data), "online-retail"))
    except OrderFileRefused:
        return
    assert items[-1].closes  # type: ignore[union-attr]


def _damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed))
        act = chance.randrange(3)
        if act == 0:
            changed[at] = chance.randrange(256)
        elif act == 1:
            del changed[at : at + chance.randint(1, 40)]
        else:
            changed[at:at] = changed[at : at + chance.randint(1, 40)]
    return bytes(changed)
