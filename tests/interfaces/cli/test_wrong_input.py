"""A person's mistake ends in one sentence that says what to do, with exit status 2, and never in a traceback."""

import json
import sys
from pathlib import Path

import pytest

from sogdia.interfaces.cli import lock
from tests.interfaces.cli.conftest import Said, Terminal, did


def one_sentence(said: Said) -> str:
    assert said.status == 2, said
    assert "Traceback" not in said.err
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1, said.err
    return said.err


EVIDENCE = ("verify", "{tmp}/evidence.json", "--network-key", "{node}/network.vkey")
ROLE = ("identity", "grant-role", "--party", "p", "--role", "seller", "--registrar", "r")


@pytest.mark.parametrize(
    "words, expected",
    [
        (("status", "{tmp}/nowhere"), "holds no node. Make one: sogdia init"),
        (("up", "{tmp}/nowhere", "--port", "0"), "holds no node. Make one: sogdia init"),
        (("replay",), "Give a node's folder, or --from"),
        (("replay", "{node}", "--from", "{tmp}/x"), "one of the two"),
        (("replay", "--from", "{tmp}/missing.ndjson"), "missing.ndjson: No such file"),
        (("init", "{tmp}/n", "--code", "TOOLONG"), "four lower-case letters or digits"),
        (("send", "{tmp}/missing", "--to", "{node}"), "missing: No such file"),
        (("send", "/dev/null", "--to", "{node}"), "holds no transaction"),
        (("send", "{node}/network.vkey", "--to", ""), "Add --to with the URL or the folder"),
        (("send", "{node}/network.vkey", "--to", "http://127.0.0.1:9"), "gives no answer"),
        (("rebuild-mirror", "{tmp}/nowhere"), "holds no node"),
        (("rebuild-mirror", "{node}", "--mirror", "mysql://x/y"), "SQLite file or in PostgreSQL"),
        (("prove", "{node}", "-o", "{tmp}/e", "no.table", "x"), "There is no table no.table"),
        (("prove", "{node}", "-o", "{tmp}/e"), "There is no table -"),
        (("prove", "{node}", "-o", "{tmp}/e", "identity.party"), "has the parts did; 0 were given"),
        (("prove", "{node}", "-o", "{tmp}/e", "identity.party", "did:bid:x"), "There is no identity.party did:bid:x"),
        (("prove", "{node}", "-o", "{tmp}/e", "--order", "P", "1"), "There is no orders.order P 1"),
        (EVIDENCE, "evidence.json: No such file"),
        (("query", "orders", "nothing", "--to", "{node}"), "There is no answer orders/nothing. There are: "),
        (("query", "orders", "order", "--to", "{node}"), "takes platform, order and needs platform, order"),
        (("query", "orders", "orders", "--param", "limit", "--to", "{node}"), "expected is NAME=VALUE"),
        (("query", "orders", "orders", "--param", "limit=many", "--to", "{node}"), "orders/orders: Expected `int`"),
        (("query", "orders", "orders", "--to", "{node}", "--key", "nobody"), "create the keys first"),
        ((*ROLE, "--to", "{node}"), "Add --key with the name of a key"),
        ((*ROLE, "--key", "registrar", "--to", "http://127.0.0.1:9"), "Add --keys with the folder"),
        ((*ROLE, "--key", "registrar", "--keys", "{node}/keys"), "Add --to with the URL"),
        ((*ROLE, "--json", "{node}/network.vkey", "--key", "registrar", "--to", "{node}"), "is not JSON"),
        ((*ROLE[:4], "--key", "registrar", "--to", "{node}"), "needs --role, --registrar as well"),
        (("identity", "grant-role", "--party", "p", "--role", "king", "--registrar", "r"), "Invalid enum value 'king'"),
        (("orders", "cancel", "--cancelled-at-ms", "soon"), "--cancelled-at-ms is soon; expected is a whole number"),
        (("orders", "cancel", "--lines", "[1,"), "--lines is not JSON"),
        (("keys", "create", "{tmp}", "acme"), "Give it: --code sogd"),
        (("keys", "create", "{node}", "Acme Ltd"), "1 to 64 lower-case letters"),
        (("keys", "create", "{node}", "seller"), "choose another name, or rotate its key"),
        (("keys", "show", "{node}", "nobody"), "create the keys first"),
        (("demo", "--data", "{tmp}/demo", "--direction", "sideways"), "--direction"),
    ],
)
def test_a_mistake_is_explained(
    sogdia: Terminal, node: Path, tmp_path: Path, words: tuple[str, ...], expected: str
) -> None:
    said = sogdia(*(word.format(node=node, tmp=tmp_path) for word in words))
    assert expected in one_sentence(said)


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"format":"other/1"}', b"null"])
def test_a_file_that_is_no_evidence_has_a_status_of_its_own(
    sogdia: Terminal, node: Path, tmp_path: Path, raw: bytes
) -> None:
    (tmp_path / "evidence.json").write_bytes(raw)
    said = sogdia("verify", tmp_path / "evidence.json", "--network-key", node / "network.vkey")
    assert "not an evidence file" in one_sentence(said)


