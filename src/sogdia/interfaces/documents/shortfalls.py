"""What keeps a document from being made, or a message from being read: one value, named with its place and its remedy.

Some are remarks only, on what a later step will ask for. The formats' own rules are `standards.ceb.Problem`s. Both
kinds have `code`, `place` and `explain(language)`.
"""

from collections.abc import Mapping

import msgspec

from sogdia.interfaces.documents.words import SHORTFALLS, Language, in_words
from sogdia.standards.ceb import Problem

SHOWN_CHARS = 80


class Shortfall(msgspec.Struct, frozen=True):
    """One value that is missing or unfit. `fields` fill the words of `code`; they never hold a personal value."""

    code: str
    message_number: int
    element: str
    fields: tuple[tuple[str, str], ...] = ()
    node: int | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """Where it is, e.g. `CEB621 line 3 unit`."""
        node = "" if self.node is None else f" node {self.node}"
        line = "" if self.line is None else f" line {self.line}"
        return f"CEB{self.message_number}{node}{line} {self.element}".rstrip()

    def explain(self, language: Language = "en") -> str:
        """The shortfall in a sentence or two."""
        said = in_words(SHORTFALLS, self.code, language, element=self.element, **dict(self.fields))
        return f"{self.place}: {said}"


Named = Problem | Shortfall
"""A problem of either kind."""


def shortfall(
    code: str,
    number: int,
    element: str,
    *,
    node: int | None = None,
    line: int | None = None,
    fields: Mapping[str, object],
) -> Shortfall:
    """A shortfall with its fields as text, long ones cut."""
    texts = tuple((name, _short(value)) for name, value in fields.items())
    return Shortfall(code, number, element, texts, node, line)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."
