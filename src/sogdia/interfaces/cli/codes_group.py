"""`sogdia codes`: make codes for goods, and ask which of them show signs of being copied."""

from pathlib import Path
from typing import Annotated

import typer

from sogdia.interfaces.cli.terminal import guarded

To = Annotated[str, typer.Option("--to", help="URL of a node, or its folder.", show_default=False)]
Keys = Annotated[Path | None, typer.Option("--keys", help="Folder of the keyring; the node's own unless given.")]


def make(
    gtin: Annotated[str, typer.Option(help="The product's GTIN.", show_default=False)],
    count: Annotated[int, typer.Option(min=1, help="How many codes.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Folder for the list and the pictures.", show_default=False)],
    to: To,
    key: Annotated[str, typer.Option("--key", help="Name of the party's key in the keyring.", show_default=False)],
    keys: Keys = None,
    lot: Annotated[str, typer.Option(help="Lot number, in the code and on record.")] = "",
    root: Annotated[
        str, typer.Option(help="Web address of the resolver that the codes lead to.")
    ] = "https://id.gs1.org",
    place: Annotated[str, typer.Option(help="Where they are put on the goods: a GLN as URN or Digital Link.")] = "",
    no_tag: Annotated[bool, typer.Option("--no-tag", help="Leave out the keyed tag.")] = False,
    no_svg: Annotated[bool, typer.Option("--no-svg", help="Write the list alone, no QR codes.")] = False,
    everyone: Annotated[bool, typer.Option("--everyone", help="Let everyone read the events.")] = False,
    no_capture: Annotated[bool, typer.Option("--no-capture", help="Do not put the serials on record.")] = False,
) -> None:
    """Make codes with serials that nobody can guess, write list and QR codes, put the serials on record."""
    from sogdia.interfaces.cli import codes

    asked = codes.Asked(gtin, lot, count, out, root, place, not no_tag, not no_svg, everyone, not no_capture)
    codes.make(asked, to, key, keys)


def clones(
    to: To,
    key: Annotated[str, typer.Option("--key", help="Name of the owner's key.", show_default=False)],
    keys: Keys = None,
    thing: Annotated[str, typer.Option(help="One item; the last scanned ones unless given.")] = "",
    least: Annotated[int, typer.Option(min=0, max=99, help="Leave out what is less likely, in per cent.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
) -> None:
    """List items of one's products that show signs of copies, with reasons; the node must be running."""
    from sogdia.interfaces.cli import codes

    codes.clones(to, key, keys, thing, least, as_json)


def group() -> typer.Typer:
    """The group `codes`."""
    made = typer.Typer(
        help="Codes on goods: make them, and find copies.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in (make, clones):
        made.command()(guarded(command))
    return made
