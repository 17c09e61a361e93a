"""What the node notes for EPCIS beside the record: jobs, API keys, named queries, subscriptions.

One SQLite file, `epcis.sqlite`, of mode 600: it holds signed transactions and the secrets of subscribers. Whatever was
written is durable when `writing` ends. A command may write to it while the node runs.
"""

import secrets
from pathlib import Path
from typing import Final

from sogdia.interfaces.http import notebook as http

FILE: Final = "epcis.sqlite"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS prefix (prefix TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, party TEXT NOT NULL, behaviour TEXT NOT NULL, created_ms INTEGER NOT NULL,
    finished_ms INTEGER, is_failing INTEGER NOT NULL, height INTEGER NOT NULL, errors BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS job_of_party ON job (party, created_ms, id);
CREATE INDEX IF NOT EXISTS job_running ON job (created_ms, id) WHERE finished_ms IS NULL;
CREATE TABLE IF NOT EXISTS part (
    job TEXT NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, transaction_bytes BLOB NOT NULL,
    numbers BLOB NOT NULL, state TEXT NOT NULL, PRIMARY KEY (job, place));
CREATE TABLE IF NOT EXISTS api_key (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, party TEXT NOT NULL, label TEXT NOT NULL, scopes TEXT NOT NULL,
    created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, revoked_ms INTEGER);
CREATE TABLE IF NOT EXISTS named_query (
    party TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, created_ms INTEGER NOT NULL,
    PRIMARY KEY (party, name));
CREATE TABLE IF NOT EXISTS subscription (
    id TEXT PRIMARY KEY, party TEXT NOT NULL, query TEXT NOT NULL, body BLOB NOT NULL, created_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL, minimum_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, failures INTEGER NOT NULL,
    notified_ms INTEGER);
CREATE INDEX IF NOT EXISTS subscription_of_query ON subscription (party, query, created_ms, id);
"""


class Notebook(http.Notebook):
    """The file of a node's folder, open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE, _TABLES)
        self._connection()

    def secret(self, name: str) -> bytes:
        """A secret of 32 random bytes under this name, drawn when it is first asked for."""
        with self.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO secret VALUES (?, ?)", (name, secrets.token_bytes(32)))
        return bytes(self.rows("SELECT value FROM secret WHERE name = ?", name)[0][0])
