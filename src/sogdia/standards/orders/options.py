"""What the caller may set: limits on the input, and facts that some files do not carry."""

from __future__ import annotations

from typing import Literal

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Limits on an input; a file or row beyond them is refused or set aside, never cut short.

    `row_chars` stays below the CSV module's own limit for one field (131,072).
    `window_rows`: rows of one order may stand at most this many rows apart; an order that returns later is set aside.
    `broken_quotes`: so many rows with a quote that never closes are forgiven before the file is refused.
    `workbook_seconds`: processor time that a workbook may take until it is text.
    """

    file_bytes: int = 512 * 1024 * 1024
    text_bytes: int = 2 * 1024 * 1024 * 1024
    row_chars: int = 100_000
    row_lines: int = 500
    element_chars: int = 4_000_000
    columns: int = 500
    order_lines: int = 2_000
    window_rows: int = 64
    broken_quotes: int = 1_000
    workbook_seconds: int = 30


class Options(msgspec.Struct, frozen=True):
    """Limits, and what the format itself leaves open.

    `timezone` (IANA name) is for times that carry no offset; None means Europe/London for online-retail, and for the
    others that such times are set aside. `slash_dates` says how 1/12/2010 is meant; None sets such rows aside.
    `sheet` names the one of a workbook that is meant, where several have the heading.
    `currency` is the currency of an online-retail file, which has no such column.
    `amazon_prices_include_tax`: in markets with VAT Amazon's item-price contains item-tax; the file does not say.
    """

    limits: Limits = Limits()
    name: str | None = None
    timezone: str | None = None
    slash_dates: Literal["mdy", "dmy"] | None = None
    currency: str = "GBP"
    sheet: str = ""
    amazon_prices_include_tax: bool = False
