"""A rule's no: a number that is fixed for ever, plus the fields that say what, where and against what.

Numbers are consensus, words are not: the sentence that a person reads comes from the catalogue of words, in their
language. Each domain owns one thousand numbers and never gives one out twice. Anything else that goes wrong inside a
rule is a bug and stops the block loudly.
"""

from enum import IntEnum
from typing import Any

ADMISSION_LIMIT = 99
"""Refusals up to this number keep a transaction out of the order; those above it go on record."""


class Refused(IntEnum):
    """What the machine itself does not admit, before any rule is asked (1-99)."""

    MALFORMED = 1
    TOO_LARGE = 2
    OTHER_NETWORK = 3
    EXPIRED = 4
    TOO_FAR_AHEAD = 5
    ALREADY_ON_RECORD = 6
    UNKNOWN_KEY = 7
    BAD_SIGNATURE = 8
    UNSIGNED = 9
    UNKNOWN_MESSAGE = 10
    OVER_QUOTA = 11
    HALTED = 12
    NOT_IN_FORCE = 13


class Refusal(Exception):
    """Raised by a rule: `Refusal(Refused.ORDER_EXISTS, order="2026-1")`. Fields are JSON values."""

    def __init__(self, code: int, **fields: Any) -> None:
        super().__init__(code, fields)
        self.code = int(code)
        self.fields = fields

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.code} ({named})"


def refuse_unless(holds: bool, code: int, **fields: Any) -> None:
    """Refuse with this number and these fields unless the condition holds."""
    if not holds:
        raise Refusal(code, **fields)
