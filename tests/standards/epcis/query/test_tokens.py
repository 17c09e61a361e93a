"""A page token leads to its page of its query for its time, and nobody can make or change one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.tokens import issue, place_in
from tests.standards.epcis.query.asked import url

KEY = b"a secret of the node"
QUERY = url(EQ_action="ADD", orderBy="eventTime")
PLACES = st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(max_size=20), st.none()), max_size=4).map(tuple)


@given(PLACES)
def test_a_token_gives_its_place_back(place: tuple[int | str | None, ...]) -> None:
    token = issue(KEY, QUERY, place, until_ms=1_000)
    assert place_in(KEY, QUERY, token, now_ms=999) == place
    assert token.isascii()
    assert not set(token) & set("+/=|&")


def test_the_next_page_of_the_same_query_may_be_of_another_size() -> None:
    token = issue(KEY, QUERY, (5,), until_ms=1_000)
    assert place_in(KEY, url(EQ_action="ADD", orderBy="eventTime", perPage="9"), token, now_ms=0) == (5,)


def test_a_token_of_another_query_is_refused() -> None:
    token = issue(KEY, QUERY, (5,), until_ms=1_000)
    with pytest.raises(QueryRefused, match="another query"):
        place_in(KEY, url(EQ_action="DELETE", orderBy="eventTime"), token, now_ms=0)


def test_a_token_ends() -> None:
    token = issue(KEY, QUERY, (5,), until_ms=1_000)
    with pytest.raises(QueryRefused, match="time is over"):
        place_in(KEY, QUERY, token, now_ms=1_000)


def test_a_token_with_any_bit_changed_is_refused() -> None:
    token = issue(KEY, QUERY, (5, "x"), until_ms=1_000)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(QueryRefused, match="changed"):
            place_in(KEY, QUERY, base64.urlsafe_b64encode(changed).decode().rstrip("="), now_ms=0)


@pytest.mark.parametrize("token", ["", "a", "abcd", "é", "!!!!", "A" * 5_000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(QueryRefused, match="no token"):
        place_in(KEY, QUERY, token, now_ms=0)


def test_another_node_does_not_take_it() -> None:
    token = issue(KEY, QUERY, (5,), until_ms=1_000)
    with pytest.raises(QueryRefused, match="no token"):
        place_in(b"another node's secret", QUERY, token, now_ms=0)


def test_a_key_that_can_be_guessed_makes_no_token() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        issue(b"short", QUERY, (5,), until_ms=1_000)
    with pytest.raises(ValueError, match="shorter"):
        issue(KEY, QUERY, ("x" * 2_000,), until_ms=1_000)
