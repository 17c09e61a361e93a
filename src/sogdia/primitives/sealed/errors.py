"""What can go wrong with sealed values. No sentence here ever repeats a value, a secret or a key."""


class SealedError(Exception):
    """Base of all errors of sealed values."""


class UnfitValue(SealedError, ValueError):
    """A value, field name or secret that cannot be committed to or sealed; the sentence names the field."""


class BrokenEnvelope(SealedError, ValueError):
    """The envelope is malformed, was altered, or is not what it claims to be."""


class NotARecipient(SealedError, LookupError):
    """The envelope was not sealed for this party, or this is not the party's key."""


class Erased(SealedError, LookupError):
    """The trade's values were erased from this vault and cannot come back."""
