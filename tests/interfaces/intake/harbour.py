"""A whole network in memory for tests of programs beside it: the real machine, a real mirror, and a vault of bytes."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sql

from sogdia.app import MODULES, QUERIES, TABLES
from sogdia.client.connection import Reply
from sogdia.core.codec import json_bytes
from sogdia.core.machine import Machine
from sogdia.core.query import PUBLIC, Asker, may_see
from sogdia.core.receipt import decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.store import MemoryStore
from sogdia.domains.identity.state import PARTIES, find_key
from sogdia.interfaces.authority.desk import Desk
from sogdia.interfaces.authority.numbers import Numbers
from sogdia.interfaces.demo.cast import NETWORK, Cast
from sogdia.interfaces.demo.sources import from_file
from sogdia.interfaces.intake.aside import AsideNote, Tally
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder
from sogdia.interfaces.intake.pipeline import Pipeline, Situation
from sogdia.interfaces.intake.trade import Direction
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import Schema
from sogdia.mirror.writer import Writer
from sogdia.primitives.sealed.envelope import from_bytes
from sogdia.primitives.sealed.errors import Erased
from sogdia.standards.orders import Catalogue, DraftCancellation, DraftOrder, Format

NOW_MS = 1_792_000_000_000
"""2026-10-14 in London, the 15th in China: after the orders of the examples, within the days of the rates."""


class Harbour:
    """Takes signed bytes, a block each; answers lookups from the state and queries from the mirror."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast, self.folder, self.time_ms = cast, folder, NOW_MS
        self.machine = Machine(NETWORK.network, MODULES, find_key, MemoryStore())
        self.vault: dict[tuple[str, str], bytes] = {}
        self.erased: set[str] = set()
        self.outcomes: list[bytes] = []
        url, schema = f"sqlite:///{folder}/mirror.db", Schema(TABLES.values())
        self.writer, self.picture = Writer(url, schema), SqlPicture(url, schema)
        self._commit(self.machine.found(self.time_ms, cast.founding()))

    def close(self) -> None:
        self.picture.close()
        self.writer.close()

    @property
    def place(self) -> tuple[str, int]:
        """State root and log size: what must not move when nothing happens."""
        return self.machine.seal.state_root.hex(), self.machine.seal.log_size

    def as_seen_by(self, name: str) -> "Berth":
        return Berth(self, self.cast.did(name))

    def take(self, raw: bytes) -> Reply:
        try:
            checked = self.machine.check(raw)
        except Refusal as no:
            return Reply(no.code, no.fields)
        block = self.machine.execute(self.time_ms, [checked])
        self._commit(block)
        return Reply(block.receipts[0].code, block.receipts[0].fields, block.receipts[0])

    def record(self, table: str, *key: str) -> Any:
        return TABLES[table].get(self.machine.state, *key)

    def records(self, table: str) -> list[dict[str, Any]]:
        """Every record of a table, from the mirror."""
        self.catch_up()
        return self.picture.rows(sql.select(self.picture.table(TABLES[table])))

    def catch_up(self) -> None:
        news = self.outcomes[self.writer.place.height :]
        if news:
            self.writer.apply(news)

    def events(self) -> list[dict[str, Any]]:
        """Everything that was announced, in order."""
        done = [one for outcome in self.outcomes for one in decode_outcome(outcome).done]
        return [msgspec.json.decode(event.json) for one in done for event in one.events]

    def _commit(self, block: Any) -> None:
        self.machine.commit(block)
        self.outcomes.append(block.outcome)


