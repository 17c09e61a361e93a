"""Sealed envelopes over HTTP: for their recipients alone, durable when answered, gone when erased."""

import stat
from pathlib import Path
from typing import Any

import pytest

from sogdia.interfaces.http.desk import NDJSON
from sogdia.interfaces.http.sealed_shelf import SENDERS_PER_TRADE, SealedShelf
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.errors import Erased, UnfitValue
from tests.interfaces.http.town import CARRIER, OTHER_PLATFORM, PLATFORM, SELLER, Caller, Town, envelope, order, problem


def put(town: Town, *lines: bytes, by: Caller | None = PLATFORM) -> Any:
    return town.call("POST", "/sealed", by=by, body=b"\n".join(lines), kind=NDJSON)


def get(town: Town, trade: str, by: Caller | None, **more: str) -> Any:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return town.call("GET", f"/sealed?trade={trade}{query}", by=by)


def trade_of(platform: Caller = PLATFORM) -> str:
    return f"{platform.did}/{order().order}"


def test_every_recipient_gets_the_very_bytes_that_were_left(town: Town) -> None:
    trade = trade_of()
    left = envelope(trade, PLATFORM, CARRIER)
    assert put(town, left).json() == {"kept": 1}
    for reader in (PLATFORM, CARRIER):
        assert get(town, trade, reader).content == left + b"\n"
    values, _ = envelopes.open_envelope(envelopes.from_bytes(left), CARRIER.did, CARRIER.agreement_private)
    assert values == {"buyer_name": "Jeanne Martin"}


def test_nobody_else_gets_it_nor_learns_of_it(town: Town) -> None:
    trade = trade_of()
    put(town, envelope(trade, PLATFORM, CARRIER))
    assert problem(get(town, trade, SELLER)) == (404, "not_found")
    assert get(town, trade, SELLER).content == get(town, trade_of(), SELLER).content
    assert problem(get(town, trade, None)) == (401, "sign_in_needed")


def test_one_of_several_is_found_by_its_id(town: Town) -> None:
    trade = trade_of()
    one, two = envelope(trade, PLATFORM, CARRIER), envelope(trade, PLATFORM, CARRIER)
    put(town, one, two)
    wanted = envelopes.from_bytes(two).id
    assert get(town, trade, CARRIER, envelope=wanted).content == two + b"\n"
    assert sorted(get(town, trade, CARRIER).content.split()) == sorted([one, two])
    assert problem(get(town, trade, CARRIER, envelope="0" * 64)) == (404, "not_found")


def test_the_same_envelope_twice_is_kept_once(town: Town) -> None:
    trade = trade_of()
    left = envelope(trade, PLATFORM)
    put(town, left, left)
    put(town, left)
    assert get(town, trade, PLATFORM).content == left + b"\n"


def test_a_party_to_the_order_leaves_an_envelope_of_its_own(town: Town) -> None:
    placed = town.placed()
    trade = f"{placed.platform}/{placed.order}"
    of_platform, of_carrier = envelope(trade, PLATFORM, CARRIER), envelope(trade, CARRIER, PLATFORM)
    put(town, of_carrier, by=CARRIER)
    put(town, of_platform)
    assert get(town, trade, PLATFORM).content == of_platform + b"\n" + of_carrier + b"\n"


@pytest.mark.parametrize(
    "sender, recipients, trade, expected",
    [
        (CARRIER, (CARRIER,), f"{PLATFORM.did}/not-placed", (403, "not_of_the_trade")),
        (OTHER_PLATFORM, (OTHER_PLATFORM,), f"{PLATFORM.did}/not-placed", (403, "not_of_the_trade")),
        (PLATFORM, (PLATFORM,), PLATFORM.did, (403, "not_of_the_trade")),
        (PLATFORM, (PLATFORM,), f"{PLATFORM.did}/", (403, "not_of_the_trade")),
        (PLATFORM, (CARRIER,), f"{PLATFORM.did}/1", (403, "not_a_recipient")),
    ],
)
def test_who_has_no_part_in_a_trade_leaves_nothing_for_it(
    town: Town, sender: Caller, recipients: tuple[Caller, ...], trade: str, expected: tuple[int, str]
) -> None:
    assert problem(put(town, envelope(trade, *recipients), by=sender)) == expected


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw.replace(b":", b": "), lambda raw: b"{}"])
def test_a_line_that_is_no_envelope_is_refused_by_its_number_and_nothing_is_kept(town: Town, change: Any) -> None:
    trade = trade_of()
    good = envelope(trade, PLATFORM)
    answer = put(town, good, change(good))
    assert problem(answer) == (400, "envelope_broken")
    assert answer.json()["number"] == 2
    assert get(town, trade, PLATFORM).status_code == 404


