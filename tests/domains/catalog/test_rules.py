"""Sellers list products and take them off sale; customs publishes where they may not go, and it holds for both.

The check digits of 6901234567892 and 10614141123459 agree with another library's (epcpy), 96385074 and 614141000036 are
the usual examples of GTIN-8 and GTIN-12. HS 2404 is tobacco and nicotine for inhalation without combustion, 240412
what holds nicotine and no tobacco.
"""

import pytest

from sogdia.core.refusal import Refused as Machine
from sogdia.domains.catalog.messages import ListProduct, PublishBans, Refused, WithdrawProduct
from sogdia.domains.catalog.state import BANNED_CODES, PRODUCTS, product_on_sale, require_allowed
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.primitives.rulebooks import Refused as Rulebook
from sogdia.primitives.rulebooks import RuleRow

DAY_MS = 86_400_000
MIDNIGHT_IN_CHINA_MS = 1_772_467_200_000
"""2026-03-03 00:00 in China, 2026-03-02 16:00 UTC: the scene opens seven hours earlier."""


@pytest.fixture
def liquid(cast):
    """A listing of a nicotine liquid; particulars may be given."""

    def asked(**particulars):
        usual = {
            "seller": cast.seller.did,
            "sku": "E-10",
            "name": "Nicotine liquid 10 ml",
            "hs_code": "2404120000",
            "origin": "CN",
            "unit": "007",
            "net_weight_grams": 25,
        }
        return ListProduct(**usual | particulars)

    return asked


@pytest.fixture
def bans(cast):
    """A publication of bans, each given by key and what is particular about its row."""

    def asked(key, *more, **particulars):
        usual = {
            "book": "catalog.bans",
            "key": key,
            "valid_from": "2024-01-01",
            "valid_to": "2027-12-31",
            "value": "Therapeutic Goods (Vaping Goods) rules",
            "source": "an example",
            "certainty": "memory",
        }
        return PublishBans(authority=cast.customs.did, rows=(RuleRow(**usual | particulars), *more))

    return asked


class TestListing:
    def test_a_seller_puts_a_product_on_sale(self, scene, cast, liquid):
        (told,) = scene.accepts(liquid(gtin="6901234567892", hs_basis="suggestion"), by=cast.seller)
        assert (told["type"], told["hs_code"], told["listing"]) == ("catalog.product_listed", "2404120000", 1)
        product = scene.find(PRODUCTS, cast.seller.did, "E-10")
        assert (product.gtin, product.hs_basis, product.on_sale) == ("6901234567892", "suggestion", True)

    def test_new_particulars_replace_the_old_ones_and_the_log_keeps_both(self, scene, cast, liquid):
        scene.accepts(liquid(), by=cast.seller)
        (told,) = scene.accepts(liquid(hs_code="2404190000"), by=cast.seller)
        assert (told["hs_code"], told["listing"]) == ("2404190000", 2)
        assert scene.find(PRODUCTS, cast.seller.did, "E-10").hs_code == "2404190000"

    def test_listing_it_again_just_as_it_stands_is_a_mistake(self, scene, cast, liquid):
        scene.accepts(liquid(markets=("FR", "DE")), by=cast.seller)
        again = liquid(markets=("DE", "FR", "FR"))
        scene.refuses(Refused.PRODUCT_EXISTS, again, by=cast.seller, seller=cast.seller.did, sku="E-10")

    def test_two_sellers_may_use_the_same_sku(self, scene, cast, liquid):
        scene.accepts(liquid(), by=cast.seller)
        scene.accepts(liquid(seller=cast.other_seller.did, name="Something else"), by=cast.other_seller)
        assert scene.find(PRODUCTS, cast.seller.did, "E-10").name == "Nicotine liquid 10 ml"

    @pytest.mark.parametrize("gtin", ["96385074", "614141000036", "6901234567892", "10614141123459"])
    def test_a_gtin_of_each_length_is_taken_with_its_check_digit(self, scene, cast, liquid, gtin):
        scene.accepts(liquid(gtin=gtin), by=cast.seller)

    @pytest.mark.parametrize(("gtin", "digit"), [("96385070", "4"), ("6901234567829", "3"), ("10614141123450", "9")])
    def test_a_gtin_with_another_check_digit_is_a_slip_of_the_pen(self, scene, cast, liquid, gtin, digit):
        told = {"sku": "E-10", "gtin": gtin, "expected": digit}
        scene.refuses(Refused.GTIN_CHECK_DIGIT, liquid(gtin=gtin), by=cast.seller, **told)

    @pytest.mark.parametrize(
        "particular",
        [{"gtin": "69012345678"}, {"gtin": "96385074\n"}, {"hs_code": "24041\n"}, {"unit": "pc"}, {"origin": "cn"}],
    )
    def test_what_is_no_number_of_its_kind_does_not_reach_the_rule(self, network, cast, liquid, particular):
        network.refuses(Machine.MALFORMED, liquid(**particular), by=cast.seller)

    def test_only_a_seller_lists_and_only_for_itself(self, scene, cast, liquid):
        scene.refuses(Identity.ROLE_MISSING, liquid(seller=cast.broker.did), by=cast.broker, role="seller")
        scene.refuses(Identity.NOT_SIGNED_BY, liquid(), by=cast.other_seller, party=cast.seller.did)