class Berth:
    """A `Connection` of one party."""

    network = NETWORK.network

    def __init__(self, harbour: Harbour, did: str) -> None:
        self.harbour, self.did = harbour, did
        self.before_submit: Callable[[Sequence[bytes]], None] = lambda raws: None

    @property
    def asker(self) -> Asker:
        found = PARTIES.get(self.harbour.machine.state, self.did)
        return Asker(found.did, found.roles) if found else PUBLIC

    def submit(self, raws: Sequence[bytes]) -> list[Reply]:
        self.before_submit(raws)
        return [self.harbour.take(raw) for raw in raws]

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        return [self._seen(*one) for one in wanted]

    def query(self, name: str, **parameters: Any) -> Any:
        domain, _, answer = name.partition("/")
        self.harbour.catch_up()
        known = next(queries for queries in QUERIES if queries.domain == domain)
        return known.answers[answer](self.harbour.picture, self.asker, **parameters)

    def put_sealed(self, envelopes: Sequence[bytes]) -> None:
        for raw in envelopes:
            envelope = from_bytes(raw)
            self.harbour.vault[envelope.trade, envelope.id] = raw

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        if trade in self.harbour.erased:
            raise Erased(f"the values of {trade} were erased")
        return self.harbour.vault.get((trade, envelope))

    def lookup_sealed(self, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
        there = [one for one in wanted if one[0] not in self.harbour.erased and one in self.harbour.vault]
        return {envelope: self.harbour.vault[trade, envelope] for trade, envelope in there}

    def status(self) -> dict[str, Any]:
        seal = self.harbour.machine.seal
        return {"height": seal.height, "mirror_height": seal.height, "log_size": seal.log_size}

    def _seen(self, name: str, *key: str) -> dict[str, Any] | None:
        table = TABLES[name]
        found = table.get(self.harbour.machine.state, *key)
        if found is None or not may_see(table, found, self.asker):
            return None
        plain: dict[str, Any] = msgspec.json.decode(json_bytes({f: getattr(found, f) for f in found.__struct_fields__}))
        return plain


class Brought:
    """One run of the intake over some drafts, with its notes."""

    def __init__(self, harbour: Harbour, notes: Path) -> None:
        self.harbour = harbour
        self.tally = Tally()
        notes.mkdir(exist_ok=True)
        self.aside = Lines(notes / "set_aside.ndjson", AsideNote, ("row", "order", "field", "reason"), fresh=True)
        self.refused = Lines(notes / "refused.ndjson", RefusedPart, ("order", "part"))
        self.waiting = Lines(notes / "waiting.ndjson", WaitingOrder, ("order",), fresh=True)

    def file(
        self, path: Path, format: Format, direction: Direction = "export", home: str = "CN", **given: Any
    ) -> "Brought":
        """Bring a file; `catalogue` and `limit` may be given."""
        catalogue: Catalogue | None = given.get("catalogue")
        source = from_file(path, format, direction, home, catalogue, given.get("limit"), self.aside, self.tally)
        return self.drafts(source.drafts(), direction, home, source.articles)

    def drafts(
        self,
        drafts: Iterable[DraftOrder | DraftCancellation],
        direction: Direction,
        home: str,
        articles: Articles,
        **given: Any,
    ) -> "Brought":
        """Bring drafts; `identity_of`, `faults` and `district` may be given."""
        cast, district = self.harbour.cast, given.pop("district", "2925")
        self.pipeline = Pipeline(
            self.harbour.as_seen_by("platform"),
            cast.signers(direction),
            cast.recipients(),
            Situation(cast.parties(direction), home, direction, district=district),
            articles,
            clock=lambda: self.harbour.time_ms,
            refused=self.refused,
            waiting=self.waiting,
            **given,
        )
        for _ in self.pipeline.run(drafts):
            pass
        for lines in (self.aside, self.refused, self.waiting):
            lines.flush()
        return self

    @property
    def counts(self) -> Any:
        return self.pipeline.counts

    def close(self) -> None:
        for lines in (self.aside, self.refused, self.waiting):
            lines.close()


def desk(harbour: Harbour, folder: Path, person_key: bytes = b"\x01" * 32, language: str = "en") -> Desk:
    """Customs' desk beside this network."""
    return Desk(
        harbour.as_seen_by("customs"),
        harbour.cast.keys("customs"),
        person_key=person_key,
        numbers=Numbers(folder / "numbers"),
        clock=lambda: harbour.time_ms,
        language=language,
    )
