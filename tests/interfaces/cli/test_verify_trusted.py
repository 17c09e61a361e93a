"""`sogdia verify --trusted`: evidence of a network of organisations, checked from a trusted header."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from sogdia.client import evidence
from sogdia.client.light.blocks import Timestamp
from sogdia.client.light.trusted import trust
from sogdia.core import note
from tests.client.light.signers import block, header, signed
from tests.interfaces.cli.conftest import NETWORK, Said, Terminal

POWERS = {1: 10, 2: 10, 3: 10}


@pytest.fixture
def files(node: Path, tmp_path: Path, sogdia: Terminal) -> tuple[Path, Path]:
    """Evidence whose checkpoint the validators of a network signed, and a header of theirs from long before."""
    made = tmp_path / "made.json"
    did = sogdia("keys", "show", node, "seller").json["did"]
    assert sogdia("prove", node, "identity.party", did, "-o", made, "--as", did).status == 0
    found = evidence.read(made.read_bytes())
    text = note.split(found.checkpoint.encode())[0]
    early = replace(header(3, POWERS), time=Timestamp(1_600_000_000))
    trusted = trust(NETWORK, text.split("\n")[0], signed(early, POWERS))
    last = block(9, POWERS, app_hash=sha256(text.encode()).digest())
    earlier = found.earlier and replace(found.earlier, checkpoint=note.split(found.earlier.checkpoint.encode())[0])
    shown, kept = tmp_path / "evidence.json", tmp_path / "trusted.json"
    shown.write_bytes(msgspec.json.encode(replace(found, checkpoint=text, earlier=earlier, light=(last,))))
    kept.write_bytes(msgspec.json.encode(trusted))
    return shown, kept


def test_it_holds_and_a_person_sees_who_signed(files: tuple[Path, Path], sogdia: Terminal) -> None:
    shown, kept = files
    said = sogdia("verify", shown, "--trusted", kept)
    assert said.status == 0, said.out
    assert "light block 9: signed by 3 of 3 validators, power 30 of 30" in said.out
    assert "trusted header: height 3 of chain signers-1, hash " in said.out


def test_a_trusted_header_may_be_too_old(files: tuple[Path, Path], sogdia: Terminal) -> None:
    shown, kept = files
    said = sogdia("verify", shown, "--trusted", kept, "--trusting-period", 30, "--json")
    assert said.status == 1
    assert [check["name"] for check in said.json["checks"] if not check["holds"]] == ["trusting period", "checkpoint"]
    assert sogdia("verify", shown, "--trusted", kept, "--trusting-period", 36_500).status == 0


def refused(said: Said, sentence: str) -> bool:
    return said.status == 2 and sentence in said.err and not said.out


def test_it_takes_a_key_or_a_header_and_not_both(node: Path, files: tuple[Path, Path], sogdia: Terminal) -> None:
    shown, kept = files
    key = ("--network-key", node / "network.vkey")
    assert refused(sogdia("verify", shown), "give one of the two")
    assert refused(sogdia("verify", shown, *key, "--trusted", kept), "give one of the two")
    assert refused(sogdia("verify", shown, *key, "--trusting-period", 3), "Give --trusted with it")
    assert refused(sogdia("verify", shown, lang="zh_CN.UTF-8"), "请给出其中之一")


def test_what_is_no_trusted_header_is_said_to_be_none(files: tuple[Path, Path], sogdia: Terminal) -> None:
    shown, kept = files
    assert refused(sogdia("verify", shown, "--trusted", shown), "format sogdia-trusted/1, from somebody whom you trust")
    assert refused(sogdia("verify", shown, "--trusted", kept.with_name("none.json")), "none.json")
