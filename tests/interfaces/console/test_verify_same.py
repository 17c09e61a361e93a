"""The page's verifier finds what Python's finds, check by check, in true files and with any one thing altered."""

import copy
import json
import random
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sogdia.client import evidence
from sogdia.client.light.trusted import TrustedUnreadable, read_trusted, trust
from sogdia.core.codec import json_bytes
from sogdia.core.tree import Absence
from tests.client.evidence_case import Case, at, leaves, other_values
from tests.client.light.signers import FIRST_SECOND, block, signed
from tests.client.light.test_recorded import BLOCKS
from tests.client.test_evidence_light import SETS, TARGET, NetworkCase
from tests.interfaces.console.verify.node_runner import Runner, by_python, plain
from tests.simulation import world

pytestmark = [pytest.mark.node, pytest.mark.slow]
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    made = Case(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkCase]:
    made = NetworkCase(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


def judged(node: Runner, files: list[bytes], **trust: Any) -> list[Any]:
    """What both find in these files, which must be the same."""
    node.trust(**trust)
    found = []
    for raw, theirs in zip(files, node.verified(files), strict=True):
        ours = by_python(raw, **trust)
        assert theirs == ours, raw.decode("utf-8", "replace")[:2000]
        found.append(ours)
    return found


def holds(found: Any) -> bool:
    """Whether all checks were found to hold."""
    return isinstance(found, list) and all(one[1] for one in found)


def altered(case: Case, paths: list[tuple[Any, ...]]) -> list[bytes]:
    """The file with each of these values altered in each way, one at a time."""
    files = []
    for path in paths:
        for other in other_values(at(case.file, path)):

            def change(file: Any, path: tuple[Any, ...] = path, other: Any = other) -> None:
                at(file, path[:-1])[path[-1]] = other

            files.append(case.altered(change))
    return files


# --- the evidence of an embedded node -------------------------------------------------------------------------------


def test_a_true_file_holds_for_both(node: Runner, case: Case) -> None:
    (found,) = judged(node, [case.raw], network_key=case.key)
    assert holds(found)
    assert len(found) > 20


def test_every_value_altered_has_the_same_verdicts(node: Runner, case: Case) -> None:
    files = altered(case, list(leaves(case.file)))[::2]  # each value in several ways still
    assert len(files) > 1000
    found = judged(node, files, network_key=case.key)
    assert sum(not holds(one) for one in found) > 1000
    assert all(not holds(one) or case.says_the_same(raw) for raw, one in zip(files, found, strict=True))


def test_every_field_left_out_or_doubled_or_of_another_kind_has_the_same_verdicts(node: Runner, case: Case) -> None:
    files = []
    kinds: Iterator[Any] = cycle((None, [], {}, 0, "", [[]], {"type": "absence"}))
    places = {path[:end] for path in leaves(case.file) for end in range(1, len(path) + 1)}
    for path in sorted(places, key=str):
        for other in islice(kinds, 2):
            file = copy.deepcopy(case.file)
            at(file, path[:-1])[path[-1]] = other
            files.append(json.dumps(file).encode())
        file = copy.deepcopy(case.file)
        del at(file, path[:-1])[path[-1]]
        files.append(json.dumps(file).encode())
    found = judged(node, files, network_key=case.key)
    assert len({json.dumps(one) for one in found}) > 30


def test_bytes_altered_anywhere_have_the_same_verdicts(node: Runner, case: Case) -> None:
    chance, files = random.Random(5), []
    for _ in range(400):
        place = chance.randrange(len(case.raw))
        files.append(case.raw[:place] + bytes([chance.randrange(256)]) + case.raw[place + 1 :])
    found = judged(node, files, network_key=case.key)
    assert "unreadable" in found


def test_names_that_come_twice_or_are_unknown_have_the_same_verdicts(node: Runner, case: Case) -> None:
    first, rest = case.raw[:1], case.raw[1:]
    extra = [
        b'"network":"other",', b'"network":5,', b'"light":[],', b'"more":{"a":[1,2.5e3,null]},', b'"more":1e999,',
        b'"more":"\\ud800",', b'"more":"\xff",', b'"\xff":1,', b'"more":01,', b'"more":"\\q",',
        b'"more":"\\ud83d\\ude00",',
        b'"absences":[],', b'"format":"x",', b'"earlier":null,', b'"more":' + b"9" * 5000 + b",", b"  \n\t\r ",
    ]  # fmt: skip
    files = [first + one + rest for one in extra] + [
        case.raw[:-1] + b"," + one.strip(b", ") + b"}" for one in extra[:15]
    ]
    found = judged(node, files, network_key=case.key)
    assert {holds(one) for one in found} == {True, False}


def test_what_is_no_evidence_is_none_for_both(node: Runner, case: Case) -> None:
    files = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\x00",
        b"\xff\xfe",
        b'{"format":',
        b"[" * 100_000,
        b'{"format":1}',
        b"1" * 5000,
    ]
    files += [case.raw[:end] for end in range(0, len(case.raw), 997)]
    assert set(judged(node, files, network_key=case.key)) == {"unreadable"}


@pytest.mark.parametrize("key", ["", "x", "name+00000000+AAAA", "{key}x", "{other}"])
def test_another_key_verifies_nothing_for_both(node: Runner, case: Case, key: str) -> None:
    other = case.key.replace(case.key[-8:-4], "AAAA")
    (found,) = judged(node, [case.raw], network_key=key.format(key=case.key, other=other))
    assert found == [["checkpoint", False]]


