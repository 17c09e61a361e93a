"""The terms of a block: which rules hold, how much one party may ask of it, and whether the network stands still.

They are read from the sealed state once, before the block, so that every node executes it on the same terms. There is
no coin and no gas: load is bounded by counting. What is over a limit is not admitted and leaves no trace; it may come
again in the next block.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import View

STRANGERS = ""
"""Under whose name a transaction is counted that no key on record has signed."""


class Terms(msgspec.Struct, frozen=True):
    """What holds for one block. Limits are transactions in a block, 0 for none.

    `versions` names the version of each module's rules, 1 where it says nothing. `limits` holds the parties that have a
    limit of their own. While `halted_until_ms` lies ahead, only messages of the modules in `spared` are admitted.
    """

    versions: Mapping[str, int] = {}
    party_limit: int = 0
    refused_limit: int = 0
    stranger_limit: int = 0
    limits: Mapping[str, int] = {}
    halted_until_ms: int = 0
    spared: frozenset[str] = frozenset()

    def admit(self, tag: str, time_ms: int) -> None:
        """Refuse with HALTED a message, by its tag, that has to wait for the end of a halt."""
        if time_ms < self.halted_until_ms and tag.partition(".")[0] not in self.spared:
            raise Refusal(Refused.HALTED, until_ms=self.halted_until_ms, message=tag)


TermsOf = Callable[[View, int, int], Terms]
"""The terms that the state sets for the block of this height and time in milliseconds."""


def no_terms(state: View, height: int, time_ms: int) -> Terms:
    """A ledger without governance: first versions, no limits."""
    return Terms()


class Load:
    """Counts the transactions of one block by the parties that signed them."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._taken = Counter[str]()
        self._refused = Counter[str]()

    def admit(self, payers: Sequence[str]) -> None:
        """Refuse with OVER_QUOTA when one of those who signed has had its share of this block."""
        for party in payers:
            limit = self._limit_of(party)
            if limit and self._taken[party] >= limit:
                raise Refusal(Refused.OVER_QUOTA, party=party, limit=limit)

    def admit_refused(self, payers: Sequence[str]) -> None:
        """As `admit`, for a transaction that a rule has refused: garbage under a good key has a limit of its own."""
        limit = self._terms.refused_limit
        for party in payers:
            if limit and self._refused[party] >= limit:
                raise Refusal(Refused.OVER_QUOTA, party=party, limit=limit)

    def count(self, payers: Sequence[str], accepted: bool) -> None:
        """Note a transaction that goes on record."""
        self._taken.update(payers)
        if not accepted:
            self._refused.update(payers)

    def _limit_of(self, party: str) -> int:
        if party == STRANGERS:
            return self._terms.stranger_limit
        return self._terms.limits.get(party, self._terms.party_limit)
