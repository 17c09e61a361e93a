"""A newcomer asks a member's node, trusts one header, applies, follows by snapshot, and validates once admitted."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from sogdia.app.organisation import Home, NetworkError, Ports
from sogdia.app.sockets import asked
from sogdia.client.http import HttpConnection
from sogdia.domains.governance.messages import Review, Vote
from sogdia.interfaces.cli.keyrings import pens
from sogdia.interfaces.cli.networks import command
from sogdia.interfaces.cli.replaying import replay
from sogdia.interfaces.cli.terminal import Failure
from sogdia.interfaces.network.elsewhere import Elsewhere
from sogdia.interfaces.network.introduction import introduce
from sogdia.interfaces.network.joining import Applicant, Desk, NotTrusted, confirm, make
from sogdia.interfaces.network.laying import Address
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.running import RunningNetwork
from tests.interfaces.http.town import Town, problem
from tests.interfaces.network.governed import PAIR, QUICK, busy, height, lay_governed, running, say
from tests.interfaces.network.networks import eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, binary: Cometbft) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("network")
    lay_governed(folder)
    with running(folder, binary):
        busy(Home(folder / "zone"), 6)
        eventually(lambda: len(list((folder / "zone" / "snapshots").glob("0*[0-9]"))) > 1, "there are snapshots")
        yield folder


def url_of(folder: Path, name: str) -> str:
    return Home(folder / name).read().address


def test_a_newcomer_is_shown_one_header_that_all_members_show_and_the_genesis_leads_to(network: Path) -> None:
    found = introduce(url_of(network, "zone"))
    assert found.by_snapshot
    assert found.reaches_back
    assert sorted(found.same) == sorted(url_of(network, name) for name in PAIR)
    assert found.others == ()
    with asked(network / "customs") as rpc:
        told = rpc.call("commit", height=found.header.height)["signed_header"]["commit"]["block_id"]["hash"]
    assert found.hash == told


def test_it_goes_on_with_no_other_hash_than_the_one_that_a_person_confirmed(network: Path, tmp_path: Path) -> None:
    found = introduce(url_of(network, "zone"))
    for given in ("", "AB" * 32):
        with pytest.raises(NotTrusted, match=found.hash):
            confirm(found, given)
    confirm(found, f" {found.hash.lower()}\n")


def test_only_what_a_light_client_asks_is_passed_on_to_cometbft(network: Path) -> None:
    place = f"{url_of(network, 'zone')}/network/rpc"

    def answer(method: str, **params: str | int) -> dict[str, object]:
        told = httpx.post(place, json={"id": 7, "method": method, "params": params}, trust_env=False)
        assert told.status_code == 200
        found: dict[str, object] = told.json()
        assert found["id"] == 7
        return found

    assert "result" in answer("consensus_params", height="1")
    for method in ("dial_peers", "dial_seeds", "unsafe_flush_mempool", "broadcast_tx_async", "status", "abci_query"):
        assert answer(method)["error"] == {
            "code": -32601,
            "message": "Method not found",
            "data": "passed on are commit, validators, consensus_params",
        }
    assert "takes whole numbers" in str(answer("commit", height="1 or more"))
    assert "takes whole numbers" in str(answer("commit", prove=1))
    assert "must be less than or equal to" in str(answer("commit", height=10**9))
    assert httpx.post(place, content=b"[]", trust_env=False).status_code == 400
    assert httpx.post(place, content=b" " * 5000, trust_env=False).status_code == 413


def test_a_genesis_file_that_seats_others_is_not_taken(network: Path) -> None:
    file = Home(network / "zone").config / "genesis.json"
    true = file.read_bytes()
    seat = msgspec.json.decode(true)["validators"][0]["pub_key"]["value"]
    file.write_bytes(true.replace(seat.encode(), b64encode(b"\7" * 32)))
    try:
        with pytest.raises(NetworkError, match="does not seat the validators of the first block"):
            introduce(url_of(network, "zone"))
        file.write_bytes(true.replace(Home(network / "zone").read().chain.encode(), b"silk-00000000"))
        with pytest.raises(NetworkError, match="its genesis file of silk-00000000"):
            introduce(url_of(network, "zone"))
    finally:
        file.write_bytes(true)


def test_a_genesis_file_with_another_digest_is_not_taken(network: Path) -> None:
    with Elsewhere(url_of(network, "zone")) as node, pytest.raises(NetworkError, match="another digest"):
        node.genesis("00" * 32)


def test_a_node_without_a_network_says_so(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        assert httpx.get(f"{town.url}/network", trust_env=False).json()["type"] == "urn:sogdia:problem:no_network"
        with pytest.raises(NetworkError, match="status 404"):
            introduce(town.url)


def test_it_applies_follows_by_snapshot_and_validates_once_admitted(
    network: Path, tmp_path: Path, binary: Cometbft
) -> None:
    found = introduce(url_of(network, "zone"))
    lyon = Home(tmp_path / "lyon")
    make(lyon, "lyon", found, Address(Ports(*free_ports(2))), settings=QUICK)
    desk = Desk(url_of(network, "zone"), lyon, pens(["lyon"], lyon.folder)[0])
    applied = desk.apply(Applicant(name="Lyon Lanterns", country="FR", roles=("bank",)))
    assert applied is not None
    assert applied.accepted
    case_no = desk.opened_case()
    assert desk.apply(Applicant(name="Lyon Lanterns")) is None
    assert desk.standing() == ""
    with RunningNetwork([lyon], command, binary):
        eventually(lambda: height(lyon) >= height(Home(network / "zone")) > 0, "lyon follows")
        assert '"restored a snapshot"' in lyon.node_log.read_text()
        for name in PAIR:
            home = Home(network / name)
            did = home.read().did
            if name == "zone":
                say(home, Review(member=did, case_no=case_no, finding="in_order", digest="ab" * 32))
            say(home, Vote(member=did, case_no=case_no, choice="yes"))
        assert desk.wait(case_no) == "passed"
        assert desk.standing() == "active"
        eventually(lambda: has_signed(network / "zone", lyon), "lyon's vote stands under a block")
        eventually(lambda: knows(network / "customs", lyon), "members write lyon down")
        base = says_where_its_history_begins(lyon)
        knows_no_date_from_before(lyon, Home(network / "zone"))
        with pytest.raises(Failure) as late:
            replay(lyon.folder, None, None, as_json=False)
        assert (late.value.key, late.value.fields["height"]) == ("replay_late", base + 1)
    desk.close()


def says_where_its_history_begins(home: Home) -> int:
    """The height of the snapshot that a node was restored from, by its refusal of older events."""
    own = home.read()
    with HttpConnection(own.address, own.network, pens([own.name], home.folder)[0]) as node:
        signed_in = node._signed_in()
        told = httpx.get(f"{own.address}/events", headers=signed_in, trust_env=False)
        assert problem(told) == (410, "before_base")
        base: int = told.json()["height"]
        assert 1 < base <= height(home)
        with httpx.stream("GET", f"{own.address}/events?after={base}", headers=signed_in, trust_env=False) as stream:
            assert stream.status_code == 200
    return base


def knows_no_date_from_before(home: Home, older: Home) -> None:
    """A party from before the snapshot has its keys, and no false date; where there must be one, it is a problem."""
    place = f"/did/{older.read().did}"
    here, there = (httpx.get(one.read().address + place, trust_env=False).json() for one in (home, older))
    assert here["didDocument"]["authentication"] == there["didDocument"]["authentication"]
    assert "created" in there["didDocumentMetadata"]
    assert "created" not in here["didDocumentMetadata"]
    told = httpx.get(f"{home.read().address}{place}?form=bif", trust_env=False)
    assert problem(told) == (410, "before_base")


def has_signed(folder: Path, home: Home) -> bool:
    """Whether a block of this organisation's CometBFT is signed by the other one; makes one when not."""
    busy(Home(folder), 1)
    key = bytes.fromhex(home.read().validator)
    with asked(folder) as rpc:
        last = rpc.status().sync_info.latest_block_height
        seats = {one.pub_key.value: one.address for one in rpc.validators(last)}
        return seats.get(key) in [one.validator_address for one in rpc.commit(last).commit.signatures]


def knows(folder: Path, home: Home) -> bool:
    own = home.read()
    return own.node_id in [peer.node_id for peer in Home(folder).read().peers]
