"""Signs that a code was copied: rules over what is on record of an item and who scanned it.

Each gives a likelihood in per cent with its reason, never a verdict: reads are missed, scanners err about their place,
and goods take detours. The figures are the house's own judgement, not measured: 80 and more where an honest
explanation is hard to find, below 30 where a missed read is the likelier one (Lehtonen, 2009, names it as the usual
failure of such rules). `together` joins them as if they were independent. Nothing here reads a clock or a database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from sogdia.interfaces.resolver.geography import Point, apart_km
from sogdia.interfaces.resolver.tags import Verdict

FASTEST_KMH: Final = 900
"""An airliner; what is faster on the ground is two things."""
NEAR_KM: Final = 50
"""Read points closer than this may be two gates of one site."""
TOGETHER_US: Final = 3_600_000_000
"""Within this time a container and what is in it are in one place."""
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US

Rule = Literal[
    "impossible_travel", "after_end", "wrong_country", "two_containers", "away_from_container", "custody_gap",
    "many_scanners", "unknown_serial", "wrong_tag", "missing_tag",
]  # fmt: skip

ENDS: Final = {
    "retail_selling": "sold", "dispensing": "sold", "decommissioning": "decommissioned", "destroying": "destroyed",
    "killing": "destroyed", "retail_sold": "sold", "dispensed": "sold", "destroyed": "destroyed",
    "disposed": "destroyed",
}  # fmt: skip
"""Business steps and dispositions (CBV 2.0) after which an item is no longer in trade; being used up is one as well."""
_REVIVING: Final = frozenset(("commissioning", "returned", "sellable_accessible", "sellable_not_accessible"))
_SENDING: Final = frozenset(("shipping", "departing"))
_TAKING: Final = frozenset(("receiving", "arriving", "accepting"))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One sight of an item: an event on record, or a scan. `is_own`: the event names the item itself.

    `words` are business step and disposition; `consumes`: the item was used up in it.
    """

    time_us: int
    is_scan: bool = False
    is_own: bool = True
    words: tuple[str, ...] = ()
    consumes: bool = False
    party: str = ""
    place: str = ""
    point: Point | None = None
    country: str = ""
    scanner: str = ""
    tag: Verdict = ""


