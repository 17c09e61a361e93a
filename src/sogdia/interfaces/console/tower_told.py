"""One exception in words: what it is called, what is the matter, and the page of what it is about."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from sogdia.insight.items import Item
from sogdia.insight.refusals import Order, Reference
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.paths import order_page, row_page
from sogdia.interfaces.console.rendering import short
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.words import fields_said, has_words, say

DELEGATION: Final = "delegation_ends"
ENDING: Final = (DELEGATION, "row_ends")
"""Kinds whose instant is when they end, not since when they are."""
_ROWS: Final = ("row_ends", "row_unchecked")


def name_of(one: Item, names: Mapping[str, str]) -> str:
    """What an exception is about, in short: a number, a row's key, or of a delegation whoever holds it."""
    return names.get(one.record[2], short(one.record[2])) if one.kind == DELEGATION else one.record[-1]


def page_behind(one: Item, known: Mapping[Reference, Order] = MappingProxyType({})) -> str:
    """The page of what an exception is about, or nothing; `known` are the orders of documents."""
    kind, *key = one.record
    if one.kind == DELEGATION:
        return f"{ROOT}/parties/{quote(key[1], safe='')}#held"
    if one.kind in _ROWS:
        return row_page(kind, key[0], key[1])
    found = (key[0], key[1]) if kind == "orders.order" else None
    if found is None and len(key) == 3:
        found = known.get((key[0], key[1], key[2]))
    return "" if found is None else order_page(*found)


def sentence_of(page: Page, one: Item, names: Mapping[str, str]) -> str:
    """What is the matter, in words; a kind without words of its own shows the key of its record."""
    key = f"desks_item.{one.kind}"
    if not has_words(key):
        return " ".join(one.record[1:])
    said = {name: value for name, value in one.said.items() if name not in ("number", "kind")}
    said = _delegated(page, said, names) if one.kind == DELEGATION else fields_said(said, page.language)
    lane = f"{said.get('ship_from') or '…'} → {said.get('ship_to') or '…'}"
    return say(key, page.language, **said, number=one.record[-1], lane=lane)


def parties_in(items: Iterable[Item]) -> set[str]:
    """Identifiers of the parties that these exceptions name."""
    return {
        value for one in items for value in one.said.values() if isinstance(value, str) and value.startswith("did:")
    }


def _delegated(page: Page, said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Who gave a delegation, by name, and what for, in words."""
    actions = [say(f"sign_name.{one}", page.language) for one in said["actions"]]
    told = say("console.comma", page.language).join(actions)
    return {"principal": names.get(said["principal"], short(said["principal"])), "actions": told}
