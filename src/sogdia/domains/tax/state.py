"""Rates and bills on record, the formulas between them, and the only functions that write them.

The formulas (Caiguanshui 18/2016 and 49/2018) for one line, in fen:

    V    goods and the line's part of freight and insurance
    D    duty        V x rate x share of duty
    CP   composite   (V + D + q s) / (1 - c)     q legal quantity, s specific and c ad valorem consumption tax
    CT   consumption (CP c + q s) x share of consumption tax
    VAT  added value CP v x share of value added tax

Everything is an exact fraction until a tax of a line is rounded, once. Inside the limits the share of duty is 0, so
that D is 0 in CP too; over a limit every share is 1.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.domains.tax.messages import Billed, Refused
from sogdia.primitives import rulebooks
from sogdia.primitives.rulebooks import Certainty, RuleRow

RATES_BOOK = "tax.cn.retail_import.rates"
SHARE_BOOK = "tax.cn.retail_import.share"
ROUNDING = "each tax of each line, half up, to the fen (certainty: memory)"
"""How amounts are rounded; written on each bill, because nobody could check it against a text."""

LARGEST_TAX_FEN = 10**15
"""No line owes more of any tax: an absurd quantity or rate is refused and does not stop the record."""

ShareName = Literal["within", "over"]
Rate = Annotated[str, Meta(pattern=r"^[0-9](\.[0-9]{1,8})?$(?!\n)", description="decimal string below 10")]
PerUnit = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?$(?!\n)", description="decimal string, fen")]
Part = Annotated[str, Meta(pattern=r"^(0(\.[0-9]{1,8})?|1)$(?!\n)", description="decimal string from 0 to 1")]
BelowOne = Annotated[str, Meta(pattern=r"^0(\.[0-8][0-9]{0,7})?$(?!\n)", description="decimal string, 0 to below 0.9")]


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of rates. Without `duty` the goods can only be taxed inside the limits, where none is due."""

    vat: Rate
    duty: Rate | None = None
    consumption: BelowOne = "0"
    consumption_per_unit_fen: PerUnit = "0"


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of each tax that is due."""

    duty: Part
    vat: Part
    consumption: Part


class TaxedLine(msgspec.Struct, frozen=True):
    """One line to tax: value of the goods in fen, legal quantity in 1/100000 of the legal unit."""

    line: int
    hs_code: str
    value_fen: int
    legal_quantity_e5: int


class LineTax(msgspec.Struct, frozen=True, array_like=True):
    """What a line owes, in fen, on which value, and by which row of rates; `certainty` is that row's."""

    line: int
    hs_code: str
    taxable_fen: int
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    rates_key: str
    rates_from: str
    certainty: Certainty


class Assessment(msgspec.Struct, frozen=True):
    """What a list owes, line by line and in all, in fen, and by which row of shares."""

    day: str
    share: ShareName
    share_from: str
    share_certainty: Certainty
    lines: tuple[LineTax, ...]
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    rounding: str = ROUNDING


class Taxed(msgspec.Struct, frozen=True):
    """The released list that a bill is for; `payer` collects the tax from the buyer and pays it in."""

    broker: str
    list_no: str
    seller: str
    platform: str
    order: str
    payer: str
    invt_no: str


class Bill(Record, frozen=True, array_like=True):
    """The tax on one released import list (CEB816), in fen."""

    broker: str
    list_no: str
    seller: str
    platform: str
    order: str
    payer: str
    invt_no: str
    day: str
    share: str
    share_from: str
    share_certainty: str
    lines: tuple[LineTax, ...]
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    rounding: str
    billed_at_ms: int


RULEBOOK = rulebooks.shelves("tax.rulebook")
BILLS = Table(
    "tax.bill",
    Bill,
    key=("broker", "list_no"),
    seen_by=("broker", "seller", "platform", "payer"),
    roles=("customs", "tax_authority"),
)

_decode_rates = lru_cache(maxsize=1000)(msgspec.json.Decoder(Rates).decode)
_decode_share = lru_cache(maxsize=100)(msgspec.json.Decoder(Share).decode)


def check_row(row: RuleRow) -> None:
    """Refuse a row whose value cannot be used: ROW_VALUE_WRONG names it and says what is wrong."""
    try:
        if row.book == RATES_BOOK:
            _decode_rates(row.value)
        elif row.book == SHARE_BOOK:
            _decode_share(row.value)
    except msgspec.MsgspecError as wrong:
        raise Refusal(Refused.ROW_VALUE_WRONG, book=row.book, key=row.key, detail=str(wrong)[:200]) from None


