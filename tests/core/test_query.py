"""Who may see a record: the parties in it, the roles that its table names, everybody when it is public."""

import pytest

from sogdia.core.query import PUBLIC, Asker, Queries, may_see
from sogdia.core.state import Record, Table


class Letter(Record, frozen=True, array_like=True):
    """A letter between two parties."""

    sender: str
    reader: str


LETTER = Letter("anna", "bruno")
PRIVATE = Table("test.letter", Letter, key=("sender",), seen_by=("sender", "reader"), roles=("customs",))
OPEN = Table("test.notice", Letter, key=("sender",), public=True)


@pytest.mark.parametrize(
    ("asker", "sees"),
    [
        (Asker("anna"), True),
        (Asker("bruno"), True),
        (Asker("carla"), False),
        (Asker("carla", ("customs",)), True),
        (Asker("carla", ("customs_broker", "seller")), False),
        (Asker(""), False),
        (PUBLIC, False),
    ],
)
def test_a_private_record_is_seen_by_its_parties_and_roles(asker: Asker, sees: bool) -> None:
    assert may_see(PRIVATE, LETTER, asker) is sees
    assert may_see(OPEN, LETTER, asker) is True


def test_a_party_that_is_not_named_yet_is_not_everybody() -> None:
    assert not may_see(PRIVATE, Letter("anna", ""), Asker(""))


def test_answers_are_found_by_their_names() -> None:
    queries = Queries("orders")

    @queries.answer
    def by_number() -> str:
        return "found"

    assert queries.answers == {"by_number": by_number}
