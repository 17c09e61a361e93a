"""Webhooks: what is new for a subscriber is sent, again after a pause when that fails, and noted once it arrived.

One task looks for subscriptions that are due; each is worked on by itself, a few at a time. The body is signed with the
subscriber's token: `GS1-Signature: sha256=<HMAC-SHA256 of the body in hexadecimal>`.
"""

import asyncio
import hmac
import logging
from collections import Counter
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast

import httpx
from msgspec.structs import replace

from sogdia.app import milliseconds
from sogdia.interfaces.epcis.answers import document
from sogdia.interfaces.epcis.destinations import Forbidden, resolved
from sogdia.interfaces.epcis.finding import Row, latest, news
from sogdia.interfaces.epcis.forms import EPCIS_VERSION, JSON, Shape
from sogdia.interfaces.epcis.subscriptions import Subscription
from sogdia.interfaces.http.desk import aside
from sogdia.standards.epcis.query.conditions import Compare, Query, Value
from sogdia.standards.epcis.query.parameters import of_object
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.schedule import next_after, schedule_of
from sogdia.standards.epcis.vocabulary import Spelling
from sogdia.standards.gs1.identifiers import Form

if TYPE_CHECKING:
    from sogdia.interfaces.epcis.station import Station

LOOK_SECONDS: Final = 0.5
AT_ONCE: Final = 16
AT_ONCE_PER_PARTY: Final = 4
"""So that one party's slow servers do not hold up what others are told."""
DUE_LIMIT: Final = 10_000
EVENTS_PER_CALL: Final = 500
ANSWER_SECONDS: Final = 20.0
"""For each step of a call."""
CALL_SECONDS: Final = 60.0
"""For all of it, however slowly an answer drips in."""
PAUSE_MS: Final = 1_000
LONGEST_PAUSE_MS: Final = 300_000
SUSPENDED_PAUSE_MS: Final = 60_000
LOG: Final = logging.getLogger("sogdia.epcis")


class Refused(Exception):
    """The subscriber did not take what was sent; `status` is its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


_EXPECTED: Final = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, Forbidden, QueryRefused, Refused)


class Deliveries:
    """The work on subscriptions, on the event loop of the server."""

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        """How many of a party's subscriptions are being worked on."""
        self._looked: dict[str, int] = {}
        """The last event at which a streaming subscription was looked at, by its id."""
        self._batch: dict[str, int] = {}
        """How many events a subscriber takes at a time, where it said that these were too many."""

    def start(self) -> None:
        """Begin to look, unless the node has no picture to look at."""
        if self._station.desk.picture is not None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; what was not acknowledged is sent again by the next start."""
        for task in (self._task, *self._running.values()):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    def wake(self) -> None:
        """There is a new subscription."""
        self._wake.set()

    async def _run(self) -> None:
        async with httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=ANSWER_SECONDS,
            limits=httpx.Limits(max_connections=AT_ONCE),
        ) as client:
            while True:
                try:
                    await self._look(client)
                except Exception as bug:  # one bad look must not end all deliveries
                    LOG.warning("bug", extra={"said": {"error": type(bug).__name__}})
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()

    async def _look(self, client: httpx.AsyncClient) -> None:
        due = await aside(self._station.subscriptions.due, milliseconds(), DUE_LIMIT)
        if not due:
            return
        top = await aside(latest, self._station.picture)
        for one in due:
            has_nothing = one.wish.stream and not one.failures and self._looked.get(one.id) == top
            if one.id not in self._running and not has_nothing and self._busy[one.party] < AT_ONCE_PER_PARTY:
                self._looked[one.id] = top
                self._busy[one.party] += 1
                task = asyncio.create_task(self._work(client, one))
                self._running[one.id] = task
                task.add_done_callback(lambda _, one=one: self._done(one))  # type: ignore[misc]

    def _done(self, one: Subscription) -> None:
        self._running.pop(one.id, None)
        self._busy[one.party] -= 1
        self._busy += Counter()  # drops those that are at zero

    async def _work(self, client: httpx.AsyncClient, one: Subscription) -> None:
        async with self._room:
            try:
                await self._tell(client, one)
            except Exception as wrong:  # whatever it is, only this subscription waits for it to be mended
                status = wrong.status if isinstance(wrong, Refused) else 0
                if not isinstance(wrong, _EXPECTED):
                    LOG.warning("bug", extra={"said": {"error": type(wrong).__name__}})
                if status == 413:
                    self._batch[one.id] = max(1, self._batch.get(one.id, EVENTS_PER_CALL) // 2)
                pause_ms = min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** min(one.failures, 20))
                one.failures, one.due_ms = one.failures + 1, milliseconds() + pause_ms
                self._looked.pop(one.id, None)
                said = {"subscription": one.id, "error": type(wrong).__name__, "status": status}
                LOG.info("not delivered", extra={"said": said})
                await aside(self._station.subscriptions.move, one)

    async def _tell(self, client: httpx.AsyncClient, one: Subscription) -> None:
        """Send all that is new, part by part; what was acknowledged is noted at once."""
        station, now_ms = self._station, milliseconds()
        asker, found = station.node.asker(one.party), await aside(station.queries.find, one.party, one.query)
        if asker.party is None or found is None:
            one.due_ms = now_ms + SUSPENDED_PAUSE_MS
            await aside(station.subscriptions.move, one)
            return
        query, is_told = query_of(found.query, one.wish.initial_record_ms), False
        while True:
            batch = self._batch.get(one.id, EVENTS_PER_CALL)
            rows, seq = await aside(news, station.picture, asker, query, one.seq, batch)
            is_last = seq == one.seq
            if rows or (is_last and not is_told and one.wish.report_if_empty and one.wish.schedule is not None):
                await self._send(client, one, rows)
                is_told, one.failures, one.notified_ms = True, 0, milliseconds()
            if is_last:
                break
            one.seq = seq
            await aside(station.subscriptions.move, one)
        one.minimum_ms, one.failures = now_ms, 0
        one.due_ms = next_after(schedule_of(one.wish.schedule), milliseconds()) if one.wish.schedule else now_ms
        await aside(station.subscriptions.move, one)

    async def _send(self, client: httpx.AsyncClient, one: Subscription, rows: tuple[Row, ...]) -> None:
        wish = one.wish
        shape = Shape(JSON[0], "2.0", cast("Form", wish.epcs), cast("Spelling", wish.words))
        body = (await aside(document, self._station, rows, shape, one.query, one.id)).content
        where = await resolved(wish.dest, self._station.settings)
        headers = {
            "host": where.host,
            "content-type": JSON[0],
            "gs1-epcis-version": EPCIS_VERSION,
            "gs1-epc-format": wish.epcs,
        }
        if wish.secret:
            headers["gs1-signature"] = signature(wish.secret, body)
        extensions = {"sni_hostname": where.name}
        async with (
            asyncio.timeout(CALL_SECONDS),
            client.stream("POST", where.url, content=body, headers=headers, extensions=extensions) as answer,
        ):
            if not answer.is_success:
                raise Refused(answer.status_code)


def signature(secret: str, body: bytes) -> str:
    """What stands in GS1-Signature for a body."""
    return "sha256=" + hmac.digest(secret.encode(), body, sha256).hex()


def query_of(given: object, initial_record_ms: int | None) -> Query:
    """A named query as subscriptions ask it: in the order of the record, from a record time on."""
    query = replace(of_object(given), order=None, event_count_limit=None, max_event_count=None)
    if initial_record_ms is None:
        return query
    since = Compare("recordTime", "GE", (Value(time_us=initial_record_ms * 1_000),))
    return replace(query, conditions=(*query.conditions, since))
