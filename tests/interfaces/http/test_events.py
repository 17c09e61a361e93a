"""Events over HTTP: each party its own, in order, none lost and none doubled over any break."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from threading import Thread

import httpx
import pytest

from sogdia.client.http import Heard
from sogdia.client.request_signing import sign_request
from sogdia.core.query import Asker
from sogdia.domains.orders.messages import Place
from sogdia.engines.kept import Base
from sogdia.interfaces.http.events import Cursor, _read
from sogdia.interfaces.http.limits import Limits
from tests.interfaces.http.town import (
    CARRIER,
    OTHER_PLATFORM,
    PLATFORM,
    SELLER,
    Caller,
    Town,
    order,
    problem,
    transaction,
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Few streams, and heartbeats at once."""
    limits = Limits(heartbeat_seconds=0.05, streams=4, streams_per_party=2)
    with Town(tmp_path_factory.mktemp("town"), limits) as made:
        yield made


def place(town: Town, count: int, platform: Caller = PLATFORM) -> list[Place]:
    """So many orders on record, in as few blocks as they come to lie in."""
    asked = [order(platform=platform) for _ in range(count)]
    with town.connection() as connection:
        replies = connection.submit([transaction(one, by=platform) for one in asked])
    assert all(reply.accepted for reply in replies)
    return asked


def heard(town: Town, party: Caller, count: int, after: str = "") -> list[Heard]:
    """The next events that the party hears."""
    with town.connection(party) as connection:
        return list(islice(connection.follow(after), count))


def now(town: Town) -> str:
    """The place behind everything so far."""
    return str(town.node.machine.seal.height)


@contextmanager
def stream(town: Town, party: Caller, query: str = "") -> Iterator[httpx.Response]:
    """A bare stream, signed for itself."""
    url = f"{town.url}/events{query}"
    headers = sign_request("GET", url, b"", party, int(time.time()), secrets.token_urlsafe(24))
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=20) as answer:
        yield answer


def test_a_party_hears_its_own_events_in_order_and_no_others(town: Town) -> None:
    begin = now(town)
    first = place(town, 3)
    place(town, 3, OTHER_PLATFORM)
    last = place(town, 3)
    said = heard(town, PLATFORM, 6, begin)
    assert [one.event["order"] for one in said] == [one.order for one in (*first, *last)]
    assert {one.type for one in said} == {"orders.placed"}
    assert all(PLATFORM.did in one.event["parties"] for one in said)


def test_everyone_whom_an_event_names_hears_it(town: Town) -> None:
    begin = now(town)
    placed = place(town, 1)[0]
    for party in (PLATFORM, SELLER, CARRIER):
        assert heard(town, party, 1, begin)[0].event["order"] == placed.order


def test_an_event_says_which_transaction_announced_it(town: Town) -> None:
    begin = now(town)
    reply = town.submit(order(), by=PLATFORM)
    assert reply.receipt is not None
    one = heard(town, PLATFORM, 1, begin)[0]
    assert (one.transaction, one.height) == (reply.receipt.transaction, reply.receipt.height)
    assert one.id == f"{reply.receipt.height}-{reply.receipt.index}-0"


def test_without_a_place_everything_is_told_from_the_beginning(town: Town) -> None:
    assert heard(town, SELLER, 1)[0].type == "catalog.product_listed"


def test_after_any_event_the_stream_goes_on_with_the_next(town: Town) -> None:
    begin = now(town)
    asked = [one.order for one in place(town, 12)]
    said = heard(town, PLATFORM, 12, begin)
    for cut in range(11):
        rest = heard(town, PLATFORM, 11 - cut, said[cut].id)
        assert [one.event["order"] for one in said[: cut + 1] + rest] == asked


def test_events_that_come_later_are_heard_when_they_come(town: Town) -> None:
    begin, said = now(town), list[Heard]()
    listener = Thread(target=lambda: said.extend(heard(town, PLATFORM, 8, begin)))
    listener.start()
    asked = [one.order for _ in range(4) for one in place(town, 2)]
    listener.join(20)
    assert [one.event["order"] for one in said] == asked


def test_a_client_whose_connection_breaks_loses_and_doubles_nothing(town: Town) -> None:
    begin = now(town)
    asked = [one.order for one in place(town, 10)]
    said = list[str]()
    with town.connection(PLATFORM) as connection:
        for one in connection.follow(begin):
            said.append(one.event["order"])
            if len(said) in (2, 5):
                _break_streams(town)
            if len(said) == 10:
                asked += [later.order for later in place(town, 5)]
            if len(said) == 15:
                break
    assert said == asked


def _break_streams(town: Town) -> None:
    """Cut every connection of the server as a network does."""
    loop = town.server.servers[0].get_loop()
    for connection in list(town.server.server_state.connections):
        loop.call_soon_threadsafe(connection.transport.abort)


