"""The order in which XML has the fields of each kind of event, by version.

A tuple that begins with a name is an element with others in it. 1.2 put what came after 1.0 into `extension` and
`baseExtension`. What came after 1.2 stands one `extension` deeper: its schema takes anything there, and says that it is
the place for later editions.

Source: XSD 2.0 and 1.2.
"""

from typing import Final, Literal, Union

Version = Literal["1.2", "2.0"]
Layout = tuple[Union[str, "Layout"], ...]

_WHERE: Final = ("bizStep", "disposition", "readPoint", "bizLocation")
_PARTIES: Final = ("sourceList", "destinationList")
_SINCE_2: Final = ("sensorElementList", "persistentDisposition")
_BASE_2: Final = ("eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration", "certificationInfo")
_BASE_1: Final[Layout] = (
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    ("baseExtension", "eventID", "errorDeclaration", ("extension", "certificationInfo")),
)
_MADE: Final = ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID")
_BOUND: Final = ("parentID", "childEPCs", "childQuantityList", "action", *_WHERE, "bizTransactionList", *_PARTIES)
_LATER: Final[Layout] = ("extension", *_SINCE_2)

_LAYOUTS_2: Final[dict[str, Layout]] = {
    "ObjectEvent": (
        *_BASE_2,
        *("epcList", "action", *_WHERE, "bizTransactionList", "quantityList", *_PARTIES, *_SINCE_2, "ilmd"),
    ),
    "AggregationEvent": (
        *_BASE_2,
        *("parentID", "childEPCs", "action", *_WHERE, "bizTransactionList", "childQuantityList"),
        *(*_PARTIES, *_SINCE_2),
    ),
    "TransactionEvent": (
        *_BASE_2,
        *("bizTransactionList", "parentID", "epcList", "action", *_WHERE, "quantityList", *_PARTIES, *_SINCE_2),
    ),
    "TransformationEvent": (*_BASE_2, *_MADE, *_WHERE, "bizTransactionList", *_PARTIES, *_SINCE_2, "ilmd"),
    "AssociationEvent": (*_BASE_2, *_BOUND, *_SINCE_2),
}
_LAYOUTS_1: Final[dict[str, Layout]] = {
    "ObjectEvent": (
        *(*_BASE_1, "epcList", "action", *_WHERE, "bizTransactionList"),
        ("extension", "quantityList", *_PARTIES, "ilmd", _LATER),
    ),
    "AggregationEvent": (
        *(*_BASE_1, "parentID", "childEPCs", "action", *_WHERE, "bizTransactionList"),
        ("extension", "childQuantityList", *_PARTIES, _LATER),
    ),
    "TransactionEvent": (
        *(*_BASE_1, "bizTransactionList", "parentID", "epcList", "action", *_WHERE),
        ("extension", "quantityList", *_PARTIES, _LATER),
    ),
    "TransformationEvent": (*_BASE_1, *_MADE, *_WHERE, "bizTransactionList", *_PARTIES, "ilmd", _LATER),
    "AssociationEvent": (*_BASE_1, *_BOUND, *_SINCE_2),
}
LAYOUTS: Final[dict[Version, dict[str, Layout]]] = {"1.2": _LAYOUTS_1, "2.0": _LAYOUTS_2}

WRAPPERS: Final[dict[Version, dict[str, tuple[str, ...]]]] = {
    "1.2": {"TransformationEvent": ("extension",), "AssociationEvent": ("extension", "extension")},
    "2.0": {},
}
"""What an event of a kind stands in within the list of events."""

EMPTY_BUT_THERE: Final[dict[Version, dict[str, str]]] = {
    "1.2": {"ObjectEvent": "epcList", "AggregationEvent": "childEPCs", "TransactionEvent": "epcList"},
    "2.0": {},
}
"""Lists that must stand even without anything in them."""

UNKNOWN_TO_1_2: Final = frozenset((*_SINCE_2, "certificationInfo"))
