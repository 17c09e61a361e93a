"""DIDs over HTTP: the party's keys in force, in the shape of resolvers elsewhere."""

import secrets
from typing import Any

import pytest

from sogdia.core.keys import SigningKey, encode_public, key_id
from sogdia.domains.identity.messages import NewKey, Rotate
from tests.interfaces.http.town import PLATFORM, SELLER, STRANGER, Town


def resolve(town: Town, did: str, query: str = "") -> Any:
    return town.call("GET", f"/did/{did}{query}")


def test_a_party_resolves_to_its_document(town: Town) -> None:
    answer = resolve(town, PLATFORM.did)
    found = answer.json()
    document = found["didDocument"]
    assert answer.status_code == 200
    assert document["id"] == PLATFORM.did
    assert document["authentication"] == document["assertionMethod"] == [PLATFORM.kid]
    assert document["keyAgreement"]
    assert found["didDocumentMetadata"]["created"].endswith("Z")


def test_the_document_of_the_xinghuo_network_shows_the_key_in_its_form(town: Town) -> None:
    found = resolve(town, PLATFORM.did, "?form=bif").json()
    assert found["errorCode"] == 0
    assert found["data"]["didDocument"]["publicKey"][0]["publicKeyHex"] == encode_public(PLATFORM.key.public)


def test_a_new_key_is_shown_and_a_retired_one_is_not(town: Town) -> None:
    second = SigningKey(secrets.token_bytes(32))
    kid = key_id(SELLER.did, 2)
    assert town.submit(Rotate(party=SELLER.did, add=(NewKey(id=kid, public=second.public.hex()),)), by=SELLER).accepted
    assert resolve(town, SELLER.did).json()["didDocument"]["authentication"] == [SELLER.kid, kid]
    assert town.submit(Rotate(party=SELLER.did, retire=(kid,)), by=SELLER).accepted
    assert resolve(town, SELLER.did).json()["didDocument"]["authentication"] == [SELLER.kid]


@pytest.mark.parametrize(
    "did, status, error",
    [
        (STRANGER.did, 404, "notFound"),
        ("did:bid:sgdt:wrong", 400, "invalidDid"),
        ("nothing", 400, "invalidDid"),
        ("did:web:example.com", 501, "methodNotSupported"),
        ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", 200, None),
        ("did:bid:%00", 400, "invalidDid"),
    ],
)
def test_what_is_not_on_record_says_why(town: Town, did: str, status: int, error: str | None) -> None:
    answer = resolve(town, did)
    assert (answer.status_code, answer.json()["didResolutionMetadata"].get("error")) == (status, error)


def test_an_unknown_party_and_an_unknown_form_are_refused(town: Town) -> None:
    assert resolve(town, STRANGER.did, "?form=bif").json()["errorCode"] == 1
    assert resolve(town, PLATFORM.did, "?form=xml").json()["parameter"] == "form"
