"""Check characters of GS1: the digit of all-numeric keys, the pair of a Global Model Number.

Source: GS1 General Specifications, section 7.9, standard check digit and check character calculations.
"""

from typing import Final

_PAIR_CHARS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_MODEL_CHARS: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_VALUES: Final = {char: value for value, char in enumerate(_MODEL_CHARS)}
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_MODULUS: Final = 1021
_ZERO: Final = ord("0")


def check_digit(payload: str) -> str:
    """The modulo-10 digit after `payload`, ASCII digits of any length: from the right, weights 3, 1, 3, 1 ...

    >>> check_digit("690123456789")
    '2'
    """
    digits = payload.encode("ascii")
    size = len(digits)
    weighted = 3 * sum(digits[::-2]) + sum(digits[-2::-2]) - _ZERO * (size + 2 * ((size + 1) // 2))
    return str(-weighted % 10)


def holds(number: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of those before it."""
    return number[-1:] == check_digit(number[:-1])


def check_pair(payload: str) -> str:
    """The two check characters after a Global Model Number of 1 to 23 characters; `ValueError` for other text.

    The values of the characters in the 82-character set, times the primes counted from the right, modulo 1021.
    """
    if not 1 <= len(payload) <= len(_PRIMES) or not _VALUES.keys() >= set(payload):
        raise ValueError(f"a model number has 1 to {len(_PRIMES)} characters of GS1's 82 before its check pair")
    total = sum(_VALUES[char] * prime for char, prime in zip(reversed(payload), _PRIMES, strict=False)) % _MODULUS
    return _PAIR_CHARS[total >> 5] + _PAIR_CHARS[total & 31]


def pair_holds(text: str) -> bool:
    """Whether the last two characters are the check pair of those before them; raises what `check_pair` does."""
    return text[-2:] == check_pair(text[:-2])
