"""One request to EPCIS as the resources see it, and the answers that they give."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response

from sogdia.app import milliseconds
from sogdia.core.query import Asker
from sogdia.interfaces.epcis.forms import Shape
from sogdia.interfaces.epcis.instants import instant
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http.problems import AnyRequest
from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from sogdia.standards.epcis.query.conditions import Exists, Query
from sogdia.standards.epcis.query.names import extensions_of
from sogdia.standards.epcis.query.parameters import of_url
from sogdia.standards.epcis.query.tokens import Place

_encode: Final = msgspec.json.Encoder().encode


class Call:
    """A request: the parts of its path after `/epcis`, decoded, and what stands behind it."""

    def __init__(self, station: Station, request: AnyRequest, path: Sequence[str]) -> None:
        self.station, self.request, self.path = station, request, tuple(path)
        self._asker: Asker | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and texts of the URL, in order."""
        return [(name, text) for name, text in self.request.query_params.multi_items()]

    def extensions(self) -> dict[str, str]:
        """The namespaces of the header GS1-Extensions."""
        return extensions_of(self.request.headers.get("gs1-extensions", ""))

    def reader(self, body: bytes = b"") -> Asker:
        """Who asks for events: a party, or the public. Looked at once: a signature is good for one look."""
        if self._asker is None:
            self._asker = self.station.callers.asker(self.request, body, "query")
        return self._asker

    def member(self, body: bytes = b"") -> str:
        """The party that asks for what is its own."""
        found = self.reader(body).party
        if found is None:
            raise EpcisProblem(401, "sign_in_needed", headers={"www-authenticate": 'Bearer realm="sogdia"'})
        return found

    @property
    def _party(self) -> str:
        """Whose tokens of pages these are; empty for the public, and for lists that name their party in the query."""
        return str(self._asker.party or "") if self._asker else ""

    # -- pages ---------------------------------------------------------------------------------------------------

    def listing(self, name: str) -> tuple[int, Place | None, Query]:
        """How many entries a page of this list has, where it begins, and what its token is made for."""
        known = [one for one in self.parameters if one[0] in ("perPage", "nextPageToken")]
        others = sorted({one for one, _ in self.parameters} - {"perPage", "nextPageToken"})
        if others:
            raise EpcisProblem(400, "parameter_unknown", "QueryParameterException", parameter=others[0][:100])
        asked = of_url(known)
        query = msgspec.structs.replace(asked, conditions=(Exists(name),))
        return min(asked.per_page, self.station.settings.per_page), self.place(query), query

    def place(self, query: Query) -> Place | None:
        """Where the page begins that the token names."""
        if not query.next_page_token:
            return None
        return self.station.page_tokens.place(self._party, query, milliseconds())

    def following(self, query: Query, place: Place | None) -> dict[str, str]:
        """The headers that lead to the next page; none after the last."""
        if place is None:
            return {}
        until_ms = milliseconds() + self.station.settings.page_token_seconds * 1_000
        token = self.station.page_tokens.issue(self._party, query, place, until_ms)
        scope = self.request.scope
        kept = [one for one in scope["query_string"].decode("latin-1").split("&") if one]
        kept = [one for one in kept if not one.startswith("nextPageToken=")]
        target = scope["raw_path"].decode("latin-1") + "?" + "&".join([*kept, f"nextPageToken={token}"])
        return {"link": f'<{target}>; rel="next"', "gs1-next-page-token-expires": instant(until_ms)}


Resource = Callable[[Call], Awaitable[Response[bytes]]]


def plain(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None, shape: Shape | None = None
) -> Response[bytes]:
    """An answer in JSON."""
    media_type = shape.media_type if shape else "application/json"
    return Response(_encode(value), status_code=status, media_type=media_type, headers=dict(headers or {}))


def nothing(headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """204."""
    return Response(b"", status_code=204, headers=dict(headers or {}))


def collection(members: Sequence[str]) -> dict[str, Any]:
    """A list as the standard's collections are written."""
    return {"@context": STANDARD_CONTEXT, "type": "Collection", "member": list(members)}
