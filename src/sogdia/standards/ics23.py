"""ICS-23: proofs of the state tree as the protobuf messages that other people's verifiers read.

`cosmos.ics23.v1.CommitmentProof` under SmtSpec: sha256 of key and value in the leaf, prefixes 00 and 01, an empty child
of 32 zero bytes, at most 256 levels, neighbours compared by hashed key. The few messages needed are written and read by
hand; reading is strict, so one proof has one encoding. Source: github.com/cosmos/ics23, proofs.proto and SmtSpec.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from sogdia.core.tree import DEPTH, Absence, Membership

MAX_PROOF_BYTES: Final = 8_000_000
"""Longest proof that is read: two memberships with large values."""

_SHA256: Final = 1
_VARINT, _BYTES = 0, 2  # wire types
_LEAF_MARK, _INNER_MARK = b"\x00", b"\x01"


class MalformedProof(ValueError):
    """The bytes are not an ICS-23 proof of this tree, or the proof has no ICS-23 form."""


# --- writing --------------------------------------------------------------------------------------------------------


def encode(proof: Membership | Absence, *, hashed_keys: bool = False) -> bytes:
    """The CommitmentProof for a membership (`exist`) or an absence (`nonexist`).

    With `hashed_keys` every key is given as its sha256, for verifiers older than SmtSpec's comparison by hashed key
    (npm's @confio/ics23): they must be asked about sha256(key). The root is the same. The absence of a key from an
    empty tree has no ICS-23 form: `MalformedProof`; there the root of 32 zero bytes says it all.
    """
    if isinstance(proof, Membership):
        return _field(1, _existence(proof, hashed_keys))
    if proof.left is None and proof.right is None:
        raise MalformedProof("an empty tree has no neighbours, and ICS-23 no proof without one")
    sides = ((2, proof.left), (3, proof.right))
    key = sha256(proof.key).digest() if hashed_keys else proof.key
    neighbours = b"".join(_field(number, _existence(side, hashed_keys)) for number, side in sides if side is not None)
    return _field(2, _field(1, key) + neighbours)


def _existence(proof: Membership, hashed_keys: bool) -> bytes:
    place = sha256(proof.key).digest()
    key_hash = b"" if hashed_keys else _number(2, _SHA256)  # 0, no hash, is left out as protobuf does
    leaf = _number(1, _SHA256) + key_hash + _number(3, _SHA256) + _field(5, _LEAF_MARK)
    start = _field(1, place if hashed_keys else proof.key) + _field(2, proof.value) + _field(3, leaf)
    last = len(proof.path) - 1
    return start + b"".join(_field(4, _step(place, last - at, one)) for at, one in enumerate(proof.path))


def _step(place: bytes, depth: int, sibling: bytes) -> bytes:
    # InnerOp: what goes before and after the child; the bit of the key's place at this depth tells its side.
    if place[depth >> 3] >> (7 - (depth & 7)) & 1:
        return _number(1, _SHA256) + _field(2, _INNER_MARK + sibling)
    return _number(1, _SHA256) + _field(2, _INNER_MARK) + _field(3, sibling)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


# --- reading --------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> Membership | Absence:
    """The membership or absence behind a CommitmentProof with plain keys; `MalformedProof` for anything else.

    Says nothing about truth: that is for `tree.verify_membership` and `tree.verify_absence`. What does not encode to
    the very same bytes again is refused: other operations, other field orders, unknown fields.
    """
    if len(data) > MAX_PROOF_BYTES:
        raise MalformedProof(f"a proof has at most {MAX_PROOF_BYTES} bytes, got {len(data)}")
    kinds = dict(_fields(data))
    proof: Membership | Absence = _absence(_content(kinds, 2)) if 2 in kinds else _membership(_content(kinds, 1))
    if encode(proof) != data:
        raise MalformedProof("the proof is not one for this tree: operations, order or fields differ from SmtSpec's")
    return proof


def _absence(data: bytes) -> Absence:
    parts = dict(_fields(data))
    left, right = (_membership(_content(parts, number)) if number in parts else None for number in (2, 3))
    return Absence(_content(parts, 1), left, right)


def _membership(data: bytes) -> Membership:
    parts: dict[int, int | bytes] = {}
    path: list[bytes] = []
    for number, content in _fields(data):
        if number == 4 and isinstance(content, bytes):
            path.append(_sibling(dict(_fields(content))))
        else:
            parts[number] = content
    if len(path) > DEPTH:
        raise MalformedProof(f"a path has at most {DEPTH} steps, got {len(path)}")
    return Membership(_content(parts, 1), _content(parts, 2), tuple(path))


def _sibling(step: dict[int, int | bytes]) -> bytes:
    sibling = _content(step, 3) if 3 in step else _content(step, 2)[1:]
    if len(sibling) != 32:
        raise MalformedProof(f"a sibling hash has 32 bytes, got {len(sibling)}")
    return sibling


def _content(parts: dict[int, int | bytes], number: int) -> bytes:
    content = parts.get(number)
    if not isinstance(content, bytes) or not content:
        raise MalformedProof(f"field {number} is missing where the proof needs it")
    return content


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if tag & 7 == _VARINT:
            yield tag >> 3, value
        elif tag & 7 == _BYTES and at + value <= len(data):
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise MalformedProof(f"field {tag >> 3} of the proof is cut off or of a type that no proof has")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 35, 7):
        if at == len(data):
            break
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value, at
    raise MalformedProof("a number in the proof is cut off or too large")
