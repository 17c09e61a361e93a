"""Find CometBFT: the program that puts transactions in order between organisations."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from sogdia.interfaces.network.errors import CometbftMissing

VARIABLE: Final = "SOGDIA_COMETBFT"
"""The environment variable that names the program."""
TESTED: Final = "0.38"
KNOWN: Final = ("0.39", "0.40")
"""Lines that speak the same wire (ADR 0017), but that we do not test with."""
_WHAT_TO_DO: Final = (
    "In the working tree: make network-setup (needs Go). Else install a release of CometBFT 0.38 "
    f"and put it on PATH or name it in {VARIABLE}."
)
_VERSION: Final = re.compile(r"v?(\d+\.\d+)\.\S+")
_PATIENCE_SECONDS: Final = 30


class Cometbft(NamedTuple):
    """The program to run; `warning` is empty when it is of the line that we test with."""

    path: str
    version: str
    warning: str


def find(given: str = "") -> Cometbft:
    """CometBFT from the argument, SOGDIA_COMETBFT, PATH, the working tree or the user's own folder, in this order."""
    named = given or os.environ.get(VARIABLE, "")
    if named:
        path = shutil.which(named)
        if path is None:
            raise CometbftMissing(f"{named} is no program that can be run. {_WHAT_TO_DO}")
        return checked(path)
    for candidate in _usual():
        path = shutil.which(candidate)
        if path is not None:
            return checked(path)
    raise CometbftMissing(f"There is no CometBFT on this machine. {_WHAT_TO_DO}")


def checked(path: str) -> Cometbft:
    """The program with its version; CometbftMissing when it is of a line that speaks another wire."""
    try:
        told = subprocess.run(
            [path, "version"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as problem:
        raise CometbftMissing(f"{path} does not tell its version ({problem}). {_WHAT_TO_DO}") from None
    found = _VERSION.fullmatch(told)
    line = found[1] if found else ""
    if line != TESTED and line not in KNOWN:
        raise CometbftMissing(f"{path} is version {told[:40]!r}; expected is {TESTED}. {_WHAT_TO_DO}")
    warning = "" if line == TESTED else f"{path} is version {told}; Sogdia is tested with {TESTED}."
    return Cometbft(path, told, warning)


def _usual() -> Iterator[str]:
    yield "cometbft"
    tree = Path(__file__).parents[4]
    if (tree / "tools" / "setup_network.sh").is_file():
        yield str(tree / ".cache" / "bin" / "cometbft")
    yield str(Path.home() / ".local" / "share" / "sogdia" / "bin" / "cometbft")
