"""Keys of a party: made, listed, shown, rotated on record, handed on, and locked."""

import json
from pathlib import Path

from sogdia.core import keys
from tests.interfaces.cli.conftest import Terminal, did, listing, transaction


def test_keys_are_made_for_the_network_of_the_folder(sogdia: Terminal, node: Path) -> None:
    said = sogdia("keys", "create", node, "carrier")
    assert said.status == 0
    assert keys.parse_identifier(did(node, "carrier")).network_code == "test"
    assert did(node, "carrier") in said.out


def test_keys_may_lie_in_a_folder_of_their_own(sogdia: Terminal, tmp_path: Path) -> None:
    assert sogdia("keys", "create", tmp_path, "acme", "--code", "sogd").status == 0
    assert list(sogdia("keys", "list", tmp_path, "--json").json) == ["acme"]


def test_keys_are_listed_without_secrets(sogdia: Terminal, node: Path) -> None:
    said = sogdia("keys", "list", node)
    assert [line.split("\t")[0] for line in said.out.splitlines()] == [
        "name", "customs", "registrar", "seller", "tax_authority",
    ]  # fmt: skip
    assert did(node, "seller") in said.out


def test_the_public_half_is_what_a_registration_needs(sogdia: Terminal, node: Path) -> None:
    shown = sogdia("keys", "show", node, "seller").json
    exported = sogdia("keys", "export", node, "seller").json
    assert shown == exported
    assert set(shown) == {"did", "signing_keys", "agreement"}


def test_a_private_key_leaves_only_when_it_is_asked_for(sogdia: Terminal, node: Path) -> None:
    secret = sogdia("keys", "export", node, "seller", "--private").out.strip()
    assert secret.startswith("priSPK")
    public_half = sogdia("keys", "export", node, "seller").out + sogdia("keys", "list", node).out
    assert secret not in public_half


def test_a_rotated_key_signs_once_the_old_one_has_put_it_on_record(sogdia: Terminal, node: Path) -> None:
    first = transaction(node, listing(node, "BEFORE"))
    old = Path(node / "keys" / "seller.keys.json").read_bytes()
    said = sogdia("keys", "rotate", node, "seller")
    message = said.out[said.out.index("{") :]
    assert json.loads(message)["type"] == "identity.rotate"
    new = Path(node / "keys" / "seller.keys.json").read_bytes()
    assert sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "EARLY"))).status == 1

    _replace(node, old)
    assert sogdia("send", "-", "--to", node, typed=first).status == 0
    rotate = ("identity", "rotate", "--json", "-", "--key", "seller", "--to", node)
    assert sogdia(*rotate, typed=message).status == 0
    assert sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "LATE"))).status == 1
    _replace(node, new)
    assert sogdia("send", "-", "--to", node, typed=transaction(node, listing(node, "LATE"))).status == 0


def _replace(node: Path, raw: bytes) -> None:
    path = node / "keys" / "seller.keys.json"
    path.write_bytes(raw)
    path.chmod(0o600)


def test_a_locked_key_needs_its_passphrase(sogdia: Terminal, node: Path) -> None:
    sogdia("keys", "create", node, "bank", SOGDIA_PASSPHRASE="correct horse")
    locked = sogdia("keys", "export", node, "bank", "--private")
    assert locked.status == 2
    assert "is locked: give its passphrase" in locked.err
    wrong = sogdia("keys", "export", node, "bank", "--private", SOGDIA_PASSPHRASE="wrong")
    assert "does not open" in wrong.err
    assert sogdia("keys", "export", node, "bank", "--private", SOGDIA_PASSPHRASE="correct horse").status == 0


def test_a_party_is_registered_from_its_own_key_file(sogdia: Terminal, node: Path) -> None:
    sogdia("keys", "create", node, "acme")
    particulars = ("--title", "Acme", "--country", "CN", "--number", "X-1", "--role", "seller", "--role", "broker")
    asked = sogdia("keys", "registration", node, "acme", *particulars)
    said = sogdia(
        "identity", "register", "--json", "-", "--key", "registrar", "--key", "acme", "--to", node, typed=asked.out
    )
    assert said.status == 0, said.out
    found = sogdia("query", "identity", "party", "--param", f"did={asked.json['party']}", "--to", node).json
    assert (found["name"], found["roles"]) == ("Acme", ["broker", "seller"])
