"""What goes wrong with the processes of a network on this machine; each sentence says what to do."""

from sogdia.app.organisation import NetworkError


class CometbftMissing(NetworkError):
    """There is no CometBFT of a version that we can run."""


class KeepsEnding(NetworkError):
    """A process ended again and again; the message holds the end of its log."""
