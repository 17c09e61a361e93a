"""What the tests of documents share: a fresh border, and a key that signs for customs."""

from datetime import UTC, datetime

import pytest

from sogdia.interfaces.documents import DocumentKey, self_signed
from tests.interfaces.documents.scene import Border


@pytest.fixture
def border() -> Border:
    return Border()


@pytest.fixture(scope="session")
def stamp() -> DocumentKey:
    """A self-signed certificate, trusted by nobody but these tests."""
    return self_signed("Jinhua Customs Broker", datetime(2026, 1, 1, tzinfo=UTC))
