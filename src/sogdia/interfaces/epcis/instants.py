"""Instants as the standard writes them."""

from sogdia.standards.epcis.moments import written


def instant(time_ms: int) -> str:
    """An instant (milliseconds of UTC) with its milliseconds, such as 2026-05-28T20:33:31.116Z."""
    return written(time_ms * 1_000, 3)
