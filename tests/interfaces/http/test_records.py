"""Records over HTTP: a party reads its own, nobody learns of another's, and what is shown can be proved."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest

from sogdia import app
from sogdia.client import evidence
from sogdia.core import note, tree
from sogdia.domains.orders.messages import Place
from sogdia.interfaces.http.desk import JSON
from tests.interfaces.http.town import CARRIER, CUSTOMS, OTHER_PLATFORM, PLATFORM, SELLER, SKU, Caller, Town, problem


def path_of(placed: Place, **more: str) -> str:
    return "/records/orders.order?" + urlencode([("key", placed.platform), ("key", placed.order), *more.items()])


@pytest.mark.parametrize("party", [PLATFORM, SELLER, CARRIER, CUSTOMS], ids=lambda one: one.name)
def test_a_party_to_an_order_reads_it(town: Town, party: Caller) -> None:
    placed = town.placed()
    found = town.call("GET", path_of(placed), by=party).json()
    assert found["record"]["order"] == placed.order
    assert list(found["record"]) == list(app.FIELDS["orders.order"])
    assert found["record"]["lines"][0] == msgspec.to_builtins(placed.lines[0])


def test_anothers_order_and_an_absent_one_look_the_same(town: Town) -> None:
    placed = town.placed()
    absent = f"/records/orders.order?key={quote(placed.platform)}&key=none"
    strange, missing = (town.call("GET", path, by=OTHER_PLATFORM) for path in (path_of(placed), absent))
    assert problem(strange) == (404, "not_found")
    assert strange.content == missing.content


def test_the_public_reads_parties_and_keys_but_no_order(town: Town) -> None:
    party = f"/records/identity.party?key={quote(PLATFORM.did)}"
    assert town.call("GET", party).json()["record"]["name"] == "platform"
    assert town.call("GET", f"/records/identity.key?key={quote(PLATFORM.kid)}").status_code == 200
    assert problem(town.call("GET", path_of(town.placed()))) == (404, "not_found")


def test_a_table_that_is_not_there_is_named(town: Town) -> None:
    answer = town.call("GET", "/records/orders.nothing?key=1")
    assert problem(answer) == (404, "table_unknown")
    assert answer.json()["table"] == "orders.nothing"


@pytest.mark.parametrize(
    "query, name", [("", "parameter_missing"), ("key=1", "key_wrong"), ("key=%00&key=1", "parameter_bad")]
)
def test_a_wrong_key_is_refused(town: Town, query: str, name: str) -> None:
    assert problem(town.call("GET", f"/records/orders.order?{query}")) == (400, name)


# --- proofs ---------------------------------------------------------------------------------------------------------


def state_root(town: Town, checkpoint: str) -> bytes:
    text = note.open_note(checkpoint.encode(), town.node.verifier_key)
    lines = dict(line.split(" ", 1) for line in note.Checkpoint.parse(text).extensions)
    return bytes.fromhex(lines["state"])


def test_a_record_is_proved_against_the_signed_checkpoint(town: Town) -> None:
    placed = town.placed()
    found = town.call("GET", path_of(placed, proof="true"), by=SELLER).json()
    proof = msgspec.convert(found["proof"], tree.Membership)
    assert tree.verify_membership(state_root(town, found["checkpoint"]), proof)
    assert app.TABLES["orders.order"].decode(proof.value).order == placed.order == found["record"]["order"]


def test_a_proof_of_anothers_order_is_not_to_be_had(town: Town) -> None:
    assert problem(town.call("GET", path_of(town.placed(), proof="true"), by=OTHER_PLATFORM)) == (404, "not_found")


def absence_of(town: Town, did: str) -> Any:
    return town.call("GET", f"/records/identity.party?key={quote(did)}&proof=true")


def test_an_absence_is_proved_to_whoever_may_read_what_could_stand_there(town: Town) -> None:
    """The neighbours in the tree are shown by the proof, so both must be the asker's to read: here we look for such."""
    provable = (f"did:bid:sgdt:absent{number}" for number in range(200))
    absent = next(did for did in provable if absence_of(town, did).status_code == 200)
    found = absence_of(town, absent).json()
    proof = msgspec.convert(found["proof"], tree.Absence)
    assert found["record"] is None
    assert tree.verify_absence(state_root(town, found["checkpoint"]), b"identity.party\0" + absent.encode(), proof)


