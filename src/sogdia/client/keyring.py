"""Keys at rest: a party's signing keys and its key for opening envelopes, one file per party.

With a passphrase the secrets are encrypted (Argon2id, then XSalsa20-Poly1305, both libsodium); without one the file's
permissions are the only guard. Either way a file that others can read is refused. Files are replaced in one step, so a
crash leaves the old file or the new one.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

import msgspec
from nacl.bindings import crypto_scalarmult_base
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from sogdia.core import keys
from sogdia.core.keys import SigningKey

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SUFFIX: Final = ".keys.json"
_MAX_FILE_BYTES: Final = 256 * 1024
_MAX_MEMORY_BYTES: Final = 1 << 30
_MAX_PASSES: Final = 16
MAX_SIGNING_KEYS: Final = 100


class KeyringError(Exception):
    """Keys cannot be made, read or written; the sentence says which file and what to do, and holds no secret."""


class Work(msgspec.Struct, frozen=True):
    """How much work one passphrase guess costs: Argon2id passes and memory."""

    passes: int
    memory_bytes: int


MODERATE: Final = Work(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
"""libsodium's middle setting: 256 MiB and about a second for each guess."""


class PublicKey(msgspec.Struct, frozen=True):
    """A signing key as others may see it."""

    kid: str
    public: str
    """32 bytes of Ed25519, in hexadecimal."""
    retired: bool = False


class Identity(msgspec.Struct, frozen=True):
    """The public half of a party's keys: its DID, its signing keys, the newest last, and its agreement key."""

    did: str
    signing_keys: tuple[PublicKey, ...]
    agreement: str
    """32 bytes of X25519, in hexadecimal: others seal envelopes for it."""

    @property
    def kid(self) -> str:
        """Id of the key that signs now."""
        return self.signing_keys[-1].kid

    @property
    def signing_public(self) -> bytes:
        """The key that signs now, 32 bytes."""
        return bytes.fromhex(self.signing_keys[-1].public)

    @property
    def agreement_public(self) -> bytes:
        """The X25519 public key, 32 bytes."""
        return bytes.fromhex(self.agreement)


class _Secrets(msgspec.Struct, frozen=True):
    seeds: tuple[bytes, ...]
    agreement: bytes

    def __repr__(self) -> str:
        return "_Secrets(hidden)"


class _Lock(msgspec.Struct, frozen=True):
    salt: bytes
    passes: int
    memory_bytes: int


class _File(msgspec.Struct, frozen=True, tag_field="type", tag="sogdia.keys.1", forbid_unknown_fields=True):
    identity: Identity
    lock: _Lock | None
    secrets: bytes
    """JSON of the secrets, encrypted if there is a lock."""

    def __repr__(self) -> str:
        return f"_File({self.identity.did}, secrets hidden)"


class Keys:
    """A party's unlocked keys. Never shows a secret when printed."""

    __slots__ = ("_secrets", "identity", "signer")

    def __init__(self, identity: Identity, secrets: _Secrets) -> None:
        self.identity = identity
        self._secrets = secrets
        self.signer = SigningKey(secrets.seeds[-1])

    @property
    def kid(self) -> str:
        """Id of the key that `signer` signs with."""
        return self.identity.kid

    @property
    def agreement_private(self) -> bytes:
        """The X25519 private key, for `open_envelope`."""
        return self._secrets.agreement

    def export_private(self) -> str:
        """The current signing key as `priSPK…`, the text form of the Xinghuo network. A secret: never log it."""
        return keys.encode_private(self._secrets.seeds[-1])

    def __repr__(self) -> str:
        return f"Keys({self.kid}, secrets hidden)"


class Keyring:
    """The key files in one directory, which only its owner may enter."""

    def __init__(self, directory: Path | str, work: Work = MODERATE) -> None:
        self.directory = Path(directory)
        self._work = work

    def create(self, name: str, network_code: str, passphrase: str | None = None) -> Identity:
        """Make new keys for a party on this network and keep them under the name."""
        return self._found(name, network_code, random_bytes(keys.SEED_BYTES), passphrase)

    def import_private(self, name: str, network_code: str, text: str, passphrase: str | None = None) -> Identity:
        """Keep an existing Ed25519 key, given as `priSPK…`; the agreement key is made new."""
        try:
            key_type, seed = keys.decode_private(text)
        except keys.MalformedIdentifier as error:
            raise KeyringError(str(error)) from None
        if key_type != "e":
            raise KeyringError("only Ed25519 keys can be imported: their text begins with priSPK")
        return self._found(name, network_code, seed, passphrase)

    def load(self, name: str, passphrase: str | None = None) -> Keys:
        """Unlock the keys kept under the name."""
        file = self._read(name)
        return Keys(file.identity, _unlock(file, passphrase, self._path(name)))

    def identity(self, name: str) -> Identity:
        """The public half of the keys; needs no passphrase."""
        return self._read(name).identity

    def list(self) -> dict[str, Identity]:
        """Name and public half of every party in the directory, by name; needs no passphrase."""
        names = sorted(path.name.removesuffix(_SUFFIX) for path in self.directory.glob("*" + _SUFFIX))
        return {name: self.identity(name) for name in names}

    def rotate(self, name: str, passphrase: str | None = None) -> Identity:
        """Make a new signing key with the next key id; the old one is kept, marked retired.

        DID and agreement key stay. The new key signs nothing on the ledger before the old one has registered it there.
        """
        unlocked, file = self.load(name, passphrase), self._read(name)
        before = file.identity
        if len(before.signing_keys) >= MAX_SIGNING_KEYS:
            raise KeyringError(f"{name} already has {MAX_SIGNING_KEYS} signing keys: make a new identity")
        seed = random_bytes(keys.SEED_BYTES)
        retired = tuple(msgspec.structs.replace(key, retired=True) for key in before.signing_keys)
        newest = PublicKey(keys.key_id(before.did, len(retired) + 1), SigningKey(seed).public.hex())
        after = Identity(before.did, (*retired, newest), before.agreement)
        secrets = _Secrets((*unlocked._secrets.seeds, seed), unlocked.agreement_private)
        self._write(name, _lock(after, secrets, passphrase, self._work))
        return after

    def export_public(self, name: str) -> bytes:
        """The identity as JSON, for others: DID, key ids and public keys, nothing secret."""
        return msgspec.json.format(msgspec.json.encode(self.identity(name)))

    def _found(self, name: str, network_code: str, seed: bytes, passphrase: str | None) -> Identity:
        path = self._path(name)
        if path.exists():
            raise KeyringError(f"{path} exists: choose another name, or rotate its key")
        public, agreement = SigningKey(seed).public, random_bytes(32)
        try:
            did = keys.identifier(network_code, public)
        except keys.MalformedIdentifier as error:
            raise KeyringError(str(error)) from None
        shown = Identity(did, (PublicKey(keys.key_id(did), public.hex()),), crypto_scalarmult_base(agreement).hex())
        self._write(name, _lock(shown, _Secrets((seed,), agreement), passphrase, self._work), new=True)
        return shown

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeyringError("a name in the keyring is 1 to 64 lower-case letters, digits, _ or -")
        return self.directory / (name + _SUFFIX)

    def _read(self, name: str) -> _File:
        path = self._path(name)
        raw = _read_guarded(path)
        try:
            return msgspec.json.decode(raw, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise KeyringError(f"{path} is not a key file of Sogdia: expected type sogdia.keys.1") from None

    def _write(self, name: str, file: _File, new: bool = False) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self._path(name), msgspec.json.encode(file), new)


