"""What anyone reads: checkpoints, tiles of hashes and proofs that fit each other, and how far the record has come."""

from base64 import b64decode

import pytest

from sogdia.core import log, note
from sogdia.standards import tlog
from tests.interfaces.http.town import NETWORK, PLATFORM, Town, order, problem, transaction


def checkpoint(town: Town, text: str = "") -> note.Checkpoint:
    """The checkpoint that is published, once its signature holds."""
    signed = text or town.call("GET", "/checkpoint").text
    return note.Checkpoint.parse(note.open_note(signed.encode(), town.node.verifier_key))


def test_the_checkpoint_is_signed_by_the_network_and_open_to_all(town: Town) -> None:
    answer = town.call("GET", "/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    found = checkpoint(town, answer.text)
    assert (found.origin, found.size) == (NETWORK.origin, town.node.machine.seal.log_size)


def test_the_tiles_add_up_to_the_root_of_the_checkpoint(town: Town) -> None:
    with town.connection() as connection:
        connection.submit([transaction(order(), by=PLATFORM) for _ in range(270)])
    found = checkpoint(town)
    leaves = b""
    for tile in tlog.tiles_of(found.size):
        answer = town.call("GET", f"/{tile.path}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        leaves += answer.content if tile.level == 0 else b""
    assert len(leaves) == 32 * found.size
    assert log.root_of([leaves[at : at + 32] for at in range(0, len(leaves), 32)]) == found.root


@pytest.mark.parametrize("path", ["0/000.p/0", "0/0", "x/000", "0/x999/999", "64/000", "0/../000", "0/000.p/256"])
def test_a_tile_that_there_is_not_is_not_found(town: Town, path: str) -> None:
    assert problem(town.call("GET", f"/tile/{path}")) == (404, "tile_unknown")


def test_the_entries_themselves_are_not_public(town: Town) -> None:
    assert problem(town.call("GET", "/tile/entries/000")) == (403, "entries_not_public")
    assert problem(town.call("GET", "/tile/entries/000.p/1", by=PLATFORM)) == (403, "entries_not_public")


def test_anyone_proves_that_a_receipt_stands_in_the_log(town: Town) -> None:
    reply = town.submit(order(), by=PLATFORM)
    assert reply.receipt is not None
    town.placed()
    found = town.call("GET", f"/proofs/inclusion?transaction={reply.receipt.transaction}").json()
    signed = checkpoint(town, found["checkpoint"])
    leaf = log.leaf_hash(reply.receipt.entry())
    path = tuple(b64decode(one) for one in found["path"])
    assert found["leaf_hash"] == leaf.hex()
    assert found["size"] == signed.size
    assert log.verify_inclusion(signed.root, signed.size, found["leaf"], leaf, path)


def test_anyone_proves_that_nothing_was_rewritten(town: Town) -> None:
    old = checkpoint(town)
    town.placed()
    town.placed()
    new = checkpoint(town)
    found = town.call("GET", f"/proofs/consistency?old={old.size}&new={new.size}").json()
    path = tuple(b64decode(one) for one in found["path"])
    assert log.verify_consistency(old.size, old.root, new.size, new.root, path)
    assert town.call("GET", f"/proofs/consistency?old={old.size}").json()["path"] == found["path"]


@pytest.mark.parametrize(
    "query, status, name",
    [
        ("consistency?old=2&new=1", 400, "sizes_wrong"),
        ("consistency?old=1&new=99999999", 400, "sizes_wrong"),
        ("consistency?old=-1", 400, "parameter_bad"),
        ("consistency?old=1e3", 400, "parameter_bad"),
        ("consistency?old=１", 400, "parameter_bad"),
        ("consistency", 400, "parameter_missing"),
        (f"inclusion?transaction={'0' * 64}", 404, "transaction_unknown"),
        ("inclusion?transaction=xyz", 400, "parameter_bad"),
        ("inclusion", 400, "parameter_missing"),
    ],
)
def test_a_proof_that_cannot_be_is_refused(town: Town, query: str, status: int, name: str) -> None:
    assert problem(town.call("GET", f"/proofs/{query}")) == (status, name)


def test_the_status_tells_the_public_what_the_checkpoint_tells(town: Town) -> None:
    found, signed = town.call("GET", "/status").json(), checkpoint(town)
    assert (found["network"], found["log_size"]) == (NETWORK.network, signed.size)
    assert bytes.fromhex(found["log_root"]) == signed.root
    assert found["verifier_key"] == town.node.verifier_key
    assert "mirror_height" not in found


def test_the_status_tells_a_party_how_far_the_picture_goes(town: Town) -> None:
    town.placed()
    town.mirrored()
    found = town.call("GET", "/status", by=PLATFORM).json()
    assert found["mirror_height"] == found["height"]
    assert found["taking_transactions"] is True
