"""`sogdia keys`: the keyring of a folder, and the pens that other commands sign with."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sogdia.interfaces.cli.terminal import Failure, emit_json, table, tell

if TYPE_CHECKING:
    from sogdia.client.keyring import Keyring
    from sogdia.core.keys import SigningKey

PASSPHRASE = "SOGDIA_PASSPHRASE"
"""The environment variable that holds the passphrase of the key files; without it they are guarded by permissions."""


class Pen(NamedTuple):
    """A party's key in hand: what the record calls it, and what signs."""

    kid: str
    did: str
    key: "SigningKey"
    scheme: str = "EdDSA"

    def sign(self, message: bytes) -> bytes:
        """The signature over these bytes."""
        return self.key.sign(message)


def passphrase() -> str | None:
    """The passphrase from the environment, or None."""
    return os.environ.get(PASSPHRASE) or None


def directory_of(folder: Path) -> Path:
    """Where a folder's key files lie: in `keys` of a node's folder, else in the folder itself."""
    return folder / "keys" if (folder / "keys").is_dir() or (folder / "network.json").exists() else folder


def pens(names: Sequence[str], folder: Path | None) -> list[Pen]:
    """The named keys, unlocked; Failure when no folder says where they are."""
    if names and folder is None:
        raise Failure("no_keys_folder", names=list(names))
    return [] if folder is None else [_pen(ring_of(folder), name) for name in names]


def ring_of(folder: Path) -> "Keyring":
    """The keyring of a folder."""
    from sogdia.client.keyring import Keyring

    return Keyring(directory_of(folder))


def _pen(ring: "Keyring", name: str) -> Pen:
    unlocked = ring.load(name, passphrase())
    return Pen(unlocked.kid, unlocked.identity.did, unlocked.signer)


# --- commands -------------------------------------------------------------------------------------------------------


def create(folder: Path, name: str, code: str) -> None:
    """Make keys for a party; the network's code comes from the folder's node unless given."""
    ring = ring_of(folder)
    identity = ring.create(name, code or _code_of(folder), passphrase())
    tell("key_made", name=name, did=identity.did, kid=identity.kid, folder=ring.directory)


def list_keys(folder: Path, as_json: bool) -> None:
    """Names and identifiers of the keys in a folder."""
    found = ring_of(folder).list()
    if as_json:
        emit_json(found)
    else:
        table(("name", "party", "key"), [(name, one.did, one.kid) for name, one in found.items()])


def show(folder: Path, name: str) -> None:
    """The public half of a party's keys as JSON: what a registration needs."""
    emit_json(ring_of(folder).identity(name))


def rotate(folder: Path, name: str) -> None:
    """Make a new signing key and print the message that puts it on record."""
    ring = ring_of(folder)
    before, after = ring.identity(name), ring.rotate(name, passphrase())
    tell("key_rotated", name=name, old=before.kid, new=after.kid)
    added = {"id": after.kid, "public": after.signing_keys[-1].public}
    emit_json({"type": "identity.rotate", "party": after.did, "add": [added], "retire": [before.kid]})


def registration(folder: Path, name: str, said: Mapping[str, Any], registrar: str) -> None:
    """Print the message that puts a party and its keys on record; `registrar` is a key name or a DID."""
    ring = ring_of(folder)
    identity = ring.identity(name)
    by = registrar if registrar.startswith("did:") else ring.identity(registrar).did
    keys = [{"id": key.kid, "public": key.public} for key in identity.signing_keys if not key.retired]
    own = {"party": identity.did, "keys": keys, "agreement": identity.agreement, "registrar": by}
    emit_json({"type": "identity.register", **own, **said})


def export(folder: Path, name: str, private: bool) -> None:
    """The public half as JSON, or the private signing key as text of the Xinghuo network."""
    ring = ring_of(folder)
    if private:
        print(ring.load(name, passphrase()).export_private())
    else:
        print(ring.export_public(name).decode())


def _code_of(folder: Path) -> str:
    path = folder / "network.json"
    if not path.exists():
        raise Failure("code_missing", folder=folder)
    return str(json.loads(path.read_bytes())["code"])
