"""Another system's bytes into our messages: each node read, each problem named; a bad node never costs a good one."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from sogdia.core.transaction import Message
from sogdia.interfaces.documents import reading_export, reading_import
from sogdia.interfaces.documents.registry import Directory
from sogdia.interfaces.documents.shortfalls import Named, shortfall
from sogdia.interfaces.documents.slip import Given, Slip
from sogdia.standards.ceb import Document, Problem, parse, validate

READERS: Final[Mapping[int, Callable[[Slip], Message | None]]] = {
    303: reading_export.export_order,
    311: reading_import.import_order,
    411: reading_import.import_payment,
    505: reading_export.export_waybill,
    511: reading_import.import_waybill,
    513: reading_import.import_delivery,
    603: reading_export.export_list,
    621: reading_import.import_list,
}
"""What reads each message."""


class ReadMessage(msgspec.Struct, frozen=True):
    """One business node: our message, unless a value kept it from being made; the persons in it; all its problems.

    A message may stand beside a problem: an import order without payment institution is read, and cannot be matched.
    `persons` are plain values under the names of an order's fields, to be sealed and never logged.
    """

    node: int | None
    message: Message | None
    persons: Mapping[str, str]
    problems: tuple[Named, ...]

    def __repr__(self) -> str:
        kind = None if self.message is None else type(self.message).__name__
        return f"ReadMessage(node {self.node}, {kind}, persons hidden, {len(self.problems)} problems)"


def read_messages(xml: bytes, directory: Directory, given: Given = Given()) -> list[ReadMessage]:
    """Our messages from one of customs' messages, in the order of its nodes.

    Problems of the file as a whole come first, in an entry without node. That a list is not signed is no problem here:
    whoever sends our message signs it as the record asks. Raises `XmlRefused` for hostile bytes.
    """
    document = parse(xml)
    problems = validate(document)
    reader = READERS.get(document.number)
    if reader is None:
        numbers = ", ".join(str(number) for number in READERS)
        unread = shortfall(
            "no_message_for", document.number, "", fields={"value": document.number, "expected": numbers}
        )
        return [ReadMessage(None, None, {}, (unread,))]
    whole = tuple(problem for problem in problems if problem.node is None)
    read = [_read(document, place, reader, directory, given, problems) for place in range(1, len(document.nodes) + 1)]
    return [ReadMessage(None, None, {}, whole), *read] if whole else read


def _read(
    document: Document,
    place: int,
    reader: Callable[[Slip], Message | None],
    directory: Directory,
    given: Given,
    problems: list[Problem],
) -> ReadMessage:
    slip = Slip(document.number, place, document.nodes[place - 1], directory, given)
    message = reader(slip)
    own = [problem for problem in problems if problem.node == place]
    return ReadMessage(place, message, slip.persons, (*own, *slip.shortfalls, *slip.remarks))
