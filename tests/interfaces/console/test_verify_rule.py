"""What the page's verifier is made of judges as Python does: odd signatures, JSON, records."""

import random
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from sogdia.core import keys, note
from sogdia.core.codec import json_bytes
from sogdia.core.keys import EDDSA, SigningKey, verify
from tests.core.test_keys import (
    NONCE,
    PURE_KEY,
    PURE_R,
    RFC_8032,
    SECRET,
    SMALL_ORDER,
    SMALL_ORDER_NOT_CANONICAL,
    VERDICTS,
    P,
    crafted,
    little,
    mixed,
)
from tests.interfaces.console.verify.node_runner import MODULES, Runner, plain

pytestmark = pytest.mark.node
Signed = tuple[bytes, bytes, bytes]


def odd_signatures() -> Iterator[Signed]:
    """Public key, message and signature: the frozen edge cases, and every spelling and torsion there is."""
    yield from (case for _, case, _ in VERDICTS)
    for public, _, message, signature in (map(bytes.fromhex, (one[1], one[1], one[2], one[3])) for one in RFC_8032):
        yield public, message, signature
        yield public, message + b"x", signature
        yield public[:-1], message, signature
        yield public, message, signature[:-1]
        yield public, message, signature + b"\x00"
    for spelling in sorted(SMALL_ORDER | SMALL_ORDER_NOT_CANONICAL):
        yield crafted(spelling, PURE_R, 0, NONCE, 0)
        yield crafted(PURE_KEY, spelling, SECRET, 0, 0)
        yield crafted(spelling, spelling, 0, 0, 0)
    for key_torsion in range(8):
        for nonce_torsion in range(8):
            for residue in (0, 1, 6):
                yield mixed(key_torsion, nonce_torsion, residue)
    for y in range(P, 2**255):
        for sign in (0, 1):
            yield crafted(little(y | sign << 255), PURE_R, SECRET, NONCE)
            yield crafted(PURE_KEY, little(y | sign << 255), SECRET, NONCE)


def test_every_odd_signature_has_the_verdict_of_libsodium(node: Runner) -> None:
    cases = list(odd_signatures())
    asked = [dict(zip(("key", "message", "signature"), map(plain, case), strict=True)) for case in cases]
    expected = [verify(EDDSA, *case) for case in cases]
    assert [one["answer"] for one in node.ask_all("signed", asked)] == expected
    assert expected.count(True) > 20
    assert expected.count(False) > 200


def test_the_page_asks_its_browser_the_edge_cases_that_the_node_asks_its_library(node: Runner) -> None:
    source = (MODULES / "ed25519.js").read_text(encoding="utf-8").replace('"\n    + "', "")
    for public, message, signature, accepted in keys._RULE:
        row = f'"{public}", "{message.decode()}",\n    "{signature}", {str(accepted).lower()},'
        assert row in source
    assert node.ask("rule") is True


def test_a_key_of_a_network_is_read_as_python_reads_it(node: Runner) -> None:
    true = str(note.VerifierKey("log.example/one", SigningKey(b"k" * 32).public))
    changed = [true[:at] + letter + true[at + 1 :] for at in range(len(true)) for letter in "A+ \t="]
    for text in [true, "", "a+b", true + "\n", " " + true, true * 2, "名" + true, *changed]:
        try:
            expected: str | None = note.parse_key(text).name
        except note.MalformedNote:
            expected = None
        assert node.ask("key", text=text) == expected, text


