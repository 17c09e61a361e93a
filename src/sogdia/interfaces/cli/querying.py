"""`sogdia query`: a domain's answer as JSON, from a running node or from a folder's mirror."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sogdia.interfaces.cli import keyrings, places
from sogdia.interfaces.cli.terminal import Failure, emit_json, pairs

if TYPE_CHECKING:
    from sogdia.app import Node


def query(domain: str, name: str, given: Sequence[str], to: str, key: str, keys: Path | None, party: str) -> None:
    """Ask and print the answer."""
    pens = keyrings.pens([key] if key else [], keys or places.keys_beside(to))
    parameters = pairs(given, "--param")
    with places.opened(to, pens[0] if pens else None, party) as place:
        emit_json(place.query(f"{domain}/{name}", **parameters))


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
