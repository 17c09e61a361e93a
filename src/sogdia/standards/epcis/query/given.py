"""One parameter as a client gave it, and its values read in the sense that the parameter asks for."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.moments import NoMoment, microseconds
from sogdia.standards.epcis.query.conditions import Value
from sogdia.standards.epcis.query.names import expanded, thing_or_text
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.values import DIGITS_LIMIT, exact, value_of
from sogdia.standards.epcis.uris import is_uri
from sogdia.standards.epcis.vocabulary import WORDS, Kind, bare

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_EXISTS: Final = re.compile(r"true|false|[0-9]{1,9}")
_OF_CBV: Final = re.compile(r"urn:epcglobal:cbv|https?://(?:ns|ref)\.gs1\.org/cbv/")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")


class Given(msgspec.Struct, frozen=True):
    """A parameter's name, its values one by one, and the namespaces that the query's prefixes stand for.

    Every reader raises QueryRefused for a value that does not fit.
    """

    name: str
    values: tuple[Any, ...]
    context: Mapping[str, str]

    def refused(self, value: object, wrong: str, remedy: str) -> QueryRefused:
        """The refusal of one value of this parameter."""
        return QueryRefused(self.name, value, wrong, remedy)

    def one(self) -> Any:
        """The only value."""
        if len(self.values) != 1:
            raise self.refused("", f"it has {len(self.values)} values", "give one")
        return self.values[0]

    def texts(self) -> Iterable[str]:
        """The values, all of them texts that are not empty."""
        if not self.values:
            raise self.refused("", "it has no value", "give at least one")
        for value in self.values:
            if not isinstance(value, str) or not value:
                wrong = "it is no text" if value else "a value is empty"
                raise self.refused(value, wrong, "give a text that is not empty")
            yield value

    def things(self) -> tuple[Value, ...]:
        """Identifiers by their one name; what no GS1 identifier can be is compared as it stands."""
        return tuple(Value(thing_or_text(text)) for text in self.uris())

    def uris(self) -> Iterable[str]:
        """URIs as they were given, CURIEs of known prefixes written out."""
        for text in self.texts():
            uri = expanded(text, self.context)
            if not is_uri(uri):
                raise self.refused(text, "it is no URI", "write the identifier as a URI, with its scheme")
            yield uri

    def words(self, kind: Kind) -> tuple[Value, ...]:
        """Words of CBV in any spelling as bare words, and URIs of others."""
        return tuple(Value(word_of(self, text, kind)) for text in self.texts())

    def among(self, allowed: Iterable[str]) -> tuple[Value, ...]:
        """Texts of a closed list."""
        allowed = tuple(allowed)
        for text in self.texts():
            if text not in allowed:
                raise self.refused(text, "it is none of those that there are", f"write one of {' '.join(allowed)}")
        return tuple(Value(text) for text in self.values)

    def hexes(self) -> tuple[Value, ...]:
        """Bytes in hexadecimal, in capitals."""
        for text in self.texts():
            if not _HEX.fullmatch(text):
                raise self.refused(text, "it is no hexadecimal text", "write two of 0-9 and A-F for each byte")
        return tuple(Value(text.upper()) for text in self.values)

    def numbers(self) -> tuple[Decimal, ...]:
        """Exact numbers, at least one."""
        if not self.values:
            raise self.refused("", "it has no value", "give a number")
        return tuple(map(self._number, self.values))

    def _number(self, raw: Any) -> Decimal:
        number: Decimal | None = None
        if isinstance(raw, str) and len(raw) <= DIGITS_LIMIT + 6 and _NUMBER.fullmatch(raw):
            number = exact(Decimal(raw))
        elif isinstance(raw, int | Decimal | float) and not isinstance(raw, bool):
            number = exact(raw)
        if number is None:
            raise self.refused(raw, "it is no number", f"write a decimal number of at most {DIGITS_LIMIT} digits")
        return number

    def instant(self) -> Value:
        """The only value as an instant."""
        raw = self.one()
        try:
            return Value(None, None, microseconds(raw if isinstance(raw, str) else ""))
        except NoMoment:
            remedy = "write date, time and zone like 2026-05-28T20:33:31.116Z"
            if isinstance(raw, str) and " " in raw:
                remedy += ", and in a URL the + of a zone as %2B"
            raise self.refused(raw, "it is no time", remedy) from None

    def any_values(self) -> tuple[Value, ...]:
        """Texts, numbers and truth values, each in every sense it has; at least one."""
        found = [value_of(raw) for raw in self.values]
        if not found or None in found:
            wrong = self.values[found.index(None)] if found else ""
            raise self.refused(wrong, "it has no value to compare with", "give texts or a number")
        return tuple(value for value in found if value is not None)

    def measure(self) -> Value:
        """The only value as a number or else as an instant, for greater and less."""
        raw = self.one()
        found = value_of(raw)
        if found is not None and found.number is not None:
            return Value(None, found.number)
        if isinstance(raw, str) and _NUMBER.fullmatch(raw):
            return Value(None, self._number(raw))
        if found is not None and found.time_us is not None:
            return Value(None, None, found.time_us)
        raise self.refused(raw, "it is neither number nor time", "write 12.5 or 2026-05-28T20:33:31Z")

    def truth(self) -> bool:
        """The only value as true or false."""
        raw = self.one()
        if raw is True or raw is False:
            return raw
        if raw not in ("true", "false"):
            raise self.refused(raw, "it is neither true nor false", "write true or false")
        return bool(raw == "true")

    def is_asked(self) -> bool:
        """Whether an EXISTS parameter asks anything: not when it is false or 0. It needs no value."""
        raw = self.one() if self.values else None
        if raw is None or raw == "":
            return True
        if not (isinstance(raw, int) or (isinstance(raw, str) and _EXISTS.fullmatch(raw))):
            raise self.refused(raw, "it is neither true nor false", "leave the value away, or write true")
        return raw not in (0, "0", "false")

    def count(self) -> int:
        """The only value as a whole number of at least 1."""
        raw = self.one()
        number = int(raw) if isinstance(raw, str) and _WHOLE.fullmatch(raw) else raw
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise self.refused(raw, "it is no count", "write a whole number of at least 1")
        return number


def word_of(given: Given, text: str, kind: Kind) -> str:
    """The bare word of a CBV spelling, or the URI of another vocabulary; QueryRefused for neither."""
    word = bare(kind, expanded(text, given.context))
    if word in WORDS[kind] or (is_uri(word) and not _OF_CBV.match(word)):
        return word
    known = " ".join(sorted(WORDS[kind])[:14])
    raise given.refused(text, "it is no word of CBV 2.0 for this", f"write one of its words ({known} ...) or a URI")
