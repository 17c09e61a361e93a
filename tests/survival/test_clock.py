"""The clock of one organisation is ten minutes ahead, at its node and its CometBFT: the others' time holds."""

import time
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from bench.traffic import NETWORK
from sogdia.app.sockets import asked
from sogdia.client.connection import signed
from sogdia.core.refusal import Refused
from sogdia.domains.catalog.messages import ListProduct
from sogdia.engines.cometbft.answers import Commit, Header
from tests.survival.network import LiveNetwork
from tests.survival.shifted_clock import shifted_cometbft
from tests.survival.wounded_node import wounded

pytestmark = pytest.mark.slow
AHEAD_MS = 600_000
VALID_MS = 300_000


def test_a_clock_ten_minutes_ahead_does_not_move_the_time_of_the_record(tmp_path: Path) -> None:
    live = LiveNetwork(tmp_path)
    live.environment("genoa", PROGRAM=shifted_cometbft(), CLOCK_SHIFT=f"{AHEAD_MS}ms")
    live.programs["genoa"] = wounded(AHEAD_MS)
    began_ms = now_ms()
    with live:
        with live.traffic() as traffic:
            while not any(header.proposer_address == address(live, "genoa") for header, _ in decided(live)):
                traffic.flows()
        assert live.submit("yiwu", [listing(live, "SHORT")])[0].accepted, "an honest node takes what is valid"
        refused = live.submit("genoa", [listing(live, "SHORTER")])[0]
        assert (refused.code, refused.receipt) == (Refused.EXPIRED, None), "the other takes it for late"
        assert refused.fields["time_ms"] - now_ms() > AHEAD_MS - 60_000, "and shows what time it takes it to be"
        assert "valid until" in told(live, "genoa", listing(live, "SHORTEST"))
        live.settle()
        votes = [
            one.timestamp // 1_000_000 - header.time // 1_000_000
            for header, commit in decided(live)
            for one in commit.signatures
            if one.validator_address == address(live, "genoa")
        ]
        assert votes, "its votes count"
        assert min(votes) > AHEAD_MS - 60_000, "and carry its own time"
        for header, _ in decided(live):
            if header.height == 1:
                continue  # it bears the time of the genesis file
            assert began_ms - 5_000 <= header.time // 1_000_000 <= now_ms(), "the median is an honest clock's"
        live.check()


def listing(live: LiveNetwork, sku: str) -> bytes:
    """A transaction that is valid for five minutes."""
    seller = live.world.keys["seller"]
    product = ListProduct(
        seller=seller.did, sku=sku, name=sku, hs_code="9405500000", origin="CN", unit="007", net_weight_grams=420
    )
    return signed(NETWORK, now_ms(), f"nonce of {sku}", [product], [seller], valid_ms=VALID_MS)


def told(live: LiveNetwork, name: str, raw: bytes) -> str:
    """The sentence with which a transaction is refused."""
    kind = {"content-type": "application/jose+json"}
    answer = httpx.post(f"{live.url(name)}/transactions", content=raw, headers=kind, trust_env=False)
    return str(answer.json()["text"])


def decided(live: LiveNetwork) -> list[tuple[Header, Commit]]:
    """Every block's header and the votes for it, as yiwu has them."""
    with asked(live.homes["yiwu"].folder) as rpc:
        heights = range(1, rpc.status().sync_info.latest_block_height + 1)
        return [(found.header, found.commit) for found in map(rpc.commit, heights)]


def address(live: LiveNetwork, name: str) -> bytes:
    """How an organisation's validator is called in blocks."""
    return sha256(bytes.fromhex(live.homes[name].read().validator)).digest()[:20]


def now_ms() -> int:
    """The time of this machine, which nobody has shifted."""
    return time.time_ns() // 1_000_000
