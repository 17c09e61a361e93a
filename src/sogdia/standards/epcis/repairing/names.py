"""Names of fields as programs write them: other letters, `_` between words, `epcis:` before, wrappers of XML."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from sogdia.standards.epcis.repairing.values import BLANKS
from sogdia.standards.epcis.repairing.work import Work

Aliases = dict[str, str]
"""Other names of fields, and which fields they are."""

_WRAPPERS: Final = frozenset(("extension", "baseExtension"))
_BETWEEN: Final = re.compile(r"[_ -]")
_OWN_PREFIX: Final = "epcis:"


@lru_cache(maxsize=4_096)
def folded(name: str) -> str:
    """A name with what people vary taken out."""
    plain = name.strip(BLANKS).removeprefix(_OWN_PREFIX)
    return _BETWEEN.sub("", plain).casefold()


def own_names(value: dict[str, Any], known: Collection[str], aliases: Aliases, at: str, work: Work) -> dict[str, Any]:
    """The same values under the standard's names, in their order; what XML wraps in extensions is taken out of them.

    A name that two fields of the text would have is no longer certain: it is told as a fault, and both stay.
    """
    names = _by_folded(frozenset(known), tuple(aliases.items()))
    found: dict[str, Any] = {}
    for name, thing in _unwrapped(value, at, work):
        own = _own(name, known, names)
        if own in found and found[own] is not None and found[own] != thing:
            if thing is not None:
                work.fault(f"{at}{own}", thing, "stands there twice, and not the same", "keep the one that is right")
            continue
        if own != name:
            work.put(f"{at}{own}", name, own, "name")
        found[own] = thing
    return found


def _own(name: str, known: Collection[str], names: dict[str, str]) -> str:
    if name in known or (":" in name and not name.strip(BLANKS).startswith(_OWN_PREFIX)):
        return name
    return names.get(folded(name), name)


def _unwrapped(value: dict[str, Any], at: str, work: Work) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, thing in value.items():
        if name in _WRAPPERS and isinstance(thing, dict):
            work.put(f"{at}{name}", thing, "its fields", "shape")
            found += _unwrapped(thing, at, work)
        else:
            found.append((name, thing))
    return found


@lru_cache(maxsize=64)
def _by_folded(known: frozenset[str], aliases: tuple[tuple[str, str], ...]) -> dict[str, str]:
    own = {folded(name): name for name in known}
    return {folded(alias): name for alias, name in aliases} | own
