"""What can go wrong between a ledger and its mirror; each says what to do."""


class MirrorError(Exception):
    """The mirror cannot go on; a follower shows the message and tries again."""


class BadSchema(MirrorError):
    """A record type cannot be a SQL table."""


class UnknownTable(MirrorError):
    """An outcome changes a table that this mirror was not told of."""

    def __init__(self, name: str, height: int) -> None:
        super().__init__(
            f"block {height} changes table {name!r}, which this mirror does not know; "
            "give it the tables of every module of the network"
        )


class MissingBlock(MirrorError):
    """The feed left out a block; none is ever skipped."""

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(f"expected block {expected}, the feed gave {got}; look for damage in the node's outcomes")


class OtherLedger(MirrorError):
    """The next block does not continue the log that is pictured here."""

    def __init__(self, height: int, expected: int, got: int) -> None:
        super().__init__(
            f"block {height} continues a log of {got} entries, this mirror holds {expected}: "
            "it pictures another ledger, or one that was restored; rebuild it, or give the node its own database"
        )


class AnotherWriter(MirrorError):
    """Someone else moved the mirror on; two followers must not share one database."""

    def __init__(self, expected: str, found: str | None) -> None:
        super().__init__(
            f"this follower left the mirror at {expected}, now it is at {found}: another one writes it too"
        )


class FeedFailed(MirrorError):
    """The node could not give its outcomes; the message is its own."""


class FeedClosed(MirrorError):
    """The feed has ended for good; the follower stops."""
