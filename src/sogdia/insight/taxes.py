"""The tax of a trade: each figure with the rows of rates and shares that it was made with, their sources and days."""

from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.refusal import Refusal
from sogdia.core.state import View
from sogdia.core.values import day_of
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS, ImportList
from sogdia.domains.tax.state import (
    BILLS,
    RATES_BOOK,
    RULEBOOK,
    SHARE_BOOK,
    Assessment,
    TaxedLine,
    assess,
)
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured
from sogdia.insight.reading import Row, rows_of
from sogdia.insight.risks import UNCHECKED

_TAXES: Final = ("duty_fen", "consumption_fen", "vat_fen")


class Rule(msgspec.Struct, frozen=True):
    """A published row: its value, the days on which it holds, its source; `unchecked` when nobody checked that."""

    book: str
    key: str
    valid_from: str
    valid_to: str
    value: Any
    source: str
    certainty: str
    unchecked: bool


class LineTaxed(msgspec.Struct, frozen=True):
    """What one line owes, in fen, on which value; `rates` is the row behind it, None if it is not in the picture."""

    line: int
    hs_code: str
    taxable_fen: int
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    certainty: str
    rates: Rule | None


class Tax(msgspec.Struct, frozen=True):
    """One bill: `day` is the day whose rates hold, `share` which part of each tax is due (within or over the limits).

    The formulas stand at the head of `domains/tax/state.py`; `rounding` says how amounts were rounded.
    """

    record: tuple[str, ...]
    broker: str
    list_no: str
    payer: str
    invt_no: str
    day: str
    billed_at_ms: int
    share: str
    share_rule: Rule | None
    share_certainty: str
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    total_fen: int
    rounding: str
    lines: tuple[LineTaxed, ...]


def estimated(view: View, declared: ImportList, now_ms: int) -> Assessment | Refusal:
    """What an import list would owe if customs accepted it now, in fen, or why that cannot be told: no rate, no row.

    The very rules that bill it when it is released, which take the rates of the day of acceptance.
    """
    lines = [TaxedLine(line.line, line.hs_code, line.total_minor, line.legal_quantity_e5) for line in declared.lines]
    day = day_of(now_ms, LEGAL_DAY_OFFSET_HOURS)
    try:
        return assess(view, day, lines, declared.share, declared.freight_minor + declared.insured_minor)
    except Refusal as no:
        return no


def codes_without_rates(picture: Pictured, asker: Asker, moment: Moment, most: int = 200) -> list[str]:
    """HS codes of products on record for which the books hold no rates today, at most so many; digits."""
    day = day_of(moment.now_ms, LEGAL_DAY_OFFSET_HOURS)
    made, products = picture.table(RULEBOOK), picture.table(PRODUCTS)
    shelves = picture.rows(sql.select(made.c.rows).where(made.c.book == RATES_BOOK, picture.visible(RULEBOOK, asker)))
    keys = {row["key"] for shelf in shelves for row in shelf["rows"] if row["valid_from"] <= day <= row["valid_to"]}
    wanted = sql.select(products.c.hs_code).where(picture.visible(PRODUCTS, asker)).distinct()
    codes = sorted(row["hs_code"] for row in picture.rows(wanted))
    beginnings = {key[:length] for key in keys for length in range(1, len(key) + 1)}
    lacking = [
        code
        for code in codes
        if code.isdigit() and code not in beginnings and not any(code[:end] in keys for end in range(1, len(code) + 1))
    ]
    return lacking[:most]


def taxes_of(picture: Pictured, asker: Asker, lists: list[Row]) -> tuple[Tax, ...]:
    """The bills of these lists that the asker may see."""
    found = []
    for one in lists:
        for bill in rows_of(picture, asker, BILLS, broker=one["broker"], list_no=one["list_no"]):
            found.append(_tax(picture, asker, bill))
    return tuple(found)


def _tax(picture: Pictured, asker: Asker, bill: Row) -> Tax:
    keys = {line[6] for line in bill["lines"]}
    rules = _rules(picture, asker, RATES_BOOK, keys) | _rules(picture, asker, SHARE_BOOK, {bill["share"]})
    lines = tuple(_line(line, rules) for line in bill["lines"])
    share = rules.get((SHARE_BOOK, bill["share"], bill["share_from"]))
    names = ("broker", "list_no", "payer", "invt_no", "day", "billed_at_ms", "share", "share_certainty", "rounding")
    return Tax(
        record=(BILLS.name, bill["broker"], bill["list_no"]),
        **{name: bill[name] for name in (*names, *_TAXES)},
        total_fen=sum(bill[name] for name in _TAXES),
        share_rule=share,
        lines=lines,
    )


def _line(line: list[Any], rules: dict[tuple[str, str, str], Rule]) -> LineTaxed:
    number, hs_code, taxable, duty, consumption, vat, key, since, certainty = line
    rates = rules.get((RATES_BOOK, key, since))
    return LineTaxed(number, hs_code, taxable, duty, consumption, vat, certainty, rates)


def _rules(picture: Pictured, asker: Asker, book: str, keys: set[str]) -> dict[tuple[str, str, str], Rule]:
    """The rows of a book under these keys, by book, key and first day."""
    made = picture.table(RULEBOOK)
    wanted = sql.select(made.c.rows).where(made.c.book == book, made.c.key.in_(sorted(keys)))
    found = {}
    for shelf in picture.rows(wanted.where(picture.visible(RULEBOOK, asker))):
        for row in shelf["rows"]:
            value = msgspec.json.decode(row["value"])
            rule = Rule(**{**row, "value": value}, unchecked=row["certainty"] in UNCHECKED)
            found[book, rule.key, rule.valid_from] = rule
    return found
