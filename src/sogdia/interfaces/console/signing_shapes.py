"""The messages of the network as a browser needs them: each field's kind, limits, default; and who may send what.

A kind says how people read a value and how they type it: `money` in minor units of the currency beside it, `price` and
`fraction` in 1/100000, `instant` and `duration` in milliseconds, `grams`, `party` and `key` by DID. Units stand last in
the names of fields, so the name decides where the type alone does not.
"""

import types
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from sogdia.core.module import tag_of
from sogdia.core.values import CountryCode, Currency, Day, KeyId, PartyId, Text

_TYPES: Final = {PartyId: "party", KeyId: "key", CountryCode: "country", Currency: "currency", Day: "day", Text: "text"}
_ENDINGS: Final = (
    ("_limit_ms", "duration"),
    ("_ms", "instant"),
    ("_minor", "money"),
    ("price_e5", "price"),
    ("_e5", "fraction"),
    ("_grams", "grams"),
)
_NAMES: Final = {"hs_code": "hs_code", "unit": "unit", "legal_unit": "unit"}

SENDERS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "identity.register": ("registrar", ("registrar",)),
    "identity.rotate": ("party", ()),
    "identity.recover": ("party", ()),
    "identity.grant_role": ("registrar", ("registrar",)),
    "identity.revoke_role": ("registrar", ("registrar",)),
    "identity.delegate": ("principal", ()),
    "identity.revoke_delegation": ("principal", ()),
    "identity.suspend": ("registrar", ("registrar",)),
    "identity.reinstate": ("registrar", ("registrar",)),
    "governance.apply": ("party", ()),
    "governance.review": ("member", ()),
    "governance.vote": ("member", ()),
    "governance.withdraw": ("party", ()),
    "governance.propose": ("member", ()),
    "governance.rotate_validator": ("member", ()),
    "governance.set_url": ("member", ()),
    "governance.rejoin": ("member", ()),
    "governance.host": ("party", ()),
    "catalog.list_product": ("seller", ("seller",)),
    "catalog.withdraw_product": ("seller", ("seller",)),
    "catalog.publish_bans": ("authority", ("customs",)),
    "orders.place": ("platform", ("platform",)),
    "orders.cancel": ("platform", ("platform",)),
    "orders.erase_sealed": ("platform", ("platform",)),
    "trace.capture": ("party", ()),
    "trace.withdraw_job": ("party", ()),
    "trace.describe": ("party", ()),
    "payments.attest": ("institution", ("payment_institution",)),
    "payments.refund": ("institution", ("payment_institution",)),
    "logistics.issue_waybill": ("carrier", ("carrier",)),
    "logistics.report_status": ("carrier", ("carrier",)),
    "tax.publish_rates": ("authority", ("tax_authority",)),
    "customs.declare_import": ("broker", ("broker",)),
    "customs.declare_export": ("broker", ("broker",)),
    "customs.answer": ("customs", ("customs",)),
    "customs.publish_limits": ("authority", ("customs",)),
}
"""Which field of a message names its signer, and the roles that send it; none stands for every party.

For what a page offers. What a party may do the rules decide, whatever stands here.
"""
UNSIGNED: Final = frozenset({"governance.found", "governance.misbehaved"})
"""What no party signs."""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field. `parts` names the structs that may stand in it, `many` that it is a list."""

    name: str
    kind: str
    needed: bool = False
    default: Any = None
    many: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    pattern: str = ""


class Shape(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message, or a part of one. `tag_field` tells several parts apart that may stand in one place."""

    fields: tuple[Field, ...]
    tag_field: str = ""
    tag: str = ""


def shapes(messages: Iterable[type[Any]]) -> dict[str, Shape]:
    """Every message by tag, and every part of theirs by the name of its type."""
    found: dict[str, Shape] = {}
    waiting = [(tag_of(kind), kind) for kind in messages]
    while waiting:
        name, kind = waiting.pop()
        if name not in found:
            found[name] = _shape(kind)
            waiting += [(part.__name__, part) for one in msgspec.structs.fields(kind) for part in _parts(one.type)]
    return found


def offered(tags: Iterable[str], roles: Sequence[str]) -> list[str]:
    """Those messages that a party in these roles might send."""
    return [tag for tag in tags if tag in SENDERS and (not SENDERS[tag][1] or set(SENDERS[tag][1]) & set(roles))]


def _shape(kind: type[Any]) -> Shape:
    config = kind.__struct_config__
    fields = tuple(_field(one) for one in msgspec.structs.fields(kind))
    return Shape(fields, str(config.tag_field or ""), str(config.tag or ""))


def _field(one: msgspec.structs.FieldInfo) -> Field:
    bare, metas = _bare(one.type)
    many = get_origin(bare) is tuple
    inner = get_args(bare)[0] if many else one.type
    core, inner_metas = _bare(inner)
    parts = tuple(part.__name__ for part in _parts(inner))
    choices = tuple(map(str, get_args(core))) if get_origin(core) is Literal else ()
    default = None if one.required or one.default is msgspec.NODEFAULT else msgspec.to_builtins(one.default)
    kind = "part" if parts else "choice" if choices else _kind(one.name, inner, core)
    said = _limits(metas if many else inner_metas)
    pattern = next((meta.pattern for meta in inner_metas if meta.pattern), "")
    return Field(one.name, kind, one.required, default, many, choices, parts, *said, _script_pattern(pattern))


def _kind(name: str, hint: Any, core: Any) -> str:
    if core is msgspec.Raw:
        return "raw"
    if core is int:
        if name == "code":
            return "customs_code"
        return next((kind for ending, kind in _ENDINGS if name.endswith(ending)), "whole")
    return _TYPES.get(_not_none(hint)) or _NAMES.get(name, "text" if core is str else "raw")


def _limits(metas: Sequence[Meta]) -> tuple[int | None, int | None]:
    """Least and greatest value of a number, or length of a text or list."""
    least = next((one for meta in metas for one in (meta.ge, meta.min_length) if one is not None), None)
    most = next((one for meta in metas for one in (meta.le, meta.max_length) if one is not None), None)
    return None if least is None else int(least), None if most is None else int(most)


def _script_pattern(pattern: str) -> str:
    """The pattern for an input of a page, which matches the whole value by itself."""
    return pattern.replace(r"(?!\n)", "").removeprefix("^").removesuffix("$")


def _parts(hint: Any) -> list[type[Any]]:
    bare, _ = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return [bare]
    return [found for one in get_args(bare) if isinstance(one, type) or get_args(one) for found in _parts(one)]


def _bare(hint: Any) -> tuple[Any, list[Meta]]:
    """The type without notes and without None, and the notes."""
    hint, metas = _not_none(hint), list[Meta]()
    while get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        metas += [note for note in notes if isinstance(note, Meta)]
        hint = _not_none(inner)
    return hint, metas


def _not_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [one for one in get_args(hint) if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else hint
    return hint
