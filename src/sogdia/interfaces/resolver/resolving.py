"""From a Digital Link to the links of the thing and of the classes above it, remembered within bounds.

What is remembered is dropped when the mirror has taken in master data, listings or events that may change it; that is
looked at a few times a second. The answer is then at most that much older than the mirror.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.interfaces.http.desk import Desk, aside
from sogdia.interfaces.http.problems import busy
from sogdia.interfaces.http.settings_files import read_settings
from sogdia.interfaces.resolver.book import PRODUCT_NAMES, Book, Said
from sogdia.interfaces.resolver.indexed import Index
from sogdia.interfaces.resolver.owners import Owners
from sogdia.interfaces.resolver.scans import Scans
from sogdia.interfaces.resolver.settings import FILE as SETTINGS_FILE
from sogdia.interfaces.resolver.settings import Settings
from sogdia.interfaces.resolver.tags import TagKeys
from sogdia.interfaces.resolver.together import Together
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.gs1.digital_link import CANONICAL, DigitalLink
from sogdia.standards.gs1.identifiers import identity, kind_of, parents
from sogdia.standards.gs1.linkset import TRACEABILITY, Link, with_one_default

STORY: Final = "/story/"
LOOK_SECONDS: Final = 0.25
REST: Final = 4
"""After a look that took long, so many times as long passes: nobody who writes much keeps the node reading."""
DESCRIBED: Final = "trace.described"
LISTED: Final = "catalog.product_listed"
_CHANGING: Final = frozenset(("trace.captured", "trace.job_withdrawn", DESCRIBED, LISTED))


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
        self.settings = settings or read_settings(desk.node.folder / SETTINGS_FILE, Settings)
        self.owners = Owners(desk.node, self.settings)
        self.scans = Scans(desk.node.folder, self.settings)
        self.tag_keys = TagKeys(desk.node.folder)
        self.book = Book()
        self._index = Index()
        self._known: OrderedDict[str, Entity] = OrderedDict()
        self._finding = Together(self.find_all)
        self._height, self._next_look, self._lock = -1, float("-inf"), Lock()

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
        return known if known is not None else await self._finding.found(link.uri)

    async def refreshed(self) -> None:
        """Look for changes when it is time to."""
        if time.monotonic() > self._next_look:
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
            began = time.monotonic()
            if began <= self._next_look:
                return
            height = int(self.picture.place().height)
            if height != self._height:
                self._take(height)
            took = time.monotonic() - began
            self._next_look = began + took + max(LOOK_SECONDS, REST * took)

    def _take(self, height: int) -> None:
        is_anew = height < self._height or self._height < 0  # the mirror was made anew, or is seen for the first time
        changed = set(_CHANGING) if is_anew else self._changed(height)
        if is_anew:
            self.book = Book.read(self.picture, self.settings.described)
        elif DESCRIBED in changed:
            self.book = self.book.renewed(self.picture, self._described(height), self.settings.described)
        if LISTED in changed:
            self.owners.read(self.picture)
        if changed:
            self.forget()
        self._height = height

    def _changed(self, height: int) -> set[str]:
        events = self.picture.events
        wanted = sql.select(events.c.tag).distinct()
        wanted = wanted.where(events.c.height > self._height, events.c.height <= height)
        return {row["tag"] for row in self.picture.rows(wanted)} & _CHANGING

    def _described(self, height: int) -> dict[tuple[str, str], int]:
        """Who said something anew of which vocabulary, and since when (ms)."""
        events = self.picture.events
        wanted = sql.select(events.c.json, events.c.time_ms).where(events.c.tag == DESCRIBED)
        wanted = wanted.where(events.c.height > self._height, events.c.height <= height)
        found: dict[tuple[str, str], int] = {}
        for row in self.picture.rows(wanted.order_by(events.c.height.desc())):
            found[row["json"]["party"], row["json"]["vocabulary"]] = row["time_ms"]
        return found

    def find(self, uri: str) -> Entity:
        """What is known of the thing with this canonical URI, read anew."""
        return self.find_all([uri])[uri]

    def find_all(self, uris: Sequence[str]) -> dict[str, Entity]:
        """What is known of things, by their canonical URIs, read anew."""
        remembered = self._known
        told = {uri: {one: self.said(one) for one in map(identity, (uri, *parents(uri)))} for uri in uris}
        with self.picture.connected() as connection:
            found = {uri: self._entity(connection, uri, said) for uri, said in told.items()}
        remembered.update(found)
        while len(remembered) > self.settings.remembered:
            remembered.popitem(last=False)
        return found

    def _entity(self, connection: sql.Connection, uri: str, said: Mapping[str, Sequence[Said]]) -> Entity:
        whole = identity(uri)
        names = {one: _name(told) for one, told in said.items()}
        known = self._index.known(connection, self.picture, said, has_name=any(names.values()))
        own = _story_of(uri) if known.has_story else None
        levels = []
        for one, told in said.items():
            links = with_one_default([link for teller in told for link in teller.links], own if one == whole else None)
            if links:
                levels.append(Level(one, names[one], links))
        return Entity(whole, kind_of(whole) == "instance", known.is_on_record, tuple(levels))

    def forget(self) -> None:
        """Drop what is held ready."""
        self._known = OrderedDict()

    def said(self, uri: str) -> tuple[Said, ...]:
        """What the owner of a thing says of it."""
        return self.book.of(uri, self.owners.of(uri))


def _story_of(uri: str) -> Link:
    return Link(TRACEABILITY, STORY + uri.removeprefix(CANONICAL), "Where it comes from", "text/html", ("en", "zh"))


def _name(said: Sequence[Said]) -> str:
    return next((name for one in said if (name := one.word(PRODUCT_NAMES))), "")
