"""The report as a person reads it: short tables, in the reader's language."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sogdia.core.values import minor_digits
from sogdia.interfaces.intake.notes import Lines
from sogdia.interfaces.words import refusal_text, say

SHOWN = 8
"""Rows of a list that a screen shows; the files hold all."""


def show(report: dict[str, Any], folder: Path, aside: Lines, refused: Lines, waiting: Lines, language: str) -> None:
    """Print the report on standard output."""
    console = Console(highlight=False)
    pages = (
        _file(report, language),
        _road(report, waiting, language),
        _money(report, language),
        _tax(report, language),
        _goods(report, language),
        _aside(aside, language),
        _refused(refused, language),
        _waiting(waiting, language),
    )
    for table in pages:
        if table.row_count:
            console.print(table)
    for line in _ending(report, folder, language):
        console.print(line, soft_wrap=True)


def amount(minor: int, currency: str) -> str:
    """Minor units as people write them: 1,234.50 EUR."""
    digits = minor_digits(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def _table(title: str, language: str) -> Table:
    return Table("", "", title=say(f"demo.{title}", language), title_justify="left", box=None, show_header=False)


def _rows(table: Table, rows: Iterable[tuple[str, str]]) -> Table:
    for name, value in rows:
        table.add_row(name, value, style=None)
    return table


def _file(report: dict[str, Any], language: str) -> Table:
    table = _table("file_title", language)
    _rows(table, [(say(f"demo.{n}", language), f"{report[f'{n}_in']:,}") for n in ("rows", "orders", "cancellations")])
    for place in report["rows_by_place"]:
        name = say(f"demo.place_{place['place'].replace('-', '_')}", language)
        table.add_row(f"  {name}", f"{place['rows']:,} · {place['amount']} {place['currency']}")
    if report["unchanged"]:
        table.add_row(say("demo.unchanged", language), f"{report['unchanged']:,}")
    if report["columns_unknown"]:
        table.add_row(say("demo.columns_unknown", language, columns=", ".join(report["columns_unknown"])), "")
    return table


def _road(report: dict[str, Any], waiting: Lines, language: str) -> Table:
    table = _table("road_title", language)
    _rows(table, [(say(f"demo.{n}", language), f"{report[n]:,}") for n in ("placed", "declared", "released")])
    table.add_row(say("demo.waiting", language), f"{len(waiting.seen):,}")
    table.add_row(say("demo.transactions", language), f"{report['transactions']:,}")
    speed = say("demo.speed", language, orders=report["orders_per_second"])
    table.add_row("", f"{report['transactions_per_second']:,} {speed}")
    return table


def _money(report: dict[str, Any], language: str) -> Table:
    table = _table("money_title", language)
    for direction in ("in", "out"):
        for currency, minor in report["money"][direction].items():
            table.add_row(say(f"demo.money_{direction}", language), amount(minor, currency))
    return table


def _tax(report: dict[str, Any], language: str) -> Table:
    table = _table("tax_title", language)
    if any(report["tax"].values()):
        _rows(table, [(say(f"demo.tax_{kind}", language), amount(fen, "CNY")) for kind, fen in report["tax"].items()])
    return table


def _goods(report: dict[str, Any], language: str) -> Table:
    """Trace in three lines: what was captured, the way of one item, and a recall."""
    table, goods = _table("goods_title", language), report["goods"]
    if "item" in goods:
        table.add_row(say("demo.goods_events", language), f"{goods['events']:,}")
        for question, thing in (("trace", goods["item"]), ("recall", goods["recalled"])):
            answer = say(f"demo.goods_{question}_found", language, **goods, ms=report["goods_ms"][question])
            table.add_row(say(f"demo.goods_{question}", language, thing=thing.rpartition("/")[2]), answer)
    return table


def _aside(aside: Lines, language: str) -> Table:
    counted: Counter[str] = Counter()
    first: dict[str, str] = {}
    for note in aside:
        counted[note.reason] += 1
        first.setdefault(note.reason, note.sentence(language))
    return _counted(_table("aside_title", language), [(first[code], count) for code, count in counted.most_common()])


def _refused(refused: Lines, language: str) -> Table:
    first: dict[int, dict[str, Any]] = {}
    counted: Counter[int] = Counter()
    for part in refused:
        counted[part.code] += 1
        first.setdefault(part.code, part.fields)
    named = [(f"{code} {refusal_text(code, first[code], language)}", count) for code, count in counted.most_common()]
    return _counted(_table("refused_title", language), named)


def _waiting(waiting: Lines, language: str) -> Table:
    counted: Counter[str] = Counter()
    facts: dict[str, dict[str, None]] = {}
    for order in waiting:
        counted[order.reason] += 1
        facts.setdefault(order.reason, {}).update(dict.fromkeys(order.facts))
    named = []
    for reason, count in counted.most_common():
        some = list(facts[reason])
        listed = ", ".join(some[:SHOWN]) + (f" … ({len(some)})" if len(some) > SHOWN else "")
        named.append((say(f"demo.{reason}", language, facts=listed), count))
    return _counted(_table("waiting_title", language), named)


def _counted(table: Table, rows: Sequence[tuple[str, int]]) -> Table:
    for name, count in rows:
        table.add_row(f"{count:,}", name)
    return table


def _ending(report: dict[str, Any], folder: Path, language: str) -> list[str]:
    root = {"root": report["state_root"], "height": report["height"], "entries": report["log_size"]}
    lines = ["", *_evidence(report, language), say("demo.state_root", language, **root), *_stand(report, language)]
    lines.append(say("demo.files", language, folder=folder))
    if "evidence" in report:
        lines.append(
            say(
                "demo.check_again", language, folder=folder, trust=f"{report['trust'][0]} {folder}/{report['trust'][1]}"
            )
        )
    if report["orders_in"] and report["unchanged"] == report["orders_in"] and not report["transactions"]:
        lines.insert(0, say("demo.nothing_changed", language))
    return lines


def _stand(report: dict[str, Any], language: str) -> list[str]:
    """Whether the organisations of a network agree."""
    stand = report["stand"]
    if stand["engine"] == "embedded":
        return []
    said = "demo.organisations_agree" if stand["agree"] else "demo.organisations_differ"
    return [say(said, language, names=", ".join(stand["organisations"]), ordered=stand["ordered"])]


def _evidence(report: dict[str, Any], language: str) -> list[str]:
    if "evidence" not in report:
        return []
    verified = report["verified"]
    holds = say("demo.all_hold" if verified["exit_status"] == 0 else "demo.some_fail", language)
    told = say("demo.evidence", language, order=report["evidence"]["order"], checks=verified["count"])
    return [f"{told}: {holds}"]
