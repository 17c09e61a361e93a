"""The console's pages over 100,000 orders with all their parts: the queries of each page together, as each role asks.

The mirror is filled from outcomes of blocks with the records as they would stand, without an engine; one transaction
for each order stands for all. Times are of one thread over SQLite.
"""

import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from bench.figures import Figure
from sogdia.app.match import compared
from sogdia.app.modules import TABLES
from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.keys import SigningKey, identifier
from sogdia.core.query import Asker
from sogdia.core.receipt import Announced, Done, Outcome, Receipt, Seal
from sogdia.core.state import Record, Table
from sogdia.domains.customs import state as customs
from sogdia.domains.customs.messages import ListLine, Transport
from sogdia.domains.identity.state import PARTIES, Party
from sogdia.domains.logistics.state import PARCELS, WAYBILLS, Parcels, Report, Waybill
from sogdia.domains.orders.messages import OrderLine, Persons
from sogdia.domains.orders.state import ORDERS, Order
from sogdia.domains.payments.state import PAID_ORDERS, PAYMENTS, OrderPaid, Payment
from sogdia.domains.tax.state import BILLS, Bill, LineTax
from sogdia.insight.lanes import lanes
from sogdia.insight.moment import moment_of
from sogdia.insight.orders import Filter, count, search
from sogdia.insight.tower import exceptions, tower
from sogdia.insight.trade import whole_trade
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.writer import Writer
from sogdia.primitives.lots import Lot, Piece
from sogdia.primitives.rulebooks import RuleRow, Shelf

NUMBER: Final = 100_000
QUICK_NUMBER: Final = 3_000
PER_BLOCK: Final = 500
BLOCKS_PER_BATCH: Final = 10
NOW_MS: Final = 1_780_000_000_000
A_DAY_MS: Final = 86_400_000
TARGET_MS: Final = 300
CODE: Final = "sogd"
ROUNDS: Final = 15
ABROAD: Final = ("FR", "DE", "US", "JP", "GB", "IT", "ES", "NL", "BR", "AU", "KR", "CA")
Change = tuple[Table[Any], Record]


def key_of(role: str, number: int = 0) -> SigningKey:
    """The key of a party."""
    return SigningKey(sha256(f"{role}{number}".encode()).digest())


@cache
def party(role: str, number: int = 0) -> str:
    """The identifier of a party, that of its key."""
    return identifier(CODE, key_of(role, number).public)


