"""The form of a recall, read: things, serials in a row, a supplier, what a sensor found amiss, a stretch of time."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sogdia.interfaces.console.forms import Form
from sogdia.interfaces.console.tracing_scan import thing_of
from sogdia.interfaces.epcis.instants import instant
from sogdia.interfaces.words import clock
from sogdia.standards.epcis.moments import NoMoment, microseconds
from sogdia.standards.epcis.query.units import in_base_unit

THINGS: Final = 10_000
FIELDS: Final = (
    "things", "product", "first", "last", "supplier", "path", "uom", "above", "below", "since", "until",
)  # fmt: skip
PATHS: Final = ("value", "maxValue", "minValue", "meanValue")
"""Readings of a sensor report that an excursion may look at."""
UNITS: Final = ("CEL", "FAH", "KEL", "P1", "2N", "59", "BAR", "E28")
"""Units of UN/ECE Recommendation 20 that the form offers; others are asked for over the API."""


class NotAsked(Exception):
    """The form says nothing that could be recalled; `field` is where, `key` the words that tell why."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(field, key)
        self.field, self.key = field, key


def lines_of(form: Form) -> list[str]:
    """The lines that name things, each once: those typed, and those chosen from what was offered. Raises NotAsked."""
    lines = [*form.exact("things").splitlines(), *form.get("chosen", [])]
    found = list(dict.fromkeys(one.strip() for one in lines if one.strip()))
    if len(found) > THINGS:
        raise NotAsked("things", "recall_page.too_many")
    return found


def asked_of(form: Form, lines: Sequence[str]) -> dict[str, Any]:
    """What `POST /recall` takes; times without an offset are in the reader's zone. Raises NotAsked."""
    asked: dict[str, Any] = {}
    if lines:
        asked["things"] = list(dict.fromkeys(map(thing_of, lines)))
    if form.one("product") or form.one("first") or form.one("last"):
        asked["serials"] = _serials(form)
    if form.one("supplier"):
        asked["supplier"] = form.one("supplier")
    if form.one("above") or form.one("below"):
        asked["excursion"] = _excursion(form)
    if not asked:
        raise NotAsked("things", "recall_page.nothing_asked")
    for name in ("since", "until"):
        if form.one(name):
            asked[name] = _time(form, name)
    return asked


def _serials(form: Form) -> Mapping[str, str]:
    for name in ("product", "first", "last"):
        if not form.one(name):
            raise NotAsked(name, "recall_page.serials_whole")
    return {"product": thing_of(form.one("product")), "first": form.one("first"), "last": form.one("last")}


def _excursion(form: Form) -> Mapping[str, Any]:
    """Readings in the base unit, as the index holds them."""
    path, unit = form.one("path", "value"), form.one("uom")
    if path not in PATHS or unit not in UNITS:
        raise NotAsked("path", "recall_page.path_wrong")
    found: dict[str, Any] = {"path": path, "uom": in_base_unit(Decimal(0), unit)[1]}
    for name in ("above", "below"):
        if form.one(name):
            found[name] = _number(form, name, unit)
    return found


def _number(form: Form, name: str, unit: str) -> float:
    try:
        return float(in_base_unit(Decimal(form.one(name).replace(",", ".")), unit)[0])
    except InvalidOperation:
        raise NotAsked(name, "recall_page.number_wrong") from None


def _time(form: Form, name: str) -> str:
    text = form.one(name)
    try:
        whole = clock.milliseconds_in_zone(text) if len(text) == len("2026-11-23T00:00") else None
        found = text if whole is None else instant(whole)
        microseconds(found)
    except (NoMoment, ValueError):
        raise NotAsked(name, "recall_page.time_wrong") from None
    return found
