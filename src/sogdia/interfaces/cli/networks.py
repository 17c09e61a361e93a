"""What `sogdia network` does."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from sogdia.app import NetworkInfo
from sogdia.app.organisation import Home, Ports, homes
from sogdia.app.sockets import Sockets, asked
from sogdia.client.light.rpc import from_rpc
from sogdia.client.light.trusted import Trusted
from sogdia.client.light.trusted import trust as trusted_header
from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.terminal import NO, Failure, emit_json, note, stop, table, tell
from sogdia.interfaces.network import founding, laying, program, rotation, running
from sogdia.interfaces.network.errors import CometbftMissing
from sogdia.interfaces.network.json_logs import SUPERVISOR, log_to_file
from sogdia.interfaces.network.status import Standing, network_standing
from sogdia.interfaces.network.supervisor import Happening

PORTS_EACH = 2
MEBIBYTE = 1024 * 1024
UNSAID = ("what", "why")
"""Not in the log: the first is said already, the second quotes other logs."""
STATUS_COLUMNS = tuple("organisation height behind peers app_hash mirror open_cases disk url problem".split())


def init(
    folder: Path,
    info: NetworkInfo,
    names: Sequence[str] | None,
    count: int,
    port: int,
    rulebooks: bool,
    as_json: bool,
) -> None:
    """Make the folders and say what to do next."""
    chosen = list(names or founding.names(count))
    places = [
        laying.Address(Ports(port + PORTS_EACH * number, port + PORTS_EACH * number + 1))
        for number in range(len(chosen))
    ]
    members = laying.lay(
        folder,
        info,
        chosen,
        lambda found: founding.offices(found, rulebooks),
        addresses=places,
        passphrase=keyrings.passphrase(),
    )
    if as_json:
        emit_json({"folder": str(folder), "parties": {one.name: one.identity.did for one in members}})
        return
    tell("network_made", folder=folder, network=info.network, code=info.code, count=len(members))
    for one in members:
        tell("network_member", name=one.name, did=one.identity.did, url=one.peer.url)
    try:
        program.find()
    except CometbftMissing as missing:
        note("network_no_program", problem=missing)
    tell("network_next", folder=folder)


def command(home: Home, sockets: Sockets) -> Sequence[str]:
    """The program of an organisation's node."""
    module = "sogdia.interfaces.network.node"
    return [sys.executable, "-m", module, str(home.folder.resolve()), str(sockets.abci), str(sockets.rpc)]


def up(folder: Path, only: str, cometbft: str) -> None:
    """Run until a signal; every start and end of a process is told."""
    note("network_starting", folder=folder)
    log_to_file(folder / "supervisor.log")
    running.up(folder, command, only=only, cometbft=cometbft, tell=_happened)
    note("network_stopped", folder=folder)


def _happened(one: Happening) -> None:
    fields = msgspec.structs.asdict(one)
    if one.what == "started":
        note("network_started", **fields)
    elif one.what == "ended":
        note("network_ended", **fields)
    elif one.what == "given_up":
        note("network_given_up", **fields)
    else:
        note("network_warning", **fields)
    SUPERVISOR.info(one.what, extra={"said": {name: value for name, value in fields.items() if name not in UNSAID}})


def status(folder: Path, only: str, as_json: bool) -> None:
    """Print the standing; exit status 1 when organisations do not agree."""
    found = network_standing(folder, only)
    if as_json:
        emit_json(found)
    else:
        table(STATUS_COLUMNS, [_row(one) for one in found.organisations])
        if found.agree is not None:
            tell("network_agrees" if found.agree else "network_differs", height=found.common_height)
    if found.agree is False:
        stop(NO)


def _row(one: Standing) -> tuple[Any, ...]:
    peers, disk = f"{one.peers or 0}/{one.peers_expected}", f"{one.disk_used_bytes / MEBIBYTE:.0f} MiB"
    where = (one.name, one.height, one.behind, peers, one.app_hash[:16])
    return (*where, one.mirror_behind, one.open_cases, disk, one.url, one.problem)


def trust(folder: Path, only: str, height: int, output: Path) -> None:
    """Write a trusted header from an organisation's own CometBFT, and show its hash."""
    made = write_trusted(folder, only, height, output)
    tell("network_trusted", file=output, height=made.header.height, hash=made.fingerprint)


def write_trusted(folder: Path, only: str, height: int, output: Path) -> Trusted:
    """Write a trusted header; height 0 is the latest that is settled."""
    home = homes(folder, only)[0]
    organisation = home.read()
    with asked(home.folder) as rpc:
        wanted = height or rpc.status().sync_info.latest_block_height - 1
        if wanted < 1:
            raise Failure("network_too_young", folder=folder)
        block = from_rpc(rpc.call("commit", height=wanted), rpc.whole_validators(wanted))
        following = from_rpc(rpc.call("commit", height=wanted + 1), rpc.whole_validators(wanted + 1))
    made = trusted_header(organisation.network, organisation.origin, block, following.validators)
    output.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return made


def rotate_key(folder: Path, only: str) -> None:
    """Put a new key in the place of the one that an organisation votes with."""
    found = homes(folder, only)
    if len(found) != 1:
        raise Failure("network_which", folder=folder)
    public = rotation.rotate(found[0], keyrings.passphrase())
    tell("network_rotated", name=found[0].read().name, validator=public.hex())
