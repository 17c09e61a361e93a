"""State sync: snapshots are taken (`taking`), kept (`folder`), given (`sync`), and restored (`restoring`).

`form` says what a snapshot is; ADR 0017 says what whoever restores one can trust.
"""

from sogdia.engines.cometbft.snapshots.sync import SnapshotShelf

__all__ = ["SnapshotShelf"]
