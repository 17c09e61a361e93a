"""The command line from its top: what commands there are and what they take; the work is imported when asked for."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.terminal import choose_language, guarded

Folder = Annotated[Path, typer.Argument(help="The node's folder.", show_default=False)]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write.", show_default=False)]
To = Annotated[str, typer.Option("--to", help="URL of a node, or its folder.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Key = Annotated[str, typer.Option("--key", help="Name of the key to ask with.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="Folder of the keyring; the node's own unless given.")]
As = Annotated[str, typer.Option("--as", help="Party to ask as, in a folder whose node is not running.")]


def init(
    folder: Folder,
    network: Annotated[str, typer.Option(help="Name of the network, part of everything signed.")] = "sogdia",
    code: Annotated[str, typer.Option(help="Its code in identifiers: four lower-case letters or digits.")] = "sogd",
    origin: Annotated[str, typer.Option(help="First line of its checkpoints: host and path.")] = "sogdia.example/main",
    rulebooks: Annotated[bool, typer.Option(help="Begin with the rates, limits and bans that come along.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a node in a folder: keys of the founding parties, rulebooks, founding block."""
    from sogdia.app import NetworkInfo
    from sogdia.interfaces.cli import founding

    founding.init(folder, NetworkInfo(network, code, origin), rulebooks, as_json)


def up(
    folder: Folder,
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = 8440,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    mirror: Annotated[str, typer.Option(help="Database of the mirror; a SQLite file in the folder unless given.")] = "",
    no_mirror: Annotated[bool, typer.Option("--no-mirror", help="Run without a mirror, so without queries.")] = False,
    url: Annotated[
        list[str] | None, typer.Option(help="URL under which others reach this node; repeat for more.")
    ] = None,
    capture_as: Annotated[str, typer.Option(help="Key name of the party that signs what EPCIS clients capture.")] = "",
    proxy: Annotated[
        list[str] | None, typer.Option(help="Address or network of a proxy before this node; repeat for more.")
    ] = None,
) -> None:
    """Run a node with its HTTP interface and mirror until Ctrl-C or SIGTERM."""
    from sogdia.interfaces.cli import running
    from sogdia.interfaces.epcis.station import capturing_as

    served, database = capturing_as(capture_as), None if no_mirror else mirror
    running.up(folder, host, port, database, url or (), served=served, proxies=proxy or ())


def send(
    file: Annotated[str, typer.Argument(help="Signed transactions, one a line; - for standard input.")],
    to: To,
    as_json: AsJson = False,
) -> None:
    """Send signed transactions and say what became of each."""
    from sogdia.interfaces.cli import sending

    sending.send(file, to, as_json)


def countersign(
    file: Annotated[str, typer.Argument(help="A signed transaction, - for standard input.")],
    key: Annotated[list[str], typer.Option(help="Name of a key to sign with; again for more.")],
    keys: Annotated[Path, typer.Option(help="Folder of the keyring.", show_default=False)],
) -> None:
    """Add a signature to a transaction that others have signed already, and print it for the next, or for send."""
    from sogdia.interfaces.cli import countersigning

    countersigning.countersign(file, key, keys)


def prove(
    to: Annotated[str, typer.Argument(help="The node's folder or URL.", show_default=False)],
    output: Output,
    record: Annotated[list[str] | None, typer.Argument(help="TABLE and its KEY fields.", show_default=False)] = None,
    order: Annotated[tuple[str, str] | None, typer.Option(help="PLATFORM ORDER: the whole trade of an order.")] = None,
    key: Key = "",
    keys: Keys = None,
    party: As = "",
) -> None:
    """Write evidence of a record or an order that anyone can check offline."""
    from sogdia.interfaces.cli import evidence_files

    wanted = [evidence_files.ORDERS, *order] if order else record or []
    evidence_files.prove(to, wanted, output, key=key, keys=keys, party=party)


