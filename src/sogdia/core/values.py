"""The words that every room speaks: ids, money, quantities, instants, and the limits that all input obeys.

Numbers are integers. Money is minor units beside an ISO 4217 code; a price is in hundred-thousandths of the currency
unit because the customs formats carry five decimals (CEB N19,5); an instant is milliseconds of UTC.

In a pattern, `$` also holds before a last line feed: where no greatest length excludes one, `(?!...)` does.
"""

from datetime import date, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

PartyId = Annotated[str, Meta(min_length=1, max_length=64, description="DID of a party, did:bid:<network code>:...")]
KeyId = Annotated[str, Meta(min_length=1, max_length=80, description="DID URL of a key: the party's DID, #, key name")]
Reference = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)", min_length=1, max_length=60, description="a number given by a party, 1-60"
    ),
]
Text = Annotated[str, Meta(max_length=250, description="free text, at most 250 characters")]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", max_length=2, description="ISO 3166-1 alpha-2")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3, description="ISO 4217 alphabetic code")]
Instant = Annotated[int, Meta(ge=0, le=253_402_300_799_999, description="milliseconds since 1970-01-01T00:00:00Z")]
Day = Annotated[str, Meta(min_length=10, max_length=10, description="a calendar day, YYYY-MM-DD")]
Minor = Annotated[int, Meta(ge=0, le=10**15, description="money in minor units of the currency named beside it")]
PriceE5 = Annotated[int, Meta(ge=0, le=10**16, description="price of one unit, in 1/100000 of the currency unit")]
Count = Annotated[int, Meta(ge=1, le=10**12, description="a whole number of units")]
Grams = Annotated[int, Meta(ge=0, le=10**12, description="mass in grams")]
Digest = Annotated[
    str, Meta(pattern="^[0-9a-f]{64}$", max_length=64, description="SHA-256 as 64 lower-case hexadecimal digits")
]

CLOCK_TOLERANCE_MS = 300_000
"""How far a party's clock may run ahead of the block's: five minutes."""

MINOR_DIGITS_EXCEPTIONS: dict[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Currencies whose minor unit is not a hundredth. Source: ISO 4217:2015 table A.1."""


class Money(msgspec.Struct, frozen=True, array_like=True):
    """An amount: whole minor units of one currency."""

    currency: Currency
    minor: int


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has (2 unless ISO 4217 says otherwise)."""
    return MINOR_DIGITS_EXCEPTIONS.get(currency, 2)


def minor_to_e5(currency: str, minor: int) -> int:
    """The same amount in 1/100000 of the currency unit."""
    return int(minor * 10 ** (5 - minor_digits(currency)))


def is_line_total(currency: str, quantity: int, price_e5: int, total_minor: int) -> bool:
    """Whether quantity times price is this total to the nearest minor unit.

    A price has five decimals (CEB N19,5); a channel that tells only a line's total gives a price that was divided.
    """
    return 2 * abs(quantity * price_e5 - minor_to_e5(currency, total_minor)) <= minor_to_e5(currency, 1)


def day_of(instant_ms: int, offset_hours: int = 0) -> str:
    """The calendar day of an instant at a fixed offset from UTC, as YYYY-MM-DD (China's legal day: 8)."""
    return (date(1970, 1, 1) + timedelta(days=(instant_ms + offset_hours * 3_600_000) // 86_400_000)).isoformat()
