"""What an operator may set of EPCIS: `epcis.json` in the node's folder. Without the file all is as it says here."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

FILE: Final = "epcis.json"

Count = Annotated[int, Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The settings of one node."""

    capture_as: str = ""
    """Name in the node's keyring of the party that signs what is captured over HTTP; empty: nothing is captured."""
    audience: Literal["named", "everyone"] = "named"
    """Who may read captured events when the request does not say."""
    document_bytes: Count = 10 * 1024 * 1024
    document_events: Count = 10_000
    jobs_per_party: Count = 100
    """Capture jobs of one party that run at a time."""
    jobs_kept_days: Count = 30
    per_page: Count = 1_000
    """Most events on a page, whatever is asked for."""
    page_token_seconds: Count = 3_600
    requests_per_minute: Count = 1_200
    """For each API key."""
    queries_per_party: Count = 200
    subscriptions_per_party: Count = 50
    destinations_loopback: bool = False
    """Whether webhooks may go to this very machine, and there without TLS."""
    destinations_private: bool = False
    """Whether webhooks may go to private addresses."""
    company_prefixes: tuple[Annotated[str, Meta(pattern=r"^[0-9]{6,12}$(?!\n)")], ...] = ()
    """GS1 company prefixes that are known beside those in EPC URNs on record."""
