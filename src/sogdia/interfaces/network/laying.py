"""Make the folders of a network: keys first, then the founding agreement that names them, then what each is told.

An organisation makes its own folder with `make_organisation` and hands out the member that it gives; whoever puts the
genesis file together hands that to all, and each takes it in with `join`. `lay` does all of it for a local network.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from sogdia.app import NetworkInfo, write_guarded
from sogdia.app.organisation import (
    NAME,
    NETWORK_FILE,
    Home,
    Network,
    NetworkError,
    Organisation,
    Peer,
    Ports,
    Settings,
    write_network,
)
from sogdia.client.keyring import Identity, Keyring
from sogdia.core.keys import NETWORK_CODE, SEED_BYTES, SigningKey
from sogdia.core.note import VerifierKey
from sogdia.interfaces.network import cometbft_keys
from sogdia.interfaces.network.genesis import BLOCK_BYTES, Genesis, Validator

FIRST_PORT = 26600


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What an organisation tells the others of itself; nothing in it is secret."""

    name: str
    identity: Identity
    """Its party: DID and public keys."""
    validator: bytes
    """Public key of its votes, 32 bytes of Ed25519."""
    node_id: str
    vkey: str
    """Verifier key of the checkpoints that it signs."""
    host: str
    ports: Ports
    url: str
    """Where its node answers HTTP."""

    @property
    def peer(self) -> Peer:
        """As another organisation keeps it."""
        return Peer(self.name, self.node_id, self.host, self.ports.p2p, self.url)


class Address(msgspec.Struct, frozen=True):
    """Where an organisation is reached, and at which address it listens."""

    ports: Ports
    host: str = "127.0.0.1"
    listen: str = "127.0.0.1"
    url: str = ""
    """Where its node answers HTTP, when that is not the host and port: behind a proxy that speaks TLS."""


Founding = Callable[[Sequence[Member]], bytes]
"""Gives the founding messages as a JSON list, once the members' keys are there."""


def lay(
    folder: Path,
    info: NetworkInfo,
    names: Sequence[str],
    founding: Founding,
    *,
    addresses: Sequence[Address] = (),
    settings: Settings | None = None,
    block_bytes: int = BLOCK_BYTES,
    passphrase: str | None = None,
) -> list[Member]:
    """Make a local network in an empty folder. `organisations.json` comes last: without it nothing was made."""
    if (folder / NETWORK_FILE).exists():
        raise NetworkError(f"{folder} holds a network already. Choose another folder, or start it")
    if len(set(names)) != len(names):
        raise NetworkError("two organisations have one name")
    chain = f"{info.code}-{os.urandom(4).hex()}"
    places = addresses or [Address(Ports(FIRST_PORT + 2 * n, FIRST_PORT + 2 * n + 1)) for n in range(len(names))]
    folder.mkdir(parents=True, exist_ok=True)
    members = [
        make_organisation(folder / name, name, info, chain, where, passphrase=passphrase, settings=settings)
        for name, where in zip(names, places, strict=True)
    ]
    genesis = Genesis(
        chain=chain,
        time_ms=time.time_ns() // 1_000_000,
        validators=tuple(Validator(member.name, member.validator) for member in members),
        founding=founding(members),
        block_bytes=block_bytes,
    ).document()
    for name in names:
        join(Home(folder / name), genesis, members)
    write_network(folder, Network(info.network, info.code, info.origin, chain, tuple(names)))
    return members


def make_organisation(
    folder: Path,
    name: str,
    info: NetworkInfo,
    chain: str,
    where: Address,
    *,
    passphrase: str | None = None,
    settings: Settings | None = None,
) -> Member:
    """Make one organisation's folder with all its keys; it has no genesis file and knows no peers yet."""
    home = Home(folder)
    _check(home, name, info)
    for place in (home.folder, home.cometbft, home.config, home.data):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = _identity(home, name, info.code, passphrase)
    public = cometbft_keys.create(home.config, home.data)
    vkey = _checkpoint_key(home, info.origin)
    (folder / "network.json").write_bytes(msgspec.json.encode(info))
    made = Organisation(
        name=name,
        did=identity.did,
        network=info.network,
        code=info.code,
        origin=info.origin,
        chain=chain,
        host=where.host,
        listen=where.listen,
        ports=where.ports,
        node_id=public.node_id,
        validator=public.validator.hex(),
        url=where.url,
        settings=settings or Settings(),
    )
    home.write(made)
    return Member(
        name=name,
        identity=identity,
        validator=public.validator,
        node_id=public.node_id,
        vkey=vkey,
        host=where.host,
        ports=where.ports,
        url=made.address,
    )


def join(home: Home, genesis: bytes, members: Sequence[Member]) -> None:
    """Tell an organisation what the network begins with and who the others are."""
    own = home.read()
    (home.config / "genesis.json").write_bytes(genesis)
    home.write(msgspec.structs.replace(own, peers=tuple(m.peer for m in members if m.node_id != own.node_id)))


def _check(home: Home, name: str, info: NetworkInfo) -> None:
    if not NAME.fullmatch(name):
        raise NetworkError(f"{name!r} names no organisation: expected are lower-case letters, digits, - and _")
    if not NETWORK_CODE.fullmatch(info.code):
        raise NetworkError(f"{info.code!r} is no network code: expected are four lower-case letters or digits")
    # A validator whose keys are made anew, or whose last vote is forgotten, could sign twice.
    if (home.config / "genesis.json").exists():
        raise NetworkError(f"{home.folder} holds an organisation already. Choose another folder")


def _identity(home: Home, name: str, code: str, passphrase: str | None) -> Identity:
    ring = Keyring(home.keys)
    return ring.list().get(name) or ring.create(name, code, passphrase)


def _checkpoint_key(home: Home, origin: str) -> str:
    # Under the log's own name, as witnesses look for it; the key id tells organisations apart.
    seed = os.urandom(SEED_BYTES)
    vkey = str(VerifierKey(origin, SigningKey(seed).public))
    write_guarded(home.signing_key, seed.hex())
    home.verifier_key.write_text(f"{vkey}\n")
    return vkey