class TestWithdrawing:
    def test_a_product_goes_off_sale_and_may_be_listed_again(self, scene, cast, liquid):
        withdraw = WithdrawProduct(seller=cast.seller.did, sku="E-10")
        scene.accepts(liquid(), by=cast.seller)
        (told,) = scene.accepts(withdraw, by=cast.seller)
        assert (told["type"], told["sku"]) == ("catalog.product_withdrawn", "E-10")
        scene.refuses(Refused.PRODUCT_WITHDRAWN, withdraw, by=cast.seller, sku="E-10")
        scene.accepts(liquid(), by=cast.seller)
        assert scene.find(PRODUCTS, cast.seller.did, "E-10").on_sale

    def test_what_was_never_listed_is_not_withdrawn(self, scene, cast):
        withdraw = WithdrawProduct(seller=cast.seller.did, sku="E-11")
        scene.refuses(Refused.PRODUCT_UNKNOWN, withdraw, by=cast.seller, seller=cast.seller.did, sku="E-11")

    def test_nobody_withdraws_anothers_product(self, scene, cast, liquid):
        scene.accepts(liquid(), by=cast.seller)
        withdraw = WithdrawProduct(seller=cast.seller.did, sku="E-10")
        scene.refuses(Identity.NOT_SIGNED_BY, withdraw, by=cast.other_seller, party=cast.seller.did)


