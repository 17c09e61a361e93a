"""Where a network stands: for each organisation, whether it runs, how far it is, and whether all agree.

Read from outside, over CometBFT's sockets and from the folders; a network that is down has a standing too.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from sogdia.app.organisation import Home, Organisation, homes
from sogdia.app.sockets import ANSWER_SECONDS, asked
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.http.folder_size import used_bytes
from sogdia.interfaces.http.measures import comet_of, read_prometheus


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation. Heights are CometBFT's, which counts empty blocks too."""

    name: str
    supervisor: int | None
    """Process number of who keeps it up; None when nobody does."""
    url: str
    """Where its node answers HTTP; empty when it does not run here."""
    answers: bool
    """Whether its CometBFT answers."""
    height: int | None = None
    behind: int | None = None
    """Blocks below the highest that was seen."""
    catching_up: bool | None = None
    block_time_ms: int | None = None
    """Time of its last block, milliseconds of UTC."""
    peers: int | None = None
    """How many of the others it is connected to."""
    peers_expected: int
    app_hash: str = ""
    """At the network's common height, in hexadecimal; empty when it does not say."""
    machine_height: int | None = None
    """Last block of the record, which counts no empty ones."""
    mirror_behind: int | None = None
    """Blocks of the record that its SQL picture lacks."""
    open_cases: int | None = None
    """Cases that wait for votes."""
    disk_used_bytes: int
    disk_free_bytes: int
    problem: str = ""
    """Why it does not answer."""


class NetworkStanding(msgspec.Struct, frozen=True, kw_only=True):
    """The organisations side by side."""

    chain: str
    highest: int | None
    common_height: int | None
    """The highest that every organisation has that answers."""
    agree: bool | None
    """Whether all app hashes at the common height are the same; None when fewer than two were told."""
    organisations: tuple[Standing, ...]


def network_standing(folder: Path, only: str = "") -> NetworkStanding:
    """Ask every organisation whose folder lies here."""
    found = homes(folder, only)
    read = [(home, home.read()) for home in found]
    standings = [_standing(home, organisation) for home, organisation in read]
    heights = [one.height for one in standings if one.height is not None]
    common, highest = (min(heights), max(heights)) if heights else (None, None)
    compared = [_compared(home, one, common, highest) for (home, _), one in zip(read, standings, strict=True)]
    return NetworkStanding(
        chain=read[0][1].chain,
        highest=highest,
        common_height=common,
        agree=_agree(compared),
        organisations=tuple(compared),
    )


def _standing(home: Home, organisation: Organisation) -> Standing:
    supervisor, node = holder_of(home.cometbft), holder_of(home.folder)
    told, problem = _told(home, organisation)
    return Standing(
        name=organisation.name,
        supervisor=supervisor.pid if supervisor else None,
        url=node.url if node else "",
        answers=bool(told),
        peers_expected=len(organisation.peers),
        disk_used_bytes=used_bytes(home.folder),
        disk_free_bytes=shutil.disk_usage(home.folder).free,
        problem=problem,
        **told,
        **_measured(node.url if node else ""),
    )


def _measured(url: str) -> dict[str, Any]:
    """What the node itself says; nothing when it does not run or does not answer."""
    if not url:
        return {}
    try:
        with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False) as http:
            numbers = read_prometheus(http.get(f"{url}/metrics").raise_for_status().text)
    except (httpx.HTTPError, ValueError, IndexError):
        return {}
    named = {
        "machine_height": "sogdia_height",
        "mirror_behind": "sogdia_mirror_behind_blocks",
        "open_cases": "sogdia_open_cases",
    }
    return {name: int(numbers[what]) for name, what in named.items() if what in numbers}


def _told(home: Home, organisation: Organisation) -> tuple[dict[str, Any], str]:
    try:
        told = comet_of(home.folder, organisation)
    except RpcError as silent:
        return {}, str(silent)
    return {
        "height": told.height,
        "catching_up": told.catching_up,
        "block_time_ms": told.block_time_ms or None,
        "peers": told.connected,
    }, ""


def _compared(home: Home, one: Standing, common: int | None, highest: int | None) -> Standing:
    if one.height is None or highest is None:
        return one
    behind = highest - one.height
    try:
        with asked(home.folder) as rpc:
            app_hash = rpc.commit(common).header.app_hash.hex()
    except RpcError:  # it has pruned that block, or joined after it, or has just gone
        return msgspec.structs.replace(one, behind=behind)
    return msgspec.structs.replace(one, behind=behind, app_hash=app_hash)


def _agree(standings: Sequence[Standing]) -> bool | None:
    hashes = [one.app_hash for one in standings if one.app_hash]
    return len(set(hashes)) == 1 if len(hashes) > 1 else None
