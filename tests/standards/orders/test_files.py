"""Files as they are found: encodings, line ends, gzip, columns in any order, streams, and files that are refused."""

import gzip
import io
import random
import re
from pathlib import Path

import pytest

from sogdia.standards.orders import FORMATS, Format, Limits, Options, OrderFileRefused, detect, read
from sogdia.standards.orders.examples import encoded, example
from tests.standards.orders.reading import ONLINE_RETAIL, Outcome, outcome, retail_row

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8 with BOM",
    "utf-16": "utf-16-le with BOM",
    "cp1252": "cp1252",
}


def as_written(found: Outcome) -> tuple[object, ...]:
    """What must not change with the way the file was written."""
    bare = [(order.order, order.total_minor, order.buyer.city, order.lines) for order in found.orders]
    return bare, found.reasons, found.report.sums, found.report.sums_in


@pytest.mark.parametrize("format", FORMATS)
def test_an_example_reads_back_as_it_was_made(format: Format) -> None:
    made = example(format, 200, seed=7)
    found = outcome(encoded(made.text()), format)
    assert tuple(order.order for order in found.orders) == made.orders
    assert tuple(sorted(found.reasons.items())) == tuple(sorted(made.mistakes))
    assert len({reason for _, reason in made.mistakes}) >= 8


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_line_end_gzip_and_column_order_change_nothing(format: Format, encoding: str, line_end: str) -> None:
    made = example(format, 40, seed=3)
    expected = as_written(outcome(encoded(made.text()), format))
    text = made.text(line_end=line_end, column_seed=5, shape="object")
    data = encoded(text, encoding, compressed=line_end == "\r")
    found = outcome(data, format)
    assert as_written(found) == expected
    has_accents = not text.isascii()
    assert found.report.encoding == (ENCODINGS[encoding] if has_accents or "utf" in encoding else "utf-8")
    assert found.report.compressed == (line_end == "\r")
    assert detect(data) == format


def test_chinese_in_gb18030_and_latin_text_with_high_bytes_are_told_apart() -> None:
    chinese = f"{ONLINE_RETAIL}\n{retail_row(description='陶瓷杯，红色')}\n"
    found = outcome(chinese.encode("gb18030"), "online-retail")
    assert found.report.encoding == "gb18030"
    assert found.orders[0].lines[0].description == "陶瓷杯，红色"
    latin = f"{ONLINE_RETAIL}\n{retail_row(description='CRÈME BRÛLÉE Málaga')}\n"
    found = outcome(latin.encode("cp1252"), "online-retail")
    assert found.report.encoding == "cp1252"
    assert found.orders[0].lines[0].description == "CRÈME BRÛLÉE Málaga"


def test_a_byte_that_windows_leaves_open_makes_it_latin_1() -> None:
    data = f"{ONLINE_RETAIL}\n{retail_row(description='CAF')}\n".encode().replace(b"CAF", b"CAF\xe9 \x81")
    assert outcome(data, "online-retail").report.encoding == "latin-1"


def test_one_damaged_row_does_not_change_the_encoding_of_the_file() -> None:
    rows = [retail_row(invoice=str(n), description="CRÈME") for n in range(5)]
    data = "\n".join((ONLINE_RETAIL, *rows, "")).encode()
    found = outcome(data.replace("CRÈME".encode(), b"CR\xc8ME", 1), "online-retail")
    assert found.report.encoding == "utf-8"
    assert found.reasons == {1: "bytes_unreadable"}
    assert len(found.orders) == 4


def test_a_quote_that_never_closes_costs_its_own_row_only() -> None:
    bad = retail_row(invoice="2", description='"MUG')
    rows = [retail_row(invoice="1"), bad, *(retail_row(invoice=str(n)) for n in range(3, 9))]
    found = outcome("\n".join((ONLINE_RETAIL, *rows)), "online-retail")
    assert found.reasons == {2: "quote_open"}
    assert [order.order for order in found.orders] == ["1", "3", "4", "5", "6", "7", "8"]


def test_rows_of_the_wrong_width_with_nul_or_too_long_wait() -> None:
    rows = ["1,2,3", retail_row() + ",extra", retail_row(description="A\0B"), retail_row(description="x" * 200_000)]
    found = outcome("\n".join((ONLINE_RETAIL, *rows, retail_row(invoice="5"))), "online-retail")
    assert found.reasons == {1: "columns_wrong", 2: "columns_wrong", 3: "nul", 4: "row_too_long"}
    assert found.aside[0].sentence() == "Row 1 has 3 fields, the header has 8."
    assert found.report.rows_without_amount == 4
    assert len(found.orders) == 1


def test_empty_lines_are_no_rows_and_rows_of_commas_are() -> None:
    found = outcome(f"\n{ONLINE_RETAIL}\n\n{retail_row()}\n\n,,,,,,,\n", "online-retail")
    assert found.reasons == {2: "row_empty"}
    assert found.report.rows_in == 2


