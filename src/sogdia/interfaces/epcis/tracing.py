"""History, origin and reach of a thing, and recalls: the trace index over HTTP, with the way to the proof of events.

An event is named by party, event ID and declaration, which is the key of its record; `evidence` is where its proof is.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import parse_qsl, unquote, urlencode

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from sogdia.core.query import Asker
from sogdia.interfaces.epcis.orders_met import OrderMet, orders_met
from sogdia.interfaces.epcis.problems import EpcisProblem, answer, of_house
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import JSON, aside, require_media_type
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.beginnings import Excursion, Serials, Wanted
from sogdia.mirror.trace.documents import documents
from sogdia.mirror.trace.histories import EVENTS_LIMIT, History, history
from sogdia.mirror.trace.recall import Recall, recall
from sogdia.mirror.trace.tracing import trace
from sogdia.mirror.trace.view import ALWAYS, NEVER, Happened, View, viewed
from sogdia.mirror.trace.walk import DEPTH_LIMIT
from sogdia.standards.epcis.moments import NoMoment, microseconds, written

Direction = Literal["up", "down", "both"]
NODES_LIMIT: Final = 100_000
_HISTORY: Final = "history"
_TRACE: Final = "/trace/"


class RecallAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is recalled: everything that is named here, together. Times as EPCIS writes them."""

    things: Annotated[tuple[str, ...], Meta(max_length=10_000)] = ()
    serials: Serials | None = None
    supplier: str = ""
    events: Annotated[tuple[str, ...], Meta(max_length=10_000)] = ()
    excursion: Excursion | None = None
    since: str = ""
    until: str = ""
    nodes: Annotated[int, Meta(ge=1, le=NODES_LIMIT)] = NODES_LIMIT


_read_asked = msgspec.json.Decoder(RecallAsked).decode


@get(
    "/trace/{identifier:path}",
    opt=about(
        Parameter("identifier", "a thing, percent-encoded; followed by /history its events", place="path"),
        Parameter("direction", "up, down or both", required=False),
        Parameter("depth", "how many levels at most", required=False, schema={"type": "integer", "minimum": 1}),
        Parameter("since", "a history from this time on", required=False),
        Parameter("until", "a history up to this time", required=False),
        Parameter("limit", "most events of a history", required=False, schema={"type": "integer", "minimum": 1}),
    ),
)
async def trace_thing(request: AnyRequest) -> Response[bytes]:
    """Where a thing came from (`up`) and what became of it (`down`), or with `/history` what happened to it.

    What the asker may not read is named, with whose it is, and without its content.
    """
    station: Station = request.app.state.epcis
    scope = request.scope
    target = scope["raw_path"].decode("latin-1") + "?" + scope["query_string"].decode("latin-1")
    try:
        asker = station.callers.asker(request, b"", "query")
        found = await aside(answer_of, station.picture, asker, target, None)
    except (EpcisProblem, Problem) as problem:
        return _refused(request, problem)
    return _answered(found)


@post("/recall", status_code=200, opt=about(takes={JSON: ""}))
async def recall_things(request: AnyRequest) -> Response[bytes]:
    """Everything that a defect may have reached, where it is now and who has it, with how sure that is."""
    station: Station = request.app.state.epcis
    try:
        require_media_type(request, JSON)
        async with station.desk.body(request, station.desk.limits.small_body_bytes) as body:
            asker = station.callers.asker(request, body, "query")
            found = await aside(answer_of, station.picture, asker, "/recall", body)
    except (EpcisProblem, Problem) as problem:
        return _refused(request, problem)
    return _answered(found)


def answer_of(picture: SqlPicture, asker: Asker, target: str, body: bytes | None) -> Any:
    """The answer of the index to one of these routes, as plain data; `target` is path and query as they are sent.

    Raises EpcisProblem and Problem.
    """
    path, _, query = target.partition("?")
    if body is not None:
        return shown(_recalled(picture, asker, body))
    parts = path.removeprefix(_TRACE).strip("/").split("/")
    is_history = len(parts) > 1 and parts[-1] == _HISTORY
    thing = unquote("/".join(parts[:-1] if is_history else parts))
    given = dict(parse_qsl(query, keep_blank_values=True))
    known = ("since", "until", "limit") if is_history else ("direction", "depth")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Problem(400, "parameter_unknown", parameter=unknown[0][:100], expected=", ".join(known))
    return shown((_happened if is_history else _traced)(picture, asker, thing, given))


