"""The report on a running network: every check is run, every one has words, and a fault is found."""

from pathlib import Path

import msgspec
import pytest

from sogdia.app.organisation import Home, NetworkError
from sogdia.interfaces.cli.network_reporting import markdown
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.report import NOT_RUN, Item, report
from sogdia.interfaces.words import has_words
from tests.interfaces.network.governed import lay_governed, running

pytestmark = pytest.mark.slow


def named(items: tuple[Item, ...], name: str) -> Item:
    return next(one for one in items if one.name == name)


def test_a_report_tries_everything_and_finds_a_fault(tmp_path: Path, binary: Cometbft) -> None:
    lay_governed(tmp_path)
    zone = Home(tmp_path / "zone")
    with running(tmp_path, binary):
        made = report(tmp_path, seconds=1.5)
        assert [one.name for one in made.items if one.holds is False] == []
        assert made.holds
        assert [one.name for one in made.items if one.holds is None] == ["tls"]
        assert made.load.accepted > 0
        assert 0 < made.load.p50_ms <= made.load.p99_ms
        assert "refusal 8, not on record" in named(made.items, "false_signature").detail
        assert made.machine.cometbft == binary.version.removeprefix("v")

        (zone.config / "node_key.json").chmod(0o644)
        faulty = report(tmp_path, seconds=0)
        assert not faulty.holds
        failed = {one.name: one.detail for one in faulty.items if one.holds is False}
        assert failed["key_files"] == "others can read: node_key.json"
        assert set(failed) == {"key_files", "load_answered"}

    for one in made.items:
        assert has_words(f"report.{one.name}"), one.name
    assert all(has_words(f"report_not_run.{name}") for name in NOT_RUN)
    text = "\n".join(markdown(faulty))
    assert "Failed: " in text
    assert "?" not in text
    assert msgspec.json.decode(msgspec.json.encode(made), type=type(made)) == made


def test_a_network_that_does_not_run_is_not_reported_on(tmp_path: Path) -> None:
    lay_governed(tmp_path)
    with pytest.raises(NetworkError, match="zone does not run"):
        report(tmp_path)
