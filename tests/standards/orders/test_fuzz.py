"""Whatever bytes come in: a refusal, or rows that are all somewhere and sums that close. Never another exception."""

import contextlib
import gzip
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import example as also
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.orders import FORMATS, Format, Limits, Options, OrderFileRefused, detect, read, read_catalogue
from sogdia.standards.orders.examples import encoded, example
from tests.standards.orders.reading import ONLINE_RETAIL, outcome, retail_row, sorted_out

TIGHT = Options(limits=Limits(row_chars=2_000, row_lines=4, element_chars=3_000, order_lines=3, window_rows=2))
formats = st.sampled_from(FORMATS)
MARKS = [
    '"',
    '""',
    ",",
    "\t",
    ";",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "'",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\ud7ff",
    "é",
    "杯",
    "\ufeff",
]
WORDS = ["0", "-1", "NaN", "1e9", "Infinity", "9" * 30, "0.000000001", " ", "null", '"a":', "C536365", "=1+1"]
nasty = st.sampled_from([*MARKS, *WORDS])


def read_or_refused(data: bytes, format: Format, options: Options | None = None) -> None:
    """Read to the end; a refusal is fine, also in the middle."""
    items = []
    with contextlib.suppress(OrderFileRefused):
        for item in read(io.BytesIO(data), format, options=options):
            items.append(item)
        sorted_out(items)
    for item in items:
        assert msgspec.json.encode(item)


@given(st.binary(max_size=400), formats)
@also(b"\xff\xfe\x00", "shopify")
@also(b"\x1f\x8b\x08", "amazon")
@also(b"\xef\xbb\xbf[", "woocommerce")
def test_any_bytes_are_refused_or_read(data: bytes, format: Format) -> None:
    detect(data)
    read_or_refused(data, format)
    read_or_refused(gzip.compress(data), format)
    with contextlib.suppress(OrderFileRefused):
        read_catalogue(io.BytesIO(data))


@given(formats, st.integers(0, 50), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6))
@also("shopify", 0, [(0.0625, b"\x80")])  # a damaged column name
def test_a_good_file_with_bytes_written_over_it(format: Format, seed: int, hits: list[tuple[float, bytes]]) -> None:
    data = bytearray(encoded(example(format, 6, seed=seed).text()))
    for place, new in hits:
        at = int(place * len(data))
        data[at : at + len(new)] = new
    read_or_refused(bytes(data), format)
    read_or_refused(bytes(data), format, TIGHT)


@given(formats, st.integers(0, 50), st.lists(st.tuples(st.floats(0, 1), nasty), min_size=1, max_size=8), st.data())
def test_a_good_file_with_pieces_put_in(
    format: Format, seed: int, pieces: list[tuple[float, str]], data: st.DataObject
) -> None:
    text = example(format, 6, seed=seed).text(shape=data.draw(st.sampled_from(["array", "object", "lines"])))
    for place, piece in pieces:
        at = int(place * len(text))
        text = text[:at] + piece + text[at:]
    encoding = data.draw(st.sampled_from(["utf-8", "utf-16", "gb18030", "cp1252"]))
    read_or_refused(encoded(text, encoding), format)
    read_or_refused(encoded(text, encoding), format, TIGHT)


@given(formats, st.integers(0, 50), st.floats(0, 1))
def test_a_good_file_cut_anywhere(format: Format, seed: int, place: float) -> None:
    data = encoded(example(format, 6, seed=seed).text())
    read_or_refused(data[: int(place * len(data))], format)
    packed = gzip.compress(data)
    read_or_refused(packed[: int(place * len(packed))], format)


cells = st.one_of(st.text(max_size=12), nasty)


@given(st.lists(st.lists(cells, min_size=8, max_size=8), max_size=12))
def test_any_cells_in_online_retail_rows(table: list[list[str]]) -> None:
    rows = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    text = "\n".join((ONLINE_RETAIL, *rows, retail_row(), ""))
    read_or_refused(text.encode("utf-8", "surrogatepass"), "online-retail")


sales = st.tuples(st.sampled_from("123"), st.integers(1, 5), st.booleans(), st.sampled_from(["7", "8", ""]))


@given(st.lists(sales, max_size=30))
def test_never_more_is_cancelled_than_was_sold(table: list[tuple[str, int, bool, str]]) -> None:
    rows = [
        retail_row(
            invoice=f"{'C' if back else ''}{1000 + n // 2}",
            sku=sku,
            quantity=str(-quantity if back else quantity),
            customer=customer,
        )
        for n, (sku, quantity, back, customer) in enumerate(table)
    ]
    found = outcome("\n".join((ONLINE_RETAIL, *rows, "")), "online-retail")
    left = {line.row: line.quantity for order in found.orders for line in order.lines}
    for part in found.cancellations:
        for line in part.lines:
            left[line.order_row] -= line.quantity
    assert all(quantity >= 0 for quantity in left.values())


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
GOOD = json.loads(example("woocommerce", 1, mistakes=False).text())[0]


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values, max_size=4), json_values)
def test_any_values_in_a_woocommerce_order(changes: dict[str, object], stranger: object) -> None:
    orders = [GOOD, {**GOOD, "number": "2", **changes}, stranger]
    read_or_refused(json.dumps(orders).encode(), "woocommerce")
    read_or_refused(json.dumps(orders, ensure_ascii=False).encode("utf-8", "surrogatepass"), "woocommerce")


@pytest.mark.slow
def test_the_hash_seed_changes_nothing() -> None:
    script = (
        "import io, hashlib, msgspec\n"
        "from sogdia.standards.orders import FORMATS, read\n"
        "from sogdia.standards.orders.examples import encoded, example\n"
        "total = hashlib.sha256()\n"
        "for format in FORMATS:\n"
        "    for item in read(io.BytesIO(encoded(example(format, 60, seed=4).text())), format):\n"
        "        total.update(msgspec.json.encode(item))\n"
        "print(total.hexdigest())\n"
    )
    source = str(Path(__file__).resolve().parents[3] / "src")
    seen = set()
    for seed in ("0", "1", str(random.randint(2, 4_000_000_000))):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": source}
        command = [sys.executable, "-c", script]
        seen.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    assert len(seen) == 1
