"""A seller's own file onto the record of a running node: the parts that the keys at hand can sign, and nothing else.

What other parties have to say (payment, waybill, list) they say themselves, from the order that they then find on the
record. Notes of what was set aside, refused or waits stand in a folder of the seller's, so that the same file can be
given again.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from sogdia.client.connection import Connection
from sogdia.client.keyring import Keyring
from sogdia.interfaces.intake.aside import AsideNote, Tally, sorted_out
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder, counts
from sogdia.interfaces.intake.pipeline import UNWEIGHED, BoundKey, Pipeline, Recipient, Signers, Situation, bound
from sogdia.interfaces.intake.trade import Direction, Parties
from sogdia.standards.orders import Format, Limits, Options, read, read_catalogue

Tell = Callable[[str, int, int | None], None]


class PartyNotOnRecord(Exception):
    """A party that the import names is unknown to the network; the message says which."""


class Given(msgspec.Struct, frozen=True):
    """What `sogdia import` was told. `parties` maps each role to a key name of the keyring or to a DID."""

    file: Path
    format: Format
    notes: Path
    parties: Mapping[str, str]
    home: str
    direction: Direction = "export"
    catalogue: Path | None = None
    timezone: str | None = None
    limit: int | None = None
    district: str = "2925"
    sheet: str = ""
    unknown_weight_grams: int | None = None


def bring(
    connection: Connection, ring: Keyring, given: Given, passphrase: str | None, clock: Callable[[], int], tell: Tell
) -> dict[str, Any]:
    """Bring the file's orders onto the record as far as the keys at hand can sign; gives the counts."""
    given.notes.mkdir(parents=True, exist_ok=True)
    aside = Lines(given.notes / "set_aside.ndjson", AsideNote, ("row", "order", "field", "reason"), fresh=True)
    refused = Lines(given.notes / "refused.ndjson", RefusedPart, ("order", "part"))
    waiting = Lines(given.notes / "waiting.ndjson", WaitingOrder, ("order",), fresh=True)
    tally, held = Tally(), _held(ring, given.parties, passphrase)
    parties = _parties(given.parties, held)
    catalogue = read_catalogue(given.catalogue) if given.catalogue else None
    pipeline = Pipeline(
        connection,
        Signers(held),
        _recipients(connection, parties),
        Situation(parties, given.home, given.direction, district=given.district),
        Articles(catalogue, given.home, unknown_weight_grams=given.unknown_weight_grams),
        clock=clock,
        refused=refused,
        waiting=waiting,
    )
    options = Options(limits=Limits(order_lines=1_000), timezone=given.timezone, sheet=given.sheet)
    drafts = sorted_out(read(given.file, given.format, options=options), given.limit, aside, tally)
    for done in pipeline.run(drafts):
        tell(given.file.name, done, None)
    done_here = {"orders_in": pipeline.counts.orders, "unchanged": pipeline.counts.unchanged}
    sent = {"transactions": pipeline.counts.transactions, "refused": counts(refused)}
    unweighed = [one for one in waiting if one.reason == UNWEIGHED]
    skus = dict.fromkeys(sku for one in unweighed for sku in one.facts)
    waits = {"orders_without_weight": len(unweighed), "articles_without_weight": list(skus)} if unweighed else {}
    for lines in (aside, refused, waiting):
        lines.close()
    read_here = {"sheet": tally.sheet, "sheets_unread": list(tally.sheets_unread)} if tally.sheet else {}
    return {"rows_in": tally.rows_in, "rows_by_place": tally.places(), **done_here, **sent, **waits, **read_here}


def _held(ring: Keyring, parties: Mapping[str, str], passphrase: str | None) -> dict[str, BoundKey]:
    """The keys at hand, by role."""
    names = ring.list()
    return {role: bound(ring.load(name, passphrase)) for role, name in parties.items() if name in names}


def _parties(parties: Mapping[str, str], held: Mapping[str, BoundKey]) -> Parties:
    return Parties(
        **{role: held[role].did if role in held else parties.get(role, "") for role in Parties.__struct_fields__}
    )


def _recipients(connection: Connection, parties: Parties) -> dict[str, Recipient]:
    """The sealing keys of the named parties, as they stand on the record."""
    named = {role: did for role in Parties.__struct_fields__ if (did := getattr(parties, role))}
    found = connection.lookup([("identity.party", did) for did in named.values()])
    missing = [did for did, record in zip(named.values(), found, strict=True) if record is None]
    if missing:
        raise PartyNotOnRecord(f"{missing[0]} is not on the record of this network; have it registered first")
    return {
        role: Recipient(did, bytes.fromhex(record["agreement"]))
        for (role, did), record in zip(named.items(), found, strict=True)
        if record is not None
    }
