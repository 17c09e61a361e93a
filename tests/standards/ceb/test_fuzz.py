"""Whatever comes in, only a CebError comes out."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.standards.ceb import MESSAGES, CebError, build, example, parse, sign, validate, verify
from tests.standards.ceb.keys import certificate, rsa_key

SAMPLES = [build(example(number, full=True, lines=2)) for number in MESSAGES]
TRICKS = [
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&#x110000;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?x?>",
    b'"',
    b"\x00",
    b"\xff",
    b"<ceb:guid>",
    b"</ceb:guid>",
    b"1e999",
    b"9" * 5000,
    b"-",
    b"xmlns:ceb='urn:x'",
    b"\xef\xbb\xbf",
    b"<ceb:gnum>NaN</ceb:gnum>",
]


def survives(xml: bytes) -> None:
    """Parsing, judging, rebuilding and verifying end in a result or in a CebError."""
    try:
        document = parse(xml)
        problems = validate(document)
        assert all(problem.explain("zh") and problem.explain("en") for problem in problems)
        verify(xml)
        build(document)
    except CebError:
        return


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_do_no_harm(xml: bytes) -> None:
    survives(xml)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(TRICKS) | st.binary(max_size=6), st.integers(0, 40)),
        min_size=1,
        max_size=4,
    ),
)
def test_mutated_messages_do_no_harm(xml: bytes, cuts: list[tuple[float, bytes, int]]) -> None:
    for where, what, length in cuts:
        at = int(where * len(xml))
        xml = xml[:at] + what + xml[at + length :]
    survives(xml)


@pytest.mark.parametrize("seed", range(40))
def test_shuffled_elements_and_values_do_no_harm(seed: int) -> None:
    chance = random.Random(seed)
    xml = chance.choice(SAMPLES)
    pieces = xml.split(b"><")
    for _ in range(6):
        first, second = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        pieces[first], pieces[second] = pieces[second], pieces[first]
    survives(b"><".join(pieces))


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1), st.binary(min_size=1, max_size=3))
def test_mutated_signatures_do_no_harm(where: float, what: bytes) -> None:
    xml = sign(build(example(411)), rsa_key(), certificate())
    begin = xml.index(b"<ds:Signature ")
    at = begin + int(where * (len(xml) - begin))
    survives(xml[:at] + what + xml[at + len(what) :])


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=10),
        st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.decimals() | st.booleans(),
        max_size=4,
    ),
    st.sampled_from(sorted(MESSAGES)),
)
def test_documents_made_of_anything_do_no_harm(extra: dict[str, object], number: int) -> None:
    document = example(number)
    head: dict[str, object] = dict(document.nodes[0].head)
    names = list(head)
    head.update({names[place % len(names)]: value for place, value in enumerate(extra.values())})
    document.nodes[0].head.update(head | extra)  # type: ignore[arg-type]
    assert all(problem.explain("zh") for problem in validate(document))
    try:
        parse(build(document))
    except CebError:
        return
