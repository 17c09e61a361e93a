"""Networks on CometBFT under whole trades: real processes, full rules, and beside them CometBFT's own Go kvstore.

Everything runs on this machine: four validators, four applications, and the load. Each node verifies every signature
and executes every rule; its mirror is off, which the embedded figures show apart.
"""

import itertools
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.traffic import NETWORK, World, flattened
from sogdia.app import NetworkInfo
from sogdia.app.organisation import Home, Ports, Settings, homes
from sogdia.app.sockets import Sockets, asked
from sogdia.client.http import HttpConnection
from sogdia.interfaces.cli import networks
from sogdia.interfaces.network import founding, program
from sogdia.interfaces.network.errors import CometbftMissing
from sogdia.interfaces.network.laying import Address, lay
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import network_standing
from sogdia.interfaces.network.supervisor import Command

INFO: Final = NetworkInfo(NETWORK, "benc", "sogdia.example/bench")
SETTINGS: Final = Settings(timeout_commit_ms=100, mirror=None, snapshot_blocks=0)
TRADES: Final = 2_000
BATCH: Final = 500
SENDERS: Final = 12
"""Connections that send at the same time, spread over the organisations."""
FABRIC_BFT_PER_SECOND: Final = 372
START_SECONDS: Final = 60.0
PACED_SECONDS: Final = 15.0


def measure(ceiling: float) -> list[Figure]:
    """Four validators with and without signature checks, beside the Go kvstore; one validator alone."""
    try:
        program.find()
    except CometbftMissing as missing:
        print(f"network: not measured. {missing}", file=sys.stderr)
        return []
    peer = kvstore(TRADES * 4)
    unchecked = throughput(4, TRADES, _unchecked)
    four, p50 = throughput(4, TRADES), latency(4, 600)
    one = throughput(1, TRADES * 2)
    of_peer = {"of_go_kvstore": round(four / peer, 2), "times_fabric_bft": round(four / FABRIC_BFT_PER_SECOND, 1)}
    return [
        Figure("CometBFT's Go kvstore, four validators, same size of transactions", peer, "transactions/s", rate=True),
        Figure(
            "four validators, full rules, no signature checks, of the Go kvstore", unchecked / peer, "", 0.5,
            notes={"per_second": round(unchecked)},
        ),
        Figure("four validators, full rules, every signature", four, "transactions/s", 1_200, rate=True, notes=of_peer),
        Figure("four validators at 600 transactions/s, p50", p50, "ms", 2_000, higher_is_better=False),
        Figure("one validator, full rules", one, "transactions/s", 4_000, rate=True),
    ]  # fmt: skip


# --- our own ---------------------------------------------------------------------------------------------------------


def throughput(validators: int, trades: int, command: Command = networks.command) -> float:
    """Committed transactions per second, from the first one sent to the last one answered, over HTTP."""
    world = World()
    shares = _shares(world, trades, SENDERS)
    with _running(world, validators, command) as urls:
        began = time.perf_counter()
        with ThreadPoolExecutor(len(shares)) as senders:
            list(senders.map(_send, shares, itertools.cycle(urls)))
        seconds = time.perf_counter() - began
    return sum(map(len, shares)) / seconds


def latency(validators: int, per_second: int) -> float:
    """Milliseconds from sending to the answer, the median, at a load that does not wait for answers."""
    world = World()
    shares = _shares(world, int(per_second * PACED_SECONDS / 8) + 1, validators)
    took: list[float] = []
    with _running(world, validators, networks.command) as urls, ThreadPoolExecutor(64) as senders, ExitStack() as open_:
        free = {url: [open_.enter_context(HttpConnection(url, NETWORK)) for _ in range(16)] for url in urls}
        began, every = time.perf_counter(), 0.1
        size = max(1, round(per_second / validators * every))
        rounds = [[share[at : at + size] for at in range(0, len(share), size)] for share in shares]
        for turn, groups in enumerate(itertools.zip_longest(*rounds)):
            time.sleep(max(0.0, began + turn * every - time.perf_counter()))
            for url, group in zip(urls, groups, strict=True):
                if group:
                    senders.submit(_timed, free[url], group, took)
    return statistics.median(took)


def _shares(world: World, trades: int, count: int) -> list[list[bytes]]:
    """Signed transactions for so many senders; a trade stays with one of them, so that its order is kept."""
    made = list(world.trades(trades))
    return [flattened(made[sender::count]) for sender in range(count)]


