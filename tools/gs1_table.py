"""Make our table of GS1 Application Identifiers from GS1's Barcode Syntax Dictionary.

`python tools/gs1_table.py DICTIONARY > src/sogdia/standards/gs1/application_identifiers.csv`

Only facts are taken: numbers, formats, names of checks, which identifiers go together. Titles and comments stay behind.
Notation of the table: components apart by a blank, their checks after `+`, `?` on one that may be missing; in
`required` and `excluded` groups by `|`, and `&` between lists that all apply. Standard library only.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

COLUMNS = ("first", "last", "marks", "components", "qualifiers", "required", "excluded")

_COMPONENT = re.compile(r"\[?[NXYZ](?:\.\.)?[0-9]+\]?(?:,[a-z0-9]+)*")
_AI = re.compile(r"([0-9]{2,4})(?:-([0-9]{2,4}))?")


class Unreadable(ValueError):
    """A line of the dictionary has a shape that this tool does not know; the sentence says which."""


def rows(dictionary: str) -> Iterator[tuple[str, ...]]:
    """One row of the table for each entry of the dictionary's text; raises `Unreadable`."""
    for number, line in enumerate(dictionary.splitlines(), 1):
        entry = line.partition("#")[0].split()
        if entry:
            yield _row(number, entry)


def _row(number: int, entry: list[str]) -> tuple[str, ...]:
    name, *rest = entry
    named = _AI.fullmatch(name)
    flags = rest.pop(0) if rest and not rest[0][-1].isalnum() and not _COMPONENT.fullmatch(rest[0]) else ""
    components = [word for word in rest if _COMPONENT.fullmatch(word)]
    attributes = [word.partition("=") for word in rest[len(components) :]]
    if named is None or not components or set(flags) - {"*", "?"}:
        raise Unreadable(f"line {number}: expected AI, flags * ?, components; found {' '.join(entry)}")
    if {key for key, _, _ in attributes} - {"dlpkey", "req", "ex"}:
        raise Unreadable(f"line {number}: an attribute other than dlpkey, req and ex in {' '.join(entry)}")
    key = [value for name, _, value in attributes if name == "dlpkey"]
    marks = [mark for mark, set_ in (("fixed", "*" in flags), ("attribute", "?" in flags), ("key", bool(key))) if set_]
    required, excluded = (
        "&".join(value.replace(",", "|") for name, _, value in attributes if name == wanted) for wanted in ("req", "ex")
    )
    qualifiers = "|".join(value.replace(",", " ") for value in key)
    shapes = " ".join(_component(word) for word in components)
    return named[1], named[2] or named[1], " ".join(marks), shapes, qualifiers, required, excluded


def _component(word: str) -> str:
    shape, *checks = word.split(",")
    return "+".join((shape.strip("[]") + ("?" if shape.startswith("[") else ""), *checks))


def write(dictionary: str, out: TextIO) -> None:
    """Write the table of a dictionary's text."""
    out.write("# Made by tools/gs1_table.py from GS1's Barcode Syntax Dictionary (GS1 AISBL, Apache-2.0).\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(dictionary))


def main(arguments: list[str]) -> int:
    """Write the table of the dictionary named on the command line to standard output."""
    if len(arguments) != 1:
        print("name the dictionary: python tools/gs1_table.py DICTIONARY > TABLE", file=sys.stderr)
        return 2
    write(Path(arguments[0]).read_text(encoding="utf-8"), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
