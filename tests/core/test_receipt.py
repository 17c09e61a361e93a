"""A receipt's bytes are fixed: they are the leaves of logs that exist."""

from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.receipt import Receipt, decode_receipt

RECEIPT = Receipt(
    "sogd", 2, 1, 1_772_442_000_000, "aa" * 32, "bb" * 32, 4005, {"left_minor": 3, "asked": "x"}, "cc" * 32
)


def test_the_bytes_of_a_receipt_are_its_fields_in_order_without_space() -> None:
    assert RECEIPT.entry().decode() == (
        '{"network":"sogd","height":2,"index":1,"time_ms":1772442000000,'
        f'"transaction":"{"aa" * 32}","envelope":"{"bb" * 32}","code":4005,'
        f'"fields":{{"asked":"x","left_minor":3}},"events":"{"cc" * 32}"}}'
    )


_value = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8) | st.lists(st.integers(0, 9))


@given(st.dictionaries(st.text(max_size=8), _value, max_size=5))
def test_a_receipt_that_was_read_gives_the_same_bytes_again(fields: dict[str, object]) -> None:
    raw = Receipt("sogd", 2, 1, 3, "aa", "bb", 4, fields, "cc").entry()
    assert decode_receipt(raw).entry() == raw
