"""A feed over a pipe: what the node and the follower in its child process say to each other.

Each message is four bytes of length, most significant first, and a MessagePack value. The child asks, the node answers;
a status goes without answer. An end of the pipe means that the other side is gone.
"""

from collections.abc import Callable
from typing import BinaryIO, Final, Literal, TypeVar

import msgspec

from sogdia.mirror.errors import FeedClosed, FeedFailed
from sogdia.mirror.follower import Feed, Status

_LENGTH_BYTES: Final = 4
_encode = msgspec.msgpack.Encoder().encode
T = TypeVar("T")


class Setup(msgspec.Struct, frozen=True):
    """The node's first word: the database (its URL may hold a password, so no argument) and where the tables are."""

    url: str
    tables: str


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """The child asks for outcomes above a height; with `wait_seconds` it asks to be answered when there is one."""

    after_height: int
    limit: int = 0
    wait_seconds: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """The node's answer: outcomes, or why there are none, and what to do besides."""

    outcomes: list[bytes] = []
    error: str = ""
    order: Literal["", "rebuild", "stop"] = ""


class Channel:
    """Two ends of pipes with messages on them."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def send(self, message: msgspec.Struct) -> None:
        """Write a message; FeedClosed when nobody reads."""
        raw = _encode(message)
        try:
            self._outgoing.write(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
            self._outgoing.flush()
        except (OSError, ValueError) as gone:
            raise FeedClosed(f"the other side of the pipe is gone: {gone}") from None

    def receive(self, decoder: msgspec.msgpack.Decoder[T]) -> T:
        """Read a message; FeedClosed when the other side is gone."""
        try:
            length = self._incoming.read(_LENGTH_BYTES)
            raw = self._incoming.read(int.from_bytes(length, "big"))
        except (OSError, ValueError) as gone:
            raise FeedClosed(f"the other side of the pipe is gone: {gone}") from None
        if len(length) < _LENGTH_BYTES or len(raw) < int.from_bytes(length, "big"):
            raise FeedClosed("the other side of the pipe has closed it")
        return decoder.decode(raw)


SETUP = msgspec.msgpack.Decoder(Setup)
ANSWER = msgspec.msgpack.Decoder(Answer)
SAID: msgspec.msgpack.Decoder[Ask | Status] = msgspec.msgpack.Decoder(Ask | Status)


class PipeFeed:
    """The child's end: a Feed whose outcomes the node gives. `obey` hears what the node orders besides."""

    def __init__(self, channel: Channel, obey: Callable[[str], None]) -> None:
        self._channel = channel
        self._obey = obey

    def outcomes(self, after_height: int, limit: int, /) -> list[bytes]:
        """Outcomes of the blocks above a height; FeedFailed with the node's own error."""
        return self._asked(Ask(after_height, limit)).outcomes

    def wait(self, after_height: int, timeout_seconds: float, /) -> None:
        """Return when there is a block above this height, or when the time is up."""
        self._asked(Ask(after_height, wait_seconds=timeout_seconds))

    def _asked(self, ask: Ask) -> Answer:
        self._channel.send(ask)
        answer = self._channel.receive(ANSWER)
        if answer.order:
            self._obey(answer.order)
        if answer.error:
            raise FeedFailed(answer.error)
        return answer


def answer(feed: Feed, ask: Ask) -> Answer:
    """The node's end: what its feed says to this; an error of the feed is told, not raised."""
    try:
        if ask.wait_seconds:
            feed.wait(ask.after_height, ask.wait_seconds)
            return Answer()
        return Answer(feed.outcomes(ask.after_height, ask.limit))
    except Exception as error:
        return Answer(error=f"the node's feed failed with {type(error).__name__}: {error}")
