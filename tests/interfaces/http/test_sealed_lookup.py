"""Many envelopes at one request: those of the asker, each once, and a word for each of the others."""

from typing import Any

import msgspec
import pytest

from sogdia.domains.orders.messages import EraseSealed
from sogdia.interfaces.http import sealed
from sogdia.interfaces.http.desk import JSON, NDJSON
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.errors import Erased
from tests.interfaces.http.town import (
    CARRIER,
    OTHER_PLATFORM,
    PLATFORM,
    SELLER,
    STRANGER,
    Caller,
    Town,
    envelope,
    order,
)


def left(town: Town, *recipients: Caller) -> tuple[str, str, bytes]:
    """An envelope that the platform has left: its trade, its id, its bytes."""
    trade = f"{PLATFORM.did}/{order().order}"
    raw = envelope(trade, PLATFORM, *recipients)
    town.call("POST", "/sealed", by=PLATFORM, body=raw, kind=NDJSON).raise_for_status()
    return trade, envelopes.from_bytes(raw).id, raw


def looked_up(town: Town, by: Caller | None, *wanted: tuple[str, str]) -> Any:
    body = msgspec.json.encode([{"trade": trade, "envelope": one} for trade, one in wanted])
    return town.call("POST", "/sealed/lookup", by=by, body=body, kind=JSON)


def test_the_asker_s_are_given_and_of_the_others_nothing_is_told(town: Town) -> None:
    mine, not_mine = left(town, CARRIER), left(town, SELLER)
    unknown = (not_mine[0], "0" * 64)
    lines = looked_up(town, CARRIER, mine[:2], not_mine[:2], unknown).content.split(b"\n")[:-1]
    assert lines[0] == mine[2]
    for line, id_ in zip(lines[1:], (not_mine[1], unknown[1]), strict=True):
        assert msgspec.json.decode(line) == {"type": "sogdia.not_given.1", "envelope": id_, "reason": "not_found"}


def test_a_client_gets_more_than_fit_into_one_answer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    sales = [left(town, CARRIER) for _ in range(5)]
    monkeypatch.setattr(sealed, "ANSWER_LIMIT_BYTES", len(sales[0][2]) + 1)
    wanted = [(trade, id_) for trade, id_, _ in sales]
    answer = looked_up(town, CARRIER, *wanted)
    assert answer.content.count(b'"reason":"later"') == 3
    with town.connection(CARRIER) as connection:
        assert connection.lookup_sealed([*wanted, (wanted[0][0], "0" * 64)]) == {id_: raw for _, id_, raw in sales}


@pytest.mark.parametrize("by", [STRANGER, None])
def test_strangers_and_the_public_look_up_nothing(town: Town, by: Caller | None) -> None:
    assert looked_up(town, by, left(town, CARRIER)[:2]).status_code == 401


def test_more_than_500_are_too_many(town: Town) -> None:
    assert looked_up(town, CARRIER, *[(f"{PLATFORM.did}/1", "0" * 64)] * 501).status_code == 413


@pytest.mark.parametrize(
    "body", [b"{}", b'[{"trade":"p/1"}]', b'[{"trade":"p","envelope":"%s"}]' % (b"0" * 64), b"\xff"]
)
def test_what_is_no_list_of_trades_and_envelopes_is_refused(town: Town, body: bytes) -> None:
    assert town.call("POST", "/sealed/lookup", by=CARRIER, body=body, kind=JSON).status_code == 400


def test_a_node_without_members_gives_nothing_to_another_node(town: Town) -> None:
    trade, id_, _ = left(town, CARRIER)
    body = msgspec.json.encode([{"trade": trade, "envelope": id_}])
    assert town.call("POST", "/sealed/fetch", by=CARRIER, body=body, kind=JSON).status_code == 403


# --- erasure on record ----------------------------------------------------------------------------------------------


def test_what_is_erased_on_record_is_given_to_nobody_and_taken_from_nobody(town: Town) -> None:
    trade, id_, raw = left(town, CARRIER)
    number = trade.partition("/")[2]
    assert town.submit(order(number, sealed=id_), by=PLATFORM).accepted
    assert town.submit(EraseSealed(platform=PLATFORM.did, order=number, ground="request"), by=PLATFORM).accepted
    with town.connection(CARRIER) as connection:
        assert connection.lookup_sealed([(trade, id_)]) == {}
        with pytest.raises(Erased):
            connection.get_sealed(trade, id_)
    assert town.call("POST", "/sealed", by=PLATFORM, body=raw, kind=NDJSON).status_code == 410
    assert b'"reason":"erased"' in looked_up(town, CARRIER, (trade, id_)).content


def test_without_an_erasure_there_are_no_receipts(town: Town) -> None:
    trade, _, _ = left(town, CARRIER)
    for by in (PLATFORM, OTHER_PLATFORM):
        assert town.call("GET", f"/sealed/receipts?trade={trade}", by=by).status_code == 404
    assert town.call("GET", f"/sealed/receipts?trade={trade}").status_code == 401
