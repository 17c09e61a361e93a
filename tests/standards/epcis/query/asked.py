"""Short ways to ask in tests, and the events that most of them ask about."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sogdia.standards.epcis import model
from sogdia.standards.epcis.model import AnyEvent, Vocabulary
from sogdia.standards.epcis.query.conditions import Condition, Query
from sogdia.standards.epcis.query.parameters import of_object, of_url
from tests.standards.epcis.query import naive

NS = "https://ns.example.com/epcis/"
CONTEXT = {"ex": NS}
GTIN = "https://id.gs1.org/01/09506000134352"
BAKERY = "https://id.gs1.org/414/9506000138602"
OVEN = f"{BAKERY}/254/oven"


def seen(name: str, **said: Any) -> model.ObjectEvent:
    """An observation with this event ID; everything else is what the test says."""
    given = {
        "event_time": "2026-05-28T20:33:31.116Z",
        "event_time_zone_offset": "+00:00",
        "action": "OBSERVE",
        "context": CONTEXT,
        **said,
    }
    return model.ObjectEvent(event_id=f"urn:x:{name}", **given)


def reading(**said: Any) -> model.SensorElement:
    """A sensor element with one report."""
    return model.SensorElement(sensor_report=(model.SensorReport(**said),))


def measured(number: str, uom: str, **said: Any) -> model.SensorElement:
    """A sensor element with one value."""
    return reading(type="Temperature", value=Decimal(number), uom=uom, **said)


def url(*parameters: tuple[str, str], **named: str) -> Query:
    """The query of a URL, with the namespace `ex`."""
    return of_url([*parameters, *named.items()], CONTEXT)


def condition(name: str, *texts: str) -> Condition:
    """The one condition of a parameter of a URL."""
    (found,) = of_url([(name, text) for text in texts], CONTEXT).conditions
    return found


def body(**query: Any) -> Query:
    """The query of a JSON object, with the namespace `ex`."""
    return of_object({"@context": [CONTEXT], **query})


def finds(query: Query, events: Sequence[AnyEvent], master: Sequence[Vocabulary] = ()) -> list[str]:
    """The short names of the events that the oracle finds, in its order."""
    return [str(event.event_id).removeprefix("urn:x:") for event in naive.answer(query, events, master)]
