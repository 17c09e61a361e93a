"""A value under an Application Identifier: its length, its characters and the checks GS1 names for its parts."""

import re
from collections.abc import Collection
from functools import cache
from typing import Final, NamedTuple

from sogdia.standards.gs1.application_identifiers import Ai, Component, table
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.linters import LINTERS, Linter

_CHARSETS: Final = {
    "N": "[0-9]",
    "X": r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]",
    "Y": r"[#\-/0-9A-Z]",
    "Z": r"[-0-9A-Z_a-z]",
}
_CHARSET_WORDS: Final = {
    "N": "digits",
    "X": "the 82 characters of GS1 (letters, digits and some marks, no blank)",
    "Y": "capital letters, digits and # - /",
    "Z": "base64url, perhaps with = at the end",
}


class _Rules(NamedTuple):
    shape: re.Pattern[str]
    checks: tuple[tuple[int, tuple[Linter, ...]], ...]  # by the number of the component's group


def check(ai: str, value: str) -> None:
    """Raise `BadIdentifier` unless the value is right under this AI.

    >>> check("414", "0614141123452")
    """
    row = table().get(ai)
    if row is None:
        raise BadIdentifier(f"AI {ai}", value, "GS1 has given out no such AI", "look it up in GS1's list")
    rules = _rules(ai)
    found = rules.shape.fullmatch(value)
    if found is None:
        raise _shape_fault(row, value)
    for number, linters in rules.checks:
        part = found[number]
        for linter in linters if part else ():
            wrong = linter.fault(part)
            if wrong:
                raise BadIdentifier(f"AI {ai}", value, wrong, linter.remedy)


def check_exclusions(ais: Collection[str]) -> None:
    """Raise `BadIdentifier` when two of these AIs may never stand on one thing, such as 01 and 255."""
    for ai in ais:
        row = table().get(ai)
        clash = [other for other in ais if row and other != ai and _matches_any(row.excluded, other)]
        if clash:
            raise BadIdentifier(f"AI {ai}", clash[0], "these two never stand together", "leave one of them out")


def missing_beside(ais: Collection[str]) -> tuple[str, ...]:
    """The AIs among these that lack what must stand beside them, such as 37 without 00 and 02.

    No fault of one carrier: GS1 asks for it over all the carriers on a thing together.
    """
    rows = (table()[ai] for ai in ais if ai in table())
    return tuple(row.ai for row in rows if not _complete(row, ais))


def _complete(row: Ai, ais: Collection[str]) -> bool:
    return all(
        any(all(any(_matches(part, ai) for ai in ais) for part in group) for group in groups) for groups in row.required
    )


def _matches_any(patterns: Collection[str], ai: str) -> bool:
    return any(_matches(pattern, ai) for pattern in patterns)


def _matches(pattern: str, ai: str) -> bool:
    fixed = pattern.rstrip("n")
    return len(pattern) == len(ai) and ai.startswith(fixed)


@cache
def _rules(ai: str) -> _Rules:
    row = table()[ai]
    shape = re.compile("".join(_expression(part) for part in row.components))
    checks = ((number, _linters(part)) for number, part in enumerate(row.components, 1))
    return _Rules(shape, tuple((number, linters) for number, linters in checks if linters))


def _linters(part: Component) -> tuple[Linter, ...]:
    return tuple(LINTERS[name] for name in part.linters if name in LINTERS)


def _expression(part: Component) -> str:
    padding = "(?:={0,2})" if part.charset == "Z" else ""
    return f"({_CHARSETS[part.charset]}{{{part.shortest},{part.longest}}}{padding}){'?' if part.optional else ''}"


def _shape_fault(row: Ai, value: str) -> BadIdentifier:
    shortest = sum(part.shortest for part in row.components if not part.optional)
    longest = sum(part.longest for part in row.components)
    if not shortest <= len(value) <= longest:
        span = str(longest) if shortest == longest else f"{shortest} to {longest}"
        wrong, remedy = f"it has {len(value)} characters, {span} were expected", "give the whole value and nothing else"
    else:
        kinds = dict.fromkeys(_CHARSET_WORDS[part.charset] for part in row.components)
        wrong, remedy = "a character does not belong here", f"it is made of {', then '.join(kinds)}"
    return BadIdentifier(f"AI {row.ai}", value, wrong, remedy)
