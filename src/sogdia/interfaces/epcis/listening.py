"""Who listens to a named query over a socket: what it asked for, how far it was told, whether it still may."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from sogdia.app import milliseconds
from sogdia.core.query import Asker
from sogdia.interfaces.epcis.deliveries import query_of
from sogdia.interfaces.epcis.finding import Row, news
from sogdia.interfaces.epcis.forms import Shape
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.epcis.subscription_resources import record_time
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards.epcis.query.parameters import of_url
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.schedule import LIMITS, Schedule, next_after, schedule_of

LOOK_SECONDS: Final = 15.0
"""How often it is looked at whether a socket that hears nothing may go on."""
EVENTS_AT_ONCE: Final = 100
"""Most events in a message; so much of a socket is held in memory."""
_CONTROLS: Final = "SubscriptionControlsException"
Tell = Callable[[tuple[Row, ...]], Awaitable[None]]


class Ended(NamedTuple):
    """Why a socket is closed: a code of RFC 6455, section 7.4.1, and a sentence."""

    code: int
    reason: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """When a socket is told, since when, and how many events at a time. Without a schedule: at once."""

    schedule: Schedule | None = None
    report_if_empty: bool = False
    initial_record_ms: int | None = None
    batch: int = EVENTS_AT_ONCE


def wanted_of(parameters: Iterable[tuple[str, str]], most: int) -> Wanted:
    """What a URL asks for; EpcisProblem 400 or QueryRefused says what is wrong with it."""
    given: dict[str, str] = {}
    for name, text in parameters:
        if name in given or name not in (*LIMITS, "stream", "reportIfEmpty", "initialRecordTime", "perPage"):
            remedy = f"give one of stream, {', '.join(LIMITS)}, reportIfEmpty, initialRecordTime, perPage"
            raise QueryRefused(name, text, "it stands twice, or there is no such parameter here", remedy, _CONTROLS)
        given[name] = text
    stream = _truth(given, "stream")
    fields = {name: text for name, text in given.items() if name in LIMITS}
    if stream == bool(fields):
        raise EpcisProblem(400, "subscription_when", _CONTROLS)
    per_page = [("perPage", given["perPage"])] if "perPage" in given else []
    asked = of_url(per_page).per_page if per_page else EVENTS_AT_ONCE
    return Wanted(
        schedule=schedule_of(fields) if fields else None,
        report_if_empty=_truth(given, "reportIfEmpty"),
        initial_record_ms=record_time(given.get("initialRecordTime")),
        batch=min(asked, most, EVENTS_AT_ONCE),
    )


def _truth(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise QueryRefused(name, text, "it is neither true nor false", "write true or false", _CONTROLS)
    return text == "true"


class Listener:
    """One socket's side of a named query; `seq` is the last event up to which it was told."""

    def __init__(
        self, station: Station, request: AnyRequest, party: str, name: str, wanted: Wanted, shape: Shape, seq: int
    ) -> None:
        self.station, self.party, self.name, self.shape = station, party, name, shape
        self._request, self._wanted, self._seq = request, wanted, seq
        now_ms = milliseconds()
        self.since_ms = now_ms if wanted.initial_record_ms is None else wanted.initial_record_ms
        self._due_ms = next_after(wanted.schedule, now_ms) if wanted.schedule else now_ms
        self._until_ms = now_ms + int(station.desk.limits.stream_seconds * 1_000)

    async def listen(self, tell: Tell) -> Ended:
        """Tell what is new whenever it is due; gives the reason why that ends."""
        while True:
            if self._asker() is None:
                return Ended(1008, "who listens here may no longer do so: sign in again")
            if milliseconds() >= self._due_ms:
                ended = await self._tell(tell)
                if ended is not None:
                    return ended
            if self._wanted.schedule is None:
                await self.station.watch.beyond(self._seq, LOOK_SECONDS)
            else:
                await asyncio.sleep(min(LOOK_SECONDS, max(0, self._due_ms - milliseconds()) / 1_000))

    async def _tell(self, tell: Tell) -> Ended | None:
        """All that is new, part by part."""
        is_told = False
        while True:
            asker, found = self._asker(), await aside(self.station.queries.find, self.party, self.name)
            if asker is None:
                return Ended(1008, "who listens here may no longer do so: sign in again")
            if found is None:
                return Ended(1008, "the query was deleted")
            query = query_of(found.query, self._wanted.initial_record_ms)
            rows, seq = await aside(news, self.station.picture, asker, query, self._seq, self._wanted.batch)
            is_last = seq == self._seq
            if rows or (is_last and not is_told and self._wanted.schedule and self._wanted.report_if_empty):
                await tell(rows)
                is_told = True
            if is_last:
                break
            self._seq = seq
        if self._wanted.schedule is not None:
            self._due_ms = next_after(self._wanted.schedule, milliseconds())
        return None

    def _asker(self) -> Asker | None:
        """The party as it stands now; None when its key or session is over, or it was suspended."""
        try:
            if "authorization" in self._request.headers:
                asker = self.station.callers.asker(self._request, b"", "query", is_counted=False)
            elif milliseconds() < self._until_ms:
                asker = self.station.node.asker(self.party)
            else:
                return None
        except (EpcisProblem, Problem):
            return None
        return asker if asker.party == self.party else None
