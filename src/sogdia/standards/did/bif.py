"""The DID document of the Xinghuo network (BIF), written, signed, read and verified.

Sources: BID Protocol Specification 2.0.0; bif-rfcs RFC-002 to RFC-005. Signed are the RFC 8785 bytes of the document
without `proof`; the signature is written in the network's own Base58. What is verified is the JSON as received, with
fields that are unknown here.
"""

from hashlib import sha256
from typing import Any, Final

import msgspec

from sogdia.core import base58, keys
from sogdia.core.keys import EDDSA, MalformedIdentifier, SigningKey
from sogdia.standards.did import sm2
from sogdia.standards.did.jcs import NotCanonical, canonical
from sogdia.standards.did.multikey import KeyKind
from sogdia.standards.did.multikey import PublicKey as AgreementKey
from sogdia.standards.did.multikey import encode as multikey_text

MAX_DOCUMENT_BYTES: Final = 256 * 1024
MAX_KEYS: Final = 100
KEY_AGREEMENT: Final = "keyAgreement"
"""Name of the attribute that carries an X25519 key as Multikey: the BIF form has no field for one."""


class BadDocument(ValueError):
    """The document is malformed, or its proof does not hold; the sentence says which."""


class PublicKey(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A key of the document; `public_key_hex` is b0, key type, 66 and the raw key, in hexadecimal."""

    id: str
    type: str
    """Ed25519 or SM2."""
    controller: str = ""
    public_key_hex: str = ""


class AlsoKnownAs(msgspec.Struct, frozen=True):
    """Another name: type 101 BID, 102 DID, 103 domain, 104 Zid, 105 handle."""

    type: int
    id: str


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """A free attribute; format is text, image, video or mixture, encrypt is 1 if the value is encrypted."""

    key: str
    value: str = ""
    desc: str = ""
    encrypt: int = 0
    format: str = "text"


class Signed(msgspec.Struct, frozen=True, rename="camel"):
    """Who signed for whom: a delegate."""

    signer: str
    signature_value: str


class CredentialRef(msgspec.Struct, frozen=True):
    """A credential: type 201 trust, 202 education, 203 qualification, 204 authorisation."""

    id: str
    type: int


class Extension(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the network adds; type 101 person, 102 enterprise, 103 node, 104 device, 105 contract, 999 other."""

    recovery: tuple[str, ...] = ()
    ttl: int = 0
    """Seconds that a resolver may keep the document."""
    delegate_sign: Signed | None = None
    type: int = 999
    attributes: tuple[Attribute, ...] = ()
    acsns: tuple[str, ...] = ()
    verifiable_credentials: tuple[CredentialRef, ...] = ()


class Service(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A service; a sub-resolver also says protocol (0 UDP, 1 TCP, 2 HTTP, 3 HTTPS), serverType (0 DNS, 1 IP), port."""

    id: str
    type: str
    service_endpoint: str
    version: str | None = None
    protocol: int | None = None
    server_type: int | None = None
    port: int | None = None


class Proof(msgspec.Struct, frozen=True, rename="camel"):
    """Key id of the signer, and the signature in Base58 (BIF)."""

    creator: str
    signature_value: str


class Document(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A DID document in the form of the Xinghuo network. Times are ISO 8601 in UTC, 2026-11-22T08:00:00Z."""

    id: str
    context: tuple[str, ...] = msgspec.field(default=(), name="@context")
    version: str = ""
    public_key: tuple[PublicKey, ...] = ()
    authentication: tuple[str, ...] = ()
    also_known_as: tuple[AlsoKnownAs, ...] = ()
    extension: Extension | None = None
    service: tuple[Service, ...] = ()
    created: str = ""
    updated: str = ""
    proof: Proof | None = None


def new_document(
    did: str, public_keys: dict[str, bytes], created: str, agreement: bytes | None = None, kind: int = 102
) -> Document:
    """An unsigned document for Ed25519 keys (key id to raw key); `kind` is the type code, 102 for an enterprise."""
    listed = tuple(
        PublicKey(id=kid, type="Ed25519", controller=did, public_key_hex=keys.encode_public(raw))
        for kid, raw in public_keys.items()
    )
    attributes = () if agreement is None else (_agreement_attribute(agreement),)
    return Document(
        id=did, context=("https://www.w3.org/ns/did/v1",), version="1.0.0", public_key=listed,
        authentication=tuple(public_keys), extension=Extension(ttl=86400, type=kind, attributes=attributes),
        created=created, updated=created,
    )  # fmt: skip


def _agreement_attribute(agreement: bytes) -> Attribute:
    return Attribute(KEY_AGREEMENT, multikey_text(AgreementKey(KeyKind.X25519, agreement)), "X25519 key as Multikey")


def to_json(document: Document) -> bytes:
    """The document as RFC 8785 bytes, with its proof if it has one."""
    return canonical(msgspec.to_builtins(document))


def signed_bytes(plain: dict[str, Any]) -> bytes:
    """What is signed of a document: its RFC 8785 bytes without `proof`."""
    return canonical({name: value for name, value in plain.items() if name != "proof"})


def sign(document: Document, kid: str, signer: SigningKey) -> Document:
    """The document with a proof by this Ed25519 key, which is named by its key id."""
    signature = base58.encode(signer.sign(signed_bytes(msgspec.to_builtins(document))))
    return msgspec.structs.replace(document, proof=Proof(kid, signature))


def read(raw: bytes) -> Document:
    """The document in these JSON bytes, unverified; unknown fields are passed over. Raises `BadDocument`."""
    return _typed(_plain(raw))


def verify(raw: bytes, trusted: Document | None = None) -> Document:
    """The document in these JSON bytes, if its proof holds; raises `BadDocument`.

    With `trusted`, the last accepted document, the signer is one of its authentication or recovery keys. Without it,
    the signer must be the key that the identifier itself is made of.
    """
    plain = _plain(raw)
    document = _typed(plain)
    if document.proof is None:
        raise BadDocument("the document has no proof")
    if trusted is not None and trusted.id != document.id:
        raise BadDocument(f"the document is of {document.id}, expected {trusted.id}")
    key_type, public_key = _signer(document, document.proof.creator, trusted)
    if not _holds(key_type, public_key, _canonical_or_bad(plain), document.proof.signature_value):
        raise BadDocument("the document's signature does not hold: it was altered, or signed by another key")
    return document


def check_update(before: Document, after: Document) -> None:
    """Raise `BadDocument` unless an update leaves what updates may not touch: id, creation, authentication."""
    for what, one, other in (
        ("id", before.id, after.id),
        ("created", before.created, after.created),
        ("authentication", before.authentication, after.authentication),
    ):
        if one != other:
            raise BadDocument(f"an update may not change {what}")


def is_identifier_of(did: str, key_type: str, public_key: bytes) -> bool:
    """Whether the identifier was made of this key; old SM2 identifiers, made without 04, count too."""
    try:
        code = keys.parse_identifier(did).network_code
        if key_type == "e":
            return did == keys.identifier(code, public_key)
        if key_type == "z":
            return did in (sm2.identifier(code, public_key), sm2.legacy_identifier(code, public_key))
        return did == keys.identifier_of_digest(code, "s", sha256(public_key).digest())
    except ValueError:
        return False


def _plain(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise BadDocument(f"a document has at most {MAX_DOCUMENT_BYTES} bytes, got {len(raw)}")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadDocument("the document is not a JSON object") from None


def _typed(plain: dict[str, Any]) -> Document:
    if isinstance(plain.get("@context"), str):
        plain = {**plain, "@context": [plain["@context"]]}
    try:
        document = msgspec.convert(plain, Document)
        keys.parse_identifier(document.id)
    except (msgspec.ValidationError, MalformedIdentifier) as error:
        raise BadDocument(f"not a DID document of the Xinghuo network: {error}") from None
    if len(document.public_key) > MAX_KEYS:
        raise BadDocument(f"a document has at most {MAX_KEYS} keys, got {len(document.public_key)}")
    return document


def _signer(document: Document, creator: str, trusted: Document | None) -> tuple[str, bytes]:
    source = trusted or document
    entry = next((key for key in source.public_key if key.id == creator), None)
    if entry is None:
        raise BadDocument(f"the proof names the key {creator}, which the {'trusted ' if trusted else ''}document lacks")
    try:
        key_type, public_key = keys.decode_public(entry.public_key_hex)
    except MalformedIdentifier as error:
        raise BadDocument(f"key {creator}: {error}") from None
    if trusted is None and not is_identifier_of(document.id, key_type, public_key):
        raise BadDocument(f"the key {creator} is not the one that the identifier is made of: give the trusted document")
    recovery = source.extension.recovery if source.extension else ()
    if trusted is not None and creator not in (*source.authentication, *recovery):
        raise BadDocument(f"the key {creator} may neither authenticate nor recover")
    return key_type, public_key


def _canonical_or_bad(plain: dict[str, Any]) -> bytes:
    try:
        return signed_bytes(plain)
    except NotCanonical as error:
        raise BadDocument(f"the document has no canonical form: {error}") from None


def _holds(key_type: str, public_key: bytes, message: bytes, signature_text: str) -> bool:
    try:
        signature = base58.decode(signature_text)
    except base58.MalformedBase58:
        return False
    if key_type == "e":
        return keys.verify(EDDSA, public_key, message, signature)
    return key_type == "z" and sm2.verify(public_key, message, signature)
