"""What a validator may not sign any more: CometBFT's priv_validator_state.json, which must never go back.

Who signs two blocks of one height is put on record for it and loses its seat. CometBFT therefore writes down its last
vote before it gives it away and signs nothing that is older. An old copy of that file has forgotten votes. So what is
restored is moved forward, past every height that may have been voted on, and is silent until the network is there.
"""

from pathlib import Path
from typing import Final

import msgspec

from sogdia.app import write_guarded
from sogdia.interfaces.network.cometbft_keys import VOTING_FILE, create_voting, forget_votes

FILE: Final = "priv_validator_state.json"
MARGIN_BLOCKS: Final = 10
"""Whom we ask for the height may lag behind others by so many blocks."""
_LAST_ROUND: Final = 2**31 - 1
_LAST_STEP: Final = 3


class LastVote(msgspec.Struct, order=True):
    """Height, round and step of the last vote; step 3 is the precommit. Heights are CometBFT's."""

    height: int
    round: int = 0
    step: int = 0


class _File(msgspec.Struct, omit_defaults=True):
    height: str
    round: int
    step: int
    signature: str = ""
    signbytes: str = ""


def last_vote(data: Path) -> LastVote:
    """The last vote that this folder of CometBFT's knows of."""
    found = msgspec.json.decode((data / FILE).read_bytes(), type=_File)
    return LastVote(int(found.height), found.round, found.step)


def silent_through(data: Path, height: int) -> bool:
    """Let the validator sign nothing up to this height; False when its own last vote lies further on already."""
    wanted = LastVote(height, _LAST_ROUND, _LAST_STEP)
    if last_vote(data) >= wanted:
        return False
    _write(data, wanted)
    return True


def speak_after(data: Path, height: int) -> None:
    """Let the validator sign whatever lies above this height, also where it signed before.

    For those who all begin again together at the highest block that any of them kept: what they signed above it is
    lost with those who saw it, and a vote that one of them remembers would bar it from the very round in which the
    others need its voice.
    """
    _write(data, LastVote(height, _LAST_ROUND, _LAST_STEP))


def _write(data: Path, last: LastVote) -> None:
    text = msgspec.json.encode(_File(str(last.height), last.round, last.step)).decode()
    write_guarded(data / FILE, text)


def fresh_key(config: Path, data: Path) -> bytes:
    """Make a new key to vote with, which has signed nothing; gives its public half, for governance.rotate_validator."""
    public = create_voting(config / VOTING_FILE)
    forget_votes(data)
    return public
