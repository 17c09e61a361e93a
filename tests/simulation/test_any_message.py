"""Whatever well-typed messages anybody signs, a rule answers with yes or with a refusal, never with a bug."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia import app
from sogdia.core.machine import Checked, Machine
from sogdia.core.receipt import ACCEPTED
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message
from tests.simulation import world
from tests.simulation.generator import strategy

KINDS: tuple[type[Message], ...] = tuple(kind for module in app.MODULES for kind in module.messages)
REFUSALS = {int(code) for module in app.MODULES for code in module.refusals} | {int(c) for c in app.PRIMITIVE_REFUSALS}

SIGNERS = (
    world.REGISTRAR, world.CUSTOMS, world.TAX, *world.PLATFORMS, world.SELLERS[1], *world.INSTITUTIONS,
    world.CARRIERS[0], world.BROKERS[0],
)  # fmt: skip
"""A transaction carries at most ten signatures; the parties of the first trade are among these."""


class Stage:
    """A network on which one trade of each direction stands, under the numbers that the generator knows."""

    def __init__(self) -> None:
        self.machine = app.machine(world.NETWORK, MemoryStore())
        self.machine.commit(self.machine.found(world.BEGINS_MS, world.founding()))
        self.nonces = 0
        for number, imported in ((1, True), (2, False)):
            trade = world.Trade(number, world.Buyer(number), [("TOY", 2)] if imported else [("SCARF", 3)], imported)
            trade.order, trade.payment, trade.waybill = f"O-{number}", f"P-{number}", f"W-{number}"
            order = trade.place(world.BEGINS_MS)
            self.put(order, trade.platform)
            self.put(trade.attest(world.BEGINS_MS, order.paid_minor), trade.institution)
            self.put(trade.issue(world.BEGINS_MS), trade.carrier)
            self.put(trade.declare(world.BEGINS_MS, f"L-{number}"), trade.broker)

    def put(self, message: Message, pen: world.Pen) -> None:
        block = self.machine.execute(world.BEGINS_MS, [self.signed([message], [pen])])
        assert block.receipts[0].code == ACCEPTED, block.receipts[0]
        self.machine.commit(block)

    def signed(self, messages: Sequence[Message], pens: Sequence[world.Pen] = SIGNERS) -> Checked:
        """By as many as may sign: it is the rules that are asked here."""
        self.nonces += 1
        raw = world.signed(messages, pens, world.BEGINS_MS, f"nonce-{self.nonces:08}")
        return self.machine.check(raw)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__struct_config__.tag)
def test_no_message_of_this_type_makes_its_rule_fail(stage: Stage, kind: type[Message]) -> None:
    @settings(max_examples=60)
    @given(strategy(kind))
    def ask(message: Message) -> None:
        answered(stage, [message])

    ask()


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(st.one_of(*(strategy(kind) for kind in KINDS)), min_size=2, max_size=5))
def test_nor_do_several_in_one_transaction(stage: Stage, messages: list[Message]) -> None:
    answered(stage, messages)


def answered(stage: Stage, messages: Sequence[Message]) -> None:
    """The machine's answer; nothing is committed, so that every message meets the same records."""
    machine: Machine = stage.machine
    block = machine.execute(world.BEGINS_MS, [stage.signed(messages)])
    receipt = block.receipts[0]
    assert receipt.code == ACCEPTED or receipt.code in REFUSALS, receipt
    if receipt.code != ACCEPTED:
        assert not [key for key in block.puts if key.startswith(b"S")], "a refusal has changed a record"
    assert machine.seal.height == block.seal.height - 1
