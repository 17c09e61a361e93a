"""Tells sockets that events came to count: one look at the index for all of them, and none when nobody listens."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sogdia.interfaces.epcis.finding import latest
from sogdia.interfaces.http.desk import aside

if TYPE_CHECKING:
    from sogdia.interfaces.epcis.station import Station

LOOK_SECONDS: Final = 0.25
LOG: Final = logging.getLogger("sogdia.epcis")


class Watch:
    """The number of the last event that counts, to be waited for on the event loop."""

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._listeners = 0
        self._seen = 0
        self._next = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self) -> None:
        """A socket begins to listen."""
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self) -> None:
        """A socket ends."""
        self._listeners -= 1

    async def beyond(self, seq: int, timeout_seconds: float) -> None:
        """Wait for an event after this one, or until the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while self._seen <= seq:
                    await self._next.wait()

    async def _run(self) -> None:
        while self._listeners:
            try:
                seen = await aside(latest, self._station.picture)
            except Exception as bug:  # one bad look must not silence all sockets
                LOG.warning("bug", extra={"said": {"error": type(bug).__name__}})
                seen = self._seen
            if seen != self._seen:
                self._seen = seen
                self._next.set()
                self._next = asyncio.Event()
            await asyncio.sleep(LOOK_SECONDS)
