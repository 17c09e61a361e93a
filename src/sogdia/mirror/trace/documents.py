"""The business documents that many things met, themselves or in what they were in."""

from collections.abc import Iterable
from typing import Final

import msgspec

from sogdia.mirror.trace.stretches import Scan, read, stretches
from sogdia.mirror.trace.view import View

_HEAD: Final = "bizTransaction_"
_LAST: Final = f"{_HEAD}\U0010ffff"
_DOCUMENTS: Final = Scan("seq", ("seq", "path", "text"), (("path", _HEAD, _LAST),))


class Document(msgspec.Struct, frozen=True):
    """A business transaction by its type (empty: not said) and identifier, and how many events speak of both."""

    type: str
    document: str
    events: int


def documents(view: View, events: Iterable[int]) -> tuple[Document, ...]:
    """Those in these events, by type and identifier. Whoever asks minds which of them count and who may read them."""
    found: dict[tuple[str, str], set[int]] = {}
    for seq, name, text in read(view, view.tables.values, _DOCUMENTS, stretches(events)):
        found.setdefault((name.removeprefix(_HEAD), text), set()).add(seq)
    return tuple(Document(kind, text, len(seqs)) for (kind, text), seqs in sorted(found.items()))
