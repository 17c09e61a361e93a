"""CometBFT's own clients may ask for a public record, and prove it against a header that the validators signed."""

from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

from sogdia.app.organisation import homes
from sogdia.app.sockets import asked
from sogdia.client.http import HttpConnection
from sogdia.core import note
from sogdia.core.tree import Absence, Membership, verify_absence, verify_membership
from sogdia.domains.identity.state import PARTIES
from sogdia.domains.orders.state import ORDERS
from sogdia.engines.cometbft.rpc import Rpc
from sogdia.interfaces.network.program import Cometbft
from sogdia.standards import ics23
from tests.interfaces.network.governed import lay_governed, running
from tests.interfaces.network.networks import eventually


def ask(rpc: Rpc, key: bytes) -> dict[str, Any]:
    """CometBFT passes the question on to the application."""
    found: dict[str, Any] = rpc.call("abci_query", path="/store", data=key.hex(), prove=True)["response"]
    return found


def proof_in(answer: dict[str, Any]) -> Membership | Absence:
    """The ICS-23 proof of an answer."""
    (operation,) = answer["proofOps"]["ops"]
    assert operation["type"] == "ics23:smt"
    return ics23.decode(b64decode(operation["data"]))


def test_a_record_is_given_with_a_proof_that_leads_to_a_signed_header(tmp_path: Path, binary: Cometbft) -> None:
    lay_governed(tmp_path)
    with running(tmp_path, binary):
        home = homes(tmp_path)[0]
        own = home.read()
        key, nobody = PARTIES.path(own.did), PARTIES.path(own.did + "0")
        with asked(home.folder) as rpc, HttpConnection(own.address, own.network) as node:
            eventually(lambda: rpc.status().sync_info.latest_block_height >= 1, "there is a header")
            found, absent, hidden = ask(rpc, key), ask(rpc, nobody), ask(rpc, ORDERS.path(own.did, "1"))
            text, app_hash = note.split(node.checkpoint().encode())[0], rpc.commit(1).header.app_hash
    assert sha256(text.encode()).digest() == app_hash
    root = bytes.fromhex(text.rpartition("state ")[2].strip())
    present, missing = proof_in(found), proof_in(absent)
    assert isinstance(present, Membership)
    assert present.value == b64decode(found["value"])
    assert PARTIES.decode(present.value).did == own.did
    assert verify_membership(root, present)
    assert isinstance(missing, Absence)
    assert verify_absence(root, nobody, missing)
    assert hidden["code"] != 0, "a table that is not public is not answered from"
    assert not hidden.get("value")
