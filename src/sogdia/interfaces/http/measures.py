"""What can be measured of a node, as Prometheus reads it (text exposition format 0.0.4). Counts and times only.

Names are as Prometheus wants them: `_total` counts up from the start of the process, `_seconds` and `_bytes` are units.
"""

import os
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec

from sogdia.app import Node
from sogdia.app.network_node import NetworkNode
from sogdia.app.organisation import Home, NetworkError, Organisation
from sogdia.app.sockets import asked
from sogdia.core.query import Picture
from sogdia.core.receipt import decode_outcome, decode_receipt
from sogdia.core.state import Committed
from sogdia.domains.governance.state import CASES, DOCKET, SCOPE
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.http.folder_size import used_bytes
from sogdia.interfaces.http.pulse import Pulse
from sogdia.interfaces.http.sealed_shelf import SealedShelf

BLOCKS_AT_ONCE: Final = 1000
"""Blocks that one reading looks through for refusals; the next goes on from there."""
SIZE_SECONDS: Final = 60.0
"""How long a folder's size is taken for what it was."""
BACKUP_FILE: Final = "last_backup.json"
_STARTED: Final = time.time()
_NOTHING: Final[Mapping[str, str]] = {}


class Sample(NamedTuple):
    """One number. `kind` is gauge or counter."""

    name: str
    value: float
    what: str
    kind: str = "gauge"
    labels: Mapping[str, str] = _NOTHING


class LastBackup(msgspec.Struct, frozen=True):
    """What `last_backup.json` says: where the newest backup of an organisation is."""

    folder: str
    height: int
    made_ms: int


class Comet(NamedTuple):
    """What CometBFT beside the node says of itself."""

    height: int
    catching_up: bool
    block_time_ms: int
    """Of its last block; 0 before the first."""
    connected: int
    expected: int


class Meter:
    """Reads one node. Threads may share it."""

    def __init__(self, node: Node, picture: Picture | None, shelf: SealedShelf, pulse: Pulse) -> None:
        self._node, self._picture, self._shelf, self._pulse = node, picture, shelf, pulse
        self._lock = Lock()
        self._refused = Counter[int]()
        self._read_to = self._node.machine.seal.height
        self._size: tuple[float, int] = (float("-inf"), 0)

    def samples(self) -> list[Sample]:
        """Everything, now."""
        found = [*self._record(), *_process(), *self._disk()]
        if isinstance(self._node, NetworkNode):
            found += [*_engine(self._node), *_cometbft(comet(self._node))]
        return [*found, *self._refusals(), *self._courier(), *_backup(self._node.folder)]

    def mirror_height(self) -> int | None:
        """The last block in the SQL picture; None when there is no picture."""
        place = getattr(self._picture, "place", None)
        return None if place is None else int(place().height)

    # -- inside --------------------------------------------------------------------------------------------------

    def _record(self) -> Iterator[Sample]:
        seal = self._node.machine.seal
        yield Sample("sogdia_height", seal.height, "Last block of the record.")
        yield Sample("sogdia_log_entries", seal.log_size, "Entries in the log of receipts.")
        yield Sample("sogdia_block_age_seconds", _age(seal.time_ms), "Time since the last block of the record.")
        yield Sample("sogdia_taking_transactions", self._node.engine.failure is None, "1 while the engine works.")
        yield Sample("sogdia_event_streams", self._pulse.listeners, "Event streams that are open.")
        yield Sample("sogdia_open_cases", open_cases(self._node.store, seal.time_ms), "Cases that wait for votes.")
        mirrored = self.mirror_height()
        if mirrored is not None:
            yield Sample("sogdia_mirror_height", mirrored, "Last block in the SQL picture.")
            yield Sample("sogdia_mirror_behind_blocks", max(0, seal.height - mirrored), "Blocks that it lacks.")

    def _disk(self) -> Iterator[Sample]:
        with self._lock:
            if time.monotonic() - self._size[0] > SIZE_SECONDS:
                self._size = time.monotonic(), used_bytes(self._node.folder)
        yield Sample("sogdia_disk_used_bytes", self._size[1], "What the node's folder takes.")
        yield Sample("sogdia_disk_free_bytes", shutil.disk_usage(self._node.folder).free, "Free space on its disk.")

    def _refusals(self) -> Iterator[Sample]:
        with self._lock:
            self._count_refusals()
            found = sorted(self._refused.items())
        for code, times in found:
            what = "Refusals on record since the node started, by code."
            yield Sample("sogdia_refusals_total", times, what, "counter", {"code": str(code)})

    def _count_refusals(self) -> None:
        for raw in self._node.engine.outcomes(self._read_to, BLOCKS_AT_ONCE):
            outcome = decode_outcome(raw)
            codes = (decode_receipt(one.receipt).code for one in outcome.done)
            self._refused.update(code for code in codes if code)
            self._read_to = outcome.seal.height

    def _courier(self) -> Iterator[Sample]:
        status = self._shelf.courier
        if status is None:
            return
        for name, value in msgspec.structs.asdict(status()).items():
            if isinstance(value, int):
                yield Sample(f"sogdia_courier_{name}", value, f"The courier's count: {name.replace('_', ' ')}.")
            elif isinstance(value, tuple):
                yield Sample(f"sogdia_courier_{name}", len(value), f"The courier's list: {name.replace('_', ' ')}.")


