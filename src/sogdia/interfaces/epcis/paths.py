"""The path of a request to EPCIS, as it was sent.

Identifiers in a path hold slashes and question marks, so each stands percent-encoded as one part. One that was not
encoded is understood where that leaves no doubt.
"""

from typing import Final
from urllib.parse import unquote

from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.resources import NAMES
from sogdia.interfaces.http.problems import AnyRequest

ROOT: Final = "/epcis"
TARGET_CHARS: Final = 16_000


def path_of(request: AnyRequest) -> tuple[str, ...]:
    """The parts of a request's path after `/epcis`; EpcisProblem 414 where the target is too long."""
    scope = request.scope
    raw = scope["raw_path"].decode("latin-1")
    if len(raw) + len(scope["query_string"]) > TARGET_CHARS:
        raise EpcisProblem(414, "target_too_long", most=TARGET_CHARS)
    return parts_of(raw)


def parts_of(raw: str) -> tuple[str, ...]:
    """The parts of a path after `/epcis`, decoded."""
    given = raw.removeprefix(ROOT).strip("/")
    parts = given.split("/") if given else []
    head = parts[0] if parts else ""
    is_events_of = head in NAMES and len(parts) > 2 and parts[-1] == "events"
    if is_events_of:
        parts = [head, "/".join(parts[1:-1]), "events"]
    elif head in (*NAMES, "events") and len(parts) > 2:
        parts = [head, "/".join(parts[1:])]
    return tuple(map(unquote, parts))
