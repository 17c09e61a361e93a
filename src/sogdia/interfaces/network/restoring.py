"""An organisation out of its backup: every file held against the manifest, every block executed again.

Where the validator went on signing after the backup, what it signed is not in the copy. So it keeps silent past every
height that the network has reached, as far as others tell; when a whole network is restored, past the highest height
in any of the backups, so that nobody decides again what one of them still holds.
"""

import shutil
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from sogdia.app.network_node import Links, NetworkNode
from sogdia.app.organisation import NETWORK_FILE, Home, NetworkError, read_network, write_network
from sogdia.app.sockets import sockets_of
from sogdia.core.receipt import Seal
from sogdia.interfaces.network.backup import Manifest, check_files, newest, read_manifest
from sogdia.interfaces.network.elsewhere import Elsewhere
from sogdia.interfaces.network.votes import MARGIN_BLOCKS, fresh_key, silent_through, speak_after

_QUICK_SECONDS = 5.0


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a backup."""

    organisation: str
    height: int
    ordered: int
    app_hash: str
    """SHA-256 of the checkpoint's text: what headers of the network carry from the height after `ordered` on."""
    seconds: float
    silent_through: int
    """CometBFT's height up to which the validator signs nothing."""
    validator: str = ""
    """A new key to vote with; empty when it keeps its own."""


def restore(source: Path, target: Path, *, whole_network: bool = False, new_key: bool = False) -> list[Restored]:
    """Put organisations back: all of a network's whose backups lie in `source`, or the one.

    `whole_network` says that nobody holds newer blocks. NetworkError when a backup is damaged, when executing it again
    gives another seal, or when nobody tells how far the network is.
    """
    if not (source / NETWORK_FILE).is_file():
        found = newest(source)
        manifest = read_manifest(found)
        through = manifest.cometbft_height if whole_network else _reached(found)
        return [restore_one(found, target, through, new_key, together=whole_network)]
    network = read_network(source)
    if (target / NETWORK_FILE).exists():
        raise NetworkError(f"{target} holds a network already. Choose another folder")
    backups = [newest(source, name) for name in network.organisations]
    heights = [read_manifest(one).cometbft_height for one in backups]
    through = max(heights) if whole_network else max(_reached(one) for one in backups)
    made = [
        restore_one(one, target / name, through, new_key, together=whole_network)
        for one, name in zip(backups, network.organisations, strict=True)
    ]
    write_network(target, network)
    return made


def restore_one(source: Path, target: Path, through: int, new_key: bool = False, *, together: bool = False) -> Restored:
    """Put one organisation back into an empty folder; it appears there when its seal has come out right.

    `together` with all others, none of which holds a block above `through`: then it signs from there on.
    """
    began, manifest = time.monotonic(), read_manifest(source)
    if target.exists() and any(target.iterdir()):
        raise NetworkError(f"{target} is not empty. Move away what lies there: its last vote is worth keeping")
    check_files(source, manifest)
    part = target.with_name(f".{target.name}.restoring")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, part)
    part.chmod(0o700)
    home = Home(part)
    seal, app_hash = replay(part)
    _compare(manifest, seal)
    public = fresh_key(home.config, home.data).hex() if new_key else ""
    if public:
        home.write(msgspec.structs.replace(home.read(), validator=public))
    elif together:
        speak_after(home.data, through)
    else:
        silent_through(home.data, through)
    (part / "manifest.json").unlink()
    if target.exists():
        target.rmdir()
    part.rename(target)
    return Restored(
        organisation=manifest.organisation,
        height=seal.height,
        ordered=manifest.ordered,
        app_hash=app_hash,
        seconds=round(time.monotonic() - began, 3),
        silent_through=0 if public else through,
        validator=public,
    )


def replay(folder: Path) -> tuple[Seal, str]:
    """Execute what the journal holds; gives the seal and the app hash that it ends in. SealMismatch says where not."""
    node = opened(folder)
    try:
        return node.machine.seal, sha256(node._text(node.machine.seal).encode()).hexdigest()
    finally:
        node.close()


def opened(folder: Path) -> NetworkNode:
    """The node of a folder, brought up to its journal and not started."""
    sockets, own = sockets_of(folder), Home(folder).read()
    return NetworkNode(folder, Links(own.chain, f"unix://{sockets.abci}", f"unix://{sockets.rpc}", 0, 0))


def _compare(manifest: Manifest, seal: Seal) -> None:
    found = (seal.height, seal.state_root.hex(), seal.log_root.hex(), seal.log_size)
    expected = (manifest.height, manifest.state_root, manifest.log_root, manifest.log_size)
    if found != expected:
        raise NetworkError(f"the restored record ends in {found}, the backup's manifest says {expected}")


def _reached(source: Path) -> int:
    """How far the network may be, as other members tell; NetworkError when none does."""
    own = Home(source).read()
    heights = _told([peer.url for peer in own.peers if peer.url])
    if not heights:
        raise NetworkError(
            "no other member's node answers, so nobody says what this validator may have signed since the backup. "
            "Start the others first; only when all have lost their data: --whole-network"
        )
    return max(heights) + MARGIN_BLOCKS


def _told(urls: Sequence[str]) -> list[int]:
    heights = []
    for url in urls:
        try:
            with Elsewhere(url, _QUICK_SECONDS) as node:
                heights.append(node.last_height())
        except NetworkError:
            continue
    return heights
