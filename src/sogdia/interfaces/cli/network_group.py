"""`sogdia network`: the commands of a network of organisations on CometBFT."""

from pathlib import Path
from typing import Annotated

import typer

from sogdia.interfaces.cli.terminal import guarded

Folder = Annotated[Path, typer.Argument(help="The network's folder, or one organisation's.", show_default=False)]
Only = Annotated[str, typer.Option("--only", help="Name of one organisation.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Program = Annotated[str, typer.Option("--cometbft", help="The CometBFT program; found by itself unless given.")]


def init(
    folder: Folder,
    organisations: Annotated[int, typer.Option(min=1, max=100, help="How many organisations found it.")] = 4,
    name: Annotated[list[str] | None, typer.Option(help="Name of an organisation; once for each.")] = None,
    network: Annotated[str, typer.Option(help="Name of the network, part of everything signed.")] = "sogdia",
    code: Annotated[str, typer.Option(help="Its code in identifiers: four lower-case letters or digits.")] = "sogd",
    origin: Annotated[str, typer.Option(help="First line of its checkpoints: host and path.")] = "sogdia.example/main",
    port: Annotated[int, typer.Option(min=1, max=65000, help="First TCP port; two for each organisation.")] = 26600,
    rulebooks: Annotated[bool, typer.Option(help="Begin with the rates, limits and bans that come along.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a network: keys, genesis with the founding members, one folder for each organisation."""
    from sogdia.app import NetworkInfo
    from sogdia.interfaces.cli import networks

    names = name or None
    networks.init(folder, NetworkInfo(network, code, origin), names, organisations, port, rulebooks, as_json)


def up(folder: Folder, only: Only = "", cometbft: Program = "") -> None:
    """Run the organisations of a folder, or one of them, until Ctrl-C or SIGTERM."""
    from sogdia.interfaces.cli import networks

    networks.up(folder, only, cometbft)


def status(folder: Folder, only: Only = "", as_json: AsJson = False) -> None:
    """Say where each organisation stands: height, lag, agreement, peers, open votes, mirror, disk."""
    from sogdia.interfaces.cli import networks

    networks.status(folder, only, as_json)


def trust(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("trusted.json"),
    height: Annotated[int, typer.Option(min=0, help="CometBFT's height; the latest unless given.")] = 0,
    only: Only = "",
) -> None:
    """Write the header that somebody may trust from now on, and its hash for comparing."""
    from sogdia.interfaces.cli import networks

    networks.trust(folder, only, height, output)


COMMANDS = (init, up, status, trust)


def group() -> typer.Typer:
    """The commands, for the root of the command line."""
    made = typer.Typer(
        help="A network of organisations, none of which has to be trusted.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )
    for command in COMMANDS:
        made.command()(guarded(command))
    return made
