"""`sogdia network report`: the report as JSON for machines, and as Markdown for people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from sogdia.interfaces import words
from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.terminal import NO, language, mark, note, stop, tell
from sogdia.interfaces.network.report import Item, Report
from sogdia.interfaces.network.report import report as evaluate

PARTS: Final = ("functional", "performance", "security")
_SIGNS: Final = {True: "✓", False: "✗", None: "–"}
_MEBIBYTE: Final = 1024 * 1024


def report(folder: Path, output: Path, only: str, seconds: int) -> None:
    """Run the checks and write both forms; exit status 1 when one fails."""
    note("network_report_runs", folder=folder, seconds=seconds)
    made = evaluate(folder, only, seconds, keyrings.passphrase())
    readable = output.with_suffix(".md")
    output.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    readable.write_text("\n".join(markdown(made)) + "\n", encoding="utf-8")
    for one in made.items:
        sign = "–" if one.holds is None else mark(one.holds)
        print(f"{sign} {_say(one.name)}: {one.detail}")
    tell("network_reported", file=output, readable=readable)
    if not made.holds:
        stop(NO)


def markdown(made: Report) -> Iterator[str]:
    """The report as a person reads it, in the chosen language."""
    yield from (f"# {_say('title', network=made.network)}", "", _summary(made), "")
    times = {"began": _time(made.began_ms), "ended": _time(made.ended_ms)}
    yield _say("head", chain=made.chain, organisation=made.organisation, **times)
    machine = msgspec.structs.asdict(made.machine)
    yield _say("machine", memory=made.machine.memory_bytes // _MEBIBYTE, **machine)
    for part in PARTS:
        yield from ("", f"## {_say(part)}", "")
        yield from (_line(one) for one in made.items if one.part == part)
    yield from ("", f"## {_say('standing')}", "")
    for one in made.standing.organisations:
        yield f"- {one.name}: {one.url or one.problem or '-'}, {one.height}, {one.app_hash[:16]}"
    yield from ("", f"## {_say('left_out')}", "")
    yield from (f"- {words.say(f'report_not_run.{name}', language())}" for name in made.not_run)
    yield from ("", f"## {_say('packages')}", "")
    yield from (f"- {name} {version}" for name, version in made.machine.packages.items())


def _summary(made: Report) -> str:
    failed = [_say(one.name) for one in made.items if one.holds is False]
    return _say("fails", names="; ".join(failed)) if failed else _say("holds")


def _line(one: Item) -> str:
    return f"- {_SIGNS[one.holds]} {_say(one.name)}: {one.detail} ({one.seconds} s)"


def _say(key: str, **fields: object) -> str:
    return words.say(f"report.{key}", language(), **fields)


def _time(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
