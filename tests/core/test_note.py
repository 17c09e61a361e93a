"""Signed notes and checkpoints: the published example holds, and nothing else passes for it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sogdia.core.keys import SigningKey
from sogdia.core.note import BadSignature, Checkpoint, MalformedNote, VerifierKey, open_note, parse_key, sign, split

# The example of the signed-note specification (C2SP signed-note v1.0.0; first in Go's golang.org/x/mod/sumdb/note).
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
OTHER_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

KEY = SigningKey(bytes(range(32)))
NAME = "sogdia.example/main"
OWN = VerifierKey(NAME, KEY.public)
CHECKPOINT = Checkpoint(NAME, 70_000, bytes(range(32)))


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [VKEY, OTHER_VKEY, str(OWN)])
def test_a_verifier_key_is_read_and_written_as_published(text: str) -> None:
    assert str(parse_key(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "hexadecimal"),
        ("PeterNeumann", "hexadecimal"),
        (VKEY.replace("c74f20a3", "c74f20a4"), "does not belong"),
        (VKEY.replace("PeterNeumann", "PeterNeuman"), "does not belong"),
        (VKEY.replace("c74f20a3", "C74F20A3"), "hexadecimal"),
        (VKEY.replace("+ARpc", "+BRpc"), "type 01"),
        (VKEY[:-4], "32 bytes"),
        (VKEY[:-1], "base64"),
        (VKEY.replace("PeterNeumann", "Peter Neumann"), "no space"),
        (VKEY.replace("PeterNeumann", "Peter\ud800"), "no space"),
        (VKEY + "\n", "hexadecimal"),
    ],
)
def test_a_verifier_key_that_is_off_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(MalformedNote, match=why):
        parse_key(text)


# --- notes ------------------------------------------------------------------------------------------------------------


def test_the_note_of_the_specification_is_opened() -> None:
    assert open_note(SIGNED, VKEY) == TEXT


def test_a_note_that_we_sign_is_opened_by_our_key_beside_signatures_of_others() -> None:
    note = sign(TEXT, NAME, KEY)
    assert open_note(note, OWN) == TEXT
    both = SIGNED + note.split(b"\n\n")[1]
    assert open_note(both, OWN) == open_note(both, VKEY) == TEXT
    assert [name for name, _ in split(both)[1]] == ["PeterNeumann", NAME]


def test_a_text_may_hold_empty_lines_and_any_script() -> None:
    text = "\n\n订单\n\n— not a signature line\n\n"
    assert open_note(sign(text, NAME, KEY), OWN) == text


def test_a_note_without_our_signature_is_refused() -> None:
    with pytest.raises(BadSignature, match=r"no signature of sogdia\.example/main"):
        open_note(SIGNED, OWN)
    with pytest.raises(BadSignature, match="no signature of PeterNeumann"):
        open_note(SIGNED, VerifierKey("PeterNeumann", KEY.public))


@pytest.mark.parametrize("at", range(0, len(TEXT.encode()) - 1, 7))
def test_any_altered_letter_makes_the_signature_false(at: int) -> None:
    altered = bytearray(SIGNED)
    altered[at] = ord("?")
    with pytest.raises(BadSignature, match="is false"):
        open_note(bytes(altered), VKEY)


def test_an_altered_signature_is_false() -> None:
    with pytest.raises(BadSignature, match="is false"):
        open_note(SIGNED.replace(b"ZJkuBS9", b"ZJkuBS8"), VKEY)
    with pytest.raises(BadSignature, match="is false"):
        open_note((TEXT + "\n— PeterNeumann x08go/ZJ\n").encode(), VKEY)


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (b"", "empty line"),
        (TEXT.encode(), "empty line"),
        (TEXT.encode() + b"\n", "empty line"),
        (SIGNED[:-1], "empty line"),
        (SIGNED + b"\n", "empty line"),
        (SIGNED.replace("— ".encode(), b"- "), "em dash"),
        (SIGNED.replace(b"PeterNeumann x", b"PeterNeumann  x"), "em dash"),
        (SIGNED.replace(b"nAM=", b"nAN="), "em dash"),
        (SIGNED.replace(b"nAM=", b"nAM"), "em dash"),
        (SIGNED.replace(b"PeterNeumann", b"Peter+Neumann"), "plus sign"),
        (SIGNED.replace(b"PeterNeumann", "Peter\u00a0Neumann".encode()), "no space"),
        (SIGNED.replace(b"answer", b"ans\twer"), "control character"),
        (SIGNED.replace(b"answer", b"ans\rwer"), "control character"),
        (SIGNED.replace(b"answer", b"ans\xffwer"), "UTF-8"),
        (TEXT.encode() + b"\n" + SIGNED.split(b"\n\n")[1] * 101, "at most 100"),
        (b"a" * 1_000_001, "at most 1000000"),
    ],
)
def test_what_is_not_a_note_is_refused_with_the_reason(note: bytes, why: str) -> None:
    with pytest.raises(MalformedNote, match=why):
        open_note(note, VKEY)


@pytest.mark.parametrize("text", ["", "no newline", "a tab\there\n", "half a letter \ud800\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedNote, match="ends with a newline"):
        sign(text, NAME, KEY)


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (text + "\n\n— a b\n").encode("utf-8", "replace"))
)
@example(b"\n\n\xe2\x80\x94 a AAAAAAAA\n")
def test_bytes_from_a_stranger_are_opened_or_refused_and_never_crash(note: bytes) -> None:
    with pytest.raises((MalformedNote, BadSignature)):
        open_note(note, OWN)


# --- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_three_lines_and_more_by_choice() -> None:
    assert CHECKPOINT.text() == "sogdia.example/main\n70000\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    extended = Checkpoint(NAME, 0, bytes(32), ("state 00ff", "订单"))
    assert extended.text().split("\n")[3:] == ["state 00ff", "订单", ""]
    for one in (CHECKPOINT, extended):
        assert Checkpoint.parse(one.text()) == one
        assert Checkpoint.parse(open_note(sign(one.text(), NAME, KEY), str(OWN))) == one


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("70000", "070000", "decimal"),
        ("70000", "-1", "decimal"),
        ("70000", "+1", "decimal"),
        ("70000", "٧", "decimal"),
        ("70000", "9" * 19, "between 0 and"),
        ("70000", "9" * 5000, "decimal"),
        ("70000\n", "", "origin, size and root"),
        ("sogdia.example/main", "", "not empty"),
        ("Hh8=", "Hh8", "base64"),
        ("Hh8=", "Hh9=", "base64"),
        ("Hh8=\n", "Hh8=", "ends with a newline"),
        ("Hh8=\n", "Hh8=\n\n", "not empty"),
        ("AAEC", "", "32 bytes"),
    ],
)
def test_a_checkpoint_that_is_off_is_refused_with_the_reason(old: str, new: str, why: str) -> None:
    with pytest.raises(MalformedNote, match=why):
        Checkpoint.parse(CHECKPOINT.text().replace(old, new))


def test_a_line_break_cannot_be_smuggled_into_a_checkpoint() -> None:
    with pytest.raises(MalformedNote, match="control character"):
        Checkpoint("sogdia.example\n9", 1, bytes(32))
    with pytest.raises(MalformedNote, match="control character"):
        Checkpoint("sogdia.example", 1, bytes(32), ("a\nb",))