def test_short_hashes_are_those_of_python(node: Runner) -> None:
    chance = random.Random(6)
    given = [chance.randbytes(length) for length in [*range(300), 503, 504, 1015, 1016, 1023, 1024, 1025, 4000]]
    asked = ({"parts": [plain(raw[: len(raw) // 3]), plain(raw[len(raw) // 3 :])]} for raw in given)
    found = [one["answer"] for one in node.ask_all("sha256", asked)]
    assert found == [sha256(raw).hexdigest() for raw in given]


ODD_JSON = [
    b"1.0", b"1e3", b"-0", b"-0.0", b"01", b"-01", b"1.", b".5", b"1e400", b"-", b"+1", b"1e", b"1E+2", b"--1", b"0x1",
    b"18446744073709551616", b"9" * 4300, b"9" * 4301, b"9" * 50 + b".5", b'"\\ud800"', b'"\\ud83d\\ude00"',
    b'"\\udc00"', b'"\\ud800\\u0041"', b'"\\ud800\\ud800"', b'"a\x01b"', b'"a\nb"', b'"\x7f"', b'"\xff"',
    b'"\xed\xa0\x80"', b'"\\x"',
    b'"\\u00zz"', b'"\\u12"', b'"\\/\\b\\f\\n\\r\\t\\"\\\\"', b'{"a":1,"a":2}', b'{"b":1,"a":2}', b" [1 , 2 ] ",
    b"[1,]", b"[,1]", b'{"a":1,}', b'{"a"}', b"{a:1}", b"\x0b1", b"NaN", b"Infinity", b"1 2", b"[1 2]",
    b"\xef\xbb\xbf1", b"nul",
    b"nulll", b"true", b"[true,false,null]", b'""', b"", b" ", b'"', b"[", b"{", b'{"a":', b"[[[[]]]]", b"1.5e-7",
    b"5e-324", b"123456789012345678901234567890.0", b"1e16", b"1e15", b"0.1", b'{"\\u0061":1}', b'{"":0}', b"\x00",
    b"[]\x00",
]  # fmt: skip


def test_odd_json_is_read_or_refused_as_by_python(node: Runner) -> None:
    chance = random.Random(3)
    whole = b'{"a":[1,-2.5e3,"\\u00e9\\n\xe6\x98\x8e",{"b":null,"c":[true,false]}],"d":"x"}'
    spoilt = [
        whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :] for at in range(len(whole)) for _ in range(6)
    ]
    for raw in [*ODD_JSON, whole, *spoilt]:
        found = node.ask("json", file=plain(raw))
        assert found == _spelt(lambda raw=raw: msgspec.json.decode(raw)), raw


def test_odd_records_are_read_or_refused_as_by_python(node: Runner) -> None:
    chance = random.Random(4)
    values: list[Any] = [
        ["a", 0, -1, 127, 128, 255, 256, 65535, 65536, 2**32, 2**64 - 1, -32, -33, -128, -129, -(2**15), -(2**31)],
        ["明" * 20, "x" * 300, "y" * 70_000, b"bytes", b"z" * 300, None, True, False, 1.5, -0.0, 1e300, [], {}, [[[]]]],
        {"b": 1, "a": {"d": [1, 2], "c": None}}, list(range(20)), list(range(70_000)), -(2**63),
        {str(one): one for one in range(20)},
    ]  # fmt: skip
    whole = [msgspec.msgpack.encode(value) for value in values]
    spoilt = [bytes([chance.randrange(256)]) + raw[1:] for raw in whole for _ in range(20)]
    short = whole[2]
    spoilt += [
        short[:at] + bytes([chance.randrange(256)]) + short[at + 1 :] for at in range(len(short)) for _ in range(20)
    ]
    for raw in [*whole, *spoilt, b"", b"\xc1", b"\xdd\xff\xff\xff\xff\x00", b"\x01\x01"]:
        found = node.ask("msgpack", file=plain(raw))
        expected = _spelt(lambda raw=raw: msgspec.msgpack.decode(raw))
        assert found == expected or _is_extension(raw), raw[:60]


def _spelt(read: Any) -> str | None:
    """What was read, in the page's spelling of values; None when it was refused."""
    try:
        value = read()
        json_bytes(value)  # what cannot be JSON is refused where it is compared
    except (ValueError, TypeError, RecursionError):
        return None
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{_quoted(name)}:{_text(value[name])}" for name in sorted(value, key=lambda name: name.encode("utf-16-be"))
        )
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return "f" + _float(value) if value == value and abs(value) != float("inf") else "null"
    return str(value) if isinstance(value, int) else _quoted(plain(value) if isinstance(value, bytes) else value)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _float(value: float) -> str:
    """As JavaScript writes it: whole below 1e21, one digit in exponents."""
    if value == int(value) and abs(value) < 1e21:
        return "-0" if str(value) == "-0.0" else str(int(value))
    return re.sub(r"e([+-])0?", r"e\1", repr(value)).replace(".0e", "e")


def _is_extension(raw: bytes) -> bool:
    """Whether MessagePack's own extensions may be in it, such as instants, which no record has."""
    return any(0xC7 <= byte <= 0xC9 or 0xD4 <= byte <= 0xD8 for byte in raw)
