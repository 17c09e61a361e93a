"""The main job on the public Online Retail file, end to end, as a user runs it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure

NAME = "online_retail_2010-12_2011-05.csv.gz"


WATCH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
"""Runs a command from a small process: a child counts what its parent held when it was made as its own."""


def real_file() -> Path | None:
    """The file where it is: in the folder that SOGDIA_DATA names, or in shared/data beside the checkout."""
    folders = [os.environ.get("SOGDIA_DATA"), str(Path(__file__).parents[2] / "shared" / "data")]
    for folder in folders:
        if folder and (Path(folder) / NAME).exists():
            return Path(folder) / NAME
    return None


def measure(ceiling: float) -> list[Figure]:
    """Orders per second and the largest memory of any process of the job."""
    path = real_file()
    if path is None:
        print(f"the main job was not measured: {NAME} is not here; set SOGDIA_DATA to its folder", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sogdia.interfaces.cli", "demo", "--orders", str(path)]
        command += ["--format", "online-retail", "--data", folder, "--json"]
        done = subprocess.run([sys.executable, "-c", WATCH, *command], capture_output=True, check=True)
    report = json.loads(done.stdout)
    peak_mb = int(done.stderr.split()[-1]) / 1024
    notes = {name: report[name] for name in ("orders_in", "transactions", "seconds", "declared", "released")}
    return [
        Figure("main job, Online Retail, signing included", report["orders_per_second"], "orders/s", 400, notes=notes),
        Figure("main job, largest process", peak_mb, "MB", 1_000, higher_is_better=False),
    ]
