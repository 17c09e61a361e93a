"""An institution attests that an order was paid and what went back; neither happens twice, nor beyond the amount.

The amounts are those of invoice 536370 of the Online Retail data set (UCI): 279.00 GBP with postage.
"""

import pytest

from sogdia.core.refusal import Refused as Machine
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.payments.messages import Attest, Refund, Refused
from sogdia.domains.payments.state import PAYMENTS, REFUNDS, payment_of_order


@pytest.fixture
def paid(cast):
    """That the sale was paid; particulars may be given."""

    def asked(**particulars):
        usual = {
            "institution": cast.institution.did,
            "payment": "PAY-1",
            "platform": cast.platform.did,
            "order": "536370",
            "amount_minor": 27_900,
            "currency": "GBP",
            "paid_at_ms": 1_772_441_990_000,
        }
        return Attest(**usual | particulars)

    return asked


@pytest.fixture
def back(cast):
    """That 10.00 of it went back; particulars may be given."""

    def asked(**particulars):
        usual = {
            "institution": cast.institution.did,
            "payment": "PAY-1",
            "refund": "R-1",
            "amount_minor": 1_000,
            "refunded_at_ms": 1_772_441_995_000,
            "reason": "C536370",
        }
        return Refund(**usual | particulars)

    return asked


class TestAttesting:
    def test_an_institution_says_that_an_order_was_paid_even_before_the_order_is_on_record(self, scene, cast, paid):
        (told,) = scene.accepts(paid(shared_with=(cast.broker.did,), payer_name="ab" * 32), by=cast.institution)
        assert (told["type"], told["amount_minor"], told["currency"]) == ("payments.attested", 27_900, "GBP")
        assert told["parties"] == [cast.institution.did, cast.platform.did, cast.broker.did]
        payment = scene.find(PAYMENTS, cast.institution.did, "PAY-1")
        assert (payment.payer_name, payment.payer_telephone, payment.refunded_minor) == ("ab" * 32, None, 0)

    def test_customs_finds_the_payment_by_its_order(self, scene, cast, paid):
        scene.accepts(paid(), by=cast.institution)
        of_order = (cast.platform.did, "536370")
        assert payment_of_order(scene, *of_order, cast.institution.did).payment == "PAY-1"
        assert payment_of_order(scene, *of_order, cast.other_institution.did) is None
        assert payment_of_order(scene, cast.platform.did, "536371", cast.institution.did) is None

    def test_a_payment_number_is_taken_once_per_institution(self, scene, cast, paid):
        scene.accepts(paid(), by=cast.institution)
        told = {"institution": cast.institution.did, "payment": "PAY-1"}
        scene.refuses(Refused.PAYMENT_EXISTS, paid(order="536371"), by=cast.institution, **told)
        theirs = paid(institution=cast.other_institution.did, order="536371")
        scene.accepts(theirs, by=cast.other_institution)

    def test_an_institution_attests_one_payment_for_an_order(self, scene, cast, paid):
        scene.accepts(paid(), by=cast.institution)
        told = {"platform": cast.platform.did, "order": "536370", "institution": cast.institution.did}
        scene.refuses(Refused.ORDER_ALREADY_PAID, paid(payment="PAY-2"), by=cast.institution, **told)

    def test_a_false_payment_stands_in_nobodys_way(self, scene, cast, paid):
        false = paid(institution=cast.other_institution.did, amount_minor=1)
        scene.accepts(false, by=cast.other_institution)
        scene.accepts(paid(), by=cast.institution)
        assert payment_of_order(scene, cast.platform.did, "536370", cast.institution.did).amount_minor == 27_900

    def test_not_even_within_one_transaction(self, scene, cast, paid):
        scene.refuses(Refused.ORDER_ALREADY_PAID, paid(), paid(payment="PAY-2"), by=cast.institution)
        assert scene.find(PAYMENTS, cast.institution.did, "PAY-1") is None, "all of it or nothing"

    def test_it_was_not_paid_later_than_now_give_or_take_a_clock(self, scene, cast, paid):
        edge = scene.time_ms + CLOCK_TOLERANCE_MS
        scene.refuses(Refused.PAID_IN_FUTURE, paid(paid_at_ms=edge + 1), by=cast.institution, paid_at_ms=edge + 1)
        scene.accepts(paid(paid_at_ms=edge), by=cast.institution)

    def test_only_a_payment_institution_attests_and_only_for_itself(self, scene, cast, paid):
        as_platform = paid(institution=cast.platform.did)
        scene.refuses(Identity.ROLE_MISSING, as_platform, by=cast.platform, role="payment_institution")
        scene.refuses(Identity.NOT_SIGNED_BY, paid(), by=cast.other_institution, party=cast.institution.did)

    def test_the_order_is_a_platforms_that_is_on_record(self, scene, cast, paid):
        unknown = paid(platform=cast.stranger.did)
        scene.refuses(Identity.PARTY_UNKNOWN, unknown, by=cast.institution, party=cast.stranger.did)
        no_platform = paid(platform=cast.broker.did)
        scene.refuses(Identity.ROLE_MISSING, no_platform, by=cast.institution, role="platform")

    @pytest.mark.parametrize("particular", [{"amount_minor": -1}, {"amount_minor": 279.5}, {"currency": "gbp"}])
    def test_what_is_no_amount_of_money_does_not_reach_the_rule(self, network, cast, paid, particular):
        network.refuses(Machine.MALFORMED, paid(**particular), by=cast.institution)


