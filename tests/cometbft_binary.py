"""Where the CometBFT of this machine is, for tests that run the real one."""

import os
import shutil
from pathlib import Path

import pytest

MISSING = "no cometbft on PATH, in .cache/bin or named by SOGDIA_COMETBFT"
_CACHED = Path(__file__).resolve().parent.parent / ".cache" / "bin" / "cometbft"


def cometbft() -> str:
    """The path of the program; the test is skipped, with the reason, when there is none."""
    named = os.environ.get("SOGDIA_COMETBFT", "")
    found = shutil.which(named) if named else shutil.which("cometbft") or shutil.which(_CACHED)
    if found is None:
        pytest.skip(f"SOGDIA_COMETBFT names {named}, which is no program" if named else MISSING)
    return str(found)
