"""What a block holds comes out of CometBFT as it went in; a bundle that lies about itself is refused in words."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sogdia.engines.cometbft import bundle
from sogdia.engines.cometbft.bundle import MARK, BrokenBundle, packed, unpacked

ENVELOPES = some.lists(some.binary(max_size=300).filter(lambda raw: not raw.startswith(MARK)), max_size=30)


@given(ENVELOPES, some.sets(some.integers(0, 29)))
def test_what_is_packed_comes_out_in_order(raws: list[bytes], plain: set[int]) -> None:
    held = {raws[n] for n in plain if n < len(raws)}
    block = packed(raws, held)
    assert unpacked(block) == raws
    assert all(raw in block for raw in held), "what a mempool holds stands plain"


def test_envelopes_of_one_kind_become_much_smaller() -> None:
    raws = [b'{"payload":"%06d","signatures":[{"protected":"eyJhbGciOiJFZERTQSJ9"}]}' % n for n in range(500)]
    assert len(b"".join(packed(raws, ()))) * 4 < len(b"".join(raws))


def test_nothing_is_no_bundle() -> None:
    assert packed([], ()) == []
    assert unpacked([]) == []


WHOLE = packed([b"first", b"second"], ())[0]
BROKEN = {
    "no zlib": MARK + b"garbage",
    "cut short": WHOLE[:-3],
    "something behind": WHOLE + b"more",
    "ends within a length": MARK + zlib.compress(b"\x00\x00"),
    "ends within a transaction": MARK + zlib.compress(b"\x00\x00\x00\x09short"),
    "empty": MARK,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_bundle_that_is_none_is_refused(broken: bytes) -> None:
    with pytest.raises(BrokenBundle, match="a bundle that"):
        unpacked([b"plain", broken])


def test_a_bundle_that_swells_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "UNPACKED_LIMIT_BYTES", 1000)
    with pytest.raises(BrokenBundle, match="more than 1000 bytes"):
        unpacked([MARK + zlib.compress(bytes(10**6))])
