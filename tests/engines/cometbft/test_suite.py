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
    """Eighteen promises."""

    def make_engine(self, folder: Path) -> Single:
        return Single(folder)
