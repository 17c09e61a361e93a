"""The application: every route of a node, with one desk behind them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Scope

from sogdia.app import QUERIES, Node
from sogdia.core.query import Picture
from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.console import mounting as console_mounting
from sogdia.interfaces.console import refusing
from sogdia.interfaces.epcis import tracing
from sogdia.interfaces.epcis.entrance import epcis
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http import (
    dids,
    entrance,
    events,
    ledger,
    ledger_light,
    messages,
    metrics,
    openapi,
    queries,
    records,
    sealed,
    transactions,
)
from sogdia.interfaces.http.desk import Desk
from sogdia.interfaces.http.gate import Gate
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.problems import Problem, on_before_base, on_bug, on_problem
from sogdia.interfaces.http.proxies import Proxies
from sogdia.interfaces.http.sealed_shelf import SealedShelf
from sogdia.interfaces.resolver import mounting
from sogdia.interfaces.resolver.resolving import Resolver

ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (
    transactions.submit,
    transactions.transaction,
    records.record,
    records.lookup,
    records.evidence,
    queries.query,
    sealed.put,
    sealed.sealed,
    sealed.erase,
    sealed.lookup,
    sealed.fetch,
    sealed.receipts,
    events.events,
    entrance.open_session,
    entrance.close_session,
    ledger.checkpoint,
    ledger.tile,
    ledger.inclusion,
    ledger.consistency,
    ledger.status,
    ledger_light.network,
    ledger_light.genesis,
    ledger_light.rpc,
    metrics.metrics,
    metrics.health,
    dids.did_document,
    messages.all_messages,
    messages.prepare,
    tracing.trace_thing,
    tracing.recall_things,
    *mounting.DESCRIBED,
    openapi.schema,
)

_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Sent with every answer that does not set them itself."""


def create_app(
    node: Node,
    picture: Picture | None,
    *,
    limits: Limits | None = None,
    urls: Sequence[str] = (),
    proxies: Sequence[str] = (),
) -> Litestar:
    """The HTTP interface of a node that has started; `picture` answers queries, without it they say so.

    `urls` are the addresses that the node goes by, such as https://node.example: a signed request must name one of
    them. Without any it must name the address that the node listens at. `proxies` are the addresses or networks of
    those who may say whom they were called by. Closes its shelf of envelopes when it ends, not the node.
    """
    bounds = limits or Limits()
    shelf = SealedShelf(node.folder)
    desk = Desk(node, picture, QUERIES, Gate(node, bounds, urls), shelf, bounds, Proxies(proxies))
    station = Station(desk)
    resolver = Resolver(desk)
    console = console_mounting.console(desk, urls)

    @asynccontextmanager
    async def closing(_: Litestar) -> AsyncIterator[None]:
        await station.start()
        yield
        await station.close()
        resolver.close()
        console.close()
        shelf.close()

    return Litestar(
        route_handlers=[*ROUTES, epcis, *mounting.OF_GS1, *console_mounting.MOUNTED],
        state=State({"desk": desk, "epcis": station, "resolver": resolver, "console": console}),
        lifespan=[closing],
        before_send=[_add_headers],
        exception_handlers={
            Problem: on_problem,
            BeforeBase: on_before_base,
            HTTPException: refusing.on_http_error,
            Exception: on_bug,
        },
        request_max_body_size=bounds.body_bytes,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


async def _add_headers(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers: Any = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
