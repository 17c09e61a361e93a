"""`sogdia codes make` and `sogdia codes clones`."""

import os
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import (
    NO,
    Failure,
    emit_json,
    language,
    note,
    progress,
    reply_text,
    stop,
    table,
    tell,
)

if TYPE_CHECKING:
    from sogdia.interfaces.cli.keyrings import Pen
    from sogdia.interfaces.resolver.codes import Code

_SECONDS: Final = 60


class Asked(NamedTuple):
    """What codes are to be made."""

    gtin: str
    lot: str
    number: int
    out: Path
    root: str
    place: str
    is_tagged: bool
    is_drawn: bool
    is_for_everyone: bool
    is_captured: bool


def make(asked: Asked, to: str, name: str, keys: Path | None) -> None:
    """Make the codes; exit status 1 when the node refuses their events."""
    asked = _checked(asked)
    _require_usable(asked)
    directory = keys or folders.keys_beside(to)
    if directory is None:
        raise Failure("codes_no_keyring", name=name)
    pen = keyrings.pens([name], directory)[0]
    if not asked.is_captured:
        codes = _made(asked, directory, name)
        tell("codes_only", codes=len(codes), gtin=asked.gtin, folder=asked.out)
        return
    with places.opened(to, pen) as place:  # before anything is written: a node that is not there costs no codes
        codes = _made(asked, directory, name)
        events = _capture(asked, codes, place, pen)
    tell("codes_made", codes=len(codes), gtin=asked.gtin, folder=asked.out, events=events, party=pen.did)


def _checked(asked: Asked) -> Asked:
    """The same wish with a GTIN of 14 digits; Failure for an identifier that is wrong."""
    from sogdia.interfaces.resolver.codes import checked_gtin, checked_lot
    from sogdia.standards.gs1.errors import BadIdentifier
    from sogdia.standards.gs1.identifiers import canonical

    try:
        gtin = checked_gtin(asked.gtin)
    except BadIdentifier as wrong:
        raise Failure("codes_gtin", gtin=asked.gtin, problem=wrong.wrong) from None
    try:
        lot = checked_lot(asked.lot) if asked.lot else ""
    except BadIdentifier as wrong:
        raise Failure("codes_lot", lot=asked.lot, problem=wrong.wrong) from None
    try:
        place = canonical(asked.place) if asked.place else ""
    except BadIdentifier as wrong:
        raise Failure("codes_place", place=asked.place, problem=wrong.wrong) from None
    return asked._replace(gtin=gtin, lot=lot, place=place)


def _require_usable(asked: Asked) -> None:
    from sogdia.interfaces.resolver.codes import CODES_LIMIT, LIST
    from sogdia.standards.gs1.linkset import is_target

    if asked.number > CODES_LIMIT:
        raise Failure("codes_count", count=asked.number, most=CODES_LIMIT)
    if not is_target(asked.root) or any(char in asked.root for char in "?#"):
        raise Failure("codes_root", root=asked.root)
    if (asked.out / LIST).exists():
        raise Failure("codes_folder", folder=asked.out)


def _made(asked: Asked, directory: Path, name: str) -> "list[Code]":
    """New codes, written to their folder."""
    from sogdia.interfaces.resolver.codes import made
    from sogdia.interfaces.resolver.tags import key_for

    key = key_for(keyrings.directory_of(directory), name, [asked.gtin]) if asked.is_tagged else None
    codes = made(asked.gtin, asked.lot, asked.number, asked.root, key)
    _write(asked, codes)
    return codes


def _write(asked: Asked, codes: "Sequence[Code]") -> None:
    """The list last, so that a folder with a list is whole; both before the serials go on record."""
    from sogdia.interfaces.resolver.codes import LIST, as_csv, draw

    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.is_drawn:
        with progress("codes_drawing", len(codes)) as done:
            for number, code in enumerate(codes, 1):
                draw(code, asked.out)
                done(number)
    unfinished = asked.out / f"{LIST}.new"
    with open(unfinished, "w", encoding="utf-8") as file:
        file.write(as_csv(codes))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(asked.out / LIST)


def _capture(asked: Asked, codes: "Sequence[Code]", place: places.Place, pen: "Pen") -> int:
    """Put the serials on record, all or none; how many events that took."""
    from sogdia.interfaces.epcis.packing import Readers, pack
    from sogdia.interfaces.epcis.signing import Agent
    from sogdia.interfaces.resolver.codes import commissioning

    now = datetime.now().astimezone()
    offset = now.strftime("%z")
    moment = now.isoformat(timespec="milliseconds")
    events = list(commissioning(codes, moment, f"{offset[:3]}:{offset[3:]}", asked.place))
    readers = Readers(pen.did, (), "everyone" if asked.is_for_everyone else "named")
    bundles = pack(list(enumerate(events, 1)), (), readers, f"codes-{time.time_ns()}", "rollback")
    agent = Agent(pen, place.network)
    replies = place.submit([agent.signed(one.messages, time.time_ns() // 1_000_000) for one in bundles])
    wrong = next((one for one in replies if not one.accepted), None)
    if wrong is not None:
        note("codes_refused", folder=asked.out, problem=reply_text(wrong.code, wrong.fields))
        stop(NO)
    return len(events)


def clones(to: str, name: str, keys: Path | None, thing: str, least: int, as_json: bool) -> None:
    """Print the owner's queue."""
    pen = keyrings.pens([name], keys or folders.keys_beside(to))[0]
    given = {"least": str(least), **({"thing": thing} if thing else {})}
    found = _asked(_running(to), f"/clones?{urlencode(given)}", pen)["items"]
    if as_json:
        emit_json(found)
    elif not found:
        tell("clones_none")
    else:
        reasons = [(one["thing"], one["percent"], sign["reason"]) for one in found for sign in one["signs"]]
        table(("thing", "percent", "reason"), reasons)


def _running(to: str) -> str:
    """The URL of a running node."""
    if folders.is_url(to):
        return to.rstrip("/")
    from sogdia.interfaces.cli.lock import holder_of

    holder = holder_of(folders.existing(Path(to)))
    if holder is None or not holder.url:
        raise Failure("clones_need_running", folder=to)
    return holder.url


def _asked(url: str, path: str, pen: "Pen") -> Any:
    import httpx

    from sogdia.client.http import NodeUnreachable
    from sogdia.client.request_signing import sign_request

    headers = sign_request("GET", url + path, b"", pen, int(time.time()), secrets.token_urlsafe(24))
    headers["accept-language"] = language()
    try:
        answer = httpx.get(url + path, headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx.TransportError as broken:
        raise NodeUnreachable(f"{url} gives no answer: {type(broken).__name__}") from None
    if not answer.is_success:
        raise Failure("clones_refused", status=answer.status_code, detail=answer.json().get("detail", ""))
    return answer.json()
