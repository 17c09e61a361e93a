"""The folders of a network: what each organisation holds, what all have alike, and what nobody else may read."""

import json
import stat
import tomllib
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from sogdia.app.organisation import Home, NetworkError, Settings, StateSync, homes, read_network
from sogdia.app.sockets import PATH_BYTES, make_room, sockets_of
from sogdia.client.keyring import Keyring
from sogdia.core.keys import SigningKey
from sogdia.core.note import parse_key
from sogdia.interfaces.network.configuration import config_toml
from sogdia.interfaces.network.genesis import Genesis, Validator
from sogdia.interfaces.network.laying import lay
from tests.interfaces.network.networks import INFO, NAMES, founding, lay_network


def test_each_organisation_gets_its_own_keys_and_all_get_the_same_genesis(tmp_path: Path) -> None:
    members = lay_network(tmp_path)
    assert read_network(tmp_path).organisations == NAMES
    documents = {(tmp_path / name / "cometbft/config/genesis.json").read_bytes() for name in NAMES}
    assert len(documents) == 1
    genesis = json.loads(documents.pop())
    assert genesis["chain_id"] == read_network(tmp_path).chain
    assert [one["name"] for one in genesis["validators"]] == list(NAMES)
    assert genesis["app_state"]["founding"] == [{"party": member.identity.did} for member in members]
    assert len({one["address"] for one in genesis["validators"]}) == len(NAMES)


def test_the_validator_in_the_genesis_file_is_the_one_whose_key_lies_in_the_folder(tmp_path: Path) -> None:
    members = lay_network(tmp_path)
    for member in members:
        own = json.loads((tmp_path / member.name / "cometbft/config/priv_validator_key.json").read_bytes())
        whole = b64decode(own["priv_key"]["value"])
        assert SigningKey(whole[:32]).public == whole[32:] == member.validator
        assert own["address"] == sha256(member.validator).hexdigest()[:40].upper()


def test_an_organisation_knows_the_others_and_not_itself(tmp_path: Path) -> None:
    lay_network(tmp_path)
    own = Home(tmp_path / "lyon").read()
    assert [peer.name for peer in own.peers] == [name for name in NAMES if name != "lyon"]
    yiwu = Home(tmp_path / "yiwu").read()
    assert own.peers[0].address == f"{yiwu.node_id}@127.0.0.1:{yiwu.ports.p2p}"
    assert own.peers[0].url == f"http://127.0.0.1:{yiwu.ports.http}"


