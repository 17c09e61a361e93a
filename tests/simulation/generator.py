"""Random messages of any type, from the type alone: what the registry lists can be generated.

`strategy(kind)` gives well-typed messages: every limit that the type states is kept, every value that it allows may
come. Values that name things are often taken from a pool, so that messages meet records and not only their absence.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from tests.simulation import world

DIDS = tuple(actor.did for actor in world.EVERYBODY)
NOW_MS = world.BEGINS_MS
POOL: Mapping[str, Sequence[Any]] = {
    "platform": [one.did for one in reversed(world.PLATFORMS)],
    "seller": [world.SELLERS[1].did],
    "institution": [one.did for one in reversed(world.INSTITUTIONS)],
    "carrier": [world.CARRIERS[0].did],
    "broker": [world.BROKERS[0].did],
    "customs": [world.CUSTOMS.did],
    "authority": [world.CUSTOMS.did, world.TAX.did],
    "registrar": [world.REGISTRAR.did],
    "assurer": [world.PLATFORMS[1].did],
    **dict.fromkeys(("principal", "agent"), DIDS),
    "party": [one.did for one in (world.PLATFORMS[1], world.INSTITUTIONS[1], world.CARRIERS[0], world.BROKERS[0])],
    "order": ["O-1", "O-3"],
    "payment": ["P-1", "P-3"],
    "waybill": ["W-1", "W-3"],
    "list_no": ["L-1", "L-3"],
    "number": ["O-1", "P-1", "W-1", "L-1"],
    "sku": list(world.PRODUCTS),
    "line": [1, 2],
    "quantity": [1, 2],
    **{key: [0] for key in ("price_e5", "total_minor", "goods_minor", "paid_minor")},
    **{key: [0] for key in ("freight_minor", "insured_minor", "tax_minor", "discount_minor", "rounding_minor")},
    **{key: [NOW_MS] for key in ("placed_at_ms", "cancelled_at_ms", "paid_at_ms", "refunded_at_ms")},
    **{key: [NOW_MS] for key in ("issued_at_ms", "reported_at_ms", "declared_at_ms", "answered_at_ms")},
    "until_ms": [NOW_MS + 1],
    "book": ["catalog.bans", "tax.cn.retail_import.rates", "customs.cn.retail_import.limits"],
    "key": ["CN/33", "yearly_fen", "single_fen", "9503"],
    "value": ["", "1", "allowed", '{"vat":"0.13"}', '{"vat":"999999999.9","duty":"999999999"}'],
    "valid_from": ["2026-01-01", "2027-01-01"],
    "valid_to": ["2026-12-31", "2030-12-31"],
    "id": [f"{did}#key-{n}" for did in DIDS[:4] for n in (1, 2, 5)],
    "recovery_key": [f"{did}#key-{n}" for did in DIDS[:4] for n in (1, 2)],
    "code": [2, 100, 120, 300, 800, 899, -1],
    "person": ["cd" * 32],
    "pre_no": ["B20261228000000001"],
    "invt_no": ["29252026I000000001", ""],
    "mode": ["9610", "1210"],
}


@cache
def strategy(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Well-typed instances of a message or of what stands in one."""
    fields = {field.name: _field(field) for field in inspect.type_info(kind).fields}
    return st.builds(kind, **fields)


def _field(field: inspect.Field) -> st.SearchStrategy[Any]:
    """Mostly out of the pool, where the type allows it; a row's key always, for a random one is in no book."""
    any_value = of_type(field.type)
    if field.name not in POOL:
        return any_value
    fitting = [value for value in POOL[field.name] if _allows(field.type, value)]
    if not fitting:
        return any_value
    pooled = st.sampled_from(fitting)
    if field.name == "key":
        return pooled
    return st.integers(0, 9).flatmap(lambda chance: any_value if chance == 9 else pooled)


def _allows(shape: inspect.Type, value: Any) -> bool:
    match shape:
        case inspect.Metadata():
            return _allows(shape.type, value)
        case inspect.LiteralType():
            return value in shape.values
        case inspect.UnionType():
            return any(_allows(one, value) for one in shape.types)
        case inspect.StrType():
            fits = isinstance(value, str) and len(value) <= (shape.max_length or len(value))
            return fits and (shape.pattern is None or re.search(shape.pattern, value) is not None)
        case inspect.IntType():
            return isinstance(value, int)
    return False


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
        case inspect.RawType():
            return _RAW
    raise TypeError(f"no strategy for {shape!r}")


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_EVENT_LIKE = st.fixed_dictionaries(
    {"type": st.sampled_from(["ObjectEvent", "urn:other"]), "eventID": st.sampled_from(["urn:a", "urn:b", "", "\0"])},
    optional={"errorDeclaration": _ANY_JSON | st.just({"declarationTime": "2026-03-02T09:00:00Z"}), "more": _ANY_JSON},
)
_NO_UTF_8 = st.sampled_from(
    [b'{"type":"O","eventID":"urn:a","x":"\xff"}', b'{"type":"O","eventID":"urn:a","\xed\xa0\x80":1}']
)
_RAW = ((_EVENT_LIKE | _ANY_JSON).map(msgspec.json.encode) | _NO_UTF_8).map(msgspec.Raw)
"""What a message carries as it is: events of the trace, other JSON, or what is no text."""


def _text(shape: inspect.StrType) -> st.SearchStrategy[str]:
    most = min(shape.max_length or 40, (shape.min_length or 0) + 40)
    if shape.pattern is not None:
        found = st.from_regex(shape.pattern)
        return found.filter(lambda text: len(text) <= (shape.max_length or 10**6) and "\n" not in text)
    letters = st.characters(codec="utf-8")
    return st.text(letters, min_size=shape.min_length or 0, max_size=most)
