"""Evidence holds as it was given, and no longer when anything in it is another."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.app import FIELDS
from sogdia.client import evidence
from sogdia.client.evidence import EvidenceUnreadable
from sogdia.core import note
from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.keys import SigningKey
from sogdia.core.log import Log, leaf_hash
from sogdia.core.module import KeyOnRecord
from sogdia.core.receipt import Receipt
from sogdia.core.store import MemoryStore
from sogdia.core.tree import Tree
from sogdia.domains.trace.messages import Capture
from tests.client.evidence_case import ANYONE_OF_CUSTOMS, Case, at, leaves, other_values
from tests.simulation import world
from tests.simulation.world import signed


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


def test_it_holds_as_it_was_given_and_says_what_it_found(case: Case) -> None:
    checks = evidence.verify(evidence.read(case.raw), case.key, FIELDS)
    assert [check for check in checks if not check.holds] == []
    names = [check.name for check in checks]
    assert sum(name.endswith(" logged") for name in names) == 4, "order, payment, waybill and list"
    assert sum(name.startswith("record identity.key ") for name in names) == 4, "a key of each signer"
    assert "by " + case.trade.platform.did in [check.detail for check in checks], "though its key was retired since"


def test_it_needs_no_table_of_names_to_hold(case: Case) -> None:
    assert evidence.holds(evidence.verify(evidence.read(case.raw), case.key))


# -- anything altered ------------------------------------------------------------------------------------------------


def test_every_single_value_in_the_file_counts(case: Case) -> None:
    places = list(leaves(case.file))
    assert len(places) > 200
    for path in places:
        for other in other_values(at(case.file, path)):

            def change(file: Any, path: tuple[Any, ...] = path, other: Any = other) -> None:
                at(file, path[:-1])[path[-1]] = other

            raw = case.altered(change)
            assert case.says_the_same(raw) or case.fails(raw), f"{path} may be {other!r} and nobody notices"


def test_every_byte_of_the_checkpoint_counts(case: Case) -> None:
    text = case.file["checkpoint"]
    for place in range(len(text)):
        letter = "x" if text[place] != "x" else "y"
        raw = case.altered(lambda file, p=place, c=letter: file.update(checkpoint=text[:p] + c + text[p + 1 :]))
        assert case.fails(raw) == ["checkpoint checkpoint"], f"character {place} of the checkpoint"


@pytest.mark.parametrize(
    ("path", "check"),
    [
        (("transactions", 0, "receipt"), "transaction logged"),
        (("transactions", 0, "envelope"), "transaction bytes"),
        (("transactions", 0, "leaf"), "transaction logged"),
        (("records", 0, "proof", "value"), "record 2026-000001"),
        (("records", 0, "proof", "path", 0), "record 2026-000001"),
        (("records", 0, "shown", "paid_minor"), "record 2026-000001"),
        (("earlier", "consistency", 0), "history history"),
        (("network",), "transaction network"),
        (("subject", "key"), "subject subject"),
        (("format",), "unreadable"),
    ],
)
def test_the_check_that_fails_names_what_was_altered(case: Case, path: tuple[Any, ...], check: str) -> None:
    before = at(case.file, path)
    after = before + 1 if isinstance(before, int) else before.replace("2026", "2027") if "2026" in before else None
    if after is None:
        middle = len(before) // 2
        after = before[:middle] + ("A" if before[middle] != "A" else "B") + before[middle + 1 :]
    assert check in case.fails(
        case.altered(
            lambda file: (
                at(file, path[:-1]).update({path[-1]: after})
                if isinstance(path[-1], str)
                else at(file, path[:-1]).__setitem__(path[-1], after)
            )
        )
    )


@given(st.data())
def test_no_byte_can_be_changed_so_that_the_file_says_another_thing_and_holds(case: Case, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(case.raw) - 1))
    byte = data.draw(st.integers(0, 255))
    raw = case.raw[:place] + bytes([byte]) + case.raw[place + 1 :]
    assert case.says_the_same(raw) or case.fails(raw)


# -- names, tables, left out, put in ---------------------------------------------------------------------------------


def _renamed(file: Any, swap: tuple[str, str], where: tuple[Any, ...]) -> None:
    shown = at(file, where)
    names = {swap[0]: swap[1], swap[1]: swap[0]}
    pairs = [(names.get(name, name), value) for name, value in shown.items()]
    shown.clear()
    shown.update(pairs)


def test_values_cannot_be_shown_under_other_names(case: Case) -> None:
    raw = case.altered(lambda file: _renamed(file, ("goods_minor", "paid_minor"), ("records", 0, "shown")))
    assert case.fails(raw) == ["record 2026-000001"]


def test_nor_under_other_names_inside_a_line(case: Case) -> None:
    inside = ("records", 0, "shown", "lines", 0)
    raw = case.altered(lambda file: _renamed(file, ("quantity", "total_minor"), inside))
    assert case.fails(raw) == ["record 2026-000001"]


def test_nor_under_a_table_name_that_reaches_into_the_key(case: Case) -> None:
    def change(file: Any) -> None:
        file["records"][0]["table"] += "\0" + case.trade.platform.did
        _renamed(file, ("goods_minor", "paid_minor"), ("records", 0, "shown"))

    assert case.fails(case.altered(change)) == ["record 2026-000001"]


def test_fields_cannot_be_left_out_or_added(case: Case) -> None:
    assert case.fails(case.altered(lambda file: file["records"][0]["shown"].pop("evidence")))
    assert case.fails(case.altered(lambda file: file["records"][0]["shown"].update(insured="yes")))


def test_a_table_that_the_verifier_does_not_know_is_not_believed(case: Case) -> None:
    checks = evidence.verify(evidence.read(case.raw), case.key, {"identity.key": FIELDS["identity.key"]})
    unknown = [check.detail for check in checks if not check.holds]
    assert unknown[0] == "this verifier knows no table orders.order; a newer one may"


def test_without_the_record_of_a_key_its_signatures_prove_nothing(case: Case) -> None:
    def change(file: Any) -> None:
        file["records"] = [one for one in file["records"] if one["table"] != "identity.key"]

    assert case.fails(case.altered(change)) == ["transaction signed"] * 4


def test_without_the_record_that_it_is_about_the_file_does_not_hold(case: Case) -> None:
    assert case.fails(case.altered(lambda file: file["records"].pop(0))) == ["subject subject"]


def test_a_record_whose_last_key_field_is_empty_can_be_the_subject(tmp_path: Path) -> None:
    case = Case(tmp_path)
    text = b'{"type":"ObjectEvent","eventID":"urn:uuid:1"}'
    party = case.trade.platform
    pen = party.pen("key-3")
    case.send(Capture(party=party.did, events=(msgspec.Raw(text),)), pen)
    subject = {"table": "trace.event", "key": f"{party.did} urn:uuid:1 "}
    raw = case.node.evidence(subject, [("trace.event", party.did, "urn:uuid:1", "")], ANYONE_OF_CUSTOMS)
    assert case.fails(raw) == []
    case.node.close()
    assert text.decode() in json.dumps(json.loads(raw)).replace('\\"', '"')


def test_a_file_that_shows_nothing_does_not_hold(case: Case) -> None:
    raw = case.altered(lambda file: file.update(records=[], transactions=[], subject={}))
    assert case.fails(raw) == ["content content"]


def test_what_it_shows_is_proved_and_not_that_it_shows_all(case: Case) -> None:
    """A transaction may be left out unnoticed: evidence is about what is in it, and says so."""
    assert case.fails(case.altered(lambda file: file["transactions"].pop())) == []


def test_receipts_of_two_transactions_cannot_be_exchanged(case: Case) -> None:
    def change(file: Any) -> None:
        one, other = file["transactions"][:2]
        one["receipt"], other["receipt"] = other["receipt"], one["receipt"]

    assert case.fails(case.altered(change)).count("transaction bytes") == 2


# -- keys ------------------------------------------------------------------------------------------------------------


def test_a_checkpoint_that_another_key_signed_is_refused(case: Case) -> None:
    text = note.split(case.file["checkpoint"].encode())[0]
    forged = note.sign(text, world.ORIGIN, SigningKey(b"x" * 32)).decode()
    assert case.fails(case.altered(lambda file: file.update(checkpoint=forged))) == ["checkpoint checkpoint"]


def test_the_key_of_another_network_verifies_nothing(case: Case) -> None:
    other = str(note.VerifierKey(world.ORIGIN, SigningKey(b"x" * 32).public))
    (check,) = evidence.verify(evidence.read(case.raw), other, FIELDS)
    assert (check.name, check.holds) == ("checkpoint", False)


def test_an_older_checkpoint_does_not_cover_newer_records(case: Case) -> None:
    raw = case.altered(lambda file: file.update(checkpoint=file["earlier"]["checkpoint"], earlier=None))
    assert len(case.fails(raw)) > 5


@pytest.mark.parametrize(
    ("since", "retired", "holds"), [(3, 0, True), (1, 3, True), (1, 9, True), (4, 0, False), (1, 2, False)]
)
def test_a_key_must_have_been_in_force_when_the_transaction_was_decided(since: int, retired: int, holds: bool) -> None:
    """Shown on a network that logs anything: what its operator signs is not believed either."""
    store, operator, pen = MemoryStore(), SigningKey(b"o" * 32), world.PLATFORMS[0]
    tree, log = Tree(store), Log(store)
    key = KeyOnRecord(pen.kid, pen.did, "EdDSA", pen.key.public.hex(), "sign", since, retired)
    path, value = b"identity.key\x00" + pen.kid.encode(), record_bytes(key)
    raw = signed([world.listing(world.SELLERS[0], "TOY")], [pen], 0, "nonce-01")
    receipt = _receipt(raw)
    staged_tree, staged_log = tree.stage({path: value}), log.stage([leaf_hash(receipt.entry())])
    store.write({**staged_tree.puts, **staged_log.puts})
    tree.apply(staged_tree)
    log.apply(staged_log)
    text = evidence.checkpoint_text("rogue", 1, log.root, 9, 9, tree.root)
    file = evidence.Evidence(
        evidence.FORMAT,
        world.NETWORK,
        {},
        note.sign(text, "rogue", operator).decode(),
        None,
        (evidence.LoggedTransaction(raw.decode(), receipt.entry().decode(), 0, ()),),
        (evidence.ProvedRecord("identity.key", msgspec.structs.asdict(key), tree.prove(path, lambda _: value)),),
    )
    checks = evidence.verify(evidence.read(json_bytes(file)), str(note.VerifierKey("rogue", operator.public)), FIELDS)
    assert [check.holds for check in checks if check.name.endswith(" signed")] == [holds]
    assert evidence.holds(checks) == holds


def _receipt(raw: bytes) -> Receipt:
    from hashlib import sha256

    from sogdia.core.codec import from_base64url

    transaction = sha256(from_base64url(json.loads(raw)["payload"])).hexdigest()
    return Receipt(world.NETWORK, 3, 0, 5, transaction, sha256(raw).hexdigest(), 0, {}, "00" * 32)


# -- absence ---------------------------------------------------------------------------------------------------------


def absent(case: Case, *key: str, table: str = "orders.order") -> Any:
    path = "\0".join(("orders.order", *key)).encode()
    machine = case.node.machine
    proof = machine.tree.prove(path, lambda wanted: case.node.store.get(b"S" + wanted))
    return json.loads(json_bytes(evidence.ProvedAbsence(table, path, proof)))


def test_that_nothing_stands_under_a_key_can_be_shown(case: Case) -> None:
    nothing = absent(case, case.trade.platform.did, "never placed")
    assert case.fails(case.altered(lambda file: file.update(absences=[nothing]))) == []


def test_an_absence_cannot_be_moved_to_another_key_or_table(case: Case) -> None:
    nothing = absent(case, case.trade.platform.did, "never placed")
    there = case.file["records"][0]["proof"]["key"]
    for change in ({"key": there}, {"table": "payments.payment"}):
        moved = {**nothing, **change}
        assert case.fails(case.altered(lambda file, m=moved: file.update(absences=[m])))


# -- hostile files ---------------------------------------------------------------------------------------------------


def test_a_truncated_file_is_unreadable_wherever_it_ends(case: Case) -> None:
    for end in [*range(0, len(case.raw), 997), len(case.raw) - 1]:
        assert case.fails(case.raw[:end]) == ["unreadable"]


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"{}", b"\x00", b"\xff\xfe", b'{"format":', b"[" * 100_000, b'{"format":1}', b"1" * 5_000,
        b'{"format":"sogdia-evidence/1"}', "\ufeff{}".encode(), b'{"format":"sogdia-evidence/1","subject":[]}',
    ],
)  # fmt: skip
def test_what_is_no_evidence_is_said_to_be_none(case: Case, raw: bytes) -> None:
    with pytest.raises(EvidenceUnreadable):
        evidence.read(raw)


def test_a_file_that_is_too_large_is_not_even_parsed() -> None:
    with pytest.raises(EvidenceUnreadable, match="at most 67108864"):
        evidence.read(bytes(evidence.SIZE_LIMIT_BYTES + 1))


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [50, 300, 450, 600, 900])
def test_nesting_without_end_is_refused_and_crashes_nothing(case: Case, levels: int) -> None:
    nested = b"[" * levels + b"]" * levels
    shown = case.raw.replace(b'"shown":{', b'"shown":{"deep":' + nested + b",", 1)
    assert case.fails(shown)
    fields = json.dumps('{"fields":{"deep":' + nested.decode() + "}}")[1:-1].encode()
    assert case.fails(case.raw.replace(b'"receipt":"{', b'"receipt":"' + fields + b" {", 1))


@pytest.mark.parametrize("huge", [-1, 2**63, 2**64, 10**30])
def test_places_that_no_log_has_are_refused(case: Case, huge: int) -> None:
    assert case.fails(case.altered(lambda file: file["transactions"][0].update(leaf=huge)))
