"""Folders of nodes: which is one, what lies in it, and what is a URL instead."""

from pathlib import Path

from sogdia.interfaces.cli.terminal import Failure

MIRROR_FILE = "mirror.sqlite"


def is_url(to: str) -> bool:
    """Whether this is a URL and no folder."""
    return to.startswith(("http://", "https://"))


def existing(folder: Path) -> Path:
    """The folder, when it holds a node."""
    if not (folder / "network.json").is_file():
        raise Failure("no_node", folder=folder)
    return folder


def keys_beside(to: str) -> Path | None:
    """The keyring of a node's folder, when this is one."""
    folder = Path(to)
    return folder if to and not is_url(to) and (folder / "keys").is_dir() else None
