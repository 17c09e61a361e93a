"""Buyers' pseudonyms as a file, for officers who answer at a desk of their own, such as the console's.

CSV in UTF-8 with a heading: broker, list_no, pseudonym. It names no buyer, and yet links the lists of one: it is for
customs alone and is written for its owner alone.
"""

import csv
import io
from pathlib import Path

from sogdia.app import write_guarded
from sogdia.interfaces.authority.desk import Desk

HEADING = ("broker", "list_no", "pseudonym")


def write_pseudonyms(desk: Desk, path: Path) -> tuple[int, list[str]]:
    """Write the file; gives how many lists it names, and the numbers of those whose buyer cannot be read."""
    written, unreadable = io.StringIO(), []
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(HEADING)
    count = 0
    for waiting, person in desk.buyers():
        if person is None:
            unreadable.append(waiting["list_no"])
            continue
        rows.writerow((waiting["broker"], waiting["list_no"], person))
        count += 1
    write_guarded(path, written.getvalue())
    return count, unreadable
