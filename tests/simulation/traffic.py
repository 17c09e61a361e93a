"""Seeded traffic over all domains: trades that go their way, and in between everything that people get wrong.

`Traffic.round` gives transactions to submit together, `Traffic.learn` takes what became of them. About every fifth is
wrong, in its bytes, its signature, its time or in what it says; the ledger alone decides, the traffic only remembers
which steps of a trade were taken.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from sogdia.core.codec import from_base64url
from sogdia.core.transaction import payload_bytes, sign
from sogdia.domains.catalog.messages import WithdrawProduct
from sogdia.domains.customs.messages import Answer, PublishLimits
from sogdia.domains.identity.messages import GrantRole, Reinstate, RevokeRole, Rotate, Suspend
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.domains.payments.messages import Refund
from sogdia.domains.tax.messages import PublishRates
from tests.simulation.course import Course, Step
from tests.simulation.world import (
    BEGINS_MS,
    BROKERS,
    CARRIERS,
    CUSTOMS,
    HOUR_MS,
    INSTITUTIONS,
    NETWORK,
    REGISTRAR,
    SELLERS,
    TAX,
    Actor,
    Buyer,
    Pen,
    listing,
    row,
    signed,
)

WRONG_SHARE, USURPED_SHARE = 0.22, 0.01
LIVE_TRADES = 450
IMPORTED = (("CREAM", 4), ("WINE", 6), ("TOY", 5))
EXPORTED = (("LANTERN", 24), ("SCARF", 6))


class Traffic:
    """All trades of a simulation."""

    def __init__(self, seed: int, buyers: Sequence[Buyer]) -> None:
        self.chance = random.Random(seed)
        self.buyers = buyers
        self.now_ms, self.live_trades = 0, LIVE_TRADES
        self.trades: list[Course] = []
        self.ended: list[Course] = []
        self.numbers = 0
        self.nonces = 0
        self.newcomers: list[Actor] = []
        self.suspended: list[str] = []
        self.kept: list[bytes] = []
        self.pre_nos: list[str] = []
        self.sent: list[Step | None] = []
        self.wrong = 0

    def round(self, size: int, now_ms: int) -> list[bytes]:
        """So many transactions to hand in together, each of another trade, and what others make of them."""
        self.now_ms = now_ms
        while len(self.trades) < self.live_trades:
            self.trades.append(self._new_trade())
        self.sent, raws = [], list[bytes]()
        for trade in self.chance.sample(self.trades, size):
            for step, raw in self._transactions(trade):
                self.sent.append(step)
                raws.append(raw)
        return raws

    def learn(self, codes: Sequence[int]) -> None:
        """What became of the last round; 0 is accepted."""
        for step, code in zip(self.sent, codes, strict=True):
            if step is not None and code == 0:
                step.then()
            elif step is not None:
                step.otherwise(code)
        self.ended += [trade for trade in self.trades if trade.stage == "end"]
        self.trades = [trade for trade in self.trades if trade.stage != "end"]

    # -- one transaction ------------------------------------------------------------------------------------------

    def _transactions(self, trade: Course) -> list[tuple[Step | None, bytes]]:
        if self.chance.random() < USURPED_SHARE:
            self.wrong += 1
            return self._usurped(trade)
        return [self._transaction(trade)]

    def _usurped(self, trade: Course) -> list[tuple[Step | None, bytes]]:
        """Somebody signs the very payload first: one on record, or a stranger. The right parties lose nothing."""
        step = self._next(trade)
        payload = payload_bytes(NETWORK, self.now_ms + HOUR_MS, self._nonce(), tuple(step.messages))
        return [(None, sign(payload, [self._somebody()])), (step, sign(payload, step.pens))]

    def _somebody(self) -> Actor:
        return self.chance.choice((TAX, Actor(f"stranger {self.nonces}", "seller")))

    def _transaction(self, trade: Course) -> tuple[Step | None, bytes]:
        if self.chance.random() < WRONG_SHARE:
            self.wrong += 1
            if self.chance.random() < 0.4:
                return None, self._wrong_bytes(trade)
            return None, self._signed(self._wrong(trade))
        step = self._side_business() if self.chance.random() < 0.06 else self._next(trade)
        raw = self._signed(step)
        if self.chance.random() < 0.02:
            self.kept.append(raw)
        return step, raw

    def _signed(self, step: Step, **other: Any) -> bytes:
        return signed(step.messages, step.pens, self.now_ms, self._nonce(), **other)

    def _nonce(self) -> str:
        self.nonces += 1
        return f"nonce-{self.nonces:08}"

    def _kept(self) -> bytes:
        return self.chance.choice(self.kept) if self.kept else b"[]"

    def _signed_by_others(self, raw: bytes) -> bytes:
        """What was handed in before, its payload to the byte, under a key that had not signed it."""
        return sign(from_base64url(json.loads(raw)["payload"]), [self._somebody()]) if raw != b"[]" else raw

    def _wrong_bytes(self, trade: Course) -> bytes:
        """Wrong before any rule is asked."""
        step = self._next(trade)
        good = self._signed(step)
        payload = payload_bytes(NETWORK, self.now_ms + HOUR_MS, self._nonce(), tuple(step.messages))
        (*_, last) = step.pens
        forged = Pen(last.did, last.kid.partition("#")[2], BROKERS[0].key if last is not BROKERS[0] else TAX.key)
        ways: list[Callable[[], bytes]] = [
            lambda: good[: self.chance.randrange(len(good))],
            lambda: good.replace(b'"payload":"', b'"payload":"' + b"A" * self.chance.randrange(1, 9), 1),
            lambda: sign(payload, [forged]),
            lambda: sign(payload, []),
            lambda: sign(payload, [last, last]),
            lambda: self._signed(step, network="elsewhere"),
            lambda: self._signed(step, valid_until_ms=self.now_ms - HOUR_MS),
            lambda: self._signed(step, valid_until_ms=self.now_ms + 30 * HOUR_MS),
            lambda: sign(payload, [last.pen("key-9") if isinstance(last, Actor) else last]),
            lambda: sign(payload, [Actor(f"stranger {self.nonces}", "seller")]),
            self._kept,
            lambda: self._signed_by_others(self._kept()),
            lambda: sign(payload.replace(b'"nonce"', b'"extra":1,"nonce"'), step.pens),
            lambda: sign(payload, [self._nobody_asked(step)]),
        ]
        return self.chance.choice(ways)()

    def _nobody_asked(self, step: Step) -> Actor:
        """Somebody on record whose word alone is not the step's."""
        return self.chance.choice([one for one in (TAX, *CARRIERS, *INSTITUTIONS) if [one] != list(step.pens)])

    # -- the way of a trade -----------------------------------------------------------------------------------------

    def _new_trade(self) -> Course:
        self.numbers += 1
        imported = self.chance.random() < 0.6
        kinds = self.chance.sample(IMPORTED if imported else EXPORTED, self.chance.choice((1, 2)))
        goods = [(sku, self.chance.randint(1, most)) for sku, most in kinds]
        if imported and self.chance.random() < 0.06:
            goods = [("WATCH", 1)]
        trade = Course(self.numbers, self.chance.choice(self.buyers), goods, imported)
        chosen = self.chance.random()
        if chosen < (0.03 if imported else 0.3):
            trade.named = None
        elif chosen > 0.97:
            trade.named = trade.other_institution.did
        return trade

    def _next(self, trade: Course) -> Step:
        step: Step = getattr(self, "_" + trade.stage)(trade)
        return step

    def _new(self, trade: Course) -> Step:
        order = trade.place(self.now_ms, self.chance.choice((0, 500, 1200)) if trade.imported else 500)
        trade.paid_minor = order.paid_minor
        return Step([order], [trade.platform], trade.go("placed"))

    def _placed(self, trade: Course) -> Step:
        paid, taken = trade.attest(self.now_ms, trade.paid_minor), trade.issue(self.now_ms)
        if self.chance.random() < 0.05:
            return self._false_payment(trade)
        if self.chance.random() < 0.1:
            both = [trade.institution, trade.carrier]
            return Step([paid, taken], both, trade.go("moving"))  # payment versus delivery, in one
        return Step([paid], [trade.institution], trade.go("paid"))

    def _false_payment(self, trade: Course) -> Step:
        """Another institution says that the order is paid: it may, once, and that stands beside the trade."""
        by = trade.other_institution
        said = replace(trade.attest(self.now_ms, 1), institution=by.did, payment=f"FALSE-{self.nonces}")
        return Step([said], [by])

    def _paid(self, trade: Course) -> Step:
        return Step([trade.issue(self.now_ms)], [trade.carrier], trade.go("moving"))

    def _moving(self, trade: Course) -> Step:
        chosen = self.chance.random()
        if chosen < 0.15 and not any(trade.cancelled):
            return self._cancel(trade)
        if chosen < 0.3:
            return self._customs_on_a_document(trade)
        if chosen < 0.4:
            return Step([self._status(trade, "in_transit")], [trade.carrier])
        if chosen < 0.43:
            return self._false_payment(trade)
        trade.tries += 1
        message = trade.declare(self.now_ms, trade.list_no)
        return Step([message], [trade.broker], trade.go("declared"), trade.refused)

    def _cancel(self, trade: Course) -> Step:
        at = self.chance.randrange(len(trade.goods))
        quantity = self.chance.randint(1, trade.goods[at][1])
        lines = (CancelledLine(line=at + 1, quantity=quantity),)
        message = Cancel(
            platform=trade.platform.did, order=trade.order, cancellation="C-1", cancelled_at_ms=self.now_ms, lines=lines
        )

        def then() -> None:
            trade.cancelled[at] += quantity
            if trade.is_cancelled and trade.stage == "moving":
                trade.stage = "leftover"

        return Step([message], [trade.platform], then)

    def _customs_on_a_document(self, trade: Course) -> Step:
        ways = [("order", trade.platform.did, trade.order), ("waybill", trade.carrier.did, trade.waybill)]
        if trade.imported:
            ways.append(("payment", trade.institution.did, trade.payment))
        subject, party, number = self.chance.choice(ways)
        code = self.chance.choice((2, 3, 120, 120, 100, -4001))
        return Step([self._answer(subject, party, number, code)], [CUSTOMS])

    def _answer(self, subject: Any, party: str, number: str, code: int, **more: Any) -> Answer:
        return Answer(
            customs=CUSTOMS.did, subject=subject, party=party, number=number, code=code, answered_at_ms=self.now_ms,
            **more,
        )  # fmt: skip

    def _on_list(self, trade: Course, code: int, **more: Any) -> Answer:
        subject = "import_list" if trade.imported else "export_list"
        return self._answer(subject, trade.broker.did, trade.list_no, code, **more)

    def _declared(self, trade: Course) -> Step:
        if self.chance.random() < 0.15:
            return Step([self._on_list(trade, 100, note="weights")], [CUSTOMS], trade.go("moving"))
        more: dict[str, Any] = {"pre_no": f"B20261228{trade.number * 10 + trade.tries:09}"}
        if trade.imported:
            more["person"] = trade.buyer.pseudonym
        accepted = self._on_list(trade, 120, **more)

        def then() -> None:
            trade.stage = "accepted"
            self.pre_nos.append(accepted.pre_no)

        def otherwise(code: int) -> None:
            if code == 6006:
                trade.stage = "over_the_yearly_limit"

        return Step([accepted], [CUSTOMS], then, otherwise)

    def _over_the_yearly_limit(self, trade: Course) -> Step:
        return Step([self._on_list(trade, 100, note="R10")], [CUSTOMS], trade.go("leftover"))

    def _accepted(self, trade: Course) -> Step:
        chosen = self.chance.random()
        if chosen < 0.08 and not any(trade.cancelled):
            return self._cancel(trade)
        if chosen < 0.2:
            return Step([self._on_list(trade, 300)], [CUSTOMS])
        if chosen < 0.3 and trade.imported:
            return Step([self._on_list(trade, 700)], [CUSTOMS], trade.go("leftover"))
        if chosen < 0.4:
            return self._falls(trade, -12)
        letter = "I" if trade.imported else "E"
        number = f"29252026{letter}{trade.number * 10 + trade.tries:09}"

        def otherwise(code: int) -> None:
            if code == 6019:
                trade.stage = "changed"

        return Step([self._on_list(trade, 800, invt_no=number)], [CUSTOMS], trade.go("released"), otherwise)

    def _changed(self, trade: Course) -> Step:
        """The list says more than is left of the order: it falls, and what is left is declared again."""
        return self._falls(trade, 100)

    def _falls(self, trade: Course, code: int) -> Step:
        return Step(
            [self._on_list(trade, code, note="falls")],
            [CUSTOMS],
            trade.go("leftover" if trade.is_cancelled else "moving"),
        )

    def _released(self, trade: Course) -> Step:
        if self.chance.random() < 0.3:
            return Step([self._on_list(trade, 899)], [CUSTOMS], trade.go("delivering"))
        return Step([self._status(trade, "out_for_delivery")], [trade.carrier], trade.go("delivering"))

    def _delivering(self, trade: Course) -> Step:
        status = self.chance.choice(("delivered", "delivered", "return_to_sender"))
        ending = "end" if status == "delivered" else "leftover"
        return Step([self._status(trade, status)], [trade.carrier], trade.go(ending))

    def _leftover(self, trade: Course) -> Step:
        """Money goes back, in two parts or whole."""
        left = trade.paid_minor - trade.refunded
        part = max(1, left // 2) if self.chance.random() < 0.5 else left
        trade.refunds = trade.refunds + 1

        def then() -> None:
            trade.refunded += part
            trade.stage = "end" if trade.refunded == trade.paid_minor else "leftover"

        return Step([self._refund(trade, part)], [trade.institution], then)

    def _refund(self, trade: Course, amount_minor: int) -> Refund:
        return Refund(
            institution=trade.institution.did, payment=trade.payment, refund=f"R{self.nonces:08}",
            amount_minor=amount_minor, refunded_at_ms=self.now_ms,
        )  # fmt: skip

    def _status(self, trade: Course, status: Any) -> ReportStatus:
        return ReportStatus(carrier=trade.carrier.did, waybill=trade.waybill, status=status, reported_at_ms=self.now_ms)

    # -- beside the trades ------------------------------------------------------------------------------------------

    def _side_business(self) -> Step:
        """Parties come, get and lose roles and keys, are suspended; products come and go."""
        if len(self.newcomers) < 3 or self.chance.random() < 0.3:
            someone = Actor(f"newcomer {len(self.newcomers)}", "seller", "payment_institution")
            self.newcomers.append(someone)
            return Step([someone.registration()], [REGISTRAR, someone])
        someone = self.chance.choice(self.newcomers)
        did, registrar = someone.did, REGISTRAR.did
        ways: list[Step] = [
            Step([GrantRole(party=did, role="broker", registrar=registrar)], [REGISTRAR]),
            Step([RevokeRole(party=did, role="broker", registrar=registrar)], [REGISTRAR]),
            Step(
                [Suspend(party=did, reason="licence", registrar=registrar)],
                [REGISTRAR],
                lambda: self.suspended.append(did),
            ),
            Step([Reinstate(party=did, registrar=registrar)], [REGISTRAR], lambda: self.suspended.remove(did)),
            Step([Rotate(party=did, add=(someone.pen("key-2").new(),))], [someone]),
            Step([Rotate(party=did, retire=(someone.kid,))], [someone.pen("key-2")]),
            Step([listing(someone, self.chance.choice(("TOY", "SCARF")))], [someone]),
            Step([WithdrawProduct(seller=did, sku="TOY")], [someone.pen("key-2")]),
        ]
        return self.chance.choice(ways)

    # -- what people get wrong --------------------------------------------------------------------------------------

    def _wrong(self, trade: Course) -> Step:
        """Well signed, and wrong in what it says or when it says it."""
        ways = [*self._always_wrong(trade), *self._no_institution(trade)]
        if trade.stage == "moving":
            ways += self._wrong_lists(trade) * 2
        if trade.stage == "declared" and self.pre_nos:
            ways += [self._number_of_another(trade)] * 40
        other = self.chance.choice(self.ended or self.trades)
        ways += [*self._late(other), *self._wrongly_dated(trade)]
        return self.chance.choice(ways)

    def _always_wrong(self, trade: Course) -> Iterator[Step]:
        order, later = trade.place(self.now_ms), self.now_ms + HOUR_MS
        trade.freight_minor = trade.freight_minor if trade.stage == "new" else self._freight_on_record(trade)
        fresh = replace(order, order=f"{order.order}-{self.nonces}")
        line = order.lines[0]
        more = replace(line, total_minor=line.total_minor + 1)
        by = [trade.platform]
        yield Step([replace(fresh, lines=(more, *order.lines[1:]))], by)
        yield Step([replace(fresh, goods_minor=order.goods_minor + 1)], by)
        yield Step([replace(fresh, paid_minor=order.paid_minor + 1)], by)
        yield Step([replace(fresh, placed_at_ms=later)], by)
        yield Step([replace(fresh, lines=(replace(line, sku="NEVER LISTED"), *order.lines[1:]))], by)
        yield Step([replace(fresh, ship_to="AU")], by) if line.sku == "SCARF" else Step([fresh], [SELLERS[0]])
        yield Step([replace(fresh, seller=CARRIERS[0].did)], by)
        yield Step([replace(fresh, platform=TAX.did)], [TAX])
        paid = replace(trade.attest(later, 5), order=fresh.order, payment=f"PAY-{self.nonces}")
        yield Step([paid], [trade.institution])
        yield Step([fresh, self._refund(trade, 10**14)], [trade.platform, trade.institution])  # all or not at all
        yield Step([PublishRates(authority=SELLERS[0].did, rows=(row("tax.x", "y", "1"),))], [SELLERS[0]])
        yield Step([PublishLimits(authority=CUSTOMS.did, rows=(row("tax.x", "y", "1"),))], [CUSTOMS])

    def _no_institution(self, trade: Course) -> Iterator[Step]:
        """Orders that name for the payment who is no payment institution, not on record, or suspended."""
        fresh = replace(trade.place(self.now_ms), order=f"{trade.order}-{self.nonces}")
        for did in (TAX.did, Actor(f"stranger {self.nonces}").did, *self.suspended[-1:]):
            yield Step([replace(fresh, institution=did)], [trade.platform])

    def _wrongly_dated(self, trade: Course) -> Iterator[Step]:
        """Cancelled before the order or tomorrow, refunded before the payment or tomorrow."""
        one = Cancel(
            platform=trade.platform.did, order=trade.order, cancellation=f"C{self.nonces}", cancelled_at_ms=0,
            lines=(CancelledLine(line=1, quantity=1),),
        )  # fmt: skip
        for at_ms in (BEGINS_MS - HOUR_MS, self.now_ms + HOUR_MS):
            yield Step([replace(one, cancelled_at_ms=at_ms)], [trade.platform])
            yield Step([replace(self._refund(trade, 1), refunded_at_ms=at_ms)], [trade.institution])

    def _freight_on_record(self, trade: Course) -> int:
        return trade.paid_minor - sum(line.total_minor for line in trade.place(0, 0).lines)

    def _wrong_lists(self, trade: Course) -> list[Step]:
        """Lists that disagree with the trade in one field, whatever has happened to the trade before."""
        trade.freight_minor = self._freight_on_record(trade)
        good = trade.declare(self.now_ms, f"W{self.nonces:08}")
        line = good.lines[0]
        changes: list[dict[str, Any]] = [
            {"seller": next(one.did for one in SELLERS if one is not trade.seller)},
            {"waybill": "NO-SUCH-WAYBILL"},
            {"country": "IT"},
            {"gross_weight_grams": good.gross_weight_grams + 1},
            {"net_weight_grams": good.gross_weight_grams + 1},
            {"packages": 2},
            {"currency": "USD"},
            {"order": "never placed"},
            {"declared_at_ms": self.now_ms + HOUR_MS},
            {"lines": good.lines[1:] or (replace(line, line=9),)},
            {"lines": (*good.lines, line)},
        ]
        altered = {"quantity": line.quantity + 1, "total_minor": line.total_minor + 1, "price_e5": 1, "name": "else",
                   "sku": "OTHER", "hs_code": "9999999999", "origin": "VN", "unit": "011"}  # fmt: skip
        changes += [{"lines": (replace(line, **{name: value}), *good.lines[1:])} for name, value in altered.items()]
        if trade.imported:
            names = ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee_address")
            changes += [{name: "ab" * 32} for name in names]
            changes += [{"freight_minor": 7}, {"assurer": TAX.did}, {"mode": "1210"}]
        return [Step([replace(good, **change)], [trade.broker]) for change in changes]

    def _number_of_another(self, trade: Course) -> Step:
        person = trade.buyer.pseudonym if trade.imported else None
        return Step([self._on_list(trade, 120, pre_no=self.chance.choice(self.pre_nos), person=person)], [CUSTOMS])

    def _late(self, trade: Course) -> Iterator[Step]:
        """What comes twice, too late or out of turn."""
        yield Step(
            [trade.place(self.now_ms, self._freight_on_record(trade) if trade.paid_minor else 500)], [trade.platform]
        )
        yield Step([trade.attest(self.now_ms, trade.paid_minor)], [trade.institution])
        again = replace(trade.attest(self.now_ms, trade.paid_minor), payment=f"PAY-{self.nonces}")
        if trade.stage == "end":
            yield Step([again], [trade.institution])
            yield Step([trade.issue(self.now_ms)], [trade.carrier])
            yield Step([self._status(trade, "picked_up")], [trade.carrier])
            yield Step([self._on_list(trade, 120, person="cd" * 32)], [CUSTOMS])
            yield Step([self._on_list(trade, 120)], [CUSTOMS])
            yield Step([self._on_list(trade, 502 if not trade.imported else 77)], [CUSTOMS])
            if not trade.is_cancelled:
                yield Step([trade.declare(self.now_ms, trade.list_no)], [trade.broker])
                yield Step([trade.declare(self.now_ms, f"W{self.nonces:08}")], [trade.broker])
        yield Step([self._refund(trade, trade.paid_minor + 1)], [trade.institution])
        yield Step([self._on_list(trade, 800, invt_no="no number")], [CUSTOMS])
        too_many = (CancelledLine(line=1, quantity=trade.goods[0][1] + 1), CancelledLine(line=7, quantity=1))
        for line in too_many:
            yield Step(
                [Cancel(platform=trade.platform.did, order=trade.order, cancellation=f"C{self.nonces}",
                        cancelled_at_ms=self.now_ms, lines=(line,))],
                [trade.platform],
            )  # fmt: skip
