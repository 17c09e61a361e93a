"""Random messages of any type, from the type alone: what the registry lists can be generated.

`strategy(kind)` gives well-typed messages: every limit that the type states is kept, every value that it allows may
come. Values that name things are often taken from a pool, so that messages meet records and not only their absence.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from tests.simulation import world

DIDS = tuple(actor.did for actor in world.EVERYBODY)
POOL: Mapping[str, Sequence[Any]] = {
    **dict.fromkeys(
        ("platform", "seller", "institution", "carrier", "broker", "customs", "authority", "registrar", "party",
         "principal", "agent", "assurer"), DIDS,
    ),
    "order": ("O-1", "O-2"),
    "payment": ("P-1", "P-2"),
    "waybill": ("W-1", "W-2"),
    "list_no": ("L-1", "L-2"),
    "number": ("O-1", "P-1", "W-1", "L-1"),
    "sku": tuple(world.PRODUCTS),
    "book": ("catalog.bans", "tax.cn.retail_import.rates", "customs.cn.retail_import.limits"),
    "key": ("CN/33", "yearly_fen", "single_fen", "3304"),
    "value": ("", "1", "allowed", '{"vat":"0.13"}', '{"vat":"999999999.9","duty":"999999999"}'),
    "valid_from": ("2026-01-01", "2027-01-01"),
    "valid_to": ("2026-12-31", "2030-12-31"),
    "id": tuple(f"{did}#key-{n}" for did in DIDS[:4] for n in (1, 2, 5)),
    "code": (100, 120, 300, 800, 899, -1),
    "person": ("cd" * 32,),
}  # fmt: skip


@cache
def strategy(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Well-typed instances of a message or of what stands in one."""
    fields = {field.name: _field(field) for field in inspect.type_info(kind).fields}
    return st.builds(kind, **fields)


def _field(field: inspect.Field) -> st.SearchStrategy[Any]:
    any_value = of_type(field.type)
    if field.name not in POOL or not isinstance(field.type, (inspect.StrType, inspect.IntType, inspect.Metadata)):
        return any_value
    return st.sampled_from(POOL[field.name]) | any_value if field.name != "key" else st.sampled_from(POOL["key"])


def of_type(shape: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a msgspec type; a type that is not known here is an error, so that none is left out silently."""
    match shape:
        case inspect.Metadata():
            return of_type(shape.type)
        case inspect.StrType():
            return _text(shape)
        case inspect.IntType():
            least, most = shape.ge if shape.ge is not None else -(2**40), shape.le if shape.le is not None else 2**40
            edges = st.sampled_from([least, most, max(least, min(most, 1))])
            return edges | st.integers(least, most)
        case inspect.LiteralType():
            return st.sampled_from(shape.values)
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of(*map(of_type, shape.types))
        case inspect.VarTupleType():
            most = min(shape.max_length or 4, (shape.min_length or 0) + 3)
            return st.lists(of_type(shape.item_type), min_size=shape.min_length or 0, max_size=most).map(tuple)
        case inspect.StructType():
            return strategy(shape.cls)
    raise TypeError(f"no strategy for {shape!r}")


def _text(shape: inspect.StrType) -> st.SearchStrategy[str]:
    most = min(shape.max_length or 40, (shape.min_length or 0) + 40)
    if shape.pattern is not None:
        found = st.from_regex(shape.pattern)
        return found.filter(lambda text: len(text) <= (shape.max_length or 10**6) and "\n" not in text)
    letters = st.characters(codec="utf-8")
    return st.text(letters, min_size=shape.min_length or 0, max_size=most)