def assess(
    view: View, day: str, lines: Sequence[TaxedLine], share: ShareName, freight_and_insurance_fen: int = 0
) -> Assessment:
    """What these lines owe on this day; CODE_WITHOUT_RATES and the rulebook's refusals name what is missing.

    Freight and insurance are spread over the lines by value (see `spread`).
    """
    due = rulebooks.answer(view, RULEBOOK, SHARE_BOOK, share, day)
    added = spread(freight_and_insurance_fen, [line.value_fen for line in lines])
    taxed = [_line_tax(view, day, line, line.value_fen + more, due) for line, more in zip(lines, added, strict=True)]
    return Assessment(
        day,
        share,
        due.valid_from,
        due.certainty,
        tuple(taxed),
        sum(line.duty_fen for line in taxed),
        sum(line.consumption_fen for line in taxed),
        sum(line.vat_fen for line in taxed),
    )


def spread(total_fen: int, values_fen: Sequence[int]) -> list[int]:
    """Cut an amount along values, to the fen and without remainder: largest remainder first, then the earlier line.

    Over lines without any value (gifts) it is cut evenly. The method is our own choice (certainty: derived).
    """
    weights = values_fen if any(values_fen) else [1] * len(values_fen)
    whole = sum(weights)
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(total_fen * weights[at] % whole), at))
    for at in by_remainder[: total_fen - sum(parts)]:
        parts[at] += 1
    return parts


def put_bill(ledger: Ledger, taxed: Taxed, assessed: Assessment) -> Bill:
    """Put the bill of a released list on record and tell those who pay and collect it."""
    if BILLS.get(ledger.state, taxed.broker, taxed.list_no) is not None:
        raise Refusal(Refused.BILL_EXISTS, broker=taxed.broker, list_no=taxed.list_no)
    bill = Bill(
        taxed.broker,
        taxed.list_no,
        taxed.seller,
        taxed.platform,
        taxed.order,
        taxed.payer,
        taxed.invt_no,
        assessed.day,
        assessed.share,
        assessed.share_from,
        assessed.share_certainty,
        assessed.lines,
        assessed.duty_fen,
        assessed.consumption_fen,
        assessed.vat_fen,
        assessed.rounding,
        ledger.time_ms,
    )
    BILLS.put(ledger.state, bill)
    ledger.announce(
        Billed(
            broker=bill.broker,
            list_no=bill.list_no,
            duty_fen=bill.duty_fen,
            consumption_fen=bill.consumption_fen,
            vat_fen=bill.vat_fen,
            parties=tuple(dict.fromkeys((bill.broker, bill.seller, bill.platform, bill.payer))),
            roles=("customs", "tax_authority"),
        )
    )
    return bill


def _line_tax(view: View, day: str, line: TaxedLine, taxable_fen: int, due: RuleRow) -> LineTax:
    row = _rates_row(view, line.hs_code, day)
    rates, share = _decode_rates(row.value), _decode_share(due.value)
    duty = taxable_fen * _duty_rate(line, rates, day, row) * Fraction(share.duty) if share.duty != "0" else Fraction(0)
    specific = Fraction(line.legal_quantity_e5, 100_000) * Fraction(rates.consumption_per_unit_fen)
    consumption_rate = Fraction(rates.consumption)
    composite = (taxable_fen + duty + specific) / (1 - consumption_rate)
    consumption = (composite * consumption_rate + specific) * Fraction(share.consumption)
    added_value = composite * Fraction(rates.vat) * Fraction(share.vat)
    amounts = half_up(duty), half_up(consumption), half_up(added_value)
    if max(amounts) > LARGEST_TAX_FEN:
        raise Refusal(Refused.TAX_TOO_LARGE, hs_code=line.hs_code, tax_fen=str(max(amounts)), limit_fen=LARGEST_TAX_FEN)
    return LineTax(line.line, line.hs_code, taxable_fen, *amounts, row.key, row.valid_from, row.certainty)


def _rates_row(view: View, hs_code: str, day: str) -> RuleRow:
    try:
        return rulebooks.longest_prefix(view, RULEBOOK, RATES_BOOK, hs_code, day)
    except Refusal as no:
        if no.code != rulebooks.Refused.NO_ROW:
            raise
        raise Refusal(Refused.CODE_WITHOUT_RATES, hs_code=hs_code, day=day, missing="rates") from None


def _duty_rate(line: TaxedLine, rates: Rates, day: str, row: RuleRow) -> Fraction:
    if rates.duty is None:
        raise Refusal(Refused.CODE_WITHOUT_RATES, hs_code=line.hs_code, day=day, missing="duty", rates_key=row.key)
    return Fraction(rates.duty)


def half_up(amount: Fraction) -> int:
    """Round a fraction of zero or more to a whole number, halves up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
