"""Both databases for the mirror's tests, and one way to look at all that stands in them."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import AUDIENCE
from tests.mirror.ledger import TABLES
from tests.postgres_server import MISSING, PostgresServer, find_programs, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this test run."""
    programs = find_programs()
    if programs is None:
        pytest.skip(MISSING)
    with running_server(programs) as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for one test alone, which may stop it."""
    programs = find_programs()
    if programs is None:
        pytest.skip(MISSING)
    with running_server(programs) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> Callable[[], str]:
    """Makes empty SQLite databases."""
    numbers = count(1)
    return lambda: str(tmp_path / f"mirror{next(numbers)}.db")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest, sqlite_url: Callable[[], str]) -> Callable[[], str]:
    """Makes empty databases; each test runs on both kinds."""
    if request.param == "sqlite":
        return sqlite_url
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """An empty database."""
    return new_url()


def contents(url: str, tables: Any = TABLES) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in order, with the names of its readers in place of their number."""
    picture = SqlPicture(url, tables)
    try:
        found = {}
        for name in picture.schema.names():
            if not name.startswith("mirror_"):
                table = picture.schema.metadata.tables[name]
                found[name] = [one | {"readers": _readers(picture, table, one)} for one in _rows(picture, table)]
        return found
    finally:
        picture.close()


def seen(picture: SqlPicture, table: Any, asker: Asker) -> list[str]:
    """The last key field of each record that the asker is shown, by key."""
    made = picture.table(table)
    wanted = sql.select(made).where(picture.visible(table, asker)).order_by(*made.primary_key)
    return [row[table.key[-1]] for row in picture.rows(wanted)]


def _rows(picture: SqlPicture, table: sql.Table) -> list[dict[str, Any]]:
    return picture.rows(sql.select(table).order_by(*table.primary_key))


def _readers(picture: SqlPicture, table: sql.Table, row: dict[str, Any]) -> list[str]:
    if AUDIENCE not in table.c:
        return []
    members = picture.schema.members
    here = [column == row[column.name] for column in table.primary_key]
    wanted = sql.select(members.c.member).join(table, table.c[AUDIENCE] == members.c.audience).where(*here)
    return sorted(one["member"] for one in picture.rows(wanted))