def test_its_party_and_its_checkpoint_key_are_in_the_folder(tmp_path: Path) -> None:
    members = lay_network(tmp_path)
    home = Home(tmp_path / "genoa")
    assert Keyring(home.keys).load("genoa").identity == members[3].identity
    public = parse_key(home.verifier_key.read_text().strip())
    assert public.name == INFO.origin
    assert SigningKey(bytes.fromhex(home.signing_key.read_text())).public == public.public_key


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    lay_network(tmp_path, NAMES[:1])
    home = Home(tmp_path / NAMES[0])
    secrets = [home.signing_key, home.config / "priv_validator_key.json", home.config / "node_key.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700


def test_a_second_network_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    lay_network(tmp_path)
    before = (tmp_path / "yiwu/cometbft/config/priv_validator_key.json").read_bytes()
    with pytest.raises(NetworkError, match="holds a network already"):
        lay_network(tmp_path)
    (tmp_path / "organisations.json").unlink()
    with pytest.raises(NetworkError, match="holds an organisation already"):
        lay_network(tmp_path)
    assert (tmp_path / "yiwu/cometbft/config/priv_validator_key.json").read_bytes() == before


@pytest.mark.parametrize("names", [["Lyon"], [""], ["../lyon"], ["a" * 41], ["lyon", "lyon"]])
def test_names_that_make_no_folder_are_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(NetworkError):
        lay(tmp_path / "net", INFO, names, founding)
    assert not list(tmp_path.glob("net/*"))


def test_a_network_without_organisations_or_with_a_long_name_is_refused() -> None:
    one = (Validator("lyon", bytes(32)),)
    with pytest.raises(NetworkError, match="1 to 50 characters"):
        Genesis(chain="x" * 51, time_ms=0, validators=one, founding=b"[]")
    with pytest.raises(NetworkError, match="one organisation at least"):
        Genesis(chain="silk-1", time_ms=0, validators=(), founding=b"[]")


def test_the_genesis_time_keeps_its_milliseconds() -> None:
    genesis = Genesis(
        chain="silk-1", time_ms=1_767_225_600_007, validators=(Validator("a", bytes(32)),), founding=b"[]"
    )
    assert json.loads(genesis.document())["genesis_time"] == "2026-01-01T00:00:00.007Z"


def test_settings_reach_cometbfts_file(tmp_path: Path) -> None:
    joining = StateSync(("10.0.0.1:26657", "10.0.0.2:26657"), 1200, "AB" * 32)
    settings = Settings(timeout_commit_ms=70, empty_block_interval_ms=5000, prometheus=":26660", state_sync=joining)
    lay_network(tmp_path, settings=settings)
    own = Home(tmp_path / "lyon").read()
    told = tomllib.loads(config_toml(own, sockets_of(tmp_path / "lyon")))
    assert told["consensus"]["timeout_commit"] == "70ms"
    assert told["consensus"]["create_empty_blocks_interval"] == "5000ms"
    assert told["instrumentation"] == {"prometheus": True, "prometheus_listen_addr": ":26660"}
    assert told["statesync"]["rpc_servers"] == "10.0.0.1:26657,10.0.0.2:26657"
    assert told["statesync"]["trust_height"] == 1200
    assert told["p2p"]["persistent_peers"].count("@") == 3


def test_an_organisation_at_an_ipv6_address_is_dialled_in_brackets(tmp_path: Path) -> None:
    lay_network(tmp_path, NAMES[:2])
    home = Home(tmp_path / NAMES[0])
    own = home.read()
    peer = msgspec.structs.replace(own.peers[0], host="2001:db8::7", port=26656)
    home.write(msgspec.structs.replace(own, listen="::", peers=(peer,)))
    told = tomllib.loads(config_toml(home.read(), sockets_of(home.folder)))
    assert told["p2p"]["persistent_peers"].endswith("@[2001:db8::7]:26656")
    assert told["p2p"]["laddr"] == f"tcp://[::]:{own.ports.p2p}"


def test_sockets_lie_in_the_folder_when_their_path_is_short_enough(tmp_path: Path) -> None:
    short = Path(tmp_path.anchor)
    assert sockets_of(short).abci == short / "abci.sock"


def test_sockets_of_a_long_path_lie_in_a_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / ("a" * PATH_BYTES)
    folder.mkdir()
    found = make_room(folder)
    assert found == sockets_of(folder)
    assert found.abci.parent.parent == tmp_path
    assert stat.S_IMODE(found.abci.parent.stat().st_mode) == 0o700
    found.abci.parent.chmod(0o755)
    with pytest.raises(NetworkError, match="not a folder of this user alone"):
        make_room(folder)


def test_a_folder_is_asked_for_the_organisation_it_holds(tmp_path: Path) -> None:
    lay_network(tmp_path)
    assert [home.folder.name for home in homes(tmp_path)] == list(NAMES)
    assert [home.folder.name for home in homes(tmp_path, "lyon")] == ["lyon"]
    assert [home.folder.name for home in homes(tmp_path / "lyon")] == ["lyon"]
    with pytest.raises(NetworkError, match="not of genoa"):
        homes(tmp_path / "lyon", "genoa")
    with pytest.raises(NetworkError, match="holds no organisation"):
        homes(tmp_path, "porto")
    with pytest.raises(NetworkError, match="sogdia network init"):
        homes(tmp_path / "elsewhere")


def test_a_file_that_somebody_broke_says_which_it_is(tmp_path: Path) -> None:
    lay_network(tmp_path)
    (tmp_path / "lyon" / "organisation.json").write_text('{"name": 3}')
    with pytest.raises(NetworkError, match=r"organisation\.json is not as it must be"):
        Home(tmp_path / "lyon").read()
