"""What may be asked of tax, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import PartyId
from sogdia.primitives.rulebooks import RuleRow


class Refused(IntEnum):
    """Refusals of tax, 7000-7999."""

    BOOK_NOT_OF_TAX = 7001
    BILL_EXISTS = 7002
    CODE_WITHOUT_RATES = 7003
    ROW_VALUE_WRONG = 7004
    TAX_TOO_LARGE = 7005


class PublishRates(Message, frozen=True, kw_only=True, tag="tax.publish_rates"):
    """Publish rows of the books `tax.cn.retail_import.*`. Signed by the tax authority.

    `...rates` has key = beginning of an HS code (2 digits or more, longest wins) and value a JSON object of decimal
    strings: `vat`, `duty` (left out where unknown: such goods cannot be taxed over a limit), `consumption` (ad valorem,
    below 1) and `consumption_per_unit_fen` (specific, per legal unit). `...share` has the keys `within` and `over`, and
    value a JSON object of the part of `duty`, `vat` and `consumption` that is due, from "0" to "1".
    """

    authority: PartyId
    rows: Annotated[tuple[RuleRow, ...], Meta(min_length=1, max_length=200)]


class RatesPublished(Event, frozen=True, kw_only=True, tag="tax.rates_published"):
    """Rows of a tax book are on record."""

    authority: PartyId
    rows: int


class Billed(Event, frozen=True, kw_only=True, tag="tax.billed"):
    """An import list was taxed; amounts in fen."""

    broker: PartyId
    list_no: str
    duty_fen: int
    consumption_fen: int
    vat_fen: int


_AUTHORITY = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"

EXAMPLES: tuple[Message, ...] = (
    PublishRates(
        authority=_AUTHORITY,
        rows=(
            RuleRow(
                book="tax.cn.retail_import.rates",
                key="3304",
                valid_from="2019-04-01",
                valid_to="2026-12-31",
                value='{"duty":"0.05","vat":"0.13","consumption":"0.15","consumption_per_unit_fen":"0"}',
                source="Caiguanshui 49/2018; VAT 13% since April 2019",
                certainty="secondary",
            ),
        ),
    ),
)
