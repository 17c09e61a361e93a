"""A file's orders onto the record, in groups: look up what stands there, build what is missing, send it in order.

While one group is on its way to the node the next is built and signed. Within a group the products and the orders go
first; payment, waybill and list follow for the orders that were accepted; cancellations and refunds come last.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from sogdia.client.connection import Connection, signed
from sogdia.client.keyring import Keys
from sogdia.core.keys import SigningKey
from sogdia.core.transaction import Message
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder
from sogdia.interfaces.intake.trade import Direction, Parties, Trade, list_number, persons_of, trade_reference
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.standards.orders import DraftCancellation, DraftOrder

GROUP = 100
LISTINGS_PER_TRANSACTION = 50
ROLES_OF_A_SALE = ("platform", "institution", "carrier")
ROLES_OF_A_DECLARATION = ("broker", "customs")
LATEST_STEPS = ("order", "payment", "waybill", "list")


class Signers(msgspec.Struct, frozen=True):
    """Whose keys this run holds, by part; a part without a key is left to its own party."""

    by_role: Mapping[str, "BoundKey"]

    def get(self, role: str) -> "BoundKey | None":
        """The key for a role, or None."""
        return self.by_role.get(role)


class BoundKey(msgspec.Struct, frozen=True):
    """A signing key under its id on the record, and the key that opens envelopes."""

    kid: str
    key: SigningKey
    did: str
    agreement_private: bytes
    scheme: str = "EdDSA"

    def sign(self, message: bytes) -> bytes:
        """The signature over these bytes."""
        return self.key.sign(message)


class Recipient(msgspec.Struct, frozen=True):
    """A party to which values are sealed: its identifier and its X25519 public key."""

    did: str
    agreement_public: bytes


class Situation(msgspec.Struct, frozen=True):
    """What holds for a whole file: who takes part, the seller's country, and which border this is.

    Exports are orders that leave `home`; imports are orders bound for `border`; every other one needs no declaration.
    """

    parties: Parties
    home: str
    direction: Direction
    border: str = "CN"
    district: str = "2925"


class Step(msgspec.Struct, frozen=True):
    """One signed transaction of a group: whose part of which order it is."""

    order: str
    part: str
    raw: bytes


class Prepared(msgspec.Struct, frozen=True):
    """A group ready to send."""

    envelopes: tuple[bytes, ...]
    first: tuple[Step, ...]
    then: tuple[Step, ...]
    last: tuple[Step, ...]


class Counts(msgspec.Struct):
    """What this run did; what stands on the record is counted there."""

    transactions: int = 0
    orders: int = 0
    unchanged: int = 0


Faults = Callable[[str, Trade, Message], Message | None]
"""Lets a rehearsal make the mistakes that real parties make: another message in the place of the right one."""


class Pipeline:
    """Brings drafts onto the record of one node."""

    def __init__(
        self,
        connection: Connection,
        signers: Signers,
        recipients: Mapping[str, Recipient],
        situation: Situation,
        articles: Articles,
        *,
        clock: Callable[[], int],
        refused: Lines,
        waiting: Lines,
        identity_of: Callable[[DraftOrder], str | None] = lambda draft: None,
        faults: Faults = lambda part, trade, right: None,
    ) -> None:
        self.counts = Counts()
        self.declared: dict[str, str] = {}
        self._connection = connection
        self._signers = signers
        self._sealed_to = recipients
        self._at = situation
        self._articles = articles
        self._clock = clock
        self._refused = refused
        self._waiting = waiting
        self._identity_of = identity_of
        self._faults = faults
        self._rows: dict[str, tuple[int, ...]] = {}
        self._payments: dict[str, str] = {}

    # -- the walk ------------------------------------------------------------------------------------------------

    def run(self, items: Iterable[DraftOrder | DraftCancellation]) -> Iterator[int]:
        """Bring every item onto the record; yields the number of orders done after each group."""
        with ThreadPoolExecutor(1, thread_name_prefix="sender") as sender:
            sending: Future[None] | None = None
            for group in _grouped(items):
                prepared = self._prepare(group)
                if sending is not None:
                    sending.result()
                sending = sender.submit(self._send, prepared)
                yield self.counts.orders
            if sending is not None:
                sending.result()
        self._refused.flush()
        self._waiting.flush()

    def _prepare(self, group: Sequence[DraftOrder | DraftCancellation]) -> Prepared:
        drafts = [item for item in group if isinstance(item, DraftOrder)]
        self.counts.orders += len(drafts)
        sealed: list[bytes] = []
        first, then = self._listings(drafts), list[Step]()
        for draft, found in zip(drafts, self._on_record(drafts), strict=True):
            self._remember(draft)
            trade = self._trade(draft, found["order"])
            if trade is None:
                continue
            if found["order"] is None:
                first.append(self._placed(trade, sealed))
            missing = self._parts(trade, found)
            then += missing
            self.counts.unchanged += found["order"] is not None and not missing
        last = self._cancellations([item for item in group if isinstance(item, DraftCancellation)])
        return Prepared(tuple(sealed), tuple(first), tuple(then), tuple(last))

    def _send(self, prepared: Prepared) -> None:
        if prepared.envelopes:
            self._connection.put_sealed(prepared.envelopes)
        failed = self._submit(prepared.first)
        failed |= self._submit([step for step in prepared.then if step.order not in failed])
        self._submit([step for step in prepared.last if step.order not in failed])

    def _submit(self, steps: Sequence[Step]) -> set[str]:
        """Send steps in order; gives the orders whose place on the record was refused."""
        failed = set()
        for step, reply in zip(steps, self._connection.submit([step.raw for step in steps]), strict=True):
            if not reply.accepted:
                self._refused.add(RefusedPart(step.order, step.part, reply.code, reply.fields))
                if step.part == "order":
                    failed.add(step.order)
            elif step.part == "list":
                self.declared[step.order] = list_number(self._at.parties.platform, step.order)
        self.counts.transactions += len(steps)
        return failed

    # -- what stands on the record -------------------------------------------------------------------------------

    def _on_record(self, drafts: Sequence[DraftOrder]) -> list[dict[str, dict[str, Any] | None]]:
        parties = self._at.parties
        lists = "customs.import_list" if self._at.direction == "import" else "customs.export_list"
        wanted: list[tuple[str, ...]] = []
        for draft in drafts:
            wanted += [
                ("orders.order", parties.platform, draft.order),
                ("payments.payment", parties.institution, parts.payment_number(draft)),
                ("logistics.waybill", parties.carrier, parts.waybill_number(draft)),
                (lists, parties.broker, list_number(parties.platform, draft.order)),
            ]
        found = self._connection.lookup(wanted) if wanted else []
        width = len(LATEST_STEPS)
        return [
            dict(zip(LATEST_STEPS, found[place : place + width], strict=True)) for place in range(0, len(found), width)
        ]

    def _trade(self, draft: DraftOrder, order: dict[str, Any] | None) -> Trade | None:
        """The trade to go on with; None where the order was refused before, or is on record with other content."""
        if order is None:
            refused = (draft.order, "order") in self._refused.seen
            return None if refused else self._with_secret(draft, secrets.token_bytes(32))
        secret = self._secret(draft, order)
        if secret is None:
            return None
        trade = self._with_secret(draft, secret)
        if trade.evidence() != order["evidence"]:
            self._refused.add(RefusedPart(draft.order, "order", ORDER_DIFFERS, {"order": draft.order}))
            return None
        return trade

    def _with_secret(self, draft: DraftOrder, secret: bytes) -> Trade:
        return Trade(draft, self._direction(draft), persons_of(draft, self._identity_of(draft)), secret)

    def _secret(self, draft: DraftOrder, order: dict[str, Any]) -> bytes | None:
        """The secret over an order that is on record, from its envelope; None when that was erased."""
        reference = trade_reference(self._at.parties.platform, draft.order)
        raw = self._connection.get_sealed(reference, order["sealed"])
        platform = self._signers.get("platform")
        if raw is None or platform is None:
            return None
        return envelopes.open_envelope(envelopes.from_bytes(raw), platform.did, platform.agreement_private)[1]

    def _direction(self, draft: DraftOrder) -> Direction:
        if self._at.direction == "import":
            return "import" if draft.country == self._at.border else "domestic"
        return "domestic" if draft.country == self._at.home else "export"

    def _remember(self, draft: DraftOrder) -> None:
        self._rows[draft.order] = tuple([line.row for line in parts.goods_lines(draft)])
        self._payments[draft.order] = parts.payment_number(draft)

    # -- building ------------------------------------------------------------------------------------------------

    def _listings(self, drafts: Sequence[DraftOrder]) -> list[Step]:
        lines = [line for draft in drafts for line in parts.goods_lines(draft)]
        fresh = [line.sku for line in lines if self._articles.describe(line)]
        seller = self._at.parties.seller
        known = self._connection.lookup([("catalog.product", seller, sku) for sku in fresh]) if fresh else []
        missing = [sku for sku, record in zip(fresh, known, strict=True) if record is None]
        listed = [parts.listing(seller, self._articles.goods[sku]) for sku in missing]
        starts = range(0, len(listed), LISTINGS_PER_TRANSACTION)
        return [self._step("", "products", "seller", *listed[at : at + LISTINGS_PER_TRANSACTION]) for at in starts]

    def _placed(self, trade: Trade, sealed: list[bytes]) -> Step:
        parties, draft = self._at.parties, trade.draft
        envelope = envelopes.seal(
            trade.persons, trade.secret, self._recipients(trade), trade_reference(parties.platform, draft.order)
        )
        sealed.append(envelopes.to_bytes(envelope))
        placed = parts.order(trade, parties, self._at.home, envelope.id)
        return self._step(draft.order, "order", "platform", placed, trade=trade)

    def _parts(self, trade: Trade, found: dict[str, dict[str, Any] | None]) -> list[Step]:
        draft, parties = trade.draft, self._at.parties
        made = []
        if found["payment"] is None and self._mine(draft, "payment", "institution"):
            made.append(self._step(draft.order, "payment", "institution", parts.payment(trade, parties), trade=trade))
        if found["waybill"] is None and self._mine(draft, "waybill", "carrier"):
            weight = parts.gross_weight_grams(draft, self._articles.goods)
            made.append(
                self._step(draft.order, "waybill", "carrier", parts.waybill(trade, parties, weight), trade=trade)
            )
        if trade.direction != "domestic":
            made += self._declaration(trade, found["list"])
        return made

    def _declaration(self, trade: Trade, on_record: dict[str, Any] | None) -> list[Step]:
        draft = trade.draft
        if on_record is not None:
            self.declared[draft.order] = on_record["list_no"]
            return []
        waits = _cannot_be_declared(trade, self._articles)
        if waits is not None:
            self._waiting.add(waits)
            return []
        if not self._mine(draft, "list", "broker"):
            return []
        return [self._step(draft.order, "list", "broker", self._list(trade), trade=trade)]

    def _list(self, trade: Trade) -> Message:
        at, goods = self._at, self._articles.goods
        if trade.direction == "import":
            return parts.import_list(trade, at.parties, goods, self._clock(), at.district, at.home)
        return parts.export_list(trade, at.parties, goods, self._clock(), at.district)

    def _cancellations(self, drafts: Sequence[DraftCancellation]) -> list[Step]:
        parties = self._at.parties
        wanted: list[tuple[str, ...]] = []
        for draft in drafts:
            wanted.append(("orders.cancellation", parties.platform, draft.order, draft.cancellation))
            wanted.append(
                (
                    "payments.refund",
                    parties.institution,
                    self._payments.get(draft.order, ""),
                    parts.refund_number(draft),
                )
            )
        found = self._connection.lookup(wanted) if wanted else []
        made = []
        for place, draft in enumerate(drafts):
            made += self._taken_back(draft, found[2 * place], found[2 * place + 1])
        return made

    def _taken_back(self, draft: DraftCancellation, cancelled: Any, refunded: Any) -> list[Step]:
        made, parties = [], self._at.parties
        lines = {row: number for number, row in enumerate(self._rows.get(draft.order, ()), 1)}
        goods = msgspec.structs.replace(draft, lines=tuple(line for line in draft.lines if line.order_row in lines))
        key = f"{draft.order} {draft.cancellation}"
        if goods.lines and cancelled is None and self._mine_named(key, "cancellation", "platform"):
            made.append(self._step(key, "cancellation", "platform", parts.cancellation(goods, parties, lines)))
        if refunded is None and self._mine_named(key, "refund", "institution"):
            refund = parts.refund(draft, parties, self._payments[draft.order])
            made.append(self._step(key, "refund", "institution", refund))
        return made

    def _mine(self, draft: DraftOrder, part: str, role: str) -> bool:
        return self._mine_named(draft.order, part, role)

    def _mine_named(self, order: str, part: str, role: str) -> bool:
        """Whether this run holds the key for a part that was not refused before."""
        return self._signers.get(role) is not None and (order, part) not in self._refused.seen

    def _recipients(self, trade: Trade) -> dict[str, bytes]:
        """Those who need the plain values: broker and customs only where something is declared."""
        roles = ROLES_OF_A_SALE + (ROLES_OF_A_DECLARATION if trade.direction != "domestic" else ())
        held = [self._sealed_to[role] for role in roles if role in self._sealed_to]
        return {recipient.did: recipient.agreement_public for recipient in held}

    def _step(self, order: str, part: str, role: str, *messages: Message, trade: Trade | None = None) -> Step:
        signer = self._signers.get(role)
        assert signer is not None, f"no key for {role}"
        said: Sequence[Message] = messages
        if trade is not None:
            wrong = self._faults(part, trade, messages[0])
            said = messages if wrong is None else (wrong,)
        raw = signed(self._connection.network, self._clock(), secrets.token_hex(8), said, [signer])
        return Step(order, part, raw)


def bound(keys: Keys) -> BoundKey:
    """A party's keys as the pipeline signs with them."""
    return BoundKey(keys.kid, keys.signer, keys.identity.did, keys.agreement_private)


ORDER_DIFFERS = 3001
"""Refusal ORDER_EXISTS of orders, given before sending: the number is on record with other content."""


def _cannot_be_declared(trade: Trade, articles: Articles) -> WaitingOrder | None:
    missing = parts.unplaced(trade.draft, articles.goods)
    if missing is not None:
        return WaitingOrder(trade.draft.order, "no_hs_code", missing.skus)
    if trade.direction == "import":
        needed = ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee_address")
        untold = tuple(name for name in needed if name not in trade.persons)
        if untold:
            return WaitingOrder(trade.draft.order, "buyer_not_told", untold)
    return None


def _grouped(items: Iterable[DraftOrder | DraftCancellation]) -> Iterator[list[DraftOrder | DraftCancellation]]:
    group: list[DraftOrder | DraftCancellation] = []
    for item in items:
        group.append(item)
        if len(group) >= GROUP:
            yield group
            group = []
    if group:
        yield group
