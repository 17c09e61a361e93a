"""The auditor's model of the door: which bytes are a transaction, in its time, under keys that hold (numbers 1-99)."""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

DAY_MS = 86_400_000
PAYLOAD = {"network", "valid_until_ms", "nonce", "messages"}


class Opened(NamedTuple):
    """A transaction as it reads: the payload's bytes, what they say, and (key id, signed text, signature) of each."""

    payload: bytes
    said: dict[str, Any]
    signatures: list[tuple[str, str, bytes]]

    @property
    def kids(self) -> frozenset[str]:
        return frozenset(kid for kid, _, _ in self.signatures)


def opened(envelope: bytes) -> Opened | None:
    """The transaction in these bytes, or None if they are none (1)."""
    try:
        jws = json.loads(envelope)
        payload = _unpadded(jws["payload"])
        said = json.loads(payload)
        signatures = [
            (
                json.loads(_unpadded(one["protected"]))["kid"],
                f"{one['protected']}.{jws['payload']}",
                _unpadded(one["signature"]),
            )
            for one in jws["signatures"]
        ]
    except (ValueError, TypeError, KeyError):
        return None
    return Opened(payload, said, signatures) if said.keys() == PAYLOAD else None


def objections(audit: Any, found: Opened) -> set[int]:
    """Why the machine could not have let this in, at the auditor's time and with the keys on record then."""
    said = found.said
    wrong = {
        3: said["network"] != audit.network,
        4: said["valid_until_ms"] < audit.time_ms,
        5: said["valid_until_ms"] > audit.time_ms + DAY_MS,
        9: not found.signatures or len(found.kids) < len(found.signatures),
    }
    return {code for code, is_so in wrong.items() if is_so} | set(_of_keys(audit, found))


def _of_keys(audit: Any, found: Opened) -> Iterator[int]:
    brought = _brought(found)
    for kid, text, signature in found.signatures:
        key = audit.keys.get(kid) or brought.get(kid)
        if key is None or key.get("retired"):
            yield 7
        if key is not None and not audit.holds(key["public"], text, signature):
            yield 8


def too_early(audit: Any, found: Opened) -> set[int]:
    """A key that came on record in this very block may not have been there yet (7)."""
    return {7 for kid in found.kids if audit.keys.get(kid, {}).get("since_ms") == audit.time_ms}


def signers(audit: Any, found: Opened) -> list[str]:
    """The parties whose keys signed; a registration brings its own."""
    return [audit.keys[kid]["party"] if kid in audit.keys else kid.partition("#")[0] for kid, _, _ in found.signatures]


def _brought(found: Opened) -> dict[str, dict[str, Any]]:
    registrations = [message for message in found.said["messages"] if message["type"] == "identity.register"]
    return {
        key["id"]: key
        for message in registrations
        for key in message["keys"]
        if key["id"].partition("#")[0] == message["party"]
    }


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
