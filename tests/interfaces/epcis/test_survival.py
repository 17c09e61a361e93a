"""Jobs outlive the process: what was answered with 202 is done, once, after kill -9; what expired is signed again."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sogdia import app
from sogdia.client.connection import signed
from sogdia.client.keyring import Keyring
from sogdia.client.request_signing import sign_request
from sogdia.domains.trace.messages import Capture
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.epcis.jobs import Job, Part
from sogdia.interfaces.epcis.notebook import Notebook
from tests.interfaces.cli.conftest import Running, node, start, template
from tests.interfaces.epcis.repository import JSON, Repository, document, event
from tests.interfaces.http.town import NETWORK, PLATFORM

__all__ = ["node", "start", "template"]
Start = Callable[..., Running]
EVENTS = 9_000


def pen(folder: Path) -> Pen:
    keys = Keyring(folder / "keys").load("seller")
    return Pen(keys.kid, keys.identity.did, keys.signer)


def call(url: str, method: str, path: str, by: Pen, body: bytes = b"") -> httpx.Response:
    fields = sign_request(method, url + path, body, by, int(time.time()), secrets.token_urlsafe(24))
    headers = {"content-type": JSON, **fields}
    return httpx.request(method, url + path, content=body, headers=headers, trust_env=False, timeout=60)


def job_of(url: str, place: str, by: Pen) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        job: dict[str, Any] = call(url, "GET", place, by).json()
        if not job["running"]:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


@pytest.mark.slow
def test_a_job_is_done_once_though_the_node_was_killed_in_the_middle(node: Path, start: Start) -> None:
    by, running = pen(node), start(node, "--capture-as", "seller")
    asked = document(*[event(epcList=[f"urn:epc:id:sgtin:0614141.112345.{n}"]) for n in range(EVENTS)])
    answer = call(running.url, "POST", "/epcis/capture", by, asked)
    assert answer.status_code == 202, answer.text
    running.end(signal.SIGKILL)
    notebook = Notebook(node)
    [(waiting,)] = notebook.rows("SELECT count(*) FROM part WHERE state = 'waits'")
    notebook.close()
    assert waiting > 0, "it was killed too late to show anything"
    again = start(node, "--capture-as", "seller")
    job = job_of(again.url, answer.headers["location"], by)
    assert job["success"], job
    again.end(signal.SIGTERM)
    assert events_on_record(node, by.did) == EVENTS


def events_on_record(folder: Path, party: str) -> int:
    code = (
        "import sys; from pathlib import Path; from sogdia.app import Node; "
        "node = Node(Path(sys.argv[1])); "
        "print(sum(1 for _ in node.store.scan(b'Strace.event\\0' + sys.argv[2].encode()))); node.close()"
    )
    said = subprocess.run([sys.executable, "-c", code, folder, party], capture_output=True, text=True, check=True)
    return int(said.stdout)


def test_a_transaction_whose_time_is_over_is_signed_again(repository: Repository) -> None:
    asked = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0b01")
    note(repository, "expired", asked, valid_ms=-1_000)
    assert finished(repository, "expired").success
    assert repository.node.record("trace.event", PLATFORM.did, asked["eventID"], "") is not None


def test_a_transaction_that_came_on_record_before_the_crash_is_not_done_twice(repository: Repository) -> None:
    asked = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0b02")
    raw = transaction(asked, 60_000)
    with repository.connection() as connection:
        assert connection.submit([raw])[0].accepted
    note(repository, "known", asked, raw=raw)
    assert finished(repository, "known").success


def test_of_what_was_decided_before_the_snapshot_that_a_node_joined_by_its_events_tell(repository: Repository) -> None:
    there, missing = (event(eventID=f"urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0b0{n}") for n in (3, 4))
    with repository.connection() as connection:
        assert connection.submit([transaction(there, 60_000)])[0].accepted
    job = Job(id="joined", party=PLATFORM.did, behaviour="rollback", created_ms=app.milliseconds())
    other = {**there, "bizStep": "packing"}
    for asked, state in ((there, "stands"), (missing, "waits"), (other, "waits")):
        raw = transaction(asked, 60_000)
        part = Part(job="joined", place=1, raw=raw, numbers=(1,))
        assert repository.station.capturing._decided_before(job, part)
        assert part.state == state
        assert (part.raw == raw) is (state == "stands"), "what stands not is signed again"


def transaction(asked: dict[str, Any], valid_ms: int) -> bytes:
    import msgspec

    message = Capture(party=PLATFORM.did, events=(msgspec.Raw(json.dumps(asked).encode()),))
    return signed(NETWORK.network, app.milliseconds(), secrets.token_hex(8), [message], [PLATFORM], valid_ms)


def note(repository: Repository, name: str, asked: dict[str, Any], valid_ms: int = 0, raw: bytes = b"") -> None:
    job = Job(id=name, party=PLATFORM.did, behaviour="rollback", created_ms=app.milliseconds())
    part = Part(job=name, place=1, raw=raw or transaction(asked, valid_ms), numbers=(1,))
    repository.station.jobs.put(job, [part], 30)
    repository.station.capturing.wake()


def finished(repository: Repository, name: str) -> Job:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        job = repository.station.jobs.find(name, PLATFORM.did)
        if job is not None and not job.running:
            return job
        time.sleep(0.02)
    raise AssertionError("the job still runs")


def test_the_notebook_is_its_owners_alone(repository: Repository, tmp_path: Path) -> None:
    file = repository.node.folder / "epcis.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600
    copy = tmp_path / "epcis.sqlite"
    copy.write_bytes(b"")
    copy.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        Notebook(tmp_path)