def test_a_party_to_whom_nothing_is_said_moves_on_all_the_same(town: Town) -> None:
    begin = now(town)
    place(town, 2, OTHER_PLATFORM)
    with stream(town, CARRIER, f"?after={begin}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line == f"id: {now(town)}" or line.startswith("data"):
                break
        assert line.startswith("data") or line == f"id: {now(town)}"


def test_a_heartbeat_holds_no_event(town: Town) -> None:
    with stream(town, PLATFORM, "?after=now") as answer:
        lines = [line for line in islice(answer.iter_lines(), 5) if line]
    assert lines == ["retry: 1000", ": nothing new", f"id: {now(town)}"]


def test_the_header_of_a_browser_goes_before_the_parameter(town: Town) -> None:
    begin = now(town)
    place(town, 2)
    first = heard(town, PLATFORM, 1, begin)[0]
    with town.connection(PLATFORM) as connection:
        headers = {"last-event-id": first.id, **connection._signed_in()}
        url = f"{town.url}/events?after={begin}"
        with httpx.stream("GET", url, headers=headers, trust_env=False) as answer:
            line = next(line for line in answer.iter_lines() if line.startswith("id: "))
    assert line == f"id: {heard(town, PLATFORM, 1, first.id)[0].id}"


@pytest.mark.parametrize("after", ["x", "1-2", "1-2-3-4", "-1", "1--2", "9" * 16])
def test_a_place_that_is_none_is_refused(town: Town, after: str) -> None:
    assert problem(town.call("GET", f"/events?after={after}", by=PLATFORM)) == (400, "parameter_bad")


@pytest.mark.parametrize("after", ["", "?after=0", "?after={before}", "?after={base}-0-0", "?after={base}-999999999-0"])
def test_a_place_before_the_history_of_a_node_that_joined_later_is_a_problem_and_no_gap(
    town: Town, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    place(town, 1)
    base = town.node.machine.seal.height
    monkeypatch.setattr(town.node.engine, "base", Base(base, base))
    answer = town.call("GET", f"/events{after.format(base=base, before=base - 1)}", by=PLATFORM)
    assert problem(answer) == (410, "before_base")
    assert answer.json()["height"] == base
    assert "Ask a member whose node holds the whole history." in answer.json()["detail"]


def test_a_node_that_joined_later_tells_everything_since(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    base = town.node.machine.seal.height
    monkeypatch.setattr(town.node.engine, "base", Base(base, base))
    asked = place(town, 3)
    assert [one.event["order"] for one in heard(town, PLATFORM, 3, str(base))] == [one.order for one in asked]


def test_a_stream_ends_when_its_place_is_lost_to_a_snapshot(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = now(town)
    with stream(town, PLATFORM, f"?after={begin}") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        monkeypatch.setattr(town.node.engine, "base", Base(int(begin) + 1, 1))
        place(town, 2, OTHER_PLATFORM)
        place(town, 2)
        assert not any(line.startswith("data: ") for line in lines)


def test_the_public_hears_nothing(town: Town) -> None:
    assert problem(town.call("GET", "/events")) == (401, "sign_in_needed")


def test_streams_have_a_limit_for_each_party_and_give_it_back(town: Town) -> None:
    with stream(town, PLATFORM) as one, stream(town, PLATFORM) as two:
        assert (one.status_code, two.status_code) == (200, 200)
        lines = one.iter_lines(), two.iter_lines()
        assert [next(each) for each in lines] == ["retry: 1000"] * 2
        assert problem(town.call("GET", "/events", by=PLATFORM)) == (429, "too_many_streams")
        with stream(town, SELLER) as other:
            assert other.status_code == 200
    pulse = town.server.application.state.desk.pulse
    while pulse.listeners:
        time.sleep(0.01)
    with stream(town, PLATFORM) as again:
        assert again.status_code == 200


def test_a_slow_listener_is_given_one_block_at_a_time(town: Town) -> None:
    """Whatever is on record, a step of the stream holds the events of a single block."""
    for _ in range(5):
        place(town, 1)
    desk = town.server.application.state.desk
    asker, cursor = Asker(PLATFORM.did), Cursor(2)
    while cursor.height < town.node.machine.seal.height:
        said, reached = _read(desk, asker, cursor)
        heights = {line.split(b"-")[0] for line in said.splitlines() if line.startswith(b"id: ")}
        assert len(heights) <= 1
        assert reached > cursor
        cursor = reached


def test_open_streams_do_not_hold_up_the_end(tmp_path: Path) -> None:
    with ExitStack() as stack:
        town = stack.enter_context(Town(tmp_path))
        with stream(town, PLATFORM) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "retry: 1000"
            stack.close()  # the town ends before the listener does
            assert list(lines) is not None
