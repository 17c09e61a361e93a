"""What to do about an end that CometBFT explains in its own words only."""

from typing import Final

_KNOWN: Final = (
    (
        "is higher than core",
        "CometBFT's data are older than the node's state. Put its newer data back; or move state/ and journal/ of this "
        "organisation aside, and the node executes the whole history again. Leave priv_validator_state.json as it is: "
        "an older one would let this validator sign twice.",
    ),
    ("no space left on device", "The disk is full. Make room on it."),
)


def hint(log: str) -> str:
    """A sentence for the person who reads the end of this log; empty when it says enough itself."""
    said = log.lower()
    return next((sentence for words, sentence in _KNOWN if words in said), "")
