"""Passwords and one-time codes: Argon2id (RFC 9106) by libsodium, TOTP (RFC 6238) with codes that are good once."""

import time
from typing import Final

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from pyotp import TOTP
from pyotp.utils import strings_equal

from sogdia.interfaces.console.users import User, folded

MIN_CHARS: Final = 12
MAX_CHARS: Final = 256
STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""A clock may be one interval off, either way."""
_PASSES: Final = 3
_MEMORY_BYTES: Final = 128 * 1024 * 1024
"""Between libsodium's interactive (64 MiB) and moderate (256 MiB) settings: some 0.3 seconds for each guess."""
_NOBODYS: Final = "$argon2id$v=19$m=131072,t=3,p=1$VDB3rVqbTOsYMOV0fGuhzw$xQ5xu2J0D2XhVPxMGlkMKRA7YJZg9AndRZurVCz6yuI"
"""The hash of 32 random bytes that nobody kept, made with the same work."""
_NOBODYS_SECRET: Final = "A" * 32


def why_unfit(password: str, name: str) -> str:
    """Why this is no password, as the end of a key of the catalogue; empty when it is one."""
    if len(password) < MIN_CHARS:
        return "password_short"
    if len(password) > MAX_CHARS:
        return "password_long"
    plain, called = folded(password), folded(name)
    if called and called in plain and len(plain) - len(called) < MIN_CHARS // 2:
        return "password_is_name"
    return "password_repeats" if len(set(plain)) < MIN_CHARS // 3 else ""


def hashed(password: str) -> str:
    """The hash that is kept."""
    return argon2id.str(password.encode("utf-8", "replace"), _PASSES, _MEMORY_BYTES).decode().rstrip("\0")


def is_password_of(user: User | None, password: str) -> bool:
    """Whether the password is this user's; takes as long for nobody, and for a user without a password."""
    kept = user.password if user is not None and user.password else _NOBODYS
    try:
        holds = argon2id.verify(kept.encode(), password[: MAX_CHARS + 1].encode("utf-8", "replace"))
    except CryptoError:
        holds = False
    return holds and user is not None and kept is not _NOBODYS


def step_of(secret: str, code: str, at: float | None = None) -> int:
    """The interval whose one-time code this is, or 0. The caller sees to it that an interval is used once."""
    now = int((time.time() if at is None else at) // STEP_SECONDS)
    totp, given = TOTP(secret or _NOBODYS_SECRET), "".join(code.split())
    found = 0
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if strings_equal(totp.generate_otp(step), given):
            found = step
    return found if secret else 0


def provisioning(secret: str, name: str, issuer: str) -> str:
    """The address that an authenticator reads from a QR code (otpauth://)."""
    return str(TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))