@pytest.mark.parametrize("key", ["", "a+b+c", "nonsense", "sogdia.example/main+00000000+AQ=="])
def test_a_key_that_is_none_is_named_before_anything_is_checked(sogdia: Terminal, node: Path, key: str) -> None:
    file = node / "evidence.json"
    assert sogdia("prove", node, "identity.party", did(node, "customs"), "-o", file).status == 0
    one_sentence(sogdia("verify", file, "--network-key", key))


def test_a_message_of_another_kind_is_named(sogdia: Terminal, node: Path) -> None:
    example = sogdia("identity", "suspend", "--example").out
    said = sogdia("identity", "reinstate", "--json", "-", "--key", "registrar", "--to", node, typed=example)
    assert "is a identity.suspend, but this command makes identity.reinstate" in one_sentence(said)


def test_a_message_that_is_no_object_is_named(sogdia: Terminal, node: Path) -> None:
    said = sogdia("identity", "reinstate", "--json", "-", "--key", "registrar", "--to", node, typed="[1]")
    assert "expected is a JSON object" in one_sentence(said)


def test_a_mistake_is_explained_in_chinese(sogdia: Terminal, tmp_path: Path) -> None:
    said = sogdia("--lang", "zh", "status", tmp_path / "nowhere")
    assert "中没有节点。请先建立" in one_sentence(said)


def test_a_key_file_that_others_can_read_is_refused(sogdia: Terminal, node: Path) -> None:
    (node / "network.key").chmod(0o644)
    assert "chmod 600" in one_sentence(sogdia("status", node))


def test_an_unknown_command_and_a_missing_argument_end_with_status_two(sogdia: Terminal) -> None:
    for words in (("no-such-command",), ("verify",), ("up",), ("orders", "no-such-message")):
        said = sogdia(*words)
        assert said.status == 2
        assert "Traceback" not in said.err


def test_a_lock_file_that_holds_nonsense_is_read_as_an_unknown_holder(node: Path) -> None:
    with lock.held(node):
        (node / lock.LOCK_NAME).write_text("nonsense")
        assert lock.holder_of(node) == lock.Holder(0, "")
    assert lock.holder_of(node) is None


def test_a_lock_is_given_back_when_the_work_fails(node: Path) -> None:
    with pytest.raises(RuntimeError, match="trouble"), lock.held(node):
        raise RuntimeError("trouble")
    with lock.held(node) as say:
        say("http://127.0.0.1:1")
        assert lock.holder_of(node) == lock.Holder(
            int(json.loads((node / lock.LOCK_NAME).read_text())["pid"]), "http://127.0.0.1:1"
        )


# --- what a command may load ----------------------------------------------------------------------------------------

HEAVY = {"sqlalchemy", "litestar", "uvicorn", "rocksdict", "httpx", "lxml", "sogdia.app"}
LOADED = "import sys; sys.argv = ['sogdia', *sys.argv[1:]]\nfrom sogdia.interfaces.cli import main\n"
LOADED += "try: main()\nfinally: print(*sys.modules, file=sys.stderr)"


def loaded(*words: object) -> set[str]:
    import subprocess

    command = [sys.executable, "-c", LOADED, *map(str, words)]
    return set(subprocess.run(command, capture_output=True, check=True, text=True).stderr.split())


def test_help_loads_nothing_heavy(sogdia: Terminal) -> None:
    found = loaded("--help")
    assert found & (HEAVY | {"rich", "msgspec"}) == set()
    assert "sogdia.interfaces.cli.root" in found


def test_the_commands_of_a_domain_load_its_messages_alone() -> None:
    found = loaded("orders", "cancel", "--help")
    assert found & HEAVY == set()
    assert "sogdia.domains.orders.messages" in found
    assert "sogdia.domains.customs.messages" not in found


def test_verify_loads_neither_database_nor_server_nor_rules(sogdia: Terminal, node: Path) -> None:
    file = node / "evidence.json"
    sogdia("prove", node, "identity.party", did(node, "customs"), "-o", file)
    found = loaded("verify", file, "--network-key", node / "network.vkey")
    assert found & HEAVY == set()
    assert not any(name.endswith(".rules") for name in found)