class TestRefunding:
    @pytest.fixture
    def scene(self, scene, cast, paid):
        """The sale is paid."""
        scene.accepts(paid(), by=cast.institution)
        return scene

    def test_money_goes_back_in_parts(self, scene, cast, back):
        (told,) = scene.accepts(back(), by=cast.institution)
        assert (told["type"], told["amount_minor"], told["currency"]) == ("payments.refunded", 1_000, "GBP")
        scene.accepts(back(refund="R-2", amount_minor=26_900), by=cast.institution)
        assert scene.find(PAYMENTS, cast.institution.did, "PAY-1").refunded_minor == 27_900
        kept = scene.find(REFUNDS, cast.institution.did, "PAY-1", "R-1")
        assert (kept.order, kept.platform, kept.currency) == ("536370", cast.platform.did, "GBP")

    def test_never_more_than_is_left_of_it(self, scene, cast, back):
        scene.accepts(back(), by=cast.institution)
        too_much = back(refund="R-2", amount_minor=26_901)
        told = {"payment": "PAY-1", "amount_minor": 26_901, "left_minor": 26_900}
        scene.refuses(Refused.REFUND_TOO_LARGE, too_much, by=cast.institution, **told)

    def test_a_refund_number_is_taken_once_per_payment(self, scene, cast, back):
        scene.accepts(back(), by=cast.institution)
        scene.refuses(Refused.REFUND_EXISTS, back(), by=cast.institution, payment="PAY-1", refund="R-1")

    def test_only_what_was_attested_goes_back_and_by_whom(self, scene, cast, back):
        unknown = back(payment="PAY-2")
        told = {"institution": cast.institution.did, "payment": "PAY-2"}
        scene.refuses(Refused.PAYMENT_UNKNOWN, unknown, by=cast.institution, **told)
        theirs = back(institution=cast.other_institution.did)
        scene.refuses(Refused.PAYMENT_UNKNOWN, theirs, by=cast.other_institution, payment="PAY-1")
        scene.refuses(Identity.NOT_SIGNED_BY, back(), by=cast.platform, party=cast.institution.did)

    def test_nor_did_it_go_back_later_than_now(self, scene, cast, back):
        later = back(refunded_at_ms=scene.time_ms + CLOCK_TOLERANCE_MS + 1)
        scene.refuses(Refused.PAID_IN_FUTURE, later, by=cast.institution, time_ms=scene.time_ms)

    def test_nor_before_it_was_paid(self, scene, cast, back):
        told = {"payment": "PAY-1", "refunded_at_ms": 1_772_441_989_999, "paid_at_ms": 1_772_441_990_000}
        early = back(refunded_at_ms=1_772_441_989_999)
        scene.refuses(Refused.REFUNDED_BEFORE_PAID, early, by=cast.institution, **told)
        scene.accepts(back(refunded_at_ms=1_772_441_990_000), by=cast.institution)

    def test_a_refund_of_nothing_is_none(self, network, cast, paid, back):
        network.accepts(paid(), by=cast.institution)
        network.refuses(Machine.MALFORMED, back(amount_minor=0), by=cast.institution)


def test_every_refusal_of_payments_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in Refused}
