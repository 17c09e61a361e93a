"""What can go wrong, as one small tree: whoever catches `CebError` has caught everything this package raises.

A fault in the *content* of a message is not an exception: `validate` returns it as a `Problem`, all of them at once.
"""


class CebError(Exception):
    """The root: a stable code and plain fields for programs, words for people."""

    def __init__(self, code: str, words: str, **fields: str | int) -> None:
        super().__init__(words)
        self.code = code
        self.fields = fields


class XmlRefused(CebError):
    """The bytes are hostile, or are no CEB message at all; nothing was read from them."""


class BuildRefused(CebError):
    """The document holds something that no CEB message can carry; no bytes were made."""


class SignRefused(CebError):
    """The message cannot be signed, or its signature has a shape that must not be trusted."""


class MissingExtra(CebError):
    """An optional library is not installed; the words name the extra that brings it."""
