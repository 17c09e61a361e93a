"""What the node prepares for a browser that signs: the bytes, what the rules would say, and nothing on record."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from sogdia.core.codec import from_base64url
from sogdia.domains.customs.messages import Answer
from sogdia.domains.orders.messages import Place
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import plain
from tests.interfaces.http.town import CUSTOMS, PLATFORM, SELLER, cancellation, order, problem, transaction

pytestmark = pytest.mark.node


@pytest.fixture
def at_work(house: House) -> Iterator[httpx.Client]:
    """A script of the platform's page."""
    with house.signed_in(house.person(PLATFORM)) as client:
        client.headers["accept"] = "application/json"
        client.headers["x-sogdia-token"] = client.get("/console/signing/context").json()["token"]
        yield client


def prepared(client: httpx.Client, *groups: list[Any], kid: str = PLATFORM.kid) -> httpx.Response:
    """One request of a page."""
    return client.post("/console/prepare", json={"groups": groups, "kid": kid})


def test_the_payload_says_what_was_asked_and_has_the_id_that_it_will_have(house: House, at_work: httpx.Client) -> None:
    asked = order()
    told = prepared(at_work, [plain(asked)]).json()
    payload = from_base64url(told["prepared"][0]["payload"])
    said = json.loads(payload)
    assert said["messages"] == [plain(asked)]
    assert said["network"] == "sogdia-test"
    assert told["prepared"][0]["transaction"] == sha256(payload).hexdigest()
    assert "refusal" not in told["prepared"][0]
    assert told["names"][SELLER.did] == "seller"


def test_what_the_rules_would_refuse_is_told_with_the_words_of_the_refusal_itself(
    house: House, at_work: httpx.Client
) -> None:
    asked = order(paid_minor=1)
    would = prepared(at_work, [plain(asked)]).json()["prepared"][0]["refusal"]
    did = house.town.call("POST", "/transactions", body=transaction(asked, by=PLATFORM), kind="application/json")
    assert would == {"code": did.json()["code"], "text": did.json()["text"]}


def test_a_refusal_is_told_in_the_language_of_the_page(house: House) -> None:
    one = house.person(PLATFORM)
    with house.signed_in(one) as client:
        client.get("/console/?lang=zh")
        client.headers["accept"] = "application/json"
        client.headers["x-sogdia-token"] = client.get("/console/signing/context").json()["token"]
        assert client.get("/console/signing/context").json()["language"] == "zh"
        text = prepared(client, [plain(order(paid_minor=1))]).json()["prepared"][0]["refusal"]["text"]
    assert "请" in text


def test_each_transaction_is_judged_after_those_before_it(at_work: httpx.Client) -> None:
    placed = order()
    cancelled = cancellation(placed, "C-1")
    alone = prepared(at_work, [plain(cancelled)]).json()["prepared"]
    after = prepared(at_work, [plain(placed)], [plain(cancelled)], [plain(placed)]).json()["prepared"]
    assert alone[0]["refusal"]["code"] == 3002
    assert ["refusal" in one for one in after] == [False, False, True]
    assert after[2]["refusal"]["code"] == 3001


def test_preparing_and_judging_put_nothing_on_record(house: House, at_work: httpx.Client) -> None:
    before, asked = house.town.node.machine.seal, order()
    assert prepared(at_work, [plain(asked)]).status_code == 200
    assert house.town.node.machine.seal == before
    assert house.town.node.record("orders.order", asked.platform, asked.order) is None
    assert house.town.submit(asked, by=PLATFORM).accepted, "and nothing stands in its way"


def test_a_field_that_does_not_fit_is_named_with_its_row(at_work: httpx.Client) -> None:
    wrong = plain(order()) | {"currency": "euro"}
    answer = prepared(at_work, [plain(order())], [wrong])
    assert problem(answer) == (422, "prepare_wrong")
    assert (answer.json()["row"], answer.json()["field"]) == (2, "currency")
    assert "Transaction 2, orders.place: the field currency does not fit." in answer.json()["detail"]


@pytest.mark.parametrize(
    "given, name",
    [
        ([[{"type": "orders.steal"}]], "message_unknown"),
        ([[7]], "message_unknown"),
        ([[{"type": []}]], "message_unknown"),
        ([], "prepare_many"),
        ([[]], "prepare_many"),
        ([[{}] * 101], "prepare_many"),
        ("orders", "form_unreadable"),
    ],
)
def test_what_is_no_message_is_refused(at_work: httpx.Client, given: Any, name: str) -> None:
    answer = at_work.post("/console/prepare", json={"groups": given})
    assert problem(answer)[1] == name


def test_a_key_of_another_party_is_not_prepared_for(at_work: httpx.Client) -> None:
    assert problem(prepared(at_work, [plain(order())], kid=CUSTOMS.kid)) == (403, "key_not_yours")


def test_what_another_party_must_sign_is_told_before(at_work: httpx.Client) -> None:
    asked = Answer(
        customs=CUSTOMS.did, subject="order", party=PLATFORM.did, number="1", code=120, answered_at_ms=1_780_000_000_000
    )
    assert prepared(at_work, [plain(asked)]).json()["prepared"][0]["refusal"]["code"] == 1004


def test_only_users_are_told_and_only_with_the_pages_token(house: House, at_work: httpx.Client) -> None:
    with house.client(accept="application/json") as visitor:
        assert visitor.get("/console/signing/context").status_code == 401
        assert visitor.get("/console/signing/words/en").status_code == 401
    at_work.headers["x-sogdia-token"] = "0" * 64
    assert problem(prepared(at_work, [plain(order())])) == (403, "form_token")


def test_evidence_of_a_transaction_is_for_those_who_signed_it(house: House, at_work: httpx.Client) -> None:
    placed: Place = house.town.placed()
    height, index = house.town.node.history("orders.order", placed.platform, placed.order)[0]
    with house.town.node.engine.sealed:
        logged, _ = house.town.node._logged(height, index)
    assert logged is not None
    wanted = json.loads(logged.receipt)["transaction"]
    found = at_work.get(f"/console/signing/evidence/{wanted}")
    assert found.status_code == 200
    assert f'filename="evidence-{wanted[:16]}.json"' in found.headers["content-disposition"]
    assert placed.order in found.text
    with house.signed_in(house.person(SELLER)) as other:
        assert other.get(f"/console/signing/evidence/{wanted}").status_code == 404
    assert at_work.get(f"/console/signing/evidence/{'0' * 64}").status_code == 404
    assert at_work.get("/console/signing/evidence/none").status_code == 404
