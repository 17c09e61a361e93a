"""Who is meant by a code in a document: parties on record, by registration, or by name where there is no code."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from sogdia.domains.identity.state import Party
from sogdia.interfaces.documents.dossier import Source, typed
from sogdia.interfaces.documents.sheet import NONE_WORD

Unclear = Literal["party_not_registered", "party_ambiguous"]
PAGE = 500


class Found(msgspec.Struct, frozen=True):
    """The party's identifier, or why there is none."""

    did: str = ""
    unclear: Unclear | None = None


class Directory:
    """Parties by the codes and names that documents call them by."""

    def __init__(self, parties: Iterable[Party]) -> None:
        self._by_code: dict[str, list[Party]] = {}
        self._by_name: dict[str, list[Party]] = {}
        for party in parties:
            self._by_code.setdefault(party.registration.strip(), []).append(party)
            self._by_name.setdefault(party.name, []).append(party)

    @staticmethod
    def of_records(records: Iterable[Mapping[str, Any]]) -> "Directory":
        """From records of `identity.party` as a look-up gives them."""
        return Directory(typed(Party, record) for record in records)

    def find(self, code: str, name: str = "", role: str = "") -> Found:
        """The one party with this code; where several have it, the one of them with this name, or else in this role."""
        called = self._by_name.get(name, [])
        if code == NONE_WORD:
            return _only(called, called)
        coded = self._by_code.get(code, [])
        named = [party for party in coded if party in called] or coded
        return _only([party for party in named if role in party.roles] or named, coded)


def directory_of(source: Source, query: Any) -> Directory:
    """Every party on record, page by page; `query` is the connection's."""
    found: list[Mapping[str, Any]] = []
    while page := query("identity/parties", after=found[-1]["did"] if found else "", limit=PAGE):
        found += page
        if len(page) < PAGE:
            break
    dids = [("identity.party", party["did"]) for party in found]
    records = source.lookup(dids) if dids else []
    return Directory.of_records(record for record in records if record is not None)


def _only(chosen: list[Party], known: list[Party]) -> Found:
    if not known:
        return Found(unclear="party_not_registered")
    return Found(chosen[0].did) if len(chosen) == 1 else Found(unclear="party_ambiguous")
