"""A new key for an organisation's votes: made here, put on record by the member, taken up when the network counts it.

The block that holds the change and the one behind it still take votes of the old key. When both are decided CometBFT
gets the new one, so that even a network of one organisation goes on. Whoever keeps CometBFT up stops it, changes the
key and starts it again; nobody else may touch the files of a validator that runs.
"""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sogdia.app.organisation import Home, NetworkError
from sogdia.app.sockets import asked
from sogdia.client.connection import signed
from sogdia.client.http import HttpConnection
from sogdia.client.keyring import Keyring
from sogdia.domains.governance.messages import RotateValidator
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.intake.pipeline import BoundKey
from sogdia.interfaces.network.cometbft_keys import VOTING_FILE, create_voting, forget_votes, voting_public

WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1
_ATTEMPTS: Final = 3


def rotate(home: Home, passphrase: str | None = None, wait_seconds: float = WAIT_SECONDS) -> bytes:
    """Replace the key that an organisation votes with while it runs; the public half of the new one.

    Cut short, it goes on from where it was when it is called again. NetworkError says what keeps it from that,
    NodeUnreachable that the node does not run.
    """
    coming = _coming(home)
    public = voting_public(coming) if coming.exists() else create_voting(coming)
    _put_on_record(home, public, passphrase)
    _wait(lambda: _counts(home, public), wait_seconds, "the network does not count the new key yet")
    coming.replace(_due(home))
    _wait(lambda: not is_due(home), wait_seconds, "nobody keeps this organisation up; its next start takes the new key")
    return public


def is_due(home: Home) -> bool:
    """Whether CometBFT has to be stopped for a new key."""
    return _due(home).exists()


def install(home: Home) -> None:
    """Give CometBFT, which does not run, the key that is due, if there is one."""
    if not is_due(home):
        return
    public = voting_public(_due(home))
    home.write(replace(home.read(), validator=public.hex()))
    # In this order: a crash leaves the old key with its memory, or the new one with the memory of another's votes,
    # which only makes it wait; never the old key without memory, which could sign twice.
    _due(home).replace(home.config / VOTING_FILE)
    forget_votes(home.data)


def _put_on_record(home: Home, public: bytes, passphrase: str | None) -> None:
    own = home.read()
    with HttpConnection(own.address, own.network, attempts=_ATTEMPTS) as node:
        member = node.lookup([("governance.member", own.did)])[0]
        if member is not None and member["validator"] == public.hex():
            return
        keys = Keyring(home.keys).load(own.name, passphrase)
        asked_for = RotateValidator(member=own.did, validator=public.hex())
        key = BoundKey(keys.kid, keys.signer, own.did, b"")
        now_ms = time.time_ns() // 1_000_000
        reply = node.submit([signed(own.network, now_ms, secrets.token_hex(8), [asked_for], [key])])[0]
    if not reply.accepted:
        raise NetworkError(f"the network refuses the new key: refusal {reply.code} {reply.fields}")


def _counts(home: Home, public: bytes) -> bool:
    """Whether the key is among those that the next block takes votes of."""
    try:
        with asked(home.folder) as rpc:
            following = rpc.status().sync_info.latest_block_height + 1
            return any(one.pub_key.value == public for one in rpc.validators(following))
    except RpcError:
        return False


def _wait(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise NetworkError(f"{otherwise}. Waited {seconds:g} s; call it again, it goes on from here")
        time.sleep(_PAUSE_SECONDS)


def _coming(home: Home) -> Path:
    return home.config / "priv_validator_key.coming.json"


def _due(home: Home) -> Path:
    return home.config / "priv_validator_key.due.json"
