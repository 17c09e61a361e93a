"""The numbers that customs gives: each once, also after a crash."""

import os
from pathlib import Path

RESERVED = 1_000


class Numbers:
    """Counts up from a file; reserves a thousand at a time, so that a crash skips numbers and never repeats one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = int(path.read_text()) if path.exists() else 1
        self._reserved = self._next

    def take(self) -> int:
        """A number that was never given before."""
        if self._next >= self._reserved:
            self._reserved = self._next + RESERVED
            self._write(self._reserved)
        number, self._next = self._next, self._next + 1
        return number

    def _write(self, value: int) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(str(value))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._path)


def pre_no(day: str, number: int) -> str:
    """The number of acceptance: B, the day as YYYYMMDD, nine digits (CEB 202205)."""
    return f"B{day.replace('-', '')}{number:09d}"


def invt_no(district: str, day: str, direction: str, number: int) -> str:
    """The number of a released list: district, year, I or E, nine digits (CEB 202205)."""
    return f"{district}{day[:4]}{direction}{number:09d}"
