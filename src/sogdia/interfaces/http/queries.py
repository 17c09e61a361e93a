"""The answers of every domain, one route for all: parameters follow from the signature of the answer."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints

import msgspec
from litestar import Response, get

from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import aside, desk_of, json_answer, part
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy

_INTEGERS = range(-(2**63), 2**63)


class Wanted(msgspec.Struct, frozen=True):
    """A parameter of an answer: its name, its type, and whether it may be left out."""

    name: str
    type: Any
    required: bool
    default: Any


@get(
    "/queries/{domain:str}/{name:str}",
    opt=about(Parameter("domain", "a domain", place="path"), Parameter("name", "one of its answers", place="path")),
)
async def query(request: AnyRequest) -> Response[bytes]:
    """An answer of a domain from the SQL picture, limited to what the asker may see."""
    desk = desk_of(request)
    name = f"{part(request, 'domain')}/{part(request, 'name')}"
    answer = desk.queries.get(name)
    if answer is None:
        raise Problem(404, "query_unknown", query=name[:100])
    if desk.picture is None:
        raise busy("no_picture")
    asker = desk.gate.asker(request)
    given = _given(request, answer, desk.limits.parameter_chars)
    return json_answer(await aside(lambda: answer(desk.picture, asker, **given)))


@cache
def parameters_of(answer: Callable[..., Any]) -> tuple[Wanted, ...]:
    """What an answer asks for beside the picture and the asker."""
    hints = get_type_hints(answer)
    named = list(inspect.signature(answer).parameters.values())[2:]
    empty = inspect.Parameter.empty
    return tuple(Wanted(one.name, hints[one.name], one.default is empty, one.default) for one in named)


def _given(request: AnyRequest, answer: Callable[..., Any], most: int) -> dict[str, Any]:
    """The parameters of a request by name, each of its type; `Problem` 400 names the one that is not."""
    wanted = {one.name: one for one in parameters_of(answer)}
    given: dict[str, Any] = {}
    for name, values in request.query_params.dict().items():
        if name not in wanted:
            raise Problem(400, "parameter_unknown", parameter=name[:100], expected=", ".join(wanted) or "-")
        given[name] = _converted(wanted[name], values, most)
    for name, one in wanted.items():
        if one.required and name not in given:
            raise Problem(400, "parameter_missing", parameter=name)
    return given


def _converted(wanted: Wanted, values: list[str], most: int) -> Any:
    fit = all(len(value) <= most and "\0" not in value for value in values)
    many = getattr(wanted.type, "__origin__", wanted.type) in (list, tuple)
    if not many and len(values) != 1:
        raise Problem(400, "parameter_doubled", parameter=wanted.name)
    try:
        found = (
            values[0]
            if wanted.type is str
            else msgspec.convert(values if many else values[0], wanted.type, strict=False)
        )
    except msgspec.ValidationError:
        fit, found = False, None
    if not fit or (isinstance(found, int) and found not in _INTEGERS):
        raise Problem(400, "parameter_bad", parameter=wanted.name, expected=_words(wanted.type))
    return found


def _words(kind: Any) -> str:
    schema = msgspec.json.schema(kind)
    return str(schema.get("type") or ", ".join(str(one.get("type")) for one in schema.get("anyOf", [])))
