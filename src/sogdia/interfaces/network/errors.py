"""What goes wrong with a network on this machine; each sentence says what to do."""


class NetworkError(Exception):
    """Folders, programs or processes of a network are not as they must be."""


class CometbftMissing(NetworkError):
    """There is no CometBFT of a version that we can run."""


class KeepsEnding(NetworkError):
    """A process ended again and again; the message holds the end of its log."""
