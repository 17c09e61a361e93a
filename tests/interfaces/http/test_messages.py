"""Messages over HTTP: every type is listed with an example that passes, and signing elsewhere leads onto the record."""

import json
from typing import Any

import msgspec
import pytest

from sogdia import app
from sogdia.client.connection import Reply
from sogdia.core.codec import base64url, from_base64url
from sogdia.core.module import tag_of
from sogdia.interfaces.http.desk import JSON
from tests.interfaces.http.town import PLATFORM, Town, order, problem

KINDS = [(tag_of(kind), module) for module in app.MODULES for kind in module.messages]


def prepare(town: Town, tag: str, message: Any, query: str = "") -> Any:
    body = message if isinstance(message, bytes) else msgspec.json.encode(message)
    return town.call("POST", f"/messages/{tag.replace('.', '/')}{query}", body=body, kind=JSON)


def test_every_type_of_message_is_listed_with_words_schema_and_example(town: Town) -> None:
    found = town.call("GET", "/messages").json()
    listed = {one["type"]: one for one in found["messages"]}
    assert sorted(listed) == sorted(tag for tag, _ in KINDS)
    for one in listed.values():
        assert one["doc"], one["type"]
        assert one["example"]["type"] == one["type"]
        assert one["schema"]["$ref"].removeprefix("#/components/") in found["components"]


@pytest.mark.parametrize("tag", [tag for tag, _ in KINDS])
def test_every_example_is_taken_as_it_is_listed(town: Town, tag: str) -> None:
    listed = {one["type"]: one for one in town.call("GET", "/messages").json()["messages"]}
    answer = prepare(town, tag, listed[tag]["example"])
    payload = json.loads(from_base64url(answer.json()["payload"]))
    assert payload["messages"] == [listed[tag]["example"]]
    assert payload["valid_until_ms"] == answer.json()["valid_until_ms"]


def test_what_was_prepared_here_and_signed_elsewhere_goes_on_record(town: Town) -> None:
    ready = prepare(town, "orders.place", order(), f"?kid={PLATFORM.kid.replace('#', '%23')}").json()
    signature = base64url(PLATFORM.sign(ready["signing_input"].encode()))
    envelope = {
        "payload": ready["payload"],
        "signatures": [{"protected": ready["protected"], "signature": signature}],
    }
    answer = town.call("POST", "/transactions", body=json.dumps(envelope).encode(), kind=JSON)
    reply = msgspec.json.decode(answer.content, type=Reply)
    assert reply.accepted
    assert reply.receipt is not None
    assert reply.receipt.transaction == ready["transaction"]


def test_a_message_is_taken_with_and_without_its_type(town: Town) -> None:
    message = msgspec.to_builtins(order())
    del message["type"]
    assert prepare(town, "orders.place", message).status_code == 200


@pytest.mark.parametrize(
    "change, field",
    [
        ({"currency": "euro"}, "$.currency"),
        ({"lines": []}, "$.lines"),
        ({"lines": [{"sku": "1"}]}, "$.lines[0]"),
        ({"colour": "red"}, "$"),
        ({"type": "orders.cancel"}, "$.type"),
        ({"paid_minor": 1.5}, "$.paid_minor"),
    ],
)
def test_a_wrong_field_is_named(town: Town, change: dict[str, Any], field: str) -> None:
    answer = prepare(town, "orders.place", msgspec.to_builtins(order()) | change)
    assert problem(answer) == (422, "message_wrong")
    assert answer.json()["field"] == field
    assert answer.json()["reason"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{]"])
def test_what_is_no_json_is_refused(town: Town, body: bytes) -> None:
    assert problem(prepare(town, "orders.place", body)) == (400, "json_wrong")


@pytest.mark.parametrize(
    "query", ["?valid_ms=0", "?valid_ms=86400001", "?valid_ms=x", "?kid=key-1", "?kid=did:bid:x%23k"]
)
def test_a_validity_beyond_a_day_and_a_wrong_key_id_are_refused(town: Town, query: str) -> None:
    assert problem(prepare(town, "orders.place", order(), query)) == (400, "parameter_bad")


def test_a_type_that_there_is_not_is_named(town: Town) -> None:
    answer = prepare(town, "orders.forget", {})
    assert problem(answer) == (404, "message_unknown")
    assert answer.json()["message"] == "orders.forget"
