"""Six lanterns and a scarf go from Yiwu to Germany: seven parties, one record, and a file that proves it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sogdia.app import FIELDS, NetworkInfo, Node
from sogdia.client import evidence
from sogdia.core.query import Asker
from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import Answer
from sogdia.domains.logistics.messages import ReportStatus
from tests.simulation import world
from tests.simulation.world import Buyer, Pen, Trade, signed


class Story:
    """A node, and a trade that goes on step by step."""

    def __init__(self, folder: Path) -> None:
        self.node = Node.create(folder, NetworkInfo(world.NETWORK, world.CODE, world.ORIGIN), world.founding())
        self.node.start()
        self.trade = Trade(2, Buyer(1), [("LANTERN", 6), ("SCARF", 1)], imported=False)

    @property
    def now_ms(self) -> int:
        return self.node.machine.seal.time_ms

    def says(self, pen: Pen, *messages: Message) -> Any:
        raw = signed(messages, [pen], self.now_ms, f"nonce-{self.node.machine.seal.log_size:04}")
        (future,) = self.node.submit_all([raw])
        return future.result(60)

    def customs_answers(self, code: int, **numbers: str) -> Any:
        answer = Answer(
            customs=world.CUSTOMS.did, subject="export_list", party=self.trade.broker.did, number="LIST-1", code=code,
            answered_at_ms=self.now_ms, **numbers,
        )  # fmt: skip
        return self.says(world.CUSTOMS, answer)


@pytest.fixture
def story(tmp_path: Path) -> Any:
    told = Story(tmp_path)
    yield told
    told.node.close()


def test_a_trade_is_released_when_everybody_says_the_same(story: Story) -> None:
    trade = story.trade
    order = trade.place(story.now_ms)
    assert story.says(trade.platform, order).code == 0
    assert story.says(trade.institution, trade.attest(story.now_ms, order.paid_minor)).code == 0

    too_early = story.says(trade.broker, trade.declare(story.now_ms, "LIST-1"))
    assert too_early.code == 6003, "the carrier has not spoken yet"
    (disagreement, *_) = too_early.fields["disagreements"]
    assert disagreement["values"]["carrier"] is None

    assert story.says(trade.carrier, trade.issue(story.now_ms)).code == 0
    assert story.says(trade.broker, trade.declare(story.now_ms, "LIST-1")).code == 0
    assert story.customs_answers(800, invt_no="29252026E000000001").code == 6008, "not released before it is accepted"
    assert story.customs_answers(120, pre_no="B20260601000000001").code == 0
    assert story.customs_answers(800, invt_no="29252026E000000001").code == 0
    delivered = ReportStatus(
        carrier=trade.carrier.did, waybill=trade.waybill, status="delivered", reported_at_ms=story.now_ms
    )
    assert story.says(trade.carrier, delivered).code == 0

    record = story.node.record("customs.standing", "export_list", trade.broker.did, "LIST-1")
    assert (record.phase, record.invt_no) == ("released", "29252026E000000001")


def test_the_broker_proves_the_trade_to_a_bank_that_has_never_seen_the_network(story: Story) -> None:
    test_a_trade_is_released_when_everybody_says_the_same(story)
    broker = story.trade.broker.did
    subject = {"table": "customs.standing", "key": f"export_list {broker} LIST-1"}
    records = [("customs.standing", "export_list", broker, "LIST-1"), ("customs.export_list", broker, "LIST-1")]
    raw = story.node.evidence(subject, records, Asker(broker, ("broker",)))
    assert evidence.holds(evidence.verify(evidence.read(raw), story.node.verifier_key, FIELDS))
    assert {one["table"] for one in json.loads(raw)["records"]} >= {"customs.standing", "customs.export_list"}


def test_a_stranger_is_given_nothing_of_it(story: Story) -> None:
    test_a_trade_is_released_when_everybody_says_the_same(story)
    stranger = Asker(world.SELLERS[0].did, ("seller",))
    raw = story.node.evidence({}, [("customs.export_list", story.trade.broker.did, "LIST-1")], stranger)
    assert json.loads(raw)["transactions"] == json.loads(raw)["records"] == []
