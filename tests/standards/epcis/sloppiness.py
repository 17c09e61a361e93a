"""Faults as other people's programs make them, put into valid events; each is told to be repairable or not.

`FAULTS` take a plain event that is valid and give the sloppy one, or None where the event has no place for the fault.
`REPAIRABLE` ones say the same as before; of `HOPELESS` ones nobody knows what was meant.
"""

import copy
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Plain = dict[str, Any]
Fault = Callable[[Plain], Plain | None]

_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_LINK = re.compile(r"https://id\.gs1\.org/01/(\d{14})/21/([0-9A-Za-z._-]+)")
_CHECKED = re.compile(r"(https://id\.gs1\.org/(?:01|00|414|417)/\d*)(\d)(?=/|\Z)")


def _with(event: Plain, **fields: Any) -> Plain:
    return {**event, **fields}


def _renamed(event: Plain, old: str, new: str) -> Plain | None:
    return {new if name == old else name: value for name, value in event.items()} if old in event else None


def _first(event: Plain, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if event.get(name)), None)


def _on_thing(change: Callable[[str], str | None]) -> Fault:
    def fault(event: Plain) -> Plain | None:
        name = _first(event, _LISTS)
        if name is None:
            return None
        for place, thing in enumerate(event[name]):
            changed = change(thing)
            if changed is not None:
                return _with(event, **{name: [*event[name][:place], changed, *event[name][place + 1 :]]})
        return None

    return fault


def _on_quantity(change: Callable[[Plain], Plain | None]) -> Fault:
    def fault(event: Plain) -> Plain | None:
        name = _first(event, _QUANTITIES)
        changed = None if name is None else change(event[name][0])
        return None if name is None or changed is None else _with(event, **{name: [changed, *event[name][1:]]})

    return fault


def _elements(thing: str) -> str | None:
    found = _LINK.fullmatch(thing)
    return None if found is None else f"({'01'}){found[1]}(21){found[2]}"


def _short_gtin(thing: str) -> str | None:
    found = _LINK.fullmatch(thing)
    is_short = found is not None and found[1].startswith("0") and not found[1].startswith("00")
    return thing.replace("/01/0", "/01/", 1) if is_short else None


def _loud_urn(thing: str) -> str | None:
    found = re.fullmatch(r"(urn:epc:(?:id|class):[a-z]+:)(.*)", thing)
    return None if found is None else found[1].upper() + found[2]


def _bare_sscc(thing: str) -> str | None:
    head = "https://id.gs1.org/00/"
    return thing.removeprefix(head) if thing.startswith(head) else None


def _wrong_digit(thing: str) -> str | None:
    found = _CHECKED.match(thing)
    return None if found is None else f"{found[1]}{(int(found[2]) + 1) % 10}{thing[found.end() :]}"


def _alone(event: Plain) -> Plain | None:
    name = next((name for name in (*_LISTS, *_QUANTITIES) if len(event.get(name, ())) == 1), None)
    return None if name is None else _with(event, **{name: event[name][0]})


def _number_as_text(quantity: Plain) -> Plain | None:
    return {**quantity, "quantity": str(quantity["quantity"])} if "quantity" in quantity else None


def _small_unit(quantity: Plain) -> Plain | None:
    return {**quantity, "uom": quantity["uom"].lower()} if "uom" in quantity else None


def _urn_of_step(event: Plain) -> Plain | None:
    step = event.get("bizStep", ":")
    return None if ":" in step else _with(event, bizStep=f"urn:epcglobal:cbv:bizstep:{step}")


def _loud_step(event: Plain) -> Plain | None:
    step = event.get("bizStep", ":")
    return None if ":" in step else _with(event, bizStep=step.upper().replace("_", " "))


def _place_alone(event: Plain) -> Plain | None:
    place = event.get("readPoint")
    return _with(event, readPoint=place["id"]) if place and len(place) == 1 else None


def _gln_alone(event: Plain) -> Plain | None:
    found = re.fullmatch(r"https://id\.gs1\.org/414/(\d{13})", event.get("bizLocation", {}).get("id", ""))
    return _with(event, bizLocation={**event["bizLocation"], "id": found[1]}) if found else None


def _time(change: Callable[[str], str | None]) -> Fault:
    def fault(event: Plain) -> Plain | None:
        changed = change(event["eventTime"])
        return None if changed is None else _with(event, eventTime=changed)

    return fault


def _packed_offset(time: str) -> str | None:
    found = re.fullmatch(r"(.*[+-]\d\d):(\d\d)", time)
    return None if found is None else found[1] + found[2]


def _local(event: Plain) -> Plain | None:
    """The local time alone, where the offset stands beside it."""
    time, offset = event["eventTime"], event["eventTimeZoneOffset"]
    return _with(event, eventTime=time[:-6].replace("T", " ")) if time.endswith(offset) else None


def _no_offset(event: Plain) -> Plain | None:
    offset = event["eventTimeZoneOffset"]
    if not event["eventTime"].endswith(offset) or offset == "-00:00":
        return None
    return {name: value for name, value in event.items() if name != "eventTimeZoneOffset"}


def _short_offset(event: Plain) -> Plain | None:
    offset = event["eventTimeZoneOffset"]
    return _with(event, eventTimeZoneOffset=offset[0] + offset[2:]) if offset[1] == "0" else None


def _blanks(event: Plain) -> Plain:
    return _with(event, eventTime=f" {event['eventTime']}\n", eventID=f"\ufeff{event['eventID']}\u00a0")


