"""A transaction is a JWS that others read too; whatever else comes in is refused, and never anything but refused."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet, OKPKey

from sogdia.core.codec import base64url, from_base64url, json_bytes
from sogdia.core.keys import verify
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.transaction import (
    ENVELOPE_LIMIT_BYTES,
    MESSAGES_LIMIT,
    NESTING_LIMIT,
    SIGNATURES_LIMIT,
    Codec,
    Message,
    payload_bytes,
    sign,
)
from sogdia.engines.suite_ledger import ANNA, BRUNO, NETWORK, Move, Pay, Pen, Stumble

CODEC = Codec((Pay, Move, Stumble))
MESSAGES = (Pay(account="anna", amount=5), Move(source="anna", target="bruno", amount=2))
PAYLOAD = payload_bytes(NETWORK, 1_772_442_000_000, "nonce-01", MESSAGES)
RAW = sign(PAYLOAD, [ANNA, BRUNO])

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")


def jwk(pen: Pen) -> OKPKey:
    seed = pen._key._secret[:32]
    told = {"kty": "OKP", "crv": "Ed25519", "x": base64url(pen.public), "d": base64url(seed), "kid": pen.kid}
    return OKPKey.import_key(told)


KEYS = KeySet([jwk(ANNA), jwk(BRUNO)])


def code_of(raw: bytes) -> int:
    with pytest.raises(Refusal) as no:
        CODEC.parse(raw)
    return no.value.code


def altered(change: Callable[[dict[str, Any]], None], raw: bytes = RAW) -> bytes:
    envelope = json.loads(raw)
    change(envelope)
    return json.dumps(envelope).encode()


def with_payload(change: Callable[[dict[str, Any]], None]) -> bytes:
    said = json.loads(PAYLOAD)
    change(said)
    return sign(json.dumps(said).encode(), [ANNA])


# -- a JWS like any other -----------------------------------------------------------------------------------------


def test_another_library_reads_and_verifies_what_we_signed() -> None:
    found = jws.deserialize_json(json.loads(RAW), KEYS, algorithms=["EdDSA"])
    assert found.payload == PAYLOAD
    assert [member.protected for member in found.members] == [
        {"alg": "EdDSA", "kid": ANNA.kid},
        {"alg": "EdDSA", "kid": BRUNO.kid},
    ]


def test_another_library_refuses_what_was_altered() -> None:
    other = base64url(PAYLOAD.replace(b'"amount":5', b'"amount":6'))
    with pytest.raises(BadSignatureError):
        jws.deserialize_json({**json.loads(RAW), "payload": other}, KEYS, algorithms=["EdDSA"])


def test_we_read_and_verify_what_another_library_signed() -> None:
    members = [{"protected": {"alg": "EdDSA", "kid": pen.kid}} for pen in (ANNA, BRUNO)]
    raw = json.dumps(jws.serialize_json(members, PAYLOAD, KEYS, algorithms=["EdDSA"])).encode()
    found = CODEC.parse(raw)
    assert found.payload.messages == MESSAGES
    for pen, one in zip((ANNA, BRUNO), found.signatures, strict=True):
        assert one.kid == pen.kid
        assert verify(one.scheme, pen.public, one.signing_input, one.signature)


def test_what_is_signed_are_the_bytes_as_they_were_received() -> None:
    spaced = json.dumps(json.loads(PAYLOAD), indent=3).encode()
    found = CODEC.parse(sign(spaced, [ANNA]))
    assert found.payload.messages == MESSAGES
    assert found.id == sha256(spaced).hexdigest()
    assert found.signatures[0].signing_input.endswith(b"." + base64url(spaced).encode())


def test_the_id_is_that_of_the_payload_whoever_signs_it() -> None:
    ids = {CODEC.parse(sign(PAYLOAD, pens)).id for pens in ([ANNA], [BRUNO], [ANNA, BRUNO], [BRUNO, ANNA])}
    assert ids == {sha256(PAYLOAD).hexdigest()}


# -- what is refused ------------------------------------------------------------------------------------------------


def test_an_envelope_has_a_limit_in_bytes() -> None:
    assert code_of(b" " * (ENVELOPE_LIMIT_BYTES + 1)) == Refused.TOO_LARGE
    assert code_of(b" " * ENVELOPE_LIMIT_BYTES) == Refused.MALFORMED


class Tell(Message, frozen=True, kw_only=True, tag="test.tell"):
    """A message that holds JSON of any form."""

    what: msgspec.Raw


@pytest.mark.parametrize("around", [b"", b'"a \\" string ]]]]]]",' * 60, b'"\\\\",'])
def test_nesting_has_a_limit_that_no_string_hides(around: bytes) -> None:
    codec = Codec((Tell,))

    def of(depth: int) -> bytes:
        what = b"[%s%s%s]" % (around, b"[" * depth, b"]" * depth)
        return sign(payload_bytes(NETWORK, 1_772_442_000_000, "nonce-01", (Tell(what=msgspec.Raw(what)),)), [ANNA])

    inside = NESTING_LIMIT - 4  # payload, messages, the message, the first list
    assert codec.parse(of(inside)).payload.messages[0].what
    for depth in (inside + 1, 990, 50_000):
        with pytest.raises(Refusal) as no:
            codec.parse(of(depth))
        assert (no.value.code, no.value.fields) == (Refused.MALFORMED, {"detail": "JSON nested deeper than 100"})


def test_a_transaction_has_one_to_a_hundred_messages() -> None:
    def of(count: int) -> bytes:
        return with_payload(lambda said: said.update(messages=said["messages"][:1] * count))

    assert len(CODEC.parse(of(MESSAGES_LIMIT)).payload.messages) == MESSAGES_LIMIT
    assert code_of(of(MESSAGES_LIMIT + 1)) == code_of(of(0)) == Refused.MALFORMED


def test_a_transaction_has_one_to_ten_signatures_each_of_another_key() -> None:
    pens = [Pen(f"number-{n}", n) for n in range(1, SIGNATURES_LIMIT + 2)]
    assert len(CODEC.parse(sign(PAYLOAD, pens[:-1])).signatures) == SIGNATURES_LIMIT
    assert code_of(sign(PAYLOAD, pens)) == Refused.MALFORMED
    assert code_of(sign(PAYLOAD, [])) == Refused.UNSIGNED
    assert code_of(sign(PAYLOAD, [ANNA, ANNA])) == Refused.UNSIGNED


@pytest.mark.parametrize(
    "change",
    [
        lambda envelope: envelope.pop("payload"),
        lambda envelope: envelope.pop("signatures"),
        lambda envelope: envelope.update(header={}),
        lambda envelope: envelope.update(payload=5),
        lambda envelope: envelope.update(payload="*" + envelope["payload"]),
        lambda envelope: envelope.update(payload=envelope["payload"] + "="),
        lambda envelope: envelope.update(payload="Zoë"),
        lambda envelope: envelope.update(signatures={}),
        lambda envelope: envelope["signatures"][0].pop("protected"),
        lambda envelope: envelope["signatures"][0].update(header={"kid": "x"}),
        lambda envelope: envelope["signatures"][0].update(signature="not base64!"),
        lambda envelope: envelope["signatures"][0].update(protected=base64url(b"{}")),
        lambda envelope: envelope["signatures"][0].update(
            protected=base64url(b'{"alg":"EdDSA","kid":"a","b64":false}')
        ),
        lambda envelope: envelope["signatures"][0].update(protected=base64url(b'{"alg":"EdDSA","kid":7}')),
        lambda envelope: envelope["signatures"][0].update(protected=base64url(b"\xff")),
    ],
)
def test_an_envelope_of_another_form_is_malformed(change: Callable[[dict[str, Any]], None]) -> None:
    assert code_of(altered(change)) == Refused.MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("network"),
        lambda said: said.pop("nonce"),
        lambda said: said.update(nonce="short"),
        lambda said: said.update(nonce="x" * 65),
        lambda said: said.update(valid_until_ms=-1),
        lambda said: said.update(valid_until_ms=1e12),
        lambda said: said.update(valid_until_ms="1772442000000"),
        lambda said: said.update(memo="unknown field"),
        lambda said: said.update(messages={}),
        lambda said: said["messages"][0].update(type="suite.unknown"),
        lambda said: said["messages"][0].pop("type"),
        lambda said: said["messages"][0].pop("amount"),
        lambda said: said["messages"][0].update(amount=-1),
        lambda said: said["messages"][0].update(amount=10**13),
        lambda said: said["messages"][0].update(amount=1.5),
        lambda said: said["messages"][0].update(amount=True),
        lambda said: said["messages"][0].update(account=""),
        lambda said: said["messages"][0].update(account=None),
        lambda said: said["messages"][0].update(unknown=1),
    ],
)
def test_a_payload_of_another_form_is_malformed(change: Callable[[dict[str, Any]], None]) -> None:
    assert code_of(with_payload(change)) == Refused.MALFORMED


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"network":"\\ud800"}', b"\xef\xbb\xbf" + PAYLOAD]
)
def test_a_payload_that_is_no_json_object_is_malformed(payload: bytes) -> None:
    assert code_of(sign(payload, [ANNA])) == Refused.MALFORMED


def test_the_refusal_says_what_is_wrong_and_where() -> None:
    with pytest.raises(Refusal) as no:
        CODEC.parse(with_payload(lambda said: said["messages"][1].update(amount=-1)))
    assert "$.messages[1].amount" in no.value.fields["detail"]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_refusal(raw: bytes) -> None:
    assert code_of(raw) == Refused.MALFORMED


@given(st.integers(0, len(RAW) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_a_transaction_with_bytes_exchanged_is_another_transaction_or_a_refusal(at: int, put: bytes, cut: int) -> None:
    raw = RAW[:at] + put + RAW[at + cut :]
    try:
        found = CODEC.parse(raw)
    except Refusal:
        assert code_of(raw) in (Refused.MALFORMED, Refused.UNSIGNED)
    else:
        assert found.raw == raw
        assert found.id == sha256(from_base64url(json.loads(raw)["payload"])).hexdigest()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(_json, st.sampled_from(["network", "valid_until_ms", "nonce", "messages"]))
def test_any_json_in_place_of_a_field_is_a_refusal_or_fits(value: Any, field: str) -> None:
    raw = with_payload(lambda said: said.update({field: value}))
    try:
        found = CODEC.parse(raw)
    except Refusal:
        assert code_of(raw) == Refused.MALFORMED
    else:
        assert getattr(found.payload, field) == value


@given(_json)
def test_any_json_as_the_signatures_is_a_refusal(value: Any) -> None:
    assert code_of(json_bytes({"payload": base64url(PAYLOAD), "signatures": value})) in (
        Refused.MALFORMED,
        Refused.UNSIGNED,
    )
