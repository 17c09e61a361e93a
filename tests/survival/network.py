"""A network of organisations on the real CometBFT that is made to suffer while transactions flow, and is then audited.

The parties, products and trades are those of the measurements. What is sent is kept, and so is every receipt that came
back: `check` compares them with what every organisation has on its disk.
"""

import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final

import httpx

from bench.traffic import NETWORK, World, flattened
from sogdia.app import NetworkInfo
from sogdia.app.organisation import Home, Ports, Settings, homes
from sogdia.app.sockets import Sockets, asked
from sogdia.client.connection import Reply
from sogdia.client.http import HttpConnection
from sogdia.client.keyring import Keyring, Keys
from sogdia.core.receipt import Receipt
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Parameters
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.cli import networks
from sogdia.interfaces.network import founding, program
from sogdia.interfaces.network.child import Patience
from sogdia.interfaces.network.laying import Address, lay
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import network_standing
from sogdia.interfaces.network.supervisor import Command, Happening
from tests.cometbft_binary import cometbft
from tests.interfaces.network.networks import eventually
from tests.network_cutter import HOST, Cutter
from tests.survival.records import compare
from tests.survival.traffic import Traffic

NAMES: Final = ("yiwu", "hangzhou", "lyon", "genoa", "tashkent", "samarkand", "merv")
INFO: Final = NetworkInfo(NETWORK, "benc", "sogdia.example/bench")
FAST: Final = Settings(timeout_propose_ms=800, timeout_vote_ms=200, timeout_commit_ms=50, mirror=None)
BRISK: Final = Patience(first_pause_seconds=0.1, longest_pause_seconds=0.5, steady_seconds=3, ends=30)
ANSWER_SECONDS: Final = 30.0
# Called as: start --home HOME. What stands in `environment` holds at each start, a line of `starts` at one start.
_WRAPPER: Final = """#!/bin/sh
PROGRAM='{path}'
set -a
[ -f "$3/environment" ] && . "$3/environment"
[ -s "$3/starts" ] && eval "$(head -n 1 "$3/starts")" && sed -i 1d "$3/starts"
exec "$PROGRAM" "$@"
"""


