"""`sogdia trace capture --repair`: sloppy files onto the record of a real node, every repair told, nothing lost."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from sogdia.app import Node
from sogdia.interfaces.epcis.packing import PAYLOAD_BYTES
from tests.interfaces.cli.conftest import Running, Terminal, did, node, sogdia, start, template
from tests.interfaces.epcis.repository import document, event, serial
from tests.interfaces.epcis.test_survival import events_on_record

__all__ = ["node", "sogdia", "start", "template"]
EVENTS = 3_000


def sloppy(number: int) -> dict[str, Any]:
    """A new item, each third event sloppy in its own way, and each hundredth beyond repair."""
    faults: list[dict[str, Any]] = [
        {"eventTime": "2026-05-28 20:33:31", "bizStep": "urn:epcglobal:cbv:bizstep:commissioning"},
        {"epcList": f"(01)9506000134352(21)X{number}", "action": "add"},
        {"readPoint": "9506000138602", "eventTimeZoneOffset": "+8:00", "disposition": None},
    ]
    if number % 100 == 99:
        return event(epcList=[f"https://id.gs1.org/01/09506000134353/21/X{number}"])
    made = event(epcList=[f"{serial()}N{number}"])
    return {**made, **faults[number % 9]} if number % 9 < len(faults) else made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A good event, one that can be put right, one that cannot."""
    made = tmp_path / "events.json"
    wrong = event(epcList=["https://id.gs1.org/01/09506000134353/21/A"])
    made.write_bytes(document(event(), event(eventTime="2026-05-28 20:33:31"), wrong))
    return made


def report(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.with_name(file.name + ".repairs.json").read_bytes())
    return found


def test_a_rehearsal_says_what_would_be_put_right_and_captures_none(sogdia: Terminal, node: Path, file: Path) -> None:
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--repair", "--dry-run")
    assert said.status == 1, said.err
    assert "1 events right, 1 put right, 0 the same as another, 1 set aside" in said.out
    assert "'2026-05-28 20:33:31' was read as '2026-05-28T20:33:31+08:00'" in said.out
    assert "the check digit is 3, 2 was expected" in said.out
    assert "nothing was captured" in said.out
    assert report(file)["rehearsal"] is True
    assert events_on_record(node, did(node, "seller")) == 0


def test_without_proceed_one_event_beyond_repair_keeps_all_out(sogdia: Terminal, node: Path, file: Path) -> None:
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--repair")
    assert said.status == 1
    assert "0 captured, 0 on record already, 1 faults" in said.out
    assert events_on_record(node, did(node, "seller")) == 0


def test_the_text_of_what_is_set_aside_is_in_the_report_and_can_be_mended_and_sent_again(
    sogdia: Terminal, node: Path, file: Path, tmp_path: Path
) -> None:
    command = ("--as", "seller", "--to", node, "--repair", "--proceed")
    assert "2 captured" in sogdia("trace", "capture", file, *command).out
    told = report(file)
    assert told["counts"] == {"right": 1, "repaired": 1, "same": 0, "aside": 1}
    [aside] = [one for one in told["events"] if "set_aside" in one]
    assert (aside["event"], aside["set_aside"][0]["field"]) == (3, "epcList[1]")
    mended = tmp_path / "mended.json"
    mended.write_text(f"[{aside['original'].replace('09506000134353', '09506000134352')}]")
    assert "1 captured" in sogdia("trace", "capture", mended, *command).out
    assert events_on_record(node, did(node, "seller")) == 3
    assert "0 captured, 2 on record already" in sogdia("trace", "capture", file, *command).out


def test_what_is_signed_is_the_repaired_event(sogdia: Terminal, node: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    named = "urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55"
    file.write_bytes(document(event(eventID=named, epcList="(01)9506000134352(21)A1", bizStep="Commissioning")))
    assert sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--repair").status == 0
    opened = Node(node)
    signed = opened.record("trace.event", did(node, "seller"), named, "")
    opened.close()
    assert json.loads(signed.text)["epcList"] == ["https://id.gs1.org/01/09506000134352/21/A1"]


def test_a_zone_that_the_operator_names_makes_times_whole(sogdia: Terminal, node: Path, tmp_path: Path) -> None:
    file = tmp_path / "local.jsonl"
    lines = [event(eventTime=f"2026-05-28 20:33:{second}", eventTimeZoneOffset=None) for second in (10, 11)]
    file.write_text("\n".join(map(json.dumps, lines)) + "\n")
    command = ("trace", "capture", file, "--as", "seller", "--to", node, "--repair")
    assert "2 set aside" in sogdia(*command).out
    assert "2 captured" in sogdia(*command, "--timezone", "Asia/Shanghai").out
    assert (
        "'2026-05-28 20:33:10' was read as '2026-05-28T20:33:10+08:00'"
        in sogdia(*command, "--timezone", "Asia/Shanghai").out
    )
    assert "Mars/Olympus" in sogdia(*command, "--timezone", "Mars/Olympus").err


def test_dropped_files_take_their_report_along(sogdia: Terminal, node: Path, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "sloppy.json").write_bytes(file.read_bytes())
    (folder / "lines.jsonl").write_text("\n".join(json.dumps(event(action="add")) for _ in range(3)))
    words = ("trace", "watch", folder, "--as", "seller", "--to", node, "--repair", "--proceed", "--once")
    assert sogdia(*words).status == 0
    there = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    assert there == [
        "done/lines.jsonl",
        "done/lines.jsonl.repairs.json",
        "refused/sloppy.json",
        "refused/sloppy.json.faults.txt",
        "refused/sloppy.json.repairs.json",
    ]


def test_a_zone_for_times_is_refused_without_repairs(sogdia: Terminal, node: Path, file: Path) -> None:
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--timezone=Asia/Shanghai")
    assert said.status == 2
    assert "goes with --repair" in said.err


def test_thousands_of_sloppy_events_come_onto_the_record_of_a_running_node(
    sogdia: Terminal, node: Path, start: Any, tmp_path: Path
) -> None:
    file = tmp_path / "many.json"
    file.write_bytes(document(*map(sloppy, range(EVENTS))))
    assert file.stat().st_size > PAYLOAD_BYTES
    running: Running = start(node)
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--repair", "--proceed")
    assert f"{EVENTS - EVENTS // 100} captured" in said.out, said.out + said.err
    again = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--repair", "--proceed")
    assert f"0 captured, {EVENTS - EVENTS // 100} on record already" in again.out
    running.end(signal.SIGTERM)
    assert events_on_record(node, did(node, "seller")) == EVENTS - EVENTS // 100
