"""What an item was made from, as far as everyone may read it: things above it with what happened to them."""

from typing import Final

from sogdia.mirror.trace.histories import History, history
from sogdia.mirror.trace.tracing import trace
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Kind

THINGS: Final = 8
"""Things above an item that are told of, the nearest ones."""
EVENTS: Final = 10
"""Events of each that are told, the first ones."""
_DEPTH: Final = 12
_NODES: Final = 300
_TOLD: Final = frozenset((Kind.INSTANCE, Kind.LOT_CLASS))


def origins_of(view: View, uri: str) -> list[tuple[str, History]]:
    """The items and lots that a thing was made from, the nearest first, each with its history."""
    graph = trace(view, uri, "up", depth=_DEPTH, nodes=_NODES)
    if graph is None:
        return []
    above = [one.uri for one in graph.nodes if one.number != graph.start and one.kind in _TOLD and not one.is_redacted]
    found = ((one, history(view, one, limit=EVENTS)) for one in above[:THINGS])
    return [(one, past) for one, past in found if past is not None]
