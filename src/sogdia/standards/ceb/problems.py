"""A fault in a message, named so that a person can mend it and a program can translate it.

The words of every code stand once, in English and Chinese, in `words.py`.
"""

from typing import Literal

import msgspec

from sogdia.standards.ceb.fields import Certainty
from sogdia.standards.ceb.words import Language, worded

Layer = Literal["schema", "business"]
"""`schema` is what customs' XSD refuses; `business` what only its written rules refuse."""


class Problem(msgspec.Struct, frozen=True):
    """One rule broken in one place.

    `node` counts business nodes from 1; `line` is the gnum of the line, or its place from 1 if it has none; both are
    None for the message as a whole. `expected` and `value` fill the words of the code. `layer` tells what customs'
    XSD refuses ("schema") from what only its written rules refuse ("business"). `certainty` is that of the fact
    behind the rule: a rule that was `derived` or comes from `memory` deserves a second look before trade stops.
    """

    code: str
    message_number: int
    node: int | None
    line: int | None
    element: str
    value: str
    rule: str
    remedy: str
    expected: str = ""
    layer: Layer = "schema"
    certainty: Certainty = "read"

    @property
    def place(self) -> str:
        """Where it is, e.g. `CEB621 node 1 line 3 qty1`."""
        node = "" if self.node is None else f" node {self.node}"
        line = "" if self.line is None else f" line {self.line}"
        return f"CEB{self.message_number}{node}{line} {self.element}".rstrip()

    def explain(self, language: Language = "en") -> str:
        """The problem in one sentence or two, in English or Chinese."""
        rule, remedy = worded(self.code, language, self.element, self.expected, self.value)
        return f"{self.place}: {rule} {remedy}"


def problem(
    code: str,
    message_number: int,
    element: str,
    *,
    node: int | None = None,
    line: int | None = None,
    value: object = "",
    expected: object = "",
    layer: Layer = "schema",
    certainty: Certainty = "read",
) -> Problem:
    """A problem with the English words of its code filled in; long values are cut to stay readable."""
    shown, wanted = _short(value), str(expected)
    rule, remedy = worded(code, "en", element, wanted, shown)
    return Problem(code, message_number, node, line, element, shown, rule, remedy, wanted, layer, certainty)


def _short(value: object) -> str:
    try:
        text = str(value)
    except ValueError:  # an int too long for Python to print
        text = "(a number of thousands of digits)"
    return text if len(text) <= 80 else f"{text[:77]}..."
