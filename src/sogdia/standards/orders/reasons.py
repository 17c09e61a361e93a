"""Why a row is set aside: the codes, their sentences and remedies, from data/reasons.csv.

A code is never reused for another meaning. The words may be bettered at any time.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sogdia.standards.orders.tables import rows_of


class Reason(NamedTuple):
    """One reason in both languages: sentences take {row}, {field}, {value} and facts by name, remedies the facts."""

    code: str
    en: str
    remedy: str
    zh: str
    remedy_zh: str


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its code."""
    return {
        row["code"]: Reason(row["code"], row["en"], row["remedy"], row["zh"], row["remedy_zh"])
        for row in rows_of("reasons.csv")
    }


class _Facts(dict[str, str]):
    """Facts of a sentence; one that was not given is shown by its name instead of failing the report."""

    def __missing__(self, key: str) -> str:
        return f"({key})"


def sentence_of(code: str, row: int, field: str, value: str, facts: tuple[tuple[str, str], ...], language: str) -> str:
    """The sentence of one row set aside, in `language` (`en` or `zh`)."""
    reason = reasons()[code]
    template = reason.zh if language == "zh" else reason.en
    return template.format_map(_Facts(facts, row=str(row), field=field, value=value))


def remedy_of(code: str, facts: tuple[tuple[str, str], ...], language: str) -> str:
    """What the seller can do about a row set aside, in `language` (`en` or `zh`)."""
    reason = reasons()[code]
    return (reason.remedy_zh if language == "zh" else reason.remedy).format_map(_Facts(facts))
