"""Several organisations on one machine, or one alone: a thread and a supervisor for each."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Final

from sogdia.app.organisation import Home, homes
from sogdia.interfaces.cli.terminal import explained
from sogdia.interfaces.network import program
from sogdia.interfaces.network.child import Patience
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.supervisor import Command, Happening, Supervisor, Tell

_LOOK_SECONDS: Final = 0.2


class RunningNetwork:
    """Organisations that run while this is open. One that is given up does not stop the others."""

    def __init__(
        self,
        found: Sequence[Home],
        command: Command,
        cometbft: Cometbft,
        tell: Tell = lambda _: None,
        patience: Patience | None = None,
    ) -> None:
        self.problems: dict[str, Exception] = {}
        """Why an organisation does not run any more."""
        self._command, self._cometbft, self._tell, self._patience = command, cometbft, tell, patience
        self._homes = {home.read().name: home for home in found}
        self._running: dict[str, tuple[Supervisor, Event, Thread]] = {}

    def __enter__(self) -> "RunningNetwork":
        for name in self._homes:
            self.start(name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _, stop, _ in self._running.values():
            stop.set()
        for name in list(self._running):
            self.stop(name)

    def start(self, name: str) -> None:
        """Start an organisation that does not run."""
        home = self._homes[name]
        supervisor = Supervisor(home, self._command, self._cometbft, self._tell, self._patience)
        stop = Event()
        thread = Thread(target=self._run, args=(supervisor, stop), name=f"supervisor {name}")
        self._running[name] = (supervisor, stop, thread)
        self.problems.pop(name, None)
        thread.start()

    def stop(self, name: str) -> None:
        """Stop an organisation in good order; returns when both its processes have ended."""
        _, stop, thread = self._running.pop(name)
        stop.set()
        thread.join()

    def supervisor(self, name: str) -> Supervisor:
        """The supervisor of an organisation that runs."""
        return self._running[name][0]

    def alive(self) -> list[str]:
        """Names of the organisations that are kept up."""
        return [name for name, (_, _, thread) in self._running.items() if thread.is_alive()]

    def _run(self, supervisor: Supervisor, stop: Event) -> None:
        try:
            supervisor.run(stop)
        except Exception as problem:
            self.problems[supervisor.name] = problem
            self._tell(Happening(supervisor.name, "given_up", "", why=explained(problem) or repr(problem)))


def up(folder: Path, command: Command, *, only: str = "", cometbft: str = "", tell: Tell = lambda _: None) -> None:
    """Run a local network, or one organisation of it, until Ctrl-C or SIGTERM.

    Ends by itself only when every organisation is given up; raises what stopped the last one. `tell` is called from
    several threads.
    """
    found = homes(folder, only)
    chosen = program.find(cometbft)
    with _stopping() as stop, RunningNetwork(found, command, chosen, tell) as network:
        if chosen.warning:
            tell(Happening("", "warning", "cometbft", why=chosen.warning))
        while not stop.wait(_LOOK_SECONDS):
            if not network.alive():
                raise list(network.problems.values())[-1]


@contextmanager
def _stopping() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stop = Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
