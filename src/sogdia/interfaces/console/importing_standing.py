"""How a draft stands against the record: which orders are new, wait, stand there already, or stand there otherwise.

An article that nobody confirmed and that is not on record is not signed, and the orders with it stay. An order that is
on record under its number is compared by what the asker may see of it; buyers' values are sealed and are not compared.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from sogdia.core.query import Asker
from sogdia.core.values import minor_digits
from sogdia.interfaces.console.importing_cancelling import (
    CancellationStanding,
    CancellationWhere,
    cancellations_of,
)
from sogdia.interfaces.console.importing_drafts import Choices
from sogdia.interfaces.console.importing_judging import Article, Judged
from sogdia.interfaces.console.importing_recorded import record_of
from sogdia.interfaces.intake.parts import goods_lines
from sogdia.interfaces.words import clock
from sogdia.standards.orders import CatalogueItem, DraftOrder

if TYPE_CHECKING:
    from sogdia.app import Node

Where = Literal["differs", "waits", "new", "same"]
WHERE: Final[tuple[Where, ...]] = ("differs", "waits", "new", "same")
"""In the order in which people need to see them."""
_OTHERS: Final = ("platform", "institution", "carrier", "broker")


class Difference(msgspec.Struct, frozen=True):
    """One particular of an order as the file has it and as it stands on record."""

    field: str
    file: str
    record: str


class OrderStanding(msgspec.Struct, frozen=True):
    """An order of the draft against the record; `skus` are the articles that it waits for."""

    order: DraftOrder
    where: Where
    differences: tuple[Difference, ...] = ()
    skus: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """All orders, articles and cancellations of a draft against the record, and whose part the asker has in them."""

    orders: tuple[OrderStanding, ...]
    articles: tuple[Article, ...]
    cancellations: tuple[CancellationStanding, ...]
    is_seller: bool
    is_platform: bool
    has_other_parts: bool

    def of(self, *where: Where) -> list[OrderStanding]:
        """The orders that stand so."""
        return [one for one in self.orders if one.where in where]

    def count(self, where: Where) -> int:
        """How many orders stand so."""
        return len(self.of(where))

    def cancelled(self, *where: CancellationWhere) -> list[CancellationStanding]:
        """The cancellations that stand so."""
        return [one for one in self.cancellations if one.where in where]

    def worth(self, some: Collection[tuple[str, str]]) -> list[tuple[str, int]]:
        """What these cancellations, by number and order, take back in minor units by currency."""
        found = Counter[str]()
        for one in self.cancellations:
            if (one.draft.cancellation, one.draft.order) in some:
                found[one.draft.currency] += one.value_minor
        return list(found.items())

    @property
    def to_cancel(self) -> list[tuple[str, int]]:
        """What the cancellations that are not on record yet take back, in minor units by currency."""
        return self.worth({(one.draft.cancellation, one.draft.order) for one in self.cancelled("new")})

    @property
    def going(self) -> dict[str, DraftOrder]:
        """The orders that are on record the same, or will be by this draft, by number."""
        return {one.order.order: one.order for one in self.of("new", "same")}

    @property
    def for_the_platform(self) -> int:
        """Orders that are not on record, which somebody else has to place."""
        return 0 if self.is_platform else len(self.of("new", "waits"))

    @property
    def suggested(self) -> tuple[Article, ...]:
        """Articles whose particulars the system suggests and nobody confirmed."""
        return tuple(one for one in self.articles if one.basis == "suggestion")

    @property
    def unknown(self) -> int:
        """Articles of which the system knows nothing either."""
        return sum(one.basis == "unknown" for one in self.articles)

    @property
    def unconfirmed(self) -> int:
        """Articles that stay, and with them their orders, until somebody says what they are."""
        return len(self.suggested) + self.unknown

    @property
    def seen(self) -> str:
        """What stands for the suggestions as they are now, so that others are not confirmed in their place."""
        return hashlib.sha256(msgspec.json.encode([one.item for one in self.suggested])).hexdigest()

    @property
    def can_sign(self) -> bool:
        """Whether there is something that the asker's party may sign."""
        articles = self.is_seller and any(one.basis == "stated" for one in self.articles)
        said = self.of("new") or self.cancelled("new")
        return articles or ((self.is_platform or self.has_other_parts) and bool(said))


