"""Readers of sensor elements, whose metadata and reports say all in attributes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, get_args

from lxml import etree
from msgspec.structs import fields

from sogdia.standards.epcis import model
from sogdia.standards.epcis.vocabulary import Kind, bare
from sogdia.standards.epcis.xml.fields import number, unwrapped
from sogdia.standards.epcis.xml.scope import Scope

_SENSOR_WORDS: Final[dict[str, Kind]] = {"type": "measurement", "exception": "alert", "component": "component"}


def _attributes(kind: type) -> dict[str, tuple[str, type]]:
    found: dict[str, tuple[str, type]] = {}
    for one in fields(kind):
        held = {*get_args(one.type)}
        found[one.encode_name] = (one.name, Decimal if Decimal in held else bool if bool in held else str)
    del found[model.EXTENSIONS]
    return found


_METADATA: Final = _attributes(model.SensorMetadata)
_REPORT: Final = _attributes(model.SensorReport)


def _of_attributes(
    kind: Callable[..., Any], known: dict[str, tuple[str, type]], element: etree._Element, scope: Scope
) -> Any:
    if len(element) or (element.text or "").strip():
        raise scope.unread(element, element.text, "has a text or elements in it", "say all in attributes")
    given: dict[str, Any] = {}
    others = False
    for name, value in element.items():
        field = known.get(name)
        if field is None:
            others = True
        else:
            given[field[0]] = _attribute(element, name, value, field[1], scope)
    extensions: dict[str, Any] = {}
    if others:
        scope.foreign_attributes(extensions, element, known)
    return kind(**given, extensions=extensions)


def _attribute(element: etree._Element, name: str, value: str, kind: type, scope: Scope) -> Any:
    if kind is Decimal:
        return number(element, value.strip(), scope, name=name)
    if kind is bool:
        value = value.strip()
        if value not in ("true", "false", "1", "0"):
            raise scope.unread(element, value, "is neither true nor false", "write true or false", name)
        return value in ("true", "1")
    return bare(_SENSOR_WORDS[name], value.strip()) if name in _SENSOR_WORDS else value


def sensor(element: etree._Element, scope: Scope) -> model.SensorElement:
    """Readings that belong together."""
    scope.no_attributes(element)
    metadata: list[model.SensorMetadata] = []
    reports: list[model.SensorReport] = []
    extensions: dict[str, Any] = {}
    for child in unwrapped(element):
        if child.tag == "sensorReport":
            reports.append(_of_attributes(model.SensorReport, _REPORT, child, scope))
        elif child.tag == "sensorMetadata" and not metadata:
            metadata.append(_of_attributes(model.SensorMetadata, _METADATA, child, scope))
        else:
            scope.foreign(extensions, child)
    return model.SensorElement(
        sensor_metadata=metadata[0] if metadata else None, sensor_report=tuple(reports), extensions=extensions
    )
