"""One node for all tests of a file; each has products or serials of its own."""

from collections.abc import Iterator

import pytest

from tests.interfaces.http.town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("town")) as made:
        yield made
