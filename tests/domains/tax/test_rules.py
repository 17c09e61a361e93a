"""The tax authority publishes dated rates; a bill stands once for each released list."""

import pytest

from sogdia.core.refusal import Refusal
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.tax import rules
from sogdia.domains.tax.messages import PublishRates, Refused
from sogdia.domains.tax.state import BILLS, RULEBOOK, Taxed, TaxedLine, assess, put_bill
from sogdia.primitives.rulebooks import Refused as Rulebooks
from sogdia.primitives.rulebooks import RuleRow, answer
from sogdia.standards import seed


def rates(cast, *rows):
    return PublishRates(authority=cast.tax_authority.did, rows=rows)


def row(**particulars):
    usual = {
        "book": "tax.cn.retail_import.rates",
        "key": "3304",
        "valid_from": "2019-04-01",
        "valid_to": "2026-12-31",
        "value": '{"duty":"0.05","vat":"0.13","consumption":"0.15","consumption_per_unit_fen":"0"}',
        "source": "Caiguanshui 49/2018",
        "certainty": "secondary",
    }
    return RuleRow(**usual | particulars)


class TestPublishing:
    def test_the_tax_authority_puts_rows_on_record(self, scene, cast):
        (told,) = scene.accepts(rates(cast, row()), by=cast.tax_authority)
        assert (told["type"], told["rows"]) == ("tax.rates_published", 1)
        assert answer(scene.state, RULEBOOK, row().book, "3304", "2026-06-01") == row()

    def test_the_seed_rows_can_be_published(self, scene, cast):
        scene.accepts(rates(cast, *seed.rows("tax_cn_retail_import")), by=cast.tax_authority)
        assert answer(scene.state, RULEBOOK, "tax.cn.retail_import.share", "within", "2026-06-01").certainty

    def test_nobody_else_does(self, scene, cast):
        scene.refuses(Identity.NOT_SIGNED_BY, rates(cast, row()), by=cast.customs)
        asked = PublishRates(authority=cast.customs.did, rows=(row(),))
        scene.refuses(Identity.ROLE_MISSING, asked, by=cast.customs, role="tax_authority")

    def test_only_books_of_tax(self, scene, cast):
        other = row(book="customs.cn.retail_import.limits", key="single_fen", value="1")
        told = {"book": other.book, "key": "single_fen"}
        scene.refuses(Refused.BOOK_NOT_OF_TAX, rates(cast, other), by=cast.tax_authority, **told)

    @pytest.mark.parametrize(
        "book,value",
        [
            ("rates", "13%"),
            ("rates", '{"duty":"0.05"}'),
            ("rates", '{"vat":0.13}'),
            ("rates", '{"vat":"-0.13"}'),
            ("rates", '{"vat":"1e9"}'),
            ("rates", '{"vat":"0.13","consumption":"1"}'),
            ("rates", '{"vat":"0.13","excise":"0"}'),
            ("share", '{"duty":"0","vat":"1.1","consumption":"1"}'),
            ("share", '{"duty":"0","vat":"0.7"}'),
        ],
    )
    def test_a_value_that_cannot_be_used_never_comes_on_record(self, scene, cast, book, value):
        wrong = row(book=f"tax.cn.retail_import.{book}", key="within", value=value)
        scene.refuses(Refused.ROW_VALUE_WRONG, rates(cast, wrong), by=cast.tax_authority, key="within")

    def test_days_that_are_covered_do_not_change(self, scene, cast):
        scene.accepts(rates(cast, row()), by=cast.tax_authority)
        scene.refuses(Rulebooks.ROWS_OVERLAP, rates(cast, row(value='{"vat":"0.09"}')), by=cast.tax_authority)


class TestBills:
    def test_a_list_is_billed_once_and_those_concerned_hear_it(self, ledger, cast):
        rules.state.rulebooks.publish(ledger, RULEBOOK, seed.rows("tax_cn_retail_import"))
        assessed = assess(ledger.state, "2026-06-01", [TaxedLine(1, "3304990000", 100_000, 0)], "within")
        taxed = Taxed(
            broker=cast.broker.did,
            list_no="L1",
            seller=cast.seller.did,
            platform=cast.platform.did,
            order="1",
            payer=cast.platform.did,
            invt_no="292520261000000001",
        )
        bill = put_bill(ledger, taxed, assessed)
        assert bill == BILLS.get(ledger.state, cast.broker.did, "L1")
        assert (bill.duty_fen, bill.consumption_fen, bill.vat_fen) == (0, 12_353, 10_706)
        (told,) = ledger.announced
        assert told.parties == (cast.broker.did, cast.seller.did, cast.platform.did)
        with pytest.raises(Refusal) as no:
            put_bill(ledger, taxed, assessed)
        assert no.value.code == Refused.BILL_EXISTS


def test_every_refusal_is_shown(refusals_shown):
    elsewhere = {"BILL_EXISTS", "CODE_WITHOUT_RATES", "TAX_TOO_LARGE"}  # TestBills, test_assess
    assert refusals_shown | elsewhere == {refusal.name for refusal in Refused}
    assert rules.module.rules
