"""A file's orders onto the record, in groups: look up what stands there, build what is missing, send it in order.

While one group is on its way to the node the next is built and signed. Within a group the products and the orders go
first; payment, waybill and list follow for the orders that were accepted; cancellations and refunds come last.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from sogdia.client.connection import Connection, Reply, signed
from sogdia.client.keyring import Keys
from sogdia.core.keys import SigningKey
from sogdia.core.refusal import Refused
from sogdia.core.transaction import Message
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder
from sogdia.interfaces.intake.trade import Direction, Parties, Trade, list_number, persons_of, trade_reference
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.standards.orders import DraftCancellation, DraftOrder

GROUP = 100
LISTINGS_PER_TRANSACTION = 50
IMPORT_LINES = 99
"""Lines that an import list may have (CEB 202205)."""
ROLES_OF_A_SALE = ("platform", "institution", "carrier")
ROLES_OF_A_DECLARATION = ("broker", "customs")
UNWEIGHED = "no_weight"
"""Why an order is not placed: nobody has said what an article of it weighs."""
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
    products: tuple[Message, ...]
    first: tuple[Step, ...]
    then: tuple[Step, ...]
    last: tuple[Step, ...]


class Counts(msgspec.Struct):
    """What this run did; what stands on the record is counted there."""

    transactions: int = 0
    orders: int = 0
    unchanged: int = 0


OnRecord = dict[str, dict[str, Any] | None]
"""What stands on the record of one order, by step."""

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
        self._left_out: set[str] = set()
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
        products = self._listings(drafts)
        first, then = list[Step](), list[Step]()
        on_record = self._on_record(drafts)
        secrets_of = self._secrets(drafts, on_record)
        for draft, found in zip(drafts, on_record, strict=True):
            self._remember(draft)
            trade = None if self._is_unweighed(draft) else self._trade(draft, found, secrets_of.get(draft.order))
            if trade is None:
                self._left_out.add(draft.order)
                continue
            if found["order"] is None:
                first.append(self._placed(trade, sealed))
            missing = self._parts(trade, found)
            then += missing
            self.counts.unchanged += found["order"] is not None and not missing
        last = self._cancellations([item for item in group if isinstance(item, DraftCancellation)])
        return Prepared(tuple(sealed), tuple(products), tuple(first), tuple(then), tuple(last))

    def _send(self, prepared: Prepared) -> None:
        if prepared.envelopes:
            self._connection.put_sealed(prepared.envelopes)
        self._put_on_sale(prepared.products)
        for steps in (prepared.first, prepared.then, prepared.last):
            self._submit([step for step in steps if step.order not in self._left_out])

    def _put_on_sale(self, products: Sequence[Message]) -> None:
        """List products, many in a transaction; where one is refused, each by itself, so that it costs no other."""
        starts = range(0, len(products), LISTINGS_PER_TRANSACTION)
        batches = [products[at : at + LISTINGS_PER_TRANSACTION] for at in starts]
        for batch, reply in zip(batches, self._answers(self._listing_steps(batches)), strict=True):
            if not reply.accepted:
                self._submit(self._listing_steps([[product] for product in batch]))

    def _listing_steps(self, batches: Sequence[Sequence[Message]]) -> list[Step]:
        return [self._step(getattr(batch[0], "sku", ""), "product", "seller", *batch) for batch in batches]

    def _submit(self, steps: Sequence[Step]) -> None:
        """Send steps in order; what was refused is on disk before anything that follows from it is sent."""
        noted = False
        for step, reply in zip(steps, self._answers(steps), strict=True):
            if reply.accepted:
                if step.part == "list":
                    self.declared[step.order] = list_number(self._at.parties.platform, step.order)
                continue
            if step.part == "order":
                self._left_out.add(step.order)
            if reply.code not in PASSING:
                noted |= self._refused.add(RefusedPart(step.order, step.part, reply.code, reply.fields))
        if noted:
            self._refused.flush()

    def _answers(self, steps: Sequence[Step]) -> list[Reply]:
        self.counts.transactions += len(steps)
        return self._connection.submit([step.raw for step in steps])

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
            _of_order(draft, dict(zip(LATEST_STEPS, found[at : at + width], strict=True)))
            for draft, at in zip(drafts, range(0, len(found), width), strict=True)
        ]

    def _trade(self, draft: DraftOrder, found: OnRecord, secret: bytes | None) -> Trade | None:
        """The trade to go on with; None where nothing more may be said of the order.

        That is so where it was refused before, is on record with other content, or its secret is gone.
        """
        order = found["order"]
        if order is None:
            refused = (draft.order, "order") in self._refused.seen
            self.counts.unchanged += refused
            return None if refused else self._with_secret(draft, secrets.token_bytes(32))
        if secret is None:
            self._closed(draft, found)
            return None
        trade = self._with_secret(draft, secret)
        if trade.evidence() != order["evidence"]:
            new = self._refused.add(RefusedPart(draft.order, "file", ORDER_DIFFERS, {"order": draft.order}))
            self.counts.unchanged += not new
            return None
        return trade

    def _closed(self, draft: DraftOrder, found: OnRecord) -> None:
        """The sealed values of an order were erased: what is missing of it stays missing."""
        self.counts.unchanged += 1
        if found["list"] is not None:
            self.declared[draft.order] = found["list"]["list_no"]
        elif self._direction(draft) != "domestic":
            self._waiting.add(WaitingOrder(draft.order, "sealed_gone"))

    def _with_secret(self, draft: DraftOrder, secret: bytes) -> Trade:
        return Trade(draft, self._direction(draft), persons_of(draft, self._identity_of(draft)), secret)

    def _secrets(self, drafts: Sequence[DraftOrder], found: Sequence[OnRecord]) -> dict[str, bytes | None]:
        """The secrets over those orders that are on record, asked for in one request."""
        known = {draft.order: one["order"] for draft, one in zip(drafts, found, strict=True) if one["order"]}
        wanted = [(trade_reference(self._at.parties.platform, one), order["sealed"]) for one, order in known.items()]
        raws = self._connection.lookup_sealed([pair for pair in wanted if pair[1]])
        return {number: self._secret(raws.get(order["sealed"])) for number, order in known.items()}

    def _secret(self, raw: bytes | None) -> bytes | None:
        """The secret in the envelope of an order that is on record; None when that was erased."""
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

    def _is_unweighed(self, draft: DraftOrder) -> bool:
        """Whether nobody has said what an article of the order weighs; then the order waits and is not placed."""
        skus = self._articles.unweighed(parts.goods_lines(draft))
        if skus:
            self._waiting.add(WaitingOrder(draft.order, UNWEIGHED, skus))
        return bool(skus)

    def _listings(self, drafts: Sequence[DraftOrder]) -> list[Message]:
        """The products that are not on sale yet, or not as the seller's catalogue now states them."""
        lines = [line for draft in drafts for line in parts.goods_lines(draft)]
        fresh = [line.sku for line in lines if self._articles.describe(line)]
        seller = self._at.parties.seller
        known = self._connection.lookup([("catalog.product", seller, sku) for sku in fresh]) if fresh else []
        listed: list[Message] = []
        for sku, record in zip(fresh, known, strict=True):
            wanted = self._articles.listed(sku, record) and (sku, "product") not in self._refused.seen
            if wanted and self._signers.get("seller") is not None:
                listed.append(parts.listing(seller, self._articles.goods[sku]))
        return listed

    def _placed(self, trade: Trade, sealed: list[bytes]) -> Step:
        parties, draft = self._at.parties, trade.draft
        envelope = envelopes.seal(
            trade.persons, trade.secret, self._recipients(trade), trade_reference(parties.platform, draft.order)
        )
        sealed.append(envelopes.to_bytes(envelope))
        placed = parts.order(trade, parties, self._at.home, envelope.id)
        return self._step(draft.order, "order", "platform", placed, trade=trade)

    def _parts(self, trade: Trade, found: OnRecord) -> list[Step]:
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
            made += self._declaration(trade, found)
        return made

    def _declaration(self, trade: Trade, found: OnRecord) -> list[Step]:
        draft = trade.draft
        if found["list"] is not None:
            self.declared[draft.order] = found["list"]["list_no"]
            return []
        waits = _cannot_be_declared(trade, self._articles)
        if waits is not None:
            self._waiting.add(waits)
            return []
        cancelled = found["order"]["cancelled"] if found["order"] is not None else ()
        left = parts.cargo(draft, self._articles.goods, cancelled, found["waybill"])
        if not left.lines or not self._mine(draft, "list", "broker"):
            return []
        return [self._step(draft.order, "list", "broker", self._list(trade, left), trade=trade)]

    def _list(self, trade: Trade, cargo: parts.Cargo) -> Message:
        at = self._at
        if trade.direction == "import":
            return parts.import_list(trade, at.parties, cargo, self._clock(), at.district, at.home)
        return parts.export_list(trade, at.parties, cargo, self._clock(), at.district)

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
        made, parties = list[Step](), self._at.parties
        if draft.order in self._left_out:
            return made
        lines = {row: number for number, row in enumerate(self._rows.get(draft.order, ()), 1)}
        goods = msgspec.structs.replace(draft, lines=tuple(line for line in draft.lines if line.order_row in lines))
        cancel, pay_back = f"cancellation {draft.cancellation}", f"refund {draft.cancellation}"
        if goods.lines and cancelled is None and self._mine_named(draft.order, cancel, "platform"):
            said = parts.cancellation(goods, parties, lines)
            made.append(self._step(draft.order, cancel, "platform", said))
        if refunded is None and self._mine_named(draft.order, pay_back, "institution"):
            refund = parts.refund(draft, parties, self._payments[draft.order])
            made.append(self._step(draft.order, pay_back, "institution", refund))
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
PASSING = (Refused.EXPIRED, Refused.TOO_FAR_AHEAD)
"""What a clock that is wrong for a while brings about: not remembered, so that the next run says it again."""


def _of_order(draft: DraftOrder, found: OnRecord) -> OnRecord:
    """Without the payment and the waybill that have these numbers and are another order's."""
    return {step: record if record and record["order"] == draft.order else None for step, record in found.items()}


def _cannot_be_declared(trade: Trade, articles: Articles) -> WaitingOrder | None:
    missing = parts.unplaced(trade.draft, articles.goods)
    if missing is not None:
        return WaitingOrder(trade.draft.order, "no_hs_code", missing.skus)
    if trade.direction == "import":
        needed = ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee_address")
        untold = tuple(name for name in needed if name not in trade.persons)
        if untold:
            return WaitingOrder(trade.draft.order, "buyer_not_told", untold)
        lines = len(parts.goods_lines(trade.draft))
        if lines > IMPORT_LINES:
            return WaitingOrder(trade.draft.order, "too_many_lines", (str(lines),))
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
