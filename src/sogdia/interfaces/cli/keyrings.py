"""`sogdia keys`: the keyring of a folder, and the pens that other commands sign with."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sogdia.client.keyring import Identity, Keyring
from sogdia.core.keys import SigningKey
from sogdia.interfaces.cli.terminal import Failure, emit_json, table, tell

PASSPHRASE = "SOGDIA_PASSPHRASE"
"""The environment variable that holds the passphrase of the key files; without it they are guarded by permissions."""


class Pen(msgspec.Struct, frozen=True):
    """A party's key in hand: what the record calls it, and what signs."""

    kid: str
    did: str
    key: SigningKey
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
    return [] if folder is None else [_pen(Keyring(directory_of(folder)), name) for name in names]


def _pen(ring: Keyring, name: str) -> Pen:
    unlocked = ring.load(name, passphrase())
    return Pen(unlocked.kid, unlocked.identity.did, unlocked.signer)


# --- commands -------------------------------------------------------------------------------------------------------


def create(folder: Path, name: str, code: str) -> None:
    """Make keys for a party; the network's code comes from the folder's node unless given."""
    ring = Keyring(_ring_directory(folder))
    identity = ring.create(name, code or _code_of(folder), passphrase())
    tell("key_made", name=name, did=identity.did, kid=identity.kid, folder=ring.directory)


def list_keys(folder: Path, as_json: bool) -> None:
    """Names and identifiers of the keys in a folder."""
    found = Keyring(directory_of(folder)).list()
    if as_json:
        emit_json(found)
    else:
        table(("name", "party", "key"), [(name, one.did, one.kid) for name, one in found.items()])


def show(folder: Path, name: str) -> None:
    """The public half of a party's keys as JSON: what a registration needs."""
    emit_json(Keyring(directory_of(folder)).identity(name))


def rotate(folder: Path, name: str) -> None:
    """Make a new signing key and say which message puts it on record."""
    before, after = _rotated(Keyring(directory_of(folder)), name)
    tell("key_rotated", name=name, old=before.kid, new=after.kid)
    added = {"id": after.kid, "public": after.signing_keys[-1].public}
    emit_json({"type": "identity.rotate", "party": after.did, "add": [added], "retire": [before.kid]})


def export(folder: Path, name: str, private: bool) -> None:
    """The public half as JSON, or the private signing key as text of the Xinghuo network."""
    ring = Keyring(directory_of(folder))
    if private:
        print(ring.load(name, passphrase()).export_private())
    else:
        print(ring.export_public(name).decode())


def _rotated(ring: Keyring, name: str) -> tuple[Identity, Identity]:
    return ring.identity(name), ring.rotate(name, passphrase())


def _ring_directory(folder: Path) -> Path:
    """Where new keys go: a node's folder keeps them in `keys`."""
    return directory_of(folder)


def _code_of(folder: Path) -> str:
    path = folder / "network.json"
    if not path.exists():
        raise Failure("code_missing", folder=folder)
    return str(msgspec.json.decode(path.read_bytes())["code"])
