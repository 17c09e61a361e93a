"""One order whole: its parts with who signed them, timeline, match, money, tax, documents and trace.

Each is what the asker may see; `Trade` says how far the trade has come in its eyes.
"""

from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS, RELEASED, STANDINGS
from sogdia.domains.logistics.state import CONTENTS, HANDED_OVER, WAYBILLS
from sogdia.domains.orders.state import CANCELLATIONS, ERASURES, ORDERS
from sogdia.domains.payments.state import PAYMENTS, REFUNDS
from sogdia.domains.trace.state import EVENTS, event_id
from sogdia.insight.matching import Compare, Match, match_of
from sogdia.insight.moment import Moment
from sogdia.insight.names import names_of
from sogdia.insight.orders import Trade, trade_columns, trade_of
from sogdia.insight.picture import Pictured
from sogdia.insight.reading import Row, rows_of
from sogdia.insight.sight import Part as Piece
from sogdia.insight.sight import Sight
from sogdia.insight.taxes import Tax, taxes_of
from sogdia.insight.timeline import Entry, Stage, entries_of, stages_of
from sogdia.insight.unseen import unseen_parts

Key = tuple[str, ...]
"""Table and key fields of a record."""
_PARTY_FIELDS: Final = ("platform", "seller", "institution", "carrier", "broker", "assurer", "payer")
_BEGUN_BY: Final = {
    ORDERS.name: ("orders.placed", "order"),
    PAYMENTS.name: ("payments.attested", "payment"),
    WAYBILLS.name: ("logistics.waybill_issued", "waybill"),
    IMPORT_LISTS.name: ("customs.declared", "list_no"),
    EXPORT_LISTS.name: ("customs.declared", "list_no"),
}
"""The event with which each part comes on record, and its field that holds the part's number."""


class Part(msgspec.Struct, frozen=True):
    """One part of the trade on record; `signed` is the entry with which it came there, None if it is not known here.

    `fields` are the record's own, `height` is the block that wrote it last, `standing` customs' answer on it.
    """

    record: Key
    fields: Row
    height: int
    signed: Entry | None
    standing: Row | None


class Handed(msgspec.Struct, frozen=True):
    """A thing in a parcel as it is traced, and the hand-overs on record of it: status, instant, event ID."""

    thing: str
    waybill: Key
    hand_overs: tuple[tuple[str, int, str], ...]


class Document(msgspec.Struct, frozen=True):
    """What can be shown or handed on: its kind, the record that it is made of, and a digest where it stands sealed."""

    kind: str
    record: Key
    at_ms: int | None
    digest: str | None = None


class Whole(msgspec.Struct, frozen=True):
    """Everything about one order. `names` are the parties' names by identifier.

    Of the parts in `unseen` the asker cannot tell whether they are on record.
    """

    trade: Trade
    names: dict[str, str]
    parts: tuple[Part, ...]
    entries: tuple[Entry, ...]
    stages: tuple[Stage, ...]
    match: Match | None
    cancellations: tuple[Row, ...]
    refunds: tuple[Row, ...]
    taxes: tuple[Tax, ...]
    documents: tuple[Document, ...]
    things: tuple[Handed, ...]
    unseen: frozenset[Piece] = frozenset()


def whole_trade(
    picture: Pictured, asker: Asker, moment: Moment, platform: str, order: str, compare: Compare
) -> Whole | None:
    """One order, or None when nothing of it is on record or the asker's to see; `compare` is `app.match.compared`."""
    trade = one_trade(picture, asker, moment, platform, order)
    if trade is None:
        return None
    key = {"platform": platform, "order": order}
    found = {table: rows_of(picture, asker, table, **key) for table in _PARTS}
    entries = entries_of(picture, asker, trade, found)
    cancellations, erasures = (rows_of(picture, asker, table, **key) for table in (CANCELLATIONS, ERASURES))
    refunds = rows_of(picture, asker, REFUNDS, **key)
    lists = found[IMPORT_LISTS] + found[EXPORT_LISTS]
    parts = tuple(_part(picture, asker, table, row, entries) for table in _PARTS for row in found[table])
    taxes, unseen = taxes_of(picture, asker, lists), unseen_parts(trade, asker)
    return Whole(
        trade=trade,
        names=_names(picture, asker, parts, entries),
        parts=parts,
        entries=entries,
        stages=stages_of(picture, asker, trade),
        match=_match(picture, asker, trade, parts, compare, unseen),
        cancellations=tuple(cancellations),
        refunds=tuple(refunds),
        taxes=taxes,
        documents=_documents(parts, taxes, erasures, rows_of(picture, asker, RELEASED, **key)),
        things=_things(picture, asker, found[WAYBILLS]),
        unseen=unseen,
    )


_PARTS: Final[tuple[Table[Any], ...]] = (ORDERS, PAYMENTS, WAYBILLS, IMPORT_LISTS, EXPORT_LISTS)


