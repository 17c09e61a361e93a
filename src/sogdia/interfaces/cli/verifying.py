"""`sogdia verify`: every check of an evidence file by name, offline, with the network's public key and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from sogdia.client import evidence
from sogdia.client.evidence import Check, Evidence
from sogdia.core import note
from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.terminal import NO, emit_json, mark, read_input, stop, tell


def verify(file: str, network_key: str, as_json: bool) -> None:
    """Print each check; exit status 0 only if all hold, 1 if one fails, 2 if the file or key cannot be read."""
    found = evidence.read(read_input(file))
    checks = evidence.verify(found, key_text(network_key), registry.table_fields())
    whole = evidence.holds(checks)
    if as_json:
        emit_json({"holds": whole, "network": found.network, "subject": found.subject, "checks": checks})
    else:
        _print(found, checks, whole)
    if not whole:
        stop(NO)


def key_text(given: str) -> str:
    """A verifier key, given as text or as the name of a file that holds it; MalformedNote when it is neither."""
    path = Path(given)
    text = path.read_text(encoding="utf-8").strip() if "+" not in given or path.is_file() else given.strip()
    note.parse_key(text)
    return text


def _print(found: Evidence, checks: Sequence[Check], whole: bool) -> None:
    subject = ", ".join(f"{name} {value}" for name, value in found.subject.items())
    tell("verify_subject", network=_printable(found.network), subject=_printable(subject))
    for check in checks:
        print(f"{mark(check.holds)} {_printable(check.name)}: {_printable(check.detail)}")
    failed = sum(not check.holds for check in checks)
    tell("verify_holds" if whole else "verify_fails", checks=len(checks), failed=failed)


def _printable(text: str) -> str:
    """What a stranger's file says must not steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
