"""Threads that check transactions ahead of order: form and signatures, as far as the machine can tell now.

Verification leaves the interpreter's lock alone, so a few threads keep as many cores busy.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Final

from sogdia.core.machine import Checked, Machine
from sogdia.core.refusal import Refusal

GROUP: Final = 32
"""Transactions that a thread takes at a time; so few are checked where they are."""

Verdict = Checked | Refusal


class Checkers:
    """A pool of them over one machine; several threads may ask it."""

    def __init__(self, machine: Machine, threads: int = 2) -> None:
        self._machine = machine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="checker")

    def verdicts(self, raws: Sequence[bytes]) -> list[Verdict]:
        """Each transaction checked, in the order given."""
        if len(raws) <= GROUP:
            return self._group(raws)
        groups = [raws[start : start + GROUP] for start in range(0, len(raws), GROUP)]
        return list(chain.from_iterable(self._pool.map(self._group, groups)))

    def close(self) -> None:
        """End the threads; what waits for one is dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _group(self, raws: Sequence[bytes]) -> list[Verdict]:
        return [self._verdict(raw) for raw in raws]

    def _verdict(self, raw: bytes) -> Verdict:
        try:
            return self._machine.check(raw)
        except Refusal as no:
            return no
