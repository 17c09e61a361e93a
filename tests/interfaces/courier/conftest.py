"""Three organisations, anew for each test: most tests stop one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interfaces.courier.league import League


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    with League(tmp_path) as made:
        yield made
