"""Who signs what is captured here: the one party whose key the node holds for this, for itself or as an agent.

A party lets it by delegation; the record tells that an agent signed. The rules decide: what is checked here beforehand
only tells the caller sooner.
"""

import secrets
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from sogdia.app import Node
from sogdia.client.keyring import Keyring
from sogdia.core.codec import from_base64url
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.domains.identity.state import Delegation
from sogdia.interfaces.cli.keyrings import Pen, directory_of, passphrase

VALID_MS: Final = 12 * 3_600_000
"""How long a transaction may wait at this node, through restarts, before it has to be signed again."""
ACTIONS: Final = ("trace.capture", "trace.describe", "trace.withdraw_job")


class _Envelope(msgspec.Struct):
    payload: str


class _Payload(msgspec.Struct):
    messages: list[msgspec.Raw]


class Agent:
    """The party that signs, with its key."""

    def __init__(self, pen: Pen, network: str) -> None:
        self.did = pen.did
        self._pen, self._network = pen, network

    @staticmethod
    def of(name: str, folder: Path, network: str) -> "Agent":
        """The party of this name in the keyring of the node's folder; KeyringError says why not."""
        keys = Keyring(directory_of(folder)).load(name, passphrase())
        return Agent(Pen(keys.kid, keys.identity.did, keys.signer), network)

    def signed(self, messages: Sequence[Message | msgspec.Raw], now_ms: int) -> bytes:
        """A transaction of these messages."""
        said: Any = messages
        return sign(payload_bytes(self._network, now_ms + VALID_MS, secrets.token_hex(12), said), [self._pen])

    def again(self, raw: bytes, now_ms: int) -> bytes:
        """The same messages in a new transaction, for one whose time is over."""
        return self.signed(messages_in(raw), now_ms)

    def lacks(self, node: Node, party: str, actions: Iterable[str], now_ms: int) -> list[str]:
        """Which of these actions the party has not delegated to the one that signs; nothing for that one itself."""
        if party == self.did:
            return []
        given: Delegation | None = node.record("identity.delegation", party, self.did)
        held = () if given is None or given.until_ms < now_ms else given.actions
        return [action for action in actions if action not in held]


def messages_in(raw: bytes) -> list[msgspec.Raw]:
    """The messages of a transaction, as their bytes stand in it."""
    payload = from_base64url(msgspec.json.decode(raw, type=_Envelope).payload)
    return msgspec.json.decode(payload, type=_Payload).messages


def id_of(raw: bytes) -> str:
    """The transaction's id: SHA-256 of its payload, in hexadecimal."""

    return sha256(from_base64url(msgspec.json.decode(raw, type=_Envelope).payload)).hexdigest()
