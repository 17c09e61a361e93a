"""GS1's XSDs as judges of the XML that is written, and events as XML gives them back."""

from functools import cache
from typing import Any

from lxml import etree
from msgspec.structs import fields, replace

from sogdia.standards.epcis.model import EXTENSIONS, AnyEvent
from sogdia.standards.epcis.xml.foreign import settled
from tests.standards.epcis.gs1_files import FOLDER


@cache
def _schema(version: str, kind: str) -> etree.XMLSchema:
    name = f"EPCglobal-epcis{kind}-{version.replace('.', '_')}.xsd"
    return etree.XMLSchema(etree.parse(FOLDER / f"xsd-{version}" / name))


def xsd_faults(xml: bytes, version: str) -> list[str]:
    """What the XSD of a version says against a document; nothing if it is valid."""
    root = etree.fromstring(xml)
    schema = _schema(version, "-query" if "epcis-query" in str(root.tag) else "")
    schema.validate(root)
    return [f"{entry.line}: {entry.message}" for entry in schema.error_log]


def as_xml_has_it(event: AnyEvent) -> AnyEvent:
    """An event with lists of one as that one wherever others added them, which JSON-LD and XML do not tell apart."""
    found: AnyEvent = _settled(event)
    return replace(found, certification_info=_single(event.certification_info))


def _single(certificates: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
    return certificates[0] if isinstance(certificates, tuple) and len(certificates) == 1 else certificates


def _settled(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(_settled, part))
    if not hasattr(part, "__struct_fields__"):
        return part
    given = {}
    for field in fields(part):
        value = getattr(part, field.name)
        is_foreign = field.encode_name in (EXTENSIONS, "ilmd")
        given[field.name] = settled_parts(value) if is_foreign else _settled(value)
    return type(part)(**given)


def settled_parts(parts: dict[str, Any]) -> dict[str, Any]:
    """Each value as XML gives it back; what is an empty list is not there."""
    found = settled({**parts, "@": ""})
    del found["@"]
    return dict(found)
