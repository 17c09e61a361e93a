"""Whether a node is well, in words that a machine reads: what a supervisor or a load balancer decides by."""

import shutil
from typing import Final

from sogdia.app import Node
from sogdia.app.network_node import NetworkNode
from sogdia.interfaces.http.measures import Comet, Meter, comet

DISK_BYTES: Final = 1024 * 1024 * 1024
"""Less free space than this is too little: RocksDB, the journal and CometBFT all write."""
MIRROR_BLOCKS: Final = 1000
"""A picture that lacks more blocks than this is out of date."""


def reasons(node: Node, meter: Meter) -> list[str]:
    """Why the node is not well; empty when it is.

    engine_stopped, cometbft_silent, catching_up, too_few_peers, disk_full, mirror_behind.
    """
    found = ["engine_stopped"] if node.engine.failure is not None else []
    if isinstance(node, NetworkNode):
        found += _of_cometbft(comet(node))
    if shutil.disk_usage(node.folder).free < DISK_BYTES:
        found.append("disk_full")
    mirrored = meter.mirror_height()
    if mirrored is not None and node.machine.seal.height - mirrored > MIRROR_BLOCKS:
        found.append("mirror_behind")
    return found


def _of_cometbft(told: Comet | None) -> list[str]:
    if told is None:
        return ["cometbft_silent"]
    found = ["catching_up"] if told.catching_up else []
    if not 3 * (told.connected + 1) > 2 * (told.expected + 1):  # by count: nearly always it is by power too
        found.append("too_few_peers")
    return found
