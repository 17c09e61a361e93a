"""A sale is read by its platform, its seller, those it was shared with, and customs."""

import pytest

from sogdia.core.query import Asker
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.identity.messages import GrantRole
from sogdia.domains.orders import queries
from sogdia.domains.orders.messages import Cancel, CancelledLine


@pytest.fixture
def sold(network, cast, order):
    """Three sales of clocks: two to France, one to Germany; the first is shared with the carrier."""
    product = ListProduct(
        seller=cast.seller.did, sku="22728", name="Clock", hs_code="9105110000", origin="CN", unit="007",
        net_weight_grams=310,
    )  # fmt: skip
    network.accepts(product, by=cast.seller)
    network.accepts(order((("22728", 24, 375),), shared_with=(cast.carrier.did,)), by=cast.platform)
    network.accepts(order((("22728", 2, 375),), order="536371"), by=cast.platform)
    network.accepts(order((("22728", 4, 375),), order="536372", ship_to="DE"), by=cast.platform)
    return network


def numbers(found):
    return [one["order"] for one in found]


def test_who_takes_part_reads_it_and_nobody_else(sold, ask, cast):
    wanted = {"platform": cast.platform.did, "order": "536370"}
    for asker in (cast.platform, cast.seller, cast.carrier, cast.customs):
        found = ask(queries.order, by=asker, **wanted)
        assert found["lines"] == [
            {"sku": "22728", "name": "22728", "quantity": 24, "price_e5": 375_000, "total_minor": 9_000}
        ]
    for asker in (cast.other_seller, cast.broker, None):
        assert ask(queries.order, by=asker, **wanted) is None


def test_orders_are_read_page_by_page_and_by_destination(sold, ask, cast):
    assert numbers(ask(queries.orders, by=cast.seller)) == ["536370", "536371", "536372"]
    first = ask(queries.orders, by=cast.seller, limit=2)
    assert numbers(first) == ["536370", "536371"]
    assert first[1]["place"] == f"{cast.platform.did}|536371"
    assert numbers(ask(queries.orders, by=cast.seller, after=first[1]["place"])) == ["536372"]
    assert numbers(ask(queries.orders, by=cast.seller, ship_to="DE")) == ["536372"]
    assert numbers(ask(queries.orders, by=cast.carrier)) == ["536370"]


def test_two_platforms_with_equal_numbers_lose_nothing(sold, ask, cast, order):
    sold.accepts(GrantRole(party=cast.broker.did, role="platform", registrar=cast.registrar.did), by=cast.registrar)
    for number in ("536370", "536371|x"):
        sold.accepts(order((("22728", 1, 375),), platform=cast.broker.did, order=number), by=cast.broker)
    shown, after = [], ""
    while rows := ask(queries.orders, by=cast.seller, after=after, limit=1):
        shown += [(row["platform"], row["order"]) for row in rows]
        after = rows[-1]["place"]
    theirs = [(cast.broker.did, number) for number in ("536370", "536371|x")]
    assert shown == sorted([(cast.platform.did, number) for number in ("536370", "536371", "536372")] + theirs)


def test_a_page_is_found_by_the_index(sold, ask, cast):
    ask(queries.orders, by=cast.customs)
    asked = []

    class Watched:
        table, visible = ask.picture.table, ask.picture.visible

        @staticmethod
        def rows(statement):
            asked.append(statement.compile(ask.picture._engine, compile_kwargs={"literal_binds": True}))
            return ask.picture.rows(statement)

    assert queries.orders(Watched, Asker(cast.customs.did, ("customs",)), after=f"{cast.platform.did}|536371")
    with ask.picture._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}").all())
    assert "SEARCH orders_order USING" in plan
    assert "TEMP B-TREE" not in plan


def test_totals_say_what_goes_where(sold, ask, cast):
    assert ask(queries.totals_by_destination, by=cast.platform) == [
        {"ship_to": "FR", "currency": "GBP", "orders": 2, "paid_minor": 9_750},
        {"ship_to": "DE", "currency": "GBP", "orders": 1, "paid_minor": 1_500},
    ]
    assert ask(queries.totals_by_destination) == []


def test_cancellations_are_read_oldest_first(sold, ask, cast):
    for number, at_ms in (("C2", 1_772_442_000_000), ("C1", 1_772_442_100_000)):
        cancel = Cancel(
            platform=cast.platform.did,
            order="536370",
            cancellation=number,
            cancelled_at_ms=at_ms,
            lines=(CancelledLine(line=1, quantity=1),),
        )
        sold.accepts(cancel, by=cast.platform)
    wanted = {"platform": cast.platform.did, "order": "536370"}
    found = ask(queries.cancellations, by=cast.seller, **wanted)
    assert [(one["cancellation"], one["cancelled_minor"]) for one in found] == [("C2", 375), ("C1", 375)]
    for asker in (cast.platform, cast.carrier, cast.customs):
        assert ask(queries.cancellations, by=asker, **wanted) == found, "who reads the order reads its cancellations"
    for asker in (cast.other_seller, cast.broker):
        assert ask(queries.cancellations, by=asker, **wanted) == []
