"""Reading order files: the real one where it is, and how fast a wrong one is refused."""

import io
import time
from collections.abc import Callable
from decimal import Decimal

from bench.figures import Figure, peak_memory_mb
from bench.job import real_file
from sogdia.standards.orders import FileReport, OrderFileRefused, read

ROWS = 200_000


def measure(ceiling: float) -> list[Figure]:
    """Rows per second of the reader; seconds until wrong files of 200,000 rows are refused."""
    figures = [
        Figure(f"refusal of {ROWS} rows: {name}", _seconds_to_refuse(make()), "s", 5, higher_is_better=False)
        for name, make in WRONG_FILES.items()
    ]
    path = real_file()
    if path is not None:
        began = time.perf_counter()
        *_, report = read(path, "online-retail")
        seconds = time.perf_counter() - began
        assert isinstance(report, FileReport)
        assert report.closes
        assert sum(Decimal(amount) for _, amount in report.sums_in) > 0
        notes = {"seconds": round(seconds, 2), "peak_memory_mb": round(peak_memory_mb())}
        figures.append(Figure("order file read", report.rows_in / seconds, "rows/s", rate=False, notes=notes))
    return figures


def _seconds_to_refuse(content: bytes) -> float:
    began = time.perf_counter()
    try:
        for _ in read(io.BytesIO(content), "online-retail"):
            pass
    except OrderFileRefused:
        return time.perf_counter() - began
    raise AssertionError("the file was not refused")


WRONG_FILES: dict[str, Callable[[], bytes]] = {
    "other columns": lambda: b"name,colour,size\n" + b"lantern,white,small\n" * ROWS,
    "no text": lambda: bytes(range(256)) * (ROWS // 8),
    "quotes that never close": lambda: (
        b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        + b'536365,85123A,"WHITE LANTERN,6,2010-12-01 08:26:00,2.55,17850,France\n' * ROWS
    ),
}
