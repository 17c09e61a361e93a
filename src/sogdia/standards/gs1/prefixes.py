"""Where a GS1 company prefix ends: known only for prefixes that were told or seen, never guessed.

An EPC URN writes a dot after the company prefix; a Digital Link does not show it. GS1's own table of prefixes is
licensed data and not part of Sogdia.
"""

import re
from collections.abc import Iterable
from typing import Final

PREFIX_DIGITS: Final = range(6, 13)
"""Lengths of a company prefix in an EPC URN, in digits (GS1 EPC Tag Data Standard 2.0, section 6.3)."""

PREFIXES_LIMIT: Final = 200_000
"""How many prefixes are remembered; later ones are passed over."""

_PREFIX: Final = re.compile(r"[0-9]{6,12}")
_SEEN: Final = re.compile(r"urn:epc:(?:id|idpat|class):(?!gid:|usdod:|adi:|bic:|imovn:)[a-z]+:([0-9]{6,12})\.")


class PrefixLengths:
    """The company prefixes that are known here.

    What is seen in URNs is the word of whoever wrote them: a wrong URN teaches a wrong prefix, so let it see only
    URNs of parties that are trusted to know their own.
    """

    def __init__(self, prefixes: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        for prefix in prefixes:
            self.tell(prefix)

    def tell(self, prefix: str) -> None:
        """Remember a company prefix of 6 to 12 digits; `ValueError` for other text."""
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"a GS1 company prefix has 6 to 12 digits, got {prefix[:40]!r}")
        if len(self._known) < PREFIXES_LIMIT:
            self._known.add(prefix)

    def see(self, urn: str) -> None:
        """Remember the company prefix of an EPC URN; other text is passed over."""
        found = _SEEN.match(urn)
        if found is not None:
            self.tell(found[1])

    def length_in(self, digits: str) -> int | None:
        """The length of the longest known prefix that these characters begin with, or None when there is none."""
        for length in reversed(PREFIX_DIGITS):
            if len(digits) >= length and digits[:length] in self._known:
                return length
        return None

    def __len__(self) -> int:
        return len(self._known)
