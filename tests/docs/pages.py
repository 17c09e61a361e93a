"""The pages that a person reads, their code blocks, and a shell in which a page's commands run as they stand."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sogdia.standards.orders.examples import encoded, example

ROOT = Path(__file__).resolve().parents[2]
DERIVED = ROOT / "docs" / "domains"
"""Written by `sogdia docs`; its own test holds them up to date."""

WRITTEN: tuple[Path, ...] = tuple(
    path
    for pattern in ("*.md", "docs/**/*.md", "changes/*.md")
    for path in sorted(ROOT.glob(pattern))
    if DERIVED not in path.parents
)

SAMPLES = {
    "online_retail.csv": "online-retail",
    "shopify.csv": "shopify",
    "my-orders.csv": "shopify",
    "amazon.txt": "amazon",
    "woocommerce.json": "woocommerce",
}
"""Files that the pages take for granted, as look-alikes with the mistakes of real ones."""

CATALOGUE = "sku,description,hs_code,origin,unit,net_weight_grams\n71053,White metal lantern,9405500000,CN,piece,420\n"
LONGEST_SECONDS = 300


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in this language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def lay_samples(folder: Path, names: Sequence[str] = tuple(SAMPLES), orders: int = 25) -> None:
    """Put the files there that the pages name."""
    for name in names:
        (folder / name).write_bytes(encoded(example(SAMPLES[name], orders, seed=2026).text()))  # type: ignore[arg-type]
    (folder / "products.csv").write_text(CATALOGUE, encoding="utf-8")


def run(script: str, folder: Path) -> str:
    """Run a script in the folder as a person would in a shell; what it printed. Nothing it started is left behind."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    given = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": ""}
    command = ["bash", "-euo", "pipefail", "-c", script]
    with subprocess.Popen(
        command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as shell:
        try:
            said = shell.communicate(timeout=LONGEST_SECONDS)[0].decode(errors="replace")
        finally:
            _end(shell.pid)
    assert shell.returncode == 0, f"the script ended with {shell.returncode}:\n{said[-4000:]}"
    return said


def _end(group: int) -> None:
    """End whatever of the script is still there, a node that it did not stop among it."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
