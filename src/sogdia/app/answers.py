"""Which decisions customs may take on a list where it stands: the rule's own tables, for people to choose from."""

from collections.abc import Mapping
from typing import Final, Literal

from sogdia.domains.customs.rules.receipts import CODES, LIST_MAY_FOLLOW, phase_of, receipt_of

Decision = Literal["accept", "review", "inspect", "approve", "release", "refuse", "return", "close"]
CODE_OF: Final[Mapping[Decision, int]] = {
    "accept": 120, "review": 300, "inspect": 500, "approve": 399, "release": 800, "refuse": 100, "return": 700,
    "close": 899,
}  # fmt: skip
"""The returnStatus (CEB 202205) that each decision is answered with."""


def decisions(subject: str, phase: str) -> tuple[Decision, ...]:
    """What may be decided next on a list; `phase` is `declared` when it was never answered."""
    before = "" if phase == "declared" else phase
    codes = CODES[receipt_of(subject, subject == "import_list")]
    following = LIST_MAY_FOLLOW.get(before, ())
    return tuple(name for name, code in CODE_OF.items() if code in codes and phase_of(code) in following)
