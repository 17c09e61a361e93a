"""GS1 company prefixes as this node knows them: the operator's word first, then what stands in URNs on record.

Whoever captures writes URNs, so anybody may claim a prefix. Company prefixes never begin with one another: where two
that were seen fit the same digits, one of them is wrong, and neither is used.
"""

from collections.abc import Iterable

from sogdia.standards.gs1.prefixes import PREFIX_DIGITS, PrefixLengths


class CompanyPrefixes(PrefixLengths):
    """The prefixes of one node; `told` are those of its settings."""

    def __init__(self, told: Iterable[str]) -> None:
        super().__init__()
        self._told = PrefixLengths(told)

    def knows(self, prefix: str) -> bool:
        """Whether this prefix was seen."""
        return prefix in self._known

    def length_in(self, digits: str) -> int | None:
        """The length of the prefix with which these digits begin; None where none is known, or two disagree."""
        told = self._told.length_in(digits)
        if told is not None:
            return told
        found = [length for length in PREFIX_DIGITS if digits[:length] in self._known and len(digits) >= length]
        return found[0] if len(found) == 1 else None
