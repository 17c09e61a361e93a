"""The same document as W3C DID Core 1.0 wants it: verification methods, assertion and key agreement."""

from typing import Any, Final, Literal

import msgspec

from sogdia.core import keys
from sogdia.core.keys import MalformedIdentifier
from sogdia.standards.did import bif, sm2
from sogdia.standards.did.identifiers import is_host
from sogdia.standards.did.multikey import KeyKind, PublicKey, decode, encode, jwk

KeyForm = Literal["Multikey", "JsonWebKey"]
"""How keys are written: as Multikey text, or as JSON Web Key."""

DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
_KEY_CONTEXTS: Final = {
    "Multikey": "https://w3id.org/security/multikey/v1",
    "JsonWebKey": "https://w3id.org/security/jwk/v1",
}
_BID, _DID, _DOMAIN = 101, 102, 103


def view(document: bif.Document, form: KeyForm = "Multikey") -> dict[str, Any]:
    """The W3C view of a BIF document. Keys of kinds that have no such form are left out.

    An X25519 key comes from the attribute `keyAgreement`. Other names: DIDs as they are, domains as https addresses.
    """
    signing = _signing_methods(document, form)
    agreement = _agreement_methods(document, form)
    kids = [method["id"] for method in signing]
    whole: dict[str, Any] = {
        "@context": [DID_CONTEXT, _KEY_CONTEXTS[form]],
        "id": document.id,
        "alsoKnownAs": [name for other in document.also_known_as if (name := _uri(other))],
        "verificationMethod": signing + agreement,
        "authentication": [kid for kid in kids if kid in document.authentication],
        "assertionMethod": [kid for kid in kids if kid in document.authentication],
        "keyAgreement": [method["id"] for method in agreement],
        "service": [msgspec.to_builtins(service) for service in document.service],
    }
    return {name: value for name, value in whole.items() if value}


def verification_method(kid: str, controller: str, key: PublicKey, form: KeyForm = "Multikey") -> dict[str, Any]:
    """One verification method (W3C Controlled Identifiers 1.0, section 2.2)."""
    method: dict[str, Any] = {"id": kid, "type": form, "controller": controller}
    if form == "Multikey":
        return method | {"publicKeyMultibase": encode(key)}
    return method | {"publicKeyJwk": jwk(key)}


def key_document(did: str, key: PublicKey, form: KeyForm = "Multikey") -> dict[str, Any]:
    """The document that a did:key stands for: a signing key signs, an X25519 key agrees on keys."""
    kid = f"{did}#{encode(key)}"
    document: dict[str, Any] = {
        "@context": [DID_CONTEXT, _KEY_CONTEXTS[form]],
        "id": did,
        "verificationMethod": [verification_method(kid, did, key, form)],
    }
    if key.kind is KeyKind.X25519:
        return document | {"keyAgreement": [kid]}
    purposes = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
    return document | {purpose: [kid] for purpose in purposes}


def _signing_methods(document: bif.Document, form: KeyForm) -> list[dict[str, Any]]:
    methods = []
    for entry in document.public_key:
        try:
            key = _public_key(entry)
            methods.append(verification_method(entry.id, entry.controller or document.id, key, form))
        except MalformedIdentifier:
            continue
    return methods


def _public_key(entry: bif.PublicKey) -> PublicKey:
    key_type, raw = keys.decode_public(entry.public_key_hex)
    if key_type == "e":
        return PublicKey(KeyKind.ED25519, raw)
    if key_type == "z":
        return PublicKey(KeyKind.SM2, sm2.compressed(raw))
    raise MalformedIdentifier("keys of this type have no W3C form here")


def _agreement_methods(document: bif.Document, form: KeyForm) -> list[dict[str, Any]]:
    attributes = document.extension.attributes if document.extension else ()
    methods = []
    for number, attribute in enumerate((a for a in attributes if a.key == bif.KEY_AGREEMENT), 1):
        try:
            key = decode(attribute.value)
        except MalformedIdentifier:
            continue
        if key.kind is KeyKind.X25519:
            methods.append(verification_method(f"{document.id}#agreement-{number}", document.id, key, form))
    return methods


def _uri(other: bif.AlsoKnownAs) -> str:
    if other.type in (_BID, _DID) and keys.is_did(other.id):
        return other.id
    return f"https://{other.id}/" if other.type == _DOMAIN and is_host(other.id) else ""
