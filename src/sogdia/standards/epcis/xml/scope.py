"""One event as it is read: its number, its prefixes, and what is said of it."""

from collections.abc import Container
from typing import Final

from lxml import etree

from sogdia.standards.epcis.faults import Fault, shown
from sogdia.standards.epcis.repairing.told import Repair, Tolerance
from sogdia.standards.epcis.xml.foreign import TooDeep, put, value_of
from sogdia.standards.epcis.xml.names import XSI, NoName, Prefixes, local, prefix_of, tag_of

_LEAVE_OUT: Final = "leave it out"


class Unread(Exception):
    """An event cannot be read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


class Scope:
    """What holds for one event while it is read; `number` from 1. Without `tolerance` nothing is put right."""

    def __init__(self, number: int, tolerance: Tolerance | None) -> None:
        self.number = number
        self.tolerance = tolerance
        self.prefixes = Prefixes()
        self.repairs: list[Repair] = []
        self.offset = ""

    def unread(self, element: etree._Element, value: object, wrong: str, remedy: str, name: str = "") -> Unread:
        """The exception for a fault at an element, or at its attribute `name`."""
        return Unread(Fault(self.number, at(element, name), "" if value is None else shown(value), wrong, remedy))

    def repair(self, element: etree._Element, old: str, new: str) -> str:
        """Note that a value was put right; the new one."""
        if old != new:
            self.repairs.append(Repair(self.number, at(element), old, new))
        return new

    def text(self, element: etree._Element) -> str:
        """The text of an element that has nothing else. Raises Unread where it has none, or more."""
        text = (element.text or "").strip()
        if len(element) or not text or (element.keys() and not is_plain(element)):
            raise self._odd(element, text)
        return text

    def no_attributes(self, element: etree._Element) -> None:
        """Raise Unread where an element of the standard has an attribute that it cannot have."""
        if element.keys() and not is_plain(element):
            raise self.unread(element, element.keys()[0], "is no attribute of it", _LEAVE_OUT)

    def foreign(self, parts: dict[str, object], element: etree._Element) -> None:
        """Put an element of another vocabulary among the parts. Raises Unread."""
        if "}" not in tag_of(element):
            raise self.unread(element, None, "is not of the standard here", "take it out, or give it a namespace")
        try:
            put(parts, self.prefixes.name(tag_of(element), element.prefix), value_of(element, self.prefixes))
        except (NoName, TooDeep) as wrong:
            raise self.unread(element, None, str(wrong), "use names of your own namespace and fewer levels") from None

    def foreign_attributes(self, parts: dict[str, object], element: etree._Element, known: Container[str] = ()) -> None:
        """Put attributes of other vocabularies, which are all but the `known`, among the parts. Raises Unread."""
        for name, value in element.items():
            if name in known:
                continue
            if "}" not in name:
                raise self.unread(element, value, "is not of the standard here", _LEAVE_OUT, name)
            if not name.startswith(f"{{{XSI}}}"):
                try:
                    put(parts, self.prefixes.name(name, prefix_of(element, name)), value)
                except NoName as wrong:
                    raise self.unread(element, value, str(wrong), "use a namespace of your own", name) from None

    def _odd(self, element: etree._Element, text: str) -> Unread:
        if len(element):
            return self.unread(element, None, "has elements in it", "give it a text")
        if not text:
            return self.unread(element, None, "is empty", "give it a value or leave it out")
        return self.unread(element, element.keys()[0], "is no attribute of it", _LEAVE_OUT)


def is_plain(element: etree._Element) -> bool:
    """Whether an element has no attributes but those of XML Schema, which say nothing of the event."""
    return all(name.startswith(f"{{{XSI}}}") for name, _ in element.items())


def at(element: etree._Element, name: str = "") -> str:
    """Where something is: element, attribute, line from 1."""
    attribute = f" @{local(name)}" if name else ""
    return f"{local(tag_of(element))}{attribute} at line {element.sourceline}"
