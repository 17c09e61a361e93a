"""Where what many pages name is shown: an order, a row of a rulebook."""

from urllib.parse import urlencode

from sogdia.interfaces.console.room import ROOT


def order_page(platform: str, order: str) -> str:
    """The page of one order."""
    return f"{ROOT}/orders/order?{urlencode({'platform': platform, 'order': order})}"


def row_page(table: str, book: str, key: str) -> str:
    """The page of a rulebook's row: all that this key ever said, with days, sources and who published it."""
    return f"{ROOT}/rulebooks/row?{urlencode({'table': table, 'book': book, 'key': key})}"
