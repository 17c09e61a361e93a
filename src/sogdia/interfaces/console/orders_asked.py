"""What a page of orders is asked for, in its address and back: filter, sorting, columns, and where the page begins."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, get_args

import msgspec

from sogdia.core.values import minor_digits
from sogdia.insight.orders import Filter, Sort
from sogdia.insight.sight import REACHED, STATES
from sogdia.insight.troubles import TROUBLES

LEGAL_HOURS: Final = 8
"""Days in addresses are those of UTC+8, as the figures by day count them."""
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
COLUMNS: Final = (
    "state", "lane", "placed_at_ms", "value", "waits_for", "seller", "platform", "payment", "paid_at_ms", "carrier",
    "waybill", "parcel", "issued_at_ms", "list_no", "phase", "declared_at_ms", "released_at_ms", "troubles",
)  # fmt: skip
"""Columns that may be chosen beside the order's number, in the order in which they stand."""
USUAL: Final = ("state", "lane", "placed_at_ms", "value", "waits_for", "list_no", "troubles")
STAGES: Final = (*REACHED, "delivered")
TROUBLE_KINDS: Final = ("any", *TROUBLES)
ROWS: Final = 50
_TEXT_LIMIT: Final = 200
_TEXTS: Final = ("text", "state", "reached", "ship_from", "ship_to", "currency", "carrier", "trouble")
_FROM_CHOICE: Final = {"state": STATES, "reached": STAGES, "trouble": TROUBLE_KINDS}


class Asked(msgspec.Struct, frozen=True):
    """A page of orders as it was asked for; `wrong` names fields of the address that could not be understood."""

    filter: Filter
    sort: Sort
    columns: tuple[str, ...]
    after: str
    before: str
    fields: dict[str, str]
    wrong: tuple[str, ...]


def asked(pairs: Sequence[tuple[str, str]]) -> Asked:
    """What these parameters of an address ask for; what cannot be understood is left out and named."""
    given = {name: value.strip()[:_TEXT_LIMIT] for name, value in pairs}
    found: dict[str, Any] = {}
    wrong = []
    for name, read in _READERS.items():
        text = given.get(name, "")
        if not text:
            continue
        try:
            found[_FIELD.get(name, name)] = read(text, given)
        except ValueError:
            wrong.append(name)
    chosen = {value for name, value in pairs if name == "col"}
    columns = tuple(one for one in COLUMNS if one in chosen) or USUAL
    sort = next((one for one in SORTS if one == given.get("sort")), SORTS[0])
    shown = {name: given.get(name, "") for name in _READERS}
    return Asked(Filter(**found), sort, columns, given.get("after", ""), given.get("before", ""), shown, tuple(wrong))


def address(wanted: Filter) -> list[tuple[str, str]]:
    """The parameters that ask for this filter; instants become the days in which they lie."""
    found = [(name, str(getattr(wanted, name))) for name in _TEXTS if getattr(wanted, name)]
    for name, bound in (("value_from", wanted.value_from), ("value_to", wanted.value_to)):
        if bound is not None:
            found.append((name, str(Decimal(bound).scaleb(-minor_digits(wanted.currency)))))
    if wanted.placed_from_ms is not None:
        found.append(("placed_from", _day(wanted.placed_from_ms)))
    if wanted.placed_to_ms is not None:
        found.append(("placed_to", _day(wanted.placed_to_ms - 1)))
    for name, day_ms in (("reached_from", wanted.reached_from_ms), ("reached_to", wanted.reached_to_ms)):
        if day_ms is not None:
            found.append((name, _day(day_ms - (name == "reached_to"))))
    return found


# --- one field at a time --------------------------------------------------------------------------------------------


def _plain(text: str, given: dict[str, str]) -> str:
    return text


def _code(length: int) -> Any:
    def read(text: str, given: dict[str, str]) -> str:
        if len(text) != length or not text.isascii() or not text.isalpha():
            raise ValueError(text)
        return text.upper()

    return read


def _choice(name: str) -> Any:
    def read(text: str, given: dict[str, str]) -> str:
        if text not in _FROM_CHOICE[name]:
            raise ValueError(text)
        return text

    return read


def _value(text: str, given: dict[str, str]) -> int:
    """Major units as a person writes them, into minor units of the currency that stands beside."""
    currency = _code(3)(given.get("currency", ""), given)
    try:
        minor = Decimal(text.replace(",", "")).scaleb(minor_digits(currency))
    except InvalidOperation:
        raise ValueError(text) from None
    if not minor.is_finite() or minor != int(minor) or not 0 <= minor < 10**15:
        raise ValueError(text)
    return int(minor)


def _beginning(text: str, given: dict[str, str]) -> int:
    day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    return int((day - timedelta(hours=LEGAL_HOURS)).timestamp()) * 1000


def _end(text: str, given: dict[str, str]) -> int:
    return _beginning(text, given) + 86_400_000


def _with_stage(read: Any) -> Any:
    def found(text: str, given: dict[str, str]) -> int:
        if given.get("reached", "") not in STAGES:
            raise ValueError(text)
        day_ms: int = read(text, given)
        return day_ms

    return found


def _day(time_ms: int) -> str:
    return (datetime.fromtimestamp(time_ms // 1000, UTC) + timedelta(hours=LEGAL_HOURS)).strftime("%Y-%m-%d")


_FIELD: Final = {f"{name}_{end}": f"{name}_{end}_ms" for name in ("placed", "reached") for end in ("from", "to")}
_READERS: Final[dict[str, Any]] = {
    "text": _plain, "state": _choice("state"), "trouble": _choice("trouble"), "reached": _choice("reached"),
    "ship_from": _code(2), "ship_to": _code(2), "currency": _code(3), "value_from": _value, "value_to": _value,
    "placed_from": _beginning, "placed_to": _end, "carrier": _plain,
    "reached_from": _with_stage(_beginning), "reached_to": _with_stage(_end),
}  # fmt: skip
