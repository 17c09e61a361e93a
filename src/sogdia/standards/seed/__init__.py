"""First rows for the rulebooks of a new network, as JSON Lines: one row a line, with its days, source and certainty.

They are a beginning, not the law: an authority reads them, corrects them and publishes them under its own signature.
What nobody could check against a text says `memory`, and stays marked so on the record and on what is made from it.

    tax_cn_retail_import    rates by beginning of the HS code, and the shares of tax within and over the limits
    customs_cn_limits       the single and the yearly limit of retail import
    catalog_bans            a few well-known destination bans
"""

from importlib.resources import files

import msgspec

from sogdia.primitives.rulebooks import RuleRow

NAMES = ("catalog_bans", "customs_cn_limits", "tax_cn_retail_import")

_decode = msgspec.json.Decoder(RuleRow).decode


class UnknownSeed(LookupError):
    """No rows go by this name; the message says which names there are."""


def rows(name: str) -> tuple[RuleRow, ...]:
    """The rows of this name, in the order in which they can be published; UnknownSeed for any other name."""
    if name not in NAMES:
        raise UnknownSeed(f"no seed rows {name!r}; there are {', '.join(NAMES)}")
    lines = files(__name__).joinpath(f"{name}.jsonl").read_bytes().splitlines()
    return tuple(_decode(line) for line in lines if line.strip())
