"""The network's engine keeps the promises that every engine keeps, with the real CometBFT and one validator."""

from pathlib import Path

import pytest

from sogdia.engines import suite
from tests.cometbft_binary import cometbft
from tests.engines.cometbft.single import Single


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cometbft()
    return tmp_path


class TestOneValidator(suite.EngineSuite):
    """All of them."""

    def make_engine(self, folder: Path) -> Single:
        return Single(folder)


def test_no_promise_of_the_suite_is_left_out() -> None:
    def promised(suite_class: type) -> set[str]:
        return {name for name in dir(suite_class) if name.startswith("test_")}

    assert promised(TestOneValidator) == promised(suite.EngineSuite)
    assert len(promised(TestOneValidator)) >= 18
