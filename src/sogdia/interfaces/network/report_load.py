"""A short measured load: a few senders, each of which waits for its answer before it sends the next transaction."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

from sogdia.app.sockets import asked
from sogdia.client.http import HttpConnection, HttpProblem, NodeUnreachable
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.network.report_actor import Actor

SENDERS: Final = 8
BLOCKS_LOOKED_AT: Final = 100


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, how it was answered, and how long that took. Zeros when nothing was."""

    seconds: float = 0
    senders: int = SENDERS
    accepted: int = 0
    refused: int = 0
    failed: int = 0
    per_second: float = 0
    p50_ms: float = 0
    p99_ms: float = 0
    blocks: int = 0
    block_interval_ms: float = 0


def loaded(actor: Actor, seconds: float) -> Load:
    """Load the actor's node for so many seconds."""
    if not actor.agent or seconds <= 0:
        return Load()
    before, began = _height(actor), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        runs = list(senders.map(lambda _: _one_sender(actor, began + seconds), range(SENDERS)))
    took, after = time.monotonic() - began, _height(actor)
    times = sorted(one for run in runs for one in run[0])
    intervals = _intervals_ms(actor, before, after)
    return Load(
        seconds=round(took, 3),
        accepted=len(times),
        refused=sum(run[1] for run in runs),
        failed=sum(run[2] for run in runs),
        per_second=round(len(times) / took, 1),
        p50_ms=_part(times, 50),
        p99_ms=_part(times, 99),
        blocks=len(intervals),
        block_interval_ms=round(median(intervals), 1) if intervals else 0,
    )


def _one_sender(actor: Actor, until: float) -> tuple[list[float], int, int]:
    """Seconds that each accepted transaction took, and how many were refused or not answered."""
    times, refused, failed = list[float](), 0, 0
    with HttpConnection(actor.url, actor.own.network, attempts=1) as node:
        while time.monotonic() < until:
            raw, sent = actor.signed(actor.delegation()), time.monotonic()
            try:
                accepted = node.submit([raw])[0].accepted
            except (HttpProblem, NodeUnreachable):
                failed += 1
                continue
            if accepted:
                times.append(time.monotonic() - sent)
            else:
                refused += 1
    return times, refused, failed


def _height(actor: Actor) -> int:
    with asked(actor.home.folder) as rpc:
        return rpc.status().sync_info.latest_block_height


def _intervals_ms(actor: Actor, before: int, after: int) -> list[float]:
    """Milliseconds between blocks, by their own times."""
    with asked(actor.home.folder) as rpc:
        try:
            heights = range(max(before + 1, after - BLOCKS_LOOKED_AT), after + 1)
            times = [rpc.commit(height).header.time / 1e6 for height in heights]
        except RpcError:
            return []
    return [later - earlier for earlier, later in pairwise(times)]


def _part(times: list[float], percent: int) -> float:
    return round(1000 * times[min(len(times) - 1, len(times) * percent // 100)], 1) if times else 0.0
