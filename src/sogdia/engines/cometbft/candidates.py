"""Blocks that may be decided: executed once, for the proposal, and handed out when one of them is.

Whether a proposal is good is a function of the sealed state, the block and its time: it is good when every transaction
in it goes on record. So an honest proposer, which executes its candidates and proposes only those that do, is accepted
by every honest node.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from sogdia.core.codec import json_bytes
from sogdia.core.machine import Block, Checked, Machine, is_on_record
from sogdia.core.refusal import ADMISSION_LIMIT, Refusal, Refused
from sogdia.core.transaction import Message
from sogdia.engines.checkers import Verdict
from sogdia.engines.cometbft.checks import Checks, digests_of

BLOCK_LIMIT: Final = 3_000
"""Transactions in a proposal: executing them must stay within the time that a proposal has."""
KEPT_LIMIT: Final = 8
"""Executed candidates of one height that are kept, for rounds that follow one another."""


class Candidate(msgspec.Struct, frozen=True):
    """An executed block of CometBFT's; `block` is None when nothing of it goes on record.

    `codes` has a number for each transaction: 0, or the refusal. `raws` and `digests` are of those that go on record.
    """

    block: Block | None
    codes: tuple[int, ...]
    raws: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    told: bytes

    @property
    def is_whole(self) -> bool:
        """Whether every transaction goes on record."""
        return len(self.raws) == len(self.codes)


class Candidates:
    """Executes candidates over a machine. One thread."""

    def __init__(self, machine: Machine, checks: Checks) -> None:
        self._machine = machine
        self._checks = checks
        self._kept: dict[bytes, Candidate] = {}
        self._named: dict[bytes, Candidate] = {}
        self.executed = 0

    def choose(self, time_ms: int, raws: Sequence[bytes], told: Sequence[Message]) -> tuple[bytes, ...]:
        """Those of the transactions, in order, that would go on record in a block of this time."""
        chosen = self._executed(time_ms, raws[:BLOCK_LIMIT], told)
        if not chosen.is_whole:
            codes = tuple(r.code for r in chosen.block.receipts if is_on_record(r)) if chosen.block else ()
            self._keep(_name(time_ms, chosen.digests, chosen.told), msgspec.structs.replace(chosen, codes=codes))
        return chosen.raws

    def objection(self, time_ms: int, raws: Sequence[bytes], told: Sequence[Message], block_hash: bytes = b"") -> str:
        """Why a proposal is refused, for the log; nothing when it is good: all goes on record, and is not too much.

        `block_hash` is CometBFT's name of the block, under which it will be decided.
        """
        if len(raws) > BLOCK_LIMIT:
            return f"{len(raws)} transactions, the limit is {BLOCK_LIMIT}"
        executed = self._executed(time_ms, raws, told)
        if executed.is_whole:
            if block_hash:
                self._named[block_hash] = executed
            return ""
        place, code = next((n, code) for n, code in enumerate(executed.codes) if 0 < code <= ADMISSION_LIMIT)
        return f"transaction {sha256(raws[place]).hexdigest()}, {Refused(code).name}"

    def decided(
        self, time_ms: int, raws: Callable[[], Sequence[bytes]], told: Sequence[Message], block_hash: bytes = b""
    ) -> Candidate:
        """The block that was decided, executed: mostly as a proposal, and then its hash is enough to find it."""
        return self._named.get(block_hash) or self._executed(time_ms, raws(), told)

    def clear(self) -> None:
        """Forget all: another block has been sealed."""
        self._kept.clear()
        self._named.clear()

    # -- inside --------------------------------------------------------------------------------------------------

    def _executed(self, time_ms: int, raws: Sequence[bytes], told: Sequence[Message]) -> Candidate:
        digests, told_bytes = digests_of(raws), json_bytes(told) if told else b""
        name = _name(time_ms, digests, told_bytes)
        found = self._kept.get(name)
        if found is None:
            found = self._execute(time_ms, raws, digests, (told, told_bytes))
            self._keep(name, found)
        return found

    def _keep(self, name: bytes, candidate: Candidate) -> None:
        if len(self._kept) >= KEPT_LIMIT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[name] = candidate

    def _execute(
        self, time_ms: int, raws: Sequence[bytes], digests: Sequence[bytes], told: tuple[Sequence[Message], bytes]
    ) -> Candidate:
        verdicts = self._checks.verdicts(raws, digests)
        fit = [one for one in verdicts if isinstance(one, Checked)]
        if not fit and not told[0]:
            return Candidate(None, tuple(_code(one) for one in verdicts), (), (), b"")
        self.executed += 1
        block = self._machine.execute(time_ms, fit, told[0])
        receipts = iter(block.receipts)
        codes, kept, names = [], [], []
        for raw, digest, verdict in zip(raws, digests, verdicts, strict=True):
            receipt = next(receipts) if isinstance(verdict, Checked) else None
            codes.append(_code(verdict) if receipt is None else receipt.code)
            if receipt is not None and is_on_record(receipt):
                kept.append(raw)
                names.append(digest)
        sealed = block if block.logged else None
        return Candidate(sealed, tuple(codes), tuple(kept), tuple(names), told[1])


def _code(verdict: Verdict) -> int:
    return verdict.code if isinstance(verdict, Refusal) else 0


def _name(time_ms: int, digests: Sequence[bytes], told: bytes) -> bytes:
    """What tells one candidate from another: its time, its transactions in order, what the engine saw."""
    return sha256(b"%d\n%b%b" % (time_ms, b"".join(digests), told)).digest()
