"""Figures over every trade go through an index that holds what they ask: no row of the trade table is fetched."""

import pytest
import sqlalchemy as sql

from bench.pages import NOW_MS, fill
from sogdia.app.modules import TABLES
from sogdia.insight.lanes import lanes
from sogdia.insight.measures import delivery_times, release_times
from sogdia.insight.moment import moment_of
from sogdia.insight.orders import Filter, count
from sogdia.insight.unseen import parts_seen
from sogdia.mirror.picture import SqlPicture
from tests.insight.conftest import EVERYONE

QUESTIONS = {
    "lanes": lambda picture, asker, moment: lanes(picture, asker, moment, {}),
    "delivery times": lambda picture, asker, _: delivery_times(picture, asker),
    "release times": lambda picture, asker, _: release_times(picture, asker),
    "how many trades": lambda picture, asker, moment: count(picture, asker, moment, Filter()),
}


class Explained(SqlPicture):
    """Keeps how SQLite goes about each statement."""

    def rows(self, statement):
        with self.connected() as connection:
            text = statement.compile(connection, compile_kwargs={"literal_binds": True, "render_postcompile": True})
            self.steps += [row[3] for row in connection.execute(sql.text(f"EXPLAIN QUERY PLAN {text}"))]
        return super().rows(statement)


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    url = str(tmp_path_factory.mktemp("walks") / "mirror.sqlite")
    fill(url, 50)
    picture = Explained(url, TABLES)
    yield picture
    picture.close()


@pytest.mark.parametrize("role", ["customs", "platform", "seller", "carrier"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_row_is_fetched_for(explained, question, role):
    explained.steps = []
    moment = moment_of(explained, EVERYONE[role], NOW_MS)
    explained.steps = []
    QUESTIONS[question](explained, EVERYONE[role], moment)
    walks = [step for step in explained.steps if step.startswith(("SCAN trade", "SEARCH trade"))]
    assert walks
    assert [step for step in walks if "COVERING INDEX" not in step] == []


@pytest.mark.parametrize("role", ["seller", "carrier", "broker", "stranger"])
def test_no_row_is_fetched_to_know_which_parts_were_shared_with(explained, role):
    explained.steps = []
    parts_seen(explained, EVERYONE[role])
    walks = [step for step in explained.steps if step.startswith(("SCAN trade", "SEARCH trade"))]
    assert walks
    assert [step for step in walks if "COVERING INDEX" not in step] == []
