"""Runs the authority: python -m sogdia.interfaces.authority --node URL --folder DIR.

With `--pseudonyms FILE` it answers nothing: it writes the pseudonyms of the buyers who wait, and ends.
"""

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
from sogdia.interfaces.authority.handing import write_pseudonyms
from sogdia.interfaces.authority.numbers import Numbers
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.cli.terminal import Failure, explained
from sogdia.interfaces.intake.pipeline import bound
from sogdia.interfaces.words import LANGUAGES

IDLE_SECONDS = 0.2
NODE_AWAY_SECONDS = 20.0
PERSON_KEY_BYTES = 32


def main() -> int:
    """Answer the queue until told to stop, or until the node has been away for long."""
    given = _arguments()
    try:
        with held(given.folder):
            if given.pseudonyms is not None:
                return _hand(given, Keyring(given.folder / "keys").load("customs"))
            return _answer(given, Keyring(given.folder / "keys").load("customs"))
    except Failure as taken:
        print(f"customs: {explained(taken)}", file=sys.stderr)
        return 2


def _hand(given: argparse.Namespace, keys: Keys) -> int:
    desk = _desk(given.node, given.network, keys, given.folder, given.patience)
    try:
        count, unreadable = write_pseudonyms(desk, given.pseudonyms)
    except NodeUnreachable as away:
        print(f"customs: the node at {given.node} does not answer: {away}", file=sys.stderr)
        return 1
    print(f"customs: {given.pseudonyms} names the buyers of {count} import lists")
    for number in unreadable:
        print(f"customs: {number}: the buyer's identity was not sealed to customs or cannot be opened", file=sys.stderr)
    return 0


def _answer(given: argparse.Namespace, keys: Keys) -> int:
    desk = _desk(given.node, given.network, keys, given.folder, given.patience, given.rehearsal, given.lang)
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
    parser.add_argument(
        "--patience", type=float, default=0, help="seconds that a sealed value may be on its way from another node"
    )
    parser.add_argument("--pseudonyms", type=Path, help="write the buyers' pseudonyms to this file, and end")
    parser.add_argument(
        "--rehearsal", type=int, help="state times soon after each declaration; what would come after this one waits"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the notes in its answers")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def _desk(
    node: str,
    network: str,
    keys: Keys,
    folder: Path,
    patience_seconds: float,
    rehearsed_ms: int | None = None,
    language: str = "en",
) -> Desk:
    connection = HttpConnection(node, network, signer=bound(keys))
    return Desk(
        connection,
        keys,
        person_key=person_key(folder / "person.key"),
        numbers=Numbers(folder / "numbers"),
        clock=milliseconds,
        patience_ms=int(1000 * patience_seconds),
        rehearsed_ms=rehearsed_ms,
        language=language,
    )


def person_key(path: Path) -> bytes:
    """The key of the buyers' pseudonyms, drawn once; whole on disk or not there, whenever a crash comes."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        write_guarded(fresh, secrets.token_hex(PERSON_KEY_BYTES))
        fresh.rename(path)
    key = bytes.fromhex(path.read_text())
    if len(key) != PERSON_KEY_BYTES:
        raise ValueError(f"{path} is damaged: expected {PERSON_KEY_BYTES} bytes in hexadecimal; restore a backup")
    return key


if __name__ == "__main__":
    sys.exit(main())
