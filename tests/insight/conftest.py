"""Worlds for insight: the cast and the trades of the domains' tests, on one machine, asked through a mirror.

`world` is a mirror of some hundred made orders in each database, with payments, parcels, lists and answers in every
stage, and some that lack a part; `crowd` is one of thousands.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.pages import ASKERS, NOW_MS, fill
from sogdia.app.modules import TABLES
from sogdia.core.query import PUBLIC, Asker
from sogdia.insight.moment import Moment, moment_of
from sogdia.insight.picture import Pictured
from sogdia.mirror.picture import SqlPicture
from tests.domains.conftest import Mirrored, ask, cast, network, order
from tests.domains.customs.conftest import export_trade, import_trade
from tests.mirror.conftest import postgres
from tests.stories.conftest import border

__all__ = ["ask", "border", "cast", "export_trade", "import_trade", "network", "order", "postgres"]

A_DAY_MS = 86_400_000
ORDERS = 400
MANY = 2_500
EVERYONE = {**ASKERS, "stranger": Asker("did:bid:sogd:efNobody", ("seller",)), "public": PUBLIC}


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    """Some hundred orders, most of them two months old; nobody writes into it."""
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("world") / "mirror.sqlite")
    else:
        url = request.getfixturevalue("postgres").new_database()
    with made(url, ORDERS) as picture:
        yield picture


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    """So many made orders that a few dozen lists wait for customs; nobody writes into it."""
    with made(str(tmp_path_factory.mktemp("crowd") / "mirror.sqlite"), MANY) as picture:
        yield picture


@contextmanager
def made(url: str, orders: int) -> Iterator[Pictured]:
    """A mirror of so many made orders, in an empty database."""
    fill(url, orders)
    picture = SqlPicture(url, TABLES)
    yield picture
    picture.close()


def at(picture: Pictured, asker: Asker, now_ms: int = NOW_MS) -> Moment:
    """The moment at which the made orders are looked at."""
    return moment_of(picture, asker, now_ms)


class Looking:
    """Asks insight as a party of the cast, so many days after the last block."""

    def __init__(self, border: object, ask: Mirrored) -> None:
        self.border, self._ask = border, ask
        self.days = 0

    def __call__(self, question: object, by: object = None, **given: object) -> object:
        """The answer to a question that takes picture, asker and moment."""
        now_ms = self.border.scene.time_ms + self.days * A_DAY_MS  # type: ignore[attr-defined]

        def asked(picture: Pictured, asker: Asker) -> object:
            return question(picture, asker, moment_of(picture, asker, now_ms), **given)  # type: ignore[operator]

        return self._ask(asked, by=by)  # type: ignore[arg-type]


@pytest.fixture
def look(border, ask) -> Looking:
    """`look(tower, by=actor, ...)`."""
    return Looking(border, ask)
