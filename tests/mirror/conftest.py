"""Both databases for the mirror's tests, and one way to look at all that stands in them."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.text import AUDIENCE
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
def new_postgres(postgres: PostgresServer) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases."""
    given: list[str] = []

    def new() -> str:
        given.append(postgres.new_database())
        return given[-1]

    yield new
    for url in given:
        postgres.take_back(url)


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
def new_url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes empty databases; each test runs on both kinds."""
    made: Callable[[], str] = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "new_postgres")
    return made


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """An empty database."""
    return new_url()


def contents(url: str, tables: Any = TABLES) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in order, with the names of its readers in place of their number."""
    picture = SqlPicture(url, tables)
    try:
        named = [name for name in picture.schema.names() if not name.startswith("mirror_")]
        members = _members(picture)
        return {name: _rows(picture, picture.schema.metadata.tables[name], members) for name in named}
    finally:
        picture.close()


def seen(picture: SqlPicture, table: Any, asker: Asker) -> list[str]:
    """The last key field of each record that the asker is shown, by key."""
    made = picture.table(table)
    wanted = sql.select(made).where(picture.visible(table, asker)).order_by(*made.primary_key)
    return [row[table.key[-1]] for row in picture.rows(wanted)]


def _members(picture: SqlPicture) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in picture.rows(sql.select(picture.schema.members).order_by(picture.schema.members.c.member)):
        found.setdefault(row["audience"], []).append(row["member"])
    return found


def _rows(picture: SqlPicture, table: sql.Table, members: dict[int, list[str]]) -> list[dict[str, Any]]:
    number = table.c[AUDIENCE] if AUDIENCE in table.c else sql.literal(0)
    rows = picture.rows(sql.select(table, number.label("readers")).order_by(*table.primary_key))
    return [row | {"readers": members.get(row["readers"], [])} for row in rows]
