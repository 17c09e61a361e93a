"""What a page sends back: bounded, from our own page, with the token that the page was given."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.http.desk import desk_of, require_media_type
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem

TOKEN_FIELD: Final = "token"
TOKEN_HEADER: Final = "x-sogdia-token"
FIELDS: Final = 2_000
FORM_BYTES: Final = 256 * 1024
FORM: Final = "application/x-www-form-urlencoded"


class Form(dict[str, list[str]]):
    """The fields of a form by name."""

    def one(self, name: str, default: str = "") -> str:
        """The first value of a field, without blanks around it."""
        return self.exact(name, default).strip()

    def exact(self, name: str, default: str = "") -> str:
        """The first value of a field as it came: for passwords."""
        return self.get(name, [default])[0]


async def read_form(request: AnyRequest, limit_bytes: int = FORM_BYTES) -> Form:
    """The fields of a form that was sent from one of our pages; `Problem` 403 otherwise."""
    require_media_type(request, FORM)
    async with desk_of(request).body(request, limit_bytes) as body:
        form = _fields(body)
    check_token(request, form.exact(TOKEN_FIELD))
    return form


async def read_json(request: AnyRequest, limit_bytes: int = FORM_BYTES) -> Mapping[str, Any]:
    """The object that a script of ours sent, with the token in its header; `Problem` 403 or 400 otherwise."""
    check_token(request, request.headers.get(TOKEN_HEADER, ""))
    require_media_type(request, "application/json")
    async with desk_of(request).body(request, limit_bytes) as body:
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except (ValueError, RecursionError):
            raise Problem(400, "form_unreadable") from None


def check_token(request: AnyRequest, given: str) -> None:
    """`Problem` 403 unless the token is that of this session's, or this visit's, pages."""
    page = page_of(request)
    has_binding = bool(page.session_token or page.visit)
    if not has_binding or not page.console.is_form_token(given, page.binding):
        LOG.warning("refused", extra={"said": {"why": "form_token"}})
        raise Problem(403, "form_token")


def _fields(body: bytes) -> Form:
    form = Form()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise Problem(400, "form_unreadable") from None
    for name, value in pairs:
        if "\0" in value:
            raise Problem(400, "form_unreadable")
        form.setdefault(name, []).append(value)
    return form
