"""What the rules would decide now, before anybody signs: asked of a view that is thrown away."""

from collections.abc import Iterable, Sequence

from sogdia.core.machine import Machine
from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import Committed, Overlay
from sogdia.core.transaction import Message


def judged(
    machine: Machine, groups: Iterable[Sequence[Message]], party: str, kid: str, now_ms: int
) -> list[Refusal | None]:
    """For each transaction in order: why it would be refused if this party signed it alone, or None.

    Each sees what those before it would have changed. The block that decides may come later and see more, so this is
    told to the person and binds nobody. Reads the store, writes nothing.
    """
    state = Overlay(Committed(machine.store, cached=0))
    found: list[Refusal | None] = []
    for messages in groups:
        ledger = _ledger(machine, Overlay(state), party, kid, now_ms)
        try:
            _decide(machine, ledger, messages)
        except Refusal as no:
            found.append(no)
        else:
            state.absorb(ledger.state)
            found.append(None)
    return found


def _ledger(machine: Machine, state: Overlay, party: str, kid: str, now_ms: int) -> Ledger:
    seal = machine.seal
    time_ms = max(now_ms, seal.time_ms)
    made = Ledger(state, network=machine.network, height=seal.height + 1, time_ms=time_ms, signers=(party,))
    made.signing_keys = (kid,) if kid else ()
    return made


def _decide(machine: Machine, ledger: Ledger, messages: Sequence[Message]) -> None:
    in_force = machine.ahead()
    for message in messages:
        kind = type(message)
        if kind not in in_force.rules:
            raise Refusal(Refused.NOT_IN_FORCE, message=machine.tags[kind])
        in_force.terms.admit(machine.tags[kind], ledger.time_ms)
        in_force.rules[kind](ledger, message)
