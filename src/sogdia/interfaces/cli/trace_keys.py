"""`sogdia trace key`: the API keys of a node, in its folder's notebook."""

from pathlib import Path
from typing import Any, Final, cast

from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.folders import existing
from sogdia.interfaces.cli.terminal import Failure, emit_json, note, table, tell

_DAY_MS: Final = 86_400_000


def new(folder: Path, party: str, label: str, scopes: list[str], days: int) -> None:
    """Make a key and print its token on standard output, alone."""
    from sogdia.app import milliseconds
    from sogdia.interfaces.epcis import api_keys

    wrong = [one for one in scopes if one not in api_keys.SCOPES]
    if wrong:
        raise Failure("key_scope_wrong", scope=wrong[0], scopes=list(api_keys.SCOPES))
    now_ms, did = milliseconds(), _did(folder, party)
    chosen = cast("list[Any]", scopes or list(api_keys.SCOPES))
    with _notebook(folder) as notebook:
        key, token = api_keys.new(notebook, did, label, chosen, now_ms, now_ms + days * _DAY_MS)
    print(token)
    note("key_new", id=key.id, party=did, scopes=list(key.scopes), until_ms=key.expires_ms)


def list_keys(folder: Path, as_json: bool) -> None:
    """Print the keys, without what could be used."""
    from sogdia.interfaces.epcis import api_keys

    with _notebook(folder) as notebook:
        found = api_keys.all_keys(notebook)
    if as_json:
        emit_json(found)
        return
    from sogdia.interfaces.epcis.instants import instant

    rows = [
        (one.id, one.party, one.label, one.scopes, instant(one.expires_ms), one.revoked_ms and instant(one.revoked_ms))
        for one in found
    ]
    table(("key", "party", "label", "scopes", "expires", "revoked"), rows)


def revoke(folder: Path, key: str) -> None:
    """End a key."""
    from sogdia.app import milliseconds
    from sogdia.interfaces.epcis import api_keys

    with _notebook(folder) as notebook:
        if not api_keys.revoke(notebook, key, milliseconds()):
            raise Failure("key_not_there", key=key, folder=folder)
    tell("key_revoked", key=key)


def _did(folder: Path, party: str) -> str:
    return party if party.startswith("did:") else keyrings.ring_of(existing(folder)).identity(party).did


def _notebook(folder: Path) -> Any:
    from contextlib import closing

    from sogdia.interfaces.epcis.notebook import Notebook

    return closing(Notebook(existing(folder)))
