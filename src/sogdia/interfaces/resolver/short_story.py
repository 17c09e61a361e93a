"""The story of an item in a few plain lines: what it was made from, where it was made, and its way since."""

from collections.abc import Iterator
from typing import Final

from sogdia.interfaces.resolver.story import Story, Telling
from sogdia.interfaces.words import has_words, say
from sogdia.standards.epcis.moments import written

LINES: Final = 12
"""Lines at most; of a longer story the first and the last."""
_FIRST: Final = 5
_LEAVING: Final = frozenset(("shipping", "departing", "staging_outbound", "dispensing", "consigning"))
"""Steps that lead away from a place."""


def in_short(story: Story, tongue: str) -> Iterator[tuple[str, str]]:
    """Lines in the order of time, each with its day in UTC; the same on one day is said once."""
    told = [one for one in (*story.origins, *story.tellings) if not one.is_wrong]
    lines = list(dict.fromkeys((_line(one, tongue), _day(one)) for one in sorted(told, key=lambda one: one.time_us)))
    if len(lines) > LINES:
        yield from lines[:_FIRST]
        yield say("scan.between", tongue, events=len(lines) - LINES + 1), ""
        lines = lines[_FIRST - LINES + 1 :]
    yield from lines


def what_of(one: Telling, tongue: str) -> str:
    """What happened, in plain words."""
    if one.moment:
        return say(f"scan.moment.{one.moment}", tongue)
    return word_of("step", one.step, tongue) or say(f"scan.type.{one.type or 'other'}", tongue)


def with_thing(one: Telling, told: str, tongue: str) -> str:
    """The same with what it happened to, where that is something that the item was made from."""
    if not (one.thing or one.lot):
        return told
    name = say("scan.of_lot", tongue, product=one.thing, lot=one.lot) if one.thing and one.lot else one.thing or one.lot
    return say("scan.of_thing", tongue, thing=name, what=told[:1].lower() + told[1:])


def word_of(kind: str, word: str, tongue: str) -> str:
    """A word of CBV in plain words; a foreign one as it stands; states that say nothing to a reader have no words."""
    if not word:
        return ""
    key = f"scan.{kind}.{word}"
    if has_words(key):
        return say(key, tongue)
    return "" if kind == "state" and "/" not in word and ":" not in word else word[:100]


def _line(one: Telling, tongue: str) -> str:
    told = what_of(one, tongue)
    if one.place:
        key = "scan.from_place" if one.step in _LEAVING else "scan.at_place"
        told = say(key, tongue, what=told, place=one.place + (f" ({one.country})" if one.country else ""))
    return with_thing(one, told, tongue)


def _day(one: Telling) -> str:
    return written(one.time_us, 0)[:10]
