"""Signed notes and checkpoints: what the network signs of its log, in the form that witnesses everywhere read.

C2SP signed-note v1 and tlog-checkpoint v1. A note is UTF-8 text that ends with a newline, an empty line, and lines
`— <key name> <base64 of key id and signature>`. A checkpoint is a note's text of three lines or more: origin, size,
root. Signatures are Ed25519 by the one rule of `keys`. Bad notes, keys and checkpoints raise `MalformedNote` or
`BadSignature`, both a ValueError whose words say what is wrong.
"""

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

import msgspec

from sogdia.core.keys import EDDSA, PUBLIC_KEY_BYTES, SigningKey, verify

MAX_NOTE_BYTES: Final = 1_000_000
"""Longest note that is read."""
MAX_SIGNATURES: Final = 100
"""Most signature lines that are read, as in the reference implementation."""

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")
_KEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_SIZE: Final = 2**63 - 1


class MalformedNote(ValueError):
    """The bytes are not a signed note, a verifier key, or a checkpoint."""


class BadSignature(ValueError):
    """The note is not signed by the key, or the signature under its name is false."""


# --- keys -----------------------------------------------------------------------------------------------------------


class VerifierKey(msgspec.Struct, frozen=True):
    """Who signs notes: a name and an Ed25519 public key. As text: `<name>+<key id>+<base64 of type and key>`."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise MalformedNote(f"an Ed25519 public key has {PUBLIC_KEY_BYTES} bytes, got {len(self.public_key)}")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; not an identifier that anyone may trust."""
        return key_id(self.name, self.public_key)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public_key)}"


def key_id(name: str, public_key: bytes) -> bytes:
    """The first four bytes of sha256(name | newline | 01 | public key)."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def parse_key(text: str) -> VerifierKey:
    """The verifier key behind its text; its key id must be the one that follows from name and key."""
    found = _KEY.fullmatch(text)
    raw = _bytes_of(found[3]) if found else None
    if found is None or raw is None:
        raise MalformedNote("a verifier key is <name>+<8 hexadecimal digits>+<base64>")
    if raw[:1] != _ED25519:
        raise MalformedNote("the verifier key is not of type 01, Ed25519")
    key = VerifierKey(found[1], raw[1:])
    if key.id.hex() != found[2]:
        raise MalformedNote(f"the key id {found[2]} does not belong to this name and key, expected {key.id.hex()}")
    return key


def _check_name(name: str) -> None:
    if not name or "+" in name or not _is_text(name) or any(letter.isspace() for letter in name):
        raise MalformedNote("the name of a key is not empty and has no space, no plus sign and no control character")


# --- notes ----------------------------------------------------------------------------------------------------------


def sign(text: str, name: str, signing_key: SigningKey) -> bytes:
    """The note of this text under one signature; the text ends with a newline."""
    _check_text(text)
    key = VerifierKey(name, signing_key.public)
    signature = key.id + signing_key.sign(text.encode())
    return f"{text}\n— {name} {_base64(signature)}\n".encode()


def open_note(note: bytes, vkey: VerifierKey | str) -> str:
    """The text of a note, once its signature by this key is found good. Lines of other keys count for nothing."""
    key = parse_key(vkey) if isinstance(vkey, str) else vkey
    text, signatures = split(note)
    for name, signature in signatures:
        if name == key.name and signature[:_KEY_ID_BYTES] == key.id:
            if verify(EDDSA, key.public_key, text.encode(), signature[_KEY_ID_BYTES:]):
                return text
            raise BadSignature(f"the signature of {key.name} on the note is false")
    raise BadSignature(f"the note carries no signature of {key.name}")


def split(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """A note's text and its lines of (key name, key id and signature), nothing verified."""
    if len(note) > MAX_NOTE_BYTES:
        raise MalformedNote(f"a note has at most {MAX_NOTE_BYTES} bytes, got {len(note)}")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise MalformedNote("a note is UTF-8 text") from None
    text, blank, tail = whole.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or len(lines) < 2 or lines.pop():
        raise MalformedNote("a note is a text, an empty line, and signature lines that end with a newline")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote(f"a note has at most {MAX_SIGNATURES} signatures, got {len(lines)}")
    _check_text(text + "\n")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _bytes_of(encoded)
    if dash != "—" or raw is None or len(raw) <= _KEY_ID_BYTES:
        raise MalformedNote("a signature line is an em dash, a space, the key's name, a space, and base64")
    _check_name(name)
    return name, raw


def _check_text(text: str) -> None:
    if not text.endswith("\n") or not _is_text(text):
        raise MalformedNote("the text of a note ends with a newline and has no other control character")


def _is_text(text: str) -> bool:
    # A lone surrogate has no UTF-8.
    return not _CONTROL.search(text) and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _bytes_of(text: str) -> bytes | None:
    # One text for one value: spare bits must be zero, as an encoder leaves them.
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if _base64(raw) == text else None


# --- checkpoints ----------------------------------------------------------------------------------------------------


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a log has come: its name, how many entries it has, and their root."""

    origin: str
    """The name of the log, such as `sogdia.example/main`; also the name of the key that signs it."""
    size: int
    root: bytes
    """32 bytes."""
    extensions: tuple[str, ...] = ()
    """Lines after the third, none of them empty."""

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or not all("\n" not in line and _is_text(line) for line in lines):
            raise MalformedNote("the lines of a checkpoint are not empty and have no control character")
        if not 0 <= self.size <= _MAX_SIZE:
            raise MalformedNote(f"the size of a log is between 0 and {_MAX_SIZE}, got {self.size}")
        if len(self.root) != 32:
            raise MalformedNote(f"the root of a log has 32 bytes, got {len(self.root)}")

    def text(self) -> str:
        """The note text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, _base64(self.root), *self.extensions))

    @staticmethod
    def parse(text: str) -> "Checkpoint":
        """The checkpoint behind a note's text."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise MalformedNote("a checkpoint has a line each for origin, size and root, and ends with a newline")
        origin, size, encoded, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise MalformedNote("the second line of a checkpoint is the size in decimal digits, without leading zeros")
        root = _bytes_of(encoded)
        if root is None:
            raise MalformedNote("the third line of a checkpoint is the root in base64")
        return Checkpoint(origin, int(size), root, tuple(extensions))