def _send(raws: Sequence[bytes], url: str) -> None:
    with HttpConnection(url, NETWORK) as connection:
        for start in range(0, len(raws), BATCH):
            refused = [reply for reply in connection.submit(raws[start : start + BATCH]) if not reply.accepted]
            assert not refused, f"{len(refused)} refused, the first: {refused[0]}"


def _timed(free: list[HttpConnection], raws: Sequence[bytes], took: list[float]) -> None:
    began, connection = time.perf_counter(), free.pop()
    assert all(reply.accepted for reply in connection.submit(raws))
    took.extend([1000 * (time.perf_counter() - began)] * len(raws))
    free.append(connection)


@contextmanager
def _running(world: World, validators: int, command: Command) -> Iterator[list[str]]:
    """A network that is up and founded; the URLs of its nodes."""
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        folder = Path(name)
        _lay(folder, world, validators)
        with RunningNetwork(homes(folder), command, program.find()):
            _until(lambda: network_standing(folder).common_height is not None, "the network is up")
            _until(lambda: all(_founded(home) for home in homes(folder)), "every node is founded")
            yield [home.read().address for home in homes(folder)]


def _lay(folder: Path, world: World, validators: int) -> None:
    ports = iter(free_ports(2 * validators))
    lay(
        folder,
        INFO,
        [f"org{number}" for number in range(1, validators + 1)],
        lambda members: founding.agreement(members, {"org1": ("registrar",)}, lambda parties: world.founding()),
        addresses=[Address(Ports(next(ports), next(ports))) for _ in range(validators)],
        settings=SETTINGS,
    )


def _founded(home: Home) -> bool:
    try:
        with HttpConnection(home.read().address, NETWORK) as connection:
            return bool(connection.status()["height"])
    except Exception:
        return False


def _until(holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s, but not: {what}"
        time.sleep(0.1)


def _unchecked(home: Home, sockets: Sockets) -> Sequence[str]:
    argv = list(networks.command(home, sockets))
    at = argv.index("-m")
    argv[at : at + 2] = [str(Path(__file__).with_name("unchecked_node.py"))]
    return argv


# --- the peer --------------------------------------------------------------------------------------------------------


def kvstore(count: int) -> float:
    """Transactions per second that CometBFT's own Go application commits, one key=value each, as large as ours."""
    world = World()
    size = len(next(world.trades(1))[0])
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        folder = Path(name)
        _lay(folder, world, 4)
        own = program.find()
        wrapped = folder / "cometbft-kvstore"
        wrapped.write_text(f'#!/bin/sh\nexec {own.path} "$@" --proxy_app=kvstore --abci=local\n')
        wrapped.chmod(0o700)
        with RunningNetwork(homes(folder), _nothing, own._replace(path=str(wrapped))):
            _until(lambda: network_standing(folder).common_height is not None, "the network is up")
            sent = [[_pair(size) for _ in range(count // 4)] for _ in range(4)]
            began = time.perf_counter()
            with ThreadPoolExecutor(4) as senders:
                list(senders.map(_broadcast, homes(folder), sent))
            _await(homes(folder)[0], count // 4 * 4)
            return count / (time.perf_counter() - began)


def _nothing(home: Home, sockets: Sockets) -> Sequence[str]:
    """A node that only listens: the kvstore runs within CometBFT."""
    listening = "import socket,sys\ns=socket.socket(socket.AF_UNIX);s.bind(sys.argv[1]);s.listen()\nwhile 1:s.accept()"
    return [sys.executable, "-c", listening, str(sockets.abci)]


def _pair(size: int) -> bytes:
    key = secrets.token_hex(8)
    return f"{key}={secrets.token_hex((size - len(key)) // 2)}".encode()


def _broadcast(home: Home, raws: Sequence[bytes]) -> None:
    with asked(home.folder) as rpc:
        left = list(raws)
        while left:
            answers = rpc.broadcast(left[:BATCH])
            full = [raw for raw, answer in zip(left, answers, strict=False) if answer.is_full]
            left = full + left[BATCH:]
            if full:
                time.sleep(0.05)


def _await(home: Home, count: int) -> None:
    """Return when so many transactions stand in blocks."""
    seen, height = 0, 0
    with asked(home.folder) as rpc:
        while seen < count:
            latest = rpc.status().sync_info.latest_block_height
            if latest == height:
                time.sleep(0.02)
                continue
            top = min(latest, height + 20)
            metas = rpc.call("blockchain", minHeight=height + 1, maxHeight=top)["block_metas"]
            seen += sum(int(meta["num_txs"]) for meta in metas)
            height = top
