"""Answers CometBFT: ABCI over a Unix socket or the loopback, a thread for each of its connections.

CometBFT opens four connections and does not say which is which; the requests themselves do. What is of consensus comes
from one connection and so from one thread, checks come from another, queries and snapshots from two more: the
application must expect four threads. Answers go back strictly in the order of the requests. Everything that one read
brought is decided before the answers are sent, and consecutive checks are handed over together.

A bug must stop the node loudly. When the application raises, CometBFT is told with an `exception`, whoever started the
server is told by `on_failure`, no further request is handed over, and all connections close; CometBFT then ends.
"""

import logging
import os
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from itertools import groupby
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Lock, Thread, current_thread
from time import perf_counter_ns
from typing import Final, NamedTuple, Protocol

from sogdia.engines.cometbft.wire import MESSAGE_LIMIT_BYTES, Message, WireDamaged, abci, frame, take_messages

READ_BYTES: Final = 1024 * 1024
CONNECTIONS_LIMIT: Final = 16
UNIX_PATH_LIMIT_BYTES: Final = 107
EXCEPTION_LIMIT_CHARACTERS: Final = 500
LAST_WORDS_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)
_FLUSHED: Final = frame(abci.Response(flush=abci.ResponseFlush()))


class AddressUnusable(Exception):
    """The server cannot listen there; the message says why and what to do."""


class Spent(NamedTuple):
    """How many requests of a kind were answered, and how long the application took over them."""

    requests: int
    nanoseconds: int


class Application(Protocol):
    """What CometBFT asks of us: a method for each kind of request, message in, message out (`wire.abci`).

    Echo and Flush are the server's own. `insert_tx` and `reap_txs` of 0.39 are not offered: the mempool is CometBFT's.
    """

    def info(self, request: Message) -> Message:
        """Where we stand: last height and app hash."""
        ...

    def init_chain(self, request: Message) -> Message:
        """The first block's ground: genesis in, app hash out. May come again after a crash."""
        ...

    def query(self, request: Message) -> Message:
        """A question from outside, with a proof if asked."""
        ...

    def check_txs(self, requests: Sequence[Message]) -> Sequence[Message]:
        """Verdicts on transactions that came in together, as many and in the same order."""
        ...

    def prepare_proposal(self, request: Message) -> Message:
        """Choose what goes into the block that this node proposes."""
        ...

    def process_proposal(self, request: Message) -> Message:
        """The verdict on a block that is proposed."""
        ...

    def extend_vote(self, request: Message) -> Message:
        """What to add to our vote."""
        ...

    def verify_vote_extension(self, request: Message) -> Message:
        """The verdict on what another added to its vote."""
        ...

    def finalize_block(self, request: Message) -> Message:
        """Execute the block that was decided; nothing is kept yet."""
        ...

    def commit(self, request: Message) -> Message:
        """Keep what the last block did."""
        ...

    def list_snapshots(self, request: Message) -> Message:
        """The snapshots that we can give."""
        ...

    def offer_snapshot(self, request: Message) -> Message:
        """Whether to restore the snapshot that is offered."""
        ...

    def load_snapshot_chunk(self, request: Message) -> Message:
        """A piece of one of our snapshots."""
        ...

    def apply_snapshot_chunk(self, request: Message) -> Message:
        """Take a piece of the snapshot that is being restored."""
        ...


KINDS: Final = frozenset(name for name in vars(Application) if not name.startswith("_")) - {"check_txs"} | {"check_tx"}