def _lock(identity: Identity, secrets: _Secrets, passphrase: str | None, work: Work) -> _File:
    plain = msgspec.json.encode(secrets)
    if passphrase is None:
        return _File(identity, None, plain)
    if not passphrase:
        raise KeyringError("the passphrase is empty: give one, or give none and rely on the file's permissions")
    lock = _Lock(random_bytes(argon2id.SALTBYTES), work.passes, work.memory_bytes)
    return _File(identity, lock, bytes(_box(lock, passphrase).encrypt(plain)))


def _unlock(file: _File, passphrase: str | None, path: Path) -> _Secrets:
    """The secrets, checked against the public half that stands in clear beside them."""
    plain = file.secrets if file.lock is None else _decrypt(file, file.lock, passphrase, path)
    try:
        secrets = msgspec.json.decode(plain, type=_Secrets)
        publics = [SigningKey(seed).public.hex() for seed in secrets.seeds]
        agreement = crypto_scalarmult_base(secrets.agreement).hex()
    except (ValueError, TypeError, CryptoError):  # msgspec's errors are ValueErrors
        raise KeyringError(f"{path} is damaged: restore it from a backup") from None
    if not _belong(file.identity, publics, agreement):
        raise KeyringError(f"{path} was altered: its public keys do not belong to its secrets; restore a backup")
    return secrets


def _belong(identity: Identity, publics: list[str], agreement: str) -> bool:
    """Whether these public keys, recomputed from the secrets, are those of the identity."""
    if not publics or [key.public for key in identity.signing_keys] != publics or identity.agreement != agreement:
        return False
    try:
        network_code = keys.parse_identifier(identity.did).network_code
    except keys.MalformedIdentifier:
        return False
    kids = [keys.key_id(identity.did, number) for number in range(1, len(publics) + 1)]
    first = keys.identifier(network_code, bytes.fromhex(publics[0]))
    return identity.did == first and [key.kid for key in identity.signing_keys] == kids


def _decrypt(file: _File, lock: _Lock, passphrase: str | None, path: Path) -> bytes:
    if passphrase is None:
        raise KeyringError(f"{path} is locked: give its passphrase")
    if lock.memory_bytes > _MAX_MEMORY_BYTES or lock.passes > _MAX_PASSES:
        raise KeyringError(f"{path} asks for more work than any setting of Sogdia: it was altered")
    try:
        return _box(lock, passphrase).decrypt(file.secrets)
    except (CryptoError, ValueError):
        raise KeyringError(f"the passphrase does not open {path}") from None


def _box(lock: _Lock, passphrase: str) -> SecretBox:
    return SecretBox(argon2id.kdf(SecretBox.KEY_SIZE, passphrase.encode(), lock.salt, lock.passes, lock.memory_bytes))


def _read_guarded(path: Path) -> bytes:
    """The bytes of a file that nobody but its owner can read."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise KeyringError(f"others can read {path}: run  chmod 600 {path}")
            raw = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyringError(f"there is no {path}: create the keys first") from None
    except OSError as error:
        raise KeyringError(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > _MAX_FILE_BYTES:
        raise KeyringError(f"{path} is larger than any key file")
    return raw


def _replace(path: Path, raw: bytes, new: bool) -> None:
    """Put the bytes in place in one step, readable by the owner only, durable when this returns."""
    scratch = path.with_name(f".{path.name}.{random_bytes(6).hex()}")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if new:
            os.link(scratch, path)  # fails if the name was taken meanwhile
        else:
            scratch.rename(path)
        _sync_directory(path.parent)
    except FileExistsError:
        raise KeyringError(f"{path} exists: choose another name, or rotate its key") from None
    except OSError as error:
        raise KeyringError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        scratch.unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
