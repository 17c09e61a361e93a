"""What a newcomer learns of a network before it trusts any of it, and how far that holds together by itself.

One hash is a person's to confirm: that of the header to begin from. Everything else is held against it. The genesis
file must seat the validators of the first block, and a chain of signatures must lead from there to the header.
"""

from base64 import b64decode
from typing import Any, Final

import msgspec

from sogdia.app import NetworkInfo
from sogdia.app.organisation import NetworkError, Peer
from sogdia.client.light.blocks import LightBlock, LightBlockRefused, Validator, set_hash
from sogdia.client.light.bridge import bridge
from sogdia.client.light.chain import check_itself
from sogdia.interfaces.http.ledger_light import MemberNode, NetworkAnswer
from sogdia.interfaces.network.elsewhere import Elsewhere

ROOM_BLOCKS: Final = 2
"""State sync needs so many headers above a snapshot."""
_QUICK_SECONDS: Final = 4.0


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """A network as one member shows it; `header` is the block to confirm."""

    told: NetworkAnswer
    genesis: bytes
    header: LightBlock
    by_snapshot: bool
    """Whether a snapshot can be had at the header's height."""
    reaches_back: bool
    """Whether signatures lead from the genesis file's validators to the header; not when the member has pruned."""
    same: tuple[str, ...]
    """URLs of members that show the same header, the one that was asked first."""
    others: tuple[str, ...]
    """URLs of members that show another, or none."""

    @property
    def hash(self) -> str:
        """The header's hash as every node of the network shows it for that height."""
        return self.header.header.hash().hex().upper()

    @property
    def info(self) -> NetworkInfo:
        """What the network is called."""
        return NetworkInfo(self.told.network, self.told.code, self.told.origin)

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The members' nodes, the one that was asked first."""
        return tuple(as_peer(one) for one in (self.told.own, *self.told.peers))


def as_peer(one: MemberNode) -> Peer:
    """A member's node as an organisation keeps it."""
    return Peer(one.name, one.node_id, one.host, one.port, one.url)


def introduce(url: str) -> Introduction:
    """Ask a member's node, and hold what it says against itself and against what other members show."""
    with Elsewhere(url) as node:
        told = node.network()
        genesis = node.genesis(told.genesis_sha256)
        named = _read_genesis(genesis)
        if named["chain_id"] != told.chain:
            raise NetworkError(f"{url} is of chain {told.chain}, its genesis file of {named['chain_id']}")
        last = node.last_height()
        if last < 1 + ROOM_BLOCKS:
            raise NetworkError(f"the network at {url} has {last} blocks. Send it a few transactions, then join")
        snapshots = [one for one in told.snapshots if one <= last - ROOM_BLOCKS]
        height = max(snapshots) if snapshots else last - 1
        header = node.light_block(height)
        _check(header, told.chain)
        reaches_back = _reaches_back(node, named, header)
    same, others = _compared(told, header, url)
    return Introduction(
        told=told,
        genesis=genesis,
        header=header,
        by_snapshot=bool(snapshots),
        reaches_back=reaches_back,
        same=same,
        others=others,
    )


def _read_genesis(raw: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
        return {"chain_id": found["chain_id"], "validators": [_validator(one) for one in found["validators"]]}
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError) as wrong:
        raise NetworkError(f"the genesis file cannot be read: {wrong}") from None


def _validator(told: dict[str, Any]) -> Validator:
    return Validator(b64decode(told["pub_key"]["value"], validate=True), int(told["power"]))


def _check(header: LightBlock, chain: str) -> None:
    try:
        check_itself(header)
    except LightBlockRefused as wrong:
        raise NetworkError(f"the header that is shown does not hold: {wrong}. Ask another member") from None
    if header.header.chain != chain:
        raise NetworkError(f"the header is of chain {header.header.chain}, the network of {chain}")


def _reaches_back(node: Elsewhere, named: dict[str, Any], header: LightBlock) -> bool:
    """Whether signatures lead from the genesis file to the header; NetworkError when they lead elsewhere."""
    try:
        first = node.light_block(1)
    except NetworkError:
        return False
    try:
        check_itself(first)
        if first.header.validators_hash != _seated(named["validators"]):
            raise NetworkError("the genesis file does not seat the validators of the first block. Ask another member")
        led = bridge(node.light_block, first, header.height)
    except LightBlockRefused as wrong:
        raise NetworkError(f"no signatures lead from the first block to the header: {wrong}") from None
    if (led[-1] if led else first).header.hash() != header.header.hash():
        raise NetworkError(f"two headers of height {header.height} are shown. Ask another member")
    return True


def _seated(validators: list[Validator]) -> bytes:
    """The hash of a set as CometBFT orders it: by power, the greatest first, then by address."""
    return set_hash(tuple(sorted(validators, key=lambda one: (-one.power, one.address))))


def _compared(told: NetworkAnswer, header: LightBlock, url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    same, others = [url.rstrip("/")], list[str]()
    for one in told.peers:
        if not one.url:
            continue
        try:
            with Elsewhere(one.url, _QUICK_SECONDS) as node:
                agrees = node.light_block(header.height).header.hash() == header.header.hash()
        except (NetworkError, LightBlockRefused):
            agrees = False
        (same if agrees else others).append(one.url.rstrip("/"))
    return tuple(same), tuple(others)
