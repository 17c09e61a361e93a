"""Money in and out is read by the institution, the platform, those it was shared with, and customs."""

import pytest

from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.payments import queries
from sogdia.domains.payments.messages import Attest, Refund

NOON_MS = 1_772_441_000_000


@pytest.fixture
def paid(network, cast):
    """Three payments a second apart, the last in euro and shared with the broker; of the first, a part went back."""
    for number, (amount, currency, shared) in enumerate(
        ((27_900, "GBP", ()), (750, "GBP", ()), (1_500, "EUR", (cast.broker.did,)))
    ):
        attest = Attest(
            institution=cast.institution.did,
            payment=f"PAY-{number}",
            platform=cast.platform.did,
            order=f"53637{number}",
            amount_minor=amount,
            currency=currency,
            paid_at_ms=NOON_MS + number * 1000,
            shared_with=shared,
        )
        network.accepts(attest, by=cast.institution)
    for refund, amount in (("R-1", 1_000), ("R-2", 500)):
        back = Refund(
            institution=cast.institution.did,
            payment="PAY-0",
            refund=refund,
            amount_minor=amount,
            refunded_at_ms=NOON_MS + 10_000,
        )
        network.accepts(back, by=cast.institution)
    return network


def numbers(found):
    return [one["payment"] for one in found]


def test_who_takes_part_reads_it_and_nobody_else(paid, ask, cast):
    wanted = {"institution": cast.institution.did, "payment": "PAY-0"}
    for asker in (cast.institution, cast.platform, cast.customs):
        found = ask(queries.payment, by=asker, **wanted)
        assert (found["amount_minor"], found["refunded_minor"]) == (27_900, 1_500)
    for asker in (cast.other_institution, cast.broker, None):
        assert ask(queries.payment, by=asker, **wanted) is None


def test_an_order_leads_to_its_payment_through_the_institution_that_it_names(paid, ask, cast, order):
    wanted = {"platform": cast.platform.did, "order": "536372"}
    false = Attest(
        **wanted, institution=cast.other_institution.did, payment="A", amount_minor=1, currency="EUR",
        paid_at_ms=NOON_MS,
    )  # fmt: skip
    paid.accepts(false, by=cast.other_institution)
    product = ListProduct(
        seller=cast.seller.did, sku="22728", name="Clock", hs_code="9105110000", origin="CN", unit="007",
        net_weight_grams=310,
    )  # fmt: skip
    paid.accepts(product, by=cast.seller)
    sold = (("22728", 4, 375),)
    assert ask(queries.payment_of_order, by=cast.platform, **wanted) is None, "the order names nobody yet"
    paid.accepts(order(sold, order="536372", institution=cast.institution.did), by=cast.platform)
    for asker in (cast.platform, cast.broker, cast.customs):
        assert ask(queries.payment_of_order, by=asker, **wanted)["payment"] == "PAY-2"
    for asker in (cast.seller, cast.other_institution):
        assert ask(queries.payment_of_order, by=asker, **wanted) is None
    paid.accepts(order(sold, order="536371"), by=cast.platform)
    assert ask(queries.payment_of_order, by=cast.platform, platform=cast.platform.did, order="536371") is None


def test_payments_are_read_page_by_page_oldest_first(paid, ask, cast):
    assert numbers(ask(queries.payments, by=cast.institution)) == ["PAY-0", "PAY-1", "PAY-2"]
    assert numbers(ask(queries.payments, by=cast.institution, offset=1, limit=1)) == ["PAY-1"]
    assert numbers(ask(queries.payments, by=cast.institution, after_ms=NOON_MS + 1_000)) == ["PAY-1", "PAY-2"]
    assert numbers(ask(queries.payments, by=cast.broker)) == ["PAY-2"]
    assert ask(queries.payments, by=cast.customs, platform=cast.stranger.did) == []


def test_refunds_are_read_with_their_payment(paid, ask, cast):
    wanted = {"institution": cast.institution.did, "payment": "PAY-0"}
    found = ask(queries.refunds, by=cast.platform, **wanted)
    assert [(one["refund"], one["amount_minor"], one["order"]) for one in found] == [
        ("R-1", 1_000, "536370"),
        ("R-2", 500, "536370"),
    ]
    assert ask(queries.refunds, by=cast.broker, **wanted) == []


def test_totals_say_what_came_in_and_what_went_back(paid, ask, cast):
    assert ask(queries.totals_by_currency, by=cast.platform) == [
        {"currency": "EUR", "payments": 1, "paid_minor": 1_500, "refunded_minor": 0},
        {"currency": "GBP", "payments": 2, "paid_minor": 28_650, "refunded_minor": 1_500},
    ]
    assert ask(queries.totals_by_currency, by=cast.other_institution) == []
