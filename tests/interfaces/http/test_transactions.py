"""Transactions over HTTP: taken in order, answered when durable, shown only to those whom they concern."""

import json
from typing import Any

import pytest

from sogdia.core.codec import from_base64url
from sogdia.core.receipt import Receipt
from sogdia.core.refusal import Refused as Machine
from sogdia.domains.orders.messages import Refused
from sogdia.interfaces.http.desk import JSON, NDJSON
from sogdia.interfaces.http.transactions import JOSE
from tests.interfaces.http.town import (
    CARRIER,
    CUSTOMS,
    NETWORK,
    OTHER_PLATFORM,
    PLATFORM,
    SELLER,
    STRANGER,
    Caller,
    Town,
    cancellation,
    order,
    transaction,
)


def post(town: Town, body: bytes, kind: str = JOSE, accept_language: str = "en") -> Any:
    return town.call("POST", "/transactions", body=body, kind=kind, accept_language=accept_language)


def replies(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("kind", [JOSE, JSON, f"{JSON}; charset=utf-8"])
def test_an_accepted_transaction_is_answered_with_its_receipt(town: Town, kind: str) -> None:
    answer = post(town, transaction(order(), by=PLATFORM), kind)
    said = answer.json()
    assert (answer.status_code, said["code"], said["text"]) == (200, 0, "")
    assert said["receipt"]["network"] == NETWORK.network


def test_the_receipt_in_an_answer_has_the_bytes_that_stand_in_the_log(town: Town) -> None:
    answer = post(town, transaction(order(), by=PLATFORM))
    receipt = Receipt(**answer.json()["receipt"])
    assert receipt.entry() in answer.content


def test_a_refused_transaction_is_422_with_the_number_the_fields_and_the_words(town: Town) -> None:
    answer = post(town, transaction(order(paid_minor=1), by=PLATFORM))
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, Refused.PAID_WRONG)
    assert said["fields"] == {"expected_minor": 2_534, "paid_minor": 1}
    assert "2534" in said["text"]
    assert said["receipt"]["code"] == Refused.PAID_WRONG


def test_refusals_are_said_in_chinese_to_those_who_read_it(town: Town) -> None:
    raw = transaction(order(paid_minor=1), by=PLATFORM)
    english, chinese = (post(town, raw, accept_language=tongue).json()["text"] for tongue in ("en", "zh-CN"))
    assert english != chinese
    assert any("\u4e00" <= char <= "\u9fff" for char in chinese)


@pytest.mark.parametrize(
    "raw, code",
    [
        (b"{}", Machine.MALFORMED),
        (b'{"payload":"e30","signatures":[]}', Machine.MALFORMED),
        (b"\xff\xfe", Machine.MALFORMED),
        (b"[" * 100_000, Machine.MALFORMED),
        (transaction(order(), by=PLATFORM, network="another"), Machine.OTHER_NETWORK),
        (transaction(order(platform=STRANGER), by=STRANGER), Machine.UNKNOWN_KEY),
    ],
    ids=["empty", "no payload", "no text", "deep", "other network", "unknown key"],
)
def test_what_no_rule_can_look_at_is_422_as_well(town: Town, raw: bytes, code: int) -> None:
    answer = post(town, raw)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_batch_is_taken_in_its_order_and_answered_in_it(town: Town) -> None:
    placed = order()
    lines = [
        transaction(cancellation(placed, "C-0"), by=PLATFORM),  # before there is an order
        transaction(placed, by=PLATFORM),
        transaction(cancellation(placed, "C-1"), by=PLATFORM),
        b"{}",
        transaction(cancellation(placed, "C-1"), by=PLATFORM),
    ]
    answer = post(town, b"\n".join(lines), NDJSON)
    codes = [one["code"] for one in replies(answer)]
    assert answer.status_code == 200
    assert codes == [Refused.ORDER_UNKNOWN, 0, 0, Machine.MALFORMED, Refused.CANCELLATION_EXISTS]
    assert replies(answer)[3]["receipt"] is None


def test_empty_lines_and_line_feeds_of_windows_are_passed_over(town: Town) -> None:
    lines = [transaction(order(), by=PLATFORM) for _ in range(2)]
    answer = post(town, b"\r\n\r\n".join(lines) + b"\r\n\n", NDJSON)
    assert [one["code"] for one in replies(answer)] == [0, 0]


def test_the_same_transaction_again_gives_the_same_receipt(town: Town) -> None:
    raw = transaction(order(), by=PLATFORM)
    first, second = post(town, raw).json(), post(town, raw).json()
    assert first == second


def test_a_batch_without_a_line_is_refused(town: Town) -> None:
    answer = post(town, b"\n\n", NDJSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:sogdia:problem:body_empty")


def test_another_media_type_is_refused_with_those_that_fit(town: Town) -> None:
    answer = post(town, b"<order/>", "application/xml")
    assert (answer.status_code, answer.json()["found"]) == (415, "application/xml")
    assert NDJSON in answer.json()["detail"]


# --- reading --------------------------------------------------------------------------------------------------------


def placed(town: Town) -> str:
    """The id of a transaction that placed an order."""
    reply = town.submit(order(), by=PLATFORM)
    assert reply.receipt is not None
    return reply.receipt.transaction


@pytest.mark.parametrize("party", [PLATFORM, SELLER, CARRIER, CUSTOMS], ids=lambda one: one.name)
def test_those_whom_a_transaction_concerns_read_receipt_and_envelope(town: Town, party: Caller) -> None:
    wanted = placed(town)
    answer = town.call("GET", f"/transactions/{wanted}", by=party)
    found = answer.json()
    assert answer.status_code == 200
    assert found["receipt"]["transaction"] == wanted
    payload = json.loads(from_base64url(json.loads(found["envelope"])["payload"]))
    assert payload == found["says"]
    assert payload["messages"][0]["type"] == "orders.place"


def test_nobody_else_learns_that_it_exists(town: Town) -> None:
    strange = town.call("GET", f"/transactions/{placed(town)}", by=OTHER_PLATFORM)
    absent = town.call("GET", f"/transactions/{'0' * 64}", by=OTHER_PLATFORM)
    assert (strange.status_code, absent.status_code) == (404, 404)
    assert strange.content == absent.content


def test_the_signer_of_a_refused_transaction_reads_it(town: Town) -> None:
    reply = town.submit(order(paid_minor=1), by=PLATFORM)
    assert reply.receipt is not None
    path = f"/transactions/{reply.receipt.transaction}"
    assert town.call("GET", path, by=PLATFORM).json()["receipt"]["code"] == Refused.PAID_WRONG
    assert town.call("GET", path, by=SELLER).status_code == 404


def test_the_public_is_asked_to_sign_in(town: Town) -> None:
    answer = town.call("GET", f"/transactions/{placed(town)}")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:sogdia:problem:sign_in_needed")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("wrong", ["1", "g" * 64, "0" * 63, "%00" * 64])
def test_what_is_no_id_is_not_found(town: Town, wrong: str) -> None:
    assert town.call("GET", f"/transactions/{wrong}", by=PLATFORM).status_code == 404
