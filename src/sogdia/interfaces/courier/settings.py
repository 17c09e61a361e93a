"""What an organisation tells its courier, and what the courier tells of itself."""

from typing import Final

import msgspec

from sogdia.core.transaction import Signer

DAY_MS: Final = 24 * 3600 * 1000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Whose courier this is, and how patient it is. Seconds unless a name says otherwise."""

    organisation: str
    """DID of the organisation's party, a member of the network."""
    signer: Signer
    """The organisation's party key: signs requests to other nodes, and receipts of erasure."""
    keep_asking_days: int = 180
    """How long after its order an envelope is looked for, and after an erasure its receipts."""
    envelopes_per_request: int = 100
    """At most 200, which is what a node takes."""
    answer_limit_bytes: int = 24 * 1024 * 1024
    connect_seconds: float = 10.0
    answer_seconds: float = 60.0
    """For a whole answer, however slowly it comes."""
    first_pause_seconds: float = 1.0
    """After a failure; doubles with each further one, up to the longest."""
    longest_pause_seconds: float = 300.0
    """For a member that does not answer. When it does again, what waited for it is due at once."""
    longest_rest_seconds: float = 6 * 3600.0
    """For an envelope or a receipt that nobody who answers has given."""
    look_seconds: float = 0.25
    """How often a lane looks for what has become due."""

    def until_ms(self, since_ms: int) -> int:
        """Until when to keep asking for what is wanted since then."""
        return since_ms + self.keep_asking_days * DAY_MS

    def pause_ms(self, failures: int) -> int:
        """How long to leave a member alone after so many failures in a row, in milliseconds."""
        return self._grown_ms(failures, self.longest_pause_seconds)

    def rest_ms(self, rounds: int) -> int:
        """How long an errand rests after so many rounds in vain, in milliseconds."""
        return self._grown_ms(rounds, self.longest_rest_seconds)

    def _grown_ms(self, times: int, longest_seconds: float) -> int:
        return int(1000 * min(longest_seconds, self.first_pause_seconds * 2.0 ** min(times - 1, 30)))


class Failing(msgspec.Struct, frozen=True):
    """A member that does not give what it is asked for: why, and since when in milliseconds."""

    member: str
    why: str
    since_ms: int


class Missing(msgspec.Struct, frozen=True):
    """Envelopes that nobody has given so far: how many, what was said last, and since when in milliseconds."""

    why: str
    envelopes: int
    since_ms: int


class Forged(msgspec.Struct, frozen=True):
    """A member whose answers were not what the record names: how often, and when last in milliseconds."""

    member: str
    times: int
    last_ms: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a courier does. Counts are of envelopes, `erased` of trades.

    `height` is the last block it has read. `wanted` are looked for now, `not_ours` are addressed to nobody who is
    served here, `given_up` were not found in time. `receipts_due` are receipts of erasure that others still owe.
    """

    height: int
    wanted: int
    fetched: int
    not_ours: int
    given_up: int
    erased: int
    receipts_due: int
    failing: tuple[Failing, ...]
    missing: tuple[Missing, ...]
    forged: tuple[Forged, ...]
    error: str
    """Why it cannot read the record at the moment, or nothing."""
