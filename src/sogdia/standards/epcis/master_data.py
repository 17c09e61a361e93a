"""Master data in JSON documents: what places and things are (EPCIS 2.0, section 6.5).

A value with parts is a JSON object; the model has it as pairs of name and value, in which a name may come again.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from sogdia.standards.epcis.checks import Told, listed, number, part, uri
from sogdia.standards.epcis.model import Vocabulary, VocabularyAttribute, VocabularyElement


def _value(value: Any, at: str, told: Told) -> None:
    if isinstance(value, int | Decimal):
        number(value, at, told)
    elif not isinstance(value, str | dict):
        told(at, value, "is neither text nor number nor object", "write the value as one of these")


_ATTRIBUTE = part({"id": uri, "attribute": _value}, ("id",), is_open=True)
_ELEMENT = part({"id": uri, "attributes": listed(_ATTRIBUTE), "children": listed(uri)}, ("id",), is_open=True)
VOCABULARY_LIST: Final = listed(part({"type": uri, "vocabularyElementList": listed(_ELEMENT)}, ("type",), is_open=True))
"""The rule of `vocabularyList`. Names without a prefix that the standard does not have are refused."""


def read_vocabularies(given: Iterable[dict[str, Any]]) -> tuple[Vocabulary, ...]:
    """Master data from plain values that keep the rule. What others added to it is left out."""
    return tuple(Vocabulary(kind["type"], _elements(kind.get("vocabularyElementList", ()))) for kind in given)


def _elements(given: Iterable[dict[str, Any]]) -> tuple[VocabularyElement, ...]:
    return tuple(
        VocabularyElement(element["id"], _attributes(element.get("attributes", ())), tuple(element.get("children", ())))
        for element in given
    )


def _attributes(given: Iterable[dict[str, Any]]) -> tuple[VocabularyAttribute, ...]:
    return tuple(VocabularyAttribute(one["id"], parts_of(one.get("attribute", ""))) for one in given)


def parts_of(value: Any) -> Any:
    """An attribute's value as the model has it: objects as pairs of name and value, lists as repeated names."""
    if not isinstance(value, dict):
        return value
    pairs: list[tuple[str, Any]] = []
    for name, inner in value.items():
        pairs += [(name, parts_of(one)) for one in (inner if isinstance(inner, list) else [inner])]
    return tuple(pairs)