class Stay(msgspec.Struct, frozen=True):
    """An item directly in a container from a time until another, without end while it lasts."""

    parent: str
    begin_us: int
    end_us: int | None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one item. `product_has_serials`: others of its kind are on record by serial."""

    is_known: bool
    product_has_serials: bool = False
    seen: tuple[Seen, ...] = ()
    stays: tuple[Stay, ...] = ()
    of_containers: tuple[tuple[str, Seen], ...] = ()
    destinations: frozenset[str] = frozenset()
    crowd_scanners: int = 12
    crowd_days: int = 7


class Sign(msgspec.Struct, frozen=True):
    """One sign: how likely a copy is by it alone, in per cent, why, and when it showed."""

    rule: Rule
    percent: int
    time_us: int
    said: dict[str, Any]


def signs(case: Case) -> tuple[Sign, ...]:
    """Every sign, the likeliest first; of each rule the likeliest one."""
    seen = sorted(case.seen, key=lambda one: one.time_us)
    found: dict[Rule, Sign] = {}
    for rule in _RULES:
        for sign in rule(case, seen):
            known = found.get(sign.rule)
            if known is None or sign.percent > known.percent:
                found[sign.rule] = sign
    return tuple(sorted(found.values(), key=lambda one: (-one.percent, one.rule)))


def together(found: Iterable[Sign]) -> int:
    """The likelihood of all signs together, in per cent, as if they were independent; never 100."""
    left = 1.0
    for sign in found:
        left *= 1 - sign.percent / 100
    return min(99, round(100 * (1 - left)))


# --- the rules -------------------------------------------------------------------------------------------------------


def _impossible_travel(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    placed = [one for one in seen if one.point is not None]
    for before, after in pairwise(placed):
        if before.point is None or after.point is None:
            continue
        far = apart_km(before.point, after.point)
        hours = (after.time_us - before.time_us) / HOUR_US
        if far > FASTEST_KMH * hours:
            is_scanned = before.is_scan or after.is_scan
            percent = 60 if is_scanned and far < 2 * FASTEST_KMH * max(hours, 1.0) else 80
            yield Sign("impossible_travel", percent, after.time_us, {"km": round(far), "minutes": round(hours * 60)})


def _after_end(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    end, ender = "", ""
    for one in seen:
        if end and not one.consumes:
            yield Sign("after_end", _after(end, ender, one), one.time_us, {"end": end, "is_scan": one.is_scan})
        if set(one.words) & _REVIVING and not one.is_scan:
            end = ""
        following = "consumed" if one.consumes else next((ENDS[word] for word in one.words if word in ENDS), end)
        end, ender = following, ender if following == end else one.party


def _after(end: str, ender: str, one: Seen) -> int:
    """Buyers scan what they bought, and goods come back; what two parties sell, or what is destroyed, does not move."""
    words = set(one.words)
    if end == "sold" and any(ENDS.get(word) == "sold" for word in words) and one.party != ender:
        return 60
    if end == "sold" and (one.is_scan or words & (_REVIVING | set(ENDS))):
        return 10
    if words & set(ENDS) and one.party == ender:
        return 10
    return {"sold": 50, "consumed": 60}.get(end, 80)


def _wrong_country(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    for one in seen:
        if one.is_scan and one.country and case.destinations and one.country not in case.destinations:
            said = {"country": one.country, "destinations": sorted(case.destinations)}
            yield Sign("wrong_country", 35, one.time_us, said)


def _two_containers(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    stays = sorted(case.stays, key=lambda one: one.begin_us)
    for number, stay in enumerate(stays):
        for other in stays[number + 1 :]:
            if stay.end_us is not None and other.begin_us >= stay.end_us:
                break
            if other.parent != stay.parent:
                said = {"containers": sorted((stay.parent, other.parent))}
                yield Sign("two_containers", 55, other.begin_us, said)


def _away_from_container(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    for one in seen:
        if not one.is_own or one.is_scan or not one.place:
            continue
        for stay in case.stays:
            if stay.begin_us < one.time_us and (stay.end_us is None or one.time_us < stay.end_us):
                its = [told for parent, told in case.of_containers if parent == stay.parent]
                other = next((told for told in its if _is_elsewhere(one, told)), None)
                if other is not None:
                    said = {"container": stay.parent, "place": one.place, "container_place": other.place}
                    yield Sign("away_from_container", 60, one.time_us, said)


def _is_elsewhere(one: Seen, container: Seen) -> bool:
    if abs(one.time_us - container.time_us) > TOGETHER_US or one.place == container.place:
        return False
    if one.point is not None and container.point is not None:
        return apart_km(one.point, container.point) > NEAR_KM
    return bool(one.country and container.country and one.country != container.country)


def _custody_gap(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    """Sent and not taken in before another party has it, or taken in and never sent: often a missed read."""
    sender, holder = "", ""
    for one in seen:
        words = set(one.words)
        if one.is_scan or not one.party:
            continue
        if sender and one.party != sender and not words & _TAKING:
            yield Sign("custody_gap", 20, one.time_us, {"before": sender, "after": one.party, "missing": "receiving"})
        if words & _TAKING and holder not in ("", one.party) and not sender:
            yield Sign("custody_gap", 20, one.time_us, {"before": holder, "after": one.party, "missing": "shipping"})
        sender, holder = one.party if words & _SENDING else "", one.party


def _many_scanners(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    window: list[Seen] = []
    for one in seen:
        if not (one.is_scan and one.scanner):
            continue
        window = [*(old for old in window if one.time_us - old.time_us <= case.crowd_days * DAY_US), one]
        count = len({old.scanner for old in window})
        if count >= case.crowd_scanners:
            percent = min(80, 30 + 10 * (count // case.crowd_scanners))
            yield Sign("many_scanners", percent, one.time_us, {"scanners": count, "days": case.crowd_days})


def _unknown_serial(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    if not case.is_known and case.product_has_serials:
        yield Sign("unknown_serial", 70, seen[-1].time_us if seen else 0, {})


def _tags(case: Case, seen: Sequence[Seen]) -> Iterator[Sign]:
    for one in seen:
        if one.tag == "wrong":
            yield Sign("wrong_tag", 90, one.time_us, {})
        elif one.tag == "missing":
            yield Sign("missing_tag", 40, one.time_us, {})


_RULES: Final[tuple[Callable[[Case, Sequence[Seen]], Iterator[Sign]], ...]] = (
    _impossible_travel, _after_end, _wrong_country, _two_containers, _away_from_container, _custody_gap,
    _many_scanners, _unknown_serial, _tags,
)  # fmt: skip
