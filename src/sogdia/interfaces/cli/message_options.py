"""A message's fields as options of its command: scalars by name, everything nested as JSON."""

import types
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from sogdia.interfaces.cli.terminal import Failure, decode_json

RESERVED: Final = frozenset({"key", "keys", "to", "network", "json", "sign-only", "example", "help"})


class Field(NamedTuple):
    """One field as an option: its name, what it takes, and what a person should know of it."""

    name: str
    required: bool
    kind: str
    """`text`, `whole`, or `json` for what has parts."""
    notes: str
    default: Any

    @property
    def option(self) -> str:
        """The option's name, out of the way of the options that every such command has."""
        name = self.name.replace("_", "-")
        return f"--{name}-field" if name in RESERVED else f"--{name}"


def fields_of(message: type[Any]) -> list[Field]:
    """The fields of a message type in their declared order."""
    return [_field(one) for one in msgspec.structs.fields(message)]


def _field(one: Any) -> Field:
    default = None if one.required or one.default is msgspec.NODEFAULT else one.default
    return Field(one.name, one.required, kind_of(one.type), notes_of(one.type), default)


def kind_of(hint: Any) -> str:
    """Whether a field is text, a whole number, or something with parts."""
    bare = _bare(hint)
    if bare is int:
        return "whole"
    if bare is str or get_origin(bare) is Literal:
        return "text"
    return "json"


def notes_of(hint: Any) -> str:
    """Description and limits of a type, for help and pages; of a list, also of what stands in it."""
    bare = _bare(hint)
    said = [note for meta in _metas(hint) for note in _meta_notes(meta, _unit(bare))]
    if get_origin(bare) is Literal:
        said.append("one of " + ", ".join(map(str, get_args(bare))))
    if get_origin(bare) is tuple:
        inner = notes_of(get_args(bare)[0])
        said += [f"each {inner}"] if inner else []
    return "; ".join(dict.fromkeys(said))


def type_name(hint: Any) -> str:
    """A type as a reader of JSON would name it."""
    bare = _bare(hint)
    origin = get_origin(bare)
    if origin is Literal:
        return "text"
    if origin is tuple:
        inner = [one for one in get_args(bare) if one is not Ellipsis]
        return "list of " + " and ".join(map(type_name, inner))
    if origin in (Union, types.UnionType):
        return "one of " + ", ".join(map(type_name, get_args(bare)))
    return {int: "whole number", str: "text", bool: "true or false"}.get(bare, getattr(bare, "__name__", str(bare)))


def nested_types(hint: Any) -> list[type[Any]]:
    """The structs that stand within a type."""
    bare = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return [bare]
    return [found for one in get_args(bare) if one is not Ellipsis for found in nested_types(one)]


def built(message: type[Any], given: Mapping[str, str], whole: bytes | None, where: str) -> Any:
    """The message of these options, laid over the whole message in JSON; Failure names the field that is wrong."""
    said: dict[str, Any] = {}
    if whole is not None:
        found = decode_json(whole, where)
        if not isinstance(found, dict):
            raise Failure("not_an_object", where=where)
        said.update(found)
    kinds = {one.name: one for one in fields_of(message)}
    said |= {name: _value(kinds[name], value) for name, value in given.items()}
    tag = str(message.__struct_config__.tag)
    if said.setdefault("type", tag) != tag:
        raise Failure("other_message", where=where, given=said["type"], expected=tag)
    missing = [one.option for one in kinds.values() if one.required and one.name not in said]
    if missing:
        raise Failure("fields_missing", tag=tag, missing=missing)
    try:
        return msgspec.json.decode(msgspec.json.encode(said), type=message)
    except msgspec.ValidationError as wrong:
        raise Failure("field_wrong", tag=tag, problem=str(wrong)) from None


def _value(field: Field, given: str) -> Any:
    if field.kind == "text":
        return given
    if field.kind == "whole":
        try:
            return int(given)
        except ValueError:
            raise Failure("not_whole", option=field.option, given=given) from None
    return decode_json(given.encode(), field.option)


def _bare(hint: Any) -> Any:
    """The type without its notes and without None."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [one for one in get_args(hint) if one is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else hint
    return hint


def _metas(hint: Any) -> list[Meta]:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return [*_metas(inner), *(note for note in notes if isinstance(note, Meta))]
    if get_origin(hint) in (Union, types.UnionType):
        return [meta for one in get_args(hint) for meta in _metas(one)]
    return []


def _unit(bare: Any) -> str:
    return {str: " characters", int: ""}.get(bare, " of them" if get_origin(bare) is tuple else "")


def _meta_notes(meta: Meta, unit: str) -> list[str]:
    """What one note says; a description stands for length and pattern, of which it speaks itself."""
    said = [meta.description] if meta.description else []
    if not meta.description and (meta.min_length, meta.max_length) != (None, None):
        said.append(_range(meta.min_length, meta.max_length) + unit)
    if (meta.ge, meta.le) != (None, None):
        said.append(_range(meta.ge, meta.le))
    if meta.pattern and not meta.description:
        said.append(f"pattern `{meta.pattern}`")
    return said


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"at most {_plain(most)}" if least is None else f"at least {_plain(least)}"
    return _plain(least) if least == most else f"{_plain(least)} to {_plain(most)}"


def _plain(number: float | None) -> str:
    """Large numbers in groups of three, for people."""
    return f"{number:,}"
