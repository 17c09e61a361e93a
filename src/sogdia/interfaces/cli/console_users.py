"""`sogdia console invite`, `users`, `remove`: the users of a node, in its folder's file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sogdia.interfaces.cli import keyrings, places
from sogdia.interfaces.cli.folders import existing
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.cli.terminal import Failure, emit_json, table, tell

if TYPE_CHECKING:
    from sogdia.interfaces.console.notebook import Notebook


def invite(folder: Path, party: str, name: str, url: str, keys: Path | None) -> None:
    """Print the link. Without a node that runs or an address it is the path alone."""
    from sogdia.app import milliseconds
    from sogdia.interfaces.console import users
    from sogdia.interfaces.console.room import ROOT

    did = party if party.startswith("did:") else keyrings.ring_of(keys or existing(folder)).identity(party).did
    _check_party(folder, did)
    now_ms = milliseconds()
    with _notebook(folder) as notebook:
        path = f"{ROOT}/invitation/{users.invite(notebook, did, name, now_ms)}"
    until_ms, address = now_ms + users.INVITATION_MS, (url or _running_at(folder)).rstrip("/")
    if address:
        tell("console_invited", party=party, until_ms=until_ms, link=address + path)
    else:
        tell("console_invited_later", party=party, until_ms=until_ms, link=path)


def list_users(folder: Path, as_json: bool) -> None:
    """Print the users, without what could be used."""
    from sogdia.interfaces.console import users

    with _notebook(folder) as notebook:
        found = [(one, len(users.passkeys_of(notebook, one.id))) for one in users.everyone(notebook)]
    if as_json:
        told = ("name", "party", "created_ms", "signed_in_ms")
        rows = [{field: getattr(one, field) for field in told} for one, _ in found]
        emit_json([
            {**row, "passkeys": keys, "password": bool(one.password)}
            for row, (one, keys) in zip(rows, found, strict=True)
        ])  # fmt: skip
        return
    from sogdia.interfaces.epcis.instants import instant

    table(
        ("user", "party", "ways", "signed_in"),
        [(one.name, one.party, _ways(bool(one.password), keys), instant(one.signed_in_ms)) for one, keys in found],
    )


def remove(folder: Path, name: str) -> None:
    """Take a user's access away."""
    from sogdia.interfaces.console import users

    with _notebook(folder) as notebook:
        found = users.by_name(notebook, name)
        if found is None or not users.remove(notebook, found.id):
            raise Failure("console_no_user", name=name, folder=folder)
    tell("console_removed", name=found.name)


def _check_party(folder: Path, did: str) -> None:
    """Failure when this party is on no record, or suspended: its people could not sign in."""
    with places.opened(str(folder)) as place:
        (found,) = place.lookup([("identity.party", did)])
    if found is None:
        raise Failure("console_no_party", party=did, network=place.network)
    if found["suspended"]:
        raise Failure("console_party_suspended", party=did)


def _ways(has_password: bool, passkeys: int) -> str:
    return " + ".join(filter(None, ["password" if has_password else "", f"passkey x {passkeys}" if passkeys else ""]))


def _running_at(folder: Path) -> str:
    """Where the folder's node answers, by the name under which browsers take passkeys; empty when it does not run."""
    holder = holder_of(folder)
    url = "" if holder is None else holder.url
    parts = urlsplit(url)
    return f"{parts.scheme}://localhost:{parts.port}" if parts.hostname in ("127.0.0.1", "::1") else url


@contextmanager
def _notebook(folder: Path) -> "Iterator[Notebook]":
    from sogdia.interfaces.console.notebook import Notebook

    notebook = Notebook(existing(folder))
    try:
        yield notebook
    finally:
        notebook.close()
