"""Numbers for sets of readers: rows that the same parties may see share one."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sql

from sogdia.core.codec import json_bytes
from sogdia.mirror.schema import Schema
from sogdia.mirror.text import without_nul

Named = Any
"""Readers as a record or event names them: a party, None, or a tuple of these."""
Numbers = Mapping[Named, int]
_REMEMBERED_LIMIT: Final = 200_000
_ASKED_AT_ONCE: Final = 500


@lru_cache
def role_members(roles: tuple[str, ...]) -> tuple[str, ...]:
    """How roles stand among the members of an audience; no party's identifier looks like one."""
    return tuple([f"role:{role}" for role in roles])


def members_of(named: Named) -> tuple[str, ...]:
    """The readers one by one, sorted, each once."""
    found: set[str] = set()
    for one in named if isinstance(named, tuple) else (named,):
        if isinstance(one, tuple):
            found.update(members_of(one))
        elif one:
            found.add(without_nul(one))
    return tuple(sorted(found))


class Audiences:
    """The numbers given out so far, found again in the database when they are not remembered."""

    def __init__(self, schema: Schema) -> None:
        self._sets, self._members = schema.audiences, schema.members
        self._remembered: dict[Named, int] = {}
        self._next = 1

    def open(self, connection: sql.Connection) -> None:
        """Go on after the last number in the database, forgetting what was remembered."""
        self._remembered.clear()
        highest = connection.execute(sql.select(sql.func.max(self._sets.c.id))).scalar_one()
        self._next = 1 if highest is None else int(highest) + 1

    def numbers(self, connection: sql.Connection, named: set[Named]) -> Numbers:
        """A number for each of these; new ones are written in the transaction at hand."""
        if len(self._remembered) > _REMEMBERED_LIMIT:
            self._remembered.clear()
        unknown = [one for one in named if one not in self._remembered]
        if unknown:
            self._find(connection, {one: members_of(one) for one in unknown})
        return self._remembered

    def _find(self, connection: sql.Connection, unknown: Mapping[Named, tuple[str, ...]]) -> None:
        digests = {members: sha256(json_bytes(members)).hexdigest() for members in sorted(set(unknown.values()))}
        known = self._known(connection, list(digests.values()))
        new = {members: digest for members, digest in digests.items() if digest not in known}
        for number, digest in enumerate(new.values(), self._next):
            known[digest] = number
        self._next += len(new)
        self._write(connection, [(known[digest], digest, members) for members, digest in new.items()])
        for named, members in unknown.items():
            self._remembered[named] = known[digests[members]]

    def _known(self, connection: sql.Connection, digests: list[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(digests), _ASKED_AT_ONCE):
            asked = digests[start : start + _ASKED_AT_ONCE]
            wanted = sql.select(self._sets.c.digest, self._sets.c.id).where(self._sets.c.digest.in_(asked))
            found.update((digest, number) for digest, number in connection.execute(wanted))
        return found

    def _write(self, connection: sql.Connection, new: Iterable[tuple[int, str, tuple[str, ...]]]) -> None:
        sets = [{"id": number, "digest": digest} for number, digest, _ in new]
        members = [{"member": member, "audience": number} for number, _, members in new for member in members]
        if sets:
            connection.execute(sql.insert(self._sets), sets)
        if members:
            connection.execute(sql.insert(self._members), members)
