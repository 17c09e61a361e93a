"""One command per message, derived from its type: `sogdia orders cancel --platform ... --key platform --to DIR`."""

import inspect
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.message_options import Field, built, fields_of
from sogdia.interfaces.cli.terminal import NO, Failure, emit_json, guarded, read_input, stop

VALID_MS = 3_600_000
_OWN = ("key", "keys", "to", "network", "json", "sign_only", "example")


def add_messages(group: typer.Typer, domain: str) -> None:
    """Give the group one command for each message of the domain."""
    for tag, message in registry.messages_of(domain).items():
        name = tag.partition(".")[2].replace("_", "-")
        group.command(name, help=_help(message))(guarded(_command(tag, message)))


def _help(message: type[Any]) -> str:
    return inspect.getdoc(message) or ""


def _command(tag: str, message: type[Any]) -> Callable[..., None]:
    """A function whose signature is the message's fields and the options that every such command has."""
    fields = fields_of(message)

    def run(**given: Any) -> None:
        own = {name: given.pop(f"own_{name}") for name in _OWN}
        _run(tag, message, {name: value for name, value in given.items() if value is not None}, own)

    parameters = [*map(_field_parameter, fields), *_own_parameters()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = _help(message)
    return run


def _field_parameter(field: Field) -> inspect.Parameter:
    need = "needed" if field.required else "" if field.default is None else f"otherwise {field.default!r}"
    notes = "; ".join(filter(None, (field.notes, "as JSON" if field.kind == "json" else "", need)))
    metavar = {"text": "TEXT", "whole": "WHOLE", "json": "JSON"}[field.kind]
    option = typer.Option(field.option, help=notes, metavar=metavar, show_default=False)
    return _parameter(field.name, Annotated[str | None, option], None)


def _own_parameters() -> list[inspect.Parameter]:
    def option(name: str, kind: Any, default: Any, text: str) -> inspect.Parameter:
        made = typer.Option("--" + name.replace("_", "-"), help=text, show_default=False)
        return _parameter(f"own_{name}", Annotated[kind, made], default)

    return [
        option("json", str, "", "File with the whole message as JSON, - for standard input; options overlay it."),
        option("key", list[str], [], "Name of a key to sign with; again for every party that must sign."),
        option("keys", Path, None, "Folder of the keyring; the node's own when --to is its folder."),
        option("to", str, "", "URL or folder of the node."),
        option("network", str, "", "Network to sign for; asked of the node unless given."),
        option("sign_only", bool, False, "Print the signed transaction instead of sending it."),
        option("example", bool, False, "Print an example of this message as JSON."),
    ]


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _run(tag: str, message: type[Any], given: Mapping[str, str], own: Mapping[str, Any]) -> None:
    if own["example"]:
        emit_json(registry.example_of(tag))
        return
    whole = read_input(own["json"]) if own["json"] else None
    asked = built(message, given, whole, own["json"] or tag)
    if own["sign_only"] and own["network"]:
        print(_signed(own["network"], [asked], _pens(own)).decode())
        return
    _over_a_place(asked, own)


def _over_a_place(asked: Any, own: Mapping[str, Any]) -> None:
    from sogdia.interfaces.cli import places
    from sogdia.interfaces.cli.sending import report

    pens = _pens(own)
    with places.opened(own["to"], pens[0]) as place:
        raw = _signed(own["network"] or place.network, [asked], pens)
        if own["sign_only"]:
            print(raw.decode())
            return
        refused = report(place.submit([raw]), [1], as_json=False)
    if refused:
        stop(NO)


def _pens(own: Mapping[str, Any]) -> Sequence[Any]:
    from sogdia.interfaces.cli import folders, keyrings

    pens = keyrings.pens(own["key"], own["keys"] or folders.keys_beside(own["to"]))
    if not pens:
        raise Failure("key_missing")
    return pens


def _signed(network: str, messages: Sequence[Any], pens: Sequence[Any]) -> bytes:
    from sogdia.client.connection import signed

    now_ms = time.time_ns() // 1_000_000
    return signed(network, now_ms, secrets.token_hex(8), messages, pens, VALID_MS)