class Made:
    """One order's parts as they stand at the end; the same number gives the same trade."""

    def __init__(self, number: int) -> None:
        self.chance = chance = random.Random(number)
        self.number, self.imported = number, chance.random() < 0.5
        self.platform, self.seller = party("platform", number % 5), party("seller", number % 300)
        self.carrier, self.broker = party("carrier", number % 6), party("broker", number % 8)
        self.institution = party("institution", number % 4) if self.imported else None
        there = ABROAD[min(int(chance.expovariate(0.4)), len(ABROAD) - 1)]
        self.ship_from, self.ship_to = (there, "CN") if self.imported else ("CN", there)
        self.placed = NOW_MS - 60 * A_DAY_MS + number * (60 * A_DAY_MS // NUMBER)
        self.paid = self.placed + 60_000
        self.issued = self.placed + int(chance.random() * A_DAY_MS)
        self.declared = self.issued + int(chance.random() * A_DAY_MS / 2)
        self.answered = self.declared + int(chance.expovariate(1) * A_DAY_MS / 12)
        self.delivered = self.issued + int((3 + chance.expovariate(0.2)) * A_DAY_MS)
        self.currency = "CNY" if self.imported else "EUR"
        self.order, self.waybill = f"2026-{number:08}", f"SF{number:010}"
        self.list_no = f"YW{number:010}"
        self.secret = sha256(str(number).encode()).hexdigest()
        self.lines = tuple(
            OrderLine(f"SKU-{chance.randrange(5_000):05}", "White metal lantern", n + 1, 1_500_000, 1_500 * (n + 1))
            for n in range(chance.randrange(1, 4))
        )
        self.value = sum(line.total_minor for line in self.lines)

    def changes(self) -> Iterator[Change]:
        """The records of it."""
        shared = (self.seller,)
        persons = Persons(*[self.secret] * 7) if self.imported else Persons(consignee=self.secret)
        yield ORDERS, Order(
            self.platform, self.order, self.seller, "shop", self.placed, self.ship_from, self.ship_to, self.currency,
            self.lines, self.value, 0, 0, 0, self.value, persons, (), None, self.secret, institution=self.institution,
        )  # fmt: skip
        paid = self.institution is not None and self.number % 50 != 0
        if self.institution and paid:
            yield PAYMENTS, Payment(
                self.institution, f"PAY{self.number}", self.platform, self.order, self.value, "CNY", self.paid,
                self.secret, self.secret, self.secret, shared,
            )  # fmt: skip
            attested = (self.platform, self.order, self.institution, f"PAY{self.number}")
            yield PAID_ORDERS, OrderPaid(*attested, shared)
        if (paid or not self.institution) and self.issued < NOW_MS and self.number % 60:
            yield from self._carried(shared)
            if self.declared < NOW_MS and self.number % 40:
                yield from self._declared()

    def _carried(self, shared: tuple[str, ...]) -> Iterator[Change]:
        ended = self.delivered < NOW_MS and self.number % 90 != 0
        status, at = ("delivered", self.delivered) if ended else ("in_transit", self.issued + 3_600_000)
        reports = (Report("picked_up", self.issued + 3_000_000, "Yiwu"), Report(status, at, "Lyon"))
        yield WAYBILLS, Waybill(
            self.carrier, self.waybill, self.platform, self.order, self.issued, self.ship_to, 2_900, 1, "lanterns",
            0, 0, self.currency, self.secret, self.secret, self.secret, shared, status, at, reports,
        )  # fmt: skip
        yield PARCELS, Parcels(self.platform, self.order, ((self.carrier, self.waybill),))

    def _declared(self) -> Iterator[Change]:
        subject: Literal["import_list", "export_list"] = "import_list" if self.imported else "export_list"
        lines = tuple(
            ListLine(n, one.sku, one.name, "9405500000", "CN", one.quantity, "007", 100_000, "035", one.price_e5,
                     one.total_minor)
            for n, one in enumerate(self.lines, 1)
        )  # fmt: skip
        yield (
            customs.DECLARATIONS,
            customs.Declaration(
                self.platform,
                self.order,
                subject,
                self.broker,
                self.list_no,
                self.seller,
            ),
        )
        head = (self.broker, self.list_no, self.seller, self.platform, self.order, self.carrier, self.waybill)
        if self.imported:
            yield customs.IMPORT_LISTS, customs.ImportList(
                *head, self.platform, "9610", "2925", "2925", self.declared, self.secret, self.secret, self.secret,
                self.secret, self.ship_from, "CNY",
                0, 0, 1, 2_900, 2_520, Transport("5", "CA934", "20260601", "99912345675"), "", "", "", lines,
                self.value, "within",
            )  # fmt: skip
        else:
            yield customs.EXPORT_LISTS, customs.ExportList(
                *head, "9610", "A", "2925", "2925", self.declared, self.ship_to, "EUR", 0, 0, 1, 2_900, 2_520,
                Transport("5"), lines, self.value,
            )  # fmt: skip
        if self.answered < NOW_MS and self.number % 30:
            yield from self._answered(subject)

    def _answered(self, subject: str) -> Iterator[Change]:
        code, phase = (100, "rejected") if self.number % 100 == 1 else (800, "released")
        parties = (self.broker, self.seller, self.platform, self.carrier)
        invt_no = f"29252026{'I' if self.imported else 'E'}{self.number:09}" if code == 800 else ""
        yield (
            customs.STANDINGS,
            customs.Standing(subject, self.broker, self.list_no, code, phase, "", self.answered, "", invt_no, parties),
        )
        if code == 800:
            yield (
                customs.RELEASED,
                customs.Released(
                    invt_no, subject, self.broker, self.list_no, self.platform, self.order, self.seller, self.answered
                ),
            )
            if self.imported:
                yield from self._taxed(invt_no)

    def _taxed(self, invt_no: str) -> Iterator[Change]:
        person = sha256(f"person{self.number % 40_000}".encode()).hexdigest()
        use = customs.QuotaUse(self.broker, self.list_no, person, "2026", self.value, "2026-05-20")
        yield customs.QUOTA_USES, use
        pieces = (Piece(0, self.value, person, "consumed", "list"), Piece(self.value, 2_600_000, person))
        yield customs.QUOTAS, Lot(person, "2026", "fen CNY", 2_600_000, pieces, (person,))
        taxed = LineTax(1, "9405500000", self.value, 0, 0, self.value // 10, "9405", "2019-01-01", "memory")
        yield BILLS, Bill(
            self.broker, self.list_no, self.seller, self.platform, self.order, self.platform, invt_no, "2026-05-20",
            "within", "2019-01-01", "memory", (taxed,), 0, 0, self.value // 10, "half up", self.answered,
        )  # fmt: skip

    def done(self, height: int, index: int) -> Done:
        """The transaction that placed it; one in 201 stands for one that was refused."""
        code = 0 if self.number % 201 else 3003
        name = sha256(f"{height}/{index}".encode()).hexdigest()
        said = {"type": "orders.placed", "platform": self.platform, "order": self.order}
        heard = Announced("orders.placed", (self.platform, self.seller), ("customs",), json_bytes(said))
        receipt = Receipt("sogd", height, index, self.placed, name, name, code, {}, name)
        return Done(receipt.entry(), ("orders.place",), (self.platform,), () if code else (heard,))


def fill(url: str, number: int = NUMBER) -> None:
    """Make a mirror with so many orders."""
    writer, outcomes, size = Writer(url, TABLES), [beginning()], 0
    for height, start in enumerate(range(0, number, PER_BLOCK), 2):
        some = [Made(one) for one in range(start, min(start + PER_BLOCK, number))]
        done = tuple(one.done(height, index) for index, one in enumerate(some))
        size += len(done)
        last = max(one.answered for one in some)
        outcomes.append(
            block_of(Seal(height, last, bytes(32), size, bytes(32)), done, (c for s in some for c in s.changes()))
        )
        if len(outcomes) >= BLOCKS_PER_BATCH:
            writer.apply(outcomes)
            outcomes.clear()
    if outcomes:
        writer.apply(outcomes)
    writer.close()


def beginning() -> bytes:
    """Parties and limits."""
    named = [("platform", 5), ("seller", 300), ("carrier", 6), ("broker", 8), ("institution", 4)]
    parties: list[Change] = [
        (PARTIES, Party(party(role, n), f"{role} {n}", "CN", "", (role,), "77" * 32))
        for role, k in named
        for n in range(k)
    ]
    limits = [("single_fen", "500000"), ("yearly_fen", "2600000")]
    for key, value in limits:
        row = RuleRow(customs.LIMITS_BOOK, key, "2019-01-01", "2026-12-31", value, "Caiguanshui 49/2018", "secondary")
        parties.append((customs.RULEBOOK, Shelf(row.book, key, (row,))))
    return block_of(Seal(1, 1, bytes(32), 0, bytes(32)), (), iter(parties))


def block_of(seal: Seal, done: tuple[Done, ...], changes: Iterator[Change]) -> bytes:
    written = tuple((table.path_of(record), record_bytes(record)) for table, record in changes)
    return record_bytes(Outcome(seal, done, written))


ASKERS: Final = {
    "customs": Asker(party("customs"), ("customs",)),
    "platform": Asker(party("platform", 1), ("platform",)),
    "seller": Asker(party("seller", 7), ("seller",)),
    "carrier": Asker(party("carrier", 2), ("carrier",)),
    "broker": Asker(party("broker", 3), ("broker",)),
}


def pages(picture: SqlPicture, asker: Asker, number: int) -> dict[str, Callable[[], Any]]:
    """What each page asks."""
    made, moment = Made(number // 3 + 1), moment_of(picture, asker, NOW_MS)
    far = search(picture, asker, moment, Filter()).after

    def listed(wanted: Filter, **how: Any) -> Callable[[], Any]:
        def ask() -> Any:
            now = moment_of(picture, asker, NOW_MS)
            return search(picture, asker, now, wanted, **how), count(picture, asker, now, wanted)

        return ask

    return {
        "tower": lambda: tower(picture, asker, moment_of(picture, asker, NOW_MS)),
        "exceptions": lambda: exceptions(picture, asker, moment_of(picture, asker, NOW_MS), "late_parcel"),
        "orders": listed(Filter()),
        "orders, next page": listed(Filter(), after=far),
        "orders in one state": listed(Filter(state="declared")),
        "orders of a lane": listed(Filter(ship_from="CN", ship_to="FR")),
        "orders in trouble": listed(Filter(trouble="any")),
        "orders by value": listed(Filter(currency="EUR", value_from=2_000), sort="value_high"),
        "orders by number typed": listed(Filter(text=made.order[:-2])),
        "orders by SKU": listed(Filter(text="SKU-00")),
        "one order": lambda: whole_trade(picture, asker, moment, made.platform, made.order, compared),
        "lanes": lambda: lanes(picture, asker, moment_of(picture, asker, NOW_MS)),
    }


def measure(ceiling: float, number: int = NUMBER) -> list[Figure]:
    """Milliseconds of each page's queries together, and how fast such a mirror is written."""
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        url = str(Path(name) / "mirror.sqlite")
        began = time.perf_counter()
        fill(url, number)
        filled = time.perf_counter() - began
        print(f"pages: {number:,} orders are in the mirror", file=sys.stderr)
        picture = SqlPicture(url, TABLES)
        try:
            found = [Figure("pages, orders with all parts mirrored", number / filled, "orders/s", rate=True)]
            for role, asker in ASKERS.items():
                found += [
                    _figure(f"page {page}, {role}", _times(ask)) for page, ask in pages(picture, asker, number).items()
                ]
            return found
        finally:
            picture.close()


def measure_quick(ceiling: float) -> list[Figure]:
    """The same with few orders, to see that it runs."""
    return measure(ceiling, QUICK_NUMBER)


def _times(ask: Callable[[], Any]) -> list[float]:
    took = []
    for place in range(ROUNDS + 1):
        gc.collect()
        began = time.perf_counter()
        ask()
        if place:
            took.append((time.perf_counter() - began) * 1_000)
    return took


def _figure(name: str, took: Sequence[float]) -> Figure:
    p95 = statistics.quantiles(took, n=20)[18]
    notes = {"p50_ms": round(statistics.median(took), 1), "runs": len(took)}
    return Figure(f"{name}, p95", p95, "ms", TARGET_MS, higher_is_better=False, notes=notes)
