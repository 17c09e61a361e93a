"""Who serves whom, as the record says: members of the network, and the parties whose envelopes their nodes hold."""

from collections.abc import Iterable

from sogdia.core.state import Committed
from sogdia.core.store import Reader
from sogdia.domains.governance.state import HOSTINGS, MEMBERS, Member


class Serving:
    """The members of a ledger and their guests. A ledger without governance has no members."""

    def __init__(self, store: Reader) -> None:
        self._view = Committed(store, cached=0)

    def members(self) -> list[Member]:
        """Every member that is or was on record, by DID."""
        return list(MEMBERS.under(self._view))

    def member(self, did: str) -> Member | None:
        """The member of this DID, or None."""
        return MEMBERS.get(self._view, did)

    def is_active(self, did: str) -> bool:
        """Whether this is a member in good standing."""
        found = self.member(did)
        return found is not None and found.standing == "active"

    def home_of(self, party: str) -> str:
        """The member whose node serves this party: the one it chose, a member itself; else nobody, an empty text."""
        chosen = HOSTINGS.get(self._view, party)
        if chosen is not None:
            return chosen.member
        return party if self.member(party) is not None else ""

    def serves_any(self, member: str, parties: Iterable[str]) -> bool:
        """Whether this member serves one of these parties."""
        return any(self.home_of(party) == member for party in parties)
