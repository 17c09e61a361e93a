"""A tracer that is slow and plainly right: everything in memory, every question answered from all events again."""

from collections.abc import Iterable
from typing import Any, NamedTuple

JSON = dict[str, Any]
FOREVER = 10**9


class Stay(NamedTuple):
    """A child in a parent from a minute until another."""

    child: str
    parent: str
    begin: int
    end: int


class Naive:
    """Events with their minutes, in the order of the record; those declared wrong move nothing."""

    def __init__(self, events: Iterable[tuple[int, JSON]]) -> None:
        self.all = list(enumerate(events))
        wrong = {one["eventID"] for _, (_, one) in self.all if "errorDeclaration" in one}
        self.counting = [(order, minute, one) for order, (minute, one) in self.all if one["eventID"] not in wrong]

    def stays(self) -> list[Stay]:
        """Every putting in lasts until the first taking out after it that speaks of the pair."""
        found = []
        for order, minute, one in self.counting:
            if one["type"] == "AggregationEvent" and one["action"] == "ADD":
                for child in one["childEPCs"]:
                    end = self._end((minute, order), one["parentID"], child)
                    found.append(Stay(child, one["parentID"], minute, end))
        return found

    def _end(self, begin: tuple[int, int], parent: str, child: str) -> int:
        ends = [
            minute
            for order, minute, one in self.counting
            if one["type"] == "AggregationEvent"
            and one["action"] == "DELETE"
            and (minute, order) > begin
            and one.get("parentID", parent) == parent
            and child in one.get("childEPCs", [child])
        ]
        return min(ends, default=FOREVER)

    def history(self, thing: str) -> set[str]:
        """The IDs of events that name the thing, or what it was in at the time, at any depth."""
        stays, found = self.stays(), set()
        level, met = {(thing, -FOREVER, FOREVER)}, set()
        while level:
            met |= level
            for name, begin, end in level:
                found |= {
                    one["eventID"] for _, (minute, one) in self.all if begin <= minute < end and name in named(one)
                }
            level = {
                (stay.parent, max(begin, stay.begin), min(end, stay.end))
                for name, begin, end in level
                for stay in stays
                if stay.child == name and max(begin, stay.begin) < min(end, stay.end)
            } - met
        return found

    def last_place(self, thing: str) -> tuple[int, str] | None:
        """The minute and place of the last event with a read point, of the thing or of what it was in, that counts."""
        met = self.history(thing)
        places: list[tuple[int, int, str]] = [
            (minute, order, one["readPoint"]["id"])
            for order, minute, one in self.counting
            if one["eventID"] in met and "readPoint" in one and "errorDeclaration" not in one
        ]
        if not places:
            return None
        minute, _, place = max(places)
        return minute, place

    def outermost(self, thing: str) -> str | None:
        """What the thing is in now, outermost, by the last of the stays that last."""
        order = {one["eventID"]: order for order, _, one in self.counting}
        met: list[str] = []
        while True:
            lasting = [
                (minute, order[one["eventID"]], one["parentID"])
                for _, minute, one in self.counting
                if one["type"] == "AggregationEvent" and one["action"] == "ADD" and thing in one["childEPCs"]
                if self._end((minute, order[one["eventID"]]), one["parentID"], thing) == FOREVER
            ]
            if not lasting or max(lasting)[2] in met:
                return met[-1] if met else None
            thing = max(lasting)[2]
            met.append(thing)

    def down(self, thing: str) -> dict[str, int]:
        """Everything reached, with the minute since when: until nothing gets earlier any more."""
        found = {thing: -FOREVER}
        while True:
            before = dict(found)
            for used, when_used, made, when_made in self._turnings():
                if used in found and when_used >= found[used]:
                    found[made] = min(when_made, found.get(made, FOREVER))
            for lot, serial in self._members():
                if lot in found:
                    found[serial] = min(found[lot], found.get(serial, FOREVER))
            if found == before:
                return found

    def up(self, thing: str) -> dict[str, int]:
        """Everything that may be in it, with the minute until when: until nothing gets later any more."""
        found = {thing: FOREVER}
        while True:
            before = dict(found)
            for used, when_used, made, when_made in self._turnings():
                if made in found and when_made <= found[made]:
                    found[used] = max(when_used, found.get(used, -FOREVER))
            for lot, serial in self._members():
                if serial in found:
                    found[lot] = max(found[serial], found.get(lot, -FOREVER))
            if found == before:
                return found

    def _turnings(self) -> list[tuple[str, int, str, int]]:
        """Each input with each output of one transformation, which may be told by several events."""
        runs: dict[str, list[tuple[int, JSON]]] = {}
        for _, minute, one in self.counting:
            if one["type"] == "TransformationEvent":
                runs.setdefault(one.get("transformationID", one["eventID"]), []).append((minute, one))
        return [
            (used, when_used, made, when_made)
            for told in runs.values()
            for when_used, first in told
            for used in first.get("inputEPCList", [])
            for when_made, second in told
            for made in second.get("outputEPCList", [])
        ]

    def _members(self) -> list[tuple[str, str]]:
        """Lot and serial, where an event puts the serial in the lot."""
        return [
            (f"{serial.rpartition('/21/')[0]}/10/{one['ilmd']['cbvmda:lotNumber']}", serial)
            for _, _, one in self.counting
            if "ilmd" in one
            for serial in one["epcList"]
        ]


def named(one: JSON) -> set[str]:
    """The things that an event names."""
    lists = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
    parent = {one["parentID"]} if "parentID" in one else set()
    return parent.union(*(one.get(field, []) for field in lists))
