"""`sogdia console`: who may sign in to a node's console, and keys carried into a browser."""

from pathlib import Path
from typing import Annotated

import typer

from sogdia.interfaces.cli.terminal import guarded

Folder = Annotated[Path, typer.Argument(help="The node's folder.", show_default=False)]


def invite(
    folder: Folder,
    party: Annotated[str, typer.Option(help="The person's party: its key name, or its DID.")],
    name: Annotated[str, typer.Option(help="Name to propose; the person may choose another.")] = "",
    url: Annotated[str, typer.Option(help="Address at which people reach the node; where it runs unless given.")] = "",
    keys: Annotated[Path | None, typer.Option(help="Folder of the keyring; the node's own unless given.")] = None,
) -> None:
    """Print a link by which one person of a party gets access, good once and for three days."""
    from sogdia.interfaces.cli import console_users

    console_users.invite(folder, party, name, url, keys)


def users(folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List who may sign in, for which party, and how."""
    from sogdia.interfaces.cli import console_users

    console_users.list_users(folder, as_json)


def remove(folder: Folder, name: Annotated[str, typer.Argument(help="The user's name.", show_default=False)]) -> None:
    """Take a user's access away, also while the node runs."""
    from sogdia.interfaces.cli import console_users

    console_users.remove(folder, name)


def carry(
    folder: Annotated[Path, typer.Argument(help="A node's folder, or a folder of keys.", show_default=False)],
    name: Annotated[str, typer.Argument(help="The party's name in the keyring.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", show_default=False)],
) -> None:
    """Write a party's signing key for a browser to take in, encrypted under a password that is asked for."""
    from sogdia.interfaces.cli import console_carrying

    console_carrying.carry(folder, name, output)


def group() -> typer.Typer:
    """The group `console`."""
    made = typer.Typer(
        help="Who may sign in to a node's console, and keys carried into a browser.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in (invite, users, remove, carry):
        made.command()(guarded(command))
    return made
