"""`sogdia demo` and `sogdia import`: thin commands over the rehearsal and the intake of files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sogdia.interfaces.cli.terminal import NO, Failure, emit_json, guarded, language, stop, tell

Orders = Annotated[Path | None, typer.Option("--orders", help="File of orders; made ones unless given.")]
Format = Annotated[str, typer.Option("--format", help="online-retail, shopify, woocommerce, amazon ...")]
Direction = Annotated[str, typer.Option("--direction", help="export or import.")]
Catalogue = Annotated[Path | None, typer.Option("--catalogue", help="File of products.")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Take at most so many orders; 0 takes all.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to work in.")] = Path(".demo"),
    orders: Orders = None,
    format: Format = "",
    direction: Direction = "",
    catalogue: Catalogue = None,
    home: Annotated[str, typer.Option("--home", help="Country that the seller ships from.")] = "",
    limit: Limit = 0,
    as_json: AsJson = False,
) -> None:
    """Rehearse the main job on this machine: orders cross a border, every part signed, matched, answered, proved."""
    if orders is not None and not format:
        raise Failure("format_missing", file=orders)
    from sogdia.interfaces.demo.run import Wanted, rehearse

    wanted = Wanted(folder, orders, _or_none(format), _or_none(direction), catalogue, _or_none(home), limit or None)
    report = rehearse(wanted, _teller())
    if as_json:
        emit_json(report)
    else:
        _tell(report, folder)
    if report.get("verified", {}).get("exit_status"):
        stop(NO)


def add(root: typer.Typer) -> None:
    """Give the command line these commands."""
    root.command("demo")(guarded(demo))


def _or_none(text: str) -> Any:
    return text or None


def _teller() -> Callable[[str, int, int | None], None]:
    """Says what is being done, on one line of a terminal, and nothing elsewhere."""
    import sys

    if not sys.stderr.isatty():
        return lambda what, done, of: None

    def tell_progress(what: str, done: int, of: int | None) -> None:
        print(f"\r\x1b[K{what}: {done}{f' / {of}' if of else ''}", end="", file=sys.stderr, flush=True)

    return tell_progress


def _tell(report: dict[str, Any], folder: Path) -> None:
    """The report in words, figure by figure."""
    from sogdia.interfaces.words import has_words, say, shown

    for name, value in report.items():
        key = f"demo.{name}"
        title = say(key, language()) if has_words(key, language()) else name.replace("_", " ")
        print(f"{title:<28}{shown(value)}")
    tell("demo_done", folder=folder)
