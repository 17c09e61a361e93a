"""The story of an item: what everyone may read of it and of what it was made from, and where each part is proved."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote, urlencode

import msgspec

from sogdia.core.query import PUBLIC
from sogdia.interfaces.resolver.book import PLACE_NAMES, PRODUCT_NAMES, Book, Said
from sogdia.interfaces.resolver.clones import Rule, Sign, signs
from sogdia.interfaces.resolver.observed import case_of
from sogdia.interfaces.resolver.origins import origins_of
from sogdia.interfaces.resolver.owners import gtin_of
from sogdia.interfaces.resolver.pictures import picture_in
from sogdia.interfaces.resolver.resolving import STORY, Resolver
from sogdia.interfaces.resolver.scans import Scan
from sogdia.mirror.trace.histories import History, Passage, history
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.trace.words import Kind, Link, Role, Standing
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.identifiers import identity, kind_of, parents

EVENTS_LIMIT: Final = 100
"""Events on one page."""
SHOWN_PERCENT: Final = 30
"""Signs below this are for the owner, not for the public."""
_FOR_PARTIES: Final[frozenset[Rule]] = frozenset(("custody_gap", "wrong_country"))
"""Rules that need the whole history or the seller's markets, which the public does not see."""


_CONSIGNEE: Final = "urn:sogdia:consignee:"
_MAKING: Final = ("", "commissioning", "creating_class_instance")


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One public event. `container` is what the item was in when it happened to that; `is_wrong`: declared so later.

    `moment` is a plainer word than the business step where there is one: made, produced, delivered. `thing` and `lot`
    are what it happened to, where that is something the item was made from; empty for the item itself.
    """

    time_us: int
    type: str
    moment: str
    thing: str
    lot: str
    step: str
    disposition: str
    place: str
    country: str
    party: str
    party_name: str
    container: str
    is_wrong: bool
    evidence: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows; texts that are not known are empty.

    `picture` is where its owner keeps a picture of it, on another host. `origins` are events of what it was made from.
    `is_known`: an event on record names the thing, public or not. `is_told`: there is something that everyone may read.
    """

    uri: str
    numbers: tuple[tuple[str, str], ...]
    is_item: bool
    product: str
    brand: str
    maker: str
    origin: str
    picture: str
    tellings: tuple[Telling, ...]
    origins: tuple[Telling, ...]
    is_cut: bool
    signs: tuple[Sign, ...]
    is_known: bool
    is_told: bool
    network: str
    height: int
    time_ms: int


def story_of(resolver: Resolver, uri: str, tag: str = "") -> Story:
    """The story of the thing with this canonical URI, as the public may know it.

    Anyone can forge scans, so other people's raise no sign in public: that would be a way to spoil a rival's goods. The
    owner sees them. `tag` is what stands in the reader's own code.
    """
    whole, picture = identity(uri), resolver.picture
    place = picture.place()
    above = list(dict.fromkeys((whole, *map(identity, parents(uri)))))
    said = [one for level in above for one in resolver.said(level)]
    is_item = kind_of(whole) == "instance"
    with viewed(picture, PUBLIC) as view:
        found = history(view, whole, limit=EVENTS_LIMIT)
        lot = "" if "/10/" in uri or not is_item else _lot_on_record(view, whole)
        scans = _of_reader(resolver, whole, tag, place.time_ms) if is_item and tag else []
        case = case_of(view, whole, found, scans, resolver.book, resolver.settings)
        before = origins_of(view, whole)
    told = tuple(_tellings(resolver, found))
    origins = [one for thing, past in before for one in _tellings(resolver, past, _called(resolver, thing))]
    word = _Words(said)
    return Story(
        uri=uri,
        numbers=(*numbers_in(uri), *((("10", lot),) if lot else ())),
        is_item=is_item,
        product=word(PRODUCT_NAMES),
        brand=word(("brandName",)),
        maker=word(("manufacturerOfTradeItemPartyName",)),
        origin=word(("countryOfOrigin",)),
        picture=picture_in(link for one in said for link in one.links),
        tellings=told,
        origins=tuple(sorted(origins, key=lambda one: one.time_us)),
        is_cut=found is not None and found.is_cut,
        signs=tuple(one for one in signs(case) if one.percent >= SHOWN_PERCENT and one.rule not in _FOR_PARTIES)
        if is_item
        else (),
        is_known=found is not None,
        is_told=bool(told or word(PRODUCT_NAMES)),
        network=resolver.desk.node.info.network,
        height=place.height,
        time_ms=place.time_ms,
    )


