"""Self-evaluation of a running network: what works, how fast, how safe; what was run, when, where, and what was not.

The organisation whose folder this is acts as itself. It delegates the ending of that very delegation to another member
and ends it, again and again: whole transactions with a record behind them, which leave only their entries in the log.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import msgspec

from sogdia.app import milliseconds
from sogdia.app.organisation import Home, NetworkError, homes
from sogdia.app.sockets import asked
from sogdia.interfaces.network.report_actor import Actor
from sogdia.interfaces.network.report_load import Load, loaded
from sogdia.interfaces.network.report_security import security
from sogdia.interfaces.network.report_trial import functional
from sogdia.interfaces.network.status import NetworkStanding, network_standing

FORMAT: Final = "sogdia-network-report/1"
PATIENCE_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.5
PACKAGES: Final = ("rocksdict", "msgspec", "pynacl", "protobuf", "litestar", "uvicorn", "sqlalchemy")
NOT_RUN: Final = ("liars", "wide_network", "long_run", "other_machines", "penetration")
"""What this report does not do; the reasons are in the words."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One check: `name` is that of its sentence in the words; `holds` is None when it could not be run."""

    part: Literal["functional", "performance", "security"]
    name: str
    holds: bool | None
    detail: str
    seconds: float


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was run."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    python: str
    cometbft: str
    packages: dict[str, str]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    format: Literal["sogdia-network-report/1"] = FORMAT
    network: str
    chain: str
    organisation: str
    began_ms: int
    ended_ms: int
    machine: Machine
    standing: NetworkStanding
    items: tuple[Item, ...]
    load: Load
    not_run: tuple[str, ...] = NOT_RUN

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return all(one.holds is not False for one in self.items)


Check = tuple[str, Callable[[], tuple[bool | None, str]]]
"""Name of a check, and what runs it: whether it holds, and what was found."""


def report(folder: Path, only: str = "", seconds: float = 10.0, passphrase: str | None = None) -> Report:
    """Run everything on the network in this folder, as its first organisation or the one that is named."""
    home, began_ms = homes(folder, only)[0], milliseconds()
    standing = _standing(folder)
    own = home.read()
    if not any(one.url for one in standing.organisations if one.name == own.name):
        raise NetworkError(f"{own.name} does not run. Start it: sogdia network up {folder}")
    with Actor(home, passphrase) as actor:
        items = _run("functional", functional(actor, standing))
        load = loaded(actor, seconds)
        items += _run("performance", _performance(load))
        items += _run("security", security(actor))
        actor.tidy_up()
    return Report(
        network=own.network,
        chain=own.chain,
        organisation=own.name,
        began_ms=began_ms,
        ended_ms=milliseconds(),
        machine=_machine(home),
        standing=standing,
        items=tuple(items),
        load=load,
    )


def _standing(folder: Path) -> NetworkStanding:
    """Where the network stands; asked again while too few tell their state, for a busy one may answer late."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        standing = network_standing(folder)
        running = [one for one in standing.organisations if one.supervisor is not None]
        if standing.agree is not None or len(running) < 2 or time.monotonic() > give_up:
            return standing
        time.sleep(_PAUSE_SECONDS)


def _run(part: Literal["functional", "performance", "security"], checks: Sequence[Check]) -> list[Item]:
    items = []
    for name, check in checks:
        began = time.monotonic()
        try:
            holds, detail = check()
        except Exception as problem:  # a check that cannot be run has failed, and the others go on
            holds, detail = False, f"{type(problem).__name__}: {problem}"[:300]
        seconds = round(time.monotonic() - began, 3)
        items.append(Item(part=part, name=name, holds=holds, detail=detail, seconds=seconds))
    return items


def _performance(load: Load) -> list[Check]:
    def answered() -> tuple[bool, str]:
        said = f"{load.accepted} accepted, {load.refused} refused, {load.failed} without answer in {load.seconds} s"
        return load.accepted > 0 and not load.refused and not load.failed, said

    def latency() -> tuple[bool | None, str]:
        rate = f"{load.per_second} a second by {load.senders} senders"
        return bool(load.accepted) or None, f"p50 {load.p50_ms} ms, p99 {load.p99_ms} ms; {rate}"

    def interval() -> tuple[bool | None, str]:
        return bool(load.blocks) or None, f"{load.blocks} blocks, one every {load.block_interval_ms} ms (median)"

    return [("load_answered", answered), ("latency", latency), ("block_interval", interval)]


def _machine(home: Home) -> Machine:
    with asked(home.folder) as rpc:
        cometbft = rpc.call("status")["node_info"]["version"]
    return Machine(
        system=platform.platform(),
        processor=platform.processor() or platform.machine(),
        cores=os.cpu_count() or 0,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        python=sys.version.split()[0],
        cometbft=str(cometbft),
        packages={name: version(name) for name in PACKAGES},
    )