class TestBans:
    def test_customs_publishes_them_and_the_market_closes(self, scene, cast, liquid, bans):
        (told,) = scene.accepts(bans("AU/2404"), by=cast.customs)
        assert (told["type"], told["countries"], told["rows"]) == ("catalog.bans_published", ["AU"], 1)
        scene.refuses(
            Refused.DESTINATION_FORBIDDEN,
            liquid(markets=("FR", "AU")),
            by=cast.seller,
            country="AU",
            sku="E-10",
            hs_code="2404120000",
            rule="Therapeutic Goods (Vaping Goods) rules",
            source="an example",
            certainty="memory",
        )
        scene.accepts(liquid(markets=("FR",)), by=cast.seller)
        scene.accepts(liquid(sku="71053", hs_code="9405500000", markets=("AU",)), by=cast.seller)

    def test_the_longest_beginning_of_the_code_decides_and_an_empty_value_lifts(self, scene, cast, liquid, bans):
        scene.accepts(bans("AU/2404"), bans("AU/240412", value=""), by=cast.customs)
        scene.accepts(liquid(markets=("AU",)), by=cast.seller)
        refused = liquid(sku="E-11", hs_code="2404190000", markets=("AU",))
        scene.refuses(Refused.DESTINATION_FORBIDDEN, refused, by=cast.seller, hs_code="2404190000")

    def test_a_ban_begins_at_midnight_in_china(self, scene, cast, liquid, bans):
        scene.accepts(bans("AU/2404", valid_from="2026-03-03"), by=cast.customs)
        scene.time_ms = MIDNIGHT_IN_CHINA_MS - 1
        scene.accepts(liquid(markets=("AU",)), by=cast.seller)
        scene.time_ms += 1
        scene.refuses(Refused.DESTINATION_FORBIDDEN, liquid(sku="E-11", markets=("AU",)), by=cast.seller)

    def test_a_later_row_lifts_it_from_its_first_day_on(self, scene, cast, liquid, bans):
        scene.accepts(
            bans("AU/2404"), bans("AU/2404", valid_from="2026-03-03", valid_to="9999-12-31", value=""), by=cast.customs
        )
        scene.refuses(Refused.DESTINATION_FORBIDDEN, liquid(markets=("AU",)), by=cast.seller)
        scene.time_ms = MIDNIGHT_IN_CHINA_MS
        scene.accepts(liquid(markets=("AU",)), by=cast.seller)

    def test_past_its_last_day_the_catalogue_refuses_to_guess(self, scene, cast, liquid, bans):
        scene.accepts(bans("AU/2404", valid_to="2026-03-02"), by=cast.customs)
        scene.time_ms = MIDNIGHT_IN_CHINA_MS
        told = {"key": "AU/2404", "day": "2026-03-03", "last_day": "2026-03-02"}
        scene.refuses(Rulebook.PAST_LAST_DAY, liquid(markets=("AU",)), by=cast.seller, **told)

    @pytest.mark.parametrize("key", ["AU", "au/2404", "AU/2", "AU/24041200001", "AU/24a4", "AUS/2404"])
    def test_a_row_is_found_by_country_and_beginning_of_an_hs_code(self, scene, cast, bans, key):
        scene.refuses(Refused.BAN_KEY_WRONG, bans(key), by=cast.customs, key=key, expected_book="catalog.bans")

    def test_a_key_with_a_line_break_does_not_reach_the_rule(self, network, cast, bans):
        network.refuses(Machine.MALFORMED, bans("AU/2404\n"), by=cast.customs)

    def test_a_row_of_another_book_is_none_of_the_catalogues(self, scene, cast, bans):
        other = bans("AU/2404", book="tax.cn.retail_import.rates")
        scene.refuses(Refused.BAN_KEY_WRONG, other, by=cast.customs, book="tax.cn.retail_import.rates")

    def test_nobody_but_customs_publishes_them(self, scene, cast, bans):
        asked = PublishBans(authority=cast.seller.did, rows=bans("AU/2404").rows)
        scene.refuses(Identity.ROLE_MISSING, asked, by=cast.seller, role="customs")
        scene.refuses(Identity.NOT_SIGNED_BY, bans("AU/2404"), by=cast.seller, party=cast.customs.did)

    def test_the_list_of_a_countrys_codes_grows_with_its_rows(self, scene, cast, bans):
        scene.accepts(bans("AU/24", *bans("FR/9304").rows), by=cast.customs)
        scene.accepts(bans("AU/240412", *bans("AU/0106").rows), by=cast.customs)
        assert scene.find(BANNED_CODES, "AU").beginnings == ("240412", "0106", "24")
        assert scene.find(BANNED_CODES, "FR").beginnings == ("9304",)


class TestAnOrdersQuestions:
    """What orders ask of the catalogue; orders show the answers, here is only that one look-up is enough."""

    def test_a_country_without_bans_costs_one_look_up(self, network, cast, liquid):
        network.accepts(liquid(), by=cast.seller)
        asked = []

        class Watched:
            def read(self, table, key):
                asked.append(table.name)
                return network.state.read(table, key)

        class Ledger:
            state, time_ms = Watched(), network.time_ms

        product = product_on_sale(Ledger, cast.seller.did, "E-10")
        require_allowed(Ledger, product, "FR")
        assert asked == ["catalog.product", "catalog.banned_codes"]

    def test_a_seller_who_names_its_markets_ships_nowhere_else(self, scene, cast, liquid, order):
        scene.accepts(liquid(markets=("DE", "FR")), by=cast.seller)
        told = {"sku": "E-10", "country": "BE", "markets": ["DE", "FR"]}
        scene.refuses(Refused.NOT_OFFERED_THERE, order((("E-10", 1, 5),), ship_to="BE"), by=cast.platform, **told)
        scene.accepts(order((("E-10", 1, 5),), ship_to="FR"), by=cast.platform)


def test_every_refusal_of_the_catalogue_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in Refused}