class Server:
    """Listens at `unix:///path` or `tcp://127.0.0.1:port` (port 0: any that is free) and answers for the application.

    `on_failure` is called once, from the thread in which the application raised; it may not wait for `close`.
    """

    def __init__(
        self,
        address: str,
        application: Application,
        on_failure: Callable[[BaseException], None],
        message_limit_bytes: int = MESSAGE_LIMIT_BYTES,
    ) -> None:
        self.address = address
        self._application = application
        self._on_failure = on_failure
        self._limit_bytes = message_limit_bytes
        self._lock = Lock()
        self._waker: socket.socket | None = None
        self._connections: dict[socket.socket, Thread] = {}
        self._threads: list[Thread] = []
        self._totals: dict[str, Spent] = {}
        self._stopping = Event()
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to listen; when this returns, CometBFT can connect. Raises AddressUnusable."""
        listener = listen(self.address)
        self._waker, woken = socket.socketpair()
        if self.address.startswith("tcp:"):
            host, port = listener.getsockname()[:2]
            self.address = f"tcp://{host}:{port}"
        self._begin("abci-listener", partial(self._accept, listener), woken)

    def close(self) -> None:
        """Close all connections, wait until the threads have ended, remove the socket's file."""
        self._stop()
        for thread in self._threads:
            if thread is not current_thread():
                thread.join()
        if self._waker is not None:
            self._waker.close()
            self._waker = None
            if self.address.startswith("unix:"):
                _path(self.address).unlink(missing_ok=True)

    def totals(self) -> dict[str, Spent]:
        """Requests and time spent so far, by kind."""
        with self._lock:
            return dict(self._totals)

    def _begin(self, name: str, work: Callable[[socket.socket], None], sock: socket.socket) -> Thread:
        thread = Thread(target=work, args=(sock,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self, listener: socket.socket, woken: socket.socket) -> None:
        with listener, woken, DefaultSelector() as arrivals:
            arrivals.register(listener, EVENT_READ)
            arrivals.register(woken, EVENT_READ)
            try:
                while all(key.fileobj is listener for key, _ in arrivals.select()):
                    self._welcome(listener.accept()[0])
            except OSError as error:
                self._fail(error)

    def _welcome(self, connection: socket.socket) -> None:
        with self._lock:
            full = len(self._connections) >= CONNECTIONS_LIMIT
            if full or self._stopping.is_set():
                if full:
                    _log.error("abci: a connection was turned away; %d are open", CONNECTIONS_LIMIT)
                connection.close()
                return
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._connections[connection] = self._begin("abci", self._serve, connection)

    # -- one connection ------------------------------------------------------------------------------------------

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._answer_all(connection)
        except WireDamaged as damage:
            _log.error("abci: %s; the connection is closed", damage)
        except OSError as error:
            if not self._stopping.is_set():
                _log.error("abci: the connection broke: %s", error)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()

    def _answer_all(self, connection: socket.socket) -> None:
        room = bytearray(READ_BYTES)
        view, buffer = memoryview(room), bytearray()
        while not self._stopping.is_set() and (size := connection.recv_into(room)):
            buffer += view[:size]
            answers: list[bytes] = []
            try:
                for kind, requests in _runs(take_messages(buffer, abci.Request, self._limit_bytes)):
                    if self._stopping.is_set():
                        return
                    answers += self._answer(kind, requests)
                    if kind == "flush":
                        _send(connection, answers)
            except _ApplicationFailed as failed:
                self._stopping.set()
                with suppress(OSError):  # a CometBFT that is gone or does not read must not keep the failure silent
                    connection.settimeout(LAST_WORDS_SECONDS)
                    _send(connection, [*answers, _exception(failed.bug)])
                self._fail(failed.bug)
                return
            _send(connection, answers)

    def _answer(self, kind: str, requests: list[Message]) -> list[bytes]:
        if kind == "flush":
            answers, began = [_FLUSHED] * len(requests), 0
        elif kind == "echo":
            answers, began = [frame(abci.Response(echo={"message": one.echo.message})) for one in requests], 0
        elif kind in KINDS:
            began = perf_counter_ns()
            answers = self._asked(kind, [getattr(request, kind) for request in requests])
        else:
            raise WireDamaged(f"a request of kind {kind or 'unknown'} that this server does not answer")
        self._count(kind, len(requests), perf_counter_ns() - began if began else 0)
        return answers

    def _asked(self, kind: str, requests: list[Message]) -> list[bytes]:
        try:
            if kind == "check_tx":
                found = self._application.check_txs(requests)
                if len(found) != len(requests):
                    raise ValueError(f"{len(found)} verdicts on {len(requests)} transactions")
            else:
                method = getattr(self._application, kind)
                found = [method(request) for request in requests]
            return [_framed(kind, one) for one in found]
        except BaseException as bug:  # a panic of a library in Rust is no Exception
            raise _ApplicationFailed(bug) from bug

    def _count(self, kind: str, requests: int, nanoseconds: int) -> None:
        with self._lock:
            before = self._totals.get(kind, Spent(0, 0))
            self._totals[kind] = Spent(before.requests + requests, before.nanoseconds + nanoseconds)

    # -- the end -------------------------------------------------------------------------------------------------

    def _fail(self, bug: BaseException) -> None:
        with self._lock:
            first, self.failure = self.failure is None, self.failure or bug
            self._stopping.set()
        _log.critical("abci: the application failed; all connections are closed", exc_info=bug)
        try:
            if first:
                self._on_failure(bug)
        finally:
            self._stop()

    def _stop(self) -> None:
        with self._lock:
            self._stopping.set()
            connections = list(self._connections)
        if self._waker is not None:
            with suppress(OSError):  # nobody listens any more
                self._waker.send(b"\0")
        for connection in connections:
            with suppress(OSError):  # the other side may have closed it in this moment
                connection.shutdown(socket.SHUT_RDWR)


class _ApplicationFailed(Exception):
    def __init__(self, bug: BaseException) -> None:
        super().__init__(str(bug))
        self.bug = bug


def _runs(requests: list[Message]) -> Iterator[tuple[str, list[Message]]]:
    """Requests in order, consecutive ones of a kind together; a kind that the table does not know is ''."""
    for kind, group in groupby(requests, key=lambda request: request.WhichOneof("value") or ""):
        yield kind, list(group)


def _framed(kind: str, answer: Message) -> bytes:
    response = abci.Response(**{kind: answer})
    if response.WhichOneof("value") != kind:
        raise TypeError(f"the application gave {answer!r} as the answer to {kind}")
    return frame(response)


def _send(connection: socket.socket, answers: list[bytes]) -> None:
    if answers:
        connection.sendall(b"".join(answers))
        answers.clear()


def _exception(bug: BaseException) -> bytes:
    text = f"{type(bug).__name__}: {bug}"[:EXCEPTION_LIMIT_CHARACTERS]
    return frame(abci.Response(exception=abci.ResponseException(error=text)))


# --- addresses -------------------------------------------------------------------------------------------------------


def listen(address: str) -> socket.socket:
    """A listening socket at `unix:///path` (mode 600) or `tcp://127.0.0.1:port`. Raises AddressUnusable."""
    scheme, _, rest = address.partition("://")
    if scheme not in ("unix", "tcp"):
        raise AddressUnusable(f"{address}: give unix:///path or tcp://127.0.0.1:port")
    try:
        return _listen_unix(_path(address)) if scheme == "unix" else _listen_loopback(rest)
    except (OSError, ValueError) as error:
        raise AddressUnusable(f"{address}: {error}") from error


def _path(address: str) -> Path:
    return Path(address.partition("://")[2])


def _listen_unix(path: Path) -> socket.socket:
    size = len(os.fsencode(path))
    if size > UNIX_PATH_LIMIT_BYTES:
        raise ValueError(f"a path of {size} bytes; a Unix socket takes {UNIX_PATH_LIMIT_BYTES}, use a shorter folder")
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        path.chmod(0o600)  # before anyone can connect
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _remove_stale(path: Path) -> None:
    """Remove the socket that a killed process left; refuse when someone still listens, or when it is no socket."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ValueError("a file stands there that is no socket; move it away")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise ValueError("a node listens there already")


def _listen_loopback(rest: str) -> socket.socket:
    host, _, port = rest.rpartition(":")
    if not ip_address(host.strip("[]")).is_loopback:
        raise ValueError("ABCI has no passwords and must not leave the machine; use 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), int(port)), family=family)
