"""Records by key: one with its proof, many at once, and evidence for a stranger."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from sogdia.core import tree
from sogdia.core.query import Asker, may_see
from sogdia.core.state import Committed, Table
from sogdia.domains.orders.state import ORDERS
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import (
    JSON,
    Desk,
    all_parameters,
    aside,
    desk_of,
    json_answer,
    json_bytes,
    one_parameter,
    part,
    require_media_type,
    yes_or_no,
)
from sogdia.interfaces.http.problems import AnyRequest, Problem

Wanted = Annotated[tuple[str, ...], msgspec.Meta(min_length=2, max_length=9)]
_read_wanted = msgspec.json.Decoder(list[Wanted]).decode

_KEY = Parameter("key", "the key fields of the record, in order", many=True)


class ProofAnswer(msgspec.Struct, frozen=True):
    """A record, or that nothing stands under its key, with the way to the state root that the checkpoint signs."""

    table: str
    key: tuple[str, ...]
    record: Any
    proof: tree.Membership | tree.Absence
    checkpoint: str


@get(
    "/records/{table:str}",
    opt=about(
        Parameter("table", "a table of the record, such as orders.order", place="path"),
        _KEY,
        Parameter("proof", "with a proof of presence or absence", required=False, schema={"type": "boolean"}),
    ),
)
async def record(request: AnyRequest) -> Response[bytes]:
    """One record as it stands; with `proof=true` proved against the network's checkpoint.

    Absent, and present but not the asker's to read, give the same 404. That nothing stands under a key is proved to
    those who may read whatever could stand there and its two neighbours in the tree.
    """
    desk = desk_of(request)
    asker = desk.gate.asker(request)
    wanted = desk.table(part(request, "table"))
    key = _checked_key(wanted, all_parameters(request, "key"))
    if yes_or_no(request, "proof"):
        if not wanted.proved:
            raise Problem(400, "table_unproved", table=wanted.name)
        return json_answer(await aside(_proved, desk, wanted, key, asker))
    found = await aside(_visible, desk, wanted, key, asker)
    if found is None:
        raise Problem(404, "not_found")
    return json_answer({"table": wanted.name, "key": key, "record": plain(found)})


@post("/records/lookup", status_code=200, opt=about(takes={JSON: "Wanted"}))
async def lookup(request: AnyRequest) -> Response[bytes]:
    """Many records at once: a list of `[table, key field, ...]`, answered in the same order.

    `null` stands for what is absent and for what the asker may not read.
    """
    desk = desk_of(request)
    require_media_type(request, JSON)
    async with desk.body(request, desk.limits.small_body_bytes) as body:
        asker = desk.gate.asker(request, body)
        try:
            wanted = _read_wanted(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise Problem(400, "json_wrong", reason=str(wrong)[:200]) from None
        if len(wanted) > desk.limits.lines:
            raise Problem(413, "too_many_lines", lines=len(wanted), limit=desk.limits.lines)
        return Response(await aside(_looked_up, desk, wanted, asker), status_code=200, media_type=JSON)


@get("/evidence", opt=about(Parameter("table", "a table of the record"), _KEY, answers={JSON: "Evidence"}))
async def evidence(request: AnyRequest) -> Response[bytes]:
    """Everything that a stranger needs to check a record offline: its proof, and every transaction that wrote it.

    For an order, the whole trade: payments, waybills, declarations, releases. What the asker may not see is left out.
    """
    desk = desk_of(request)
    asker = desk.gate.asker(request)
    table = desk.table(one_parameter(request, "table"))
    key = _checked_key(table, all_parameters(request, "key"))
    found = await aside(_evidence, desk, table, key, asker)
    return Response(found, media_type=JSON, headers={"content-disposition": 'attachment; filename="evidence.json"'})


def plain(record: Any) -> dict[str, Any]:
    """A record under its field names; what stands within it is left to the encoder."""
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _checked_key(table: Table[Any], key: Sequence[str]) -> tuple[str, ...]:
    if len(key) != len(table.key):
        raise Problem(400, "key_wrong", table=table.name, expected=", ".join(table.key), got=len(key))
    return tuple(key)


def _visible(desk: Desk, table: Table[Any], key: Sequence[str], asker: Asker) -> Any:
    found = table.get(Committed(desk.node.store, cached=0), *key)
    return found if found is not None and may_see(table, found, asker) else None


def _looked_up(desk: Desk, wanted: Sequence[tuple[str, ...]], asker: Asker) -> bytes:
    """Unknown tables are refused before anything is read; the rest is one pass."""
    store, answers = Committed(desk.node.store, cached=0), list[dict[str, Any] | None]()
    for number, (name, *key) in enumerate(wanted, 1):
        table = desk.tables.get(name)
        if table is None:
            raise Problem(400, "lookup_table_unknown", number=number, table=name[:100])
        if len(key) != len(table.key) or any("\0" in part for part in key):
            raise Problem(400, "lookup_key_wrong", number=number, table=name, expected=", ".join(table.key))
        found = table.get(store, *key)
        answers.append(plain(found) if found is not None and may_see(table, found, asker) else None)
    return json_bytes(answers)


def _proved(desk: Desk, table: Table[Any], key: tuple[str, ...], asker: Asker) -> ProofAnswer:
    node, path = desk.node, table.path(*key)
    with node.engine.sealed:
        proof = node.machine.tree.prove(path, lambda place: node.store.get(b"S" + place))
        checkpoint = node.checkpoint()
    if isinstance(proof, tree.Membership):
        found = table.decode(proof.value)
        if may_see(table, found, asker):
            return ProofAnswer(table.name, key, plain(found), proof, checkpoint)
    elif _could_see(table, key, asker) and all(_sees_neighbour(desk, one, asker) for one in (proof.left, proof.right)):
        return ProofAnswer(table.name, key, None, proof, checkpoint)
    raise Problem(404, "not_found")


def _could_see(table: Table[Any], key: Sequence[str], asker: Asker) -> bool:
    """Whether the asker could read any record under this key: then its absence is the asker's to know."""
    if table.public or any(role in table.roles for role in asker.roles):
        return True
    named = [part for field, part in zip(table.key, key, strict=True) if field in table.seen_by]
    return asker.party is not None and asker.party in named


def _sees_neighbour(desk: Desk, neighbour: tree.Membership | None, asker: Asker) -> bool:
    """A proof of absence shows the two neighbours in clear: they must be the asker's to read as well."""
    if neighbour is None:
        return True
    table = desk.node.machine.tables[neighbour.key[: neighbour.key.index(b"\x00") + 1]]
    return may_see(table, table.decode(neighbour.value), asker)


def _evidence(desk: Desk, table: Table[Any], key: tuple[str, ...], asker: Asker) -> bytes:
    if _visible(desk, table, key, asker) is None:
        raise Problem(404, "not_found")
    if table is ORDERS:
        return desk.node.evidence_of_order(key[0], key[1], asker)
    return desk.node.evidence({"table": table.name, "key": " ".join(key)}, [(table.name, *key)], asker)
