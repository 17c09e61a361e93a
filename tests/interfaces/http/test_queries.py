"""Queries over HTTP: parameters of the right type, answers limited to what the asker may see."""

from typing import Any

import pytest

from sogdia.interfaces.http.openapi import document
from tests.interfaces.http.town import CUSTOMS, OTHER_PLATFORM, PLATFORM, Caller, Town, problem


def ask(town: Town, query: str, by: Caller | None = None) -> Any:
    town.mirrored()
    return town.call("GET", f"/queries/{query}", by=by)


def test_a_party_is_answered_about_its_own(town: Town) -> None:
    own, others = town.placed(), town.placed(OTHER_PLATFORM)
    numbers = {one["order"] for one in ask(town, "orders/orders?limit=500", by=PLATFORM).json()}
    assert own.order in numbers
    assert others.order not in numbers


def test_a_role_that_reads_all_is_answered_about_all(town: Town) -> None:
    own, others = town.placed(), town.placed(OTHER_PLATFORM)
    numbers = {one["order"] for one in ask(town, "orders/orders?limit=500&ship_to=FR", by=CUSTOMS).json()}
    assert {own.order, others.order} <= numbers


def test_the_public_is_answered_about_what_is_public(town: Town) -> None:
    town.placed()
    assert ask(town, "orders/orders").json() == []
    assert ask(town, f"identity/party?did={PLATFORM.did}").json()["name"] == "platform"


def test_what_is_absent_is_null(town: Town) -> None:
    assert ask(town, "identity/party?did=did:bid:sgdt:nobody").json() is None


@pytest.mark.parametrize(
    "query, name, parameter",
    [
        ("orders/orders?limit=ten", "parameter_bad", "limit"),
        ("orders/orders?limit=1.5", "parameter_bad", "limit"),
        ("orders/orders?limit=99999999999999999999", "parameter_bad", "limit"),
        ("orders/orders?after=a%00b", "parameter_bad", "after"),
        (f"orders/orders?after={'9' * 1_001}", "parameter_bad", "after"),
        ("orders/orders?limit=1&limit=2", "parameter_doubled", "limit"),
        ("orders/orders?colour=red", "parameter_unknown", "colour"),
        ("orders/orders?asker=me", "parameter_unknown", "asker"),
        ("orders/order?order=1", "parameter_missing", "platform"),
    ],
)
def test_a_wrong_parameter_is_named(town: Town, query: str, name: str, parameter: str) -> None:
    answer = ask(town, query)
    assert problem(answer) == (400, name)
    assert answer.json()["parameter"] == parameter


def test_a_query_that_is_not_there_is_named(town: Town) -> None:
    answer = ask(town, "orders/nothing")
    assert problem(answer) == (404, "query_unknown")
    assert answer.json()["query"] == "orders/nothing"


def test_every_query_answers_or_names_what_it_misses(town: Town) -> None:
    desk = town.server.application.state.desk
    for path in document(desk, ())["paths"]:
        if path.startswith("/queries/"):
            answer = ask(town, path.removeprefix("/queries/"), by=CUSTOMS)
            assert answer.status_code == 200 or problem(answer) == (400, "parameter_missing"), path


def test_without_a_picture_a_query_says_to_come_again(town: Town) -> None:
    desk = town.server.application.state.desk
    picture, desk.picture = desk.picture, None
    try:
        answer = ask(town, "orders/orders")
    finally:
        desk.picture = picture
    assert problem(answer) == (503, "no_picture")
    assert answer.headers["retry-after"] == "1"
