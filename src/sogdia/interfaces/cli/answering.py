"""A domain's answer from a folder's own mirror, with parameters as texts."""

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sogdia.interfaces.cli.terminal import Failure

if TYPE_CHECKING:
    from sogdia.app import Node


def answer(node: "Node", url: str, name: str, given: Mapping[str, Any], party: str) -> Any:
    """A domain's answer from the mirror behind this URL, as the party may see it."""
    from sogdia.app import TABLES
    from sogdia.mirror.picture import SqlPicture

    function = _function(name)
    parameters = _converted(function, name, given)
    picture = SqlPicture(url, TABLES, readers=1)
    try:
        return function(picture, node.asker(party or None), **parameters)
    finally:
        picture.close()


def _function(name: str) -> Callable[..., Any]:
    from sogdia.app import QUERIES

    found = {f"{one.domain}/{answer}": function for one in QUERIES for answer, function in one.answers.items()}
    if name not in found:
        raise Failure("query_unknown", name=name, known=sorted(found))
    return found[name]


def _converted(function: Callable[..., Any], name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as the types that the answer's signature asks for."""
    expected = dict(list(inspect.signature(function, eval_str=True).parameters.items())[2:])
    needed = [one for one, parameter in expected.items() if parameter.default is parameter.empty]
    if set(given) - set(expected) or set(needed) - set(given):
        raise Failure("query_parameters", name=name, known=list(expected), needed=needed, given=list(given))
    try:
        return {one: msgspec.convert(value, expected[one].annotation, strict=False) for one, value in given.items()}
    except msgspec.ValidationError as wrong:
        raise Failure("query_value", name=name, problem=str(wrong)) from None
