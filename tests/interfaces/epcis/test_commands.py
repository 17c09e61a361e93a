"""`sogdia trace`: files of events by a party's own key, dropped files, tables of the index, API keys."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec import Raw

from sogdia.app import Node, milliseconds
from sogdia.domains.trace.messages import Capture
from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.epcis.packing import PAYLOAD_BYTES
from sogdia.interfaces.epcis.signing import Agent
from tests.interfaces.cli.conftest import Running, Terminal, did, node, sogdia, start, template
from tests.interfaces.epcis.repository import JSON, PLACE, document, event, master_data
from tests.standards.epcis.xml_samples import OBSERVED, sheet

__all__ = ["node", "sogdia", "start", "template"]
Start = Callable[..., Running]
ITEM = "urn:epc:id:sgtin:9506000.013435.6789"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A good event and a bad one."""
    made = tmp_path / "events.json"
    made.write_bytes(document(event(epcList=[ITEM]), event(eventTime="yesterday")))
    return made


def test_a_file_with_a_fault_is_refused_as_a_whole_and_the_fault_is_said(
    sogdia: Terminal, node: Path, file: Path
) -> None:
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node)
    assert said.status == 1
    assert "0 captured, 0 on record already, 1 faults" in said.out
    assert 'event 2, eventTime: "yesterday"' in said.out


def test_the_same_file_twice_puts_nothing_on_record_twice(sogdia: Terminal, node: Path, file: Path) -> None:
    command = ("trace", "capture", file, "--as", "seller", "--to", node, "--proceed")
    assert "1 captured, 0 on record already" in sogdia(*command).out
    assert "0 captured, 1 on record already" in sogdia(*command).out


def test_a_large_file_is_one_job_and_goes_on_after_an_attempt_that_broke_off(
    sogdia: Terminal, node: Path, tmp_path: Path
) -> None:
    file = tmp_path / "many.json"
    file.write_bytes(document(*[event(epcList=[ITEM]) for _ in range(3_000)]))
    assert file.stat().st_size > PAYLOAD_BYTES
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node)
    assert "3000 captured" in said.out, said.out + said.err
    assert "3000 on record already" in sogdia("trace", "capture", file, "--as", "seller", "--to", node).out


def test_an_event_that_stands_there_otherwise_keeps_no_other_of_its_file_out(
    sogdia: Terminal, node: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_bytes(document(event(eventID="urn:x:1")))
    second.write_bytes(document(event(eventID="urn:x:1"), event(eventID="urn:x:2")))
    command = ("trace", "capture", "--as", "seller", "--to", node)
    assert "1 captured" in sogdia(*command, first).out
    assert "0 captured, 0 on record already, 1 faults" in sogdia(*command, second).out
    said = sogdia(*command, second, "--proceed")
    assert "1 captured, 0 on record already, 1 faults" in said.out
    assert "event 1, eventID: urn:x:1 stands on record already and says something else there" in said.out


def test_an_event_that_an_open_job_of_another_file_holds_is_refused_alone(
    sogdia: Terminal, node: Path, tmp_path: Path
) -> None:
    named = [event(eventID=f"urn:x:{number}") for number in (1, 2, 3)]
    [pen] = keyrings.pens(["seller"], folders.keys_beside(str(node)))
    with places.opened(str(node), pen) as place:
        held = Capture(party=pen.did, events=(Raw(json.dumps(named[1]).encode()),), job="another", part=1, of=2)
        [reply] = place.submit([Agent(pen, place.network).signed([held], milliseconds())])
    assert reply.accepted
    file = tmp_path / "three.json"
    file.write_bytes(document(*named))
    command = ("trace", "capture", file, "--as", "seller", "--to", node)
    assert "0 captured, 0 on record already, 1 faults" in sogdia(*command).out
    said = sogdia(*command, "--proceed", "--notes", tmp_path / "notes")
    assert "2 captured, 0 on record already, 1 faults" in said.out
    [told] = json.loads((tmp_path / "notes" / "three.json.repairs.json").read_bytes())["events"]
    assert told["event"] == 2
    assert "urn:x:2" in told["refused"]
    assert "2 on record already" in sogdia(*command, "--proceed").out


def test_a_rehearsal_without_repairs_opens_no_node_and_writes_only_where_it_is_told_to(
    sogdia: Terminal, node: Path, file: Path, tmp_path: Path
) -> None:
    said = sogdia("trace", "capture", file, "--dry-run", "--notes", tmp_path / "notes")
    assert said.status == 1, said.err
    assert "1 events right, 0 put right, 0 the same as another, 1 set aside" in said.out
    assert 'event 2, eventTime: "yesterday"' in said.out
    assert "nothing was captured" in said.out
    told = json.loads((tmp_path / "notes" / "events.json.repairs.json").read_bytes())
    assert (told["rehearsal"], told["signed"]) == (True, "each event as it stands")
    assert json.loads(told["events"][0]["original"])["eventTime"] == "yesterday"
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == ["events.json"]


def test_a_document_that_breaks_off_brings_none_of_its_events_along(
    sogdia: Terminal, node: Path, tmp_path: Path
) -> None:
    file = tmp_path / "broken.xml"
    file.write_bytes(sheet((OBSERVED % "") * 3).replace(b"</EventList>", b""))
    said = sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--proceed")
    assert said.status == 1
    assert "0 captured, 0 on record already, 1 faults" in said.out


def test_master_data_of_a_file_go_onto_the_record_with_its_events(sogdia: Terminal, node: Path, tmp_path: Path) -> None:
    file = tmp_path / "places.json"
    place = {"id": PLACE, "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": "Gate 4"}]}
    file.write_bytes(document(event(), epcisHeader=master_data(place)))
    assert "1 captured" in sogdia("trace", "capture", file, "--as", "seller", "--to", node).out
    opened = Node(node)
    said = opened.record("trace.description", did(node, "seller"), "urn:epcglobal:epcis:vtype:BusinessLocation", PLACE)
    opened.close()
    assert said.attributes[0].value == "Gate 4"


