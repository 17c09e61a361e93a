"""`sogdia keys`: the commands of the keyring."""

from pathlib import Path
from typing import Annotated

import typer

from sogdia.interfaces.cli.terminal import guarded

Folder = Annotated[Path, typer.Argument(help="A node's folder, or a folder of keys.", show_default=False)]
Name = Annotated[str, typer.Argument(help="The party's name in the keyring.", show_default=False)]


def create(
    folder: Folder,
    name: Name,
    code: Annotated[str, typer.Option(help="The network's code; the folder's node knows it.")] = "",
) -> None:
    """Make the keys of a party; SOGDIA_PASSPHRASE, when set, locks the file."""
    from sogdia.interfaces.cli import keyrings

    keyrings.create(folder, name, code)


def list_(folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the parties in a keyring."""
    from sogdia.interfaces.cli import keyrings

    keyrings.list_keys(folder, as_json)


def show(folder: Folder, name: Name) -> None:
    """Show the public half of a party's keys, as JSON."""
    from sogdia.interfaces.cli import keyrings

    keyrings.show(folder, name)


def rotate(folder: Folder, name: Name) -> None:
    """Make a new signing key, and print the message that puts it on record."""
    from sogdia.interfaces.cli import keyrings

    keyrings.rotate(folder, name)


def registration(
    folder: Folder,
    name: Name,
    title: Annotated[str, typer.Option(help="The organisation's own name.")],
    country: Annotated[str, typer.Option(help="Its country, two letters.")],
    number: Annotated[str, typer.Option(help="Its number in the company register.")],
    role: Annotated[list[str], typer.Option(help="A role that it is to have; repeat for more.")],
    registrar: Annotated[str, typer.Option(help="Key name or DID of the registrar.")] = "registrar",
) -> None:
    """Print the message that registers a party; it is signed by the registrar and by the party's own key."""
    from sogdia.interfaces.cli import keyrings

    said = {"name": title, "country": country, "registration": number, "roles": role}
    keyrings.registration(folder, name, said, registrar)


def export(
    folder: Folder,
    name: Name,
    private: Annotated[bool, typer.Option("--private", help="The signing key itself: a secret.")] = False,
) -> None:
    """Print a party's public keys, or its private signing key for another wallet."""
    from sogdia.interfaces.cli import keyrings

    keyrings.export(folder, name, private)


def group() -> typer.Typer:
    """The group `keys`."""
    made = typer.Typer(
        help="Keys at rest: make, list, show, rotate, export.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in (create, list_, show, rotate, registration, export):
        made.command(command.__name__.rstrip("_"))(guarded(command))
    return made
