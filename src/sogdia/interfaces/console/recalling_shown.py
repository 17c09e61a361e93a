"""The answer of a recall as people use it: who holds how much, what is where, what it met, and lists to hand out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from sogdia.core.query import Asker
from sogdia.insight.names import names_of
from sogdia.interfaces.console.orders_export import guarded
from sogdia.interfaces.console.recalling_jobs import Found
from sogdia.interfaces.console.tracing_story import described, dids_of, holder_of
from sogdia.interfaces.resolver.book import PLACE_NAMES
from sogdia.interfaces.words import say
from sogdia.mirror.picture import SqlPicture

COLUMNS: Final = ("thing", "kind", "confidence", "inside", "place", "seen", "holder", "order")

Plain = Mapping[str, Any]


class Holder(msgspec.Struct, frozen=True):
    """Somebody who has affected things: who, the order where it is a consignee, and what they have."""

    custodian: str
    party: str
    name: str
    order: str
    things: tuple[Plain, ...]
    items: int
    uncertain: int


class Shown(msgspec.Struct, frozen=True):
    """A recall as its pages show it; `names` are of parties and places."""

    found: Found
    holders: tuple[Holder, ...]
    names: Mapping[str, str]

    @property
    def affected(self) -> Sequence[Plain]:
        """Everything that is to come back."""
        things: Sequence[Plain] = self.found["affected"]
        return things

    @property
    def is_complete(self) -> bool:
        """Whether nothing on record speaks against the answer."""
        said = self.found["confidence"]
        return not (said["imprecise"] or said["open_ends"] or said["is_cut"])


def shown(picture: SqlPicture, asker: Asker, found: Found) -> Shown:
    """The answer with names, by holder: whoever has most comes first."""
    by_holder = defaultdict[str, list[Plain]](list)
    for one in found["affected"]:
        by_holder[one["custodian"] or ""].append(one)
    parties = {holder_of(custodian)[0] for custodian in by_holder} | {one["platform"] for one in found["orders"]}
    parties |= {one["seller"] for one in found["orders"]}
    names = names_of(picture, asker, dids_of(parties))
    places = list(dict.fromkeys(one["place"] for one in found["affected"] if one["place"]))
    said = described(picture, asker, places)
    names |= {uri: name for uri, one in said.items() if (name := one.word(PLACE_NAMES))}
    holders = [_holder(custodian, things, names) for custodian, things in by_holder.items()]
    ordered = sorted(
        holders, key=lambda one: (bool(one.order), not one.custodian, -len(one.things), one.order, one.name)
    )
    return Shown(found, tuple(ordered), names)


def _holder(custodian: str, things: Sequence[Plain], names: Mapping[str, str]) -> Holder:
    party, order = holder_of(custodian)
    items = sum(one["kind"] == "instance" for one in things)
    uncertain = sum(not one["is_certain"] for one in things)
    return Holder(custodian, party, names.get(party, party), order, tuple(things), items, uncertain)


# --- to take away ---------------------------------------------------------------------------------------------------


def heading(language: str) -> list[str]:
    """The names of the columns."""
    return [say(f"recall_page.{name}", language) for name in COLUMNS]


def rows_of(things: Iterable[Plain], names: Mapping[str, str], language: str) -> Iterator[list[str]]:
    """A row for each thing, in the order of `COLUMNS`, safe in a spreadsheet."""
    for one in things:
        party, order = holder_of(one["custodian"] or "")
        row = (
            one["thing"],
            say(f"trace_kind.{one['kind']}", language),
            say("recall_page.certain" if one["is_certain"] else "recall_page.uncertain", language),
            one["inside"] or "",
            names.get(one["place"] or "", one["place"] or ""),
            (one["seen"] or "")[:19],
            names.get(party, party),
            order,
        )
        yield [guarded(text) for text in row]
