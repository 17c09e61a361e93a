"""What the console keeps on disk: users, their passkeys and recovery codes, invitations.

One SQLite file, `console.sqlite`, of mode 600: it holds hashes of passwords and the secrets of one-time codes. What was
written is durable when `writing` ends. A command may write to it while the node runs. It is opened when it is first
needed: a node whose console nobody uses has no such file.
"""

from pathlib import Path
from typing import Final

from sogdia.interfaces.http import notebook as http

FILE: Final = "console.sqlite"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS user (
    id TEXT PRIMARY KEY, party TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL, totp TEXT NOT NULL, totp_step INTEGER NOT NULL, language TEXT NOT NULL,
    created_ms INTEGER NOT NULL, signed_in_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS user_of_party ON user (party, folded);
CREATE TABLE IF NOT EXISTS passkey (
    id BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, label TEXT NOT NULL,
    public BLOB NOT NULL, uses INTEGER NOT NULL, created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS passkey_of_user ON passkey (user, created_ms);
CREATE TABLE IF NOT EXISTS recovery (
    user TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, digest BLOB NOT NULL, PRIMARY KEY (user, digest));
CREATE TABLE IF NOT EXISTS invitation (
    digest BLOB PRIMARY KEY, party TEXT NOT NULL, name TEXT NOT NULL, totp TEXT NOT NULL, until_ms INTEGER NOT NULL);
"""


class Notebook(http.Notebook):
    """The file of a node's folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE, _TABLES)
