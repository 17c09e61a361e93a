"""The log: the latest blocks, one block, one transaction with its signatures and receipt, and evidence of a record."""

from typing import Any, Final, cast

import msgspec
from litestar import Response, get

from sogdia.app import Node
from sogdia.core.query import Asker, may_see
from sogdia.core.receipt import Seal
from sogdia.core.state import Committed
from sogdia.domains.identity.state import KEYS
from sogdia.domains.orders.state import ORDERS
from sogdia.insight.picture import Pictured
from sogdia.insight.refusals import Order, orders_of, references_of
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.health_transaction import (
    BlockLine,
    TransactionShown,
    block_line,
    glance,
    lines_of_block,
    transaction_shown,
)
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.parties_signed import Known, kids_of
from sogdia.interfaces.console.rendering import HEADERS, render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.http.desk import JSON, Desk, all_parameters, aside, one_parameter, part, whole_number
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import has_words, refusal_text

ENTRY: Final = Entry("log", "/network/log")
_BLOCKS: Final = 25
_HEX: Final = frozenset("0123456789abcdef")
_ID_DIGITS: Final = 64


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A block with its lines: those that the asker may read, and how many transactions there are in all."""

    seal: Seal
    checkpoint: str
    lines: tuple[BlockLine, ...]
    signed: int
    unsigned: int
    """What nobody signed: the founding agreement, or what the engine saw of a validator."""


@get("/network/log")
async def log(request: AnyRequest) -> Response[bytes]:
    """Blocks, newest first; `find` is the id of a transaction or the height of a block, and leads there."""
    page = entered(request)
    wanted = one_parameter(request, "find", "").strip().replace(",", "").lower()
    if len(wanted) == _ID_DIGITS and set(wanted) <= _HEX:
        return see_other(f"{ROOT}/network/log/transaction/{wanted}")
    if _height(wanted):
        return see_other(f"{ROOT}/network/log/{_height(wanted)}")
    node, last = page.console.desk.node, page.seal.height
    before = min(whole_number(request, "before", last + 1), last + 1)
    blocks = await aside(_blocks, node, page.asker, before)
    told: dict[str, Any] = {"blocks": blocks, "last": last, "before": before, "wanted": wanted, "at_once": _BLOCKS}
    return render(request, "network/log.html", **told)


@get("/network/log/{height:str}")
async def block(request: AnyRequest) -> Response[bytes]:
    """One block: its seal, the signed checkpoint, and of its transactions those that the asker may read."""
    page = entered(request)
    node, height = page.console.desk.node, _height(part(request, "height"))
    if not 1 <= height <= page.seal.height:
        raise Problem(404, "not_found")
    found = await aside(_block, node, page.asker, height)
    return render(request, "network/block.html", block=found, known=Known(node), last=page.seal.height)


@get("/network/log/transaction/{transaction:str}")
async def transaction(request: AnyRequest) -> Response[bytes]:
    """One transaction that the asker may read: what it says, who signed it, what became of it, what it wrote."""
    page = entered(request)
    node = page.console.desk.node
    found = await aside(transaction_shown, node, page.asker, part(request, "transaction"))
    if found is None:
        raise Problem(404, "not_found")
    why = refusal_text(found.receipt.code, found.receipt.fields, page.language) if found.receipt.code else ""
    orders = await aside(_orders, page, found)
    told: dict[str, Any] = {"orders": orders, "why": why, "has_words": has_words}
    return render(request, "network/transaction.html", found=found, known=Known(node), **told)


@get("/network/evidence")
async def evidence(request: AnyRequest) -> Response[bytes]:
    """Evidence of a record that the asker may see, for anyone to check offline; an order comes with its whole trade."""
    page = entered(request)
    table, key = one_parameter(request, "table"), all_parameters(request, "key")
    made = await aside(_evidence, page.console.desk, page.asker, table, key)
    headers = {**HEADERS, "content-disposition": 'attachment; filename="evidence.json"'}
    return Response(made, media_type=JSON, headers=headers)


def _height(text: str) -> int:
    """The number of a block; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _blocks(node: Node, asker: Asker, before: int) -> list[BlockLine]:
    """Blocks below a height as far as this node has them, newest first, with how many lines are the asker's."""
    first = max(before - _BLOCKS, node.engine.base.height + 1, 1)
    outcomes = [glance(raw) for raw in node.engine.outcomes(first - 1, before - first)]
    return [block_line(one, asker) for one in reversed(outcomes)]


def _block(node: Node, asker: Asker, height: int) -> Block:
    outcome = glance(node.engine.outcome_at(height))
    note, signed = node.engine.checkpoint_at(height), sum(bool(done.signers) for done in outcome.done)
    return Block(
        seal=outcome.seal,
        checkpoint=note.decode() if note is not None else "",
        lines=tuple(lines_of_block(outcome, asker)),
        signed=signed,
        unsigned=len(outcome.done) - signed,
    )


def _orders(page: Page, found: TransactionShown) -> list[list[Order]]:
    """For each message the orders that it speaks of, as far as the asker may see them; none without a picture."""
    picture, asker = page.console.desk.picture, page.asker
    named = [references_of([fields]) for _, fields in found.messages]
    if picture is None:
        return [[] for _ in named]
    known = orders_of(cast(Pictured, picture), asker, {one for each in named for one in each})
    return [list(dict.fromkeys(known[one] for one in each if one in known)) for each in named]


def _evidence(desk: Desk, asker: Asker, name: str, key: list[str]) -> bytes:
    table = desk.table(name)
    if len(key) != len(table.key) or any("\0" in one for one in key):
        raise Problem(404, "not_found")
    found = desk.node.record(name, *key)
    if found is None or not may_see(table, found, asker):
        raise Problem(404, "not_found")
    if not _is_signed_by_known(desk.node, name, key):
        raise Problem(404, "evidence_key_unknown")
    if table is ORDERS:
        return desk.node.evidence_of_order(key[0], key[1], asker)
    return desk.node.evidence({"table": name, "key": " ".join(key)}, [(name, *key)], asker)


def _is_signed_by_known(node: Node, name: str, key: list[str]) -> bool:
    """Whether all keys that signed for this record are on record: evidence proves each of them.

    An applicant signs with a key that comes on record with its admission.
    """
    view = Committed(node.store, cached=0)
    kids = {kid for height, index in node.history(name, *key) for kid in kids_of(node, height, index)}
    return all(KEYS.get(view, kid) is not None for kid in kids)


ROUTES: tuple[Any, ...] = (log, block, transaction, evidence)