def open_cases(store: object, time_ms: int) -> int:
    """How many cases of governance wait for votes at this time."""
    view = Committed(store, cached=0)  # type: ignore[arg-type]
    docket = DOCKET.get(view, SCOPE)
    cases = (CASES.get(view, number) for number in (docket.waiting if docket else ()))
    return sum(case is not None and case.status == "open" and case.deadline_ms >= time_ms for case in cases)


def comet(node: NetworkNode) -> Comet | None:
    """What the CometBFT beside a node says; None when it does not answer."""
    try:
        return comet_of(node.folder, Home(node.folder).read())
    except (OSError, RpcError, NetworkError):
        return None


def comet_of(folder: Path, own: Organisation) -> Comet:
    """What the CometBFT of the organisation in this folder says; RpcError when it does not answer."""
    with asked(folder) as rpc:
        sync = rpc.status().sync_info
        there = {peer.node_info.id for peer in rpc.net_info().peers}
    connected = sum(peer.node_id in there for peer in own.peers)
    time_ms = sync.latest_block_time // 1_000_000 if sync.latest_block_height else 0
    return Comet(sync.latest_block_height, sync.catching_up, time_ms, connected, len(own.peers))


def _cometbft(told: Comet | None) -> Iterator[Sample]:
    yield Sample("sogdia_cometbft_up", told is not None, "1 while CometBFT answers.")
    if told is None:
        return
    yield Sample("sogdia_cometbft_height", told.height, "Last block of CometBFT, which counts empty ones too.")
    yield Sample("sogdia_cometbft_catching_up", told.catching_up, "1 while it fetches what others have.")
    yield Sample("sogdia_cometbft_peers", told.connected, "Members' nodes that it is connected with.")
    yield Sample("sogdia_cometbft_peers_expected", told.expected, "Members' nodes that it knows.")
    if told.block_time_ms:
        yield Sample("sogdia_cometbft_block_age_seconds", _age(told.block_time_ms), "Time since its last block.")


def _engine(node: NetworkNode) -> Iterator[Sample]:
    engine = node.engine
    application = engine.application
    yield Sample("sogdia_transactions_waiting", engine.waiting, "Wait for this node's turn to propose.")
    yield Sample("sogdia_transactions_in_flight", engine.in_flight, "Given to CometBFT and not decided.")
    yield Sample("sogdia_mempool_transactions", application.checks.pending(), "Held in the mempool, as far as known.")
    yield Sample("sogdia_signatures_checked_total", application.checks.verified, "Transactions checked.", "counter")
    yield Sample("sogdia_blocks_executed_total", application.candidates.executed, "Candidates executed.", "counter")
    for kind, spent in sorted(engine.server.totals().items()):
        by = {"kind": kind}
        yield Sample("sogdia_abci_requests_total", spent.requests, "CometBFT's requests, by kind.", "counter", by)
    for kind, spent in sorted(engine.server.totals().items()):
        seconds, by = spent.nanoseconds / 1e9, {"kind": kind}
        yield Sample("sogdia_abci_seconds_total", seconds, "Time spent on them, by kind.", "counter", by)


def _process() -> Iterator[Sample]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    yield Sample("process_cpu_seconds_total", spent, "CPU time of the node, without the mirror's process.", "counter")
    yield Sample("process_resident_memory_bytes", _resident_bytes(usage.ru_maxrss), "Memory of the node's process.")
    yield Sample("sogdia_assertions", __debug__, "1 while Python checks the assertions that guard the record.")
    yield Sample("process_start_time_seconds", _STARTED, "When the node started, seconds since 1970.")


def _resident_bytes(peak: int) -> int:
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return peak * (1 if sys.platform == "darwin" else 1024)  # elsewhere the peak has to do


def _backup(folder: Path) -> Iterator[Sample]:
    with suppress(OSError, msgspec.MsgspecError):
        last = msgspec.json.decode((folder / BACKUP_FILE).read_bytes(), type=LastBackup)
        yield Sample("sogdia_backup_age_seconds", _age(last.made_ms), "Time since the last backup.")
        yield Sample("sogdia_backup_height", last.height, "Last block of the record in it.")


def _age(time_ms: int) -> float:
    return round(max(0.0, time.time() - time_ms / 1000), 3)


# --- text ------------------------------------------------------------------------------------------------------------


def prometheus_text(samples: list[Sample]) -> str:
    """The samples as Prometheus reads them; those of one name follow one another."""
    lines, before = list[str](), ""
    for one in samples:
        if one.name != before:
            lines += [f"# HELP {one.name} {one.what}", f"# TYPE {one.name} {one.kind}"]
            before = one.name
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels.items())
        lines.append(f"{one.name}{{{labels}}} {_number(one.value)}" if labels else f"{one.name} {_number(one.value)}")
    return "\n".join(lines) + "\n"


def read_prometheus(text: str) -> dict[str, float]:
    """The numbers without labels in such a text, by name."""
    lines = (line.split(" ") for line in text.splitlines() if line and not line.startswith("#") and "{" not in line)
    return {line[0]: float(line[1]) for line in lines}


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