def test_semicolons_and_tabs_separate_as_well() -> None:
    text = f"{ONLINE_RETAIL}\n{retail_row()}\n"
    for separator in ";\t":
        assert len(outcome(text.replace(",", separator), "online-retail").orders) == 1


def test_a_file_without_a_last_line_end_and_one_with_a_header_only() -> None:
    assert len(outcome(f"{ONLINE_RETAIL}\n{retail_row()}", "online-retail").orders) == 1
    assert outcome(ONLINE_RETAIL, "online-retail").report.rows_in == 0


def test_a_path_a_stream_and_a_stream_that_cannot_seek_give_the_same(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation("seek")

    data = encoded(example("amazon", 20).text(), compressed=True)
    path = tmp_path / "orders.tsv.gz"
    path.write_bytes(data)
    expected = list(read(io.BytesIO(data), "amazon", options=Options(name="orders.tsv.gz")))
    assert list(read(path, "amazon")) == expected
    assert list(read(str(path), "amazon")) == expected
    assert list(read(Pipe(data), "amazon", options=Options(name="orders.tsv.gz"))) == expected


def test_a_stream_is_read_from_where_it_stands_and_left_open() -> None:
    stream = io.BytesIO(b"skip" + encoded(example("amazon", 3).text()))
    stream.seek(4)
    assert len(list(read(stream, "amazon"))) > 3
    assert not stream.closed


RUBBISH = random.Random(1).randbytes(300_000)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"a,b,c\n" + b"1,2,3\n" * 1000,
        RUBBISH,
        RUBBISH.replace(b"\0", b"1"),
        bytes(100_000),
        b"PK\x03\x04 a spreadsheet",
        b"%PDF-1.7",
        gzip.compress(b"x", mtime=0)[:-4],
        gzip.compress(gzip.compress(b"x", mtime=0), mtime=0),
        b"\x1f\x8b rubbish after the mark",
        b"<html><body>Sign in</body></html>",
        b"x" * 5_000_000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_a_file_that_is_something_else_is_refused_at_once(format: Format, data: bytes) -> None:
    with pytest.raises(OrderFileRefused) as refused:
        read(io.BytesIO(data), format, options=Options(name="june.csv"))
    assert refused.value.file == "june.csv"
    assert refused.value.found
    assert refused.value.expected
    assert refused.value.remedy
    assert str(refused.value).isprintable()
    assert re.search("：.*[\u4e00-\u9fff].*；应为.*[\u4e00-\u9fff].*。", refused.value.sentence("zh"))
    assert not re.search(r"[\u4e00-\u9fff][,:;()]", refused.value.sentence("zh"))


def test_a_refusal_names_the_file_the_row_the_column_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text(ONLINE_RETAIL.replace("UnitPrice", "Cost"))
    with pytest.raises(OrderFileRefused) as refused:
        read(path, "online-retail")
    assert str(refused.value) == (
        "june.csv, row 0, column UnitPrice: found a first line without UnitPrice: "
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Cost,CustomerID,Country; "
        "expected the columns of Online Retail. Check the format that was named, or export again."
    )


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(OrderFileRefused, match="column Country"):
        read(io.BytesIO(f"{ONLINE_RETAIL},Country\n".encode()), "online-retail")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OrderFileRefused, match="no readable file"):
        read(tmp_path / "none.csv", "amazon")


@pytest.mark.parametrize(
    "limits, compressed",
    [
        (Limits(file_bytes=1000), False),
        (Limits(text_bytes=1000), True),
        (Limits(columns=10), False),
        (Limits(row_chars=2), False),
    ],
)
def test_limits_refuse_what_is_beyond_them(limits: Limits, compressed: bool) -> None:
    data = encoded(example("amazon", 50).text(), compressed=compressed)
    with pytest.raises(OrderFileRefused):
        read(io.BytesIO(data), "amazon", options=Options(limits=limits))


def test_too_many_open_quotes_refuse_the_file() -> None:
    rows = [retail_row(description='"MUG') for _ in range(50)]
    text = "\n".join((ONLINE_RETAIL, *rows, ""))
    with pytest.raises(OrderFileRefused, match="never close"):
        outcome(text, "online-retail", Options(limits=Limits(broken_quotes=10)))


def test_unknown_formats_zones_and_currencies_are_the_callers_mistake() -> None:
    data = f"{ONLINE_RETAIL}\n".encode()
    with pytest.raises(ValueError, match="format"):
        read(io.BytesIO(data), "ebay")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="timezone"):
        read(io.BytesIO(data), "online-retail", options=Options(timezone="Mars/Olympus"))
    with pytest.raises(ValueError, match="currency"):
        read(io.BytesIO(data), "online-retail", options=Options(currency="QQQ"))


def test_what_is_no_order_file_is_not_recognised() -> None:
    for head in (b"", b"a,b\n1,2", b"[1,2]", b"\x1f\x8bxx", bytes(100), b'{"a":1}'):
        assert detect(head) is None


def test_reading_stops_early_without_leaving_a_file_open(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(encoded(example("woocommerce", 5).text()))
    next(read(path, "woocommerce"))
