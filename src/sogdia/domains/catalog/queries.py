"""What the outside may ask about products and bans."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.catalog.state import BANS, PRODUCTS

queries = Queries("catalog")


@queries.answer
def product(picture: Picture, asker: Asker, seller: str, sku: str) -> dict[str, Any] | None:
    """One product as it stands, or nothing when it is not on record or not the asker's to see."""
    table = picture.table(PRODUCTS)
    wanted = sql.select(table).where(table.c.seller == seller, table.c.sku == sku, picture.visible(PRODUCTS, asker))
    found = picture.rows(wanted)
    return found[0] if found else None


@queries.answer
def products(
    picture: Picture, asker: Asker, seller: str, hs_code: str = "", after: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """A seller's products by SKU, after a given one, at most `limit` (1-500); `hs_code` may be a beginning."""
    table = picture.table(PRODUCTS)
    wanted = sql.select(table).where(table.c.seller == seller, table.c.sku > after, picture.visible(PRODUCTS, asker))
    if hs_code:
        wanted = wanted.where(table.c.hs_code.startswith(hs_code, autoescape=True))
    return picture.rows(wanted.order_by(table.c.sku).limit(max(1, min(limit, 500))))


@queries.answer
def bans(picture: Picture, asker: Asker, country: str) -> list[dict[str, Any]]:
    """Every row of bans for a country, with its days, source and certainty; an empty value lifts a ban."""
    table = picture.table(BANS)
    wanted = sql.select(table.c.key, table.c.rows).where(
        table.c.key.startswith(country + "/", autoescape=True), picture.visible(BANS, asker)
    )
    return picture.rows(wanted.order_by(table.c.key))


@queries.answer
def totals_by_heading(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """How many products are on sale under each HS heading (4 digits), largest first."""
    table = picture.table(PRODUCTS)
    heading, count = sql.func.substr(table.c.hs_code, 1, 4).label("heading"), sql.func.count().label("products")
    wanted = sql.select(heading, count).where(table.c.on_sale, picture.visible(PRODUCTS, asker))
    return picture.rows(wanted.group_by(heading).order_by(count.desc(), heading))
