"""The two encodings: JSON for what people and other systems sign, MessagePack arrays for what the ledger keeps.

A record's bytes are its fields in declared order as a MessagePack array: a new field goes at the end, with a default.
What was signed is never encoded again; only its bytes as received are hashed and kept.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

import msgspec

json_bytes = msgspec.json.Encoder(order="deterministic").encode
record_bytes = msgspec.msgpack.Encoder(order="deterministic").encode

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/\x00\x00\x00")
_PADDING = (b"", b"", b"==", b"=")
_LAST_LETTERS = (None, None, b"AQgw", b"AEIMQUYcgkosw048")  # those whose spare bits are zero


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes of unpadded base64url text; ValueError for anything else. One text for each byte string."""
    try:
        raw = text.encode("ascii")
        last = _LAST_LETTERS[len(raw) & 3]
        if last is not None and raw[-1] not in last:
            raise ValueError("not base64url: the spare bits of the last letter are not zero")
        return a2b_base64(raw.translate(_FROM_URL) + _PADDING[len(raw) & 3], strict_mode=True)
    except (Base64Error, UnicodeEncodeError) as wrong:
        raise ValueError(f"not base64url: {wrong}") from None
