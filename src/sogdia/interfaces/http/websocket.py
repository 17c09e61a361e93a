"""A WebSocket connection with bounds: on what comes, on what waits to go, and on who takes too long to take it.

Nothing is compressed, so no small message becomes a large one. Beside what uvicorn does (pings, the length of a
message), a peer is let go of that does not read: what waits for it is bounded, and it is told why when it reads on.
"""

import asyncio
from typing import Final

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import CloseConnection, Ping
from wsproto.utilities import LocalProtocolError

MESSAGE_LIMIT_BYTES: Final = 4 * 1024
"""Longest message from a peer; none of our sockets takes any."""
PING_SECONDS: Final = 20.0
STALL_SECONDS: Final = 20.0
"""How long a peer may leave unread what was sent to it."""
LINGER_SECONDS: Final = 5.0
"""How long it has from then on to read why it was let go of."""
TOO_SLOW: Final = 1008
_REASON: Final = "too slow: what was sent was not read in time"


class BoundedSocket(WSProtocol):
    """One connection. The header was bounded before, when it was still one of HTTP."""

    stall_seconds = STALL_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """A peer has to wait for our answer to its handshake before it says more."""
        if hasattr(self, "scope") and not self.handshake_complete:
            self.transport.abort()
        else:
            super().data_received(data)

    def handle_ping(self, event: Ping) -> None:
        """Answer, unless the peer does not read its answers."""
        if self.writable.is_set():
            super().handle_ping(event)

    def pause_writing(self) -> None:
        """Enough waits to be read; the peer has so many seconds."""
        super().pause_writing()
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.stall_seconds, self._too_slow)

    def resume_writing(self) -> None:
        """It was read."""
        super().resume_writing()
        self._release()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._release()
        super().connection_lost(exc)

    def _too_slow(self) -> None:
        self._deadline = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        if self.handshake_complete and not self.close_sent:
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": TOO_SLOW, "reason": _REASON})
            try:
                self.transport.write(self.conn.send(CloseConnection(code=TOO_SLOW, reason=_REASON)))
            except LocalProtocolError:  # the peer has said goodbye already
                self.transport.abort()

    def _release(self) -> None:
        if self._deadline is not None and not self.close_sent:
            self._deadline.cancel()
            self._deadline = None
