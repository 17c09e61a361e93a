"""Passkeys (WebAuthn Level 3): made for this node's own name, kept by the user's device, unlocked by the user.

Whoever signs in by passkey types no name: the credential is discoverable and tells whose it is. The user is verified by
the device each time, so one step is two factors.
"""

import json
from typing import Any, Final

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sogdia.interfaces.console import users
from sogdia.interfaces.console.names import Place
from sogdia.interfaces.console.room import Console
from sogdia.interfaces.console.users import Passkey

PER_USER: Final = 20
LABEL_CHARS: Final = 60
_SELECTION: Final = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
)


def to_register(console: Console, place: Place, binding: str, user: str, name: str) -> str:
    """Options for `navigator.credentials.create`, as JSON."""
    held = users.passkeys_of(console.notebook, user)
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=f"Sogdia {console.desk.node.info.network}",
        user_name=name,
        user_id=user.encode(),
        user_display_name=name,
        challenge=console.challenges.new(f"register {user} {binding}"),
        authenticator_selection=_SELECTION,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.id) for one in held],
    )
    return options_to_json(options)


def registered(console: Console, place: Place, binding: str, user: str, label: str, credential: Any) -> Passkey | None:
    """The passkey that a browser made, not yet kept; None when it does not hold."""
    challenge = _challenge(credential)
    if not console.challenges.use(challenge, f"register {user} {binding}"):
        return None
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    now, said = console.now_ms(), " ".join(label.split())[:LABEL_CHARS]
    return Passkey(found.credential_id, user, said, found.credential_public_key, found.sign_count, now, now)


def to_sign_in(console: Console, place: Place, binding: str) -> str:
    """Options for `navigator.credentials.get`, as JSON; they name no user."""
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=console.challenges.new(f"sign in {binding}"),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def signed_in_by(console: Console, place: Place, binding: str, credential: Any) -> Passkey | None:
    """The passkey that signed our challenge; None when it does not hold or is not known."""
    challenge = _challenge(credential)
    if not console.challenges.use(challenge, f"sign in {binding}"):
        return None
    try:
        passkey = users.passkey_of(console.notebook, base64url_to_bytes(str(credential["id"])))
        if passkey is None:
            return None
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public,
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    users.note_use(console.notebook, passkey.id, found.new_sign_count, console.now_ms())
    return passkey


def elsewhere(place: Place) -> str:
    """The origin at which this machine takes passkeys, when the page was opened by its address; else nothing."""
    if place.takes_passkeys or place.scheme == "https" or place.host not in ("127.0.0.1", "::1"):
        return ""
    _, colon, port = place.authority.rpartition(":")
    return f"http://localhost{colon}{port}" if port.isdigit() else "http://localhost"


def _challenge(credential: Any) -> bytes:
    """The challenge that a credential says it answers; whether it is ours is found by looking it up."""
    try:
        said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(said["challenge"])
    except (ValueError, KeyError, TypeError):
        return b""
