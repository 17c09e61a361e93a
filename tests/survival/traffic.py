"""Clients that go on trading whatever happens to the organisations that they talk to."""

import random
from collections.abc import Callable, Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Final

from sogdia.client.connection import Reply
from sogdia.client.http import HttpProblem, NodeUnreachable
from tests.interfaces.network.networks import eventually

TRADES_AT_ONCE: Final = 2
PAUSE_SECONDS: Final = 0.2
"""Between one answer and the next question, so that the machine has time for who must catch up."""
PATIENCE_SECONDS: Final = 8.0
Trades = Callable[[int], list[bytes]]
"""Gives the transactions of so many trades."""
Submit = Callable[[str, Sequence[bytes], float], list[Reply]]
"""Hands transactions to an organisation and waits so many seconds for its answers."""


class Traffic:
    """A client for each organisation that sends trades, one after another, while this is open.

    A client that gets no answer sends the same again to another organisation.
    """

    def __init__(self, trades: Trades, submit: Submit, names: Sequence[str]) -> None:
        self.answered = 0
        """Transactions that went on record."""
        self._trades, self._submit, self._names = trades, submit, names
        self._stop = Event()
        self._bugs: list[BaseException] = []
        self._threads = [Thread(target=self._run, args=(number,), name=f"client {n}") for number, n in enumerate(names)]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if error is None:
            assert not self._bugs, self._bugs

    def flows(self, transactions: int = 24) -> None:
        """Wait until so many more transactions have receipts."""
        before = self.answered
        eventually(lambda: self.answered >= before + transactions or bool(self._bugs), "transactions are decided")
        assert not self._bugs, self._bugs

    def _run(self, number: int) -> None:
        try:
            chance = random.Random(number)
            while not self._stop.is_set():
                self._send(self._trades(TRADES_AT_ONCE), self._names[number], chance)
        except BaseException as bug:
            self._bugs.append(bug)

    def _send(self, raws: Sequence[bytes], name: str, chance: random.Random) -> None:
        while not self._stop.is_set():
            try:
                replies = self._submit(name, raws, PATIENCE_SECONDS)
            except (NodeUnreachable, HttpProblem):
                name = chance.choice(self._names)
                self._stop.wait(0.1)
                continue
            self.answered += sum(reply.receipt is not None for reply in replies)
            self._stop.wait(PAUSE_SECONDS)
            return
