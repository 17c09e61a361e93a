"""The rehearsal from beginning to end."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from sogdia.app import milliseconds
from sogdia.client.http import HttpConnection
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.demo import recalling
from sogdia.interfaces.demo import report as reports
from sogdia.interfaces.demo.border import Border
from sogdia.interfaces.demo.calendar import Calendar, Dated, calendar_of
from sogdia.interfaces.demo.cast import CUSTOMS, NETWORK, Cast
from sogdia.interfaces.demo.faults import Mistakes
from sogdia.interfaces.demo.goods import Packed, Parcel
from sogdia.interfaces.demo.processes import Processes, until_free
from sogdia.interfaces.demo.sources import Source, from_file, made
from sogdia.interfaces.demo.stands import ORGANISATIONS, STANDS, Stand
from sogdia.interfaces.documents import documents, open_persons, self_signed
from sogdia.interfaces.intake.aside import AsideNote, Drafts, Tally
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder
from sogdia.interfaces.intake.pipeline import Faults, Pipeline, Situation
from sogdia.interfaces.intake.trade import Direction, Parties
from sogdia.interfaces.words import say
from sogdia.standards.orders import DraftCancellation, DraftOrder, Format, read_catalogue

HOME_OF_ONLINE_RETAIL = "GB"

Tell = Callable[[str, int, int | None], None]
"""Progress: what is being done, how much is done, of how much (None: not known)."""


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    folder: Path
    language: str = "en"
    orders: Path | None = None
    format: Format | None = None
    direction: Direction | None = None
    catalogue: Path | None = None
    home: str | None = None
    limit: int | None = None
    made_orders: int = 600
    engine: str = "embedded"
    sheet: str = ""


def rehearse(wanted: Wanted, tell: Tell) -> tuple[dict[str, Any], "Stage"]:
    """Run the main job; gives the report, also written to report.json, and the stage with the notes beside it."""
    folder = wanted.folder
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder), Processes(folder) as processes:
        calendar = calendar_of(folder, milliseconds())
        cast = _cast(folder, wanted.language, tell)
        with STANDS[wanted.engine](folder, cast, processes) as stand:
            stage = Stage(folder, cast, stand.url, calendar, wanted.language)
            processes.wait_for(stage.connection)
            _start_customs(processes, folder, stand, calendar if wanted.orders is None else None, wanted.language)
            report = stage.play(_sources(wanted, stage), stand, tell)
            stage.export_evidence(report)
            stage.close()
            report["trust"] = stand.trust()
            report["stand"] = stand.ending()
    nothing = {"exit_status": 0, "count": 0, "checks": []}
    report["verified"] = _verify(folder, report["trust"]) if "evidence" in report else nothing
    reports.write(folder / "report.json", report, stage.aside, stage.refused, stage.waiting)
    return report, stage


class Stage:
    """One rehearsal in progress: the connection of the platform, and the notes beside the record."""

    def __init__(self, folder: Path, cast: Cast, url: str, calendar: Calendar, language: str = "en") -> None:
        self.folder = folder
        self.calendar = calendar
        self.language = language
        self.url = url
        self.cast = cast
        self.tally = Tally()
        self.aside = Lines(folder / "set_aside.ndjson", AsideNote, ("row", "order", "field", "reason"), fresh=True)
        self.refused = Lines(folder / "refused.ndjson", RefusedPart, ("order", "part"))
        self.waiting = Lines(folder / "waiting.ndjson", WaitingOrder, ("order",), fresh=True)
        platform = cast.signers("export").get("platform")
        self.connection = HttpConnection(url, NETWORK.network, signer=platform)

    def play(self, sources: Sequence[Source], processes: Stand, tell: Tell) -> dict[str, Any]:
        """Bring every source onto the record, wait for the border, deliver, take back, and count.

        Cancellations come after the border: a sale is taken back when it has been shipped, and whether customs or the
        cancellation is faster must not decide how a rehearsal ends.
        """
        began, before = time.monotonic(), self.connection.status()["log_size"]
        orders = unchanged = 0
        for source in sources:
            pipeline = self._pipeline(source)
            taken_back = list[DraftCancellation]()
            for done in pipeline.run(_sales(source.drafts(), taken_back)):
                processes.check()
                tell(say("demo.reading", self.language, source=source.name), done, source.expected)
            self._border(source, pipeline, processes, tell)
            for _ in pipeline.run(taken_back):
                processes.check()
            orders += pipeline.counts.orders
            unchanged += pipeline.counts.unchanged
        traced = recalling.parcels_of(draft for source in sources for draft in source.traced())
        self._capture(traced)
        seconds = time.monotonic() - began
        reports.wait_for_mirror(self.connection, processes)
        found = reports.figures(self.connection)
        sent = found["log_size"] - before
        return self._report(found, orders, unchanged, sent, seconds) | self._recall(traced)

    def _capture(self, parcels: Sequence[Parcel]) -> None:
        """The brand's events of these parcels onto the record."""
        brand = self.cast.signer_of(self.cast.did("brand"))
        with HttpConnection(self.url, NETWORK.network, signer=brand) as connection:
            recalling.capture(connection, brand, self.cast.did("platform"), parcels, self.calendar.start_ms)

    def _recall(self, parcels: Sequence[Parcel]) -> dict[str, Any]:
        """What the brand is answered when it asks after an item and recalls a lot."""
        brand = self.cast.signer_of(self.cast.did("brand"))
        with HttpConnection(self.url, NETWORK.network, signer=brand) as connection:
            return recalling.ask(connection, self.cast.did("platform"), parcels, self.calendar.start_ms)

    def export_evidence(self, report: dict[str, Any]) -> None:
        """Write the evidence of one order, if there is any, as its seller may see it, and the network's public key."""
        sold = self._example_order()
        if sold is None:
            return
        with HttpConnection(self.url, NETWORK.network, signer=self.cast.signer_of(sold["seller"])) as seller:
            evidence = seller.evidence_of_order(sold["platform"], sold["order"])
        (self.folder / "evidence.json").write_bytes(evidence)
        report["evidence"] = {"platform": sold["platform"], "order": sold["order"], "file": "evidence.json"}
        report["documents"] = self._export_documents(sold["platform"], sold["order"])

    def _export_documents(self, platform: str, order: str) -> list[str]:
        """Write the customs messages of one order, signed as the broker would; gives the names of the files."""
        broker = self.cast.signers("export").by_role["broker"]
        folder = self.folder / "documents"
        folder.mkdir(exist_ok=True)
        with HttpConnection(self.url, NETWORK.network, signer=broker) as connection:
            placed = connection.lookup([("orders.order", platform, order)])[0]
            opened = open_persons(connection, placed, broker.did, broker.agreement_private) if placed else (None, None)
            persons, secret = opened
            signer = self_signed(NETWORK.network, datetime.now(UTC))
            made = documents(connection, platform, order, persons, sign_with=signer, secret=secret)
        for one in made:
            if one.xml:
                (folder / one.name).write_bytes(one.xml)
        return [one.name for one in made if one.xml]

    def close(self) -> None:
        """Close the notes and the connection."""
        for lines in (self.aside, self.refused, self.waiting):
            lines.flush()
        self.connection.close()

    def _pipeline(self, source: Source) -> Pipeline:
        parties = self.cast.parties(source.direction)
        return Pipeline(
            self.connection,
            self.cast.signers(source.direction),
            self.cast.recipients(),
            Situation(parties, source.home, source.direction),
            source.articles,
            clock=milliseconds,
            refused=self.refused,
            waiting=self.waiting,
            identity_of=source.identity_of,
            faults=self._made_otherwise(parties) if source.rehearsed else lambda part, trade, right: None,
        )

    def _made_otherwise(self, parties: Parties) -> Faults:
        """What the rehearsal's parties say in the place of what they would: their times, contents, and mistakes."""
        return Dated(self.calendar, Packed(Mistakes(parties)))

    def _border(self, source: Source, pipeline: Pipeline, processes: Stand, tell: Tell) -> None:
        """Wait until customs has decided the lists, and have the carrier report the released parcels."""
        lists = {number: order for order, number in pipeline.declared.items()}
        calendar = self.calendar if source.rehearsed else None
        border = Border(self.connection, self.cast, source.direction, lists, calendar)
        while True:
            processes.check()
            left = border.open()
            tell(say("demo.border", self.language), len(lists) - left, len(lists))
            if not left:
                return
            time.sleep(0.1)

    def _example_order(self) -> dict[str, Any] | None:
        """An order that went the whole way, or as far as any did."""
        for phase in ("closed", "released", "rejected", "declared"):
            found = self.connection.query("customs/lists", phase=phase, limit=1)
            if found:
                return dict(found[0])
        orders = self.connection.query("orders/orders", limit=1)
        return dict(orders[0]) if orders else None

    def _report(self, found: dict[str, Any], orders: int, unchanged: int, sent: int, seconds: float) -> dict[str, Any]:
        tally = self.tally
        return {
            "rows_in": tally.rows_in,
            "orders_in": orders,
            "cancellations_in": tally.cancellations_in,
            "unchanged": unchanged,
            "rows_by_place": tally.places(),
            "columns_unknown": tally.columns_unknown,
            "placed": found["placed"],
            "declared": found["declared"],
            "released": found["released"],
            "lists": found["lists"],
            "money": {
                "in": {row["currency"]: row["paid_minor"] for row in found["money"]},
                "out": {row["currency"]: row["refunded_minor"] for row in found["money"]},
            },
            "tax": _by_kind(found["tax"]),
            "destinations": found["destinations"],
            "transactions": sent,
            "seconds": round(seconds, 3),
            "transactions_per_second": round(sent / seconds, 1),
            "orders_per_second": round(orders / seconds, 1),
            "log_size": found["log_size"],
            "height": found["height"],
            "state_root": found["state_root"],
        }


