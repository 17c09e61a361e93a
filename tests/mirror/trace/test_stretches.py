"""Numbers in a row are read at once, and nothing beside them; what is said of a row is said of each number in it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sogdia.mirror.trace.alike import Passing
from sogdia.mirror.trace.stretches import stretches
from sogdia.mirror.trace.things import Spelled, spelled
from sogdia.mirror.trace.words import Kind
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical, identity
from tests.mirror.trace.stories import BREAD, item, product


@given(st.lists(st.integers(-20, 60)))
def test_stretches_hold_the_numbers_and_no_other(numbers: list[int]) -> None:
    found = stretches(numbers)
    assert [one for low, high in found for one in range(low, high + 1)] == sorted(set(numbers))
    assert all(high + 1 < low for (_, high), (low, _) in itertools.pairwise(found))


@given(st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, 20))))
def test_whoever_passes_the_numbers_meets_what_is_said_of_each(said: dict[str, set[int]]) -> None:
    passing = Passing([(stretch, name) for name, numbers in said.items() for stretch in stretches(numbers)])
    for number in range(22):
        passing.pass_to(number)
        assert passing.holds == {name for name, numbers in said.items() if number in numbers}
    assert all(0 <= place <= 21 for place in passing.places)


@given(st.sampled_from([BREAD, BREAD[:-1] + "0", "950600013437"]), st.text("aZ09-%2F\u00e9\u00b2/?", max_size=22))
def test_items_are_spelled_as_their_identifier_says_whichever_way_is_taken(gtin: str, serial: str) -> None:
    text = item(serial, gtin)
    found = spelled(text)
    try:
        whole = canonical(text)
    except BadIdentifier:
        assert found == Spelled(text, Kind.OTHER)
        return
    assert found.uri == identity(whole)
    if found.kind is Kind.INSTANCE:
        assert found.product == product(BREAD)
