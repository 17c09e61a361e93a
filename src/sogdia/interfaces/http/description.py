"""What a route says of itself, beside its docstring; the OpenAPI document is derived from it."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

Place = Literal["query", "path", "header"]
_KEY: Final = "about"


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a route."""

    name: str
    doc: str
    place: Place = "query"
    required: bool = True
    many: bool = False
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})


class About(msgspec.Struct, frozen=True):
    """Media types and schemas of what a route takes and answers, its own status codes, and whether one signs in."""

    parameters: tuple[Parameter, ...]
    takes: Mapping[str, str]
    answers: Mapping[str, str]
    codes: Mapping[int, str]
    signed_in: bool


def about(
    *parameters: Parameter,
    takes: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    codes: Mapping[int, str] | None = None,
    signed_in: bool = False,
) -> dict[str, Any]:
    """Options of a route that describe it. Schemas are named; an empty name is any JSON or any bytes."""
    return {_KEY: About(parameters, takes or {}, answers or {"application/json": ""}, codes or {}, signed_in)}


def about_of(options: Mapping[str, Any]) -> About | None:
    """What a route says of itself, or None."""
    found = options.get(_KEY)
    return found if isinstance(found, About) else None
