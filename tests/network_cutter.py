"""Wires between organisations that a test can cut: a TCP proxy for each pair and direction.

Each organisation dials its peers through proxies, so that `cut("b")` ends every connection from and to b and refuses
new ones until `heal("b")`. The processes run on; only the wire is gone.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from sogdia.app.organisation import Home

T = TypeVar("T")
READ_BYTES = 64 * 1024
HOST = "127.0.0.1"


class Cutter:
    """Proxies that run in a thread of their own while this is open."""

    def __init__(self, delay_seconds: float = 0) -> None:
        self.delay_seconds = delay_seconds
        """How long bytes stay on the wire."""
        self._cut: set[str] = set()
        self._streams: dict[asyncio.StreamWriter, frozenset[str]] = {}
        self._carriers: set[asyncio.Future[Any]] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="network cutter")
        self._thread.start()

    def __enter__(self) -> "Cutter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def put_between(self, homes: Sequence[Home]) -> None:
        """Let these organisations, which do not run, reach each other through proxies from now on."""
        for home in homes:
            own = home.read()
            peers = [
                msgspec.structs.replace(peer, host=HOST, port=self.link(own.name, peer.name, peer.host, peer.port))
                for peer in own.peers
            ]
            home.write(msgspec.structs.replace(own, peers=tuple(peers)))

    def link(self, source: str, target: str, host: str, port: int) -> int:
        """Lay a wire from one organisation to another's address; gives the port to dial instead."""
        return self._run(self._lay(frozenset((source, target)), host, port))

    def cut(self, *names: str) -> None:
        """Cut every wire from and to these."""
        self._cut.update(names)
        self._run(self._drop(frozenset(names)))

    def heal(self, *names: str) -> None:
        """Lay the wires of these again."""
        self._cut.difference_update(names)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _lay(self, ends: frozenset[str], host: str, port: int) -> int:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if ends & self._cut:
                writer.transport.abort()
                return
            try:
                far_reader, far_writer = await asyncio.open_connection(host, port)
            except OSError:
                writer.transport.abort()
                return
            if ends & self._cut:  # while we dialled
                writer.transport.abort()
                far_writer.transport.abort()
                return
            self._streams |= {writer: ends, far_writer: ends}
            carried = asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
            self._carriers.add(carried)
            await carried
            self._carriers.discard(carried)
            del self._streams[writer], self._streams[far_writer]

        server = await asyncio.start_server(accept, HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while raw := await reader.read(READ_BYTES):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                writer.write(raw)
                await writer.drain()
        writer.transport.abort()

    async def _drop(self, names: frozenset[str]) -> None:
        for writer, ends in list(self._streams.items()):
            if ends & names:
                writer.transport.abort()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._streams):
            writer.transport.abort()
        await asyncio.gather(*self._carriers)
