"""From a Digital Link to the links of the thing and of the classes above it, remembered within bounds.

What is remembered is dropped when the mirror has taken in master data, listings or events that may change it; that is
looked at a few times a second. The answer is then at most that much older than the mirror.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.core.query import PUBLIC
from sogdia.interfaces.http.desk import Desk, aside
from sogdia.interfaces.http.problems import busy
from sogdia.interfaces.resolver.book import PRODUCT_NAMES, Book, Said
from sogdia.interfaces.resolver.owners import Owners
from sogdia.interfaces.resolver.scans import Scans
from sogdia.interfaces.resolver.settings import Settings, read_settings
from sogdia.interfaces.resolver.tags import TagKeys
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.trace.words import Standing
from sogdia.standards.gs1.digital_link import CANONICAL, DigitalLink
from sogdia.standards.gs1.identifiers import identity, kind_of, parents
from sogdia.standards.gs1.linkset import TRACEABILITY, Link, with_one_default

STORY: Final = "/story/"
LOOK_SECONDS: Final = 0.25
_CHANGING: Final = ("trace.", "catalog.product")


class Level(NamedTuple):
    """A thing or a class above it: its links, the default link first."""

    uri: str
    description: str
    links: tuple[Link, ...]


class Entity(NamedTuple):
    """What is known of a thing: its URI without the lot beside a serial, and the levels with links, nearest first.

    `is_on_record`: an event, public or not, names the thing or a class above it.
    """

    uri: str
    is_instance: bool
    is_on_record: bool
    levels: tuple[Level, ...]


class Resolver:
    """One node's resolver."""

    def __init__(self, desk: Desk, settings: Settings | None = None) -> None:
        self.desk = desk
        self.settings = settings or read_settings(desk.node.folder)
        self.owners = Owners(desk.node, self.settings)
        self.scans = Scans(desk.node.folder, self.settings)
        self.tag_keys = TagKeys(desk.node.folder)
        self.book = Book()
        self._known: OrderedDict[str, Entity] = OrderedDict()
        self._height, self._looked, self._lock = -1, float("-inf"), Lock()

    def close(self) -> None:
        """Let go of the file of scans."""
        self.scans.close()

    @property
    def picture(self) -> SqlPicture:
        """The picture that links are read from; `Problem` 503 for a node that runs without one."""
        found: Any = self.desk.picture
        if found is None:
            raise busy("no_picture")
        return found  # type: ignore[no-any-return]

    async def entity(self, link: DigitalLink) -> Entity:
        """What is known of a thing."""
        await self.refreshed()
        known = self.remembered(link.uri)
        return known if known is not None else await aside(self.find, link.uri)

    async def refreshed(self) -> None:
        """Look for changes when it is time to."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            await aside(self.look)

    def remembered(self, uri: str) -> Entity | None:
        """What is held ready of a thing, None when it must be found."""
        known = self._known.get(uri)
        if known is not None:
            with suppress(KeyError):  # another thread may have dropped it meanwhile
                self._known.move_to_end(uri)
        return known

    def look(self) -> None:
        """Drop what the mirror has overtaken."""
        with self._lock:
            if time.monotonic() - self._looked <= LOOK_SECONDS:
                return
            height = int(self.picture.place().height)
            if height != self._height:
                changed = self._changed(height)
                if self._height < 0 or "trace.described" in changed:
                    self.book = Book.read(self.picture, self.settings.described)
                if any(one.startswith("catalog.") for one in changed):
                    self.owners.forget()
                if changed:
                    self._known = OrderedDict()
                self._height = height
            self._looked = time.monotonic()

    def _changed(self, height: int) -> set[str]:
        if height < self._height:  # the mirror was made anew
            self._height = -1
        events = self.picture.events
        wanted = sql.select(events.c.tag).distinct()
        wanted = wanted.where(events.c.height > self._height, events.c.height <= height)
        return {row["tag"] for row in self.picture.rows(wanted) if row["tag"].startswith(_CHANGING)}

    def find(self, uri: str) -> Entity:
        """What is known of the thing with this canonical URI, read anew."""
        remembered = self._known
        whole = identity(uri)
        above = [one for one in dict.fromkeys(map(identity, parents(uri))) if one != whole]
        said = {one: self.said(one) for one in (whole, *above)}
        with viewed(self.picture, PUBLIC) as view:
            is_on_record = bool(view.numbers_of(said))
            has_story = any(_name(said[one]) or has_public_event(view, one) for one in said)
        own = _story_of(uri) if has_story else None
        levels = []
        for one, told in said.items():
            links = with_one_default([link for teller in told for link in teller.links], own if one == whole else None)
            if links:
                levels.append(Level(one, _name(told), links))
        found = Entity(whole, kind_of(whole) == "instance", is_on_record, tuple(levels))
        remembered[uri] = found
        while len(remembered) > self.settings.remembered:
            remembered.popitem(last=False)
        return found

    def said(self, uri: str) -> tuple[Said, ...]:
        """What the owner of a thing says of it."""
        return self.book.of(uri, self.owners.of(uri, self.picture))


def has_public_event(view: View, uri: str) -> bool:
    """Whether an event that counts and that everyone may read names this thing."""
    number = view.number_of(uri)
    if number is None:
        return False
    postings, entries = view.tables.postings, view.tables.entries
    wanted = sql.select(sql.literal(1)).join_from(postings, entries, postings.c.seq == entries.c.seq)
    counts = entries.c.standing == int(Standing.COUNTS)
    found = view.connection.execute(wanted.where(postings.c.thing == number, entries.c.everyone, counts).limit(1))
    return found.first() is not None


def _story_of(uri: str) -> Link:
    return Link(TRACEABILITY, STORY + uri.removeprefix(CANONICAL), "Where it comes from", "text/html", ("en", "zh"))


def _name(said: Sequence[Said]) -> str:
    return next((name for one in said if (name := one.word(PRODUCT_NAMES))), "")
