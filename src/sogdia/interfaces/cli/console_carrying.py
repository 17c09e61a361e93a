"""`sogdia console carry`: a signing key in a form that a browser takes in and never gives out again.

The file is JSON. `secret` is the key in PKCS #8 (RFC 8410), encrypted by AES-256-GCM under a key that PBKDF2 with
HMAC-SHA-256 makes of the password; the additional data is the key id in UTF-8. Binary values are base64url. In
WebCrypto that is one `deriveKey` and one `unwrapKey("pkcs8", ..., {name: "Ed25519"}, false, ["sign"])`.
"""

import os
from pathlib import Path
from typing import Any, Final

import typer
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from sogdia.core.codec import base64url, json_bytes
from sogdia.core.keys import decode_private
from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.terminal import Failure, tell, text

TYPE: Final = "sogdia.carried-key.1"
ITERATIONS: Final = 1_000_000
"""Above what OWASP asks for (600,000): the file may lie in a folder of downloads, and is opened once."""
PASSWORD_CHARS: Final = 12
_PKCS8_ED25519: Final = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of the seed (RFC 8410, section 7)."""


def carry(folder: Path, name: str, output: Path) -> None:
    """Ask for a password and write the file, for its owner alone."""
    unlocked = keyrings.ring_of(folder).load(name, keyrings.passphrase())
    password = str(typer.prompt(text("console_carry_ask"), hide_input=True, confirmation_prompt=True))
    if len(password) < PASSWORD_CHARS:
        raise Failure("console_carry_short", least=PASSWORD_CHARS)
    _, seed = decode_private(unlocked.export_private())
    identity = unlocked.identity
    made = carried(identity.kid, identity.did, identity.signing_public.hex(), seed, password)
    with open(os.open(output, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(json_bytes(made))
    tell("console_carried", name=name, output=output)


def carried(kid: str, did: str, public: str, seed: bytes, password: str) -> dict[str, Any]:
    """The file's content."""
    salt, nonce = os.urandom(16), os.urandom(12)
    key = PBKDF2HMAC(SHA256(), 32, salt, ITERATIONS).derive(password.encode())
    return {
        "type": TYPE,
        "kid": kid,
        "did": did,
        "public": public,
        "kdf": {"name": "PBKDF2", "hash": "SHA-256", "iterations": ITERATIONS, "salt": base64url(salt)},
        "cipher": {"name": "AES-GCM", "iv": base64url(nonce)},
        "secret": base64url(AESGCM(key).encrypt(nonce, _PKCS8_ED25519 + seed, kid.encode())),
    }
