"""How much a folder takes of the disk."""

import os
from contextlib import suppress
from pathlib import Path

_BLOCK_BYTES = 512
"""The unit of st_blocks (stat(2))."""


def used_bytes(folder: Path) -> int:
    """Bytes on the disk in a folder, as far as they can be seen: files come and go meanwhile."""
    used = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                used += os.lstat(os.path.join(place, name)).st_blocks * _BLOCK_BYTES
    return used
