"""Lists to take away: CSV and Excel of a whole result.

CSV is sent while it is read, however long it is. A workbook is written to disk first, so its rows and bytes are
bounded, and so is how many are made at a time; nothing of it has a name on disk once it is being sent.

Values that a spreadsheet would take for a formula get a quote in front (OWASP, CSV injection); Excel gets texts as
texts and never computes one. Instants are ISO 8601 in UTC, money stands in units of its currency. Parties are told by
name and states in words, each with its identifier or code in a column of its own behind it.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any, Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from sogdia.core.values import minor_digits
from sogdia.insight.orders import EXPORTED, Trade

Cell = str | int | Decimal | None
CSV_TYPE: Final = "text/csv; charset=utf-8"
EXCEL_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXCEL_ROWS: Final = 200_000
"""Most rows of a workbook below its heading; a sheet could hold 1,048,575, and nobody could open it."""
EXCEL_BYTES: Final = 512 * 1024 * 1024
"""Most bytes that a workbook may take on disk before it is packed."""
EXCEL_AT_A_TIME: Final = 2
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CURRENCY_OF: Final = {
    "paid_minor": "currency", "refunded_minor": "currency", "declared_minor": "declared_currency",
}  # fmt: skip
_PARTIES: Final = frozenset({"platform", "seller", "institution", "carrier", "broker"})
_WORDS: Final = {
    "state": "desks_state", "waits_for": "desks_waits", "troubles": "desks_trouble", "parcel": "desks_parcel",
    "phase": "desks_phase", "direction": "desks_direction",
}  # fmt: skip
"""What is told in words, and where the words of its codes stand."""
_CHUNK: Final = 64 * 1024
_BATCH: Final = 500
_TURNS: Final = BoundedSemaphore(EXCEL_AT_A_TIME)


class TooMuch(Exception):
    """The result is more than a workbook may hold, in rows or in bytes; the message says which bound."""


class TurnsTaken(Exception):
    """As many workbooks as may be are being made; none was begun."""


class Telling:
    """How one export tells codes and parties: sentences of its language by key, names as far as its reader sees them.

    Names are looked up once for each party, some hundred trades at a time.
    """

    def __init__(self, say: Callable[..., str], names_of: Callable[[Iterable[str]], Mapping[str, str]]) -> None:
        self.say, self._names_of = say, names_of
        self._names: dict[str, str] = {}

    def heading(self) -> list[str]:
        """The columns in their order, in words."""
        found = []
        for name in EXPORTED:
            words = self.say(f"desks_field.{name}")
            found.append(words)
            if name in _PARTIES or name in _WORDS:
                found.append(self.say("desks_export.did" if name in _PARTIES else "desks_export.code", column=words))
        return found

    def rows(self, trades: Iterable[Trade]) -> Iterator[list[Cell]]:
        """Each trade as a row under `heading`."""
        batch: list[Trade] = []
        for trade in trades:
            batch.append(trade)
            if len(batch) == _BATCH:
                yield from self._told(batch)
                batch = []
        yield from self._told(batch)

    def _told(self, trades: Sequence[Trade]) -> Iterator[list[Cell]]:
        met = {getattr(trade, name) for trade in trades for name in _PARTIES} - {None, *self._names}
        self._names |= dict.fromkeys(met, "") | dict(self._names_of(met) if met else {})
        for trade in trades:
            yield [cell for name in EXPORTED for cell in self._cells(trade, name)]

    def _cells(self, trade: Trade, name: str) -> tuple[Cell, ...]:
        code = _cell(trade, name)
        if name in _PARTIES:
            return self._names.get(getattr(trade, name), "") or None, code
        if name in _WORDS:
            return self._words(_WORDS[name], getattr(trade, name)), code
        return (code,)

    def _words(self, where: str, codes: str | tuple[str, ...] | None) -> str | None:
        if codes is None:
            return None
        each = (codes,) if isinstance(codes, str) else codes
        return self.say("console.comma").join(self.say(f"{where}.{one}") for one in each)


def as_csv(trades: Iterator[Trade], telling: Telling) -> Iterator[bytes]:
    """UTF-8 with a mark at the beginning, by which Excel knows it; some hundred rows at a time."""
    held = io.StringIO()
    write = csv.writer(held, lineterminator="\r\n")
    held.write("\ufeff")
    write.writerow([guarded(one) for one in telling.heading()])
    for number, cells in enumerate(telling.rows(trades), 1):
        write.writerow([guarded(one) if isinstance(one, str) else one for one in cells])
        if number % _BATCH == 0:
            yield _emptied(held)
    yield _emptied(held)


def excel_file(
    trades: Iterator[Trade], telling: Telling, name: str, rows: int = EXCEL_ROWS, most_bytes: int = EXCEL_BYTES
) -> IO[bytes]:
    """A workbook with one sheet, in a file that is gone when it is closed; `TooMuch` or `TurnsTaken`.

    What XlsxWriter keeps on the way stands in a folder of its own, which is gone in either case.
    """
    if not _TURNS.acquire(blocking=False):
        raise TurnsTaken
    try:
        with ExitStack() as kept:
            file = kept.enter_context(TemporaryFile(prefix="sogdia-export-"))
            with TemporaryDirectory(prefix="sogdia-export-") as folder:
                _write(file, folder, trades, telling, name, rows, most_bytes)
            file.seek(0)
            kept.pop_all()
    finally:
        _TURNS.release()
    return file


def sent(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces; it is closed at its end, and when whoever reads goes away."""
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _write(
    file: IO[bytes],
    folder: str,
    trades: Iterator[Trade],
    telling: Telling,
    name: str,
    rows: int,
    most_bytes: int,
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
    book = Workbook(file, options)
    sheet = _sheet(book, telling.heading(), name)
    try:
        for row, cells in enumerate(telling.rows(trades), 1):
            if row > rows:
                raise TooMuch(f"{rows:,} rows")
            _row(sheet, row, cells)
            if row % _BATCH == 0 and _size(folder) > most_bytes:
                raise TooMuch(f"{most_bytes:,} bytes")
    except BaseException:
        sheet.row_data_fh.close()
        raise
    book.close()


def _size(folder: str) -> int:
    return sum(one.stat().st_size for one in os.scandir(folder))


def _sheet(book: Any, heading: Sequence[str], name: str) -> Any:
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 3)  # the platform by name and identifier, and the order
    sheet.set_column(0, len(heading) - 1, 18)
    for column, words in enumerate(heading):
        sheet.write_string(0, column, words, bold)
    return sheet


def _row(sheet: Any, row: int, cells: Sequence[Cell]) -> None:
    for column, one in enumerate(cells):
        if isinstance(one, str):
            sheet.write_string(row, column, one)
        elif one is not None:
            sheet.write_number(row, column, one)


def _cell(trade: Trade, name: str) -> Cell:
    value = getattr(trade, name)
    if value is None:
        return None
    if name.endswith(("_at_ms", "_since_ms")):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if name in _CURRENCY_OF:
        currency = getattr(trade, _CURRENCY_OF[name])
        return None if currency is None else Decimal(value).scaleb(-minor_digits(currency))
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, int) else str(value)


def _emptied(held: io.StringIO) -> bytes:
    found = held.getvalue().encode("utf-8", "replace")
    held.seek(0)
    held.truncate()
    return found