REPAIRABLE: dict[str, Fault] = {
    "element string": _on_thing(_elements),
    "short GTIN": _on_thing(_short_gtin),
    "loud URN": _on_thing(_loud_urn),
    "bare SSCC": _on_thing(_bare_sscc),
    "blanks around a thing": _on_thing(lambda thing: f"\t{thing} "),
    "URN without urn:": _on_thing(lambda thing: thing.removeprefix("urn:") if thing.startswith("urn:epc:id") else None),
    "one thing instead of a list": _alone,
    "number as text": _on_quantity(_number_as_text),
    "small unit": _on_quantity(_small_unit),
    "wrapped list": lambda event: _with(event, epcList={"epc": event["epcList"]}) if event.get("epcList") else None,
    "word as URN": _urn_of_step,
    "word in capitals": _loud_step,
    "place as text": _place_alone,
    "GLN as digits": _gln_alone,
    "blank instead of T": _time(lambda time: time.replace("T", " ")),
    "+0800": _time(_packed_offset),
    "UTC": _time(lambda time: f"{time[:-1]} UTC" if time.endswith("Z") else None),
    "local time and an offset": _local,
    "no offset": _no_offset,
    "+8:00": _short_offset,
    "small action": lambda event: _with(event, action=event["action"].lower()) if "action" in event else None,
    "isA": lambda event: _renamed(event, "type", "isA"),
    "type in small letters": lambda event: _with(event, type=event["type"].lower()),
    "snake case": lambda event: _renamed(event, "eventTime", "event_time"),
    "capital name": lambda event: _renamed(event, "epcList", "EPCList"),
    "null": lambda event: _with(event, remark=None, **({} if "disposition" in event else {"disposition": None})),
    "null in a list": lambda event: _with(event, epcList=[None, *event["epcList"]]) if event.get("epcList") else None,
    "empty word": lambda event: None if "bizStep" in event else _with(event, bizStep=""),
    "empty ilmd": lambda event: _with(event, ilmd={}) if event.get("action") in ("OBSERVE", "DELETE") else None,
    "bare UUID": lambda event: (
        _with(event, eventID=event["eventID"].removeprefix("urn:uuid:"))
        if event["eventID"].startswith("urn:uuid:")
        else None
    ),
    "blanks": _blanks,
    "extension of XML": lambda event: {
        **{name: value for name, value in event.items() if name not in _QUANTITIES},
        "extension": {name: value for name, value in event.items() if name in _QUANTITIES},
    },
}
HOPELESS: dict[str, tuple[str, Fault]] = {
    "wrong check digit": ("", _on_thing(_wrong_digit)),
    "wrong check digit in an element string": (
        "",
        _on_thing(lambda thing: None if _elements(thing) is None else _elements(_wrong_digit(thing) or "")),
    ),
    "no zone anywhere": (
        "eventTime",
        lambda event: {
            **{name: value for name, value in event.items() if name != "eventTimeZoneOffset"},
            "eventTime": event["eventTime"][:19],
        },
    ),
    "UTC and no offset": (
        "eventTimeZoneOffset",
        lambda event: (
            {name: value for name, value in event.items() if name != "eventTimeZoneOffset"}
            if event["eventTime"].endswith("Z")
            else None
        ),
    ),
    "day first": ("eventTime", lambda event: _with(event, eventTime="03/04/2026 10:00")),
    "seconds since 1970": ("eventTime", lambda event: _with(event, eventTime=1_779_971_611)),
    "name without prefix": ("lotNote", lambda event: _with(event, lotNote="fragile")),
    "number for an ID": ("eventID", lambda event: _with(event, eventID="EV-17")),
    "other action": ("action", lambda event: _with(event, action="REMOVE") if "action" in event else None),
    "comma in a number": (
        "",
        _on_quantity(lambda quantity: {**quantity, "quantity": "1,500"} if "quantity" in quantity else None),
    ),
    "kg": ("", _on_quantity(lambda quantity: {**quantity, "uom": "kg"} if "uom" in quantity else None)),
    "two times": ("eventTime", lambda event: _with(event, EventTime="2001-01-01T00:00:00Z")),
    "13 digits in a list of things": ("", _on_thing(lambda thing: "9506000134352")),
}


def enriched(event: Plain) -> Plain:
    """A valid event with places for most faults, from any valid one."""
    kind = str(event["type"])
    things, amounts = {
        "ObjectEvent": ("epcList", "quantityList"),
        "TransactionEvent": ("epcList", "quantityList"),
        "TransformationEvent": ("inputEPCList", "inputQuantityList"),
    }.get(kind, ("childEPCs", "childQuantityList"))
    return {
        **event,
        "eventTime": "2026-05-28T20:33:31.5+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "staging_outbound",
        "bizLocation": {"id": "https://id.gs1.org/414/9506000138602"},
        things: [
            "https://id.gs1.org/01/09506000134352/21/A1",
            "https://id.gs1.org/00/395060001343520001",
            "urn:epc:id:sgtin:9506000.013435.A2",
        ],
        amounts: [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L1", "quantity": Decimal("10.50"), "uom": "KGM"}],
    }


def injected(fault: Fault, event: Plain) -> Plain | None:
    """The sloppy event; None where the fault has no place in it or changes nothing."""
    made = fault(copy.deepcopy(event))
    return None if made == event else made
