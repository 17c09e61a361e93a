"""`sogdia verify`: every check of an evidence file by name, offline, from the network's key or a trusted header."""

import time
from collections.abc import Sequence
from pathlib import Path

from sogdia.client import evidence
from sogdia.client.evidence import Check, Evidence
from sogdia.client.light.trusted import Trusted, TrustedUnreadable, read_trusted
from sogdia.core import note
from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.terminal import NO, Failure, emit_json, mark, read_input, stop, tell

_DAY_MS = 86_400_000


def verify(file: str, network_key: str, trusted: Path | None, period_days: int | None, as_json: bool) -> None:
    """Print each check; exit status 0 only if all hold, 1 if one fails, 2 if what is given cannot be read."""
    if bool(network_key) == bool(trusted):
        raise Failure("verify_what")
    if period_days and not trusted:
        raise Failure("verify_period")
    found = evidence.read(read_input(file))
    checks = _by_header(found, trusted, period_days) if trusted else _by_key(found, network_key)
    whole = evidence.holds(checks)
    if as_json:
        emit_json({"holds": whole, "network": found.network, "subject": found.subject, "checks": checks})
    else:
        _print(found, checks, whole)
    if not whole:
        stop(NO)


def _by_key(found: Evidence, network_key: str) -> list[Check]:
    return evidence.verify(found, key_text(network_key), registry.table_fields())


def _by_header(found: Evidence, trusted: Path, period_days: int | None) -> list[Check]:
    header, fields = _trusted_header(trusted), registry.table_fields()
    if not period_days:
        return evidence.verify(found, fields=fields, trusted=header)
    now_ms, period_ms = time.time_ns() // 1_000_000, period_days * _DAY_MS
    return evidence.verify(found, fields=fields, trusted=header, now_ms=now_ms, trusting_period_ms=period_ms)


def _trusted_header(path: Path) -> Trusted:
    try:
        return read_trusted(path.read_bytes())
    except TrustedUnreadable as wrong:
        raise Failure("trusted_unreadable", file=path, problem=str(wrong)) from None


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
