"""One node for all tests of a file: they capture things of their own and leave each other's alone."""

from collections.abc import Iterator

import pytest

from tests.interfaces.epcis.repository import Repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    with Repository(tmp_path_factory.mktemp("repository")) as made:
        yield made
