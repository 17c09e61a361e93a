"""What an operator may set of the resolver: `resolver.json` in the node's folder. Without it all is as it says here."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

FILE: Final = "resolver.json"

Count = Annotated[int, Meta(ge=1)]
Prefix = Annotated[str, Meta(pattern=r"^[0-9]{4,12}$(?!\n)")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The settings of one node."""

    owners: dict[Prefix, str] = {}
    """GS1 company prefixes with the DID of the party to whom each was given: its word on links counts."""
    root: str = ""
    """Under which address others reach the resolver, such as https://id.example; empty: as the request says."""
    country_field: str = ""
    """Name of the request field in which a proxy before the node puts the scanner's country; empty: none does."""
    described: Count = 100_000
    """Things and places of which public master data are held in memory."""
    listed: Count = 1_000_000
    """Listings of the catalogue with a GTIN that are held in memory, to know whose a thing is."""
    remembered: Count = 50_000
    """Things whose links are held ready."""
    scans_kept: Count = 1_000_000
    """Scans in the file; the oldest go first."""
    scans_per_thing: Count = 1_000
    scans_per_second: Count = 200
    scans_per_address: Count = 120
    """From one address in a minute; more where a proxy stands before the node, for then all come from there."""
    scan_days: Count = 400
    """After this time a scan is forgotten."""
    crowd_scanners: Count = 12
    """From this many scanners of one item within `crowd_days` on, it is a sign of copies."""
    crowd_days: Count = 7
