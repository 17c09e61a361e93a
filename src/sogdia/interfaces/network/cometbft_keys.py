"""CometBFT's own keys: the one that a validator votes with and the one that a node is known by to its peers.

Formats as CometBFT 0.38 writes them (privval/file.go, p2p/key.go): an address is the first 20 bytes of the public key's
SHA-256; a private key is seed and public key in one.
"""

import os
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from sogdia.app import write_guarded
from sogdia.core.keys import SEED_BYTES, SigningKey

VOTING_FILE: Final = "priv_validator_key.json"
PUBLIC_TYPE: Final = "tendermint/PubKeyEd25519"
_PRIVATE_TYPE: Final = "tendermint/PrivKeyEd25519"
_ADDRESS_BYTES: Final = 20


class PublicHalves(NamedTuple):
    """What others must know of the two keys."""

    validator: bytes
    """32 bytes of Ed25519."""
    node_id: str
    """40 lower-case hexadecimal digits."""


def create(config: Path, data: Path) -> PublicHalves:
    """Make both keys and a validator that has signed nothing, in these folders of CometBFT's."""
    validator = create_voting(config / VOTING_FILE)
    node, node_seed = _new()
    _write(config / "node_key.json", {"priv_key": _private_json(node_seed, node)})
    forget_votes(data)
    return PublicHalves(validator, address(node).hex())


def create_voting(path: Path) -> bytes:
    """Make a key to vote with in this file; its public half."""
    public, seed = _new()
    voting = {
        "address": address(public).hex().upper(),
        "pub_key": public_json(public),
        "priv_key": _private_json(seed, public),
    }
    _write(path, voting)
    return public


def voting_public(path: Path) -> bytes:
    """The public half of the key to vote with that is in this file."""
    return b64decode(msgspec.json.decode(path.read_bytes())["pub_key"]["value"])


def forget_votes(data: Path) -> None:
    """A validator that has signed nothing: true of a new key, and of no other."""
    _write(data / "priv_validator_state.json", {"height": "0", "round": 0, "step": 0})


def address(public: bytes) -> bytes:
    """The 20 bytes that stand for a public key."""
    return sha256(public).digest()[:_ADDRESS_BYTES]


def public_json(public: bytes) -> dict[str, str]:
    """A public key as CometBFT's JSON has it."""
    return {"type": PUBLIC_TYPE, "value": b64encode(public).decode()}


def _private_json(seed: bytes, public: bytes) -> dict[str, str]:
    return {"type": _PRIVATE_TYPE, "value": b64encode(seed + public).decode()}


def _new() -> tuple[bytes, bytes]:
    seed = os.urandom(SEED_BYTES)
    return SigningKey(seed).public, seed


def _write(path: Path, value: dict[str, Any]) -> None:
    write_guarded(path, msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
