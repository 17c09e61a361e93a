"""The kinds of events and the names of their fields, in XML and in the model."""

from typing import Final

from msgspec.structs import fields

from sogdia.standards.epcis import model

KINDS: Final = {str(kind): made for kind, made in model.EVENT_TYPES.items()}
NAMES: Final = {
    kind: {field.encode_name: field.name for field in fields(made) if field.encode_name != model.EXTENSIONS}
    for kind, made in KINDS.items()
}
"""For each kind the model's name of each field that XML or JSON name."""
NEEDED: Final = {
    kind: [(field.name, field.encode_name) for field in fields(made) if field.required] for kind, made in KINDS.items()
}
QUANTITY_EVENT: Final = "QuantityEvent"
"""A kind of 1.0 that 1.1 replaced by an object event with a quantity; it is read as one."""


def kind_of(event: model.AnyEvent) -> str:
    """What kind an event is."""
    return type(event).__name__
