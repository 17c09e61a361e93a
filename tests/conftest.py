"""What every test run shares: one hypothesis profile, slow files first, and a loud list of what did not run."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

if not __debug__:
    raise pytest.UsageError("python -O drops assert statements: these tests would test nothing. Run without -O.")

settings.register_profile(
    "default",
    deadline=None,  # no timed assertion, here neither
    derandomize=bool(os.environ.get("CI")),
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

OPTIONAL_PARTS = ("postgres", "node", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the files that hold slow tests first, so that the last worker is not left alone with one."""
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)


def skip_reasons(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    """The part (a marker, or the file) and the reason of each skipped test."""
    for report in reporter.stats.get("skipped", []):
        where, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, str(report.longrepr))
        marks = getattr(report, "keywords", ())  # a file that was skipped as a whole has none
        part = next((name for name in OPTIONAL_PARTS if name in marks), report.nodeid.split("::")[0] or where)
        yield part, reason.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end, in red, what this run did not show and why."""
    left_out = Counter(skip_reasons(terminalreporter))
    deselected = len(terminalreporter.stats.get("deselected", []))
    if not left_out and not deselected:
        return
    terminalreporter.section("PARTS THAT DID NOT RUN", sep="!", red=True, bold=True)
    for (part, reason), count in sorted(left_out.items()):
        terminalreporter.write_line(f"{part}: {count} not run: {reason}", red=True)
    if deselected:
        terminalreporter.write_line(f"{deselected} deselected on the command line", red=True)
