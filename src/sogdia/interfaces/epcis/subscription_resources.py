"""`/queries/{name}/subscriptions`: who is told of what a named query finds."""

import uuid
from typing import Any, Final
from urllib.parse import quote

from litestar import Response

from sogdia.app import milliseconds
from sogdia.interfaces.epcis.call import Call, nothing, plain
from sogdia.interfaces.epcis.destinations import require_fit
from sogdia.interfaces.epcis.finding import latest
from sogdia.interfaces.epcis.forms import shape_of
from sogdia.interfaces.epcis.instants import instant
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.query_resources import body_and_party, named
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.epcis.subscriptions import Subscription, Wish
from sogdia.interfaces.http.desk import aside
from sogdia.standards.epcis.moments import NoMoment, microseconds
from sogdia.standards.epcis.query.schedule import next_after, schedule_of

SECRET_CHARS: Final = 500
_CONTROLS: Final = "SubscriptionControlsException"
_FIELDS: Final = frozenset(
    ("dest", "signatureToken", "secret", "stream", "schedule", "reportIfEmpty", "initialRecordTime")
)


async def post(call: Call) -> Response[bytes]:
    """Subscribe: 201 with the subscription, which lasts until it is deleted."""
    party, given = await body_and_party(call)
    query, shape = await _named_by(call, party), shape_of(call.request, "json")
    wish = wish_of(given, call.station.settings, shape.epcs, shape.words)
    if await aside(call.station.subscriptions.count, party) >= call.station.settings.subscriptions_per_party:
        raise EpcisProblem(403, "too_many_subscriptions", most=call.station.settings.subscriptions_per_party)
    now_ms = milliseconds()
    initial = now_ms if wish.initial_record_ms is None else wish.initial_record_ms
    made = Subscription(
        id=str(uuid.uuid4()),
        party=party,
        query=query,
        wish=wish,
        created_ms=now_ms,
        seq=await aside(latest, call.station.picture) if wish.initial_record_ms is None else 0,
        minimum_ms=initial,
        due_ms=next_after(schedule_of(wish.schedule), now_ms) if wish.schedule else now_ms,
    )
    await aside(call.station.subscriptions.put, made)
    call.station.deliveries.wake()
    place = f"/epcis/queries/{quote(query, safe='')}/subscriptions/{made.id}"
    return plain(shown(made), 201, {"location": place})


async def listed(call: Call) -> Response[bytes]:
    """The caller's subscriptions to one of its queries."""
    shape, query = shape_of(call.request, "json"), (await named(call)).name
    party = call.member()
    limit, place, asked = call.listing(f"/queries/{query}/subscriptions {party}")
    after = (int(place[0] or 0), str(place[1])) if place else (-1, "")
    found = await aside(call.station.subscriptions.page, party, query, after, limit + 1)
    following = (found[limit - 1].created_ms, found[limit - 1].id) if len(found) > limit else None
    members = [shown(one) for one in found[:limit]]
    return plain(members, headers=call.following(asked, following), shape=shape)


async def one(call: Call) -> Response[bytes]:
    """A subscription, without its secret."""
    shape = shape_of(call.request, "json")
    found = await aside(call.station.subscriptions.find, call.member(), call.path[1], call.path[3])
    if found is None:
        raise EpcisProblem(404, "no_such_subscription")
    return plain(shown(found), headers={"gs1-query-min-record-time": instant(found.minimum_ms)}, shape=shape)


async def delete(call: Call) -> Response[bytes]:
    """End a subscription."""
    if not await aside(call.station.subscriptions.delete, call.member(), call.path[1], call.path[3]):
        raise EpcisProblem(404, "no_such_subscription")
    return nothing()


def wish_of(given: dict[str, Any], settings: Settings, epcs: str, words: str) -> Wish:
    """What a subscriber asks for. EpcisProblem 400 or QueryRefused says what is wrong with it."""
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        raise EpcisProblem(
            400, "subscription_field", _CONTROLS, field=unknown[0][:100], fields=", ".join(sorted(_FIELDS))
        )
    dest = require_fit(given.get("dest"), settings)
    secret = given.get("signatureToken", given.get("secret", ""))
    if not isinstance(secret, str) or len(secret) > SECRET_CHARS:
        raise EpcisProblem(400, "subscription_secret", _CONTROLS, most=SECRET_CHARS)
    stream, schedule = given.get("stream", False), given.get("schedule")
    if not isinstance(stream, bool) or stream == (schedule is not None):
        raise EpcisProblem(400, "subscription_when", _CONTROLS)
    if schedule is not None and not isinstance(schedule, dict):
        raise EpcisProblem(400, "subscription_when", _CONTROLS)
    report = given.get("reportIfEmpty", False)
    if not isinstance(report, bool):
        raise EpcisProblem(400, "subscription_report", _CONTROLS)
    if schedule is not None:
        schedule_of(schedule)
    return Wish(
        dest=dest,
        secret=secret,
        stream=stream,
        schedule=None if schedule is None else {name: str(value) for name, value in schedule.items()},
        report_if_empty=report,
        initial_record_ms=record_time(given.get("initialRecordTime")),
        epcs=epcs,
        words=words,
    )


def record_time(said: object) -> int | None:
    """The instant from which on events are told, in milliseconds; None for now."""
    if said is None:
        return None
    try:
        return microseconds(str(said)) // 1_000
    except NoMoment as wrong:
        raise EpcisProblem(400, exception=_CONTROLS, sentence=f"initialRecordTime: {wrong}") from None


def shown(one: Subscription) -> dict[str, Any]:
    """A subscription as the standard has it; its secret stays here."""
    wish = one.wish
    found: dict[str, Any] = {
        "subscriptionID": one.id,
        "queryName": one.query,
        "dest": wish.dest,
        "createdAt": instant(one.created_ms),
        "minRecordTime": instant(one.minimum_ms),
        "epcFormat": wish.epcs,
    }
    if one.notified_ms is not None:
        found["lastNotifiedAt"] = instant(one.notified_ms)
    if wish.initial_record_ms is not None:
        found["initialRecordTime"] = instant(wish.initial_record_ms)
    if wish.stream:
        return {**found, "stream": True}
    return {**found, "schedule": wish.schedule, "reportIfEmpty": wish.report_if_empty}


async def _named_by(call: Call, party: str) -> str:
    found = await aside(call.station.queries.find, party, call.path[1])
    if found is None:
        raise EpcisProblem(404, "no_such_query", "NoSuchNameException", name=call.path[1][:200])
    return str(found.name)
