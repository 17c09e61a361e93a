"""The mirror as the commands use it: where it is by default, rebuilt from the record, brought up to date."""

from pathlib import Path
from typing import TYPE_CHECKING

from sogdia.interfaces.cli.folders import MIRROR_FILE, existing
from sogdia.interfaces.cli.terminal import Failure, emit_json, progress, tell

if TYPE_CHECKING:
    from sogdia.app import Node
    from sogdia.mirror.follower import Follower

STEP_SECONDS = 0.5


def default_url(folder: Path) -> str:
    """The SQLite file in a node's folder."""
    return f"sqlite:///{(folder / MIRROR_FILE).resolve()}"


def catch_up(node: "Node", url: str) -> None:
    """Bring a mirror up to the node's last block."""
    _follow(_follower(node, url), node.machine.seal.height)


def rebuild(folder: Path, url: str, as_json: bool) -> None:
    """`sogdia rebuild-mirror`: drop the mirror's tables and fill them again from the first block."""
    from sogdia.app import Node
    from sogdia.interfaces.cli.lock import held

    with held(existing(folder)):
        node = Node(folder)
        try:
            follower, height = _follower(node, url or default_url(folder)), node.machine.seal.height
            follower.rebuild()
            _follow(follower, height)
        finally:
            node.close()
    if as_json:
        emit_json({"height": height, "mirror": url or default_url(folder)})
    else:
        tell("mirror_rebuilt", height=height, mirror=url or default_url(folder))


def _follower(node: "Node", url: str) -> "Follower":
    from sogdia.app import TABLES
    from sogdia.mirror.follower import Follower

    return Follower(url, TABLES, node.engine, tip=lambda: node.machine.seal.height)


def _follow(follower: "Follower", height: int) -> None:
    """Wait until the mirror holds this block; Failure with the follower's own words when it cannot go on."""
    follower.start()
    try:
        with progress("mirroring", height) as done:
            while not follower.wait_for(height, STEP_SECONDS):
                status = follower.status()
                if status.error:
                    raise Failure("mirror_stuck", height=status.height, problem=status.error)
                done(status.height)
    finally:
        follower.stop()
