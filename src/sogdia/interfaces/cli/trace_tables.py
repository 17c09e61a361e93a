"""`sogdia trace history|up|down|recall`: what the trace index of a running node or of a folder says, as tables."""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sogdia.interfaces.cli import folders, keyrings
from sogdia.interfaces.cli.terminal import Failure, emit_json, table, tell

if TYPE_CHECKING:
    from sogdia.interfaces.cli.keyrings import Pen

_SECONDS: Final = 120


def history(thing: str, to: str, key: str, keys: Path | None, as_json: bool) -> None:
    """Print what happened to a thing."""
    found = _asked("GET", f"/trace/{quote(thing, safe='')}/history", None, to, key, keys)
    if as_json:
        emit_json(found)
        return
    rows = [_passage(one) for one in found["passages"]]
    table(("time", "event_type", "action", "biz_step", "place", "through", "party"), rows)
    if found["is_cut"]:
        tell("trace_cut")


def graph(thing: str, direction: str, to: str, key: str, keys: Path | None, as_json: bool) -> None:
    """Print what a thing is made of, or what became of it."""
    path = f"/trace/{quote(thing, safe='')}?direction={direction}"
    found = _asked("GET", path, None, to, key, keys)[direction]
    if as_json:
        emit_json(found)
        return
    names = {one["number"]: one["uri"] or one["kind"] for one in found["nodes"]}
    rows = [(names[one["src"]], one["kind"], names[one["dst"]], *_event(one["event"])) for one in found["arrows"]]
    table(("from", "link", "to", "time", "party"), rows)
    if found["is_cut"]:
        tell("trace_cut")


def recall(asked: Mapping[str, Any], to: str, key: str, keys: Path | None, as_json: bool) -> None:
    """Print what has to come back."""
    if not (asked["things"] or asked["supplier"] or asked["events"]):
        raise Failure("recall_of_nothing")
    found = _asked("POST", "/recall", dict(asked), to, key, keys)
    if as_json:
        emit_json(found)
        return
    rows = [
        (one["thing"], one["kind"], one["inside"], one["place"], one["seen"], one["custodian"], one["is_certain"])
        for one in found["affected"]
    ]
    table(("thing", "kind", "inside", "place", "time", "custodian", "certain"), rows)
    confidence = found["confidence"]
    counts = {"affected": len(rows), "documents": len(found["documents"]), "imprecise": len(confidence["imprecise"])}
    tell("recalled", **counts, open_ends=confidence["open_ends"], hidden=confidence["hidden"])
    if confidence["is_cut"]:
        tell("trace_cut")


def _passage(one: Mapping[str, Any]) -> tuple[Any, ...]:
    event = one["event"]
    place = event.get("location") or event.get("read_point")
    said = (event.get("time"), event.get("type"), event.get("action"), event.get("biz_step"), place)
    return (*said, one["through"], event["party"])


def _event(event: Mapping[str, Any] | None) -> tuple[Any, Any]:
    return (None, None) if event is None else (event.get("time"), event["party"])


# --- asking ---------------------------------------------------------------------------------------------------------


def _asked(method: str, path: str, body: Mapping[str, Any] | None, to: str, key: str, keys: Path | None) -> Any:
    from sogdia.interfaces.cli.lock import held, holder_of

    if not to:
        raise Failure("where_missing")
    pens = keyrings.pens([key] if key else [], keys or folders.keys_beside(to))
    pen = pens[0] if pens else None
    if folders.is_url(to):
        return _of_node(to, method, path, body, pen)
    folder = folders.existing(Path(to))
    holder = holder_of(folder)
    if holder is None:
        with held(folder):
            return _of_folder(folder, path, body, pen)
    if not holder.url:
        raise Failure("folder_busy", folder=folder, pid=holder.pid or "?")
    return _of_node(holder.url, method, path, body, pen)


def _of_node(url: str, method: str, path: str, body: Mapping[str, Any] | None, pen: "Pen | None") -> Any:
    import httpx
    import msgspec

    from sogdia.client.http import NodeUnreachable
    from sogdia.client.request_signing import sign_request

    content, target = b"" if body is None else msgspec.json.encode(body), url.rstrip("/") + path
    headers = {} if body is None else {"content-type": "application/json"}
    if pen is not None:
        headers |= sign_request(method, target, content, pen, int(time.time()), secrets.token_urlsafe(24))
    try:
        answer = httpx.request(method, target, content=content, headers=headers, timeout=_SECONDS)
    except httpx.TransportError as broken:
        raise NodeUnreachable(f"{url} gives no answer: {type(broken).__name__}") from None
    if not answer.is_success:
        raise Failure("trace_refused", status=answer.status_code, detail=answer.json().get("detail", ""))
    return answer.json()


def _of_folder(folder: Path, path: str, body: Mapping[str, Any] | None, pen: "Pen | None") -> Any:
    """The same answers from the folder's own mirror, brought up to date first."""
    import msgspec

    from sogdia.app import TABLES, Node
    from sogdia.interfaces.cli import mirroring
    from sogdia.interfaces.epcis import tracing
    from sogdia.interfaces.epcis.problems import EpcisProblem
    from sogdia.interfaces.http.problems import Problem
    from sogdia.mirror.picture import SqlPicture

    url, node = mirroring.default_url(folder), Node(folder)
    try:
        mirroring.catch_up(node, url)
        picture = SqlPicture(url, TABLES, readers=1)
        try:
            asker = node.asker(pen.did if pen else None)
            found = tracing.answer_of(picture, asker, path, None if body is None else msgspec.json.encode(body))
            return msgspec.json.decode(msgspec.json.encode(found))
        except (EpcisProblem, Problem) as problem:
            raise Failure("trace_refused", status=problem.status, detail=tracing.sentence_of(problem)) from None
        finally:
            picture.close()
    finally:
        node.close()
