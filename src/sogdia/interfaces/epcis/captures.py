"""`/capture`: documents in, jobs out."""

from typing import Any, Literal, cast, get_args

from litestar import Response
from msgspec.structs import replace

from sogdia.app import milliseconds
from sogdia.core.query import Asker
from sogdia.interfaces.epcis.accepting import Accepted, Asked
from sogdia.interfaces.epcis.call import Call, plain
from sogdia.interfaces.epcis.finding import uris_in
from sogdia.interfaces.epcis.forms import CBV_MIN, CBV_VERSION, EPCIS_MIN, EPCIS_VERSION, JSON, XML, require_version
from sogdia.interfaces.epcis.forms import accepted as accepted_media
from sogdia.interfaces.epcis.instants import instant
from sogdia.interfaces.epcis.jobs import ERRORS_LISTED, Job, shortened
from sogdia.interfaces.epcis.packing import Behaviour, Readers
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.desk import aside, media_type
from sogdia.interfaces.http.problems import Problem

SETTLE_MS = 60_000
"""How long a job is shown as running while the picture has not yet what it put on record."""
_SHARED_MOST = 20
_JOBS_LISTED = 100
"""Most jobs on a page; each may have many errors."""


async def post(call: Call) -> Response[bytes]:
    """Take a document in: 202 when its job is noted, with the job's place."""
    _require_versions(call)
    async with body_of(call) as content:
        caller = call.station.callers.member(call.request, content, "capture")
        asked = _asked(call, caller, content, _behaviour(call))
        accepted = await aside(call.station.acceptance.take, asked)
        await aside(call.station.see, uris_in(accepted.events))
    job = accepted.job
    return plain({"captureID": job.id}, 202, {"location": f"/epcis/capture/{job.id}"})


async def taken_alone(call: Call, timeout_seconds: float) -> tuple[Accepted, Job | None]:
    """Take one event in and wait until it is decided."""
    _require_versions(call)
    async with body_of(call) as content:
        caller = call.station.callers.member(call.request, content, "capture")
        asked = replace(_asked(call, caller, content, "rollback"), is_single=True)
        waiting = call.station.capturing.expected(asked.job)
        try:
            accepted = await aside(call.station.acceptance.take, asked)
            if not accepted.events:
                raise EpcisProblem(400, "one_event", events=0)
            is_done = not accepted.job.running or await waiting.wait(timeout_seconds)
        finally:
            waiting.forget()
    await aside(call.station.see, uris_in(accepted.events))
    found = await aside(call.station.jobs.find, accepted.job.id, accepted.job.party) if is_done else None
    return accepted, found


def body_of(call: Call) -> Any:
    """The document, within the limit of the settings; EpcisProblem 413 beyond it."""
    return _Body(call)


class _Body:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._held: Any = None

    async def __aenter__(self) -> bytes:
        limit = self._call.station.settings.document_bytes
        self._held = self._call.station.desk.body(self._call.request, limit)
        try:
            return cast("bytes", await self._held.__aenter__())
        except Problem as problem:
            if problem.name == "body_too_large":
                raise EpcisProblem(413, "document_too_large", limit_bytes=limit) from None
            raise

    async def __aexit__(self, *error: Any) -> Any:
        return await self._held.__aexit__(*error)


async def listed(call: Call) -> Response[bytes]:
    """The caller's jobs, the newest first."""
    accepted_media(call.request.headers.get("accept", ""), ("json",))
    party = str(call.station.callers.member(call.request, b"", "capture").party)
    limit, place, query = call.listing(f"/capture {party}")
    limit = min(limit, _JOBS_LISTED)
    after = (int(place[0] or 0), str(place[1])) if place else (2**62, "")
    jobs = await aside(call.station.jobs.page, party, after, limit + 1)
    following = (jobs[limit - 1].created_ms, jobs[limit - 1].id) if len(jobs) > limit else None
    for job in jobs:
        job.errors = shortened(job.errors, ERRORS_LISTED)
    shown = [await aside(_shown, call, job) for job in jobs[:limit]]
    return plain(shown, headers=call.following(query, following))


async def one(call: Call) -> Response[bytes]:
    """A job of the caller."""
    accepted_media(call.request.headers.get("accept", ""), ("json",))
    party = str(call.station.callers.member(call.request, b"", "capture").party)
    job = await aside(call.station.jobs.find, call.path[1], party)
    if job is None:
        raise EpcisProblem(404, "no_such_job")
    return plain(await aside(_shown, call, job))


def _shown(call: Call, job: Job) -> dict[str, Any]:
    """The job as the standard has it. It runs until its events can be found."""
    finished_ms = job.finished_ms
    if finished_ms is not None and job.height and call.station.desk.picture is not None:
        is_behind = call.station.picture.place().height < job.height
        if is_behind and milliseconds() - finished_ms < SETTLE_MS:
            finished_ms = None
    found: dict[str, Any] = {"captureID": job.id, "createdAt": instant(job.created_ms)}
    if finished_ms is not None:
        found["finishedAt"] = instant(finished_ms)
    state = {"running": finished_ms is None, "success": job.success, "captureErrorBehaviour": job.behaviour}
    return {**found, **state, "errors": job.errors}


def _asked(call: Call, caller: Asker, content: bytes, behaviour: Behaviour) -> Asked:
    kind = media_type(call.request)
    if kind not in (*JSON, *XML):
        raise EpcisProblem(415, "media_type", found=kind[:100] or "-", expected=", ".join((*JSON, *XML)))
    readers = Readers(str(caller.party), _shared_with(call), _audience(call))
    return Asked(readers=readers, behaviour=behaviour, content=content, is_xml=kind in XML)


def _require_versions(call: Call) -> None:
    require_version(call.request, "GS1-EPCIS-Version", EPCIS_MIN, EPCIS_VERSION)
    require_version(call.request, "GS1-CBV-Version", CBV_MIN, CBV_VERSION)


def _behaviour(call: Call) -> Behaviour:
    said = call.request.headers.get("gs1-capture-error-behaviour", "rollback")
    said = "rollback" if said == "all" else said  # a name of the standard's own list that its text does not explain
    if said not in get_args(Behaviour):
        expected = ", ".join(get_args(Behaviour))
        header = "GS1-Capture-Error-Behaviour"
        raise EpcisProblem(400, "header_wrong", header=header, found=said[:100], expected=expected)
    return cast("Behaviour", said)


def _audience(call: Call) -> Literal["named", "everyone"]:
    said = call.request.headers.get("sogdia-audience", call.station.settings.audience)
    if said not in ("named", "everyone"):
        header, expected = "Sogdia-Audience", "named, everyone"
        raise EpcisProblem(400, "header_wrong", header=header, found=said[:100], expected=expected)
    return cast("Literal['named', 'everyone']", said)


def _shared_with(call: Call) -> tuple[str, ...]:
    said = call.request.headers.get("sogdia-shared-with", "")
    parties = tuple(dict.fromkeys(one.strip() for one in said.split(",") if one.strip()))
    known = call.station.node.asker
    unknown = [one for one in parties[:_SHARED_MOST] if known(one).party is None]
    if unknown or len(parties) > _SHARED_MOST:
        header, expected = "Sogdia-Shared-With", f"at most {_SHARED_MOST} parties on record, with commas between"
        raise EpcisProblem(400, "header_wrong", header=header, found=(unknown or [said])[0][:100], expected=expected)
    return parties
