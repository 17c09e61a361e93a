"""`sogdia messages` and `sogdia tables`: what there is, derived from the types."""

import inspect

import msgspec

from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.terminal import emit_json, table


def messages(as_json: bool) -> None:
    """Every message with the first line of its documentation; as JSON, the schema of each."""
    kinds = {tag: kind for domain in registry.domain_names() for tag, kind in registry.messages_of(domain).items()}
    if not as_json:
        table(("message", "signed_by"), [(tag, _first_line(kind)) for tag, kind in kinds.items()])
        return
    schemas, components = msgspec.json.schema_components(kinds.values(), ref_template="#/components/{name}")
    emit_json({"messages": dict(zip(kinds, schemas, strict=True)), "components": components})


def tables(as_json: bool) -> None:
    """Every table with its key and fields."""
    found = registry.tables()
    if not as_json:
        rows = [(name, one.key, one.record.__struct_fields__, one.proved) for name, one in found.items()]
        table(("table", "key", "fields", "proved"), rows)
        return
    emit_json(
        {
            name: {
                "key": one.key,
                "fields": one.record.__struct_fields__,
                "proved": one.proved,
                "public": one.public,
                "seen_by": one.seen_by,
                "roles": one.roles,
            }
            for name, one in found.items()
        }
    )


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]