def test_absence_has_the_same_verdicts_wherever_it_is_altered(node: Runner, case: Case) -> None:
    path = "\0".join(("orders.order", case.trade.platform.did, "never placed")).encode()
    proof = case.node.machine.tree.prove(path, lambda wanted: case.node.store.get(b"S" + wanted))
    assert isinstance(proof, Absence)
    absence = json.loads(json_bytes(evidence.ProvedAbsence("orders.order", path, proof)))
    file = {**case.file, "absences": [absence], "records": [], "transactions": [], "subject": {}}
    files = [json.dumps(file).encode()]
    for path_ in leaves(absence):
        for other in other_values(at(absence, path_)):
            changed = copy.deepcopy(absence)
            at(changed, path_[:-1])[path_[-1]] = other
            files.append(json.dumps({**file, "absences": [changed]}).encode())
    for side in ("left", "right"):
        files.append(
            json.dumps({**file, "absences": [{**absence, "proof": {**absence["proof"], side: None}}]}).encode()
        )
    found = judged(node, files, network_key=case.key)
    assert holds(found[0])
    assert not holds(found[-1])
    assert not holds(found[-2])


# --- the evidence of a network of organisations ---------------------------------------------------------------------


def test_from_a_trusted_header_a_true_file_holds_for_both(node: Runner, network: NetworkCase) -> None:
    (found,) = judged(node, [network.raw], trusted=network.trusted)
    assert holds(found)
    assert sum(name.startswith("light block") for name, _ in found) > 1


def test_every_value_of_the_light_blocks_altered_has_the_same_verdicts(node: Runner, network: NetworkCase) -> None:
    places = [path for path in leaves(network.file) if path[0] in ("light", "checkpoint", "earlier")]
    files = altered(network, places)
    assert len(files) > 300
    found = judged(node, files, trusted=network.trusted)
    assert sum(not holds(one) for one in found) > 300


def test_blocks_left_out_doubled_forged_or_forked_have_the_same_verdicts(node: Runner, network: NetworkCase) -> None:
    light, blocks = network.light, network.blocks
    last = light[-1].header.app_hash
    sets: list[tuple[Any, ...]] = [
        (), light[:1], light[1:], light[-1:], light[::-1], light * 2, (blocks[4], *light), tuple(blocks),
        tuple(blocks[:3]),
        (block(TARGET, dict.fromkeys(range(90, 94), 10), app_hash=last),),
        (signed(replace(blocks[4].header, app_hash=last), SETS[4]),),
        (*light, block(TARGET + 1, SETS[-1])), (block(6, SETS[5], app_hash=last),),
        (block(TARGET, {3: 10, 4: 10, 5: 10, 6: 10}, voting={3, 4}, app_hash=last),),
        (block(6, {**SETS[5], 50: 10}, voting={0, 1, 2, 3}, app_hash=last),),
        (block(6, dict.fromkeys(SETS[5], 2**60), app_hash=last),),
    ]  # fmt: skip
    found = judged(node, [network.with_light(*one) for one in sets], trusted=network.trusted)
    assert {holds(one) for one in found} == {True, False}


def test_whichever_header_is_trusted_the_verdicts_are_the_same(node: Runner, network: NetworkCase) -> None:
    for height in range(1, TARGET + 1, 4):
        following = network.blocks[min(height, TARGET - 1)].validators
        trusted = trust(network.trusted.network, network.trusted.origin, network.blocks[height - 1], following)
        assert holds(judged(node, [network.raw], trusted=trusted)[0])
    for network_name, origin, trusted_block in (
        ("other", world.ORIGIN, network.blocks[4]),
        (world.NETWORK, "o/o", network.blocks[4]),
        (world.NETWORK, world.ORIGIN, block(TARGET + 5, SETS[-1])),
    ):
        assert not holds(judged(node, [network.raw], trusted=trust(network_name, origin, trusted_block))[0])


@pytest.mark.parametrize("age_ms", [0, 30 * DAY_MS, 30 * DAY_MS + 1, -60_000, -DAY_MS, -300_000, -300_001])
def test_a_trusting_period_has_the_same_verdict(node: Runner, network: NetworkCase, age_ms: int) -> None:
    now_ms = (FIRST_SECOND + 5) * 1000 + age_ms
    judged(node, [network.raw], trusted=network.trusted, now_ms=now_ms, trusting_period_ms=30 * DAY_MS)


def test_blocks_that_the_real_cometbft_made_lead_as_far_for_both(node: Runner, network: NetworkCase) -> None:
    for start in (0, 3, len(BLOCKS) - 3):
        trusted = trust(world.NETWORK, world.ORIGIN, BLOCKS[start], BLOCKS[start + 1].validators)
        files = [network.with_light(*BLOCKS), network.with_light(BLOCKS[-1]), network.with_light(*BLOCKS[::2])]
        found = judged(node, files, trusted=trusted)
        led = [name for name, verdict in found[0] if name.startswith("light block") and verdict]
        assert len(led) == len(BLOCKS) - start - 1


def test_a_file_of_trust_that_is_altered_is_refused_by_both(node: Runner, network: NetworkCase) -> None:
    plain_trust = json.loads(msgspec.json.encode(network.trusted))
    for path in leaves(plain_trust):
        for other in other_values(at(plain_trust, path)):
            changed = copy.deepcopy(plain_trust)
            at(changed, path[:-1])[path[-1]] = other
            raw = json.dumps(changed).encode()
            try:
                expected: str | None = read_trusted(raw).fingerprint
            except TrustedUnreadable:
                expected = None
            assert node.ask("readTrusted", file=plain(raw)) == expected, path
