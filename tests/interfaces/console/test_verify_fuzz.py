"""Both checkers, Python's and the page's, on evidence of every kind of record, true and with each value altered."""

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from sogdia.app import TABLES, Node
from sogdia.client import evidence
from sogdia.core.codec import json_bytes
from tests.client.evidence_case import at, leaves, other_values
from tests.interfaces.console.lived_in import lived_in
from tests.interfaces.console.test_verify_same import holds, judged
from tests.interfaces.console.verify.node_runner import Runner
from tests.interfaces.console.verify.subjects import demonstrated, files, odd_files

pytestmark = [pytest.mark.node, pytest.mark.slow]
Corpus = tuple[str, dict[str, list[bytes]]]
_MOST_OF_ONE_FILE = 160
"""Values altered in one file at most, drawn evenly."""


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> list[Corpus]:
    """The key of each network, and its files by what they are about."""
    made = []
    demo_node = demonstrated(tmp_path_factory.mktemp("demo") / "data")
    made.append(corpus(demo_node))
    demo_node.close()
    with lived_in(tmp_path_factory.mktemp("house")) as house:
        made.append(corpus(house.town.node))
    return made


def corpus(node: Node) -> Corpus:
    found: dict[str, list[bytes]] = {}
    for name, raw in files(node, 2):
        found.setdefault(name, []).append(raw)
    for name, raw in odd_files(node, found["orders.order"][0]):
        found.setdefault(name, []).append(raw)
    return node.verifier_key, found


def test_evidence_of_every_kind_of_record_is_made_and_holds_for_both(node: Runner, corpora: list[Corpus]) -> None:
    seen, verdicts = set[str](), dict[str, set[bool]]()
    for key, found in corpora:
        for name, raws in found.items():
            for one in judged(node, raws, network_key=key):
                verdicts.setdefault(name, set()).add(holds(one))
            seen.add(name)
    proved = {name for name, table in TABLES.items() if table.proved}
    assert len(proved & seen) >= 25, sorted(proved - seen)
    assert verdicts["refused"] == {True}, "it is proved that it was refused"
    assert True in verdicts["absence"]
    assert verdicts["nothing"] == {False}
    assert verdicts["receipts alone"] == {False}, "no key is shown with which they were signed"
    kinds = {"refused", "absence", "nothing", "receipts alone"}
    assert {name for name, found in verdicts.items() if False in found} - kinds <= {"governance.application"}


def test_each_value_altered_once_has_the_same_verdict_with_both(node: Runner, corpora: list[Corpus]) -> None:
    chance, counted = random.Random(7), Counter[str]()
    for key, found in corpora:
        for name, raws in sorted(found.items()):
            made = [(whole, raw) for whole in raws for raw in mutations(whole, chance)]
            verdicts = judged(node, [raw for _, raw in made], network_key=key)
            for (whole, raw), verdict in zip(made, verdicts, strict=True):
                counted["all"] += 1
                if holds(verdict):
                    counted[name] += 1
                    assert harmless(raw, whole), (name, different(raw, whole))
    assert counted["all"] > 3000, counted


def mutations(raw: bytes, chance: random.Random) -> Iterator[bytes]:
    """The file with one value altered, for each of its values or an even sample of them."""
    whole = json.loads(raw)
    paths = list(leaves(whole))
    for path in paths if len(paths) <= _MOST_OF_ONE_FILE else chance.sample(paths, _MOST_OF_ONE_FILE):
        file = copy.deepcopy(whole)
        at(file, path[:-1])[path[-1]] = chance.choice(list(other_values(at(whole, path))))
        yield json.dumps(file, ensure_ascii=False).encode()


def different(raw: bytes, whole: bytes) -> list[tuple[object, object]]:
    """What was altered, and into what."""
    one, other = json.loads(raw), json.loads(whole)
    return [(at(other, path), at(one, path)) for path in leaves(other) if at(one, path) != at(other, path)]


def harmless(raw: bytes, whole: bytes) -> bool:
    """Whether the file has the same values as before, spelt otherwise.

    The network's name counts for nothing where no receipt says it: the page names the checkpoint's origin instead. Nor
    do spaces at the ends of the subject's key count: a last field may be empty.
    """
    one, other = map(plainly, (evidence.read(raw), evidence.read(whole)))
    named = one if one.transactions else replace(one, network=other.network)
    return json_bytes(named) == json_bytes(other)


def plainly(file: evidence.Evidence) -> evidence.Evidence:
    """The file with its subject as it is compared."""
    return replace(file, subject={name: text.strip() for name, text in file.subject.items()})
