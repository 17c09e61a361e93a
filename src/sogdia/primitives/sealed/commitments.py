"""Commitments to personal values: equal within one trade, unlinkable across trades, untestable without the secret.

HMAC-SHA256 under a key for each field's purpose, derived from the secret that the parties of one trade share. A plain
hash, or one with a public salt, would not do: phone numbers and id numbers are few enough to try them all.

Pure, and the same on every Python: character data are those of Unicode 3.2, which the standard library freezes, because
the current tables grow with each release. Rules compare commitments and never see a value.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Final
from unicodedata import ucd_3_2_0

from msgspec import Meta

from sogdia.primitives.sealed.errors import UnfitValue

Commitment = Annotated[
    str, Meta(pattern="^[0-9a-f]{64}$", description="keyed commitment to a personal value, 64 hexadecimal digits")
]

SECRET_BYTES: Final = 32
MAX_VALUE_CHARS: Final = 500
_LABEL: Final = b"sogdia sealed value 1 "
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_INVISIBLE: Final = str.maketrans("", "", "\u200b\u2060\ufeff")
_SPACE: Final = re.compile("[\x00-\x20\x7f-\xa0\u1680\u180e\u2028\u2029]+")
_TELEPHONE_MARKS: Final = re.compile(r"[ ().\-/]")
_TELEPHONE: Final = re.compile(r"\+?[0-9]{3,20}")
_NUMBER: Final = re.compile(r"[0-9A-Z/.()-]+")
_ASCII_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ASCII_LOWER: Final = {upper: lower for lower, upper in _ASCII_UPPER.items()}


def _text(field: str, value: str) -> str:
    return value


def _telephone(field: str, value: str) -> str:
    number = _TELEPHONE_MARKS.sub("", value)
    if not _TELEPHONE.fullmatch(number):
        raise UnfitValue(f"{field}: expected 3 to 20 digits, with + before a country code, spaces and hyphens allowed")
    return number


def _identity_number(field: str, value: str) -> str:
    number = value.replace(" ", "").translate(_ASCII_UPPER)
    if not _NUMBER.fullmatch(number):
        raise UnfitValue(f"{field}: expected digits and letters A to Z, with - / . ( ) between them")
    return number


def _email(field: str, value: str) -> str:
    return ucd_3_2_0.normalize("NFKC", value.translate(_ASCII_LOWER))  # a small letter may join the accent after it


PURPOSES: Final[Mapping[str, Callable[[str, str], str]]] = MappingProxyType(
    {
        "name": _text,
        "address": _text,
        "telephone": _telephone,
        "id_number": _identity_number,
        "account_number": _identity_number,
        "email": _email,
    }
)
"""How each kind of value is made comparable beyond the common folding. Any other field name is taken as text."""


def normalise(field: str, value: str) -> str:
    """The one spelling of a value: NFKC, trimmed, inner white space folded to one space, then by the field's purpose.

    Full-width digits and letters become ordinary ones; at most `MAX_VALUE_CHARS` characters; raises `UnfitValue`.
    """
    if not _FIELD.fullmatch(field):
        raise UnfitValue("a field name is lower-case letters, digits and _, at most 32, and begins with a letter")
    if len(value) > MAX_VALUE_CHARS:
        raise UnfitValue(f"{field}: at most {MAX_VALUE_CHARS} characters, got {len(value)}")
    folded = ucd_3_2_0.normalize("NFKC", value.translate(_INVISIBLE))
    folded = _SPACE.sub(" ", folded).strip(" ")
    comparable = PURPOSES.get(field, _text)(field, folded)
    if not comparable:
        raise UnfitValue(f"{field}: expected a value, got nothing but white space")
    return comparable


def commit(secret: bytes, field: str, value: str) -> str:
    """The commitment to a value under the trade's 32-byte secret, as 64 hexadecimal digits."""
    if len(secret) != SECRET_BYTES:
        raise UnfitValue(f"the secret of a trade has {SECRET_BYTES} bytes, got {len(secret)}")
    comparable = normalise(field, value)
    try:
        text = comparable.encode()
    except UnicodeEncodeError:
        raise UnfitValue(f"{field}: contains half a character (a lone surrogate)") from None
    key = hmac.digest(secret, _LABEL + field.encode(), "sha256")
    return hmac.digest(key, text, "sha256").hex()


def commit_all(secret: bytes, values: Mapping[str, str]) -> dict[str, str]:
    """The commitments to several fields of one trade, field by field."""
    return {field: commit(secret, field, value) for field, value in values.items()}


def matches(secret: bytes, field: str, value: str, commitment: str) -> bool:
    """Whether the commitment is to this value. A value that could never be committed to matches nothing."""
    try:
        expected = commit(secret, field, value)
    except UnfitValue:
        return False
    return hmac.compare_digest(expected.encode(), commitment.encode("utf-8", "replace"))