def standing_of(node: "Node", asker: Asker, choices: Choices, judged: Judged) -> Standing:
    """Each order, article and cancellation of a judged draft against the record, as the asker may see it."""
    own = {role for role, did in choices.parties.items() if did and did == asker.party}
    articles = tuple(_article(node, asker, choices.parties.get("seller", ""), one) for one in judged.articles)
    ready = {"record", "stated"} if "seller" in own else {"record"}
    settled = {one.item.sku for one in articles if one.basis in ready or one.is_on_record}
    named = bool(choices.parties.get("seller"))
    orders = [_order(node, asker, choices, one, settled if named else None) for one in judged.orders]
    going = {one.order.order: one.order for one in orders if one.where in ("new", "same")}
    return Standing(
        tuple(sorted(orders, key=lambda one: WHERE.index(one.where))),
        tuple(sorted(articles, key=lambda one: (_BASES.index(one.basis), one.item.sku))),
        cancellations_of(node, asker, choices, judged, going),
        is_seller="seller" in own,
        is_platform="platform" in own,
        has_other_parts=not own.isdisjoint(_OTHERS),
    )


_BASES: Final = ("unknown", "suggestion", "stated", "record")


def _article(node: "Node", asker: Asker, seller: str, article: Article) -> Article:
    """The article as it is on record, unless a person states it otherwise here."""
    found = record_of(node, asker, "catalog.product", seller, article.item.sku) if seller else None
    if found is None:
        return article
    stands = CatalogueItem(
        article.item.sku,
        found["name"],
        found["hs_code"],
        found["origin"],
        article.item.unit,
        found["net_weight_grams"] * 1000,
        found["hs_basis"],
    )
    if article.basis == "stated" and not _same(article.item, stands):
        return replace(article, is_on_record=True)
    return Article(stands, "record", article.lines, is_on_record=True)


def _same(said: CatalogueItem, stands: CatalogueItem) -> bool:
    compared = ("description", "hs_code", "origin", "hs_basis")
    grams = -(-said.net_weight_milligrams // 1000) == stands.net_weight_milligrams // 1000
    return grams and all(getattr(said, name) == getattr(stands, name) for name in compared)


# --- orders ---------------------------------------------------------------------------------------------------------


def _order(
    node: "Node", asker: Asker, choices: Choices, order: DraftOrder, settled: Collection[str] | None
) -> OrderStanding:
    platform = choices.parties.get("platform", "")
    found = record_of(node, asker, "orders.order", platform, order.order) if platform else None
    if found is not None:
        differences = _differences(order, found, choices.parties.get("seller", ""))
        return OrderStanding(order, "differs" if differences else "same", differences)
    skus = [line.sku for line in goods_lines(order) if settled is not None and line.sku not in settled]
    return OrderStanding(order, "waits" if skus else "new", (), tuple(dict.fromkeys(skus)))


def _differences(order: DraftOrder, found: Mapping[str, Any], seller: str) -> tuple[Difference, ...]:
    """Where the file and the record say something else of one order."""
    file, stands = _of_file(order), _of_record(found)
    if seller:
        file["seller"], stands["seller"] = seller, found["seller"]
    return tuple(Difference(name, file[name], stands[name]) for name in file if file[name] != stands[name])


def _of_file(order: DraftOrder) -> dict[str, str]:
    lines = goods_lines(order)
    goods = sum(line.total_minor for line in lines)
    freight = order.goods_minor + order.freight_minor - goods
    return {
        "total": _money(order.total_minor, order.currency),
        "country": order.country,
        "placed": _moment(order.placed_at_ms),
        "goods": ", ".join(
            f"{line.quantity} × {line.sku} {_money(line.total_minor, order.currency)}" for line in lines
        ),
        "freight": _money(freight, order.currency),
        "tax": _money(order.tax_minor, order.currency),
        "discount": _money(order.discount_minor, order.currency),
    }


def _of_record(found: Mapping[str, Any]) -> dict[str, str]:
    currency = found["currency"]
    goods = (f"{one['quantity']} × {one['sku']} {_money(one['total_minor'], currency)}" for one in found["lines"])
    return {
        "total": _money(found["paid_minor"], currency),
        "country": found["ship_to"],
        "placed": _moment(found["placed_at_ms"]),
        "goods": ", ".join(goods),
        "freight": _money(found["freight_minor"], currency),
        "tax": _money(found["tax_minor"], currency),
        "discount": _money(found["discount_minor"], currency),
    }


def _money(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-minor_digits(currency)):,f} {currency}"


def _moment(time_ms: int) -> str:
    return clock.told(time_ms, seconds=True)
