"""Documents made at random from the table of facts: right in every field, whatever they say."""

from decimal import Decimal

from hypothesis import strategies as st

from sogdia.standards.ceb import MESSAGES, BaseSubscribe, BaseTransfer, Document, Extension, Field, Message, Node
from sogdia.standards.ceb.examples import example

_LETTERS = st.one_of(
    st.sampled_from("&<>\"'\r\n\t{}]元无é\U00020000"),
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFD, exclude_categories=("Cs", "Cc")),
)


def words(minimum: int, maximum: int) -> st.SearchStrategy[str]:
    """Text of so many characters that is not blank."""
    return st.text(_LETTERS, min_size=max(minimum, 1), max_size=maximum).filter(lambda text: text.strip(" \t\r\n"))


def values(message: Message, field: Field) -> st.SearchStrategy[object]:
    """A value that this field's own rules allow."""
    if field.choices:
        number = field.kind == "integer"
        return st.sampled_from([int(choice) if number else choice for choice in field.choices])
    if field.kind == "integer":
        return st.integers(0, 10**field.maximum - 1)
    if field.kind == "decimal":
        return st.builds(
            lambda units, places: Decimal(units).scaleb(-places),
            st.integers(0, 10**14 - 1),
            st.integers(0, field.scale),
        )
    if field.format is not None:
        model = example(message.number, full=True).nodes[0].head
        return st.just(model[field.name])
    return words(field.minimum, min(field.maximum, 40))


def records(message: Message, fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, object]]:
    """All mandatory fields and any of the optional ones."""
    required = {field.name: values(message, field) for field in fields if field.required}
    optional = {field.name: values(message, field) for field in fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


def documents(number: int) -> st.SearchStrategy[Document]:
    """Whole messages with one or two nodes and, where they have them, one to three lines."""
    message = MESSAGES[number]
    lines = st.lists(records(message, message.lines), min_size=1, max_size=3) if message.line_element else st.just([])
    nodes = st.builds(lambda head, rows: Node(head, tuple(rows)), records(message, message.head), lines)
    return st.builds(
        Document,
        number=st.just(number),
        guid=st.just("0A1B2C3D-0000-4000-8000-000000000001"),
        nodes=st.lists(nodes, min_size=1, max_size=2).map(tuple),
        transfer=st.none() if message.from_customs else transfers(),
        subscribes=st.just(()) if message.from_customs else st.lists(subscribes(), max_size=2).map(tuple),
        extension=st.none() | st.builds(Extension, words(1, 20), words(1, 5), words(1, 60)),
    )


def transfers() -> st.SearchStrategy[BaseTransfer]:
    """The sender's own part of the envelope."""
    return st.builds(BaseTransfer, cop_code=words(1, 18), cop_name=words(1, 30), dxp_id=words(1, 30))


def subscribes() -> st.SearchStrategy[BaseSubscribe]:
    """Another address for the answer."""
    return st.builds(BaseSubscribe, status=words(1, 10), dxp_address=words(1, 30))
