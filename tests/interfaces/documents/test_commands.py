"""`sogdia documents` and `sogdia answer` on real nodes: a folder that nobody works on, and a node behind HTTP."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from sogdia.app import NetworkInfo, Node
from sogdia.client.connection import Reply
from sogdia.client.http import HttpConnection
from sogdia.client.keyring import Keyring
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.interfaces.cli.root import build
from sogdia.interfaces.documents import documents
from sogdia.interfaces.intake import parts
from sogdia.standards.ceb import parse, validate, verify
from tests.interfaces.documents.scene import CAST, NETWORK, Actor, Border


class NodeBorder(Border):
    """The cast with keys in a keyring, and a node in a folder; messages go through its engine."""

    def __init__(self, folder: Path) -> None:
        ring = Keyring(folder / "keys")
        for key in CAST:
            ring.create(key, NETWORK)
        self.folder = folder
        super().__init__(actors={key: Actor.of_keys(key, ring.load(key)) for key in CAST})
        self.send_through: Callable[[bytes], Reply] | None = None

    def __post_init__(self) -> None:
        Node.create(self.folder, NetworkInfo(NETWORK, NETWORK, "documents.example/test"), self.founding()).close()

    def send(self, by: str, *messages: Message) -> Reply:
        self.sent += 1
        until_ms = time.time_ns() // 1_000_000 + 60_000
        raw = sign(payload_bytes(NETWORK, until_ms, f"nonce-{self.sent:08}", messages), [self.actors[by]])
        assert self.send_through is not None
        return self.send_through(raw)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> NodeBorder:
    """A node on which one export is declared; nobody works on its folder."""
    border = NodeBorder(tmp_path_factory.mktemp("town") / "node")
    node = Node(border.folder)
    node.start()

    def through(raw: bytes) -> Reply:
        receipt = node.submit_all([raw])[0].result()
        return Reply(receipt.code, receipt.fields, receipt)

    border.send_through = through
    border.declared(border.trade("export"))
    node.close()
    return border


def sogdia(*words: object, lang: str = "C.UTF-8") -> tuple[int, str]:
    argv = [str(word) for word in words]
    result = CliRunner(env={"LANG": lang, "LC_ALL": lang}).invoke(build(argv), argv)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout + result.stderr


@pytest.fixture
def pem(stamp, tmp_path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_bytes(stamp.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(stamp.certificate.public_bytes(Encoding.PEM))
    return key, certificate


class TestDocuments:
    def test_the_files_are_written_signed_and_without_problems(self, town, tmp_path, pem, stamp):
        order = ("--order", town.did("platform"), "A-1")
        status, said = sogdia(
            "documents", town.folder, *order, "-o", tmp_path / "out", "--sign-key", pem[0], "--certificate", pem[1]
        )
        assert status == 0, said
        files = sorted((tmp_path / "out").iterdir())
        assert [file.name[:9] for file in files] == ["01-CEB303", "02-CEB505", "03-CEB603"]
        assert [validate(file.read_bytes()) for file in files] == [[]] * 3
        assert all(verify(file.read_bytes(), [stamp.certificate]) for file in files)
        assert "3 documents in" in said

    def test_unsigned_lists_are_said_to_be_drafts(self, town, tmp_path):
        order = ("--order", town.did("platform"), "A-1")
        status, said = sogdia("documents", town.folder, *order, "-o", tmp_path, "--key", "broker")
        assert (status, "appStatus 1" in said) == (0, True)
        status, said = sogdia("documents", town.folder, *order, "-o", tmp_path, lang="zh_CN.UTF-8")
        assert (status, "暂存" in said) == (0, True)

    def test_an_unknown_order_ends_in_one_sentence(self, town, tmp_path):
        status, said = sogdia("documents", town.folder, "--order", town.did("platform"), "Z-9", "-o", tmp_path)
        assert status == 2
        assert "Z-9" in said

    def test_half_a_signature_and_no_place_are_explained(self, town, tmp_path, pem):
        order = ("--order", town.did("platform"), "A-1")
        status, said = sogdia("documents", town.folder, *order, "-o", tmp_path, "--sign-key", pem[0])
        assert (status, "--certificate" in said) == (2, True)
        status, said = sogdia("documents", *order, "-o", tmp_path)
        assert (status, "--to" in said) == (2, True)

    def test_files_that_hold_no_key_are_named(self, town, tmp_path, pem):
        order = ("--order", town.did("platform"), "A-1")
        swapped = ("--sign-key", pem[1], "--certificate", pem[0])
        status, said = sogdia("documents", town.folder, *order, "-o", tmp_path, *swapped)
        assert (status, "certificate.pem" in said) == (2, True)

    def test_a_node_is_read_as_its_operator_may(self, town):
        node = Node(town.folder)
        try:
            made = documents(node, town.did("platform"), "A-1")
        finally:
            node.close()
        assert [one.problems for one in made] == [[]] * 3


class TestAnswer:
    def receipt(self, town: NodeBorder, tmp_path: Path, code: int) -> Path:
        """304 as the true gateway sends it."""
        twin = Border()
        trade = twin.declared(twin.trade("export"))
        twin.accepts("customs", twin.answer("order", twin.did("platform"), trade.draft.order, 120))
        made = documents(twin.seen_by(), twin.did("platform"), trade.draft.order)
        raw = next(one.xml for one in made if "CEB304" in one.name)
        file = tmp_path / "304.xml"
        file.write_bytes(raw.replace(b">120<", f">{code}<".encode()))
        return file

    def test_a_receipt_goes_onto_the_record_under_customs_key(self, town, tmp_path):
        status, said = sogdia("answer", self.receipt(town, tmp_path, 120), "--to", town.folder, "--key", "customs")
        assert status == 0, said
        assert "answer 120 on order A-1 is on the record" in said

    def test_what_the_rules_refuse_is_said_in_words(self, town, tmp_path):
        file = self.receipt(town, tmp_path, 120)
        status, said = sogdia("answer", file, "--to", town.folder, "--key", "broker")
        assert (status, "was refused" in said) == (1, True)

    def test_hostile_bytes_end_in_one_sentence(self, town, tmp_path):
        file = tmp_path / "bad.xml"
        file.write_bytes(b"<!DOCTYPE a><a/>")
        status, said = sogdia("answer", file, "--to", town.folder, "--key", "customs")
        assert (status, "bad.xml" in said) == (2, True)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[tuple[NodeBorder, str]]:
    """A node behind HTTP in a process of its own, and its cast."""
    border = NodeBorder(tmp_path / "node")
    command = [sys.executable, "-m", "sogdia.interfaces.cli", "up", str(border.folder), "--port", "0"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        yield border, next(word for word in line.split() if word.startswith("http://"))
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.mark.slow
def test_persons_come_out_of_the_envelope_for_the_one_it_was_sealed_to(url, tmp_path):
    border, address = url
    trade = border.trade("import")
    with HttpConnection(address, NETWORK, border.actors["platform"]) as connection:
        border.send_through = lambda raw: connection.submit([raw])[0]
        sealed = border.sealed_for(trade, "platform")
        connection.put_sealed(list(border.sealed.values()))
        border.accepts("platform", parts.order(trade, border.parties(), "FR", sealed))
    asked = ("--to", address, "--order", border.did("platform"), "A-1", "--keys", border.folder / "keys")
    status, said = sogdia("documents", *asked, "-o", tmp_path / "mine", "--key", "platform")
    assert status == 1
    assert "3 not made" in said
    head = parse((tmp_path / "mine" / "01-CEB311-import-order.xml").read_bytes()).nodes[0].head
    assert head["buyerName"] == "Wang Wei"
