"""Tells every event stream that a block has come, with one thread for all of them and none when nobody listens."""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sogdia.app import Node

_WAIT_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.02


class Pulse:
    """The height of the node, to be waited for on the event loop."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._listeners = 0
        self._told = 0
        self.ended = False
        self._watch: asyncio.Task[None] | None = None
        self._next = asyncio.Event()

    @property
    def height(self) -> int:
        """The height of the last sealed block."""
        return self._node.machine.seal.height

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return self._listeners

    def end(self) -> None:
        """Every stream ends now."""
        self.ended = True
        self._next.set()

    def join(self) -> None:
        """A stream begins to listen."""
        self._listeners += 1
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._run())

    def leave(self) -> None:
        """A stream ends."""
        self._listeners -= 1

    async def above(self, height: int, timeout_seconds: float) -> bool:
        """Wait for a block above this height; False when the time is up first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while self.height <= height and not self.ended:
                    await self._next.wait()
        except TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        while self._listeners:
            await asyncio.to_thread(self._node.engine.wait, self._told, _WAIT_SECONDS)
            if self.height == self._told:  # nothing came in time, or the engine has ended and never waits again
                await asyncio.sleep(_PAUSE_SECONDS)
            else:  # a listener waits only when the height it saw was told already
                self._told = self.height
                self._next.set()
                self._next = asyncio.Event()
