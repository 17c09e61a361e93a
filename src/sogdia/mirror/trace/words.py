"""The small numbers of the trace index and what they stand for; a changed number needs a new layout (`index`)."""

from enum import IntEnum
from typing import Final


class Standing(IntEnum):
    """What an event on record counts for.

    A declaration of error is an event like others to whoever asks for events; its things are not moved by it. WAITS,
    WITHDRAWN and LAPSED are events of jobs: they have no entry, `histories.standing` tells them from the record.
    """

    COUNTS = 0
    DECLARED_WRONG = 1
    DECLARES = 2
    UNREADABLE = 3
    WAITS = 4
    WITHDRAWN = 5
    LAPSED = 6


class Role(IntEnum):
    """How an event names a thing: the fields of EPCIS 2.0 that hold identifiers of things."""

    EPC = 1
    CHILD = 2
    PARENT = 3
    INPUT = 4
    OUTPUT = 5
    CLASS = 6
    CHILD_CLASS = 7
    INPUT_CLASS = 8
    OUTPUT_CLASS = 9


class Link(IntEnum):
    """Kinds of edges. Between what was used and what was made stands the transformation, a node of its own."""

    USED = 1
    """Thing to transformation, at a time."""
    MADE = 2
    """Transformation to thing, at a time."""
    MEMBER = 3
    """Lot to serial; time says when it was told and limits nothing."""
    HOLDS = 4
    """Parent to child from a time until another (aggregation)."""
    BOUND = 5
    """Parent to child from a time until another (association)."""


class Kind(IntEnum):
    """What a number stands for; the names are those of `standards.gs1.identifiers`, and the transformation."""

    OTHER = 0
    INSTANCE = 1
    LOT_CLASS = 2
    PRODUCT_CLASS = 3
    LOGISTIC_UNIT = 4
    PLACE = 5
    PARTY = 6
    DOCUMENT = 7
    TRANSFORMATION = 8


KINDS: Final = {kind.name.lower(): kind for kind in Kind}
GENEALOGY: Final = (Link.USED, Link.MADE, Link.MEMBER)
"""The edges along which a defect travels; being packed together is no kinship."""
LEAVING: Final = frozenset(
    ("shipping", "departing", "staging_outbound", "loading", "transporting", "dispensing", "retail_selling")
)
"""Business steps at which things are still with whom they come from (CBV 2.0, 7.1)."""
