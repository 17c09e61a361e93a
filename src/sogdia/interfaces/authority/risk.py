"""What this authority looks at before it answers: selection by risk, in the open and the same every time.

A true gateway selects by rules that nobody outside knows. These stand in for them, so that a rehearsal meets every
road of the receipt matrix: rejection, manual review, inspection, release.
"""

from hashlib import sha256
from typing import Any, Literal

Road = Literal["reject", "review", "inspect", "release"]

LOWEST_MINOR_PER_KILOGRAM = 30
"""Declared value below which goods are taken to be undervalued, in minor units of the list's currency."""
REVIEW_ABOVE_MINOR = 100_000
"""Declared value above which a person looks at the list, in minor units."""
INSPECTED_ONE_IN = 50


def road(waiting: dict[str, Any]) -> Road:
    """Which way a list goes, from what the queue tells of it."""
    value, grams = int(waiting["value_minor"]), int(waiting["net_weight_grams"])
    if value * 1000 < LOWEST_MINOR_PER_KILOGRAM * grams:
        return "reject"
    if value > REVIEW_ABOVE_MINOR:
        return "review"
    drawn = sha256(str(waiting["list_no"]).encode()).digest()
    return "inspect" if int.from_bytes(drawn[:4], "big") % INSPECTED_ONE_IN == 0 else "release"
