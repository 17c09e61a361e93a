"""A heading suggested from what a seller calls an article; data/online_retail_headings.csv.

The table is made for British giftware. The rule of it: the phrase with the most letters that stands in the
description wins; when two equally long phrases point to different headings nothing is suggested, and an article that
matches nothing waits for a person. A suggestion is never a classification: it carries its certainty and its reason,
and a declarant confirms it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

import msgspec

from sogdia.standards.orders.tables import rows_of

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Suggestion(msgspec.Struct, frozen=True):
    """What an article may be for customs. Every field is a guess of the table, marked by `certainty`.

    `heading` is 4 or 6 digits of HS 2022; `origin` ISO 3166-1 alpha-2; `net_weight_grams` is for one piece or pack.
    `keyword` is the phrase that decided.
    """

    heading: str
    origin: str
    net_weight_grams: int
    certainty: str
    reason: str
    keyword: str


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    letters: int
    suggestion: Suggestion


@lru_cache(maxsize=16_384)
def suggest(description: str) -> Suggestion | None:
    """The heading that the description points to, or None when it points to none or to several equally."""
    text = _normal(description)
    best: list[_Phrase] = []
    for phrase in _candidates(text):
        if best and phrase.letters < best[0].letters:
            break
        if all(word in text for word in phrase.words):
            best.append(phrase)
    headings = sorted({phrase.suggestion.heading for phrase in best})
    return best[0].suggestion if len(headings) == 1 else None


def _candidates(text: str) -> list[_Phrase]:
    """The phrases whose first word stands in the text, the one with the most letters first."""
    index = _by_first_word()
    places = sorted({place for word in text.split() for place in index.get(word, ())})
    phrases = _phrases()
    return [phrases[place] for place in places]


@cache
def _by_first_word() -> dict[str, tuple[int, ...]]:
    """Where in `_phrases` the phrases stand that begin with a word."""
    index: dict[str, list[int]] = {}
    for place, phrase in enumerate(_phrases()):
        index.setdefault(phrase.words[0].split()[0], []).append(place)
    return {word: tuple(places) for word, places in index.items()}


@cache
def _phrases() -> tuple[_Phrase, ...]:
    """Every phrase of the table, the one with the most letters first."""
    found = []
    for row in rows_of("online_retail_headings.csv"):
        for keyword in row["keywords"].split("|"):
            words = tuple(_normal(word) for word in keyword.split("+"))
            suggestion = Suggestion(
                row["heading"], row["origin"], int(row["net_weight_grams"]), row["certainty"], row["reason"], keyword
            )
            found.append(_Phrase(words, sum(len(word) - 2 for word in words), suggestion))
    return tuple(sorted(found, key=lambda phrase: (-phrase.letters, phrase.words)))


def _normal(text: str) -> str:
    """Lower-case words between single blanks, without a plural s, with a blank at each end."""
    words = _NOT_LETTERS.sub(" ", text.casefold().replace("'", "")).split()
    return f" {' '.join(map(_singular, words))} "


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word
