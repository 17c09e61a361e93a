"""Stories are told on one network of one machine: every message is signed, checked, executed and committed.

The cast and the trades that agree are those of the tests of the domains; nothing is believed here without a signature.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.domains.conftest import Cast, MachineScene, ask, cast, network, order
from tests.domains.customs.conftest import Border, export_trade, import_trade, prepared

__all__ = ["ask", "cast", "export_trade", "import_trade", "network", "order"]


@pytest.fixture
def border(network: MachineScene, cast: Cast) -> Border:
    """Products, rates and limits are on record, and the seller's broker has its mandate."""
    prepared(network, cast)
    return Border(network, cast)


@pytest.fixture
def disagreements(border: Border) -> Callable[[Any], list[dict[str, Any]]]:
    """Declares a trade that is to be refused, and gives each point on which its parties disagree."""

    def told(trade: Any) -> list[dict[str, Any]]:
        answer = border.scene.send(trade.declare, by=border.cast.broker)
        assert answer.code == 6003, answer
        return list(answer.fields["disagreements"])

    return told
