"""The members of a network that runs: what they propose, how they vote, and what then stands on record everywhere."""

import secrets
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from bench.traffic import NETWORK
from sogdia.app.sockets import asked
from sogdia.client.connection import Reply, signed
from sogdia.client.http import HttpConnection
from sogdia.core.transaction import Message, Signer
from sogdia.domains.governance.messages import Propose, Vote
from sogdia.engines.cometbft.answers import Validator
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.intake.pipeline import BoundKey
from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork


class Chamber:
    """Speaks for the organisations of a live network."""

    def __init__(self, live: LiveNetwork) -> None:
        self.live = live
        self.keys = {name: _bound(live, name) for name in live.names}

    def did(self, name: str) -> str:
        """The party of an organisation."""
        return self.keys[name].did

    def send(self, name: str, messages: Sequence[Message], signer: Signer, to: str = "") -> Reply:
        """One transaction, handed to an organisation's node: its own unless another is named."""
        now_ms = time.time_ns() // 1_000_000
        raw = signed(NETWORK, now_ms, secrets.token_hex(8), messages, [signer])
        return self.live.submit(to or name, [raw])[0]

    def says(self, name: str, *messages: Message, to: str = "") -> None:
        """An organisation says this, and the rules accept it."""
        reply = self.send(name, messages, self.keys[name], to)
        assert reply.accepted, (name, messages, reply)

    def propose(self, what: Any, by: str) -> str:
        """Open a case; its number."""
        self.says(by, Propose(member=self.did(by), what=what))
        docket = self.record(by, "governance.docket", "network")
        return f"{docket['last']:06}"

    def vote(self, case_no: str, *names: str) -> None:
        """These members say yes."""
        for name in names:
            self.says(name, Vote(member=self.did(name), case_no=case_no, choice="yes"))

    def decide(self, what: Any, *names: str) -> str:
        """The first of these members proposes, the others agree, and it passes; the number of the case."""
        case_no = self.propose(what, names[0])
        self.vote(case_no, *names[1:])
        assert self.record(names[0], "governance.case", case_no)["status"] == "passed"
        return case_no

    # -- what stands on record -------------------------------------------------------------------------------------

    def found(self, name: str, table: str, *key: str) -> dict[str, Any] | None:
        """A record as an organisation's node has it, if it has one."""
        with HttpConnection(self.live.url(name), NETWORK) as node:
            return node.lookup([(table, *key)])[0]

    def record(self, name: str, table: str, *key: str) -> dict[str, Any]:
        """A record that an organisation's node has."""
        found = self.found(name, table, *key)
        assert found is not None, (name, table, key)
        return found

    def everywhere(self, table: str, *key: str, names: Sequence[str] = ()) -> dict[str, Any]:
        """A record once all organisations, or these, have it; it is one and the same."""
        asked_of = names or self.live.names
        eventually(lambda: all(self.found(name, table, *key) for name in asked_of), f"all have {table} {key}")
        records = [self.record(name, table, *key) for name in asked_of]
        assert all(one == records[0] for one in records), records
        return records[0]

    def validators(self, name: str) -> dict[str, int]:
        """Who validates the next block as an organisation's CometBFT has it: public keys in hexadecimal, powers."""
        with asked(self.live.homes[name].folder) as rpc:
            return powers(rpc.validators(rpc.status().sync_info.latest_block_height + 1))

    def validate(self, keys: dict[str, int], *names: str) -> None:
        """Wait until these keys with these powers validate, and no others, at these organisations or at all."""
        for name in names or self.live.names:
            eventually(partial(self._validate, name, keys), f"{name} has {len(keys)} validators")

    def _validate(self, name: str, keys: dict[str, int]) -> bool:
        try:
            return self.validators(name) == keys
        except RpcError:
            return False  # it starts anew

    def seats(self, *names: str, power: int = 10) -> dict[str, int]:
        """The consensus keys of these organisations' folders, each with this power."""
        return {self.live.homes[name].read().validator: power for name in names}


def powers(validators: Sequence[Validator]) -> dict[str, int]:
    """Public keys in hexadecimal and their powers."""
    return {one.pub_key.value.hex(): one.voting_power for one in validators}


def _bound(live: LiveNetwork, name: str) -> BoundKey:
    keys = live.keys(name)
    return BoundKey(keys.kid, keys.signer, keys.identity.did, b"")
