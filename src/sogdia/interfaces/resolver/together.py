"""Look-ups that arrive while others are being found are found together: one thread, one connection, each thing once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from sogdia.interfaces.http.desk import aside

T = TypeVar("T")
AT_ONCE: Final = 200
"""Things that are found in one go, so that nobody waits long for others."""
_TURNS: Final = 2
"""Of the event loop, before a run begins: what came in with the first request has got here by then."""


class Together(Generic[T]):
    """Runs `work` aside on what is waited for; one run at a time. All calls come from one event loop."""

    def __init__(self, work: Callable[[Sequence[str]], Mapping[str, T]]) -> None:
        self._work = work
        self._waiting: dict[str, list[asyncio.Future[T]]] = {}
        self._running: asyncio.Task[None] | None = None

    async def found(self, name: str) -> T:
        """What `work` finds under this name; raises what it raises."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, []).append(future)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            while self._waiting:
                await self._settle([(name, self._waiting.pop(name)) for name in list(self._waiting)[:AT_ONCE]])
        finally:
            self._running = None

    async def _settle(self, taken: "Sequence[tuple[str, list[asyncio.Future[T]]]]") -> None:
        try:
            found = await aside(self._work, [name for name, _ in taken])
        except Exception as problem:
            if len(taken) > 1:  # one of them must not fail the others
                for one in taken:
                    await self._settle([one])
                return
            for future in _still_there(taken[0][1]):
                future.set_exception(problem)
            return
        for name, futures in taken:
            for future in _still_there(futures):
                future.set_result(found[name])


def _still_there(futures: "Sequence[asyncio.Future[T]]") -> "list[asyncio.Future[T]]":
    return [one for one in futures if not one.done()]  # who has hung up waits no more
