"""Who acts in a report: the organisation itself, over HTTP, with its own party key."""

import secrets
from types import TracebackType
from typing import Final

from sogdia.app import milliseconds
from sogdia.app.organisation import Home
from sogdia.client.connection import Reply, signed
from sogdia.client.http import HttpConnection
from sogdia.client.keyring import Keyring
from sogdia.core.transaction import Message
from sogdia.domains.identity.messages import Delegate, RevokeDelegation
from sogdia.interfaces.intake.pipeline import BoundKey

ACTION: Final = "identity.revoke_delegation"
"""What is delegated; the agent may do it anyway."""
UNTIL_MS: Final = 600_000
NOBODY: Final = "there is no other member to whom nothing is delegated yet"


class Actor:
    """An organisation's party at its own node, and a stranger at the same."""

    def __init__(self, home: Home, passphrase: str | None) -> None:
        self.home, self.own = home, home.read()
        keys = Keyring(home.keys).load(self.own.name, passphrase)
        self.keys = keys
        self.pen = BoundKey(keys.kid, keys.signer, self.own.did, keys.agreement_private)
        self.url = self.own.address
        self.node = HttpConnection(self.url, self.own.network, self.pen, attempts=3)
        self.stranger = HttpConnection(self.url, self.own.network, attempts=1)
        self.agent = self._agent()
        """Another member's party, to which nothing is delegated; empty when there is none."""

    def __enter__(self) -> "Actor":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.node.close()
        self.stranger.close()

    def _agent(self) -> str:
        members = self.node.query("governance/members", standing="active")
        others = [one["party"] for one in members if one["party"] != self.own.did]
        standing = self.node.lookup([("identity.delegation", self.own.did, other) for other in others])
        return next((other for other, one in zip(others, standing, strict=True) if one is None), "")

    def delegation(self) -> Delegate:
        """A message that is accepted each time."""
        until_ms = milliseconds() + UNTIL_MS
        return Delegate(principal=self.own.did, agent=self.agent, actions=(ACTION,), until_ms=until_ms)

    def end(self) -> RevokeDelegation:
        """The message that undoes it; refused when there is nothing to undo."""
        return RevokeDelegation(principal=self.own.did, agent=self.agent)

    def signed(self, message: Message, network: str = "") -> bytes:
        """A transaction of this message."""
        return signed(network or self.own.network, milliseconds(), secrets.token_hex(8), [message], [self.pen])

    def send(self, message: Message) -> Reply:
        """Sign and send it; the node's answer."""
        return self.node.submit([self.signed(message)])[0]

    def tidy_up(self) -> None:
        """End the delegation."""
        if self.agent:
            self.send(self.end())
