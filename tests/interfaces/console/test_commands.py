"""`sogdia console`: invitations, users, and a key that is carried into a real browser."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from nacl.signing import VerifyKey
from typer.testing import CliRunner

from sogdia.app import Node
from sogdia.client.keyring import Keyring
from sogdia.core.codec import from_base64url
from sogdia.domains.identity.messages import Suspend
from sogdia.interfaces.cli import console_group
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.console import users
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, NETWORK, REGISTRAR, STRANGER, SUSPENDED

OPEN = """async ({kept, password, message}) => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = new TextEncoder();
  const raw = await crypto.subtle.importKey("raw", text.encode(password), "PBKDF2", false, ["deriveKey"]);
  const derivation = {...kept.kdf, salt: bytes(kept.kdf.salt)};
  const key = await crypto.subtle.deriveKey(derivation, raw, {name: "AES-GCM", length: 256}, false, ["unwrapKey"]);
  const cipher = {...kept.cipher, iv: bytes(kept.cipher.iv), additionalData: text.encode(kept.kid)};
  const secret = bytes(kept.secret);
  const own = await crypto.subtle.unwrapKey("pkcs8", secret, key, cipher, {name: "Ed25519"}, false, ["sign"]);
  const signature = await crypto.subtle.sign("Ed25519", own, text.encode(message));
  return {signature: [...new Uint8Array(signature)], extractable: own.extractable};
}"""


@pytest.fixture
def sogdia(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command; what it printed, when it ended well."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*given: object, typed: str = "", status: int = 0) -> str:
        root = typer.Typer()
        root.add_typer(console_group.group(), name="console")
        done = CliRunner().invoke(root, ["console", *map(str, given)], input=typed)
        assert done.exit_code == status, done.output
        return done.output

    return run


@pytest.fixture(autouse=True)
def running(request: pytest.FixtureRequest) -> Iterator[None]:
    """The town's node holds its folder and says where it answers, as `sogdia up` does."""
    if "house" not in request.fixturenames:
        yield
        return
    town = request.getfixturevalue("house").town
    with held(town.node.folder) as announce:
        announce(town.url)
        yield


def test_nobody_is_invited_for_a_party_that_is_on_no_record(house: House, sogdia: Callable[..., str]) -> None:
    said = sogdia("invite", house.town.node.folder, "--party", STRANGER.did, status=2)
    assert f"{STRANGER.did} is on no record of {NETWORK.network}" in said
    assert "sogdia identity register" in said
    assert "/invitation/" not in said


def test_nobody_is_invited_for_a_party_that_is_suspended(house: House, sogdia: Callable[..., str]) -> None:
    assert "/invitation/" in sogdia("invite", house.town.node.folder, "--party", SUSPENDED.did)
    suspension = Suspend(party=SUSPENDED.did, reason="licence lapsed", registrar=REGISTRAR.did)
    assert house.town.submit(suspension, by=REGISTRAR).accepted
    said = sogdia("invite", house.town.node.folder, "--party", SUSPENDED.did, status=2)
    assert f"{SUSPENDED.did} is suspended" in said


def test_an_invitation_can_be_made_while_the_node_does_not_run(tmp_path: Path, sogdia: Callable[..., str]) -> None:
    Node.create(tmp_path / "node", NETWORK, [REGISTRAR.registration(REGISTRAR.did)]).close()
    assert "/console/invitation/" in sogdia("invite", tmp_path / "node", "--party", REGISTRAR.did)
    assert "is on no record" in sogdia("invite", tmp_path / "node", "--party", CUSTOMS.did, status=2)


def test_an_invitation_of_the_command_line_opens_its_page(house: House, sogdia: Callable[..., str]) -> None:
    said = sogdia("invite", house.town.node.folder, "--party", CUSTOMS.did, "--name", "Wei", "--url", house.town.url)
    link = re.search(r"http://\S+", said)
    assert link is not None
    with house.client() as client:
        page = client.get(link[0])
    assert page.status_code == 200
    assert 'value="Wei"' in page.text


def test_users_are_listed_and_one_that_is_removed_is_out_at_once(house: House, sogdia: Callable[..., str]) -> None:
    person, folder = house.person(), house.town.node.folder
    listed = {one["name"]: one for one in json.loads(sogdia("users", folder, "--json"))}
    assert listed[person.name]["party"] == CUSTOMS.did
    assert listed[person.name]["password"]
    assert person.name in sogdia("users", folder)
    with house.signed_in(person) as client:
        assert person.name in sogdia("remove", folder, person.name.upper())
        assert client.get("/console/account").status_code == 303
    assert "no user called" in sogdia("remove", folder, person.name, status=2)
    assert users.by_name(house.console.notebook, person.name) is None


@pytest.mark.browser
def test_a_carried_key_signs_in_the_browser_and_never_leaves_it(
    house: House, visit: Callable[..., Visit], sogdia: Callable[..., str], tmp_path: Path
) -> None:
    identity = Keyring(tmp_path / "keys").create("customs", NETWORK.code)
    password, output = "a bridge of lanterns", tmp_path / "carried.json"
    sogdia("carry", tmp_path / "keys", "customs", "-o", output, typed=f"{password}\n{password}\n")
    assert output.stat().st_mode & 0o777 == 0o600
    kept = json.loads(output.read_bytes())
    one = visit()
    one.page.goto(f"{house.local}/console/sign-in")
    found = one.page.evaluate(OPEN, {"kept": kept, "password": password, "message": "release"})
    assert not found["extractable"]
    signature = bytes(found["signature"])
    assert VerifyKey(identity.signing_public).verify(b"release", signature) == b"release"
    assert len(from_base64url(kept["secret"])) == 48 + 16, "PKCS #8 of Ed25519, and the tag"


def test_a_short_password_carries_nothing(sogdia: Callable[..., str], tmp_path: Path) -> None:
    Keyring(tmp_path / "keys").create("customs", NETWORK.code)
    said = sogdia("carry", tmp_path / "keys", "customs", "-o", tmp_path / "k", typed="short\nshort\n", status=2)
    assert "12 characters" in said
    assert not (tmp_path / "k").exists()
