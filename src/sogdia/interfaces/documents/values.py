"""Values between the record and customs' formats, both ways and without rounding.

The record counts minor units, hundred-thousandths and grams and knows UTC; customs writes N19,5 decimals, kilograms and
China's time. A value that would have to be rounded is no value: the reading functions give None for it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sogdia.core.values import minor_digits

CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TIME: Final = re.compile(r"[0-9]{14}([0-9]{3})?")
_NAMESPACE: Final = uuid5(NAMESPACE_URL, "urn:sogdia:documents")


def amount(currency: str, minor: int) -> Decimal:
    """Minor units as an amount of the currency: 2034 EUR cents are 20.34."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def minor_of(currency: str, value: Decimal) -> int | None:
    """An amount in minor units; None where it is finer than they are."""
    return _whole(value, minor_digits(currency))


def from_e5(value_e5: int) -> Decimal:
    """Hundred-thousandths as a decimal, without zeros at its end."""
    return Decimal(value_e5).scaleb(-5).normalize()


def e5_of(value: Decimal) -> int | None:
    """A decimal in hundred-thousandths; None with more than five decimals."""
    return _whole(value, 5)


def kilograms(grams: int) -> Decimal:
    """Grams in kilograms: 2900 are 2.900."""
    return Decimal(grams).scaleb(-3)


def grams_of(kilograms: Decimal) -> int | None:
    """Kilograms in grams; None below a gram's precision."""
    return _whole(kilograms, 3)


def count_of(value: Decimal) -> int | None:
    """A quantity that is a whole number; None for any other."""
    return _whole(value, 0)


def time14(instant_ms: int) -> str:
    """An instant as YYYYMMDDhhmmss in China; the milliseconds are cut off."""
    return _china(instant_ms).strftime("%Y%m%d%H%M%S")


def time17(instant_ms: int) -> str:
    """An instant as YYYYMMDDhhmmssSSS in China."""
    return f"{time14(instant_ms)}{instant_ms % 1000:03d}"


def day8(instant_ms: int) -> str:
    """The day of an instant in China, YYYYMMDD."""
    return time14(instant_ms)[:8]


def instant_of(text: str) -> int | None:
    """Milliseconds of UTC of a time in China, with or without milliseconds; None for anything else."""
    if not _TIME.fullmatch(text):
        return None
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
    return (moment - _EPOCH) // _MILLISECOND + int(text[14:] or 0)


def guid(network: str, number: int, *key: str) -> str:
    """The guid of message `number` on one record: the same one each time, upper case (RFC 9562, version 5)."""
    return str(uuid5(_NAMESPACE, "\n".join((network, str(number), *key)))).upper()


def _china(instant_ms: int) -> datetime:
    return (_EPOCH + timedelta(milliseconds=instant_ms)).astimezone(CHINA)


def _whole(value: Decimal, digits: int) -> int | None:
    scaled = value.scaleb(digits)
    return int(scaled) if scaled == scaled.to_integral_value() else None
