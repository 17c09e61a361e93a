"""The real CometBFT, or a skip that says how to get it."""

import pytest

from sogdia.interfaces.network import program
from sogdia.interfaces.network.program import Cometbft
from tests.cometbft_binary import cometbft


@pytest.fixture(scope="session")
def binary() -> Cometbft:
    """The CometBFT to run."""
    return program.checked(cometbft())
