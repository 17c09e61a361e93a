"""One trade on a real node, its evidence, and what may be altered in such a file."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sogdia.app import FIELDS, NetworkInfo, Node
from sogdia.client import evidence
from sogdia.client.evidence import Check, EvidenceUnreadable
from sogdia.core.codec import json_bytes
from sogdia.core.query import Asker
from sogdia.domains.identity.messages import Rotate
from tests.simulation import world
from tests.simulation.world import Buyer, Trade, signed

ANYONE_OF_CUSTOMS = Asker(world.CUSTOMS.did, ("customs",))


class Case:
    """One export trade on a real node, and its evidence."""

    def __init__(self, folder: Path) -> None:
        self.node = Node.create(folder, NetworkInfo(world.NETWORK, world.CODE, world.ORIGIN), world.founding())
        self.node.start()
        self.key = self.node.verifier_key
        self.trade = Trade(1, Buyer(1), [("LANTERN", 6), ("SCARF", 2)], imported=False)
        self.tell()
        trade = self.trade
        records = [
            ("orders.order", trade.platform.did, trade.order),
            ("payments.payment", trade.institution.did, trade.payment),
            ("logistics.waybill", trade.carrier.did, trade.waybill),
            ("customs.export_list", trade.broker.did, "LIST-1"),
        ]
        self.subject = {"table": "orders.order", "key": f"{trade.platform.did} {trade.order}"}
        self.raw = self.node.evidence(self.subject, records, ANYONE_OF_CUSTOMS)
        self.file = json.loads(self.raw)

    def tell(self) -> None:
        now, trade = self.node.machine.seal.time_ms, self.trade
        order = trade.place(now)
        self.send(order, trade.platform)
        self.send(trade.attest(now, order.paid_minor), trade.institution)
        self.send(trade.issue(now), trade.carrier)
        self.send(trade.declare(now, "LIST-1"), trade.broker)
        platform = trade.platform
        self.send(Rotate(party=platform.did, add=(platform.pen("key-3").new(),), retire=(platform.kid,)), platform)

    def send(self, message: Any, pen: world.Pen) -> None:
        raw = signed([message], [pen], self.node.machine.seal.time_ms, f"nonce {message.__struct_config__.tag}")
        (future,) = self.node.submit_all([raw])
        assert future.result(60).code == 0, future.result()

    def altered(self, change: Callable[[Any], None]) -> bytes:
        file = copy.deepcopy(self.file)
        change(file)
        return json.dumps(file, ensure_ascii=False).encode()

    def says_the_same(self, raw: bytes) -> bool:
        """Whether the file has the same values, though it may spell them otherwise."""
        try:
            return json_bytes(evidence.read(raw)) == json_bytes(evidence.read(self.raw))
        except EvidenceUnreadable:
            return False

    def checks(self, raw: bytes) -> list[Check]:
        """What the verifier finds in this file, from what the case trusts."""
        return evidence.verify(evidence.read(raw), self.key, FIELDS)

    def fails(self, raw: bytes) -> list[str]:
        """The names of the checks that do not hold; `unreadable` when the file is not even read."""
        try:
            checks = self.checks(raw)
        except EvidenceUnreadable:
            return ["unreadable"]
        assert evidence.holds(checks) == all(check.holds for check in checks)
        return [check.name.split(" ")[0] + " " + check.name.split(" ")[-1] for check in checks if not check.holds]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a JSON document that is not a list or an object with something in it."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    else:
        yield path


def at(file: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        file = file[step]
    return file


def other_values(value: Any) -> Iterator[Any]:
    """Values that are not this one, near it and far from it."""
    if isinstance(value, str):
        swapped = value.swapcase()
        yield from {value + "A", value[:-1] if value else "x", swapped if swapped != value else "0" + value}
        for place in range(0, len(value), max(1, len(value) // 7)):
            yield value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
    elif isinstance(value, bool) or value is None:
        yield from (not value, "", 0 if value is None else int(value))
    elif isinstance(value, int):
        yield from (value + 1, -value - 1, float(value), str(value), True if value == 1 else value + 2**32)
    else:
        yield from (None, "", ["x"])
