"""Order files of sales channels, read into drafts.

A seller's file goes in: an Amazon order report, a Shopify export, WooCommerce orders, or the Online Retail data set,
as text or as a workbook (.xlsx).
Out come draft orders, cancellations matched to their sales, and the rows set aside, each with its reason and what to
do about it. Nothing is silently fixed or dropped: every row is in exactly one of these places, and the sums over the
places equal the sum over the file to the cent; the FileReport at the end shows both books.

What goods are for customs a file does not say: that comes from the seller's catalogue (`read_catalogue`), or as a
suggestion from the description (`suggest`), which a person must confirm.

Drafts hold buyers' personal data in clear. They live in memory; nothing here writes them anywhere.
"""

from sogdia.standards.orders.catalogue import Catalogue, CatalogueItem, read_catalogue
from sogdia.standards.orders.draft import (
    Buyer,
    CancelledLine,
    DraftCancellation,
    DraftLine,
    DraftOrder,
    FileReport,
    Format,
    Item,
    PlaceSum,
    SetAside,
)
from sogdia.standards.orders.headings import Suggestion, suggest
from sogdia.standards.orders.options import Limits, Options
from sogdia.standards.orders.reader import FORMATS, detect, detect_file, read
from sogdia.standards.orders.refused import OrderFileRefused

__all__ = [
    "FORMATS",
    "Buyer",
    "CancelledLine",
    "Catalogue",
    "CatalogueItem",
    "DraftCancellation",
    "DraftLine",
    "DraftOrder",
    "FileReport",
    "Format",
    "Item",
    "Limits",
    "Options",
    "OrderFileRefused",
    "PlaceSum",
    "SetAside",
    "Suggestion",
    "detect",
    "detect_file",
    "read",
    "read_catalogue",
    "suggest",
]
