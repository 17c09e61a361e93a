"""What other vocabularies add to an event: sorted out of its JSON, named by prefix, put back in.

A name on record is `prefix:name`, and the prefix is declared. A name written as a whole URI gets a prefix: a declared
one whose namespace it begins with, otherwise one made for it (`ns1`). Values stay as they are, at most DEPTH_LIMIT
levels deep, without contexts of their own and without the character NUL, which databases and XML cannot carry.
"""

import re
from itertools import count
from typing import Any, Final

from sogdia.standards.epcis.checks import Told, unnamed
from sogdia.standards.epcis.contexts import BUILT_IN, Prefixes
from sogdia.standards.epcis.model import (
    EVENT_TYPES,
    EXTENSIONS,
    ErrorDeclaration,
    Extended,
    Place,
    SensorElement,
    SensorMetadata,
    SensorReport,
)
from sogdia.standards.epcis.uris import known_uri

DEPTH_LIMIT: Final = 20
MADE_LIMIT: Final = 100
"""So many namespaces of one event are given a prefix."""
_LOCAL: Final = re.compile(r"[^/#:]+\Z")
_PARTS: Final[dict[str, type[Extended]]] = {
    "errorDeclaration": ErrorDeclaration,
    "readPoint": Place,
    "bizLocation": Place,
    "sensorElementList": SensorElement,
    "sensorMetadata": SensorMetadata,
    "sensorReport": SensorReport,
}
_PART_NAMES: Final = frozenset(_PARTS)


def _own_names(kind: type[Extended]) -> frozenset[str]:
    return frozenset((*kind.__struct_encode_fields__, "type")) - {EXTENSIONS}


_KNOWN: Final = {kind: _own_names(kind) for kind in (*EVENT_TYPES.values(), *_PARTS.values())}


class Names:
    """The names of others in one event; what is wrong with them is told, and `namespaces` grows by prefixes made."""

    def __init__(self, prefixes: Prefixes, told: Told) -> None:
        self.namespaces = dict(prefixes.namespaces)
        self.made: dict[str, str] = {}
        self._unread, self._told = prefixes.unread, told

    def own(self, given: dict[str, Any], at: str) -> dict[str, Any]:
        """Names and values that others added to one part."""
        named = [(self._own_name(name, f"{at}{name}"), name) for name in given]
        return self._once({key: self._value(given[name], f"{at}{name}", 1) for key, name in named}, given, at)

    def _once(self, found: dict[str, Any], given: dict[str, Any], at: str) -> dict[str, Any]:
        if len(found) < len(given):
            self._told(at.rstrip("."), None, "has one name in two spellings", "write it once, with all its values")
        return found

    def _own_name(self, name: str, at: str) -> str:
        if ":" not in name or not known_uri(name):
            self._told(at, name, *unnamed(name))
        return self._name(name, at)

    def _name(self, name: str, at: str) -> str:
        if name.startswith("@xml:"):
            return name
        if name.startswith("@") and ":" in name:  # an attribute of XML
            inner = self._name(name[1:], at)
            prefix = inner.partition(":")[0]
            if prefix in self.namespaces:
                self.made[prefix] = self.namespaces[prefix]
            return f"@{inner}"
        prefix, colon, local = name.partition(":")
        if not colon or ((prefix in self.namespaces or prefix in BUILT_IN) and not local.startswith("//")):
            return name
        if local.startswith("//") or prefix == "urn":
            return self._prefixed(name, at)
        remedy = f'add "{prefix}" and its namespace to @context'
        if self._unread:
            remedy = f"{self._unread[0]} is not fetched, so {remedy}"
        self._told(at, name, "has a prefix that is not declared", remedy)
        return name

    def _prefixed(self, uri: str, at: str) -> str:
        for prefix, space in sorted((BUILT_IN | self.namespaces).items(), key=lambda both: -len(both[1])):
            if uri.startswith(space) and len(uri) > len(space):
                return f"{prefix}:{uri[len(space) :]}"
        found = _LOCAL.search(uri)
        if found is None or not found.start():
            self._told(at, uri, "has no name at its end", "write prefix:name")
            return uri
        if len(self.made) >= MADE_LIMIT:
            self._told(at, uri, f"is of one namespace more than {MADE_LIMIT}", "declare prefixes in @context")
            return uri
        number = next(number for number in count(1) if f"ns{number}" not in self.namespaces)
        self.namespaces[f"ns{number}"] = self.made[f"ns{number}"] = uri[: found.start()]
        return f"ns{number}:{found[0]}"

    def _value(self, value: Any, at: str, depth: int) -> Any:
        if isinstance(value, str):
            if "\0" in value:
                self._told(at, value, "contains the character NUL", "leave it out")
            return value
        if depth > DEPTH_LIMIT:
            self._told(at, None, f"is nested deeper than {DEPTH_LIMIT} levels", "make it flatter")
            return None
        if isinstance(value, list):
            return [self._value(item, at, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        if "@context" in value:
            self._told(f"{at}.@context", None, "is not read in the middle of an event", "declare prefixes at the event")
        found = {
            self._name(name, f"{at}.{name}"): self._value(inner, f"{at}.{name}", depth + 1)
            for name, inner in value.items()
        }
        return self._once(found, value, at)


def set_apart(value: dict[str, Any], kind: type[Extended], names: Names, at: str = "") -> None:
    """Move the names of others into `extensions`, here and in the parts of `value`, a fresh plain JSON value."""
    if not value.keys() <= _KNOWN[kind]:
        others = {name: value.pop(name) for name in [name for name in value if name not in _KNOWN[kind]]}
        value[EXTENSIONS] = names.own(others, at)
    for name in value.keys() & _PART_NAMES:
        inner = value[name]
        if isinstance(inner, dict):
            set_apart(inner, _PARTS[name], names, f"{at}{name}.")
        elif isinstance(inner, list):
            for place, item in enumerate(inner, 1):
                if isinstance(item, dict):
                    set_apart(item, _PARTS[name], names, f"{at}{name}[{place}].")
    if isinstance(value.get("ilmd"), dict):
        value["ilmd"] = names.own(value["ilmd"], f"{at}ilmd.")


def put_back(value: dict[str, Any]) -> dict[str, Any]:
    """The opposite of `set_apart`: a plain event of the model as the standard writes it, names in place."""
    written = dict(value)
    written.update(written.pop(EXTENSIONS, {}))
    for name in value.keys() & _PART_NAMES:
        inner = value[name]
        written[name] = put_back(inner) if isinstance(inner, dict) else [put_back(item) for item in inner]
    return written
