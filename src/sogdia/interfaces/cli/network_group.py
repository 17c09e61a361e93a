"""`sogdia network`: the commands of a network of organisations on CometBFT."""

from pathlib import Path
from typing import Annotated, Any

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


def join(
    folder: Annotated[Path, typer.Argument(help="The new organisation's folder.", show_default=False)],
    source: Annotated[str, typer.Option("--from", help="URL of a member's node.", show_default=False)],
    name: Annotated[str, typer.Option(help="Short name of the organisation: letters, digits, - and _.")],
    url: Annotated[str, typer.Option(help="Where its node answers HTTP; host and port unless given.")] = "",
    host: Annotated[str, typer.Option(help="Address at which others reach it.")] = "127.0.0.1",
    listen: Annotated[str, typer.Option(help="Address that it listens at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65000, help="First of its two TCP ports.")] = 26700,
    legal_name: Annotated[str, typer.Option(help="Name on record; the short one unless given.")] = "",
    country: Annotated[str, typer.Option(help="Country of registration, two letters.")] = "CN",
    registration: Annotated[str, typer.Option(help="Number of the registration.")] = "-",
    role: Annotated[list[str] | None, typer.Option(help="Role that it asks for; once for each.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Fetch every block instead of a snapshot.")] = False,
    trust_hash: Annotated[str, typer.Option(help="Hash of the header, from another member by another way.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the members have decided.")] = False,
) -> None:
    """Make an organisation that joins a network, and apply for its membership."""
    from sogdia.app.organisation import Ports
    from sogdia.interfaces.cli import network_joining
    from sogdia.interfaces.network.joining import Applicant
    from sogdia.interfaces.network.laying import Address

    where = Address(Ports(port, port + 1), host, listen, url)
    roles: tuple[Any, ...] = tuple(role or ())
    who = Applicant(name=legal_name or name, country=country, registration=registration, roles=roles)
    given = {"full": full, "trust_hash": trust_hash, "wait": wait}
    network_joining.join(folder, source, name, where, who, given)


def backup(
    folder: Folder,
    to: Annotated[Path, typer.Option("--to", help="Folder for the copies, on another disk.", show_default=False)],
    only: Only = "",
) -> None:
    """Copy organisations, keys included, while they run."""
    from sogdia.interfaces.cli import network_backups

    network_backups.backup(folder, to, only)


def restore(
    folder: Annotated[Path, typer.Argument(help="Empty folder to restore into.", show_default=False)],
    source: Annotated[Path, typer.Option("--from", help="A backup, or a folder of them.", show_default=False)],
    whole_network: Annotated[bool, typer.Option("--whole-network", help="All have lost their data.")] = False,
    new_key: Annotated[bool, typer.Option("--new-key", help="Vote with a new key, to be put on record.")] = False,
) -> None:
    """Put organisations back from backups, every file and every block checked."""
    from sogdia.interfaces.cli import network_backups

    network_backups.restore(source, folder, whole_network, new_key)


def drill(
    folder: Folder,
    source: Annotated[Path | None, typer.Option("--from", help="Where backups are; the last one's place.")] = None,
    only: Only = "",
    as_json: AsJson = False,
) -> None:
    """Rehearse a recovery from the newest backup in a scratch folder; the network runs on."""
    from sogdia.interfaces.cli import network_backups

    network_backups.drill(folder, source, only, as_json)


def report(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON file; a .md beside it is for people.")] = Path(
        "report.json"
    ),
    only: Only = "",
    seconds: Annotated[int, typer.Option(min=0, max=600, help="How long the load lasts.")] = 10,
) -> None:
    """Evaluate a running network: what works, how fast, how safe; exit status 1 when a check fails."""
    from sogdia.interfaces.cli import network_reporting

    network_reporting.report(folder, output, only, seconds)


def rotate_key(folder: Folder, only: Only = "") -> None:
    """Give an organisation a new validator key: on record first, then in its CometBFT."""
    from sogdia.interfaces.cli import networks

    networks.rotate_key(folder, only)


COMMANDS = (init, up, status, trust, join, backup, restore, drill, report, rotate_key)


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
