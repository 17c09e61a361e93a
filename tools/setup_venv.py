"""Make `.venv` hold exactly what the lock says: `python tools/setup_venv.py base|dev`.

`base` is what Sogdia needs to run, `dev` what its tests and checks need besides. Nothing is done when the stamp of
the last installation still fits the locks, the interpreter and the place. Standard library only: this runs first.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"

OPTIONAL_PROGRAMS = {
    "node": "Node.js 18 or newer with npm: the outside ICS-23 verifier and the console's tests skip without it",
    "go": "Go: the tests against a real CometBFT node skip without it",
    "initdb": "PostgreSQL: the mirror's tests on it skip without it (Debian: apt-get install postgresql)",
}


class SetupError(Exception):
    """Something a person must mend; the message says what and how."""


def say(sentence: str) -> None:
    """Tell the person at the terminal, beside whatever the command itself prints."""
    print(f"setup: {sentence}", file=sys.stderr, flush=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second `make` that runs beside this one wait for it instead of installing over it."""
    folder = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def lock_of(kind: str) -> Path:
    """The lock file of `base` or `dev`."""
    return ROOT / "requirements" / f"{kind}.lock"


def fingerprint(kind: str) -> str:
    """SHA-256 over what an installation depends on: the lock's bytes and the package's own metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return hashlib.sha256(lock_of(kind).read_bytes() + json.dumps(project).encode()).hexdigest()


def read_stamp() -> dict[str, str]:
    """What the last finished installation wrote; empty when there was none or it was cut short."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def venv_version() -> str | None:
    """`3.11` for a `.venv` that works, None for one that is absent or broken."""
    asked = [str(PYTHON), "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def venv_fits(stamp: dict[str, str]) -> bool:
    """Whether the `.venv` that is there can be kept: it works, was not moved, and is of the Python asked for."""
    version = venv_version()
    if version is None or stamp.get("place", str(ROOT)) != str(ROOT):
        return False
    this_version = "{}.{}".format(*sys.version_info[:2])
    return version == this_version or "PYTHON" not in os.environ


def create_venv() -> None:
    """Lay a new `.venv`, away with the old one."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupError(
            f"{sys.executable} comes without the venv module. On Debian: apt-get install python3-venv; "
            "or name another interpreter: make ... PYTHON=/path/to/python3"
        )
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        raise SetupError(f"{sys.executable} -m venv .venv failed:\n{made.stdout}{made.stderr}")


def pip(*arguments: str) -> None:
    """Run the venv's pip, quietly unless it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise SetupError(
            f"pip could not install {arguments[-1]}:\n{ran.stderr.strip()}\n"
            "A package index must be reachable the first time; afterwards everything works offline."
        )


def install(kind: str) -> None:
    """Bring `.venv` to the state of the lock; the stamp is written last, so that a cut leaves none."""
    stamp = read_stamp()
    if not venv_fits(stamp):
        say(f"creating .venv with Python {sys.version.split()[0]}")
        create_venv()
    elif stamp.get(kind) == fingerprint(kind):
        return
    STAMP.unlink(missing_ok=True)
    say(f"installing requirements/{kind}.lock into .venv (once; about half a minute)")
    pip("--require-hashes", "--requirement", str(lock_of(kind)))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    done = {"place": str(ROOT), "base": fingerprint("base"), kind: fingerprint(kind)}
    STAMP.write_text(json.dumps(done), encoding="utf-8")


def missing_programs() -> list[str]:
    """One sentence for each optional program that is not on this machine."""
    elsewhere = {"initdb": sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))}
    return [
        f"not found, and not needed for the rest: {sentence}"
        for program, sentence in OPTIONAL_PROGRAMS.items()
        if shutil.which(program) is None and not elsewhere.get(program)
    ]


def main(arguments: list[str]) -> int:
    """Set up for `base` or `dev`; 1 with a sentence when it cannot be done."""
    if arguments not in (["base"], ["dev"]):
        say("say which lock to install: python tools/setup_venv.py base|dev")
        return 2
    try:
        with one_at_a_time():
            install(arguments[0])
    except SetupError as error:
        say(str(error))
        return 1
    if arguments == ["dev"]:
        for sentence in missing_programs():
            say(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
