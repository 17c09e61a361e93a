"""One organisation's folder: what it is called, whom it talks to, and where everything lies.

`organisation.json` is the truth; CometBFT's config.toml is written from it at every start. The folder holds no absolute
path, so it can be moved to another host as it is.
"""

import re
from pathlib import Path
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""What an organisation may be called: its folder and its keys have that name too."""
NETWORK_FILE: Final = "organisations.json"
"""In the folder of a local network. A node's own `network.json` lies in each organisation's folder."""


class NetworkError(Exception):
    """Folders, programs or processes of a network are not as they must be; the sentence says what to do."""


class Ports(msgspec.Struct, frozen=True):
    """Where an organisation listens: for other CometBFTs, and for HTTP requests to its node."""

    p2p: int
    http: int


class Peer(msgspec.Struct, frozen=True):
    """Another organisation as this one reaches it."""

    name: str
    node_id: str
    host: str
    port: int
    url: str = ""
    """Where its node answers HTTP."""

    @property
    def address(self) -> str:
        """As CometBFT writes it: node id, host, port."""
        return f"{self.node_id}@{bracketed(self.host)}:{self.port}"


class StateSync(msgspec.Struct, frozen=True):
    """Join by a snapshot instead of the whole history, from a header that somebody vouches for."""

    rpc_servers: tuple[str, ...]
    """Two or more CometBFTs whose RPC answers; the light client compares them."""
    trust_height: int
    trust_hash: str
    trust_period_hours: int = 168


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an operator may set of the node and its CometBFT. Times in milliseconds."""

    timeout_propose_ms: int = 3000
    """A block is executed between proposal and vote: this must cover it."""
    timeout_vote_ms: int = 1500
    """For prevote and precommit, each."""
    timeout_commit_ms: int = 200
    """Pause after a block; also what late votes get."""
    empty_block_interval_ms: int = 0
    """An idle network makes an empty block this often; 0 is never, and its block time stands still meanwhile."""
    log_level: str = "error"
    prometheus: str = ""
    """Where measurements are served, such as 127.0.0.1:26660; empty is nowhere."""
    state_sync: StateSync | None = None
    keep_blocks: int = 0
    """How many blocks CometBFT keeps for those who fall behind; 0 keeps all."""
    snapshot_blocks: int = 5_000
    """A snapshot for newcomers is taken every so many blocks."""
    mirror: str | None = ""
    """Database of the SQL picture; empty is a file in the folder, null is none."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies before the node, that are believed when they say who called them."""


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """What `organisation.json` says."""

    name: str
    did: str
    """Its party on record."""
    network: str
    code: str
    origin: str
    chain: str
    """CometBFT's name of the network; it is in everything that validators sign."""
    host: str
    """The address that others reach it at."""
    listen: str = "127.0.0.1"
    """The address that it listens at."""
    ports: Ports
    node_id: str
    validator: str
    """Public key that its votes are signed with: 32 bytes of Ed25519, in hexadecimal."""
    peers: tuple[Peer, ...] = ()
    url: str = ""
    """Where others reach its node over HTTP, such as https://node.example; empty is host and port."""
    settings: Settings = Settings()

    @property
    def address(self) -> str:
        """The URL that its node goes by."""
        return self.url or f"http://{bracketed(self.host)}:{self.ports.http}"


class Network(msgspec.Struct, frozen=True):
    """What `organisations.json` says: a network of which several organisations lie in one folder."""

    network: str
    code: str
    origin: str
    chain: str
    organisations: tuple[str, ...]


class Home:
    """Where things lie in an organisation's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder = folder.resolve()  # its processes work in another directory than we
        self.file = folder / "organisation.json"
        self.keys = folder / "keys"
        self.signing_key = folder / "organisation.key"
        self.verifier_key = folder / "organisation.vkey"
        self.cometbft = folder / "cometbft"
        self.config = self.cometbft / "config"
        self.data = self.cometbft / "data"
        self.node_log = folder / "node.log"
        self.cometbft_log = folder / "cometbft.log"

    def read(self) -> Organisation:
        """The organisation of this folder; NetworkError when there is none."""
        return _read(self.file, Organisation)

    def write(self, organisation: Organisation) -> None:
        """Put the organisation in place in one step."""
        _write(self.file, organisation)


def read_network(folder: Path) -> Network:
    """The local network in this folder; NetworkError when there is none."""
    return _read(folder / NETWORK_FILE, Network)


def write_network(folder: Path, network: Network) -> None:
    """Put the file of a local network in place."""
    _write(folder / NETWORK_FILE, network)


def homes(folder: Path, only: str = "") -> list[Home]:
    """The organisations to run or to look at: all of a local network, the one named, or the one whose folder it is."""
    own = Home(folder)
    if own.file.is_file():
        if only and own.read().name != only:
            raise NetworkError(f"{folder} is the folder of {own.read().name}, not of {only}")
        return [own]
    names = (only,) if only else read_network(folder).organisations
    found = [Home(folder / name) for name in names]
    for home in found:
        if not home.file.is_file():
            raise NetworkError(f"{home.folder} holds no organisation: there is no {home.file.name} in it")
    return found


def bracketed(host: str) -> str:
    """The host as it stands before a port: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise NetworkError(f"there is no {path}; make a network with: sogdia network init {path.parent}") from None
    except msgspec.MsgspecError as wrong:
        raise NetworkError(f"{path} is not as it must be: {wrong}") from None


def _write(path: Path, value: msgspec.Struct) -> None:
    scratch = path.with_name(f".{path.name}")
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    scratch.replace(path)
