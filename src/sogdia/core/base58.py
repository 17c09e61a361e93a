"""Base58 in two alphabets: Bitcoin's, as multibase `z` uses it, and the one of the Xinghuo network.

The Xinghuo network (BIF) swaps b/B and u/U. Whoever takes the ordinary alphabet gets identifiers that look right and
are wrong. Source: teleinfo-bif/bid, BID Protocol Specification 2.0.0, and its published vectors.
"""

from typing import Final

BIF: Final = "123456789AbCDEFGHJKLMNPQRSTuVWXYZaBcdefghijkmnopqrstUvwxyz"
BITCOIN: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

MAX_BYTES: Final = 512
"""Longest value handled, in bytes: the cost is quadratic, and keys and signatures need at most 64."""

_MAX_CHARS: Final = 700
_VALUES: Final = {alphabet: {ord(char): value for value, char in enumerate(alphabet)} for alphabet in (BIF, BITCOIN)}


class MalformedBase58(ValueError):
    """The text is not Base58 in the alphabet asked for, or is too long."""


def encode(raw: bytes, alphabet: str = BIF) -> str:
    """The bytes as Base58; each leading zero byte becomes one `1`. At most `MAX_BYTES` bytes."""
    if len(raw) > MAX_BYTES:
        raise MalformedBase58(f"Base58 is for at most {MAX_BYTES} bytes, got {len(raw)}")
    number = int.from_bytes(raw, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(alphabet[digit])
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return alphabet[0] * zeros + "".join(reversed(digits))


def decode(text: str, alphabet: str = BIF) -> bytes:
    """The bytes behind Base58 text. One text for each byte string, so decoding and encoding give the text back."""
    if len(text) > _MAX_CHARS:
        raise MalformedBase58(f"Base58 text has at most {_MAX_CHARS} characters, got {len(text)}")
    values, number = _VALUES[alphabet], 0
    for place, char in enumerate(text):
        digit = values.get(ord(char))
        if digit is None:
            raise MalformedBase58(f"character {place + 1} is not in the Base58 alphabet")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
