"""The answer of a recall as people use it: who holds how much, of which products and lots, and whom it reached."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from sogdia.core.query import Asker
from sogdia.insight.names import names_of
from sogdia.interfaces.console.recalling_jobs import Found
from sogdia.interfaces.console.recalling_lots import lot_number, lots_of
from sogdia.interfaces.console.tracing_names import Product, described, place_names, products_of
from sogdia.interfaces.console.tracing_story import dids_of, holder_of
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.things import product_of

Plain = Mapping[str, Any]


class Holder(msgspec.Struct, frozen=True):
    """Somebody who has affected things: who, the order where it is a consignee, and what they have.

    `number` names its list. `party` of a consignee is the platform that sold to them.
    """

    number: int
    custodian: str
    party: str
    name: str
    order: str
    things: tuple[Plain, ...]
    items: int
    uncertain: int


class Platform(msgspec.Struct, frozen=True):
    """A platform, for its buyers: they are named by their orders, and it alone knows who they are."""

    number: int
    party: str
    name: str
    buyers: tuple[Holder, ...]

    @property
    def things(self) -> tuple[Plain, ...]:
        """What its buyers have, order by order."""
        return tuple(one for buyer in self.buyers for one in buyer.things)

    @property
    def items(self) -> int:
        """How many items that is."""
        return sum(one.items for one in self.buyers)


class Kept(msgspec.Struct, frozen=True):
    """How much of a product there is among some things, and of which lots; `made_from` are lots of other products."""

    product: Product | None
    things: int
    lots: tuple[str, ...]
    made_from: tuple[str, ...]


class Shown(msgspec.Struct, frozen=True):
    """A recall as its pages show it; `names` are of parties and places, lots are by thing.

    `asked` are the products of what was asked, by the product's URI.
    """

    found: Found
    holders: tuple[Holder, ...]
    platforms: tuple[Platform, ...]
    names: Mapping[str, str]
    products: Mapping[str, Product]
    lots: Mapping[str, tuple[str, ...]]
    made_from: Mapping[str, tuple[str, ...]]

    @property
    def affected(self) -> Sequence[Plain]:
        """Everything that is to come back."""
        things: Sequence[Plain] = self.found["affected"]
        return things

    @property
    def direct(self) -> tuple[Holder, ...]:
        """The holders that are no consignees."""
        return tuple(one for one in self.holders if not one.order)

    @property
    def is_complete(self) -> bool:
        """Whether nothing on record speaks against the answer."""
        said = self.found["confidence"]
        return not (said["imprecise"] or said["open_ends"] or said["is_cut"])

    def holder_of(self, custodian: str | None) -> Holder | None:
        """Who has a thing, by the custodian that the answer names."""
        return next((one for one in self.holders if one.custodian == (custodian or "")), None)

    def product(self, thing: str) -> Product | None:
        """The product of a thing, for what has one."""
        return self.products.get(product_of(thing) or thing)

    def lot(self, thing: str) -> str:
        """The lots of a thing by their numbers."""
        return ", ".join(map(lot_number, self.lots.get(thing, ()) or ([thing] if "/10/" in thing else ())))

    def kept(self, things: Iterable[Plain]) -> tuple[Kept, ...]:
        """The products and lots among some things, most of one first."""
        by_product = defaultdict[str, list[str]](list)
        for one in things:
            product = self.product(one["thing"])
            by_product[product.uri if product else ""].append(one["thing"])
        counted = Counter({uri: len(some) for uri, some in by_product.items()})
        return tuple(self._kept(uri, by_product[uri]) for uri, _ in counted.most_common())

    def _kept(self, uri: str, things: Sequence[str]) -> Kept:
        lots = {lot for one in things for lot in self.lots.get(one, ())} | {one for one in things if "/10/" in one}
        made_from = {lot for one in things for lot in self.made_from.get(one, ())} if uri else set[str]()
        return Kept(self.products.get(uri), len(things), tuple(sorted(map(lot_number, lots))), tuple(sorted(made_from)))


def shown(resolver: Resolver, picture: SqlPicture, asker: Asker, found: Found, asked: Sequence[str]) -> Shown:
    """The answer with names, also of what was asked for, by holder: whoever has most comes first, consignees last."""
    by_holder = defaultdict[str, list[Plain]](list)
    for one in found["affected"]:
        by_holder[one["custodian"] or ""].append(one)
    parties = {holder_of(custodian)[0] for custodian in by_holder} | {one["platform"] for one in found["orders"]}
    parties |= {one["seller"] for one in found["orders"]} | set(asked)
    names = names_of(picture, asker, dids_of(parties))
    places = list(dict.fromkeys([one["place"] for one in found["affected"] if one["place"]] + sorted(parties)))
    names |= place_names(places, described(picture, asker, places))
    things = [one["thing"] for one in found["affected"]]
    lots, made_from = lots_of(picture, asker, things)
    named = (*things, *asked, *(lot for some in made_from.values() for lot in some))
    products = products_of(resolver, picture, asker, named)
    holders = _ordered(_holder(custodian, some, names) for custodian, some in by_holder.items())
    return Shown(found, holders, _platforms(holders), names, products, lots, made_from)


def _ordered(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    ordered = sorted(
        holders, key=lambda one: (bool(one.order), not one.custodian, -len(one.things), one.order, one.name)
    )
    return tuple(msgspec.structs.replace(one, number=number) for number, one in enumerate(ordered, 1))


def _holder(custodian: str, things: Sequence[Plain], names: Mapping[str, str]) -> Holder:
    party, order = holder_of(custodian)
    items = sum(one["kind"] == "instance" for one in things)
    uncertain = sum(not one["is_certain"] for one in things)
    return Holder(0, custodian, party, names.get(party, party), order, tuple(things), items, uncertain)


def _platforms(holders: Iterable[Holder]) -> tuple[Platform, ...]:
    by_party = defaultdict[str, list[Holder]](list)
    for one in holders:
        if one.order:
            by_party[one.party].append(one)
    return tuple(
        Platform(number, party, some[0].name, tuple(some)) for number, (party, some) in enumerate(by_party.items(), 1)
    )
