"""`sogdia import`: a seller's file of orders onto the record of a running node."""

import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sogdia.interfaces.cli.main_job import Catalogue, Direction, Format, Limit, Sheet, check, detected, progress_lines
from sogdia.interfaces.cli.terminal import Failure, emit_json, guarded, stop, tell

SHOWN: Final = 20
Party = Annotated[str, typer.Option(help="Key name in the keyring, or a DID.")]


def import_(
    file: Annotated[Path, typer.Argument(help="The seller's file of orders: text, JSON or Excel (.xlsx).")],
    to: Annotated[str, typer.Option("--to", help="URL of the node.")],
    keys: Annotated[Path, typer.Option("--keys", help="Folder of the keyring.")],
    platform: Annotated[str, typer.Option(help="Key name of the platform of the sale; it signs the orders.")],
    seller: Annotated[str, typer.Option(help="Key name of the seller; it signs the products.")],
    home: Annotated[str, typer.Option("--home", help="Country that the seller ships from, two letters.")],
    format: Format = "",
    direction: Direction = "export",
    institution: Party = "",
    carrier: Party = "",
    broker: Party = "",
    customs: Party = "",
    catalogue: Catalogue = None,
    sheet: Sheet = "",
    timezone: Annotated[str, typer.Option(help="IANA time zone of times without an offset.")] = "",
    notes: Annotated[Path, typer.Option(help="Folder for what was set aside, refused or waits.")] = Path(
        "import-notes"
    ),
    limit: Limit = 0,
    district: Annotated[str, typer.Option(help="Customs district and port of the lists, four digits.")] = "2925",
    unknown_weight_grams: Annotated[
        int, typer.Option(min=0, help="Weight of articles that neither catalogue nor record knows; 0: not said.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Bring a seller's file of orders onto the record: every part whose key is at hand, nothing twice."""
    check(file, format, direction)
    from sogdia.interfaces.intake.imported import Given

    named = {"platform": platform, "seller": seller, "institution": institution, "carrier": carrier}
    parties = {role: name for role, name in {**named, "broker": broker, "customs": customs}.items() if name}
    told: dict[str, Any] = {"format": format or detected(file, sheet), "direction": direction, "district": district}
    given = Given(
        file,
        notes=notes,
        parties=parties,
        home=home,
        catalogue=catalogue,
        sheet=sheet,
        timezone=timezone or None,
        limit=limit or None,
        unknown_weight_grams=unknown_weight_grams or None,
        **told,
    )
    report = _bring(given, to, keys, platform)
    if as_json:
        emit_json(report)
    else:
        tell("imported", **report)
        if "sheet" in report:
            tell("imported_sheet", sheet=report["sheet"], unread=report["sheets_unread"])
        if "orders_without_weight" in report:
            tell("imported_unweighed", orders=report["orders_without_weight"], skus=_some(report))
    if report["refused"] or "orders_without_weight" in report:
        stop(1)


def _some(report: dict[str, Any]) -> str:
    """The first of the articles that nobody has weighed; all of them stand in the notes."""
    skus = report["articles_without_weight"]
    return ", ".join(skus[:SHOWN]) + (f" … ({len(skus)})" if len(skus) > SHOWN else "")


def add(root: typer.Typer) -> None:
    """Give the command line this command."""
    root.command("import")(guarded(import_))


def _bring(given: Any, to: str, keys: Path, platform: str) -> dict[str, Any]:
    from sogdia.client.http import HttpConnection
    from sogdia.client.keyring import Keyring
    from sogdia.interfaces.cli.keyrings import directory_of, passphrase, pens
    from sogdia.interfaces.intake.imported import PartyNotOnRecord, bring

    ring = Keyring(directory_of(keys))
    with HttpConnection(to, "", signer=pens([platform], keys)[0]) as connection, progress_lines() as said:
        connection.network = str(connection.status()["network"])
        try:
            return bring(connection, ring, given, passphrase(), lambda: time.time_ns() // 1_000_000, said)
        except PartyNotOnRecord as unknown:
            raise Failure("party_unknown", problem=unknown) from None
