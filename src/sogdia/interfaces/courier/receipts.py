"""Receipts of erasure: what an organisation destroyed on its node, signed with its party key, as a JWS.

The payload names its own kind, so a receipt can never be taken for a transaction, nor a transaction for a receipt.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from sogdia.core import keys
from sogdia.core.codec import from_base64url, json_bytes
from sogdia.core.module import KeyOnRecord
from sogdia.core.transaction import Envelope, Header, Signer, sign
from sogdia.primitives.sealed.vault import ErasureReceipt


class UnfitReceipt(ValueError):
    """The receipt does not say what it should, or its signature does not hold; the sentence says which."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="sogdia.erasure.1"):
    """A member's word on the sealed values of one trade: they are gone from its node."""

    network: str
    member: str
    erasure: ErasureReceipt


_read_envelope = msgspec.json.Decoder(Envelope).decode
_read_header = msgspec.json.Decoder(Header).decode
_read_statement = msgspec.json.Decoder(Statement).decode


def sign_receipt(network: str, member: str, erasure: ErasureReceipt, signer: Signer) -> Envelope:
    """The receipt as a JWS in General JSON form with one signature."""
    return _read_envelope(sign(json_bytes(Statement(network, member, erasure)), [signer]))


def read_receipt(receipt: Envelope, network: str, member: str, trade: str, key_of: Callable[[str], Any]) -> Statement:
    """What this member says of this trade, once the signature holds; raises `UnfitReceipt`.

    `key_of` gives the `KeyOnRecord` of a key id, or None for one that does not count.
    """
    statement = _signed(receipt, member, key_of)
    said = (statement.network, statement.member, statement.erasure.trade)
    if said != (network, member, trade):
        raise UnfitReceipt(f"a receipt of {said}, expected one of {(network, member, trade)}")
    return statement


def _signed(receipt: Envelope, member: str, key_of: Callable[[str], Any]) -> Statement:
    if len(receipt.signatures) != 1:
        raise UnfitReceipt(f"a receipt has one signature, got {len(receipt.signatures)}")
    one = receipt.signatures[0]
    try:
        header = _read_header(from_base64url(one.protected))
        signature = from_base64url(one.signature)
        statement = _read_statement(from_base64url(receipt.payload))
    except (msgspec.MsgspecError, ValueError, RecursionError) as wrong:
        raise UnfitReceipt(f"not a receipt of erasure: {str(wrong)[:200]}") from None
    key: KeyOnRecord | None = key_of(header.kid)
    if key is None or key.party != member or key.purpose != "sign" or key.scheme != header.alg:
        raise UnfitReceipt(f"{header.kid} is not a signing key of {member}")
    signed = f"{one.protected}.{receipt.payload}".encode("ascii")
    if not keys.verify(key.scheme, bytes.fromhex(key.public), signed, signature):
        raise UnfitReceipt(f"the signature does not hold under {header.kid}")
    return statement