def verify(
    file: Annotated[str, typer.Argument(help="Evidence file; - for standard input.", show_default=False)],
    network_key: Annotated[str, typer.Option(help="The network's public key, as text or in a file.")] = "",
    trusted: Annotated[
        Path | None, typer.Option(help="File with a trusted header, for a network of organisations.")
    ] = None,
    trusting_period: Annotated[
        int | None, typer.Option(min=1, help="Days for which a trusted header is believed; any age unless given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check an evidence file offline: every check by name; exit status 0 only if all hold."""
    from sogdia.interfaces.cli import verifying

    verifying.verify(file, network_key, trusted, trusting_period, as_json)


def replay(
    folder: Annotated[Path | None, typer.Argument(help="The node's folder.", show_default=False)] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Replay an exported log instead.")] = None,
    export: Annotated[Path | None, typer.Option(help="Write the log with receipts to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Execute every block anew on a scratch machine and compare every seal."""
    from sogdia.interfaces.cli import replaying

    replaying.replay(folder, source, export, as_json)


def status(
    where: Annotated[str, typer.Argument(help="The node's folder or URL.", show_default=False)], as_json: AsJson = False
) -> None:
    """Say where a node stands."""
    from sogdia.interfaces.cli.status import print_status

    print_status(where, as_json)


def rebuild_mirror(
    folder: Folder,
    mirror: Annotated[str, typer.Option(help="Database of the mirror; a SQLite file in the folder unless given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fill the mirror anew from the first block, for a node that is not running."""
    from sogdia.interfaces.cli import mirroring

    mirroring.rebuild(folder, mirror, as_json)


def messages(as_json: AsJson = False) -> None:
    """List every message that parties may sign; as JSON, their schema."""
    from sogdia.interfaces.cli import listing

    listing.messages(as_json)


def tables(as_json: AsJson = False) -> None:
    """List every table of records: its key, its fields, whether it is proved."""
    from sogdia.interfaces.cli import listing

    listing.tables(as_json)


def query(
    domain: Annotated[str, typer.Argument(help="A domain.", show_default=False)],
    name: Annotated[str, typer.Argument(help="One of its answers.", show_default=False)],
    to: To,
    param: Annotated[list[str] | None, typer.Option("--param", help="NAME=VALUE, once for each.")] = None,
    key: Key = "",
    keys: Keys = None,
    party: As = "",
) -> None:
    """Ask a domain and print its answer as JSON."""
    from sogdia.interfaces.cli import querying

    querying.query(domain, name, param or [], to, key, keys, party)


def docs(
    folder: Annotated[Path, typer.Argument(help="Folder for the pages.", show_default=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit status 1 if a page is not so.")] = False,
) -> None:
    """Write one page per domain, derived from the messages, rules and records."""
    from sogdia.interfaces.cli.docs import write_pages

    write_pages(folder, check)


def choose(
    lang: Annotated[str, typer.Option("--lang", help="Language of what is said: en or zh; LANG unless given.")] = "",
) -> None:
    """Sogdia: one record of a cross-border trade that anyone can check offline."""
    choose_language(lang)


COMMANDS = (init, up, send, countersign, prove, verify, replay, status, rebuild_mirror, messages, tables, query, docs)


def build(argv: Collection[str]) -> typer.Typer:
    """The command line; a domain's messages become commands only when its name was typed, so that the rest is fast."""
    from sogdia.interfaces.cli import (
        codes_group,
        console_group,
        documents,
        importing,
        keys_group,
        main_job,
        network_group,
    )

    root = _typer()
    root.callback()(choose)
    for command in COMMANDS:
        root.command()(guarded(command))
    main_job.add(root)
    importing.add(root)
    documents.add(root)
    root.add_typer(keys_group.group(), name="keys")
    root.add_typer(network_group.group(), name="network")
    root.add_typer(codes_group.group(), name="codes")
    root.add_typer(console_group.group(), name="console")
    for domain in registry.domain_names():
        group = _typer(help=registry.promise(domain))
        if domain in argv:
            from sogdia.interfaces.cli.message_commands import add_messages

            add_messages(group, domain)
            if domain == "trace":
                from sogdia.interfaces.cli import trace_group

                trace_group.add(group)
        root.add_typer(group, name=domain, rich_help_panel="Messages")
    return root


def _typer(help: str | None = None) -> typer.Typer:
    return typer.Typer(
        help=help, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
