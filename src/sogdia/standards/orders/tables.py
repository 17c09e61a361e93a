"""The data files of this package: facts as CSV rows, read once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Rows of data/`name` by column; lines that begin with # are notes."""
    text = (files("sogdia.standards.orders") / "data" / name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return iter(csv.DictReader(lines, strict=True))
