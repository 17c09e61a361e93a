"""A PostgreSQL server of the tests' own: the real programs, in a temporary folder, reached by a unix socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

MISSING = "no initdb and pg_ctl on PATH or in /usr/lib/postgresql/*/bin (Debian: apt-get install postgresql)"
_SETTINGS = "-c listen_addresses='' -c fsync=off -c unix_socket_directories='{}' -c max_connections=60"


class PostgresServer:
    """A running server; each test takes a database of its own."""

    def __init__(self, programs: Path, folder: Path, user: tuple[str, ...]) -> None:
        self.folder = folder
        self._programs = programs
        self._user = user
        self._numbers = count(1)
        self._empty: list[str] = []

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a database that holds nothing."""
        if self._empty:
            return self.url(self._empty.pop())
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with self._connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def take_back(self, url: str) -> None:
        """Empty a database that is no longer used, for the next who wants one: faster than making another."""
        name = url.partition("@/")[2].partition("?")[0]
        with self._connect(name) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._empty.append(name)

    def _connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        log, settings = self.folder / "log", _SETTINGS.format(self.folder)
        self._run("pg_ctl", "start", "--wait", "-D", str(self.data), "-l", str(log), "-o", settings)

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is as if the machine had lost its power."""
        self._run("pg_ctl", "stop", "--wait", "-D", str(self.data), "-m", mode)

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "data"

    def create(self) -> None:
        """Lay the files of a new server."""
        wanted = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "-D", str(self.data), *wanted)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._programs / program), *arguments]
        # Not a pipe: the server inherits it and would hold it open for ever.
        with tempfile.TemporaryFile("w+") as said:
            if subprocess.run(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/").returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed:\n{said.read()}")


def find_programs() -> Path | None:
    """The folder with initdb and pg_ctl, the newest if there are several."""
    found = [Path(path).resolve().parent for path in (shutil.which("initdb"),) if path]
    found += [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    whole = [path for path in found if (path / "pg_ctl").exists() and (path / "postgres").exists()]
    return max(whole, key=lambda path: [int(part) for part in path.parts if part.isdecimal()], default=None)


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    """A server in a temporary folder; under root it runs as `postgres`, for it refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # short: a socket's path has at most 107 bytes
    user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        user = ("runuser", "-u", "postgres", "--")
    server = PostgresServer(programs, folder, user)
    try:
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
