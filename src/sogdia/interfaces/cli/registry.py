"""The messages of every domain, read from its `messages.py` alone: no rules, no SQL, so that commands start quickly.

`app.MODULES` stays THE list; a test holds that the folders found here are the modules there, in messages and events.
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

import sogdia.domains


@cache
def domain_names() -> tuple[str, ...]:
    """Every domain's name, by the alphabet."""
    found = pkgutil.iter_modules(sogdia.domains.__path__)
    return tuple(sorted(info.name for info in found if info.ispkg))


def promise(domain: str) -> str:
    """What the domain promises: the prose of its `__init__.py`."""
    return importlib.import_module(f"sogdia.domains.{domain}").__doc__ or ""


@cache
def messages_of(domain: str) -> dict[str, type[Any]]:
    """The message types of a domain by tag, in the order they are written."""
    from sogdia.core.transaction import Message

    return _tagged(_messages_module(domain), Message)


@cache
def example_of(tag: str) -> Any:
    """The example of a message, or None."""
    examples = getattr(_messages_module(tag.partition(".")[0]), "EXAMPLES", ())
    return next((one for one in examples if one.__struct_config__.tag == tag), None)


def message_type(tag: str) -> type[Any] | None:
    """The message type with this tag, or None."""
    domain = tag.partition(".")[0]
    return messages_of(domain).get(tag) if domain in domain_names() else None


def _messages_module(domain: str) -> ModuleType:
    return importlib.import_module(f"sogdia.domains.{domain}.messages")


def _tagged(module: ModuleType, base: type) -> dict[str, type[Any]]:
    own = (value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__)
    return {str(kind.__struct_config__.tag): kind for kind in own if issubclass(kind, base)}  # type: ignore[attr-defined]


@cache
def tables() -> dict[str, Any]:
    """Every table of every domain by name, from the `state.py` files."""
    from sogdia.core.state import Table

    states = (importlib.import_module(f"sogdia.domains.{domain}.state") for domain in domain_names())
    found = [value for state in states for value in vars(state).values() if isinstance(value, Table)]
    return {table.name: table for table in sorted(found, key=lambda table: str(table.name))}


def table_fields() -> dict[str, tuple[str, ...]]:
    """The field names of every table's records, as `app.FIELDS` has them."""
    return {name: table.record.__struct_fields__ for name, table in tables().items()}