def test_no_proof_of_absence_shows_a_neighbour_that_is_not_the_askers(town: Town) -> None:
    for _ in range(5):
        town.placed()
    seen = 0
    for number in range(60):
        answer = absence_of(town, f"absent{number}")
        if answer.status_code == 200:
            for side in ("left", "right"):
                neighbour = answer.json()["proof"][side]
                table = (
                    app.TABLES[msgspec.convert(neighbour["key"], bytes).split(b"\0")[0].decode()] if neighbour else None
                )
                assert table is None or table.public
        else:
            seen += 1
    assert seen, "none of the neighbours was an order: the test shows nothing"


def test_an_absence_in_anothers_name_is_not_proved(town: Town) -> None:
    absent = f"/records/orders.order?key={quote(PLATFORM.did)}&key=none&proof=true"
    assert problem(town.call("GET", absent, by=OTHER_PLATFORM)) == (404, "not_found")


def test_a_table_outside_the_state_tree_has_no_proofs(town: Town) -> None:
    unproved = next(table for table in app.TABLES.values() if not table.proved)
    keys = "&".join("key=x" for _ in unproved.key)
    answer = town.call("GET", f"/records/{unproved.name}?{keys}&proof=true", by=CUSTOMS)
    assert problem(answer) == (400, "table_unproved")


# --- many at once ---------------------------------------------------------------------------------------------------


def lookup(town: Town, wanted: Any, by: Caller | None = None) -> Any:
    body = wanted if isinstance(wanted, bytes) else json.dumps(wanted).encode()
    return town.call("POST", "/records/lookup", by=by, body=body, kind=JSON)


def test_a_lookup_answers_in_the_order_asked_and_null_for_what_is_not_the_askers(town: Town) -> None:
    own, others = town.placed(), town.placed(OTHER_PLATFORM)
    wanted = [
        ["orders.order", others.platform, others.order],
        ["orders.order", own.platform, own.order],
        ["orders.order", own.platform, "none"],
        ["identity.party", PLATFORM.did],
        ["catalog.product", SELLER.did, SKU],
    ]
    found = lookup(town, wanted, by=PLATFORM).json()
    assert [one and next(iter(one.values())) for one in found][:4] == [None, PLATFORM.did, None, PLATFORM.did]
    assert found[1]["order"] == own.order


def test_the_public_looks_up_what_is_public(town: Town) -> None:
    placed = town.placed()
    found = lookup(town, [["identity.party", SELLER.did], ["orders.order", placed.platform, placed.order]]).json()
    assert [found[0]["did"], found[1]] == [SELLER.did, None]


def test_two_thousand_are_taken_and_one_more_is_not(town: Town) -> None:
    one = ["identity.party", SELLER.did]
    assert len(lookup(town, [one] * 2_000).json()) == 2_000
    assert problem(lookup(town, [one] * 2_001)) == (413, "too_many_lines")


@pytest.mark.parametrize(
    "wanted, name",
    [
        (b"", "json_wrong"),
        (b"{}", "json_wrong"),
        (b"[[]]", "json_wrong"),
        (b'[["identity.party", 1]]', "json_wrong"),
        (b'[["identity.party", "\\ud800"]]', "json_wrong"),
        (b"[" * 100_000, "json_wrong"),
        ([["nothing.there", "1"]], "lookup_table_unknown"),
        ([["orders.order", "1"]], "lookup_key_wrong"),
        ([["orders.order", "1", "a\0b"]], "lookup_key_wrong"),
    ],
)
def test_a_wrong_lookup_is_refused_by_name(town: Town, wanted: Any, name: str) -> None:
    assert problem(lookup(town, wanted)) == (400, name)


# --- evidence -------------------------------------------------------------------------------------------------------


def evidence_path(placed: Place) -> str:
    return path_of(placed).replace("/records/orders.order?", "/evidence?table=orders.order&")


def test_evidence_for_an_order_holds_under_the_networks_key_alone(town: Town) -> None:
    placed = town.placed()
    answer = town.call("GET", evidence_path(placed), by=SELLER)
    found = evidence.read(answer.content)
    checks = evidence.verify(found, town.node.verifier_key, app.FIELDS)
    assert evidence.holds(checks), [check for check in checks if not check.holds]
    assert placed.order in found.subject["key"]
    assert len(found.transactions) == 1


def test_there_is_no_evidence_for_what_is_not_the_askers(town: Town) -> None:
    placed = town.placed()
    assert problem(town.call("GET", evidence_path(placed), by=OTHER_PLATFORM)) == (404, "not_found")
    assert problem(town.call("GET", evidence_path(placed))) == (404, "not_found")