def test_the_public_leaves_nothing(town: Town) -> None:
    assert problem(put(town, envelope(trade_of(), PLATFORM), by=None)) == (401, "sign_in_needed")


# --- erasure --------------------------------------------------------------------------------------------------------


def erase(town: Town, trade: str, by: Caller, reason: str = "request") -> Any:
    return town.call("DELETE", f"/sealed?trade={trade}&reason={reason}", by=by)


def test_the_platform_erases_and_the_receipt_names_what_was_destroyed(town: Town) -> None:
    trade = trade_of()
    left = envelope(trade, PLATFORM, CARRIER)
    put(town, left)
    receipt = erase(town, trade, PLATFORM).json()
    assert (receipt["trade"], receipt["reason"]) == (trade, "request")
    assert receipt["envelopes"] == [envelopes.from_bytes(left).id]
    assert problem(get(town, trade, CARRIER)) == (410, "erased")
    assert problem(put(town, left)) == (410, "erased")
    assert erase(town, trade, PLATFORM, "again").json() == receipt


def test_nobody_but_the_platform_erases(town: Town) -> None:
    trade = trade_of()
    put(town, envelope(trade, PLATFORM, CARRIER))
    for party in (CARRIER, OTHER_PLATFORM):
        assert problem(erase(town, trade, party)) == (403, "not_the_platform")
    assert get(town, trade, CARRIER).status_code == 200


def test_a_reason_has_its_limit(town: Town) -> None:
    assert problem(erase(town, trade_of(), PLATFORM, "x" * 251)) == (400, "parameter_bad")


# --- the shelf ------------------------------------------------------------------------------------------------------


def test_the_shelf_is_the_same_after_a_restart_and_its_key_is_the_owners_alone(tmp_path: Path) -> None:
    trade = trade_of()
    left = envelope(trade, PLATFORM)
    shelf = SealedShelf(tmp_path)
    shelf.put_all(PLATFORM.did, [envelopes.from_bytes(left)])
    shelf.close()
    assert stat.S_IMODE((tmp_path / "sealed.key").stat().st_mode) == 0o600
    again = SealedShelf(tmp_path)
    assert again.get(trade, PLATFORM.did) == [left]
    again.close()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    SealedShelf(tmp_path).close()
    (tmp_path / "sealed.key").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        SealedShelf(tmp_path)


def test_a_shelf_whose_key_is_lost_is_not_given_another(tmp_path: Path) -> None:
    SealedShelf(tmp_path).close()
    (tmp_path / "sealed.key").unlink()
    with pytest.raises(FileNotFoundError):
        SealedShelf(tmp_path)


def test_no_more_than_a_few_parties_leave_envelopes_for_one_trade(tmp_path: Path) -> None:
    shelf, trade = SealedShelf(tmp_path), trade_of()
    made = envelopes.from_bytes(envelope(trade, PLATFORM))
    for number in range(SENDERS_PER_TRADE):
        shelf._note_sender(trade, f"sender {number}")
    with pytest.raises(UnfitValue, match="no more are taken"):
        shelf.put_all(PLATFORM.did, [made])
    shelf.close()


def test_an_erased_trade_says_so_even_where_nothing_was_left(tmp_path: Path) -> None:
    shelf, trade = SealedShelf(tmp_path), trade_of()
    shelf.erase(trade, 1, "")
    with pytest.raises(Erased):
        shelf.get(trade, PLATFORM.did)
    shelf.close()


def test_nothing_of_an_envelope_stands_readable_on_the_disk(tmp_path: Path) -> None:
    shelf, trade = SealedShelf(tmp_path), trade_of()
    left = envelope(trade, PLATFORM)
    shelf.put_all(PLATFORM.did, [envelopes.from_bytes(left)])
    shelf.close()
    written = b"".join(path.read_bytes() for path in (tmp_path / "sealed").iterdir() if path.is_file())
    assert left[50:90] not in written
    assert trade.encode() not in written