def _traced(picture: SqlPicture, asker: Asker, thing: str, given: Mapping[str, str]) -> dict[str, Any]:
    direction = given.get("direction", "both")
    if direction not in get_args(Direction):
        raise Problem(400, "parameter_bad", parameter="direction", expected=", ".join(get_args(Direction)))
    wanted = ("up", "down") if direction == "both" else (direction,)
    depth = _count(given, "depth", DEPTH_LIMIT)
    with viewed(picture, asker) as view:
        graphs = {one: _known(trace, view, thing, one, depth=depth, nodes=NODES_LIMIT) for one in wanted}
    return {"thing": thing, **graphs}


def _happened(picture: SqlPicture, asker: Asker, thing: str, given: Mapping[str, str]) -> Any:
    since, until = _time(given.get("since", ""), ALWAYS), _time(given.get("until", ""), NEVER)
    with viewed(picture, asker) as view:
        found: History = _known(history, view, thing, since, until, _count(given, "limit", EVENTS_LIMIT))
        seen = (one.event.seq for one in found.passages if not one.event.is_redacted)
        return _with_orders(found, orders_met(picture, asker, view, documents(view, seen), {found.thing}))


def _count(given: Mapping[str, str], name: str, most: int) -> int:
    text = given.get(name, str(most))
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise Problem(400, "parameter_bad", parameter=name, expected="1, 2, 3, ...")
    return min(most, int(text))


def _recalled(picture: SqlPicture, asker: Asker, body: bytes) -> Any:
    try:
        asked = _read_asked(body)
    except (ValueError, RecursionError) as wrong:
        raise Problem(400, "json_wrong", reason=str(wrong)[:200]) from None
    named = {name: getattr(asked, name) for name in ("things", "serials", "supplier", "events", "excursion")}
    wanted = Wanted(**named, since_us=_time(asked.since, ALWAYS), until_us=_time(asked.until, NEVER))
    with viewed(picture, asker) as view:
        try:
            found = recall(view, wanted, nodes=asked.nodes)
        except ValueError as wrong:
            raise EpcisProblem(400, sentence=str(wrong)) from None
        things = {one.thing for one in found.affected}
        return _with_orders(found, orders_met(picture, asker, view, found.documents, things))


def _with_orders(found: History | Recall, orders: Sequence[OrderMet]) -> dict[str, Any]:
    """An answer with the orders that its things met."""
    return {name: getattr(found, name) for name in found.__struct_fields__} | {"orders": orders}


def _known(work: Callable[..., Any], view: View, thing: str, *given: Any, **named: Any) -> Any:
    found = work(view, thing, *given, **named)
    if found is None:
        raise EpcisProblem(404, "no_such_thing", thing=thing[:200])
    return found


def _time(text: str, default: int) -> int:
    try:
        return microseconds(text) if text else default
    except NoMoment as wrong:
        raise EpcisProblem(400, sentence=str(wrong)) from None


# --- plain data -----------------------------------------------------------------------------------------------------


def shown(value: Any) -> Any:
    """An answer of the index as plain data: words for numbers, times as text, the way to the proof of each event."""
    if isinstance(value, Happened):
        return _event(value)
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, msgspec.Struct):
        return {name.removesuffix("_us"): _field(name, getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {name: shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    return value


def _field(name: str, value: Any) -> Any:
    return written(value) if name.endswith("_us") and isinstance(value, int) else shown(value)


def _event(one: Happened) -> dict[str, Any]:
    if one.is_redacted:
        return {"party": one.party, "is_redacted": True}
    told = {name: _field(name, getattr(one, name)) for name in one.__struct_fields__}
    told["recorded"] = written(told.pop("recorded_ms") * 1_000, 3)
    told["time"] = told.pop("time_us")
    told["evidence"] = evidence_of(one.party, one.event, one.declared)
    return {name: value for name, value in told.items() if value not in (None, "", False) and name != "seq"}


def evidence_of(party: str, event: str, declared: str) -> str:
    """Where the proof of an event on record is."""
    key: Sequence[tuple[str, str]] = [("table", "trace.event"), ("key", party), ("key", event), ("key", declared)]
    return f"/evidence?{urlencode(key)}"


def _answered(found: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(found), status_code=200, media_type=JSON)


def _refused(request: AnyRequest, problem: EpcisProblem | Problem) -> Response[bytes]:
    return answer(request, problem if isinstance(problem, EpcisProblem) else of_house(problem))


def sentence_of(problem: EpcisProblem | Problem, tongue: str = "en") -> str:
    """A problem as a person reads it."""
    found = problem if isinstance(problem, EpcisProblem) else of_house(problem)
    return str(found.body(tongue)["detail"])
