"""`sogdia trace`: beside the messages of trace, files of events, histories, recalls, and API keys."""

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.models import CommandInfo

from sogdia.interfaces.cli.terminal import guarded

To = Annotated[str, typer.Option("--to", "--node", help="URL of a node, or its folder.", show_default=False)]
Key = Annotated[str, typer.Option("--key", help="Name of the key to ask with.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="Folder of the keyring; the node's own unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Thing = Annotated[str, typer.Argument(help="A thing: an EPC URN or a GS1 Digital Link.", show_default=False)]
Folder = Annotated[Path, typer.Argument(help="The node's folder.", show_default=False)]
Name = Annotated[str, typer.Option("--as", help="Name of the party's key in the keyring.", show_default=False)]
Proceed = Annotated[bool, typer.Option("--proceed", help="Take the good events of a file that has bad ones.")]
Repair = Annotated[
    bool,
    typer.Option("--repair", "--sloppy", help="Put right what is sloppy where that takes no guess."),
]
Zone = Annotated[str, typer.Option("--timezone", help="With --repair: IANA time zone of times without an offset.")]
Notes = Annotated[
    Path | None, typer.Option("--notes", help="Folder for reports; with --repair beside each file unless given.")
]
Rehearses = Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, capture nothing.")]
Everyone = Annotated[bool, typer.Option("--everyone", help="Let everyone read the events.")]
Shared = Annotated[list[str] | None, typer.Option("--share", help="DID of a party that may read them; repeat.")]


def history(thing: Thing, to: To, key: Key = "", keys: Keys = None, as_json: AsJson = False) -> None:
    """What happened to a thing, in itself and in what it was in, the oldest first."""
    from sogdia.interfaces.cli import trace_tables

    trace_tables.history(thing, to, key, keys, as_json)


def up(thing: Thing, to: To, key: Key = "", keys: Keys = None, as_json: AsJson = False) -> None:
    """What a thing was made of and where it came from."""
    from sogdia.interfaces.cli import trace_tables

    trace_tables.graph(thing, "up", to, key, keys, as_json)


def down(thing: Thing, to: To, key: Key = "", keys: Keys = None, as_json: AsJson = False) -> None:
    """What became of a thing."""
    from sogdia.interfaces.cli import trace_tables

    trace_tables.graph(thing, "down", to, key, keys, as_json)


def recall(
    to: To,
    thing: Annotated[list[str] | None, typer.Argument(help="Items, lots, containers.", show_default=False)] = None,
    supplier: Annotated[str, typer.Option(help="Everything that came from this party or place.")] = "",
    event: Annotated[list[str] | None, typer.Option(help="Everything in the event of this ID; repeat.")] = None,
    since: Annotated[str, typer.Option(help="Supplier and events from this time on.")] = "",
    until: Annotated[str, typer.Option(help="Supplier and events up to this time.")] = "",
    key: Key = "",
    keys: Keys = None,
    as_json: AsJson = False,
) -> None:
    """Everything that a defect may have reached, where it is now, and who has it."""
    from sogdia.interfaces.cli import trace_tables

    asked = {"things": thing or [], "supplier": supplier, "events": event or [], "since": since, "until": until}
    trace_tables.recall(asked, to, key, keys, as_json)


def watch(
    folder: Annotated[Path, typer.Argument(help="Folder that files are dropped into.", show_default=False)],
    to: To,
    name: Name,
    keys: Keys = None,
    proceed: Proceed = False,
    repair: Repair = False,
    timezone: Zone = "",
    notes: Notes = None,
    everyone: Everyone = False,
    share: Shared = None,
    once: Annotated[bool, typer.Option("--once", help="Do what lies there and end.")] = False,
) -> None:
    """Capture every file that is dropped into a folder; done ones go to done/, refused ones to refused/."""
    from sogdia.interfaces.cli import trace_files

    given = trace_files.Given(to, name, keys, "", proceed, everyone, tuple(share or ()), repair, timezone, notes)
    trace_files.watch(folder, given, once)


def key_new(
    folder: Folder,
    party: Annotated[str, typer.Option(help="Key name in the node's keyring, or a DID.", show_default=False)],
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="capture or query; both unless given.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it holds.")] = 365,
) -> None:
    """Make an API key for a client that cannot sign; its token is printed once."""
    from sogdia.interfaces.cli import trace_keys

    trace_keys.new(folder, party, label, scope or [], days)


def key_list(folder: Folder, as_json: AsJson = False) -> None:
    """List the API keys of a node."""
    from sogdia.interfaces.cli import trace_keys

    trace_keys.list_keys(folder, as_json)


def key_revoke(
    folder: Folder, key: Annotated[str, typer.Argument(help="Id of the key, as list shows it.", show_default=False)]
) -> None:
    """End an API key at once, also while the node runs."""
    from sogdia.interfaces.cli import trace_keys

    trace_keys.revoke(folder, key)


def add(group: typer.Typer) -> None:
    """Give the group of the messages of trace these commands; `capture` takes files too."""
    for info in group.registered_commands:
        if info.name == "capture":
            _with_files(info)
    for command in (history, up, down, recall, watch):
        group.command()(guarded(command))
    keys = typer.Typer(help="API keys of clients that cannot sign.", no_args_is_help=True, rich_markup_mode=None)
    keys.command("new")(guarded(key_new))
    keys.command("list")(guarded(key_list))
    keys.command("revoke")(guarded(key_revoke))
    group.add_typer(keys, name="key")


def _with_files(info: CommandInfo) -> None:
    """The message's own command, which with FILEs captures these instead."""
    made: Any = info.callback
    asked = list(inspect.signature(made).parameters.values())

    def capture(**given: Any) -> None:
        files, name, share = given.pop("files"), given.pop("name"), tuple(given.pop("share") or ())
        own = {one: given.pop(one) for one in ("proceed", "everyone", "repair", "timezone", "notes", "rehearses")}
        if not files:
            made(**given)
            return
        from sogdia.interfaces.cli import trace_files

        party, to, keys = given["party"] or "", given["own_to"], given["own_keys"]
        name = name or next(iter(given["own_key"]), "")
        wanted = trace_files.Given(to, name, keys, party, share=share, **own)
        trace_files.capture([Path(file) for file in files], wanted)

    extra = {
        "files": (Annotated[list[str] | None, typer.Argument(help="Files of events: JSON or XML.")], None),
        "name": (Name, ""),
        "proceed": (Proceed, False),
        "repair": (Repair, False),
        "timezone": (Zone, ""),
        "notes": (Notes, None),
        "rehearses": (Rehearses, False),
        "everyone": (Everyone, False),
        "share": (Shared, None),
    }
    kind = inspect.Parameter.KEYWORD_ONLY
    added = [inspect.Parameter(name, kind, default=value, annotation=note) for name, (note, value) in extra.items()]
    capture.__signature__ = inspect.Signature([*asked, *added])  # type: ignore[attr-defined]
    capture.__annotations__ = {one.name: one.annotation for one in [*asked, *added]}
    capture.__doc__ = made.__doc__
    info.callback = guarded(capture)
