"""What the rules would decide now, before anybody signs, and whose signatures they ask for.

Asked of a view that is thrown away. The block that decides may come later and see more, so this is told to the person
and binds nobody. Reads the store, writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sogdia.core.machine import InForce, Machine
from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import Committed, Overlay
from sogdia.core.transaction import SIGNATURES_LIMIT, Message
from sogdia.domains.identity.messages import Refused as IdentityRefused


class Needed(msgspec.Struct, frozen=True):
    """A signature that is missing: of this party, with this very key when one is named, else with any of its keys."""

    party: str
    key: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """Why the rules would refuse as things stand, or None; whose signatures are missing; what they would say then.

    `helps` says whether the asker's own signature is one that the rules ask for.
    """

    refusal: Refusal | None = None
    needs: tuple[Needed, ...] = ()
    then: Refusal | None = None
    helps: bool = True


class Judge:
    """Judges transactions one after the other; each sees what those before it would have changed."""

    def __init__(self, machine: Machine, now_ms: int) -> None:
        self._machine, self._state = machine, Overlay(Committed(machine.store, cached=0))
        self.at(now_ms)

    def at(self, now_ms: int) -> "Judge":
        """The same judge at a later time, by the rules that hold then."""
        self._now_ms, self._in_force = now_ms, self._machine.ahead()
        return self

    @property
    def state(self) -> Overlay:
        """The record as it would stand after all that was judged."""
        return self._state

    def each(self, groups: Iterable[Sequence[Message]], party: str, kid: str) -> list[Verdict]:
        """For each transaction in order: what becomes of it if this party signs it."""
        return [self.signed(messages, {kid: party}, party) for messages in groups]

    def signed(self, messages: Sequence[Message], signers: Mapping[str, str], asker: str) -> Verdict:
        """What becomes of a transaction under these signatures, by key id; what it would change then is kept."""
        refusal, ledger = self._decided(messages, signers)
        if refusal is None:
            self._state.absorb(ledger.state)
            return Verdict()
        if refusal.code != IdentityRefused.NOT_SIGNED_BY:
            return Verdict(refusal)
        needs, then = self._needs(messages, signers)
        without = {kid: party for kid, party in signers.items() if party != asker}
        helps = len(self._needs(messages, without)[0]) > len(needs)
        return Verdict(refusal, needs, then, helps)

    def missing(self, messages: Sequence[Message], signers: Mapping[str, str], asker: str) -> Verdict:
        """As `signed`, where the asker has not signed yet: `helps` says whether that would make fewer missing."""
        refusal, _ = self._decided(messages, signers)
        if refusal is None or refusal.code != IdentityRefused.NOT_SIGNED_BY:
            return Verdict(refusal, helps=False)
        needs, then = self._needs(messages, signers)
        with_asker = self._needs(messages, {**signers, "": asker})[0]
        return Verdict(refusal, needs, then, helps=len(with_asker) < len(needs))

    def spare(self, messages: Sequence[Message], signers: Mapping[str, str]) -> list[str]:
        """Of these keys, those whose signatures the rules do not ask for."""
        whole = len(self._needs(messages, signers)[0])
        return [
            kid
            for kid in signers
            if len(self._needs(messages, {one: signers[one] for one in signers if one != kid})[0]) == whole
        ]

    def _needs(
        self, messages: Sequence[Message], signers: Mapping[str, str]
    ) -> tuple[tuple[Needed, ...], Refusal | None]:
        """The signatures for which the rules ask one after the other, and what they say when all are there."""
        found: list[Needed] = []
        refusal: Refusal | None = None
        for _ in range(SIGNATURES_LIMIT):
            more = {one.key or f"{one.party} ": one.party for one in found}
            refusal, _ledger = self._decided(messages, {**signers, **more})
            if refusal is None or refusal.code != IdentityRefused.NOT_SIGNED_BY:
                break
            needed = Needed(str(refusal.fields["party"]), str(refusal.fields.get("key", "")))
            found = [one for one in found if one.key or not needed.key or one.party != needed.party] + [needed]
        return tuple(found), refusal

    def _decided(self, messages: Sequence[Message], signers: Mapping[str, str]) -> tuple[Refusal | None, Ledger]:
        ledger = self._ledger(signers)
        try:
            _decide(self._machine, self._in_force, ledger, messages)
        except Refusal as no:
            return no, ledger
        return None, ledger

    def _ledger(self, signers: Mapping[str, str]) -> Ledger:
        machine, seal = self._machine, self._machine.seal
        time_ms = max(self._now_ms, seal.time_ms)
        parties = tuple(dict.fromkeys(signers.values()))
        made = Ledger(
            Overlay(self._state), network=machine.network, height=seal.height + 1, time_ms=time_ms, signers=parties
        )
        made.signing_keys = tuple(kid for kid in signers if kid)
        return made


def _decide(machine: Machine, in_force: InForce, ledger: Ledger, messages: Sequence[Message]) -> None:
    for message in messages:
        kind = type(message)
        if kind not in in_force.rules:
            raise Refusal(Refused.NOT_IN_FORCE, message=machine.tags[kind])
        in_force.terms.admit(machine.tags[kind], ledger.time_ms)
        in_force.rules[kind](ledger, message)
