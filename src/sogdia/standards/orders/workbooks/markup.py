"""XML of a workbook's parts, read as a stream. A document type declaration, by which XML lies or explodes, is refused.

Names are taken without their prefix: programs other than Excel write `x:row` for `row`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn
from xml.parsers import expat

from sogdia.standards.orders.workbooks.package import Package
from sogdia.standards.orders.workbooks.refusals import WorkbookRefused

DEPTH = 64
"""Elements within elements; those of a workbook are below twenty."""
Start = Callable[[str, dict[str, str]], Any]
End = Callable[[str], Any]
Text = Callable[[str], Any]


class Markup:
    """One part on its way through the parser: `feed` calls the handlers given."""

    def __init__(self, start: Start, end: End, text: Text | None = None) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _no_entities
        self.parser.StartElementHandler = start
        self.parser.EndElementHandler = end
        if text is not None:
            self.parser.CharacterDataHandler = text

    def feed(self, package: Package, name: str, most: int) -> Iterator[None]:
        """Read a part; yields after each piece, so that what the handlers gathered can be taken away."""
        try:
            for chunk in package.chunks(name, most):
                self.parser.Parse(chunk, False)
                yield
            self.parser.Parse(b"", True)
            yield
        except expat.ExpatError as error:
            raise WorkbookRefused("broken", why=f"{name[:80]}: {error}") from None


class Element(NamedTuple):
    """An element of a small part, and the name of the one that it stands in."""

    parent: str
    name: str
    attributes: dict[str, str]


def elements(package: Package, name: str, most: int = 200_000) -> Iterator[Element]:
    """The elements of a small part, in order."""
    found: list[Element] = []
    around = [""]
    counted = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal counted
        counted += 1
        if len(around) > DEPTH or counted > most:
            raise WorkbookRefused("broken", why=f"{name[:80]} has too many elements")
        local = tag.rpartition(":")[2]
        found.append(Element(around[-1], local, attributes))
        around.append(local)

    for _ in Markup(start, lambda _: around.pop()).feed(package, name, package.bounds.part_bytes):
        yield from found
        found.clear()


def _no_entities(*_: object) -> NoReturn:
    raise WorkbookRefused("entities")
