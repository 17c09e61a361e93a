"""`sogdia up`: a node with its HTTP interface and mirror, from the first request to a clean stop."""

import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from threading import Event, Thread

from sogdia.app import TABLES, Node
from sogdia.interfaces.cli import mirroring
from sogdia.interfaces.cli.folders import existing
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.cli.terminal import Failure, note, tell
from sogdia.interfaces.http.proxies import Proxies
from sogdia.interfaces.http.server import Server, configure, log_to_stderr
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.process import FollowerProcess

FIRST_BLOCK_SECONDS = 20.0
"""How long the first request may wait for the mirror's tables."""
LOOK_SECONDS = 0.2
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter: whoever comes back from a signature waits for it that long, each time."""
COLLECT_AFTER = 50_000
"""New objects between two looks of Python's collector of cycles."""


def up(
    folder: Path,
    host: str,
    port: int,
    mirror: str | None,
    urls: Sequence[str] = (),
    opened: Callable[[Path], Node] = Node,
    beside: Callable[[Node], AbstractContextManager[object]] = lambda node: nullcontext(),
    served: Callable[[Node, Server], object] = lambda node, server: None,
    proxies: Sequence[str] = (),
) -> None:
    """Run until Ctrl-C or SIGTERM; what has arrived by then is finished. An empty `mirror` is a file in the folder.

    `urls` are the names under which others reach this node, for their request signatures name it; `proxies` the
    addresses or networks that are believed when they say who called them. `opened` makes the node of the folder; what
    `beside` gives runs as long as the node does; `served` is told of the server before it runs.
    """
    _check_address(host, port)
    _check_proxies(proxies)
    log_to_stderr()
    with ExitStack() as scope:
        announce = scope.enter_context(held(existing(folder)))
        node = opened(folder)
        scope.callback(_closed, node)
        node.start()
        scope.enter_context(beside(node))
        picture = None if mirror is None else scope.enter_context(_mirrored(node, mirror))
        ready = _say_ready(node, announce)
        server = configure(node, picture, host=host, port=port, urls=urls, proxies=proxies, on_ready=ready)
        served(node, server)
        _calm_the_collector()
        with _harmless_signals(), _watched(node, server):
            server.run()
        note("up_stopping")
    if node.engine.failure is not None:
        raise Failure("up_failed", problem=repr(node.engine.failure), folder=folder)


def _calm_the_collector() -> None:
    """Records hold no cycles: looking for some after every 700 new objects takes a quarter of a block's time."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    sys.setswitchinterval(SWITCH_SECONDS)


def _say_ready(node: Node, announce: Callable[[str], None]) -> Callable[[str], None]:
    def ready(url: str) -> None:
        announce(url)
        tell("up_serving", network=node.info.network, height=node.machine.seal.height, url=url)

    return ready


def _closed(node: Node) -> None:
    node.close()
    note("up_stopped", height=node.machine.seal.height)


def _check_address(host: str, port: int) -> None:
    """Failure when nobody may listen there: before the folder is opened, and in words."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise Failure("port_taken", host=host, port=port, problem=problem.strerror) from None


def _check_proxies(given: Sequence[str]) -> None:
    """Failure for what is neither an address nor a network."""
    for one in given:
        try:
            Proxies([one])
        except ValueError as wrong:
            raise Failure("proxy_wrong", proxy=one, problem=wrong) from None


@contextmanager
def _mirrored(node: Node, url: str) -> Iterator[SqlPicture]:
    """The picture that a follower in a process of its own keeps up to date."""
    database = url or mirroring.default_url(node.folder)
    follower = FollowerProcess(database, "sogdia.app:TABLES", node.engine, tip=lambda: node.machine.seal.height)
    follower.start()
    try:
        follower.wait_for(1, FIRST_BLOCK_SECONDS)
        picture = SqlPicture(database, TABLES)
        try:
            yield picture
        finally:
            picture.close()
    finally:
        follower.stop()


@contextmanager
def _harmless_signals() -> Iterator[None]:
    """The server takes these signals while it runs and raises them once more when it is done; by then it is known."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _watched(node: Node, server: Server) -> Iterator[None]:
    """A node whose engine has failed answers nobody any more: end, so that whoever supervises sees it."""
    done = Event()

    def watch() -> None:
        while not done.wait(LOOK_SECONDS):
            if node.engine.failure is not None:
                server.should_exit = True

    thread = Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
