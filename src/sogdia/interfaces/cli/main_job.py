"""`sogdia demo`: a thin command over the rehearsal of the main job."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sogdia.interfaces.cli.terminal import NO, Failure, guarded, language, stop

Orders = Annotated[Path | None, typer.Option("--orders", help="A seller's file of orders; made ones unless given.")]
Format = Annotated[str, typer.Option("--format", help="online-retail, amazon, shopify or woocommerce.")]
Direction = Annotated[str, typer.Option("--direction", help="export or import; both for made orders unless given.")]
Catalogue = Annotated[Path | None, typer.Option("--catalogue", help="CSV of products with their HS codes.")]
Home = Annotated[str, typer.Option("--home", help="Country that the seller ships from, two letters.")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Take at most so many orders; 0 takes all.")]
Sheet = Annotated[str, typer.Option("--sheet", help="Sheet of a workbook, where several have orders.")]
Data = Annotated[Path, typer.Option("--data", help="Folder for the node, the report and the evidence.")]
Engine = Annotated[str, typer.Option("--engine", help="embedded, or cometbft: four organisations on this machine.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]

DIRECTIONS: Final = ("export", "import")
ENGINES: Final = ("embedded", "cometbft")
EVERY_SECONDS: Final = 2.0
"""How often progress is said where there is no terminal to draw on."""


def demo(
    orders: Orders = None,
    format: Format = "",
    direction: Direction = "",
    catalogue: Catalogue = None,
    home: Home = "",
    sheet: Sheet = "",
    limit: Limit = 0,
    data: Data = Path("demo-data"),
    engine: Engine = "embedded",
    as_json: AsJson = False,
) -> None:
    """Rehearse the main job on this machine: orders cross a border, every part signed, matched, answered, proved."""
    check(orders, format, direction)
    if engine not in ENGINES:
        raise Failure("not_one_of", option="--engine", given=engine, known=", ".join(ENGINES))
    from sogdia.interfaces.demo.calendar import is_of_an_earlier_release
    from sogdia.interfaces.demo.run import Wanted, rehearse
    from sogdia.interfaces.demo.show import show

    if is_of_an_earlier_release(data):
        raise Failure("demo_earlier_release", folder=data)
    told = {"format": format or detected(orders, sheet), "direction": direction, "home": home, "limit": limit}
    told |= {"engine": engine, "sheet": sheet}
    given: dict[str, Any] = {name: value for name, value in told.items() if value}
    wanted = Wanted(data, language(), orders, catalogue=catalogue, **given)
    with progress_lines() as tell:
        report, stage = rehearse(wanted, tell)
    if as_json:
        print((data / "report.json").read_text(encoding="utf-8"), end="")
    else:
        show(report, data, stage.aside, stage.refused, stage.waiting, language())
    if report["verified"]["exit_status"]:
        stop(NO)


def add(root: typer.Typer) -> None:
    """Give the command line these commands."""
    root.command("demo")(guarded(demo))


def check(orders: Path | None, format: str, direction: str) -> None:
    """Refuse a file that is none, and formats and directions that are not known."""
    from sogdia.standards.orders import FORMATS

    if orders is not None and not orders.is_file():
        raise Failure("no_such_file", file=orders)
    if format and format not in FORMATS:
        raise Failure("not_one_of", option="--format", given=format, known=", ".join(FORMATS))
    if direction and direction not in DIRECTIONS:
        raise Failure("not_one_of", option="--direction", given=direction, known=", ".join(DIRECTIONS))


def detected(orders: Path | None, sheet: str = "") -> str:
    """The format of a file, from its first bytes; of a workbook, from the heading of its sheet."""
    if orders is None:
        return ""
    from sogdia.standards.orders import Options, detect_file

    found = detect_file(orders, options=Options(name=orders.name, sheet=sheet))
    if found is None:
        raise Failure("format_missing", file=orders)
    return found


class progress_lines:
    """Draws progress on a terminal, and says it every other second elsewhere."""

    def __enter__(self) -> Callable[[str, int, int | None], None]:
        self._said = time.monotonic()
        self._drawn = sys.stderr.isatty()
        return self._tell

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _tell(self, what: str, done: int, of: int | None) -> None:
        line = f"{what}: {done:,}{f' / {of:,}' if of else ''}"
        if self._drawn:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            print(line, file=sys.stderr, flush=True)
