"""The functional part of a report: a transaction, a refusal, a proof, an envelope, an event, on the running node."""

import secrets
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from sogdia.app import FIELDS, MODULES, machine
from sogdia.app.sockets import asked
from sogdia.client import evidence
from sogdia.client.http import HttpConnection, HttpProblem, NodeUnreachable
from sogdia.client.light.rpc import from_rpc
from sogdia.client.light.trusted import Trusted, trust
from sogdia.core.store import MemoryStore
from sogdia.interfaces.cli import registry
from sogdia.interfaces.network.report_actor import NOBODY, Actor
from sogdia.interfaces.network.status import NetworkStanding
from sogdia.primitives.sealed import envelope as envelopes

EVENT_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.3
Check = tuple[str, Callable[[], tuple[bool | None, str]]]


def functional(actor: Actor, standing: NetworkStanding) -> list[Check]:
    """The checks in their order: later ones build on what the first put on record."""
    return [
        ("agreement", lambda: _agreement(standing)),
        ("messages", lambda: _messages(actor)),
        ("accepted", lambda: _accepted(actor)),
        ("refused", lambda: _refused(actor)),
        ("proof", lambda: _proof(actor)),
        ("sealed", lambda: _sealed(actor)),
        ("events", lambda: _events(actor)),
    ]


def _agreement(standing: NetworkStanding) -> tuple[bool | None, str]:
    telling = [one.name for one in standing.organisations if one.app_hash]
    return standing.agree, f"{', '.join(telling)} at CometBFT's height {standing.common_height}"


def _messages(actor: Actor) -> tuple[bool, str]:
    codec = machine(actor.own.network, MemoryStore()).codec
    examples = [registry.example_of(tag) for module in MODULES for tag in registry.messages_of(module.name)]
    for example in examples:
        codec.parse(actor.signed(example))
    return True, f"{len(examples)} types: each example is signed and read back"


def _accepted(actor: Actor) -> tuple[bool | None, str]:
    if not actor.agent:
        return None, NOBODY
    reply = actor.send(actor.delegation())
    return reply.accepted, f"height {reply.receipt.height}" if reply.receipt else f"refusal {reply.code}"


def _refused(actor: Actor) -> tuple[bool | None, str]:
    if not actor.agent:
        return None, NOBODY
    actor.send(actor.end())
    reply = actor.send(actor.end())
    actor.send(actor.delegation())
    on_record = reply.receipt is not None
    return not reply.accepted and on_record, f"refusal {reply.code}, {'on' if on_record else 'not on'} record"


def _proof(actor: Actor) -> tuple[bool, str]:
    raw = actor.node.evidence("identity.party", actor.own.did)
    if raw is None:
        return False, "the node gives no evidence of the organisation's own party"
    checks = evidence.verify(evidence.read(raw), fields=FIELDS, trusted=_trusted(actor))
    failed = [one.name for one in checks if not one.holds]
    return evidence.holds(checks), f"{len(checks)} checks" + (f", failed: {', '.join(failed)}" if failed else "")


def _trusted(actor: Actor) -> Trusted:
    with asked(actor.home.folder) as rpc:
        height = max(1, rpc.status().sync_info.earliest_block_height)
        block = from_rpc(rpc.call("commit", height=height), rpc.whole_validators(height))
        following = from_rpc(rpc.call("commit", height=height + 1), rpc.whole_validators(height + 1))
    return trust(actor.own.network, actor.own.origin, block, following.validators)


def _sealed(actor: Actor) -> tuple[bool, str]:
    trade = f"{actor.own.did}/report-{secrets.token_hex(4)}"
    readers = {actor.own.did: actor.keys.identity.agreement_public}
    made = envelopes.seal({"buyer_name": "Nobody"}, secrets.token_bytes(32), readers, trade)
    raw = envelopes.to_bytes(made)
    actor.node.put_sealed([raw])
    given = actor.node.get_sealed(trade, made.id) == raw
    try:
        hidden = actor.stranger.get_sealed(trade, made.id) is None
    except HttpProblem as problem:
        hidden = problem.status in (401, 403, 404)
    try:
        actor.node.erase_sealed(trade, "report")
        erased = "erased afterwards"
    except HttpProblem as problem:
        erased = f"left there: {problem.title}"
    return given and hidden, f"left, given back to its reader, kept from a stranger; {erased}"


def _events(actor: Actor) -> tuple[bool | None, str]:
    if not actor.agent:
        return None, NOBODY
    heard, kind = Event(), "identity.standing_changed"
    after = f"{int(actor.node.status()['height'])}"

    def listen() -> None:
        node = HttpConnection(actor.url, actor.own.network, actor.pen, attempts=2)
        try:
            for told in node.follow(after):
                if told.type == kind:
                    heard.set()
                    return
        except (HttpProblem, NodeUnreachable):
            return
        finally:
            node.close()

    Thread(target=listen, name="report listener", daemon=True).start()
    time.sleep(_PAUSE_SECONDS)
    sent = time.monotonic()
    actor.send(actor.delegation())
    came = heard.wait(EVENT_SECONDS)
    return came, f"{kind} after {time.monotonic() - sent:.2f} s" if came else f"no {kind} in {EVENT_SECONDS:g} s"
