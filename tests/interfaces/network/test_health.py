"""What a node says of itself to those who watch over it, and to whom."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sogdia.app.organisation import Home
from sogdia.interfaces.http.measures import Sample, prometheus_text, read_prometheus
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.report_actor import Actor
from sogdia.interfaces.network.status import network_standing
from tests.interfaces.http.town import PLATFORM, Town, order, transaction
from tests.interfaces.network.governed import busy, lay_governed, measured, running
from tests.interfaces.network.networks import eventually

DASHBOARD = Path(__file__).parents[3] / "docs" / "dashboard.md"
MEASURED = re.compile(r"sogdia_\w+|process_\w+_(?:bytes|seconds_total|seconds)")
NOT_YET = ("sogdia_backup_age_seconds", "sogdia_refusals_total")
"""What a node does not say before there was a backup, and a refusal."""
AFAR = {"x-forwarded-for": "192.0.2.1"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path) as found:
        yield found


def text_of(url: str) -> str:
    return httpx.get(f"{url}/metrics", trust_env=False).raise_for_status().text


def test_a_sample_is_written_as_prometheus_reads_it() -> None:
    samples = [
        Sample("a_total", 3, "How often.", "counter", {"code": '4"2\\'}),
        Sample("a_total", 1, "How often.", "counter", {"code": "7"}),
        Sample("b_seconds", 0.25, "How long."),
    ]
    text = prometheus_text(samples)
    assert text == (
        "# HELP a_total How often.\n# TYPE a_total counter\n"
        'a_total{code="4\\"2\\\\"} 3\na_total{code="7"} 1\n'
        "# HELP b_seconds How long.\n# TYPE b_seconds gauge\nb_seconds 0.25\n"
    )
    assert read_prometheus(text) == {"b_seconds": 0.25}


def test_a_refusal_on_record_is_counted_by_its_code(town: Town) -> None:
    assert "sogdia_refusals_total" not in text_of(town.url)
    placed = order()
    with httpx.Client(base_url=town.url, trust_env=False) as http:
        headers = {"content-type": "application/jose+json"}
        for _ in range(2):
            told = http.post("/transactions", content=transaction(placed, by=PLATFORM), headers=headers).json()
    assert f'sogdia_refusals_total{{code="{told["code"]}"}} 1' in text_of(town.url)
    assert read_prometheus(text_of(town.url))["sogdia_height"] == town.node.machine.seal.height


def test_what_is_measured_is_for_the_machine_itself_and_for_members(town: Town) -> None:
    with httpx.Client(base_url=town.url, trust_env=False) as http:
        assert http.get("/metrics").status_code == 200
        assert http.get("/metrics", headers=AFAR).json()["type"] == "urn:sogdia:problem:sign_in_needed"
    answer = town.call("GET", "/metrics", by=PLATFORM, x_forwarded_for="192.0.2.1")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:sogdia:problem:members_only")


def test_no_value_of_a_trade_is_among_what_is_measured(town: Town) -> None:
    placed = order("2026-SECRET")
    headers = {"content-type": "application/jose+json"}
    httpx.post(f"{town.url}/transactions", content=transaction(placed, by=PLATFORM), headers=headers, trust_env=False)
    text = text_of(town.url)
    assert "SECRET" not in text
    assert PLATFORM.did not in text


def test_a_node_that_is_well_says_so_and_one_that_has_stopped_says_why(town: Town) -> None:
    found = httpx.get(f"{town.url}/health", trust_env=False)
    assert (found.status_code, found.json()) == (200, {"well": True, "reasons": []})
    town.node.engine.failure = OSError("the disk is gone")
    found = httpx.get(f"{town.url}/health", trust_env=False)
    town.node.engine.failure = None
    assert (found.status_code, found.json()) == (503, {"well": False, "reasons": ["engine_stopped"]})


@pytest.mark.slow
def test_an_organisation_measures_its_engine_and_misses_a_peer_that_has_gone(tmp_path: Path, binary: Cometbft) -> None:
    lay_governed(tmp_path)
    zone = Home(tmp_path / "zone")
    with running(tmp_path, binary) as network:
        busy(zone, 2)
        with Actor(zone, None) as actor, httpx.Client(base_url=actor.url, trust_env=False) as http:
            session = actor.node._signed_in()
            assert http.get("/metrics", headers={**AFAR, **session}).status_code == 200
            assert http.get("/health").json() == {"well": True, "reasons": []}
            text = text_of(actor.url)
            assert 'sogdia_abci_requests_total{kind="finalize_block"}' in text
            for name in set(MEASURED.findall(DASHBOARD.read_text())):
                assert re.search(rf"^{name}[ {{]", text, re.MULTILINE) or name in NOT_YET, name
            numbers = read_prometheus(text)
            assert numbers["sogdia_cometbft_height"] >= numbers["sogdia_height"] >= 3
            assert numbers["sogdia_signatures_checked_total"] >= 2
            assert numbers["sogdia_cometbft_peers"] == numbers["sogdia_cometbft_peers_expected"] == 1
            assert numbers["sogdia_courier_height"] >= 1
            now = network_standing(tmp_path, "zone").organisations[0]
            assert (now.open_cases, now.machine_height) == (0, numbers["sogdia_height"])
            network.stop("customs")
            eventually(lambda: measured(zone).get("sogdia_cometbft_peers") == 0, "the peer is missed")
            told = http.get("/health")
            assert (told.status_code, told.json()["reasons"]) == (503, ["too_few_peers"])