def _of_reader(resolver: Resolver, uri: str, tag: str, now_ms: int) -> list[Scan]:
    """The reader's own scan, when the tag in the code is one that was never made for this item."""
    gtin = gtin_of(uri)
    verdict = resolver.tag_keys.verdict(uri, gtin, tag)
    return [Scan(uri, gtin, now_ms, "", "", "", verdict)] if verdict == "wrong" else []


class _Words:
    """The first word that anything said has under one of several names."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said

    def __call__(self, names: Sequence[str]) -> str:
        return next((word for one in self._said if (word := one.word(names))), "")


def numbers_in(uri: str) -> tuple[tuple[str, str], ...]:
    """Application Identifiers with their values, as they stand in a canonical Digital Link; else the URI itself."""
    if not uri.startswith(CANONICAL):
        return (("", uri),)
    parts = [unquote(part) for part in uri.removeprefix(CANONICAL).split("/")]
    return tuple(zip(parts[::2], parts[1::2], strict=False))


def _called(resolver: Resolver, thing: str) -> tuple[str, str]:
    """What something is called that an item was made from: its name, which may be empty, and its lot or number."""
    levels = list(dict.fromkeys((thing, *map(identity, parents(thing)))))
    name = _Words([one for level in levels for one in resolver.said(level)])(PRODUCT_NAMES)
    return name, dict(numbers_in(thing)).get("10", "") if name else shown_number(thing)


def _tellings(resolver: Resolver, found: History | None, thing: tuple[str, str] = ("", "")) -> Iterator[Telling]:
    """The public events of a history; of something that the item was made from those that happened to that itself."""
    for one in () if found is None else found.passages:
        is_wrong = one.event.standing is Standing.DECLARED_WRONG
        is_told = not one.event.is_redacted and (is_wrong or one.event.standing is Standing.COUNTS)
        if is_told and (thing == ("", "") or (one.roles and not set(one.roles) & _USED)):
            yield _telling(resolver, resolver.book, one, is_wrong, thing)


def _telling(resolver: Resolver, book: Book, passage: Passage, is_wrong: bool, thing: tuple[str, str]) -> Telling:
    event = passage.event
    place = event.read_point or event.location or ""
    told = book.place(place, event.party) if place else None
    party = resolver.desk.node.record("identity.party", event.party)
    names = [] if told is None else [told.word(PLACE_NAMES), told.word(("city",))]
    return Telling(
        time_us=event.time_us,
        type=event.type,
        moment=_moment(passage),
        thing=thing[0],
        lot=thing[1],
        step=event.biz_step or "",
        disposition=event.disposition or "",
        place=", ".join(name for name in names if name) or _shown_place(place),
        country=told.word(("countryCode",)) if told else "",
        party=event.party,
        party_name=party.name if party is not None else "",
        container=shown_number(passage.through[-1]) if passage.through else "",
        is_wrong=is_wrong,
        evidence=f"{STORY}evidence?"
        + urlencode({"party": event.party, "event": event.event, "declared": event.declared}),
    )


def _moment(passage: Passage) -> str:
    event, step = passage.event, passage.event.biz_step or ""
    if event.type == "TransformationEvent" and step in _MAKING:
        return "made"
    if step == "commissioning" and event.action == "ADD" and Role.CLASS in passage.roles:
        return "produced"
    return "delivered" if step == "receiving" and (event.custodian or "").startswith(_CONSIGNEE) else ""


def _shown_place(uri: str) -> str:
    """A place without a name: its GLN, or as it is written; the space between GLN and extension keeps both readable."""
    key = dict(numbers_in(uri)) if uri else {}
    return f"GLN {key['414']}" + (f" ({key['254']})" if "254" in key else "") if "414" in key else uri


def shown_number(uri: str) -> str:
    """An identifier as it is printed beside a bar code: (01)09506000134352(21)7."""
    return "".join(f"({ai}){value}" if ai else value for ai, value in numbers_in(uri)) if uri else ""


def _lot_on_record(view: View, uri: str) -> str:
    """The lot that a public event puts an item in."""
    number = view.number_of(uri)
    if number is None:
        return ""
    table = view.tables.rev
    rows = view.connection.execute(table.select().where(table.c.dst == number, table.c.kind == _MEMBER)).all()
    entries = view.entries(row.seq for row in rows if row.seq)
    open_rows = [row for row in rows if not row.seq or (row.seq in entries and view.sees(entries[row.seq]))]
    names = [one.uri for one in view.names(row.src for row in open_rows).values() if one.kind is Kind.LOT_CLASS]
    return dict(numbers_in(names[0])).get("10", "") if len(names) == 1 else ""


_MEMBER: Final = int(Link.MEMBER)
_USED: Final = frozenset((Role.INPUT, Role.INPUT_CLASS))