def _sales(drafts: Drafts, taken_back: list[DraftCancellation]) -> Iterator[DraftOrder]:
    """The orders as they come; cancellations are kept for later."""
    for draft in drafts:
        if isinstance(draft, DraftCancellation):
            taken_back.append(draft)
        else:
            yield draft


def _by_kind(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    kinds = ("duty_fen", "consumption_fen", "vat_fen")
    return {kind.removesuffix("_fen"): sum(row[kind] or 0 for row in rows) for kind in kinds}


def _sources(wanted: Wanted, stage: Stage) -> list[Source]:
    if wanted.orders is None:
        directions: tuple[Direction, ...] = (wanted.direction,) if wanted.direction else ("export", "import")
        count = wanted.limit or wanted.made_orders
        return [
            made(stage.folder, direction, count, stage.aside, stage.tally, stage.calendar) for direction in directions
        ]
    catalogue = read_catalogue(wanted.catalogue) if wanted.catalogue else None
    assert wanted.format is not None
    home = wanted.home or (HOME_OF_ONLINE_RETAIL if wanted.format == "online-retail" else "CN")
    direction = wanted.direction or "export"
    told = (wanted.orders, wanted.format, direction, home, catalogue, wanted.limit, stage.aside, stage.tally)
    return [from_file(*told, wanted.sheet)]


def _cast(folder: Path, language: str, tell: Tell) -> Cast:
    """The parties with their keys, once an earlier run's processes have ended."""
    cast = Cast(folder)
    cast.assemble()
    network = folder / "network"
    for taken in (folder / "node", folder / CUSTOMS, *(network / name for name in ORGANISATIONS)):
        until_free(taken, lambda pid, waited: tell(say("demo.earlier_run", language, pid=pid), waited, None))
    return cast


def _start_customs(processes: Processes, folder: Path, stand: Stand, calendar: Calendar | None, language: str) -> None:
    arguments = ["--node", stand.customs_url, "--network", NETWORK.network, "--folder", str(folder / CUSTOMS)]
    arguments += ["--patience", str(stand.patience_seconds), "--with-parent", "--lang", language]
    arguments += ["--rehearsal", str(calendar.began_ms)] if calendar else []
    processes.start("customs", "sogdia.interfaces.authority", arguments)


def _verify(folder: Path, trust: Sequence[str]) -> dict[str, Any]:
    """Check the evidence as anyone would: another process, no network, only the file and what is trusted."""
    command = [sys.executable, "-m", "sogdia.interfaces.cli", "verify", str(folder / "evidence.json")]
    command += [trust[0], str(folder / trust[1]), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    told = json.loads(done.stdout) if done.stdout else {"checks": []}
    return {"exit_status": done.returncode, "count": len(told["checks"]), **told}
