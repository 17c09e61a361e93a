"""Keyed tags in codes: HMAC-SHA256 over the item's identity, cut to 64 bits, 11 characters of base64url in AI 91.

A tag stops invented serials, not copies of a printed code. Whoever has the key can check and make tags, so it stays in
the brand owner's keyring, in a file of mode 600 that also names the GTINs whose codes carry tags. Symmetric and
unreadable by others on purpose: a signature would make the code denser.
"""

import hmac
import logging
import os
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from sogdia.client.keyring import KeyringError
from sogdia.core.codec import base64url
from sogdia.interfaces.cli.keyrings import directory_of

LOG: Final = logging.getLogger("sogdia.resolver")
AI: Final = "91"
"""Company-internal information: the Application Identifier that carries a tag."""
TAG_BYTES: Final = 8
SUFFIX: Final = ".tag.json"
Verdict = Literal["", "right", "wrong", "missing"]
"""Of a tag at a scan; empty: nobody here can tell."""


class TagKey(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="sogdia.tag.1"):
    """A key with the GTINs whose codes it has tagged."""

    key: bytes
    gtins: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"TagKey({len(self.gtins)} GTINs, key hidden)"

    def tag(self, identity: str) -> str:
        """The tag of an item, by its canonical URI without the lot."""
        return base64url(hmac.new(self.key, identity.encode(), sha256).digest()[:TAG_BYTES])


class TagKeys:
    """The keys in a node's folder, read again when the folder changes."""

    def __init__(self, folder: Path) -> None:
        self._directory = directory_of(folder)
        self._stamp: tuple[int, ...] | None = None
        self._by_gtin: dict[str, TagKey] = {}

    def verdict(self, identity: str, gtin: str, tag: str) -> Verdict:
        """Whether a tag is the one that was made for this item.

        A key file that cannot be used says nothing of any item; codes lead where they lead without it.
        """
        try:
            self._refresh()
        except (KeyringError, OSError) as wrong:
            LOG.warning("tag_key_unusable", extra={"said": {"problem": str(wrong)}})
            return ""
        key = self._by_gtin.get(gtin)
        if key is None:
            return ""
        if not tag:
            return "missing"
        return "right" if hmac.compare_digest(key.tag(identity).encode(), tag.encode()) else "wrong"

    def _refresh(self) -> None:
        files = sorted(self._directory.glob(f"*{SUFFIX}")) if self._directory.is_dir() else []
        stamp = tuple(file.stat().st_mtime_ns for file in files)
        if stamp != self._stamp:
            found = [_read(file) for file in files]
            self._by_gtin = {gtin: key for key in found for gtin in key.gtins}
            self._stamp = stamp


def key_for(directory: Path, name: str, gtins: Iterable[str]) -> TagKey:
    """The tag key of a party, made if it has none, that names these GTINs too; written in one step, mode 600."""
    path = directory / f"{name}{SUFFIX}"
    known = _read(path) if path.exists() else TagKey(key=secrets.token_bytes(32))
    made = msgspec.structs.replace(known, gtins=tuple(sorted({*known.gtins, *gtins})))
    if made != known or not path.exists():
        unfinished = path.with_name(f"{path.name}.new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(msgspec.json.encode(made))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    return made


def _read(path: Path) -> TagKey:
    if path.stat().st_mode & 0o077:
        raise KeyringError(f"others can read {path}; make it your own with: chmod 600 {path}")
    try:
        return msgspec.json.decode(path.read_bytes(), type=TagKey)
    except ValueError:
        raise KeyringError(f"{path} is no key of tags; restore it from a backup") from None
