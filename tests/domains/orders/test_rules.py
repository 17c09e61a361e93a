"""A platform puts a sale on record when its sums hold, and takes quantities off it again.

The sale is the beginning of invoice 536370 of the Online Retail data set (UCI), sent to France on 2010-12-01: alarm
clocks in pink, red and green at 3.75 GBP, and three times postage at 18.00.
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.refusal import Refused as Machine
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.catalog.messages import ListProduct, PublishBans, WithdrawProduct
from sogdia.domains.catalog.messages import Refused as Catalog
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.identity.messages import Suspend
from sogdia.domains.orders import rules
from sogdia.domains.orders.messages import Cancel, CancelledLine, EraseSealed, OrderLine, Refused
from sogdia.domains.orders.state import CANCELLATIONS, ERASURES, ORDERS, is_cancelled
from sogdia.primitives.rulebooks import RuleRow
from tests.domains.conftest import FIRST_BLOCK_MS

CLOCKS = (("22728", 24, 375), ("22727", 24, 375), ("22726", 12, 375))


@pytest.fixture
def scene(scene, cast):
    """The clocks are listed."""
    for sku, _, _ in CLOCKS:
        scene.accepts(listing(cast, sku), by=cast.seller)
    return scene


@pytest.fixture
def sale(order):
    """Invoice 536370; whatever the message holds may be given otherwise."""

    def asked(**particulars):
        return order(CLOCKS, **{"freight_minor": 5_400} | particulars)

    return asked


def listing(cast, sku, **particulars):
    usual = {"name": "Alarm clock", "hs_code": "9105110000", "origin": "CN", "unit": "007", "net_weight_grams": 310}
    return ListProduct(seller=cast.seller.did, sku=sku, **usual | particulars)


def cancel(cast, *lines, cancellation="C536370", order="536370", at_ms=1_772_442_100_000):
    return Cancel(
        platform=cast.platform.did,
        order=order,
        cancellation=cancellation,
        cancelled_at_ms=at_ms,
        lines=tuple(CancelledLine(line=line, quantity=quantity) for line, quantity in lines),
        reason="buyer changed their mind",
    )


def erase(cast, order="536370", **particulars):
    return EraseSealed(platform=cast.platform.did, order=order, **{"ground": "request"} | particulars)


class TestPlacing:
    def test_the_platform_puts_a_sale_on_record(self, scene, cast, sale):
        (told,) = scene.accepts(sale(shared_with=(cast.carrier.did,)), by=cast.platform)
        assert (told["type"], told["paid_minor"], told["currency"]) == ("orders.placed", 27_900, "GBP")
        assert told["parties"] == [cast.platform.did, cast.seller.did, cast.carrier.did]
        order = scene.find(ORDERS, cast.platform.did, "536370")
        assert [line.total_minor for line in order.lines] == [9_000, 9_000, 4_500]
        assert (order.goods_minor, order.freight_minor, order.paid_minor) == (22_500, 5_400, 27_900)
        assert not is_cancelled(order)

    def test_it_names_the_payment_institution_or_none(self, scene, cast, sale):
        scene.accepts(sale(institution=cast.institution.did), by=cast.platform)
        assert scene.find(ORDERS, cast.platform.did, "536370").institution == cast.institution.did
        scene.accepts(sale(order="536371"), by=cast.platform)
        assert scene.find(ORDERS, cast.platform.did, "536371").institution is None

    def test_an_order_number_is_taken_once_per_platform(self, scene, cast, sale):
        scene.accepts(sale(), by=cast.platform)
        told = {"platform": cast.platform.did, "order": "536370"}
        scene.refuses(Refused.ORDER_EXISTS, sale(ship_to="DE"), by=cast.platform, **told)
        scene.accepts(sale(order="536371"), by=cast.platform)

    def test_it_is_not_placed_later_than_now_give_or_take_a_clock(self, scene, cast, sale):
        edge = scene.time_ms + CLOCK_TOLERANCE_MS
        scene.refuses(Refused.PLACED_IN_FUTURE, sale(placed_at_ms=edge + 1), by=cast.platform, time_ms=scene.time_ms)
        scene.accepts(sale(placed_at_ms=edge), by=cast.platform)

    def test_a_line_is_quantity_times_price(self, scene, cast, sale):
        lines = (OrderLine(sku="22728", name="Clock", quantity=24, price_e5=375_000, total_minor=9_001),)
        wrong = sale(lines=lines, goods_minor=9_001, paid_minor=14_401)
        told = {"line": 1, "total_minor": 9_001, "expected_e5": 9_000_000}
        scene.refuses(Refused.LINE_TOTAL_WRONG, wrong, by=cast.platform, **told)

    def test_to_the_nearest_penny_where_the_price_was_divided(self, scene, cast, sale):
        thirds = (OrderLine(sku="22728", name="Clock", quantity=3, price_e5=33_333, total_minor=100),)
        scene.accepts(sale(lines=thirds, goods_minor=100, paid_minor=5_500), by=cast.platform)

    def test_the_yen_has_no_smaller_unit(self, scene, cast, sale):
        lines = (OrderLine(sku="22728", name="Clock", quantity=2, price_e5=64_800_000, total_minor=1_296),)
        scene.accepts(sale(lines=lines, currency="JPY", goods_minor=1_296, paid_minor=6_696), by=cast.platform)

    def test_the_lines_are_the_goods(self, scene, cast, sale):
        told = {"goods_minor": 22_501, "sum_of_lines_minor": 22_500}
        scene.refuses(Refused.GOODS_VALUE_WRONG, sale(goods_minor=22_501), by=cast.platform, **told)

    def test_goods_freight_and_tax_less_discount_and_rounding_are_what_is_paid(self, scene, cast, sale):
        parts = {"tax_minor": 450, "discount_minor": 1_000, "rounding_minor": -1}
        told = {"paid_minor": 27_900, "expected_minor": 27_349}
        scene.refuses(Refused.PAID_WRONG, sale(**parts), by=cast.platform, **told)
        scene.accepts(sale(**parts, paid_minor=27_349), by=cast.platform)

    @pytest.mark.parametrize(
        "particular", [{"order": "536370\n"}, {"ship_to": "fr"}, {"currency": "gbp"}, {"paid_minor": -1}, {"lines": ()}]
    )
    def test_what_is_no_value_of_its_kind_does_not_reach_the_rule(self, network, cast, sale, particular):
        network.refuses(Machine.MALFORMED, sale(**particular), by=cast.platform)


class TestWhoSells:
    def test_only_a_platform_places_and_only_for_itself(self, scene, cast, sale):
        scene.refuses(Identity.ROLE_MISSING, sale(platform=cast.carrier.did), by=cast.carrier, role="platform")
        scene.refuses(Identity.NOT_SIGNED_BY, sale(), by=cast.seller, party=cast.platform.did)

    def test_the_seller_is_on_record_as_a_seller_in_good_standing(self, scene, cast, sale):
        scene.refuses(Identity.PARTY_UNKNOWN, sale(seller=cast.newcomer.did), by=cast.platform)
        scene.refuses(Identity.ROLE_MISSING, sale(seller=cast.broker.did), by=cast.platform, role="seller")
        suspend = Suspend(party=cast.seller.did, reason="counterfeits", registrar=cast.registrar.did)
        scene.accepts(suspend, by=cast.registrar)
        scene.refuses(Identity.PARTY_SUSPENDED, sale(), by=cast.platform, reason="counterfeits")

    def test_whom_the_buyer_pays_through_is_on_record_as_a_payment_institution(self, scene, cast, sale):
        wrong = sale(institution=cast.carrier.did)
        scene.refuses(Identity.ROLE_MISSING, wrong, by=cast.platform, role="payment_institution")
        unknown = sale(institution=cast.stranger.did)
        scene.refuses(Identity.PARTY_UNKNOWN, unknown, by=cast.platform, party=cast.stranger.did)


class TestWhatIsSold:
    def test_every_product_is_listed_by_this_very_seller(self, scene, cast, sale, order):
        unknown = order((("21724", 12, 85),))
        scene.refuses(Catalog.PRODUCT_UNKNOWN, unknown, by=cast.platform, sku="21724")
        anothers = sale(seller=cast.other_seller.did)
        scene.refuses(Catalog.PRODUCT_UNKNOWN, anothers, by=cast.platform, seller=cast.other_seller.did)

    def test_what_was_withdrawn_is_no_longer_sold(self, scene, cast, sale):
        scene.accepts(WithdrawProduct(seller=cast.seller.did, sku="22726"), by=cast.seller)
        scene.refuses(Catalog.PRODUCT_WITHDRAWN, sale(), by=cast.platform, sku="22726")

    def test_a_ban_that_came_after_the_listing_stops_the_order(self, scene, cast, sale):
        row = RuleRow("catalog.bans", "FR/9105", "2026-01-01", "2026-12-31", "Quiet Nights Act", "a test", "suggestion")
        scene.accepts(sale(), by=cast.platform)
        scene.accepts(PublishBans(authority=cast.customs.did, rows=(row,)), by=cast.customs)
        told = {"country": "FR", "sku": "22728", "rule": "Quiet Nights Act", "certainty": "suggestion"}
        scene.refuses(Catalog.DESTINATION_FORBIDDEN, sale(order="536371"), by=cast.platform, **told)
        scene.accepts(sale(order="536371", ship_to="DE"), by=cast.platform)


class TestCancelling:
    @pytest.fixture
    def placed(self, scene, cast, sale):
        scene.accepts(sale(), by=cast.platform)
        return scene

    def test_quantities_go_off_lines_at_the_orders_prices(self, placed, cast):
        (told,) = placed.accepts(cancel(cast, (1, 4), (3, 12)), by=cast.platform)
        assert (told["type"], told["cancelled_minor"]) == ("orders.cancelled", 6_000)
        order = placed.find(ORDERS, cast.platform.did, "536370")
        assert (order.cancelled, is_cancelled(order)) == ((4, 0, 12), False)
        kept = placed.find(CANCELLATIONS, cast.platform.did, "536370", "C536370")
        assert (kept.lines, kept.cancelled_minor, kept.seller) == (((1, 4), (3, 12)), 6_000, cast.seller.did)

    def test_an_order_is_cancelled_when_nothing_is_left(self, placed, cast):
        placed.accepts(cancel(cast, (1, 24), (2, 24)), by=cast.platform)
        (told,) = placed.accepts(cancel(cast, (3, 12), cancellation="C2"), by=cast.platform)
        assert told["cancelled_minor"] == 4_500
        assert is_cancelled(placed.find(ORDERS, cast.platform.did, "536370"))

    def test_never_more_than_is_left(self, placed, cast):
        placed.accepts(cancel(cast, (3, 10)), by=cast.platform)
        too_much = cancel(cast, (3, 3), cancellation="C2")
        told = {"order": "536370", "line": 3, "asked": 3, "left": 2}
        placed.refuses(Refused.CANCELS_TOO_MUCH, too_much, by=cast.platform, **told)
        in_two_parts = cancel(cast, (3, 2), (3, 1), cancellation="C2")
        placed.refuses(Refused.CANCELS_TOO_MUCH, in_two_parts, by=cast.platform, line=3, asked=1, left=0)

    def test_a_cancellation_number_is_taken_once_per_order(self, placed, cast):
        placed.accepts(cancel(cast, (1, 1)), by=cast.platform)
        again = cancel(cast, (1, 1))
        placed.refuses(Refused.CANCELLATION_EXISTS, again, by=cast.platform, order="536370", cancellation="C536370")

    def test_lines_are_numbered_from_one_to_the_last(self, placed, cast):
        placed.refuses(Refused.LINE_UNKNOWN, cancel(cast, (4, 1)), by=cast.platform, line=4, lines=3)

    def test_an_order_that_is_not_on_record_is_not_cancelled(self, placed, cast):
        unknown = cancel(cast, (1, 1), order="536371")
        placed.refuses(Refused.ORDER_UNKNOWN, unknown, by=cast.platform, platform=cast.platform.did, order="536371")

    def test_it_is_not_cancelled_before_it_was_placed(self, placed, cast):
        early = cancel(cast, (1, 1), at_ms=FIRST_BLOCK_MS - 1)
        told = {"order": "536370", "cancelled_at_ms": FIRST_BLOCK_MS - 1, "placed_at_ms": FIRST_BLOCK_MS}
        placed.refuses(Refused.CANCELLED_BEFORE_PLACED, early, by=cast.platform, **told)
        placed.accepts(cancel(cast, (1, 1), at_ms=FIRST_BLOCK_MS), by=cast.platform)

    def test_nor_later_than_now_give_or_take_a_clock(self, placed, cast):
        edge = placed.time_ms + CLOCK_TOLERANCE_MS
        late = cancel(cast, (1, 1), at_ms=edge + 1)
        placed.refuses(Refused.CANCELLED_IN_FUTURE, late, by=cast.platform, time_ms=placed.time_ms)
        placed.accepts(cancel(cast, (1, 1), at_ms=edge), by=cast.platform)

    def test_only_its_platform_cancels(self, placed, cast):
        placed.refuses(Identity.NOT_SIGNED_BY, cancel(cast, (1, 1)), by=cast.seller, party=cast.platform.did)


class TestErasing:
    @pytest.fixture
    def sealed(self, scene, cast, sale):
        """Invoice 536370 shared with the carrier, its personal values sealed; 536371 has none."""
        shared = {"shared_with": (cast.carrier.did,), "institution": cast.institution.did}
        scene.accepts(sale(sealed="ab" * 32, **shared), by=cast.platform)
        scene.accepts(sale(order="536371"), by=cast.platform)
        return scene

    def test_the_erasure_is_on_record_and_the_order_is_as_before(self, sealed, cast):
        before = sealed.find(ORDERS, cast.platform.did, "536370")
        sealed.accepts(erase(cast, ground="period_over", note="list 2026-7"), by=cast.platform)
        found = sealed.find(ERASURES, cast.platform.did, "536370")
        assert (found.ground, found.note, found.erased_at_ms) == ("period_over", "list 2026-7", sealed.time_ms)
        assert sealed.find(ORDERS, cast.platform.did, "536370") == before

    def test_everyone_who_may_hold_a_copy_hears_of_it(self, sealed, cast):
        (told,) = sealed.accepts(erase(cast), by=cast.platform)
        assert (told["type"], told["ground"]) == ("orders.sealed_erased", "request")
        assert told["parties"] == [one.did for one in (cast.platform, cast.seller, cast.carrier, cast.institution)]
        assert told["roles"] == ["customs"]

    def test_it_is_done_once(self, sealed, cast):
        sealed.accepts(erase(cast), by=cast.platform)
        again, told = erase(cast, note="again"), {"order": "536370", "erased_at_ms": sealed.time_ms}
        sealed.refuses(Refused.ERASED_ALREADY, again, by=cast.platform, **told)

    def test_there_must_be_an_order_with_sealed_values(self, sealed, cast):
        sealed.refuses(Refused.NOTHING_SEALED, erase(cast, "536371"), by=cast.platform, order="536371")
        sealed.refuses(Refused.ORDER_UNKNOWN, erase(cast, "536372"), by=cast.platform, order="536372")

    def test_nobody_but_the_platform_has_it_done(self, sealed, cast):
        sealed.refuses(Identity.NOT_SIGNED_BY, erase(cast), by=cast.seller, party=cast.platform.did)
        assert sealed.find(ERASURES, cast.platform.did, "536370") is None


@given(total=st.integers(0, 10**6), steps=st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_the_parts_of_a_line_come_to_the_line_however_it_is_cut(total, steps):
    line = OrderLine(sku="22728", name="Clock", quantity=sum(steps), price_e5=0, total_minor=total)
    marks = [sum(steps[:count]) for count in range(len(steps) + 1)]
    worth = [rules._worth_minor(line, mark) for mark in marks]
    assert sum(after - before for before, after in pairwise(worth)) == total
    assert worth == sorted(worth)


def test_every_refusal_of_orders_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in Refused}
