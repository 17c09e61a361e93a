"""A network in memory on which sales are declared, and customs' desk beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sogdia.interfaces.authority.desk import Desk
from sogdia.interfaces.demo.cast import Cast
from sogdia.interfaces.demo.orders import identity_number
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.parts import Goods
from sogdia.interfaces.intake.trade import Direction, list_number
from sogdia.standards.orders import Buyer, DraftLine, DraftOrder
from tests.interfaces.intake.conftest import cast
from tests.interfaces.intake.harbour import NOW_MS, Brought, Harbour, desk

__all__ = ["cast"]

CREAM = Goods("CREAM", "Face cream", "3304990039", "stated", "FR", 120)
HONEY = Goods("HONEY", "Honey", "0409000000", "stated", "FR", 400)
ANVIL = Goods("ANVIL", "Anvil", "8205800000", "stated", "CN", 40_000)
LAMP = Goods("LAMP", "Lantern", "9405500000", "stated", "CN", 420)
"""For honey no rate is published; the codes are written from memory."""


def sale(order: str, goods: Goods, price_minor: int, quantity: int = 1, country: str = "CN") -> DraftOrder:
    """An order of one line."""
    total = price_minor * quantity
    line = DraftLine(1, "goods", goods.sku, goods.name, quantity, f"{price_minor / 100:.2f}", total)
    buyer = Buyer(
        name="Li Wei", telephone="19900000001", address_lines=("1 Silk Road",), city="Nowhere", reference="b1"
    )
    return DraftOrder(
        order=order,
        channel="test",
        placed_at_ms=NOW_MS - 86_400_000,
        paid_at_ms=None,
        currency="CNY" if country == "CN" else "EUR",
        lines=(line,),
        freight_minor=0,
        discount_minor=0,
        tax_minor=0,
        total_minor=total,
        country=country,
        buyer=buyer,
        payment_reference=None,
        evidence=sha256(order.encode()).hexdigest(),
    )


@dataclass
class Quay:
    """Brings sales onto the record as declared lists, and lets customs answer."""

    harbour: Harbour
    folder: Path
    runs: list[Brought] = field(default_factory=list)

    def declares(self, *sales: DraftOrder, person: int = 1, district: str = "2925") -> None:
        """Every part of these sales but customs' answers; `person` tells whose identity number it is."""
        for direction in ("import", "export"):
            there = [one for one in sales if (one.country == "CN") == (direction == "import")]
            self._bring(there, direction, person, district)

    def _bring(self, sales: list[DraftOrder], direction: Direction, person: int, district: str) -> None:
        home = "FR" if direction == "import" else "CN"
        articles = Articles(None, home)
        articles.known = {goods.sku: goods for goods in (CREAM, HONEY, ANVIL, LAMP)}
        if sales:
            brought = Brought(self.harbour, self.folder / f"notes-{len(self.runs)}")
            self.runs.append(brought)
            known = {"identity_of": lambda draft: identity_number(person), "district": district}
            brought.drafts(sales, direction, home, articles, **known)
            assert list(brought.refused) == list(brought.waiting) == []

    def desk(self, person_key: bytes = b"\x01" * 32, language: str = "en") -> Desk:
        """Customs' desk, begun anew."""
        return desk(self.harbour, self.folder, person_key, language)

    def answers(self, language: str = "en") -> int:
        """Rounds until nothing moves; how many answers went onto the record."""
        here, answered = self.desk(language=language), 0
        while more := here.round():
            answered += more
        return answered

    def number(self, order: str) -> str:
        return list_number(self.harbour.cast.did("platform"), order)

    def codes(self, order: str) -> list[int]:
        """What customs answered on this order's list, in order."""
        told = [
            e for e in self.harbour.events() if e["type"] == "customs.answered" and e["number"] == self.number(order)
        ]
        return [event["code"] for event in told]

    def standing(self, order: str, subject: str = "import_list") -> Any:
        return self.harbour.record("customs.standing", subject, self.harbour.cast.did("broker"), self.number(order))


@pytest.fixture
def harbour(cast: Cast, tmp_path: Path) -> Iterator[Harbour]:
    made = Harbour(cast, tmp_path)
    yield made
    made.close()


@pytest.fixture
def quay(harbour: Harbour, tmp_path: Path) -> Iterator[Quay]:
    made = Quay(harbour, tmp_path)
    yield made
    for brought in made.runs:
        brought.close()


@pytest.fixture
def inspected(harbour: Harbour) -> Callable[[bool], str]:
    """An order's number whose list is drawn for inspection, or one that is not."""
    platform = harbour.cast.did("platform")

    def order(drawn: bool) -> str:
        for at in range(10_000):
            digest = sha256(list_number(platform, f"T{at}").encode()).digest()
            if (int.from_bytes(digest[:4], "big") % 50 == 0) == drawn:
                return f"T{at}"
        raise AssertionError("no such number")

    return order
