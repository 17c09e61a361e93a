"""The disk of one organisation is full: it stops and says so, the others go on, and with room again it returns."""

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork

pytestmark = pytest.mark.slow
ROOM_MIB = 256
"""A store sets aside as much as it may soon write."""


def test_a_node_that_cannot_write_ends_without_a_receipt_and_returns(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        home = live.homes["genoa"]
        with live.traffic() as traffic:
            for number, place in enumerate(("journal/*.blocks", "state/*.log"), 1):
                traffic.flows()
                size = max(path.stat().st_size for path in home.folder.glob(place))
                limit = size + 100, resource.RLIM_INFINITY
                resource.prlimit(live.pid("genoa", "node"), resource.RLIMIT_FSIZE, limit)
                assert live.died("genoa", "node", number), "it ends, and not as if all were well"
                assert os.strerror(errno.EFBIG) in home.node_log.read_text()
                home.node_log.rename(home.folder / f"node.log.{number}")
                live.goes_on("genoa")  # a new process may write again
        live.check()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, for the folder of one organisation."""
    place = tmp_path / "genoa"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MIB}m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a full disk needs the right to mount one: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_an_organisation_whose_disk_is_full_returns_once_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            ballast = small_disk / "ballast"
            fill(ballast)
            eventually(lambda: bool(live.ends("genoa", "node") or live.ends("genoa", "cometbft")), "genoa stops")
            traffic.flows()
            stood = live.height("yiwu")
            ballast.unlink()
            if "genoa" not in live.running.alive():
                live.start("genoa")
            eventually(lambda: live.height("genoa") > stood, "genoa has what was decided while its disk was full")
            live.goes_on("genoa")
        live.check()


def fill(ballast: Path) -> None:
    """Write until there is no room for a byte."""
    with ballast.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                write_on(file, size)


def write_on(file: BinaryIO, size: int) -> None:
    """Write so many bytes again and again."""
    while True:
        file.write(bytes(size))
