"""One order's stages and match as they are shown: where marks stand in a drawing, and values as people read them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from sogdia.core.values import minor_digits
from sogdia.insight.matching import Field, Match, Said, Status
from sogdia.insight.sight import TOLD_BY
from sogdia.insight.timeline import Stage
from sogdia.insight.trade import Whole

PARTIES: Final = ("platform", "payment_institution", "carrier", "broker", "seller")
"""The columns of the match; whatever else is compared with stands in a last one."""
TOLERANCE_MS: Final = 60_000
"""What is later than expected by less than this is on time."""
_ORDER: Final[Mapping[Status, int]] = {"disagree": 0, "missing": 1, "hidden": 2, "agree": 3, "undeclared": 4}
_WIDTH: Final = 1000


class Step(msgspec.Struct, frozen=True):
    """One stage: when it was expected and reached, how much later (negative: earlier), and marks in thousandths.

    `is_unseen` when the reader cannot tell whether it was reached.
    """

    stage: str
    expected_ms: int | None
    actual_ms: int | None
    later_ms: int | None
    is_late: bool
    expected_at: int | None
    actual_at: int | None
    sample: int
    is_unseen: bool = False


class Compared(msgspec.Struct, frozen=True):
    """One row of the match: the field's name, line by line, and what each party says, in words."""

    name: str
    line: str
    rule: str
    status: Status
    said: dict[str, str]
    others: tuple[tuple[str, str], ...]
    are_commitments: bool
    odd: str
    sides: tuple[tuple[str, ...], ...]
    limits: frozenset[str]
    unseen: frozenset[str]


def steps_of(whole: Whole, now_ms: int) -> tuple[Step, ...]:
    """Placing and every stage after it, on one scale of time that also holds what is late by now."""
    placed = whole.trade.placed_at_ms
    times = [placed, *(t for one in whole.stages for t in (one.actual_ms, one.estimated_ms))]
    known = [one for one in times if one is not None]
    first, last = min(known, default=0), max(known, default=1)
    span = max(1, last - first)
    until_ms = None if whole.trade.waits_for is None else now_ms
    steps = [_step(one, first, span, until_ms, TOLD_BY[one.stage] in whole.unseen) for one in whole.stages]
    if placed is None:
        return tuple(steps)
    begin = (placed - first) * _WIDTH // span
    return (Step("placed", None, placed, None, False, None, begin, 0), *steps)


def compared_of(match: Match, names: Mapping[str, str], currency: str) -> tuple[Compared, ...]:
    """The rows of the match: what disagrees first, then what is missing, hidden, and the rest in its own order."""
    ranked = sorted(match.fields, key=lambda one: _ORDER[one.status])
    return tuple(_compared(one, names, currency) for one in ranked)


def value_of(field: str, value: Said, names: Mapping[str, str], currency: str) -> str:
    """A value of the match as a person reads it: money and weights with their unit, parties by name."""
    if value is None:
        return ""
    if isinstance(value, int):
        return _number(field, value, currency)
    return names.get(value, value)


def _number(field: str, value: int, currency: str) -> str:
    if field.endswith("_minor"):
        return f"{Decimal(value).scaleb(-minor_digits(currency)):,.{minor_digits(currency)}f} {currency}"
    if field.endswith("_e5"):
        shown = f"{Decimal(value).scaleb(-5).normalize():,f}"
        return f"{shown} {currency}" if field.endswith("price_e5") else shown
    return f"{value:,} g" if field.endswith("_grams") else f"{value:,}"


def _compared(one: Field, names: Mapping[str, str], currency: str) -> Compared:
    unit_field = one.field if one.field != "payment" else "payment_minor"
    said = {party: value_of(unit_field, value, names, currency) for party, value in one.values.items()}
    name, line = _name(one.field)
    own = {party: words for party, words in said.items() if party in PARTIES}
    others = tuple((party, words) for party, words in said.items() if party not in PARTIES)
    is_committed = name in _COMMITTED
    return Compared(
        name, line, one.rule, one.status, own, others, is_committed, one.odd, one.sides, one.limits, one.unseen
    )


_COMMITTED: Final = frozenset(
    ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee", "consignee_telephone", "consignee_address")
)


def _name(field: str) -> tuple[str, str]:
    """The field's name in the catalogue, and the number of its line: `lines[2].sku` is `line_sku` of line 2."""
    head, bracket, rest = field.partition("[")
    if not bracket:
        return field.replace(".", "_"), ""
    number, _, name = rest.partition("]")
    return "_".join(filter(None, [head.replace(".", "_").removesuffix("s"), name.removeprefix(".")])), number


def _step(one: Stage, first: int, span: int, until_ms: int | None, is_unseen: bool) -> Step:
    """What was not reached by `until_ms` is late by then; with None the trade has ended, and nothing more is late.

    Nor is what the reader cannot tell.
    """
    expected, actual = one.estimated_ms, one.actual_ms
    reached = actual if actual is not None else None if is_unseen else until_ms
    later = None if expected is None or reached is None else reached - expected
    if actual is None and later is not None and later < 0:
        later = None
    return Step(
        one.stage, expected, actual, later, later is not None and later > TOLERANCE_MS,
        None if expected is None else (expected - first) * _WIDTH // span,
        None if actual is None else (actual - first) * _WIDTH // span,
        one.sample, is_unseen and actual is None,
    )  # fmt: skip


def counts_of(rows: Sequence[Compared]) -> dict[str, int]:
    """How many rows have each status."""
    return {status: sum(one.status == status for one in rows) for status in _ORDER}