def one_trade(picture: Pictured, asker: Asker, moment: Moment, platform: str, order: str) -> Trade | None:
    """The row of one order, or None when nothing of it is on record or the asker's to see."""
    sight = Sight(picture, asker)
    made = sight.table.c
    wanted = sql.select(*trade_columns(sight, moment)).where(
        made.platform == platform, made.order == order, sight.any_part
    )
    found = picture.rows(wanted)
    return trade_of(found[0]) if found else None


def _part(picture: Pictured, asker: Asker, table: Table[Any], row: Row, entries: tuple[Entry, ...]) -> Part:
    record = (table.name, *(row[name] for name in table.key))
    what, number = _BEGUN_BY[table.name]
    signed = next((one for one in entries if one.what == what and one.said.get(number) == row[number]), None)
    subject = table.name.partition(".")[2]
    standing = rows_of(picture, asker, STANDINGS, subject=subject, party=record[1], number=record[2])
    fields = {name: row[name] for name in table.record.__struct_fields__}
    return Part(record, fields, row["height"], signed, standing[0] if standing else None)


def _match(
    picture: Pictured, asker: Asker, trade: Trade, parts: tuple[Part, ...], compare: Compare, unseen: frozenset[Piece]
) -> Match | None:
    """The match of the parts that the row names: the newest list, its parcel, the named institution's payment."""
    chosen: dict[str, Part] = {}
    for part in parts:
        name = part.record[0]
        wanted = {PAYMENTS.name: trade.payment, WAYBILLS.name: trade.waybill, ORDERS.name: trade.order}
        if part.record[2] == wanted.get(name, trade.list_no):
            chosen["list" if name.startswith("customs.") else name] = part
    order = chosen.get(ORDERS.name)
    if order is None:
        return None
    rejected = {
        subject: part.standing["code"]
        for subject, part in ((name.partition(".")[2], one) for name, one in chosen.items() if name != "list")
        if part.standing is not None and part.standing["phase"] == "rejected"
    }
    rest = [chosen[name].fields if name in chosen else None for name in (PAYMENTS.name, WAYBILLS.name, "list")]
    return match_of(picture, asker, order.fields, rest[0], rest[1], rest[2], rejected, compare, unseen)


def _names(picture: Pictured, asker: Asker, parts: tuple[Part, ...], entries: tuple[Entry, ...]) -> dict[str, str]:
    named = {part.fields[name] for part in parts for name in _PARTY_FIELDS if part.fields.get(name)}
    named.update(signer for entry in entries for signer in entry.signers)
    return names_of(picture, asker, named)


def _documents(
    parts: tuple[Part, ...], taxes: tuple[Tax, ...], erasures: list[Row], released: list[Row]
) -> tuple[Document, ...]:
    found = []
    for part in parts:
        kind = part.record[0].partition(".")[2]
        found.append(Document(kind, part.record, part.signed.recorded_at_ms if part.signed else None))
        for name in ("sealed", "evidence"):
            if part.fields.get(name):
                found.append(Document(name, part.record, None, part.fields[name]))
        if part.standing is not None:
            answer = (STANDINGS.name, *(part.standing[name] for name in STANDINGS.key))
            found.append(Document("answer", answer, part.standing["answered_at_ms"]))
    found += [Document("release", (RELEASED.name, row["invt_no"]), None) for row in released]
    found += [Document("tax_bill", tax.record, tax.billed_at_ms) for tax in taxes]
    gone = [(ERASURES.name, row["platform"], row["order"], row["erased_at_ms"]) for row in erasures]
    return (*found, *(Document("erasure", record[:3], record[3]) for record in gone))


def _things(picture: Pictured, asker: Asker, waybills: list[Row]) -> tuple[Handed, ...]:
    found = []
    for row in waybills:
        carrier, waybill = row["carrier"], row["waybill"]
        for contents in rows_of(picture, asker, CONTENTS, carrier=carrier, waybill=waybill):
            handed = _hand_overs(picture, asker, row)
            found += [Handed(thing, (WAYBILLS.name, carrier, waybill), handed) for thing in contents["things"]]
    return tuple(found)


def _hand_overs(picture: Pictured, asker: Asker, waybill: Row) -> tuple[tuple[str, int, str], ...]:
    """The carrier's reports that are hand-overs and whose trace event the asker may see."""
    found = []
    for report in waybill["reports"]:
        if report["status"] not in HANDED_OVER:
            continue
        status, at_ms = report["status"], report["reported_at_ms"]
        named = (waybill["carrier"], waybill["waybill"], status, str(at_ms))
        # The first portion of a parcel's things stands for all; older events have no number of a portion.
        for event in (event_id(*named, "1"), event_id(*named)):
            if rows_of(picture, asker, EVENTS, party=waybill["carrier"], event=event):
                found.append((status, at_ms, event))
    return tuple(found)
