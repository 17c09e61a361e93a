"""Listens: uvicorn with bounds on everything, and a log of JSON lines that holds no value of any trade."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import h11
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.h11_impl import H11Protocol

from sogdia.app import Node
from sogdia.core.query import Picture
from sogdia.interfaces.http.application import create_app
from sogdia.interfaces.http.limits import HEADER_LIMIT_BYTES, Limits
from sogdia.interfaces.http.problems import LOG
from sogdia.interfaces.http.websocket import MESSAGE_LIMIT_BYTES, PING_SECONDS, BoundedSocket

LOOPBACK: Final = "127.0.0.1"
KEEP_ALIVE_SECONDS: Final = 20
GRACE_SECONDS: Final = 10
_HEADER_SECONDS: Final = Limits().header_seconds
_SOCKETS: Final = "/epcis/queries/"
"""Where a connection may become a WebSocket; elsewhere a wish to is passed over."""


class PatientlyBounded(H11Protocol):
    """A connection that ends when a header takes too long to come, or the rest of a body that was refused."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first header is due from now on."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """A header that has begun is due; one that is complete no longer is."""
        super().data_received(data)
        if self.transport.get_protocol() is not self or not self._is_due():
            self._release()
        elif self._deadline is None:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._release()
        super().connection_lost(exc)

    def _should_upgrade(self) -> bool:
        """Whether this becomes a WebSocket; beyond the number of connections it is answered as HTTP, with 503."""
        if self.scope["method"] != "GET" or not self.scope["path"].startswith(_SOCKETS):
            return False
        is_full = self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency
        return not is_full and self._get_upgrade() == b"websocket"

    def _is_due(self) -> bool:
        """Whether it is for the other side to go on, with nothing of ours under way."""
        state = self.conn.their_state
        return state is h11.IDLE or (state is h11.SEND_BODY and self.cycle.response_complete)

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(_HEADER_SECONDS, self._too_late)

    def _too_late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing() and self._is_due():
            self.transport.close()

    def _release(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, what happened, and the fields that were named for it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; of an exception only its kind, for its message could hold a value."""
        said: dict[str, Any] = {
            "time_ms": int(record.created * 1000),
            "level": record.levelname.lower(),
            "log": record.name,
            "said": record.getMessage() if record.name.startswith("sogdia") else str(record.msg),
            **getattr(record, "said", {}),
        }
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
        return json.dumps(said, ensure_ascii=False, default=str)


class Server(uvicorn.Server):
    """A server that tells when it listens, and where."""

    def __init__(self, config: uvicorn.Config, application: Litestar, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self.application = application
        self._on_ready = on_ready

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready(self.address())

    async def shutdown(self, sockets: Any = None) -> None:
        """End the event streams, which would go on for ever, then everything else."""
        self.application.state.desk.pulse.end()
        await super().shutdown(sockets)

    def address(self) -> str:
        """Where it listens: a URL, or the path of a Unix socket."""
        if self.config.uds:
            return self.config.uds
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configure(
    node: Node,
    picture: Picture | None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    socket: Path | None = None,
    urls: Sequence[str] = (),
    proxies: Sequence[str] = (),
    limits: Limits | None = None,
    on_ready: Callable[[str], None] = lambda address: None,
) -> Server:
    """A server, not yet running; for a test or a process that runs it in a thread of its own."""
    bounds = limits or Limits()
    application = create_app(node, picture, limits=bounds, urls=urls, proxies=proxies)
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        uds=None if socket is None else str(socket),
        loop="asyncio",
        http=PatientlyBounded,
        ws=BoundedSocket,
        ws_max_size=MESSAGE_LIMIT_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=bounds.connections,
        backlog=bounds.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=HEADER_LIMIT_BYTES,
    )
    return Server(config, application, on_ready)


def serve(node: Node, picture: Picture | None, **given: Any) -> None:
    """Listen until a signal ends the process; see `configure` for what may be given. The node is the caller's."""
    log_to_stderr()
    began = time.monotonic()
    server = configure(node, picture, **given)
    LOG.info("serving", extra={"said": {"network": node.info.network}})
    server.run()
    LOG.info("ended", extra={"said": {"after_seconds": int(time.monotonic() - began)}})


def log_to_stderr(level: int = logging.INFO) -> None:
    """JSON lines on standard error, from here and from the server beneath."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for name in (LOG.name, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level if name == LOG.name else logging.WARNING)
