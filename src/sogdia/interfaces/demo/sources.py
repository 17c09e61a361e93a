"""Where a rehearsal's orders come from: a file of the seller's, or made ones with the mistakes of real files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from sogdia.interfaces.demo.calendar import Calendar
from sogdia.interfaces.demo.orders import HONEY, IMPORT_GOODS, import_orders
from sogdia.interfaces.intake.aside import Tally, sorted_out
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines
from sogdia.interfaces.intake.trade import Direction
from sogdia.standards.orders import (
    Catalogue,
    DraftCancellation,
    DraftOrder,
    Format,
    Limits,
    Options,
    read,
)
from sogdia.standards.orders.examples import encoded, example

ORDER_LINES_LIMIT = 1_000
"""The ledger takes this many lines in an order; the reader sets larger orders aside."""

UNKNOWN_WEIGHT_GRAMS = 200
"""What the rehearsal says that an article weighs of which nothing is known; `sogdia import` wants it said."""

Drafts = Iterator[DraftOrder | DraftCancellation]


class Source(msgspec.Struct, frozen=True):
    """Orders in one direction: how to read them, what their articles are, who their buyers are."""

    name: str
    direction: Direction
    home: str
    drafts: Callable[[], Drafts]
    articles: Articles
    identity_of: Callable[[DraftOrder], str | None]
    expected: int | None = None
    rehearsed: bool = False
    traced: Callable[[], Iterator[DraftOrder]] = lambda: iter(())
    """The orders again whose goods are traced, for the rehearsal of a recall."""


def from_file(
    path: Path,
    format: Format,
    direction: Direction,
    home: str,
    catalogue: Catalogue | None,
    limit: int | None,
    aside: Lines,
    tally: Tally,
    sheet: str = "",
) -> Source:
    """A seller's file; what its reader sets aside goes to the notes, what it sums up to the tally."""
    options = Options(
        limits=Limits(order_lines=ORDER_LINES_LIMIT), timezone="UTC" if format != "online-retail" else None, sheet=sheet
    )

    def drafts() -> Drafts:
        return sorted_out(read(path, format, options=options), limit, aside, tally)

    articles = Articles(catalogue, home, unknown_weight_grams=UNKNOWN_WEIGHT_GRAMS)
    return Source(path.name, direction, home, drafts, articles, lambda draft: None)


def made(folder: Path, direction: Direction, count: int, aside: Lines, tally: Tally, calendar: Calendar) -> Source:
    """Orders made for the rehearsal: exports by way of a Shopify file, imports as the platform knows them."""
    if direction == "import":
        return _made_imports(count, tally, calendar.start_ms)
    path = folder / "orders-shopify.csv"
    fresh = path.with_suffix(".new")
    fresh.write_bytes(encoded(calendar.dated(example("shopify", count, seed=2026).text())))
    fresh.rename(path)
    source = from_file(path, "shopify", "export", "CN", None, None, aside, tally)
    return msgspec.structs.replace(source, rehearsed=True)


def _made_imports(count: int, tally: Tally, start_ms: int) -> Source:
    identities: dict[str, str] = {}

    def drafts() -> Drafts:
        for made_order in import_orders(count, start_ms=start_ms):
            identities[made_order.draft.order] = made_order.identity_number
            tally.order(made_order.draft)
            yield made_order.draft

    articles = Articles(None, "FR")
    articles.known = {goods.sku: goods for goods, _ in (*IMPORT_GOODS, HONEY)}
    return Source(
        "import orders",
        "import",
        "FR",
        drafts,
        articles,
        lambda draft: identities.get(draft.order),
        count,
        True,
        lambda: (one.draft for one in import_orders(count, start_ms=start_ms)),
    )
