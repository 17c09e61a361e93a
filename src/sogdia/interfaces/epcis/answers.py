"""Events as an answer: in the spelling, version and media type that were asked for."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import Response

from sogdia.app import milliseconds
from sogdia.interfaces.epcis.finding import Row, uris_in
from sogdia.interfaces.epcis.forms import Shape
from sogdia.interfaces.epcis.instants import instant
from sogdia.standards.epcis import xml
from sogdia.standards.epcis.model import AnyEvent, Document
from sogdia.standards.epcis.spelling import with_identifiers
from sogdia.standards.epcis.writing import write_document
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import Form, translated
from sogdia.standards.gs1.prefixes import PrefixLengths

if TYPE_CHECKING:
    from sogdia.interfaces.epcis.station import Station

SIMPLE_QUERY: Final = "SimpleEventQuery"


class Translator:
    """Gives identifiers the form that was asked for; `untranslated` counts those that have none that is known."""

    def __init__(self, form: Form, prefixes: PrefixLengths) -> None:
        self._form, self._prefixes = form, prefixes
        self._known: dict[str, str] = {}
        self.untranslated = 0

    def __call__(self, uri: str) -> str:
        """The identifier in that form, or as it is."""
        found = self._known.get(uri)
        if found is None:
            found = self._known[uri] = self._translated(uri)
        return found

    def _translated(self, uri: str) -> str:
        try:
            found = translated(uri, self._form, self._prefixes)
        except BadIdentifier:
            return uri
        if found is None:
            self.untranslated += 1
            return uri
        return found

    def events(self, events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
        """These events in that form."""
        if self._form in ("Never_Translates", "No_Preference"):
            return tuple(events)
        return tuple(with_identifiers(event, self) for event in events)


class Written(msgspec.Struct, frozen=True):
    """A document of events, and what its headers say of it."""

    content: bytes
    headers: dict[str, str]


def document(
    station: "Station", rows: Sequence[Row], shape: Shape, query_name: str = SIMPLE_QUERY, subscription: str = ""
) -> Written:
    """An EPCISQueryDocument with these events."""
    station.see(uris_in(row.event for row in rows))
    translator = Translator(shape.epcs, station.prefixes)
    events = translator.events(row.event for row in rows)
    made = Document(
        creation_date=instant(milliseconds()), events=events, query_name=query_name, subscription_id=subscription
    )
    headers = _extensions(events)
    if translator.untranslated:
        headers["sogdia-untranslated"] = str(translator.untranslated)
    if shape.media == "xml":
        return Written(xml.write(made, shape.version, shape.words).xml, headers)
    return Written(write_document(made), headers)


def respond(written: Written, shape: Shape, headers: dict[str, str], status: int = 200) -> Response[bytes]:
    """The answer that carries a document."""
    found: dict[str, Any] = {**written.headers, "gs1-epc-format": shape.epcs, **headers}
    if shape.media == "xml":
        found["gs1-cbv-xml-format"] = shape.words
    if shape.version != "2.0":
        found["gs1-epcis-version"] = "1.2.0"
    return Response(written.content, status_code=status, media_type=shape.media_type, headers=found)


def _extensions(events: Iterable[AnyEvent]) -> dict[str, str]:
    """Which prefixes of others stand in the events."""
    spaces = {prefix: space for event in events for prefix, space in event.context.items()}
    said = ",".join(f"{prefix}={space}" for prefix, space in sorted(spaces.items()) if space.isascii())
    return {"gs1-extensions": said} if said and len(said) < 4_000 else {}
