"""One rule per message of the catalogue: refuse or change."""

import re

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.domains.catalog import messages, state
from sogdia.domains.catalog.messages import (
    BansPublished,
    ListProduct,
    ProductListed,
    ProductWithdrawn,
    PublishBans,
    Refused,
    WithdrawProduct,
)
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.domains.identity.state import require_role
from sogdia.primitives.rulebooks import RuleRow

module = Module("catalog", 2000, messages, state)

BAN_KEY = re.compile("[A-Z]{2}/[0-9]{2,10}")


@module.rule
def list_product(ledger: Ledger, asked: ListProduct) -> None:
    """A product goes on sale, or its particulars change, unless a market that it is offered in forbids it."""
    require_role(ledger, asked.seller, "seller", "catalog.list_product")
    _check_gtin(asked)
    before = PRODUCTS.get(ledger.state, asked.seller, asked.sku)
    if before is not None and before == state.listed(asked, before.listing):
        raise Refusal(Refused.PRODUCT_EXISTS, seller=asked.seller, sku=asked.sku)
    product = state.put_product(ledger, asked, before)
    for market in product.markets:
        state.require_allowed(ledger, product, market)
    ledger.announce(
        ProductListed(
            seller=asked.seller,
            sku=asked.sku,
            hs_code=asked.hs_code,
            listing=product.listing,
            parties=(asked.seller,),
            roles=("platform",),
        )
    )


@module.rule
def withdraw_product(ledger: Ledger, asked: WithdrawProduct) -> None:
    """A product goes off sale."""
    require_role(ledger, asked.seller, "seller", "catalog.withdraw_product")
    state.put_withdrawn(ledger, state.product_on_sale(ledger, asked.seller, asked.sku))
    ledger.announce(
        ProductWithdrawn(seller=asked.seller, sku=asked.sku, parties=(asked.seller,), roles=("platform",)),
    )


@module.rule
def publish_bans(ledger: Ledger, asked: PublishBans) -> None:
    """Bans come on record; what is listed already is refused when an order ships it."""
    require_role(ledger, asked.authority, "customs", "catalog.publish_bans")
    for row in asked.rows:
        _check_key(row)
    countries = state.put_bans(ledger, asked.rows)
    ledger.announce(
        BansPublished(
            authority=asked.authority,
            countries=countries,
            rows=len(asked.rows),
            parties=(asked.authority,),
            roles=("seller", "platform", "broker"),
        )
    )


def _check_key(row: RuleRow) -> None:
    if row.book != state.BOOK or not BAN_KEY.fullmatch(row.key):
        raise Refusal(Refused.BAN_KEY_WRONG, book=row.book, key=row.key, expected_book=state.BOOK)


def _check_gtin(asked: ListProduct) -> None:
    if asked.gtin is not None and asked.gtin[-1] != _check_digit(asked.gtin[:-1]):
        expected = _check_digit(asked.gtin[:-1])
        raise Refusal(Refused.GTIN_CHECK_DIGIT, sku=asked.sku, gtin=asked.gtin, expected=expected)


def _check_digit(payload: str) -> str:
    """What must follow these digits: from the right they weigh 3, 1, 3 ... (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)
