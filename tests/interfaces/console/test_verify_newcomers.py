"""An applicant that is on no record: the page's verifier finds what Python's finds, in true files and altered ones."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.evidence_case import at, leaves, other_values
from tests.client.newcomer_case import NewcomerCase
from tests.interfaces.console.test_verify_same import holds, judged
from tests.interfaces.console.verify.node_runner import Runner

pytestmark = [pytest.mark.node, pytest.mark.slow]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[NewcomerCase]:
    made = NewcomerCase(tmp_path / "node")
    yield made
    made.node.close()


def test_before_and_after_it_is_admitted_both_say_that_it_holds(node: Runner, case: NewcomerCase) -> None:
    files = [case.raw, case.admitted()]
    assert [holds(found) for found in judged(node, files, network_key=case.key)] == [True, True]


def test_taken_back_both_say_that_it_holds(node: Runner, case: NewcomerCase) -> None:
    assert holds(judged(node, [case.withdrawn()], network_key=case.key)[0])


def test_whatever_is_altered_both_say_that_it_does_not(node: Runner, case: NewcomerCase) -> None:
    original, files = json.loads(case.raw), list[bytes]()
    for path in leaves(original):
        for other in other_values(at(original, path)):
            file: Any = copy.deepcopy(original)
            at(file, path[:-1])[path[-1]] = other
            files.append(json.dumps(file, ensure_ascii=False).encode())
    found = judged(node, files, network_key=case.key)
    assert len(files) > 200
    assert sum(not holds(one) for one in found) > 200
