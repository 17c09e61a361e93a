"""A new organisation joins by snapshot: from the start of its processes to standing where the network stands.

The records are products that a seller lists, a hundred to a transaction, through the real engine; the snapshot is
taken, given, fetched and restored by the real processes of two organisations on this machine.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from bench.figures import Figure
from bench.network import INFO, _founded, _until
from bench.traffic import NETWORK, World
from sogdia.app.organisation import Home, Ports, Settings, homes
from sogdia.client.http import HttpConnection
from sogdia.interfaces.cli import networks
from sogdia.interfaces.network import founding, joining, program
from sogdia.interfaces.network.errors import CometbftMissing
from sogdia.interfaces.network.introduction import introduce
from sogdia.interfaces.network.laying import Address, lay
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.running import RunningNetwork

RECORDS: Final = 1_000_000
PER_TRANSACTION: Final = 100
PER_REQUEST: Final = 100
PATIENCE_SECONDS: Final = 300.0
SETTINGS: Final = Settings(timeout_commit_ms=50, mirror=None, snapshot_blocks=0)


def measure(ceiling: float, records: int = RECORDS) -> list[Figure]:
    """Seconds until a newcomer has the state of so many records, and what came before it."""
    try:
        program.find()
    except CometbftMissing as missing:
        print(f"sync: not measured. {missing}", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        return [_measured(Path(name), records)]


def _measured(folder: Path, records: int) -> Figure:
    world, ports = World(), free_ports(4)
    lay(
        folder / "network",
        INFO,
        ["org1"],
        lambda members: founding.agreement(members, {"org1": ("registrar",)}, lambda parties: world.founding()),
        addresses=[Address(Ports(*ports[:2]))],
        settings=SETTINGS,
    )
    first = homes(folder / "network")[0]
    with RunningNetwork([first], networks.command, program.find()) as running:
        _until(lambda: _founded(first), "the first organisation is founded")
        began = time.perf_counter()
        with HttpConnection(first.read().address, NETWORK) as node:
            _fill(node, world, records)
            filled = time.perf_counter() - began
            height = int(node.status()["height"]) + 1
        running.stop("org1")
        own = first.read()
        first.write(replace(own, settings=replace(own.settings, snapshot_blocks=height)))
        running.start("org1")
        _until(lambda: _founded(first), "the first organisation is back")
        with HttpConnection(first.read().address, NETWORK) as node:
            _until_snapshot(node, world, first, height)
        home = Home(folder / "newcomer")
        joining.make(home, "newcomer", introduce(first.read().address), Address(Ports(*ports[2:])), settings=SETTINGS)
        began = time.perf_counter()
        with RunningNetwork([home], networks.command, program.find()):
            _until(lambda: _height(home) >= height, "the newcomer has the state", PATIENCE_SECONDS)
            seconds = time.perf_counter() - began
            _until(lambda: _root(home) == _root(first), "the newcomer stands where the first one does")
    said = {"records": records, "filled_in_seconds": round(filled, 1)}
    return Figure("a newcomer syncs by snapshot", seconds, "s", 120, higher_is_better=False, notes=said)


def _fill(node: HttpConnection, world: World, records: int) -> None:
    raws = _listings(world, records)
    done = 0
    while batch := [raw for raw, _ in zip(raws, range(PER_REQUEST), strict=False)]:
        assert all(reply.accepted for reply in node.submit(batch))
        done += len(batch) * PER_TRANSACTION
        print(f"sync: {done:,} of {records:,} records\r", end="", file=sys.stderr)
    print(file=sys.stderr)


def _listings(world: World, records: int) -> Iterator[bytes]:
    for start in range(0, records, PER_TRANSACTION):
        yield world.sign("seller", *map(world.listing, range(start, start + PER_TRANSACTION)))


def _until_snapshot(node: HttpConnection, world: World, home: Home, height: int) -> None:
    """Make the block of this height, whose snapshot is due, and those above it that state sync wants."""
    for extra in range(4):
        assert all(reply.accepted for reply in node.submit([world.sign("seller", world.listing(-1 - extra))]))
    taken = home.folder / "snapshots"
    _until(lambda: any(path.name.isdigit() for path in taken.glob("*")), f"a snapshot of {height}", PATIENCE_SECONDS)


def _height(home: Home) -> int:
    try:
        with HttpConnection(home.read().address, NETWORK) as node:
            return int(node.status()["height"])
    except Exception:
        return 0


def _root(home: Home) -> str:
    with HttpConnection(home.read().address, NETWORK) as node:
        return str(node.status()["state_root"])