class LiveNetwork:
    """Organisations that run while this is open, wired through a cutter.

    `program` gives a node's command; `programs` may hold another one for an organisation, from its next start on.
    """

    def __init__(
        self,
        folder: Path,
        organisations: int = 4,
        *,
        settings: Settings = FAST,
        parameters: Parameters | None = None,
        more: Callable[[Mapping[str, str]], Sequence[Message]] = lambda parties: (),
        patience: Patience = BRISK,
        program: Command = networks.command,
    ) -> None:
        self.folder, self.names = folder, NAMES[:organisations]
        self.world = World()
        self.cutter = Cutter()
        self.programs: dict[str, Command] = {}
        self.happenings: list[Happening] = []
        """Starts and ends of processes, in order."""
        self.sent: dict[bytes, None] = {}
        self.given: dict[bytes, Receipt] = {}
        self.turned_away: dict[bytes, Reply] = {}
        self._lock = Lock()
        self._trades = self.world.trades(10**6)
        self._program = program
        self._scope = ExitStack()
        ports = iter(free_ports(2 * organisations))
        self.members = lay(
            folder,
            INFO,
            self.names,
            lambda members: founding.agreement(
                members,
                {self.names[0]: ("registrar",)},
                lambda parties: (*self.world.founding(), *more(parties)),
                parameters,
            ),
            addresses=[Address(Ports(p2p=next(ports), http=next(ports))) for _ in self.names],
            settings=settings,
        )
        self.homes = {home.read().name: home for home in homes(folder)}
        self.running = RunningNetwork(
            list(self.homes.values()), self._command, wrapped(folder), self.happenings.append, patience
        )

    def __enter__(self) -> "LiveNetwork":
        with ExitStack() as scope:
            scope.enter_context(self.cutter)
            self.cutter.put_between(list(self.homes.values()))
            scope.enter_context(self.running)
            eventually(lambda: self.is_level(), "all organisations stand at the founding block")
            self._scope = scope.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._scope.close()

    # -- what a test does to it ----------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start an organisation that was stopped."""
        self.running.start(name)

    def stop(self, name: str) -> None:
        """Stop an organisation; both its processes have ended when this returns."""
        self.running.stop(name)

    def kill(self, name: str, *processes: str) -> None:
        """Kill (SIGKILL) an organisation's "node", its "cometbft", or both. The supervisor sees it and goes on."""
        for pid in [self.pid(name, process) for process in processes]:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def pid(self, name: str, process: str) -> int:
        """The number of a process, once it runs."""
        eventually(lambda: self._pid(name, process) is not None, f"{process} of {name} runs")
        return self._pid(name, process) or 0

    def environment(self, name: str, **values: object) -> None:
        """Environment variables for an organisation's CometBFT from its next start on; PROGRAM is what is run."""
        text = "".join(f"{key}='{value}'\n" for key, value in values.items())
        (self.homes[name].cometbft / "environment").write_text(text)

    def starts(self, name: str, *lines: str) -> None:
        """Variables for the next starts of an organisation's CometBFT, a line (KEY=value) for each start."""
        (self.homes[name].cometbft / "starts").write_text("".join(f"{line}\n" for line in lines))

    def ends(self, name: str, process: str) -> list[int | None]:
        """How a process has ended so far, unasked: exit statuses, or negative numbers of signals."""
        wanted = name, "ended", process
        return [one.status for one in self.happenings if (one.organisation, one.what, one.process) == wanted]

    def died(self, name: str, process: str, times: int) -> int | None:
        """Wait until a process has ended so many times; gives how it ended the last time."""
        eventually(lambda: len(self.ends(name, process)) >= times, f"{process} of {name} ends, {times} in all")
        return self.ends(name, process)[times - 1]

    def problem(self, name: str) -> str:
        """Why an organisation was given up, in words; empty when it was not."""
        return str(self.running.problems.get(name, ""))

    def keys(self, name: str) -> Keys:
        """The keys of an organisation's party."""
        return Keyring(self.homes[name].keys).load(name)

    # -- transactions --------------------------------------------------------------------------------------------

    def trades(self, count: int) -> list[bytes]:
        """The next transactions: so many whole trades, step by step."""
        with self._lock:
            return flattened([next(self._trades) for _ in range(count)])

    def submit(self, name: str, raws: Sequence[bytes], seconds: float = ANSWER_SECONDS) -> list[Reply]:
        """Hand transactions to an organisation and wait for its answers; NodeUnreachable, HttpProblem without them."""
        with self._lock:
            self.sent.update(dict.fromkeys(raws))
        with HttpConnection(self.url(name), NETWORK, timeout_seconds=seconds, attempts=1) as node:
            replies = node.submit(raws)
        with self._lock:
            for raw, reply in zip(raws, replies, strict=True):
                self._note(raw, reply)
        return replies

    def traffic(self, *names: str) -> Traffic:
        """Trades that flow while this is open, a client for each of these organisations, or of all."""
        return Traffic(self.trades, self.submit, names or self.names)

    def _note(self, raw: bytes, reply: Reply) -> None:
        if reply.receipt is None:
            self.turned_away[raw] = reply
        else:
            assert self.given.setdefault(raw, reply.receipt) == reply.receipt, "two receipts for one transaction"

    # -- where it stands -----------------------------------------------------------------------------------------

    def url(self, name: str) -> str:
        """Where an organisation's node answers HTTP."""
        return f"http://{HOST}:{self.homes[name].read().ports.http}"

    def status(self, name: str) -> dict[str, Any]:
        """What a node says of its height and roots; empty when it does not answer."""
        try:
            answer = httpx.get(f"{self.url(name)}/status", timeout=3, trust_env=False)
        except httpx.TransportError:
            return {}
        return dict(answer.json()) if answer.is_success else {}

    def height(self, name: str) -> int:
        """The machine's height at an organisation, -1 when its node does not answer."""
        return int(self.status(name).get("height", -1))

    def ordered(self, name: str) -> int:
        """CometBFT's height at an organisation, -1 when it does not answer."""
        with suppress(RpcError), asked(self.homes[name].folder) as rpc:
            return rpc.status().sync_info.latest_block_height
        return -1

    def is_level(self, *names: str) -> bool:
        """Whether these organisations, or all, stand at one height with the same roots and app hash."""
        stand = [self.status(name) for name in names or self.names]
        first = stand[0]
        if first.get("height", 0) < 1 or any(one.get(key) != first[key] for one in stand for key in _AGREED):
            return False
        there = [one for one in network_standing(self.folder).organisations if one.name in (names or self.names)]
        return len({(one.height, one.app_hash) for one in there}) == 1 and there[0].height is not None

    def goes_on(self, name: str, blocks: int = 3) -> None:
        """Wait until an organisation's machine has so many more blocks."""
        eventually(lambda: self.height(name) >= 0, f"{name} answers")
        before = self.height(name)
        eventually(lambda: self.height(name) >= before + blocks, f"{name} goes on above height {before}")

    def settle(self, *names: str) -> None:
        """Ask again for what has no receipt yet, and wait until these organisations, or all, are level."""
        left = [raw for raw in self.sent if raw not in self.given]
        if left:
            self.submit((names or self.names)[0], left)
        eventually(lambda: self.is_level(*names), "all organisations are level and agree")

    def check(self) -> None:
        """Settle and stop; then compare what every organisation holds, and replay it. Nothing runs after that."""
        self.settle()
        with ThreadPoolExecutor(len(self.names)) as at_once:
            list(at_once.map(self.stop, self.running.alive()))
        unanswered = [raw for raw in self.sent if raw not in self.given and raw not in self.turned_away]
        assert not unanswered, "every transaction has an answer in the end"
        compare([self.homes[name].folder for name in self.names], self.given)

    # -- inside --------------------------------------------------------------------------------------------------

    def _command(self, home: Home, sockets: Sockets) -> Sequence[str]:
        return self.programs.get(home.folder.name, self._program)(home, sockets)

    def _pid(self, name: str, process: str) -> int | None:
        supervisor = self.running.supervisor(name)
        return (supervisor.node if process == "node" else supervisor.cometbft).pid


_AGREED: Final = ("height", "log_size", "state_root", "log_root")


def wrapped(folder: Path) -> Cometbft:
    """CometBFT behind a script that gives each organisation's its own environment and, if it says so, program."""
    found = program.checked(cometbft())
    script = folder / "cometbft.sh"
    script.write_text(_WRAPPER.format(path=shutil.which(found.path)))
    script.chmod(0o700)
    return found._replace(path=str(script.resolve()))
