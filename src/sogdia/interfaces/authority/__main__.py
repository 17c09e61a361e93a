"""Runs the authority: python -m sogdia.interfaces.authority --node URL --folder DIR."""

import argparse
import secrets
import signal
import sys
import time
from pathlib import Path
from threading import Event

from sogdia.app import milliseconds, write_guarded
from sogdia.client.http import HttpConnection, NodeUnreachable
from sogdia.client.keyring import Keyring, Keys
from sogdia.interfaces.authority.desk import Desk
from sogdia.interfaces.authority.numbers import Numbers
from sogdia.interfaces.demo.processes import end_with_parent
from sogdia.interfaces.intake.pipeline import bound

IDLE_SECONDS = 0.2
NODE_AWAY_SECONDS = 20.0


def main() -> int:
    """Answer the queue until told to stop, or until the node has been away for long."""
    given = _arguments()
    keys = Keyring(given.folder / "keys").load("customs")
    desk = _desk(given.node, given.network, keys, given.folder)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    if given.with_parent:
        end_with_parent()
    last_seen = time.monotonic()
    while not stop.is_set():
        try:
            answered = desk.round()
            last_seen = time.monotonic()
        except NodeUnreachable as away:
            if time.monotonic() - last_seen > NODE_AWAY_SECONDS:
                print(f"customs: the node at {given.node} has been away too long: {away}", file=sys.stderr)
                return 1
            answered = 0
        if not answered:
            stop.wait(IDLE_SECONDS)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sogdia-authority", description=__doc__)
    parser.add_argument("--node", required=True, help="URL of the node")
    parser.add_argument("--network", required=True, help="name of the network")
    parser.add_argument("--folder", required=True, type=Path, help="customs' own folder, with keys/")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def _desk(node: str, network: str, keys: Keys, folder: Path) -> Desk:
    connection = HttpConnection(node, network, signer=bound(keys))
    person_key = folder / "person.key"
    if not person_key.exists():
        write_guarded(person_key, secrets.token_hex(32))
    return Desk(
        connection,
        keys,
        person_key=bytes.fromhex(person_key.read_text()),
        numbers=Numbers(folder / "numbers"),
        clock=milliseconds,
    )


if __name__ == "__main__":
    sys.exit(main())
