"""The edges that an event makes between numbered things."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sogdia.mirror.trace.facts import Custody
from sogdia.mirror.trace.intervals import ANY, Closing, Opening
from sogdia.mirror.trace.rows import Read
from sogdia.mirror.trace.words import Link


class Links(NamedTuple):
    """Edges without end (`kinship`: used, made, member), intervals that begin, and what ends some. Each once."""

    kinship: list[Opening]
    openings: list[Opening]
    closings: list[Closing]


def merged(links: Iterable[Links]) -> Links:
    """Those of several events in one."""
    all_of = Links([], [], [])
    for one in links:
        all_of.kinship.extend(one.kinship)
        all_of.openings.extend(one.openings)
        all_of.closings.extend(one.closings)
    return all_of


def links_of(one: Read, numbers: Mapping[str, int]) -> Links:
    """The edges of an event that could be read."""
    facts, seq, time_us = one.facts, one.seq, one.time_us
    assert facts is not None, "only what was read has edges"
    node = -seq if facts.transformation is None else numbers[facts.transformation]
    kinship = {Opening(numbers[text], int(Link.USED), node, time_us, seq): None for text in facts.used}
    kinship.update({Opening(node, int(Link.MADE), numbers[text], time_us, seq): None for text in facts.made})
    for serial, lot in one.lots:
        kinship[Opening(numbers[lot], int(Link.MEMBER), numbers[serial], time_us, seq)] = None
    custody = facts.custody
    if custody is None:
        return Links(list(kinship), [], [])
    pairs = _pairs(custody, numbers)
    kind = int(custody.kind)
    if custody.ends:
        return Links([], [], [Closing(child, parent, kind, time_us, seq) for child, parent in pairs])
    return Links([], [Opening(parent, kind, child, time_us, seq) for child, parent in pairs], [])


def _pairs(custody: Custody, numbers: Mapping[str, int]) -> list[tuple[int, int]]:
    parent = numbers[custody.parent] if custody.parent else ANY
    children = [numbers[text] for text in custody.children] or [ANY]
    return list(dict.fromkeys((child, parent) for child in children))