def test_dropped_files_are_put_aside_with_their_faults(
    sogdia: Terminal, node: Path, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "bad.json").write_bytes(file.read_bytes())
    (folder / "good.json").write_bytes(document(event()))
    (folder / "notes.txt").write_text("not for the record")
    said = sogdia("trace", "watch", folder, "--as", "seller", "--to", node, "--once")
    assert said.status == 0
    there = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    assert there == ["done/good.json", "notes.txt", "refused/bad.json", "refused/bad.json.faults.txt"]
    assert "event 2, eventTime" in (folder / "refused" / "bad.json.faults.txt").read_text()


def test_the_index_is_shown_as_tables_from_a_folder_and_from_a_running_node(
    sogdia: Terminal, node: Path, start: Start, file: Path
) -> None:
    sogdia("trace", "capture", file, "--as", "seller", "--to", node, "--proceed")
    asking = ("--to", node, "--key", "seller")
    from_folder = [sogdia("trace", name, ITEM, *asking).out for name in ("history", "up", "down", "recall")]
    assert "commissioning" in from_folder[0]
    assert "1 things affected" in from_folder[3]
    start(node)
    assert [sogdia("trace", name, ITEM, *asking).out for name in ("history", "up", "down", "recall")] == from_folder


@pytest.mark.parametrize(
    "words, expected",
    [
        (("history", "urn:x:nothing", "--to", "{node}"), "No event names urn:x:nothing"),
        (("recall", "--to", "{node}"), "not said what to recall"),
        (("watch", "{node}/nowhere", "--as", "seller", "--to", "{node}"), "is no folder"),
        (("capture", "{node}/nowhere.json", "--as", "seller", "--to", "{node}"), "nowhere.json"),
        (("capture", "{node}/network.json", "--to", "{node}"), "who signs"),
        (("key", "revoke", "{node}", "none"), "no API key none"),
        (("key", "new", "{node}", "--party", "seller", "--scope", "all"), "all is no scope"),
    ],
)
def test_a_mistake_ends_in_one_sentence(sogdia: Terminal, node: Path, words: tuple[str, ...], expected: str) -> None:
    said = sogdia("trace", *(word.format(node=node) for word in words))
    assert said.status == 2
    assert expected in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_an_api_key_opens_a_running_node_until_it_is_revoked(sogdia: Terminal, node: Path, start: Start) -> None:
    running = start(node, "--capture-as", "seller")
    made = sogdia("trace", "key", "new", node, "--party", "seller", "--label", "erp")
    headers = {"authorization": f"Bearer {made.out.strip()}", "content-type": JSON}
    body = document(event())
    sent = httpx.post(f"{running.url}/epcis/capture", content=body, headers=headers, trust_env=False)
    assert sent.status_code == 202, sent.text
    [shown] = sogdia("trace", "key", "list", node, "--json").json
    assert (shown["party"], shown["label"], shown["scopes"]) == (did(node, "seller"), "erp", ["capture", "query"])
    assert made.out.strip() not in json.dumps(shown)
    assert sogdia("trace", "key", "revoke", node, shown["id"]).status == 0
    again = httpx.post(f"{running.url}/epcis/capture", content=body, headers=headers, trust_env=False)
    assert again.status_code == 401


def test_a_node_is_not_started_to_capture_with_a_key_that_is_not_there(sogdia: Terminal, node: Path) -> None:
    said = sogdia("up", node, "--port", "0", "--capture-as", "nobody")
    assert said.status == 2
    assert "create the keys first" in said.err
