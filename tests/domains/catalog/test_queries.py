"""A seller's range is its own and of those who sell, store, declare or tax it; bans are everyone's to read."""

import pytest

from sogdia.domains.catalog import queries
from sogdia.domains.catalog.messages import ListProduct, PublishBans, WithdrawProduct
from sogdia.primitives.rulebooks import RuleRow

RANGE = (("22726", "9105110000"), ("22727", "9105110000"), ("71053", "9405500000"))


@pytest.fixture
def listed(network, cast):
    for sku, hs_code in RANGE:
        product = ListProduct(
            seller=cast.seller.did, sku=sku, name=sku, hs_code=hs_code, origin="CN", unit="007", net_weight_grams=310
        )
        network.accepts(product, by=cast.seller)
    return network


def test_a_product_is_read_by_its_seller_and_a_platform_but_no_rival(listed, ask, cast):
    wanted = {"seller": cast.seller.did, "sku": "71053"}
    for asker in (cast.seller, cast.platform, cast.broker, cast.customs):
        assert ask(queries.product, by=asker, **wanted)["hs_code"] == "9405500000"
    assert ask(queries.product, by=cast.other_seller, **wanted) is None
    assert ask(queries.product, **wanted) is None


def test_a_range_is_read_page_by_page_and_by_heading(listed, ask, cast):
    def skus(**given):
        return [found["sku"] for found in ask(queries.products, by=cast.seller, seller=cast.seller.did, **given)]

    assert skus() == ["22726", "22727", "71053"]
    assert skus(limit=1) == ["22726"]
    assert skus(after="22726") == ["22727", "71053"]
    assert skus(hs_code="9105") == ["22726", "22727"]
    assert skus(hs_code="9%") == []


def test_products_on_sale_are_counted_by_heading(listed, ask, cast):
    assert ask(queries.totals_by_heading, by=cast.seller) == [
        {"heading": "9105", "products": 2},
        {"heading": "9405", "products": 1},
    ]
    listed.accepts(WithdrawProduct(seller=cast.seller.did, sku="71053"), by=cast.seller)
    assert ask(queries.totals_by_heading, by=cast.platform) == [{"heading": "9105", "products": 2}]
    assert ask(queries.totals_by_heading, by=cast.other_seller) == []


def test_anyone_reads_the_bans_of_a_country_with_source_and_certainty(network, ask, cast):
    def row(key):
        return RuleRow("catalog.bans", key, "2024-01-01", "2027-12-31", "no vaping goods", "an example", "memory")

    network.accepts(PublishBans(authority=cast.customs.did, rows=(row("AU/2404"), row("FR/9304"))), by=cast.customs)
    (found,) = ask(queries.bans, country="AU")
    assert found["key"] == "AU/2404"
    assert [(one["value"], one["source"], one["certainty"]) for one in found["rows"]] == [
        ("no vaping goods", "an example", "memory")
    ]
    assert ask(queries.bans, country="DE") == []
