"""A declaration in a file: what a broker fills in goes on record by the command; import says so and keeps nothing."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sogdia.client.keyring import Keyring
from sogdia.core.keys import encode_private
from sogdia.interfaces.cli.root import build
from sogdia.standards.ceb.build import build as ceb
from sogdia.standards.ceb.examples import example
from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.test_prefilled import BROKER, given, undeclared
from tests.interfaces.http.town import NETWORK, PLATFORM

pytestmark = pytest.mark.node


def sogdia(*words: object) -> tuple[int, str]:
    """The exit status of a command, and what it said."""
    argv = [str(word) for word in words]
    result = CliRunner(env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}).invoke(build(argv), argv)
    return result.exit_code, result.output


def dropped(house: House, content: bytes, name: str) -> tuple[int, str]:
    """What import answers to a file of a broker's."""
    with house.signed_in(house.person(BROKER)) as client:
        token = token_of(client.get("/console/account").text)
        headers = {"x-sogdia-token": token, "content-type": "application/octet-stream", "x-sogdia-name": name}
        answer = client.post("/console/import/file", content=content, headers={**headers, "accept": "application/json"})
        assert "No drafts" in client.get("/console/import").text
        return answer.status_code, answer.json().get("detail", "")


def test_the_commands_template_filled_from_the_record_is_taken_and_not_twice(house: House, tmp_path: Path) -> None:
    asked = undeclared(house.town)
    status, template = sogdia("customs", "declare-export", "--example")
    assert status == 0
    values = given(house, BROKER, asked, "customs/declare_export")["values"]
    filled = {name: values.get(name, told) for name, told in json.loads(template).items()}
    file = tmp_path / "list.json"
    file.write_text(json.dumps(filled | {"district": "2925", "port": "2925"}))
    seed = sha256(f"test {BROKER.name}".encode()).digest()
    Keyring(tmp_path / "keys").import_private("broker", NETWORK.code, encode_private(seed))
    send = ("customs", "declare-export", "--json", file, "--key", "broker", "--keys", tmp_path / "keys")
    status, said = sogdia(*send, "--to", house.town.url)
    assert (status, "accepted" in said) == (0, True), said
    kept = house.town.node.record("customs.export_list", BROKER.did, filled["list_no"])
    assert (kept.platform, kept.order, kept.gross_weight_grams) == (PLATFORM.did, asked.order, 2_900)

    status, said = sogdia(*send, "--to", house.town.url)
    assert (status, "refused" in said) == (1, True), said


def test_a_declaration_dropped_into_import_is_told_where_it_belongs_and_is_not_kept(house: House) -> None:
    undeclared(house.town)
    _, template = sogdia("customs", "declare-export", "--example")
    status, told = dropped(house, template.encode(), "list.json")
    assert status == 400
    assert "one message, customs.declare_export" in told
    assert "sogdia customs declare-export --json FILE" in told
    status, told = dropped(house, ceb(example(603)), "ceb603.xml")
    assert status == 400
    assert "a message of China Customs, CEB603Message" in told
