"""Elements of other vocabularies as values of the model, and back.

Text is a text, an element with parts an object, a repeated element a list in its place. An attribute is a part whose
name begins with `@`; text beside attributes or parts is the part `#text`. Numbers, booleans, `null` and an object
without parts are told from texts by `xsi:type` and `xsi:nil` of XML Schema, which are read as such and as nothing else.

JSON-LD knows lists as sets, and so does XML: a list of one is that one, an empty list is nothing, and lists in a list
are one list. `settled` gives that form.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lxml import etree

from sogdia.standards.epcis.xml.names import XSD, XSI, Prefixes, prefix_of, tag_of

DEPTH_LIMIT: Final = 24
TEXT: Final = "#text"
NIL: Final = f"{{{XSI}}}nil"
TYPE: Final = f"{{{XSI}}}type"
_DIGITS_LIMIT: Final = 1_000
_TRUE: Final = frozenset(("true", "1"))
_NUMBERS: Final = frozenset(("decimal", "double", "float"))
_INTEGERS: Final = frozenset(("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger"))


class TooDeep(ValueError):
    """Elements in one another beyond DEPTH_LIMIT."""


def value_of(element: etree._Element, prefixes: Prefixes, depth: int = 0) -> Any:
    """The value of an element. Raises NoName for names that no event can have, TooDeep."""
    if depth > DEPTH_LIMIT:
        raise TooDeep(f"has more than {DEPTH_LIMIT} elements in one another")
    attributes = dict(element.items())
    kind = attributes.pop(TYPE, None)
    is_nil = attributes.pop(NIL, "") in _TRUE
    parts: dict[str, Any] = {}
    for name, value in attributes.items():
        if not name.startswith(f"{{{XSI}}}"):
            parts[f"@{prefixes.name(name, prefix_of(element, name))}"] = value
    for name, value in parts_of(element, prefixes, depth):
        put(parts, name, value)
    text = _text_of(element)
    if not parts:
        return None if is_nil else _typed(text, kind, element)
    text = text if len(element) == 0 else text.strip()
    if text:
        parts[TEXT] = text
    return parts


def parts_of(element: etree._Element, prefixes: Prefixes, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Names and values of an element's children. Raises NoName, TooDeep."""
    for child in element:
        yield prefixes.name(tag_of(child), child.prefix), value_of(child, prefixes, depth + 1)


def put(parts: dict[str, Any], name: str, value: Any) -> None:
    """Put a part beside the others; the second of one name makes a list."""
    if name not in parts:
        parts[name] = value
    elif isinstance(parts[name], list):
        parts[name].append(value)
    else:
        parts[name] = [parts[name], value]


def _text_of(element: etree._Element) -> str:
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _typed(text: str, kind: str | None, element: etree._Element) -> Any:
    if kind is None:
        return text
    prefix, _, name = kind.strip().rpartition(":")
    if element.nsmap.get(prefix or None) != XSD or len(text) > _DIGITS_LIMIT:
        return text
    plain = text.strip()
    if name == "anyType" and not text:
        return {}
    if name == "boolean" and plain in ("true", "false", "1", "0"):
        return plain in _TRUE
    return _number(plain, text) if name in _NUMBERS else _integer(plain, text) if name in _INTEGERS else text


def _number(plain: str, text: str) -> Any:
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return text
    return number if number.is_finite() and "_" not in plain else text


def _integer(plain: str, text: str) -> Any:
    return int(plain) if plain.removeprefix("-").isdecimal() and plain.isascii() else text


def flat(value: Any) -> Iterator[Any]:
    """What is in a list and in the lists in it; a value that is no list is itself."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from flat(one)
    else:
        yield value


def settled(value: Any) -> Any:
    """A value as JSON-LD understands it and XML gives it back: no lists in lists, none of one or nothing."""
    if isinstance(value, dict):
        return _settled_object({name: settled(part) for name, part in value.items() if not _is_nothing(part)})
    if isinstance(value, list | tuple):
        found = [settled(one) for one in flat(value)]
        return found[0] if len(found) == 1 else found
    return value


def _settled_object(parts: dict[str, Any]) -> Any:
    text = parts.get(TEXT)
    if isinstance(text, str):
        parts[TEXT] = text.strip() if any(not name.startswith(("@", TEXT)) for name in parts) else text
        if not parts[TEXT] and len(parts) > 1:
            del parts[TEXT]
    return parts[TEXT] if list(parts) == [TEXT] else parts


def _is_nothing(value: Any) -> bool:
    return isinstance(value, list | tuple) and next(flat(value), _is_nothing) is _is_nothing
